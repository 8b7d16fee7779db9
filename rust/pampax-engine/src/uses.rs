//! What a piece of code uses, as far as names tell.
//!
//! A name is taken for a definition only where language and kind fit and few definitions have it: `Context` of one language is
//! not that of another, and `error` is rarely the method of that name.

use std::collections::BTreeSet;

use pampax_base::{ReferenceKind, SymbolKind};
use pampax_store::Facts;

use crate::candidates::by_place;
use crate::graph::rules::may_use;
use crate::snapshot::{Snapshot, ViewedSegment};

/// Definitions taken for one hit.
const DEFINITIONS_PER_HIT_MAX: usize = 6;

/// A name with more definitions than this says nothing about which one is meant.
const DEFINITIONS_PER_NAME_MAX: usize = 3;

/// Chunks that define what the lines of `chunk` use, if the name says which: one of few symbols, those of the file first.
pub(crate) fn used_definitions(snapshot: &Snapshot, chunk: u32) -> Vec<u32> {
    let (segment, local) = snapshot.chunk(chunk);
    let facts = &segment.open.facts;
    let Some(record) = facts.chunks().get(local as usize) else { return Vec::new() };
    let entry = facts.entry_of_chunk(local);
    let references = facts.references_of(entry);
    let first = references.partition_point(|reference| reference.line() < record.span().start);
    let mut names: BTreeSet<u32> = BTreeSet::new();
    let mut found: Vec<u32> = Vec::new();
    for reference in references[first..].iter().take_while(|reference| reference.line() <= record.span().end) {
        if !names.insert(reference.name()) {
            continue;
        }
        let definitions = definitions(snapshot, segment, entry, facts.name(reference.name()), reference.kind());
        for definition in definitions {
            if definition != chunk && !found.contains(&definition) {
                found.push(definition);
            }
        }
        if found.len() >= DEFINITIONS_PER_HIT_MAX {
            break;
        }
    }
    found.truncate(DEFINITIONS_PER_HIT_MAX);
    found
}

/// The chunks that define `name`: those of the same file, else all if they are few.
fn definitions(snapshot: &Snapshot, own: &ViewedSegment, entry: u32, name: &str, used_as: ReferenceKind) -> Vec<u32> {
    let language = |facts: &Facts, entry: u32| facts.entries().get(entry as usize).and_then(|record| record.language());
    let own_language = language(&own.open.facts, entry);
    let mut all = Vec::new();
    let mut same_file = Vec::new();
    for viewed in &snapshot.segments {
        let facts = &viewed.open.facts;
        for number in facts.names_equal(name).filter(|&number| facts.name(number) == name) {
            for &symbol in facts.symbols_named(number).iter().take(64) {
                let home = facts.entry_of_symbol(symbol);
                let record = &facts.symbols()[symbol as usize];
                let is_meant = may_mean(used_as, record.kind()) && may_use(own_language, language(facts, home));
                if !viewed.has(home) || !is_meant {
                    continue;
                }
                if let Some(chunk) = facts.chunk_of_symbol(symbol) {
                    let chunk = viewed.first_chunk + chunk;
                    all.push(chunk);
                    if viewed.open.id == own.open.id && home == entry {
                        same_file.push(chunk);
                    }
                }
            }
        }
    }
    let mut chosen = if same_file.is_empty() { all } else { same_file };
    chosen.sort_by(|&left, &right| by_place(snapshot, left, right));
    if chosen.len() > DEFINITIONS_PER_NAME_MAX { Vec::new() } else { chosen }
}

/// Whether a name that is used in this way may stand for a symbol of this kind.
fn may_mean(used_as: ReferenceKind, kind: SymbolKind) -> bool {
    match used_as {
        // An implementation is found with its type.
        _ if kind == SymbolKind::Implementation => false,
        ReferenceKind::Type | ReferenceKind::Inherit | ReferenceKind::Implement => kind.is_type(),
        ReferenceKind::Use => kind.is_type() || kind == SymbolKind::Function,
        ReferenceKind::Call | ReferenceKind::Import => kind.is_callable() || kind.is_type(),
    }
}
