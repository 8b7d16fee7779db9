//! Writing words files.

use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};
use tantivy::directory::{OwnedBytes, RamDirectory};
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::index::SegmentId;
use tantivy::schema::TantivyDocument;
use tantivy::store::Compressor;
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{BitSet, Directory, Index, IndexSettings, SingleSegmentIndexWriter};

use crate::field::{Field, TOKENIZER, schema};
use crate::packed::pack;
use crate::words::WordsFile;

/// tantivy sizes its first hash table by this; the table grows, so it is no limit. The smallest value it accepts well:
/// most index runs are small, and a larger table costs its zeroing each time.
const WRITER_BUDGET_BYTES: usize = 15_000_000;

/// Cuts a text into the terms it is found by and gives them to `visit`, in order.
pub type Split = fn(text: &str, visit: &mut dyn FnMut(&str));

/// The text of one chunk, field by field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChunkWords<'a> {
    /// All lines of the chunk.
    pub body: &'a str,
    /// The names it defines, separated by spaces.
    pub names: &'a str,
    /// The heads of its definitions.
    pub signature: &'a str,
    /// Its comments.
    pub comments: &'a str,
    /// The file's path, if this is the file's first chunk; else empty.
    pub path: &'a str,
    /// The file's name without extension, if this is the file's first chunk; else empty.
    pub stem: &'a str,
}

/// Collects chunks in memory and writes them as one words file.
pub struct WordsBuilder {
    directory: RamDirectory,
    writer: SingleSegmentIndexWriter,
    chunks: u32,
}

impl WordsBuilder {
    /// An empty builder. `split` is what queries must be cut with as well.
    ///
    /// # Errors
    /// [`Error::Internal`] if tantivy refuses to start.
    pub fn new(split: Split) -> Result<Self> {
        let directory = RamDirectory::create();
        let writer = Index::builder()
            .schema(schema())
            .settings(settings())
            .tokenizers(tokenizers(split))
            .single_segment_index_writer(directory.clone(), WRITER_BUDGET_BYTES)
            .map_err(|error| Error::internal("start words", error))?;
        Ok(Self { directory, writer, chunks: 0 })
    }

    /// Adds the next chunk; the first one has number 0.
    ///
    /// # Errors
    /// [`Error::Internal`] if tantivy fails.
    pub fn add(&mut self, chunk: &ChunkWords<'_>) -> Result<()> {
        let mut document = TantivyDocument::default();
        for (field, text) in Field::ALL.into_iter().zip([
            chunk.body,
            chunk.names,
            chunk.signature,
            chunk.comments,
            chunk.path,
            chunk.stem,
        ]) {
            if !text.is_empty() {
                document.add_text(field.number(), text);
            }
        }
        self.chunks += 1;
        self.writer.add_document(document).map_err(|error| Error::internal("index words", error))
    }

    /// How many chunks were added.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Memory held now, in bytes, as tantivy counts it.
    pub fn memory_bytes(&self) -> usize {
        self.writer.mem_usage()
    }

    /// Writes the words file at `path` and syncs it. The folder is not synced.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Internal`].
    pub fn finish(self, path: &Path) -> Result<()> {
        let index = self.writer.finalize().map_err(|error| Error::internal("finish words", error))?;
        pack_index(&index, &self.directory, path)
    }
}

/// Merges words files into one at `path`: the chunks of the first, then of the second, and so on, less those for which
/// `keep(file, chunk)` is false.
///
/// # Errors
/// [`Error::Io`] or [`Error::Internal`].
pub fn merge(files: &[&WordsFile], keep: impl Fn(usize, u32) -> bool, path: &Path) -> Result<()> {
    let failed = |error: tantivy::TantivyError| Error::internal("merge words", error);
    let mut segments = Vec::with_capacity(files.len());
    let mut filters = Vec::with_capacity(files.len());
    for (number, file) in files.iter().enumerate() {
        segments.extend(file.index().searchable_segments().map_err(failed)?);
        filters.push(Some(alive_chunks(file.chunks(), |chunk| keep(number, chunk))?));
    }
    let directory = RamDirectory::create();
    let index =
        tantivy::indexer::merge_filtered_segments(&segments, settings(), filters, directory.clone()).map_err(failed)?;
    pack_index(&index, &directory, path)
}

/// tantivy reads such a set from bytes only.
fn alive_chunks(chunks: u32, keep: impl Fn(u32) -> bool) -> Result<AliveBitSet> {
    let mut alive = BitSet::with_max_value_and_full(chunks);
    for chunk in (0..chunks).filter(|&chunk| !keep(chunk)) {
        alive.remove(chunk);
    }
    let mut bytes = Vec::new();
    write_alive_bitset(&alive, &mut bytes).map_err(|error| Error::internal("merge words", error))?;
    Ok(AliveBitSet::open(OwnedBytes::new(bytes)))
}

fn pack_index(index: &Index, directory: &RamDirectory, path: &Path) -> Result<()> {
    let managed = index.directory().list_managed_files();
    let mut names: Vec<PathBuf> = managed.into_iter().filter(|name| directory.exists(name).unwrap_or(false)).collect();
    names.push(PathBuf::from("meta.json"));
    names.sort();
    names.dedup();
    pack(directory, &names, path)
}

fn settings() -> IndexSettings {
    // Nothing is stored, so there is nothing to compress, and no thread is worth starting for it.
    IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

fn tokenizers(split: Split) -> TokenizerManager {
    let manager = TokenizerManager::new();
    manager.register(TOKENIZER, TextAnalyzer::from(TermTokenizer { split, text: String::new(), ends: Vec::new() }));
    manager
}

/// The project's tokenizer behind tantivy's interface: it pushes terms, tantivy pulls them, so one text's terms are
/// collected in a buffer that is kept between texts.
#[derive(Clone)]
struct TermTokenizer {
    split: Split,
    text: String,
    ends: Vec<usize>,
}

impl Tokenizer for TermTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        let Self { split, text: buffer, ends } = self;
        buffer.clear();
        ends.clear();
        split(text, &mut |term| {
            buffer.push_str(term);
            ends.push(buffer.len());
        });
        TermStream { buffer, ends, next: 0, token: Token::default() }
    }
}

struct TermStream<'a> {
    buffer: &'a str,
    ends: &'a [usize],
    next: usize,
    token: Token,
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(&end) = self.ends.get(self.next) else { return false };
        let start = if self.next == 0 { 0 } else { self.ends[self.next - 1] };
        self.token.text.clear();
        self.token.text.push_str(&self.buffer[start..end]);
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = self.next;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The segment a packed index holds; tantivy names it by a random id, which is why names are read, not known.
pub(crate) fn only_segment(index: &Index) -> tantivy::Result<SegmentId> {
    index
        .searchable_segment_ids()?
        .into_iter()
        .next()
        .ok_or_else(|| tantivy::TantivyError::InvalidArgument("a words file holds one segment".to_owned()))
}
