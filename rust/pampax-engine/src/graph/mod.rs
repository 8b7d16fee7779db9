//! The graph of code: what calls, imports, inherits, names what.
//!
//! Parsing gives uses of names, with what stands before each (its receiver), imports, and what the text shows of types
//! (`pampax_syntax`). When the segments of a run are written, `build` resolves every use of the view to definitions and
//! writes the edges into one file beside the view. `world` numbers files and symbols by path, `modules` finds the files that
//! imports mean, `rules` is what differs between languages, `resolve` does the looking up; `query` answers questions.

pub(crate) mod build;
pub(crate) mod exact;
pub(crate) mod live;
pub(crate) mod modules;
pub(crate) mod names;
pub(crate) mod overview;
pub(crate) mod query;
pub(crate) mod resolve;
pub(crate) mod rules;
pub(crate) mod world;
