//! Reading words files.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pampax_base::{Error, Result, map_file};
use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
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
    /// What [`Self::first_chunks`] says.
    first_chunks: OnceLock<Vec<u32>>,
    /// The terms of earlier questions.
    terms: Mutex<HashMap<Box<str>, Option<Arc<Place>>>>,
}

/// Terms that are remembered of a file.
const TERMS_MAX: usize = 1024;

/// Where a term stands in a file. What lies in a words file never changes, so it is looked for once.
pub(crate) struct Place {
    /// For each field where its postings are.
    infos: [Option<TermInfo>; Field::ALL.len()],
    /// For each field how many entries have it, once they were counted.
    entries: [OnceLock<u64>; Field::ALL.len()],
}

impl Place {
    /// Where its postings of a field are.
    pub(crate) fn info(&self, field: Field) -> Option<&TermInfo> {
        self.infos[field as usize].as_ref()
    }

    /// How many entries have it in a field: what `count` says the first time.
    pub(crate) fn entries(&self, field: Field, count: impl FnOnce() -> u64) -> u64 {
        *self.entries[field as usize].get_or_init(count)
    }
}

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
        Ok(Self {
            index,
            inverted,
            norms,
            chunks: reader.max_doc(),
            first_chunks: OnceLock::new(),
            terms: Mutex::default(),
        })
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

    /// For each of `entries` entries its first chunk, and at last how many chunks there are. `entry_of_chunk`: for each chunk its entry,
    /// ascending, the same each time.
    pub(crate) fn first_chunks(&self, entry_of_chunk: &[u32], entries: usize) -> &[u32] {
        self.first_chunks.get_or_init(|| {
            let mut first_chunks = Vec::with_capacity(entries + 1);
            for (chunk, &entry) in (0..).zip(entry_of_chunk) {
                if first_chunks.len() <= entry as usize {
                    first_chunks.resize((entry as usize + 1).min(entries), chunk);
                }
            }
            first_chunks.resize(entries + 1, entry_of_chunk.len() as u32);
            first_chunks
        })
    }

    /// Where `term` stands, if any chunk has it.
    pub(crate) fn place(&self, term: &str) -> Option<Arc<Place>> {
        if let Some(known) = self.terms().get(term) {
            return known.clone();
        }
        let found = self.find(term);
        let mut terms = self.terms();
        if terms.len() >= TERMS_MAX {
            terms.clear();
        }
        terms.insert(Box::from(term), found.clone());
        found
    }

    fn terms(&self) -> MutexGuard<'_, HashMap<Box<str>, Option<Arc<Place>>>> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for a term in the dictionaries.
    fn find(&self, term: &str) -> Option<Arc<Place>> {
        let mut infos: [Option<TermInfo>; Field::ALL.len()] = Default::default();
        for field in Field::ALL {
            // Names and comments stand in the text: what the text lacks, they lack.
            let is_lacking = matches!(field, Field::Names | Field::Comments) && infos[Field::Body as usize].is_none();
            if !is_lacking {
                let term = Term::from_field_text(field.number(), term);
                infos[field as usize] = self.inverted[field as usize].get_term_info(&term).ok().flatten();
            }
        }
        infos.iter().any(Option::is_some).then(|| Arc::new(Place { infos, entries: Default::default() }))
    }

    /// The chunks that have a term in `field`, with its frequency, in blocks. They are read into `memory`, if there is any: to make room
    /// for a block takes longer than to read it.
    pub(crate) fn postings<'m>(
        &self,
        field: Field,
        info: &TermInfo,
        memory: &'m mut Option<BlockSegmentPostings>,
    ) -> Option<&'m mut BlockSegmentPostings> {
        let inverted = &self.inverted[field as usize];
        if let Some(postings) = memory {
            inverted.reset_block_postings_from_terminfo(info, postings).ok()?;
        } else {
            *memory = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs).ok();
        }
        memory.as_mut()
    }

    /// The chunks that have a term in `field`, in blocks, without frequencies.
    pub(crate) fn documents(&self, field: Field, info: &TermInfo) -> Option<BlockSegmentPostings> {
        self.inverted[field as usize].read_block_postings_from_terminfo(info, IndexRecordOption::Basic).ok()
    }
}
