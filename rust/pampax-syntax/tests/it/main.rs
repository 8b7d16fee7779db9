//! Tests of pampax-syntax through its public face.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod chunks;
mod golden;
mod grammars;
mod outlines;
mod patterns;
mod properties;
mod render;
mod robustness;
