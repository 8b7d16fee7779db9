//! A model, opened.

use std::fmt;
use std::fs;
use std::path::Path;
use std::thread;

use pampax_base::{Error, Result};
use serde::Deserialize;

use crate::table::{Table, bad};
use crate::tokenizer::Tokenizer;

/// How many tokens of a text count if the configuration does not say: the value of model2vec.
const DEFAULT_MAX_LENGTH: usize = 512;

/// Part of every identity. To be raised when the same model gives other vectors than before.
const PROCEDURE: &[u8] = b"pampax static embedding 1";

#[derive(Deserialize)]
struct Configuration {
    // `null` means no limit, which is not the same as not being there.
    #[serde(default = "default_max_length")]
    max_length: Option<usize>,
}

// serde wants the type of the field.
#[expect(clippy::unnecessary_wraps, reason = "serde calls it for a field of this type")]
fn default_max_length() -> Option<usize> {
    Some(DEFAULT_MAX_LENGTH)
}

/// A static embedding model. Immutable; share it between threads.
pub struct StaticModel {
    tokenizer: Tokenizer,
    table: Table,
    /// How many tokens of a text count, at most.
    max_length: Option<usize>,
    identity: String,
}

impl fmt::Debug for StaticModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StaticModel")
            .field("identity", &self.identity)
            .field("tokens", &self.table.tokens)
            .field("dimensions", &self.table.dimensions)
            .field("max_length", &self.max_length)
            .finish_non_exhaustive()
    }
}

impl StaticModel {
    /// Opens the model in `folder` (`config.json`, `model.safetensors`, `tokenizer.json`) and reads it into memory: int8 tables
    /// take a byte a number, float tables four.
    ///
    /// [`Error::Io`] if a file cannot be read; [`Error::BadPath`] naming the file and what is wrong if it is damaged, if the
    /// files do not belong together, or if the tokenizer is of a kind that is not read.
    pub fn open(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map(|bytes| (path.clone(), bytes)).map_err(Error::io("read", &path))
        };
        let (config_path, config) = read("config.json")?;
        let (tokenizer_path, tokenizer_bytes) = read("tokenizer.json")?;
        let Configuration { max_length } = serde_json::from_slice(&config)
            .map_err(|error| bad(&config_path, format!("not a configuration: {error}")))?;
        let read_table = || {
            let (path, bytes) = read("model.safetensors")?;
            let identity = identity(&tokenizer_bytes, &bytes, max_length);
            Table::read(&path, bytes).map(|table| (path, table, identity))
        };
        // Both take as long, and whoever starts a program for one question waits for them.
        let (tokenizer, table) = thread::scope(|scope| {
            let table = thread::Builder::new().spawn_scoped(scope, read_table);
            let tokenizer = Tokenizer::read(&tokenizer_path, &tokenizer_bytes);
            // Without a thread it is read here.
            let table = table.map_or_else(
                |_| read_table(),
                |thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
            (tokenizer, table)
        });
        let (tokenizer, (table_path, table, identity)) = (tokenizer?, table?);
        if tokenizer.tokens > table.tokens {
            let detail = format!("{} tokens have vectors, the tokenizer has {} tokens", table.tokens, tokenizer.tokens);
            return Err(bad(&table_path, detail));
        }
        Ok(Self { tokenizer, table, max_length, identity })
    }

    /// How many numbers a vector of this model has.
    pub fn dimensions(&self) -> usize {
        self.table.dimensions
    }

    /// A name for exactly this model: 32 hexadecimal digits that follow from the bytes of its tokenizer and table, from its
    /// `max_length` and from the procedure of this crate. Two models give comparable vectors only if their names are equal.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The tokens of `text` that count for its vector, in their order: unknown words are left out, and what lies beyond the
    /// model's `max_length`.
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        let Some(limit) = self.max_length else { return self.tokenizer.tokens(text, usize::MAX) };
        // Before it counts tokens, model2vec cuts the text at as many characters as so many tokens usually have.
        let characters = limit.saturating_mul(self.tokenizer.median_length);
        let text = if text.len() <= characters {
            text
        } else {
            text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
        };
        self.tokenizer.tokens(text, limit)
    }

    /// Writes the vector of `text` into `out`: the weighted mean of its tokens' vectors, brought to length 1; all zero if no
    /// token is known.
    ///
    /// [`Error::InvalidInput`] unless `out` has [`Self::dimensions`] places.
    pub fn embed(&self, text: &str, out: &mut [f32]) -> Result<()> {
        self.check(out.len())?;
        self.table.sum(&mut self.tokens(text), out);
        normalise(out);
        Ok(())
    }

    /// [`Self::embed`] rounded to int8 by [`quantise`].
    pub fn embed_i8(&self, text: &str, out: &mut [i8]) -> Result<()> {
        self.check(out.len())?;
        let mut vector = vec![0.0; self.dimensions()];
        self.embed(text, &mut vector)?;
        quantise(&vector, out);
        Ok(())
    }

    /// The vectors of `texts`, one after the other, each as by [`Self::embed_i8`]. On the calling thread: whoever has many
    /// threads divides the texts among them.
    pub fn embed_many<T: AsRef<str>>(&self, texts: &[T]) -> Vec<i8> {
        let dimensions = self.dimensions();
        let mut vectors = vec![0; texts.len() * dimensions];
        let mut vector = vec![0.0; dimensions];
        for (text, out) in texts.iter().zip(vectors.chunks_exact_mut(dimensions)) {
            self.table.sum(&mut self.tokens(text.as_ref()), &mut vector);
            quantise(&vector, out);
        }
        vectors
    }

    /// Writes the vector of one token times its weight into `out`, which has [`Self::dimensions`] places.
    pub(crate) fn weighted_row(&self, id: u32, out: &mut [f32]) {
        self.table.weighted_row(id, out);
    }

    fn check(&self, places: usize) -> Result<()> {
        if places == self.dimensions() {
            return Ok(());
        }
        let detail = format!("{places} places given, this model has {} dimensions", self.dimensions());
        Err(Error::InvalidInput { what: "out", detail })
    }
}

/// Rounds a vector to int8 so that its largest number becomes ±127. The scale is lost, which a cosine does not need; the
/// direction turns by 0.4 degrees on average, 0.6 at most (500 chunks of code, 256 dimensions).
///
/// What `out` has more than `vector` stays as it is; a vector of zeros, or one with numbers that are not finite, becomes zeros.
pub fn quantise(vector: &[f32], out: &mut [i8]) {
    let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = if vector.iter().all(|value| value.is_finite()) && largest > 0.0 { 127.0 / largest } else { 0.0 };
    for (rounded, value) in out.iter_mut().zip(vector) {
        *rounded = if scale.is_finite() { (value * scale).round_ties_even() as i8 } else { 0 };
    }
}

/// Brings the vector to length 1; zeros, and sums too large to have a length, become zeros.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
    let inverse = if length > 0.0 && length.is_finite() { 1.0 / length } else { 0.0 };
    for value in vector {
        *value = if inverse == 0.0 { 0.0 } else { (f64::from(*value) * inverse) as f32 };
    }
}

fn identity(tokenizer: &[u8], table: &[u8], max_length: Option<usize>) -> String {
    let mut hasher = blake3::Hasher::new();
    // Each part is preceded by its length, so that no two lists of parts give the same bytes.
    for part in [PROCEDURE, format!("{max_length:?}").as_bytes(), tokenizer, table] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
