//! What to put into a budget.
//!
//! A model reads a limited number of tokens. Each thing it could be shown costs some and is worth some, often at several
//! levels of detail: the whole function, its signature, one line. Choosing well is the *multiple-choice knapsack problem*:
//! at most one level of each thing, total cost within the budget, total value as large as possible. The problem is NP-hard;
//! the greedy choice along the convex hull of each thing's levels is close to the best in practice and never below half of it.
//!
//! * [`pack`] answers for plain arrays of costs and values, with optional groups of alternatives.
//! * [`pack_candidates`] answers for bundles of code: levels per candidate, diminishing returns for more from the same file, a
//!   price and a worth of showing a file at all, and a [`DropReason`] for everything left out.
//!
//! Everything here is pure and deterministic: the same input gives the same choice, with ties decided by position. **The
//! budget is never exceeded**, whatever the values are.
//!
//! ```
//! use pampax_pack::{Candidate, Level, NO_OPENING, Policy, pack, pack_candidates};
//!
//! // Three things of which the first two together are worth more than the third.
//! assert_eq!(pack(&[4, 5, 9], &[5.0, 5.0, 8.0], 10, None)?, [0, 1]);
//! // The same, but the first two are alternatives.
//! assert_eq!(pack(&[4, 5, 9], &[5.0, 5.0, 8.0], 10, Some(&[7, 7, 8]))?, [2]);
//!
//! let candidates = [
//!     Candidate { file: 0, opening: NO_OPENING, levels: vec![Level { cost: 300, value: 1.0 }, Level { cost: 40, value: 0.6 }] },
//!     Candidate { file: 1, opening: NO_OPENING, levels: vec![Level { cost: 200, value: 0.9 }, Level { cost: 30, value: 0.5 }] },
//! ];
//! let packing = pack_candidates(&candidates, 250, &Policy::default());
//! let levels: Vec<(u32, u32)> = packing.chosen.iter().map(|choice| (choice.candidate, choice.level)).collect();
//! assert_eq!(levels, [(0, 1), (1, 0)]);
//! assert_eq!(packing.cost, 240);
//! # Ok::<(), pampax_base::Error>(())
//! ```
//!
//! # Sources
//! P. Sinha and A. A. Zoltners, *The Multiple-Choice Knapsack Problem*, Operations Research 27(3), 1979: dominated levels and
//! the greedy solution of the linear relaxation. H. Kellerer, U. Pferschy, D. Pisinger, *Knapsack Problems*, Springer 2004,
//! sections 2.5 (the greedy choice against the best single item is at least half of the optimum) and 11.2 (the same for
//! alternatives).
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bundle;
mod knapsack;

pub use bundle::{
    Candidate, Choice, DropReason, Dropped, Level, NO_OPENING, Packing, Policy, pack_candidates, would_add,
};
pub use knapsack::pack;
