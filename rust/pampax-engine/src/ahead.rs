//! A repository that is opened before it is asked for.
//!
//! A program that is started for one question has much to load before it can ask it: Python and the command line take longer than the
//! answer. Meanwhile a thread opens what the question will need and begins to look whether the files are still those. Nothing of it has
//! an effect: what turns out not to be what was wanted is dropped.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use crate::repository::{Options, Repository};

/// What is going to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A question in words, which needs the model.
    Question,
    /// Which lines match.
    Grep,
}

/// The repository that is being opened.
static AHEAD: Mutex<Option<JoinHandle<Option<Repository>>>> = Mutex::new(None);

impl Repository {
    /// Begins to open the repository whose root is the folder `path` on a thread of its own, as [`Repository::open`] and the first
    /// question of the kind `asking` would. The next [`Repository::open`] in this process of the same with the same options gets it; it
    /// tells of errors, too.
    pub fn open_ahead(path: PathBuf, options: Options, asking: Asking) {
        let work = move || {
            let repository = Self::open_now(&path, options).ok()?;
            match asking {
                Asking::Question => repository.prepare_question(),
                Asking::Grep => repository.prepare_grep(),
            }
            Some(repository)
        };
        // Without a thread it is opened when it is asked for.
        let thread = Builder::new().name("pampax-ahead".to_owned()).spawn(work).ok();
        *AHEAD.lock().unwrap_or_else(PoisonError::into_inner) = thread;
    }

    /// What was opened ahead, if it is what is asked for.
    pub(crate) fn opened_ahead(root: &Path, store: &Path, options: &Options) -> Option<Self> {
        let thread = AHEAD.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        // A thread cannot panic; if it did, the repository is opened anew.
        let repository = thread.join().ok()??;
        // However the folder of the store is written.
        let others = |options: &Options| Options { store: None, ..options.clone() };
        let is_same_place = repository.root() == root && repository.store() == store;
        (is_same_place && others(repository.options()) == others(options)).then_some(repository)
    }
}
