//! What is kept of a bundle: enough to show more of one of its items, and to know which lines its reader has.

use pampax_base::{Error, LineSpan, Result};
use pampax_store::{Store, is_bundle_id};
use serde::{Deserialize, Serialize};

use crate::assemble::AssembleOptions;
use crate::assemble::packing::Packer;
use crate::assemble::profile::Profile;
use crate::bundle::{Bundle, Format, Item, ItemEdge, Level};
use crate::filter::Filters;
use crate::snapshot::Snapshot;

/// The record of a bundle.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Record {
    pub(crate) schema: String,
    /// The state it was made from.
    pub(crate) identity: String,
    pub(crate) generation: u64,
    pub(crate) task: String,
    pub(crate) encoding: String,
    /// How to make it again.
    pub(crate) origin: Origin,
    pub(crate) items: Vec<RecordItem>,
}

/// What a bundle was asked for with.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// For a task.
    Assembled {
        budget: u32,
        format: Format,
        level: Option<Level>,
        filters: Filters,
        intent: Option<String>,
        have: Vec<String>,
        diff: Option<String>,
        profile: Profile,
    },
    /// From an earlier bundle.
    Expanded { bundle: String, items: Vec<String>, level: Level, format: Format, budget: Option<u32> },
}

impl Origin {
    /// The origin of a bundle for a task.
    pub(crate) fn of(options: &AssembleOptions) -> Self {
        Self::Assembled {
            budget: options.budget,
            format: options.format,
            level: options.level,
            filters: options.filters.clone(),
            intent: options.intent.map(|intent| intent.name().to_owned()),
            have: options.have.clone(),
            diff: options.diff.clone(),
            profile: options.profile,
        }
    }
}

/// The version of the records that this build reads.
const SCHEMA: &str = "pampax.bundle-record/1";

/// An item of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct RecordItem {
    pub(crate) id: String,
    pub(crate) path: String,
    /// The hash of the file's content.
    pub(crate) blob: [u8; 16],
    /// The first line of the piece; there is one piece for each in a file.
    pub(crate) first_line: u32,
    pub(crate) rank: Option<u32>,
    pub(crate) edge: Option<ItemEdge>,
    pub(crate) score: f64,
    pub(crate) why: Vec<String>,
    /// The lines shown.
    pub(crate) shown: Vec<(u32, u32)>,
}

impl Record {
    /// The record of a bundle; `order` are the pieces of its items.
    pub(crate) fn of(
        bundle: &Bundle,
        snapshot: &Snapshot,
        packer: &Packer<'_>,
        order: &[(usize, usize)],
        origin: Origin,
    ) -> Self {
        let item = |(item, &(number, _)): (&Item, &(usize, usize))| {
            let offer = &packer.offers[number];
            let (segment, entry) = snapshot.entry(offer.piece.entry);
            RecordItem {
                id: item.id.clone(),
                path: item.path.clone(),
                blob: segment.open.facts.entries().get(entry as usize).map_or([0; 16], |record| record.blob),
                first_line: offer.piece.span.start,
                rank: item.rank,
                edge: item.edge.clone(),
                score: item.score,
                why: item.why.clone(),
                shown: item.spans.clone(),
            }
        };
        Self {
            schema: SCHEMA.to_owned(),
            identity: snapshot.content().to_owned(),
            generation: snapshot.generation,
            task: bundle.task.clone(),
            encoding: bundle.encoding.to_owned(),
            origin,
            items: bundle.items.iter().zip(order).map(item).collect(),
        }
    }

    /// Keeps the record under `id`; says so if the store cannot be written to.
    pub(crate) fn keep(&self, store: &Store, id: &str) -> Option<String> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        let failed = store.keep_bundle(id, &bytes).err()?;
        Some(format!("the bundle cannot be expanded or named in --have later: {failed}"))
    }

    /// The record kept under `id`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if there is none, [`Error::Io`].
    pub(crate) fn read(store: &Store, id: &str) -> Result<Self> {
        let unknown = || Error::InvalidInput {
            what: "bundle",
            detail: format!(
                "no bundle {id} is kept here: ids are those that `pampax assemble` gave for this repository, the last 512 of them"
            ),
        };
        let bytes = store.bundle(id)?.ok_or_else(unknown)?;
        let record: Option<Self> = serde_json::from_slice(&bytes).ok();
        record.filter(|record| record.schema == SCHEMA).ok_or_else(|| Error::InvalidInput {
            what: "bundle",
            detail: format!("the record of bundle {id} cannot be read: assemble it again"),
        })
    }
}

/// The record of a bundle that was made from the state that `snapshot` is.
///
/// # Errors
/// [`Error::InvalidInput`] if there is none, or if it is of another state.
pub(crate) fn current(store: &Store, snapshot: &Snapshot, id: &str) -> Result<Record> {
    let record = Record::read(store, id)?;
    if record.identity == snapshot.content() {
        return Ok(record);
    }
    let detail = if record.generation == snapshot.generation {
        format!("{id} is of another worktree: assemble it here")
    } else {
        format!(
            "{id} is of generation {}, and the index is at {}: assemble it again",
            record.generation, snapshot.generation
        )
    };
    Err(Error::InvalidInput { what: "bundle", detail })
}

/// Lines that whoever asks has already, by entry.
pub(crate) type Held = std::collections::BTreeMap<u32, Vec<LineSpan>>;

/// Reads what a caller says they have: ids of bundles, paths, or paths with lines (`src/a.py:10-20`). With notes about what of
/// it does not count any more.
///
/// # Errors
/// [`Error::InvalidInput`] for an unknown bundle or lines that are none.
pub(crate) fn held(store: &Store, snapshot: &Snapshot, have: &[String], notes: &mut Vec<String>) -> Result<Held> {
    let mut held = Held::new();
    if have.is_empty() {
        return Ok(held);
    }
    let mut by_path = std::collections::HashMap::new();
    for (segment, entry) in snapshot.entries() {
        by_path.insert(
            segment.open.facts.path(entry),
            (segment.first_entry + entry, segment.open.facts.entries()[entry as usize].blob),
        );
    }
    for given in have {
        if is_bundle_id(given) {
            let record = Record::read(store, given)?;
            let mut changed = 0;
            for item in &record.items {
                match by_path.get(item.path.as_str()) {
                    Some((entry, blob)) if *blob == item.blob => {
                        let spans = item.shown.iter().map(|&(first, last)| LineSpan::new(first, last));
                        held.entry(*entry).or_default().extend(spans);
                    }
                    _ => changed += 1,
                }
            }
            if changed > 0 {
                notes.push(format!(
                    "{changed} items of bundle {given} are not counted as held: their files have changed since"
                ));
            }
            continue;
        }
        let (path, span) = place(given)?;
        match by_path.get(path.trim_start_matches("./")) {
            Some((entry, _)) => held.entry(*entry).or_default().push(span),
            None => notes.push(format!("{path} is not counted as held: the index does not have it")),
        }
    }
    Ok(held)
}

/// A path, or a path with a line or with lines.
fn place(text: &str) -> Result<(&str, LineSpan)> {
    let all = LineSpan::new(1, u32::MAX);
    let Some((path, lines)) = text.rsplit_once(':') else { return Ok((text, all)) };
    let number = |text: &str| text.parse::<u32>().ok().filter(|&line| line > 0);
    let span = match lines.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
        None => number(lines).map(|line| (line, line)),
    };
    match span {
        Some((first, last)) => Ok((path, LineSpan::new(first, last))),
        None => Err(Error::InvalidInput {
            what: "have",
            detail: format!(
                "{text:?} is neither a bundle id, nor a path, nor a path with lines such as src/a.py:10-20"
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_paths_with_or_without_lines() {
        let span = LineSpan::new;
        assert_eq!(place("a/b.py").unwrap(), ("a/b.py", span(1, u32::MAX)));
        assert_eq!(place("a/b.py:7").unwrap(), ("a/b.py", span(7, 7)));
        assert_eq!(place("a/b.py:7-9").unwrap(), ("a/b.py", span(7, 9)));
        for wrong in ["a:", "a:0", "a:9-7", "a:x-y", "a:1-"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
