//! Tests of pampax-syntax through its public face.

mod chunks;
mod golden;
mod grammars;
mod outlines;
mod properties;
mod render;
mod robustness;
