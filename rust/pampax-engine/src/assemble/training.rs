//! What the model of values is fitted to: the pieces of a task with all that is known of them, as JSON.

use serde_json::{Value, json};

use super::levels::Showing;
use super::value::{HIT_FEATURES, ValueModel};
use super::{Grounds, gather};
use crate::bundle::Level;
use crate::text::Texts;

/// The pieces of a task: what each is, what its value was told from, how it can be shown.
pub(crate) fn pieces_json(grounds: &Grounds<'_>, task: &str) -> String {
    let model = ValueModel::packaged();
    let (pieces, shape) = gather(grounds, task, model, &mut Vec::new());
    let showing = Showing::new(model, grounds.query, Level::Full, 1.0);
    let mut texts = Texts::new(grounds.snapshot, grounds.root);
    let mut rows: Vec<Value> = Vec::new();
    for piece in &pieces.all {
        let (segment, entry) = grounds.snapshot.entry(piece.entry);
        let levels = texts.get(piece.entry).map_or(Vec::new(), |lines| {
            let shown = showing.levels(grounds.snapshot, piece, lines, &[], true);
            let level = |shown: &super::levels::Shown| {
                let bytes: usize = shown.spans.iter().map(|span| lines.get(*span).len()).sum();
                let spans: Vec<[u32; 2]> = shown.spans.iter().map(|span| [span.start, span.end]).collect();
                json!({ "level": shown.level.name(), "spans": spans, "bytes": bytes })
            };
            shown.iter().map(level).collect()
        });
        let reached: Vec<Value> =
            piece.reached.iter().map(|(kind, centre, confidence)| json!([kind.name(), centre, confidence])).collect();
        rows.push(json!({
            "path": segment.open.facts.path(entry),
            "start": piece.span.start,
            "end": piece.span.end,
            "category": piece.category.name(),
            "features": piece.features,
            "reached": reached,
            "why": piece.why.iter().map(String::len).take(2).sum::<usize>(),
            "levels": levels,
        }));
    }
    let document = json!({ "shape": shape.name(), "features": HIT_FEATURES, "pieces": rows });
    document.to_string()
}
