//! `PageRank`, personalised and plain.

use std::collections::VecDeque;

use pampax_base::Result;

use crate::graph::refuse;
use crate::{Graph, Scratch};

/// How [`Graph::pagerank`] computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageRank {
    /// The chance that the walk follows an edge rather than starting anew: at least 0, less than 1. Default 0.85.
    pub damping: f64,
    /// With seeds: no node keeps more than this, times its number of edges, of the walk to pass on. Without: the plain iteration
    /// stops when all changes together are below this. Greater than 0; smaller is more exact and takes longer. Default 1e-6.
    pub tolerance: f64,
    /// With seeds: how many times at most a node passes on what it has. Without seeds it is not used: at most 1,000 iterations
    /// are made. Default 1,000,000.
    pub max_pushes: usize,
}

impl Default for PageRank {
    fn default() -> Self {
        Self { damping: 0.85, tolerance: 1e-6, max_pushes: 1_000_000 }
    }
}

/// The plain iteration stops here even if it has not converged. The error falls by the damping each time: 0.85 needs 85
/// iterations for the default tolerance, 0.98 some 700.
const MAX_ITERATIONS: usize = 1000;

/// One node that a personalised walk has reached.
struct Reached {
    node: u32,
    /// The part of its score that is settled.
    settled: f64,
    /// What it still has to pass on.
    residual: f64,
    /// Whether it waits in the queue.
    queued: bool,
}

impl Graph {
    /// Scores of the nodes: the share of time that a random walk spends there which follows edges by their weight and, with
    /// chance 1 − damping at each step and always at a node without edges, starts anew at a seed chosen by weight.
    ///
    /// `seeds` are nodes with weights; repeated ones add up. No seeds means that the walk starts anew anywhere. Returned are
    /// (node, score) with the greatest score first and equal ones by node; with seeds only the nodes whose score is known to be
    /// above zero. Scores add up to at most 1, and to nearly 1 if the tolerance is small.
    ///
    /// With seeds, the walk is computed by forward push (R. Andersen, F. Chung, K. Lang, *Local Graph Partitioning using
    /// `PageRank` Vectors*, FOCS 2006), first in, first out, which touches about 1 / (tolerance · (1 − damping)) edges at most
    /// however large the graph is. Without seeds, by power iteration over the whole graph.
    ///
    /// # Errors
    /// [`pampax_base::Error::InvalidInput`] if a seed does not exist, a weight is negative, infinite or not a number, all weights
    /// are zero, or an option is out of its range.
    pub fn pagerank(&self, seeds: &[(u32, f64)], options: &PageRank) -> Result<Vec<(u32, f64)>> {
        self.pagerank_with(&mut Scratch::new(), seeds, options)
    }

    /// [`Self::pagerank`] with memory to use again.
    ///
    /// # Errors
    /// Those of [`Self::pagerank`].
    pub fn pagerank_with(
        &self,
        scratch: &mut Scratch,
        seeds: &[(u32, f64)],
        options: &PageRank,
    ) -> Result<Vec<(u32, f64)>> {
        check_options(options)?;
        let mut scores = if seeds.is_empty() {
            self.power_iteration(options)
        } else {
            let total = self.check_seeds(seeds)?;
            self.forward_push(scratch, seeds, total, options)
        };
        scores.sort_unstable_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        Ok(scores)
    }

    /// The sum of the seeds' weights.
    fn check_seeds(&self, seeds: &[(u32, f64)]) -> Result<f64> {
        let mut total = 0.0;
        for &(seed, weight) in seeds {
            self.check_seed(seed)?;
            if !(weight.is_finite() && weight >= 0.0) {
                return refuse("seeds", format!("seed {seed} weighs {weight}; weights are finite and not negative"));
            }
            total += weight;
        }
        if !(total.is_finite() && total > 0.0) {
            return refuse("seeds", format!("the weights add up to {total}, from which no shares can be made"));
        }
        Ok(total)
    }

    fn forward_push(
        &self,
        scratch: &mut Scratch,
        seeds: &[(u32, f64)],
        total: f64,
        options: &PageRank,
    ) -> Vec<(u32, f64)> {
        if scratch.places.len() < self.node_count() {
            scratch.places = vec![0; self.node_count()];
        }
        let places = &mut scratch.places;
        let mut reached: Vec<Reached> = Vec::new();
        let mut queue = VecDeque::new();
        let mut add = |reached: &mut Vec<Reached>, queue: &mut VecDeque<u32>, node: u32, share: f64| {
            let place = &mut places[node as usize];
            if *place == 0 {
                reached.push(Reached { node, settled: 0.0, residual: 0.0, queued: false });
                *place = reached.len() as u32;
            }
            let index = *place - 1;
            let entry = &mut reached[index as usize];
            entry.residual += share;
            if !entry.queued && entry.residual > options.tolerance * self.out_edges(node).len().max(1) as f64 {
                entry.queued = true;
                queue.push_back(index);
            }
        };
        for &(seed, weight) in seeds {
            add(&mut reached, &mut queue, seed, weight / total);
        }
        // What arrives at nodes without edges starts anew at the seeds. That only multiplies all scores by the same factor, which
        // is applied at the end: simpler than to pass it back each time, and the same in the limit.
        let mut ended = 0.0;
        for _ in 0..options.max_pushes {
            let Some(index) = queue.pop_front() else { break };
            let entry = &mut reached[index as usize];
            entry.queued = false;
            let residual = std::mem::take(&mut entry.residual);
            entry.settled += (1.0 - options.damping) * residual;
            let (node, moving) = (entry.node, options.damping * residual);
            let out_weight = self.out_weight(node);
            if out_weight <= 0.0 {
                ended += moving;
                continue;
            }
            let weights = self.out_weights(node);
            for (edge, &target) in self.out_edges(node).iter().enumerate() {
                let weight = weights.map_or(1.0, |weights| f64::from(weights[edge]));
                if weight > 0.0 {
                    add(&mut reached, &mut queue, target, moving * (weight / out_weight));
                }
            }
        }
        for entry in &reached {
            scratch.places[entry.node as usize] = 0;
        }
        let returned = 1.0 / (1.0 - ended);
        reached.retain(|entry| entry.settled > 0.0);
        reached.into_iter().map(|entry| (entry.node, entry.settled * returned)).collect()
    }

    fn power_iteration(&self, options: &PageRank) -> Vec<(u32, f64)> {
        let nodes = self.node_count();
        if nodes == 0 {
            return Vec::new();
        }
        let share = 1.0 / nodes as f64;
        let mut scores = vec![share; nodes];
        let mut next = vec![0.0; nodes];
        for _ in 0..MAX_ITERATIONS {
            next.fill(0.0);
            let mut ended = 0.0;
            for node in 0..nodes as u32 {
                let score = scores[node as usize];
                let out_weight = self.out_weight(node);
                if out_weight <= 0.0 {
                    ended += score;
                    continue;
                }
                let per_weight = score / out_weight;
                match self.out_weights(node) {
                    None => self.out_edges(node).iter().for_each(|&target| next[target as usize] += per_weight),
                    Some(weights) => {
                        for (&target, &weight) in self.out_edges(node).iter().zip(weights) {
                            next[target as usize] += per_weight * f64::from(weight);
                        }
                    }
                }
            }
            let anew = (1.0 - options.damping + options.damping * ended) * share;
            let mut change = 0.0;
            for (score, next) in scores.iter().zip(&mut next) {
                *next = options.damping * *next + anew;
                change += (*next - score).abs();
            }
            std::mem::swap(&mut scores, &mut next);
            if change < options.tolerance {
                break;
            }
        }
        (0..).zip(scores).collect()
    }
}

fn check_options(options: &PageRank) -> Result<()> {
    if !(0.0..1.0).contains(&options.damping) {
        return refuse("damping", format!("{} is not at least 0 and less than 1", options.damping));
    }
    if !(options.tolerance.is_finite() && options.tolerance > 0.0) {
        return refuse("tolerance", format!("{} is not greater than 0 and finite", options.tolerance));
    }
    Ok(())
}
