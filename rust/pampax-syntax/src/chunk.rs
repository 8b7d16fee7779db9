//! Cuts a file into chunks that tile it.
//!
//! Pure: it takes the lines, the symbols that own lines and how deep each line break stands, and gives the chunks. Each
//! line first gets an owner, the innermost chunk-making symbol around it. Runs of one owner are chunks; what is too small
//! to mean anything (closing brackets, blank lines) joins the chunk before it, and what is too long is cut between
//! statements.

use pampax_base::LineSpan;

use crate::lines::Lines;
use crate::syntax::{Chunk, Symbol};

/// How long chunks may be, in lines and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A run of up to this many lines stays whole.
    whole_lines: u32,
    /// A run of up to this many bytes stays whole; also the most a piece should have.
    whole_bytes: u32,
    /// The fewest, the best and the most lines of a piece.
    piece_lines: (u32, u32, u32),
}

impl Limits {
    /// For files with a syntax tree.
    pub(crate) const SYNTAX: Self = Self { whole_lines: 80, whole_bytes: 6000, piece_lines: (40, 50, 60) };
    /// For files cut by lines only.
    pub(crate) const LINES: Self = Self { whole_lines: 60, whole_bytes: 6000, piece_lines: (30, 40, 50) };
}

/// A run of less ink than this in which nothing is defined (`});`, `#endif`, `else:`) joins the chunk before it.
const TRIVIAL_INK_BYTES: usize = 16;
/// No symbol owns the line.
const NOBODY: u32 = u32::MAX;

/// Consecutive lines with one owner.
#[derive(Clone, Copy)]
struct Run {
    first: u32,
    end: u32,
    owner: u32,
    /// It holds the first lines of its owner.
    opens: bool,
}

/// Chunks by lines only.
pub(crate) fn by_lines(lines: &Lines<'_>) -> Vec<Chunk> {
    by_symbols(lines, &[], &[], Limits::LINES, Vec::new)
}

/// Chunks by the symbols for which `makes_chunk` says so. `nesting` gives how deep the break before each line stands (an
/// empty list: unknown); it is only asked if something is long enough to be cut.
pub(crate) fn by_symbols(
    lines: &Lines<'_>,
    symbols: &[Symbol],
    makes_chunk: &[bool],
    limits: Limits,
    nesting: impl FnOnce() -> Vec<u32>,
) -> Vec<Chunk> {
    if lines.count() == 0 {
        return Vec::new();
    }
    let runs = runs(lines, symbols, &owners(lines.count(), symbols, makes_chunk));
    let is_long = |run: &Run| is_long(lines, run.first, run.end, limits);
    let nesting = if runs.iter().any(is_long) { nesting() } else { Vec::new() };
    let mut chunks = Vec::with_capacity(runs.len());
    for run in runs {
        let symbol = (run.owner != NOBODY).then_some(run.owner);
        let mut first = run.first;
        while first < run.end {
            let end = first + piece_length(lines, first, run.end, limits, &nesting);
            chunks.push(Chunk {
                span: LineSpan::new(first + 1, end),
                bytes: lines.bytes(first, end),
                symbol,
                first: symbol.is_none() || (run.opens && first == run.first),
            });
            first = end;
        }
    }
    chunks
}

/// The owner of each line.
fn owners(line_count: u32, symbols: &[Symbol], makes_chunk: &[bool]) -> Vec<u32> {
    let mut owners = vec![NOBODY; line_count as usize];
    // For each symbol the one that owns the lines around it (itself if it makes a chunk), and the first line it has left
    // to give to a member.
    let mut nearest = vec![NOBODY; symbols.len()];
    let mut free = vec![0; symbols.len()];
    let mut free_top_level = 0;
    for (index, symbol) in symbols.iter().enumerate() {
        let around = symbol.container.map_or(NOBODY, |container| nearest[container as usize]);
        nearest[index] = around;
        if !makes_chunk[index] {
            continue;
        }
        let (mut first, mut end) = (symbol.span.start - 1, symbol.span.end);
        if around == NOBODY {
            first = first.max(free_top_level);
            free_top_level = free_top_level.max(end);
        } else {
            let outer = &symbols[around as usize].span;
            // A member that begins on the first line of its container stays in the container's chunk.
            if first < outer.start {
                continue;
            }
            end = end.min(outer.end);
            first = first.max(free[around as usize]);
            free[around as usize] = free[around as usize].max(end);
        }
        if first >= end {
            continue;
        }
        nearest[index] = index as u32;
        owners[first as usize..end as usize].fill(index as u32);
    }
    owners
}

/// Groups the lines by owner and joins what is trivial to its neighbour.
fn runs(lines: &Lines<'_>, symbols: &[Symbol], owners: &[u32]) -> Vec<Run> {
    let mut defines = vec![false; owners.len()];
    for symbol in symbols {
        defines[symbol.span.start as usize - 1] = true;
    }
    let mut opened = vec![false; symbols.len()];
    let mut runs: Vec<Run> = Vec::new();
    let mut first = 0;
    while let Some(&owner) = owners.get(first) {
        let end =
            owners[first..].iter().position(|&other| other != owner).map_or(owners.len(), |length| first + length);
        let opens = owner != NOBODY && !std::mem::replace(&mut opened[owner as usize], true);
        let mut run = Run { first: first as u32, end: end as u32, owner, opens };
        first = end;
        if opens {
            runs.push(run);
            continue;
        }
        if let Some(previous) = runs.last_mut() {
            let is_trivial = lines.ink(run.first, run.end, TRIVIAL_INK_BYTES) <= TRIVIAL_INK_BYTES
                && !defines[run.first as usize..run.end as usize].contains(&true);
            while run.first < run.end && (is_trivial || lines.is_blank(run.first)) {
                run.first += 1;
            }
            previous.end = run.first;
        }
        if run.first < run.end {
            runs.push(run);
        }
    }
    // Leading blank lines have nothing before them to join.
    if runs.len() > 1 && runs[0].owner == NOBODY && lines.ink(0, runs[0].end, 0) == 0 {
        runs[1].first = 0;
        runs.remove(0);
    }
    runs
}

fn is_long(lines: &Lines<'_>, first: u32, end: u32, limits: Limits) -> bool {
    end - first > 1 && (end - first > limits.whole_lines || lines.bytes(first, end).len() > limits.whole_bytes)
}

/// How many lines the next piece of the lines `first..end` takes: all, if they are few, else up to the best cut.
fn piece_length(lines: &Lines<'_>, first: u32, end: u32, limits: Limits, nesting: &[u32]) -> u32 {
    if !is_long(lines, first, end, limits) {
        return end - first;
    }
    let (fewest, best, most) = limits.piece_lines;
    let fits = |length: &u32| lines.bytes(first, first + length).len() <= limits.whole_bytes;
    let most = (1..=most.min(end - first - 1)).take_while(fits).last().unwrap_or(1);
    let fewest = if most > fewest { fewest } else { (most * 2 / 3).max(1) };
    let cost = |length: &u32| {
        let line = first + length;
        let depth = nesting.get(line as usize).copied().unwrap_or_default();
        // Blank lines stay with what is above them.
        (depth, lines.is_blank(line), !lines.is_blank(line - 1), best.abs_diff(*length))
    };
    (fewest..=most).min_by_key(cost).unwrap_or(most)
}
