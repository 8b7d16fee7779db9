//! The gate between Python and the engine: the only place that lets go of the interpreter.
//!
//! * [`run`] is for work without progress. Short work keeps the interpreter: letting go of it and taking it back costs more
//!   than a few microseconds of work. Each caller says by the size of its input what is short.
//! * [`watch`] is for work that may take seconds: it runs on a thread of its own, while the calling thread delivers progress
//!   and looks for signals. Only Python's main thread hears of Ctrl-C, and the engine's threads are not it.
//!
//! * [`call_back`] is the way back for work that has to ask an object of Python, such as one that embeds texts.
//!
//! The first two turn a panic into `InternalError`: it must not cross into Python as something that `except Exception` does not catch.
//! Arguments are taken out of Python before the gate; nothing that belongs to the interpreter goes through it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pampax_base::{Error, Result};
use pyo3::prelude::*;

use crate::error::{from_python, to_python};

/// How often signals are looked for and progress is delivered.
const TICK: Duration = Duration::from_millis(50);

/// The stack of a watched thread: what the main thread of a process usually has, and not the quarter of it that threads get.
const STACK_BYTES: usize = 8 << 20;

/// Whether work is worth letting go of the interpreter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Surely below 100 microseconds.
    Short,
    /// All other work.
    Long,
}

impl Length {
    /// Short for up to `short_maximum` units of input.
    pub const fn of(units: usize, short_maximum: usize) -> Self {
        if units <= short_maximum { Self::Short } else { Self::Long }
    }
}

/// Runs `work` on this thread and gives its result or raises its error. `operation` names it should it panic.
pub fn run<T: Send>(
    py: Python<'_>,
    operation: &'static str,
    length: Length,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    let result = match length {
        Length::Short => guarded(operation, work),
        Length::Long => {
            let result = py.detach(|| guarded(operation, work));
            py.check_signals()?;
            result
        }
    };
    result.map_err(|error| to_python(py, &error))
}

thread_local! {
    /// Whether the work of this thread is to stop, if somebody watches it.
    static STOP: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Told to Python's code that is called back: calling it says whether to go on.
#[pyclass(frozen, name = "KeepGoing", module = "pampax._core")]
pub struct KeepGoing {
    stop: Option<Arc<AtomicBool>>,
}

#[pymethods]
impl KeepGoing {
    fn __call__(&self) -> bool {
        self.stop.as_ref().is_none_or(|stop| !stop.load(Ordering::Relaxed))
    }
}

/// Calls Python from work that let go of the interpreter. Python's exceptions become our errors by `error::from_python`; a
/// process that is ending stops the work.
pub fn call_back<T>(
    operation: &'static str,
    call: impl for<'py> FnOnce(Python<'py>, Py<KeepGoing>) -> PyResult<T>,
) -> Result<T> {
    let stop = STOP.with_borrow(Option::clone);
    Python::try_attach(|py| {
        let called = Py::new(py, KeepGoing { stop }).and_then(|keep_going| call(py, keep_going));
        called.map_err(|exception| from_python(py, operation, &exception))
    })
    .unwrap_or(Err(Error::Cancelled))
}

/// What watched work sees of its caller: a place for progress, and whether to stop.
pub struct Watch<P> {
    latest: Mutex<Option<P>>,
    cancelled: Arc<AtomicBool>,
    finished: Mutex<bool>,
    finish: Condvar,
}

impl<P> Watch<P> {
    fn new() -> Self {
        Self {
            latest: Mutex::new(None),
            cancelled: Arc::new(AtomicBool::new(false)),
            finished: Mutex::new(false),
            finish: Condvar::new(),
        }
    }

    /// Says how far the work is; gives whether to go on. Cheap: the newest progress replaces one not yet delivered. May be
    /// called from any thread.
    pub fn report(&self, progress: P) -> bool {
        *lock(&self.latest) = Some(progress);
        !self.is_cancelled()
    }

    /// Whether the caller asked to stop. The work should then give [`Error::Cancelled`] within 100 ms.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn finish(&self) {
        *lock(&self.finished) = true;
        self.finish.notify_one();
    }

    /// Waits until the work is done or a tick has passed; gives whether it is done.
    fn is_finished_after_tick(&self) -> bool {
        let waited = self.finish.wait_timeout_while(lock(&self.finished), TICK, |finished| !*finished);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Runs `work` on a thread of its own and gives its result or raises its error.
///
/// The newest progress goes to `deliver` on the calling thread, at most once a tick and once more after the end. If `deliver`
/// or a signal handler raises, the work is told to stop, and when it has, that exception goes on.
pub fn watch<T: Send, P: Send>(
    py: Python<'_>,
    operation: &'static str,
    mut deliver: impl FnMut(P) -> PyResult<()>,
    work: impl FnOnce(&Watch<P>) -> Result<T> + Send,
) -> PyResult<T> {
    let watch = Watch::new();
    let mut raised = None;
    let result = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(format!("pampax {operation}")).stack_size(STACK_BYTES);
        let worker = thread.spawn_scoped(scope, || {
            STOP.set(Some(Arc::clone(&watch.cancelled)));
            let result = guarded(operation, || work(&watch));
            watch.finish();
            result
        });
        let worker = worker.map_err(|error| Error::internal(operation, format!("no thread to run on: {error}")))?;
        loop {
            let finished = py.detach(|| watch.is_finished_after_tick());
            if raised.is_none() {
                let progress = lock(&watch.latest).take();
                raised = py.check_signals().and_then(|()| progress.map_or(Ok(()), &mut deliver)).err();
                watch.cancelled.store(raised.is_some(), Ordering::Relaxed);
            }
            if finished {
                break;
            }
        }
        worker.join().unwrap_or_else(|panic| Err(panicked(operation, panic.as_ref())))
    });
    match raised {
        Some(exception) => Err(exception),
        None => result.map_err(|error| to_python(py, &error)),
    }
}

/// The lock, also after a panic elsewhere: what it guards is replaced whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn guarded<T>(operation: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(operation, panic.as_ref())))
}

fn panicked(operation: &'static str, panic: &(dyn Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(operation, format!("panicked: {}", said.unwrap_or("no message")))
}
