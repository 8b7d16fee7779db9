//! What the system tells of changed files, and whether an index has all of them.
//!
//! A [`Watch`] gathers what inotify (`FSEvents`, kqueue) tells of a tree, through the library notify, until somebody takes it with
//! [`Watch::next`]. Nothing is lost without a word: if the system dropped events, or a folder could not be watched, the next call
//! says so.
//!
//! # Telling other processes
//!
//! To look whether any of 50,000 files has changed takes a process a tenth of a second. A process that watches them knows. It
//! listens on a socket in the store's folder `watch`, and says to whoever connects either which state of the index has everything
//! that was changed before the question, or that it cannot say. Whoever asks looks for himself if there is no such answer, or if
//! it is about another state than the one he has open.
//!
//! That everything which was changed before the question has been heard is known as watchman knows it
//! (<https://facebook.github.io/watchman/docs/cookies>): the watch makes a file of its own when it is asked, and waits until the
//! system tells of that file. Events of one inotify instance come in order, so all earlier ones have come by then.
//!
//! Nothing is said of a tree on a file system that others can write to without this system's hearing of it (a network, a host's
//! folder in a virtual machine), nor if anything else than a local file system is mounted in it: see `mounts.rs` for the list.
//! Two kinds of changes are not told by inotify: a file that is written to through memory (`mmap`) after it was closed, and one
//! that has a second name outside of the tree and is changed under that name. A walk of the whole tree finds them, which whoever
//! watches makes now and then; and the files that an answer shows are looked at whatever was told.
//!
//! ```
//! use std::time::Duration;
//! let folder = tempfile::tempdir()?;
//! let root = folder.path().canonicalize()?.join("tree");
//! let store = root.with_file_name("store");
//! std::fs::create_dir(&root)?;
//! let watch = pampax_watch::Watch::begin(&root, &store)?;
//! std::fs::write(root.join("first.py"), "first = 1")?;
//! let pause = Duration::from_millis(20);
//! let told = watch.next(pause, 10 * pause, 100 * pause)?;
//! assert_eq!((told.paths, told.is_incomplete), (vec!["first.py".to_owned()], false));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ask;
mod gather;
mod mounts;
mod tell;
mod watch;

pub use ask::{Asked, ask};
pub use watch::{Told, Watch};
