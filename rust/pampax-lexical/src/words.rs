//! Reading words files.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pampax_base::{Error, Result, map_file};
use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, InvertedIndexReader, SegmentReader, Term};

use crate::build::only_segment;
use crate::field::{Field, Lengths};
use crate::packed::PackedDirectory;

/// An open words file. Cheap to share between threads; all reads go to mapped memory.
pub struct WordsFile {
    index: Index,
    inverted: Vec<Arc<InvertedIndexReader>>,
    norms: Vec<Option<FieldNormReader>>,
    chunks: u32,
    /// How many entries have a term in a field, for the terms of earlier questions.
    counts: [Mutex<HashMap<Box<str>, u64>>; Field::ALL.len()],
}

/// Counts that are remembered of a field of a file.
const COUNTS_MAX: usize = 1024;

impl WordsFile {
    /// Opens the words file at `path` by mapping it.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if it is not a words file. Its checksum is the store's business.
    pub fn open(path: &Path) -> Result<Self> {
        let directory = PackedDirectory::open(OwnedBytes::new(map_file(path)?), path)?;
        let damaged = |error: tantivy::TantivyError| Error::corrupt(path, error.to_string());
        let index = Index::open(directory).map_err(damaged)?;
        let id = only_segment(&index).map_err(damaged)?;
        let meta = index.searchable_segments().map_err(damaged)?;
        let segment = meta
            .into_iter()
            .find(|segment| segment.id() == id)
            .ok_or_else(|| Error::corrupt(path, "its segment is missing"))?;
        let reader = SegmentReader::open(&segment).map_err(damaged)?;
        let mut inverted = Vec::with_capacity(Field::ALL.len());
        let mut norms = Vec::with_capacity(Field::ALL.len());
        for field in Field::ALL {
            inverted.push(reader.inverted_index(field.number()).map_err(damaged)?);
            norms.push(reader.fieldnorms_readers().get_field(field.number()).map_err(damaged)?);
        }
        Ok(Self { index, inverted, norms, chunks: reader.max_doc(), counts: Default::default() })
    }

    /// How many chunks the file holds.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// How many terms each field of a chunk has, as the length norms say it: exact up to 40, then in steps of some percent.
    pub fn lengths(&self, chunk: u32) -> Lengths {
        let mut lengths = Lengths::default();
        for (length, norm) in lengths.iter_mut().zip(&self.norms) {
            *length = norm.as_ref().filter(|norm| chunk < norm.num_docs()).map_or(0, |norm| norm.fieldnorm(chunk));
        }
        lengths
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn norm(&self, field: Field) -> Option<&FieldNormReader> {
        self.norms[field as usize].as_ref()
    }

    /// The chunks that have `term` in `field`, with its frequency, in blocks.
    pub(crate) fn postings(&self, field: Field, term: &str) -> Option<BlockSegmentPostings> {
        self.read(field, term, IndexRecordOption::WithFreqs)
    }

    /// The chunks that have `term` in `field`, in blocks, without frequencies.
    pub(crate) fn documents(&self, field: Field, term: &str) -> Option<BlockSegmentPostings> {
        self.read(field, term, IndexRecordOption::Basic)
    }

    fn read(&self, field: Field, term: &str, what: IndexRecordOption) -> Option<BlockSegmentPostings> {
        let term = Term::from_field_text(field.number(), term);
        self.inverted[field as usize].read_block_postings(&term, what).ok().flatten()
    }

    /// What `count` says of a term in a field, as it said the first time.
    pub(crate) fn remembered_count(&self, field: Field, term: &str, count: impl FnOnce() -> u64) -> u64 {
        let counts = &self.counts[field as usize];
        if let Some(&known) = counts.lock().unwrap_or_else(PoisonError::into_inner).get(term) {
            return known;
        }
        let counted = count();
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTS_MAX {
            counts.clear();
        }
        counts.insert(Box::from(term), counted);
        counted
    }
}
