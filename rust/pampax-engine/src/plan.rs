//! What an index run has to do: which files keep their entries, which are read, and in which order.

use std::collections::HashMap;

use pampax_base::Result;
use pampax_store::{Blob, EntryAddress, Facts, Seen, Skipped, View, ViewBuilder, Writer};

use crate::kind_of_file::{VENDORED, flags};
use crate::siblings::Taken;
use crate::walk::{Found, Walked};

/// What has to be done: files as they were keep their entries, the others are read.
pub(crate) struct Plan {
    /// What stays as it is, or is taken over from another view, unread.
    pub(crate) kept: ViewBuilder,
    pub(crate) taken: Taken,
    /// Files to read, by path.
    pub(crate) work: Vec<Work>,
    /// In which order they are read, as numbers of `work`: what is most useful first.
    pub(crate) order: Vec<u32>,
    /// Files that are not indexed.
    pub(crate) skipped: Vec<Skipped>,
    /// How many files are gone.
    pub(crate) removed: u64,
}

/// A file to read.
pub(crate) struct Work {
    pub(crate) found: Found,
    /// The entry of the same path before, for telling changed from added.
    pub(crate) before: Option<Earlier>,
}

/// An entry that a file had before.
pub(crate) struct Earlier {
    pub(crate) address: EntryAddress,
    pub(crate) blob: Blob,
    /// Its row in the view, whose segment is one of [`Plan::kept`].
    pub(crate) seen: Seen,
}

/// A file that was touched within this time is likely to be asked about.
const RECENT_NS: i64 = 14 * 24 * 3600 * 1_000_000_000;

impl Plan {
    /// The plan for a walk of the whole root.
    pub(crate) fn new(writer: &Writer, before: Option<&View>, walked: Walked) -> Result<Self> {
        Self::within(writer, before, walked, &|_| true)
    }

    /// The plan for a walk of a part: `is_in_scope` says which paths would have been found if they were there. All others stay.
    pub(crate) fn within(
        writer: &Writer,
        before: Option<&View>,
        walked: Walked,
        is_in_scope: &dyn Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut plan = Self {
            kept: ViewBuilder::default(),
            taken: Taken::default(),
            work: Vec::new(),
            order: Vec::new(),
            skipped: walked.skipped,
            removed: 0,
        };
        let Some(view) = before else {
            plan.work = walked.found.into_iter().map(|found| Work { found, before: None }).collect();
            plan.order();
            return Ok(plan);
        };
        plan.kept.segments = view.segments().to_vec();
        let facts = open_facts(writer, view.segments())?;
        let mut known: HashMap<&str, &Seen> = HashMap::with_capacity(view.seen().len());
        for seen in view.seen() {
            // Entries of a damaged segment are gone: their files are read anew.
            let Some(facts) = facts.get(seen.segment as usize).and_then(Option::as_ref) else { continue };
            let path = facts.path(seen.entry);
            if is_in_scope(path) {
                known.insert(path, seen);
            } else {
                plan.kept.seen.push(*seen);
            }
        }
        let (in_scope, others): (Vec<Skipped>, Vec<Skipped>) =
            view.skipped().into_iter().partition(|skipped| is_in_scope(&skipped.path));
        plan.skipped.extend(others);
        let skipped_before: HashMap<String, Skipped> =
            in_scope.into_iter().map(|skipped| (skipped.path.clone(), skipped)).collect();
        let in_view = known.len() as u64;
        let mut matched = 0;
        for found in walked.found {
            let seen = known.get(found.path.as_str()).copied();
            matched += u64::from(seen.is_some());
            match seen {
                Some(seen) if is_same(seen, &found) => plan.kept.seen.push(*seen),
                Some(seen) => {
                    let segment = view.segments().get(seen.segment as usize).copied().unwrap_or(0);
                    let address = EntryAddress { segment, entry: seen.entry };
                    let facts = facts.get(seen.segment as usize).and_then(Option::as_ref);
                    let blob = facts.and_then(|facts| facts.entries().get(seen.entry as usize)).map(|entry| entry.blob);
                    let before = blob.map(|blob| Earlier { address, blob, seen: *seen });
                    plan.work.push(Work { found, before });
                }
                None => match skipped_before.get(&found.path).filter(|skipped| is_still_refused(skipped, &found)) {
                    Some(skipped) => plan.skipped.push(skipped.clone()),
                    None => plan.work.push(Work { found, before: None }),
                },
            }
        }
        plan.removed = in_view.saturating_sub(matched);
        plan.order();
        Ok(plan)
    }

    /// What was touched lately comes first and copied code last, each by path: what is read first can be searched first.
    pub(crate) fn order(&mut self) {
        let newest = self.work.iter().map(|work| work.found.modified_ns).max().unwrap_or(0);
        let class = |work: &Work| {
            let is_old = newest - work.found.modified_ns > RECENT_NS;
            (flags(&work.found.path) & VENDORED != 0, is_old)
        };
        self.order = (0..self.work.len() as u32).collect();
        self.order.sort_by_cached_key(|&number| class(&self.work[number as usize]));
    }

    /// The bytes of all files to read.
    pub(crate) fn work_bytes(&self) -> u64 {
        self.work.iter().map(|work| work.found.bytes).sum()
    }
}

/// Whether `stat` says that a file is still what it was when it was read.
pub(crate) fn is_same(seen: &Seen, found: &Found) -> bool {
    seen.racy == 0 && found.has_stamps_of(seen)
}

/// Whether a file that was refused before is still the same file, so that it need not be opened again.
fn is_still_refused(skipped: &Skipped, found: &Found) -> bool {
    skipped.bytes == found.bytes && skipped.times_ns == Some([found.modified_ns, found.changed_ns])
}

/// The facts of segments; `None` for damaged ones.
pub(crate) fn open_facts(writer: &Writer, segments: &[u64]) -> Result<Vec<Option<Facts>>> {
    let open = |id: &u64| match writer.segments().contains_key(id) {
        true => Facts::open(&writer.store().segment_folder(*id).join("facts")).map(Some),
        false => Ok(None),
    };
    segments.iter().map(open).collect()
}
