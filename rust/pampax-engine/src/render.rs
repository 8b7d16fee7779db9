//! Bundles as text: Markdown, a report, tagged text.
//!
//! Text of a repository can hold anything, also what looks like the end of its own block. So fences are longer than any run of
//! backticks within, what stands in a table or in a tag is escaped, and no line of a repository stands outside its block.

use std::fmt::Write;

use crate::bundle::{Bundle, Item, Level};

/// Reasons that are shown with an item; all of them are in its record.
const SHOWN_REASONS_MAX: usize = 2;
/// Dropped pieces that a report lists.
const REPORTED_DROPS_MAX: usize = 5;

/// Items as Markdown. A path is written once for all items of its file that follow each other; a piece of which one line is
/// shown is a line of a list.
pub(crate) fn markdown(items: &[Item]) -> String {
    let mut text = String::new();
    for (number, item) in items.iter().enumerate() {
        let before = number.checked_sub(1).map(|before| &items[before]);
        // Lists are not torn apart.
        if before.is_some_and(|before| !(is_line(before) && is_line(item))) {
            text.push('\n');
        }
        let is_continued = before.is_some_and(|before| before.path == item.path);
        markdown_item(item, is_continued, &mut text);
    }
    text
}

/// Whether an item is one line of a list.
fn is_line(item: &Item) -> bool {
    matches!(item.spans.as_slice(), [(first, last)] if first == last)
}

/// One item: a header with path, lines, symbol and level, its first reasons, its lines in a fence. One that is continued
/// leaves out the path.
pub(crate) fn markdown_item(item: &Item, is_continued: bool, text: &mut String) {
    let path = if is_continued { String::new() } else { one_line(&item.path) };
    if is_line(item) {
        let line = item.spans.first().map_or(1, |span| span.0);
        let code = code(item.text.trim_matches(['…', '\n', ' ', '\t']));
        let reason = item.why.first().map_or(String::new(), |reason| one_line(reason));
        // A line from the middle of a definition says whose it is.
        let of = match &item.symbol {
            Some(symbol) if item.part => format!(" in {}", self::code(symbol)),
            _ => String::new(),
        };
        let _ = writeln!(text, "- {path}:{line} {code}{of} {reason} [{}]", item.id);
        return;
    }
    let reasons = reasons(item);
    let mark = if is_continued { "###" } else { "##" };
    let _ = write!(text, "{mark} {path}:{}", spans(item));
    if let Some(symbol) = &item.symbol {
        let _ = write!(text, " {} {}", item.kind.unwrap_or("symbol"), code(symbol));
    }
    match (item.level, item.part) {
        (Level::Full, true) => text.push_str(" (part)"),
        (Level::Full, false) => {}
        (level, _) => {
            let _ = write!(text, " ({}) [{}]", level.name(), item.id);
        }
    }
    let _ = write!(text, "\n{reasons}\n");
    block(item, text);
}

fn reasons(item: &Item) -> String {
    one_line(&item.why[..item.why.len().min(SHOWN_REASONS_MAX)].join("; "))
}

fn spans(item: &Item) -> String {
    let span = |(start, end): &(u32, u32)| if start == end { start.to_string() } else { format!("{start}-{end}") };
    item.spans.iter().map(span).collect::<Vec<_>>().join(",")
}

fn block(item: &Item, text: &mut String) {
    let fence = "`".repeat(longest_run(&item.text).max(2) + 1);
    let _ = write!(text, "{fence}{}\n{}", item.language.unwrap_or(""), item.text);
    if !item.text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&fence);
    text.push('\n');
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Code within a line.
fn code(text: &str) -> String {
    let text = one_line(text);
    match longest_run(&text) {
        0 => format!("`{text}`"),
        run => format!("{0} {text} {0}", "`".repeat(run + 1)),
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// The bundle for people: summary, evidence, why it stops, what it costs, what was dropped, the code.
pub(crate) fn report(bundle: &Bundle) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# Context for: {}\n", one_line(bundle.task.trim()));
    summary(bundle, &mut text);
    text.push_str(
        "\n| File | Lines | Symbol | Level | Reason | Edge | Rank | Tokens |\n|---|---|---|---|---|---|---|---|\n",
    );
    for item in &bundle.items {
        let edge = item
            .edge
            .as_ref()
            .map_or(String::new(), |edge| format!("{} of {} ({:.2})", edge.kind, edge.of, edge.confidence));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&item.path),
            spans(item),
            item.symbol.as_deref().map_or(String::new(), cell),
            item.level.name(),
            cell(&reasons(item)),
            cell(&edge),
            item.rank.map_or(String::new(), |rank| rank.to_string()),
            item.tokens,
        );
    }
    let _ = writeln!(text, "\n## Why it stops\n\nIt stops, as {}.", bundle.stop_reason);
    if bundle.more.items > 0 {
        let _ = writeln!(
            text,
            "A quarter more ({} tokens) would add or extend {} pieces, {:.0} % more worth: {}.",
            bundle.more.budget,
            bundle.more.items,
            100.0 * bundle.more.worth,
            bundle.more.first.iter().map(|place| one_line(place)).collect::<Vec<_>>().join("; "),
        );
    }
    token_report(bundle, &mut text);
    if !bundle.dropped.is_empty() {
        let _ = writeln!(text, "\n## Left out ({})\n", bundle.dropped_total);
        for dropped in bundle.dropped.iter().take(REPORTED_DROPS_MAX) {
            let symbol = dropped.symbol.as_ref().map_or(String::new(), |symbol| format!(" {}", code(symbol)));
            let place = format!("{}:{}-{}", one_line(&dropped.path), dropped.start_line, dropped.end_line);
            let _ = writeln!(text, "- {place}{symbol}: {}", dropped.reason);
        }
    }
    text.push_str("\n## Code\n");
    for item in &bundle.items {
        let _ = write!(text, "\n### {}:{}", one_line(&item.path), spans(item));
        if let Some(symbol) = &item.symbol {
            let _ = write!(text, " {}", code(symbol));
        }
        let _ = write!(text, " ({}, {})\n\n", item.level.name(), item.id);
        block(item, &mut text);
    }
    text
}

fn summary(bundle: &Bundle, text: &mut String) {
    let files: std::collections::BTreeSet<&str> = bundle.items.iter().map(|item| item.path.as_str()).collect();
    let _ = writeln!(
        text,
        "Bundle {}: {} pieces of {} files for a task of the kind \"{}\", within {} tokens ({}{}).",
        bundle.id,
        bundle.items.len(),
        files.len(),
        bundle.shape,
        bundle.budget,
        bundle.encoding,
        if bundle.exact { ", exact, this report included" } else { ", a bound, this report included" },
    );
    let coverage = &bundle.coverage;
    let skipped: u64 = coverage.files_skipped.values().sum();
    let _ = write!(text, "Based on {} files", coverage.files_indexed);
    if let Some(generation) = coverage.generation {
        let _ = write!(text, ", generation {generation}");
    }
    if skipped > 0 {
        let _ = write!(text, "; {skipped} files are not indexed");
    }
    if !coverage.stale_paths.is_empty() {
        let _ = write!(text, "; {} changed since", coverage.stale_paths.len());
    }
    if let Some(base) = &bundle.base {
        let _ = write!(text, "; changes since {}", base.get(..10).unwrap_or(base));
    }
    text.push_str(".\n");
    for note in &coverage.notes {
        let _ = writeln!(text, "Note: {}.", one_line(note));
    }
}

/// Tokens by level and by what the code is.
fn token_report(bundle: &Bundle, text: &mut String) {
    let mut by_level: std::collections::BTreeMap<Level, (usize, u32)> = std::collections::BTreeMap::new();
    let mut by_category: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
    for item in &bundle.items {
        let level = by_level.entry(item.level).or_default();
        *level = (level.0 + 1, level.1 + item.tokens);
        *by_category.entry(item.category.name()).or_default() += item.tokens;
    }
    text.push_str("\n## Tokens\n\n");
    let levels = by_level.iter().rev().map(|(level, (count, tokens))| format!("{} {tokens} ({count})", level.name()));
    let _ = writeln!(text, "- by level: {}", levels.collect::<Vec<_>>().join(", "));
    let categories = by_category.iter().map(|(name, tokens)| format!("{name} {tokens}"));
    let _ = writeln!(text, "- by kind: {}", categories.collect::<Vec<_>>().join(", "));
}

/// Text for an attribute or the inside of a tag.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "&#10;")
}

/// Code for the inside of a CDATA section: what would end it is split over two.
fn cdata(text: &str) -> String {
    text.replace("]]>", "]]]]><![CDATA[>")
}

/// The bundle in tags, one for each item. Code stands as it is.
pub(crate) fn xml(bundle: &Bundle) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "<bundle id=\"{}\" generation=\"{}\">", bundle.id, bundle.coverage.generation.unwrap_or(0));
    for item in &bundle.items {
        let _ = write!(text, "<item id=\"{}\" path=\"{}\" lines=\"{}\"", item.id, escaped(&item.path), spans(item));
        if let Some(symbol) = &item.symbol {
            let _ = write!(text, " symbol=\"{}\"", escaped(symbol));
        }
        if item.level != Level::Full {
            let _ = write!(text, " level=\"{}\"", item.level.name());
        }
        let _ = writeln!(text, " why=\"{}\"><![CDATA[", escaped(&reasons(item)));
        text.push_str(&cdata(&item.text));
        if !item.text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str("]]></item>\n");
    }
    text.push_str("</bundle>\n");
    text
}
