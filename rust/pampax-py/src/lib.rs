//! The Python module `pampax._core`: PyO3 and nothing else.
//!
//! This crate has no logic of its own. What a function does is decided in the crates it calls; here arguments are taken from
//! Python, results are given back to it, and three things happen in one place each:
//!
//! * [`gate`] is the only module that lets go of the interpreter (the GIL). It also catches panics, delivers progress and
//!   answers Ctrl-C.
//! * [`error`] is the only module that turns a [`pampax_base::Error`] into a Python exception.
//! * [`array`](mod@array) is the only module that reads NumPy arrays.
//!
//! Every class is frozen: Python can share it between threads, and what changes inside is behind a lock of the engine. The
//! module therefore declares that it does not need the GIL.
#![deny(missing_docs)]
// The comments of what Python sees are its docstrings, which have no links to escape from.
#![allow(clippy::doc_markdown, clippy::needless_pass_by_value)]

mod array;
mod bundle;
mod error;
mod gate;
mod grep;
mod primitives;
mod provider;
mod record;
mod repository;
mod watch;

/// The compiled core of pampax.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::bundle::{PyBundle, PyDropped, PyItem};
    #[pymodule_export]
    use crate::grep::PyGrepAnswer;
    #[pymodule_export]
    use crate::primitives::{PyGraph, count_tokens, form_features, fuse, pack, tokenize};

    #[pymodule_export]
    use crate::repository::{
        PyAnswer, PyCoverage, PyGraphAnswer, PyGraphEdge, PyGraphNode, PyHit, PyIndexReport, PyOutline,
        PyOutlineSymbol, PyProgress, PyRepository, PyRepositoryMap, PySkippedFile, PyStatus, PySymbolHit, open,
        open_ahead,
    };

    #[pymodule_export]
    use crate::watch::{PyChanges, PyWatch};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("build_profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
        crate::error::register(module)
    }
}
