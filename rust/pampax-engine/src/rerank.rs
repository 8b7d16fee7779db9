//! A second opinion on the first hits, by a model that reads question and code together.

use std::path::Path;

use pampax_base::{Error, LineSpan, Result};

use crate::answer::{Hit, Reranked};
use crate::provider::Reranker;
use crate::search::Ranked;
use crate::snapshot::Snapshot;
use crate::text::{Texts, clip};
use crate::vectors::set_text;

/// Orders the first hits by what `reranker` says of them; those after them stay where they are. Scores stay what they were, as
/// they are sums that `explain` shows; the reranker's is beside them. `ranked` are the same hits as the ranker left them.
///
/// # Errors
/// Those of [`Reranker::score`]; the hits are as they were then.
pub(crate) fn rerank(
    (snapshot, root): (&Snapshot, &Path),
    reranker: &dyn Reranker,
    question: &str,
    ranked: &[Ranked],
    hits: &mut Vec<Hit>,
) -> Result<()> {
    let count = reranker.candidates().min(hits.len());
    if count < 2 {
        return Ok(());
    }
    let mut texts = Texts::new(snapshot, root);
    let documents: Vec<String> = hits[..count]
        .iter()
        .zip(ranked)
        .map(|(hit, ranked)| {
            let mut document = String::new();
            let span = LineSpan::new(hit.start_line, hit.end_line);
            // Of a file that changed only the names are still known.
            let body = texts.get(ranked.candidate.entry).map_or(hit.symbol.as_deref(), |lines| Some(lines.get(span)));
            set_text(&mut document, &hit.path, body.unwrap_or_default());
            clip(&document, reranker.text_bytes()).to_owned()
        })
        .collect();
    let scores = reranker.score(question, &documents)?;
    if scores.len() != count || scores.iter().any(|score| !score.is_finite()) {
        let detail = format!("{} gave {} scores for {count} texts", reranker.name(), scores.len());
        return Err(Error::InvalidInput { what: "reranker", detail });
    }
    let rest = hits.split_off(count);
    let mut judged: Vec<(f32, Hit)> = scores.into_iter().zip(hits.drain(..)).collect();
    // Stable: equals stay in the ranker's order.
    judged.sort_by(|left, right| right.0.total_cmp(&left.0));
    for (number, (score, mut hit)) in judged.into_iter().enumerate() {
        let rank_before = hit.rank;
        hit.rank = number as u32 + 1;
        hit.why.push(format!("{} gives it {score:.3} (place {rank_before} before)", reranker.name()));
        hit.reranked = Some(Reranked { score, rank_before });
        hits.push(hit);
    }
    hits.extend(rest);
    Ok(())
}
