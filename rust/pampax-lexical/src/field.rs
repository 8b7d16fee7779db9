//! The fields of a chunk and the schema they make.

use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};

/// The name under which the project's tokenizer is registered with tantivy.
pub(crate) const TOKENIZER: &str = "pampax";

/// A field of the word index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// Every line of the chunk.
    Body,
    /// The names the chunk defines.
    Names,
    /// The heads of the definitions.
    Signature,
    /// Comments and docstrings.
    Comments,
    /// The path of the file; on the first chunk of a file only.
    Path,
    /// The file's name without its extension; on the first chunk of a file only.
    Stem,
}

/// Terms in each field, in the order of [`Field::ALL`].
pub type Lengths = [u32; Field::ALL.len()];

impl Field {
    /// Every field, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Body, Self::Names, Self::Signature, Self::Comments, Self::Path, Self::Stem];

    /// The name of the field in explanations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Names => "names",
            Self::Signature => "signature",
            Self::Comments => "comments",
            Self::Path => "path",
            Self::Stem => "stem",
        }
    }

    /// Whether each chunk has it for itself; else it is that of a file.
    pub(crate) const fn is_of_chunks(self) -> bool {
        !matches!(self, Self::Path | Self::Stem)
    }

    /// The field as tantivy numbers it: by the order in which [`schema`] adds them.
    pub(crate) const fn number(self) -> tantivy::schema::Field {
        tantivy::schema::Field::from_field_id(self as u32)
    }
}

/// The schema of every words file: frequencies and length norms, no positions, nothing stored.
pub(crate) fn schema() -> Schema {
    let mut builder = Schema::builder();
    for field in Field::ALL {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
        builder.add_text_field(field.name(), TextOptions::default().set_indexing_options(indexing));
    }
    builder.build()
}
