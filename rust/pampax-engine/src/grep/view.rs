//! A view as a search for lines needs it: paths, stamps and trigrams, and no words.

use std::ops::Range;
use std::path::Path;

use pampax_base::{Error, Language, Result};
use pampax_store::{Facts, FileRecord, Generation, Seen, Skipped, Store, View, ViewRecord};
use pampax_trigram::{Condition, Trigrams};

use super::others::{Others, texts};
use crate::filter::Filter;
use crate::kind_of_file::flags;
use crate::segment::TRIGRAMS;
use crate::snapshot::identity;

/// A view, open.
pub(crate) struct GrepView {
    generation: u64,
    file: FileRecord,
    view: View,
    segments: Vec<Segment>,
    /// Files that are text but not in the index.
    others: Vec<Skipped>,
    /// What is known of them.
    known_others: Option<Others>,
}

struct Segment {
    facts: Facts,
    trigrams: Option<Trigrams>,
    /// Its rows in the view.
    seen: Range<usize>,
}

/// A file that may have a match.
pub(super) struct Candidate<'a> {
    pub(super) path: &'a str,
    /// What `stat` said when it was indexed; `None` if it was not.
    pub(super) seen: Option<&'a Seen>,
}

impl GrepView {
    /// Opens the view of `record`.
    pub(crate) fn open(store: &Store, generation: &Generation, record: &ViewRecord) -> Result<Self> {
        let path = store.path(&record.file);
        let view = View::open(&path)?;
        let mut segments = Vec::with_capacity(view.segments().len());
        for (number, &id) in view.segments().iter().enumerate() {
            let folder = store.segment_folder(id);
            let facts = Facts::open(&folder.join("facts"))?;
            let name = format!("segments/{id}/{TRIGRAMS}");
            let recorded =
                generation.segment(id).is_some_and(|segment| segment.files.iter().any(|file| file.name == name));
            let open = |entries: usize| Trigrams::open(&folder.join(TRIGRAMS), entries as u32);
            let trigrams = recorded.then(|| open(facts.entries().len())).transpose()?;
            let start = view.seen().partition_point(|seen| (seen.segment as usize) < number);
            let end = view.seen().partition_point(|seen| seen.segment as usize <= number);
            let entries = facts.entries().len();
            if view.seen()[start..end].iter().any(|seen| seen.entry as usize >= entries) {
                return Err(Error::corrupt(&path, "names an unknown entry"));
            }
            segments.push(Segment { facts, trigrams, seen: start..end });
        }
        let others = texts(view.skipped());
        let known_others = Others::open(store, &record.id);
        Ok(Self { generation: record.generation, file: record.file.clone(), view, segments, others, known_others })
    }

    /// Whether this is the state that `record` names.
    pub(crate) fn is(&self, record: &ViewRecord) -> bool {
        self.file == record.file
    }

    /// Names this state.
    pub(crate) fn identity(&self) -> String {
        identity(&self.file)
    }

    /// The number of the generation.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// How many files are still to be indexed.
    pub(super) fn pending(&self) -> u64 {
        self.view.pending()
    }

    /// How many files it speaks for.
    pub(super) fn files(&self) -> u64 {
        (self.view.seen().len() + self.others.len()) as u64
    }

    /// The files that can have a match, by path, and what is to be said about them.
    pub(super) fn candidates<'a>(
        &'a self,
        root: &Path,
        condition: &Condition,
        filter: &Filter,
        also: &'a [String],
    ) -> (Vec<Candidate<'a>>, Vec<String>) {
        let mut found = Vec::new();
        let (mut without, mut damaged) = (0, 0);
        for segment in &self.segments {
            let rows = self.view.seen().get(segment.seen.clone()).unwrap_or_default();
            let mut add = |seen: &'a Seen| {
                let facts = &segment.facts;
                let path = facts.path(seen.entry);
                let record = facts.entries().get(seen.entry as usize);
                if record.is_some_and(|record| filter.file(path, record.language(), record.flags)) {
                    found.push(Candidate { path, seen: Some(seen) });
                }
            };
            let entries = match &segment.trigrams {
                Some(trigrams) => trigrams.candidates(condition).unwrap_or_else(|_| {
                    damaged += rows.len();
                    None
                }),
                None => {
                    without += rows.len();
                    None
                }
            };
            match entries {
                Some(entries) => {
                    let row = |entry: &u32| rows.binary_search_by_key(entry, |seen| seen.entry).ok();
                    entries.iter().filter_map(row).for_each(|at| add(&rows[at]));
                }
                None => rows.iter().for_each(&mut add),
            }
        }
        let others = self.other_candidates(root, condition).chain(also.iter().map(String::as_str));
        let passing = others.filter(|path| filter.file(path, Language::from_path(path), flags(path)));
        found.extend(passing.map(|path| Candidate { path, seen: None }));
        // Of a file that is there twice the one with stamps comes first, and stays.
        found.sort_unstable_by(|left, right| {
            left.path.cmp(right.path).then_with(|| left.seen.is_none().cmp(&right.seen.is_none()))
        });
        found.dedup_by(|second, first| second.path == first.path);
        (found, notes(without, damaged))
    }

    /// The files outside the index that can have a match.
    fn other_candidates<'a>(&'a self, root: &Path, condition: &Condition) -> impl Iterator<Item = &'a str> {
        let meeting = self.known_others.as_ref().and_then(|known| known.trigrams.candidates(condition).ok().flatten());
        let is_out = move |path: &str| {
            let entry = || self.known_others.as_ref()?.entry(root, path);
            meeting.as_ref().is_some_and(|meeting| entry().is_some_and(|entry| meeting.binary_search(&entry).is_err()))
        };
        self.others.iter().map(|skipped| skipped.path.as_str()).filter(move |path| !is_out(path))
    }
}

fn notes(without: usize, damaged: usize) -> Vec<String> {
    let note = |files: usize, why: &str| {
        (files > 0).then(|| format!("{files} files were read without asking the index: {why}; `pampax index` helps"))
    };
    [note(without, "they were indexed by an older pampax"), note(damaged, "their trigrams are damaged")]
        .into_iter()
        .flatten()
        .collect()
}
