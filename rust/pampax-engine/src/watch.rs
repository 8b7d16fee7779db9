//! Being told of changes by the system, and telling other processes of it.

use std::sync::Arc;
use std::time::Duration;

use pampax_base::{Error, Result};
pub use pampax_watch::Told;

use crate::repository::Repository;
use crate::snapshot::identity;

/// A watch of a repository's files. It ends when it is dropped.
pub struct Watch {
    inner: pampax_watch::Watch,
    repository: Arc<Repository>,
    silent_because: Option<String>,
}

impl Repository {
    /// Has the system tell of changes. With `tells_others` other processes that ask a question of the same worktree are told
    /// whether the index has all of them, so that they need not look: see [`pampax_watch`].
    ///
    /// # Errors
    /// [`Error::Io`] where the system does not watch: its limit is reached, or a folder may not be read.
    pub fn watch(self: &Arc<Self>, tells_others: bool) -> Result<Watch> {
        let store = self.store();
        std::fs::create_dir_all(store).map_err(Error::io("create", store))?;
        // The system tells paths without links in them.
        let store = store.canonicalize().map_err(Error::io("open", store))?;
        let mut inner = pampax_watch::Watch::begin(self.root(), &store)?;
        // Whoever is not told looks for himself.
        let silent_because = match tells_others {
            true => {
                inner.tell_others(self.root(), &store, self.view_id()).unwrap_or_else(|error| Some(error.to_string()))
            }
            false => None,
        };
        Ok(Watch { inner, repository: Arc::clone(self), silent_because })
    }
}

impl Watch {
    /// What was told since the last call: see [`pampax_watch::Watch::next`].
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot watch all folders any more.
    pub fn next(&self, pause: Duration, gather_most: Duration, timeout: Duration) -> Result<Told> {
        self.inner.next(pause, gather_most, timeout)
    }

    /// Why other processes are not told, in words, if they were to be.
    pub fn silent_because(&self) -> Option<&str> {
        self.silent_because.as_deref()
    }

    /// Everything that was taken so far is in the index. Of a store that cannot be read nothing is told: the next run says what is
    /// wrong with it.
    pub fn settle(&self) {
        self.inner.settle(self.repository.newest_view().ok().flatten());
    }
}

impl Repository {
    /// Whether a process watches this worktree and says that the newest state has everything that was changed until now. Not
    /// with [`crate::Options::freshness_ms`] 0: then nobody is asked.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn is_watched(&self) -> Result<bool> {
        Ok(self.newest_view()?.is_some_and(|state| self.is_told_fresh(&state)))
    }

    /// Names the newest state of this worktree in the store; `None` if it is not indexed.
    fn newest_view(&self) -> Result<Option<String>> {
        let generation = self.generation()?;
        Ok(generation.as_ref().and_then(|generation| generation.view(self.view_id())).map(|view| identity(&view.file)))
    }
}
