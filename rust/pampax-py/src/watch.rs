//! The watch of a repository's files, as Python sees it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pampax_base::{Error, Result};
use pampax_engine as engine;
use pyo3::prelude::*;

use crate::gate::{Length, run};

/// A watch of the files of a repository. It ends when it is closed or forgotten.
#[pyclass(frozen, name = "Watch", module = "pampax._core")]
pub struct PyWatch {
    inner: Mutex<Option<Arc<engine::Watch>>>,
}

impl PyWatch {
    pub fn new(watch: engine::Watch) -> Self {
        Self { inner: Mutex::new(Some(Arc::new(watch))) }
    }

    fn open(&self) -> Result<Arc<engine::Watch>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clone().ok_or_else(|| Error::InvalidInput { what: "watch", detail: "it is closed".to_owned() })
    }
}

/// What the system told.
#[pyclass(frozen, name = "Changes", module = "pampax._core")]
pub struct PyChanges {
    inner: engine::Told,
}

#[pymethods]
impl PyChanges {
    /// What came, changed or went, relative to the root; "." is the root.
    #[getter]
    fn paths(&self) -> Vec<String> {
        self.inner.paths.clone()
    }

    /// Whether folders are among what came.
    #[getter]
    fn has_folders(&self) -> bool {
        self.inner.has_folders
    }

    /// Whether there may have been more, anywhere, as the system dropped some.
    #[getter]
    fn is_incomplete(&self) -> bool {
        self.inner.is_incomplete
    }

    /// Whether the watch should be begun anew, as something was mounted in the tree.
    #[getter]
    fn is_over(&self) -> bool {
        self.inner.is_over
    }
}

#[pymethods]
impl PyWatch {
    /// Give what the system told since the last call.
    fn next(&self, py: Python<'_>, pause_ms: u64, gather_ms: u64, timeout_ms: u64) -> PyResult<PyChanges> {
        let [pause, gather, timeout] = [pause_ms, gather_ms, timeout_ms].map(Duration::from_millis);
        let told = run(py, "watch", Length::Long, || self.open()?.next(pause, gather, timeout))?;
        Ok(PyChanges { inner: told })
    }

    /// Why other processes are not told that the index has everything.
    #[getter]
    fn silent_because(&self, py: Python<'_>) -> PyResult<Option<String>> {
        run(py, "watch", Length::Short, || Ok(self.open()?.silent_because().map(str::to_owned)))
    }

    /// Everything that was given so far is in the index now.
    fn settle(&self, py: Python<'_>) -> PyResult<()> {
        run(py, "watch", Length::Long, || self.open().map(|watch| watch.settle()))
    }

    /// End it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        run(py, "watch", Length::Long, || {
            drop(self.inner.lock().unwrap_or_else(PoisonError::into_inner).take());
            Ok(())
        })
    }
}
