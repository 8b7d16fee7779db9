//! What a piece of code hangs together with, read from the graph.

use std::collections::BTreeSet;

use pampax_base::SymbolKind;
use pampax_store::{Edge, EdgeKind};

use crate::assemble::pieces::Piece;
use crate::bundle::Surrounding;
use crate::graph::query::{GraphView, LIKELY};
use crate::snapshot::ViewedSegment;

/// Edges into a symbol that are looked at: what thousands use says nothing about one of them.
const USERS_MAX: usize = 64;

/// A chunk that a piece hangs together with.
pub(crate) struct Near {
    pub(crate) kind: Surrounding,
    pub(crate) chunk: u32,
    /// The line of it on which it uses the piece.
    pub(crate) line: Option<u32>,
    pub(crate) confidence: f32,
}

/// The surroundings of a piece, of each kind the surest and nearest first. Only edges that are likely count: what is ambiguous
/// would fill a bundle with other people's `get`.
pub(crate) fn surroundings(view: &GraphView<'_>, piece: &Piece) -> Vec<Near> {
    let (segment, entry) = view.snapshot.entry(piece.entry);
    let mut found: Vec<(Near, bool)> = Vec::new();
    if let Some(chunk) = container_chunk(segment, piece.symbol) {
        found.push((Near { kind: Surrounding::Container, chunk, line: None, confidence: 1.0 }, true));
    }
    let Some(file) = view.snapshot.graph_file(segment, entry) else {
        return found.into_iter().map(|(near, _)| near).collect();
    };
    let node = piece.symbol.and_then(|symbol| view.snapshot.graph_symbol(segment, symbol));
    let mut seen = BTreeSet::new();
    for edge in view.edges.out(node.unwrap_or(file)) {
        // A long definition has several pieces: each has the uses on its own lines.
        let is_own = edge.line >= piece.span.start && edge.line <= piece.span.end;
        if is_sure(&edge) && is_own && seen.insert(edge.target) {
            found.extend(used(view, file, &edge));
        }
    }
    if let Some(node) = node {
        for (source, edge) in view.edges.incoming(node).filter(|(_, edge)| is_sure(edge)).take(USERS_MAX) {
            if source != node && seen.insert(source) {
                found.extend(user(view, file, source, &edge));
            }
        }
    }
    found.sort_by(|(left, left_near), (right, right_near)| {
        let key =
            |near: &Near, is_near: bool| (near.kind, std::cmp::Reverse((near.confidence * 100.0) as u32), !is_near);
        key(left, *left_near).cmp(&key(right, *right_near))
    });
    found.into_iter().map(|(near, _)| near).collect()
}

fn is_sure(edge: &Edge) -> bool {
    edge.confidence() >= LIKELY && !edge.is_ambiguous()
}

/// What an edge of the piece leads to; whether it is in the same file.
fn used(view: &GraphView<'_>, file: u32, edge: &Edge) -> Option<(Near, bool)> {
    let symbol = view.symbol(edge.target)?;
    let kind = match edge.kind() {
        EdgeKind::References if view.world.kind(symbol).is_type() => Surrounding::Type,
        EdgeKind::Calls | EdgeKind::References => Surrounding::Definition,
        EdgeKind::Inherits | EdgeKind::Implements => Surrounding::Base,
        EdgeKind::ConfigKey => Surrounding::Key,
        EdgeKind::Imports | EdgeKind::Routes => return None,
    };
    // A field or a parameter is seen where it is used.
    if matches!(view.world.kind(symbol), SymbolKind::Field | SymbolKind::EnumMember | SymbolKind::Implementation) {
        return None;
    }
    let chunk = view.chunk_of(edge.target)?;
    let near = Near { kind, chunk, line: None, confidence: f32::from(edge.confidence()) / 100.0 };
    Some((near, view.file(edge.target) == file))
}

/// What uses the piece; whether it is in the same file.
fn user(view: &GraphView<'_>, file: u32, source: u32, edge: &Edge) -> Option<(Near, bool)> {
    let kind = match edge.kind() {
        EdgeKind::Routes => Surrounding::Route,
        EdgeKind::ConfigKey => Surrounding::Reader,
        EdgeKind::Calls | EdgeKind::References if view.is_test(source) => Surrounding::Test,
        EdgeKind::Calls => Surrounding::Caller,
        _ => return None,
    };
    // The place where it is used, which of a long function is one piece of several.
    let chunk = view.chunk_at(source, edge.line)?;
    let near = Near { kind, chunk, line: Some(edge.line), confidence: f32::from(edge.confidence()) / 100.0 };
    Some((near, view.file(source) == file))
}

/// The chunk with the header of the symbol around `symbol`.
fn container_chunk(segment: &ViewedSegment, symbol: Option<u32>) -> Option<u32> {
    let facts = &segment.open.facts;
    let symbol = symbol?;
    let container = facts.symbol(symbol)?.container()?;
    let mut chunks = facts.chunks_of(facts.entry_of_symbol(symbol));
    let header = chunks.find(|&chunk| {
        let chunk = &facts.chunks()[chunk as usize];
        chunk.symbol() == Some(container) && chunk.is_first()
    })?;
    Some(segment.first_chunk + header)
}
