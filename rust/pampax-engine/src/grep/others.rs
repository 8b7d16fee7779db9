//! Trigrams of the text that is left out of the index.
//!
//! A kernel has 300 MB of register headers that are too large to parse: reading them for every search would take longer than
//! all the rest. So an index run writes their trigrams beside the segments: `others/V.trigrams`, and `others/V.files` with
//! their names and stamps. Both are a cache: what is missing, damaged or of another state only makes a search read the files.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};
use pampax_store::{Skipped, Store};
use pampax_trigram::{Trigrams, TrigramsBuilder};
use serde::{Deserialize, Serialize};

use crate::read::{is_utf16, open_file};
use crate::walk::Found;

/// Reasons for which text is left out of the index. It is searched here, as ripgrep would.
const TEXT_REASONS: [&str; 5] = ["generated", "minified", "too-large", "changed-while-read", "unreadable"];
/// Larger files are read for each search.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// The files of `skipped` that may be text.
pub(super) fn texts(mut skipped: Vec<Skipped>) -> Vec<Skipped> {
    skipped.retain(|file| TEXT_REASONS.contains(&file.reason.as_str()));
    skipped
}

/// A file as it was when its trigrams were taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    path: String,
    bytes: u64,
    times_ns: [i64; 2],
}

/// What `V.files` holds.
#[derive(Serialize, Deserialize)]
struct List {
    files: Vec<Known>,
    /// Hash of `V.trigrams`.
    trigrams: String,
}

/// The trigrams of files outside the index, open.
pub(super) struct Others {
    known: HashMap<String, (u32, Known)>,
    pub(super) trigrams: Trigrams,
}

impl Others {
    /// Opens what an index run left for the view `view_id`, if it is whole.
    pub(super) fn open(store: &Store, view_id: &str) -> Option<Self> {
        let list = read_list(store, view_id)?;
        let path = trigrams_path(store, view_id);
        let trigrams = Trigrams::open(&path, list.files.len() as u32).ok()?;
        let known =
            list.files.into_iter().zip(0..).map(|(known, entry)| (known.path.clone(), (entry, known))).collect();
        Some(Self { known, trigrams })
    }

    /// The entry of a file, if the file is still what it was.
    pub(super) fn entry(&self, root: &Path, path: &str) -> Option<u32> {
        let (entry, known) = self.known.get(path)?;
        let now = Found::new(String::new(), &root.join(path).symlink_metadata().ok()?);
        ((now.bytes, [now.modified_ns, now.changed_ns]) == (known.bytes, known.times_ns)).then_some(*entry)
    }
}

fn folder(store: &Store) -> PathBuf {
    store.folder().join("others")
}

fn trigrams_path(store: &Store, view_id: &str) -> PathBuf {
    folder(store).join(format!("{view_id}.trigrams"))
}

fn list_path(store: &Store, view_id: &str) -> PathBuf {
    folder(store).join(format!("{view_id}.files"))
}

/// The list, if it is whole and the trigrams are those it was written with.
fn read_list(store: &Store, view_id: &str) -> Option<List> {
    let text = std::fs::read_to_string(list_path(store, view_id)).ok()?;
    let (body, hash) = text.trim_end().rsplit_once('\n')?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != hash {
        return None;
    }
    let list: List = serde_json::from_str(body).ok()?;
    let trigrams = std::fs::read(trigrams_path(store, view_id)).ok()?;
    (blake3::hash(&trigrams).to_hex().as_str() == list.trigrams).then_some(list)
}

/// Takes the trigrams of the files in `skipped` that are text, unless that was done for the same files before. `go_on` is
/// asked before each file.
///
/// # Errors
/// [`Error::Io`] if they cannot be written, [`Error::Cancelled`].
pub(crate) fn update(
    store: &Store,
    (view_id, root): (&str, &Path),
    skipped: Vec<Skipped>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<()> {
    let known = |file: Skipped| {
        let times_ns = file.times_ns.filter(|_| file.bytes <= FILE_BYTES_MAX)?;
        Some(Known { path: file.path, bytes: file.bytes, times_ns })
    };
    let wanted: Vec<Known> = texts(skipped).into_iter().filter_map(known).collect();
    let before = read_list(store, view_id).map(|list| list.files);
    if before.as_ref().is_some_and(|before| *before == wanted) || (before.is_none() && wanted.is_empty()) {
        return Ok(());
    }
    let mut builder = TrigramsBuilder::new();
    for file in &wanted {
        if !go_on() {
            return Err(Error::Cancelled);
        }
        match read_same(root, file) {
            Some(bytes) if !is_utf16(&bytes) => builder.add(&bytes),
            _ => builder.skip(),
        }
    }
    let folder = folder(store);
    std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    // While the two do not fit together they are not used, so their order does not matter.
    let path = trigrams_path(store, view_id);
    let temporary = path.with_extension("new");
    builder.finish(&temporary)?;
    let bytes = std::fs::read(&temporary).map_err(Error::io("read", &temporary))?;
    std::fs::rename(&temporary, &path).map_err(Error::io("rename", &path))?;
    let list = List { files: wanted, trigrams: blake3::hash(&bytes).to_hex().to_string() };
    let body = serde_json::to_string(&list).map_err(|error| Error::internal("write others", error))?;
    let path = list_path(store, view_id);
    let temporary = path.with_extension("part");
    let mut file = std::fs::File::create(&temporary).map_err(Error::io("create", &temporary))?;
    writeln!(file, "{body}\n{}", blake3::hash(body.as_bytes()).to_hex()).map_err(Error::io("write", &temporary))?;
    std::fs::rename(&temporary, &path).map_err(Error::io("rename", &path))
}

/// The bytes of a file that is what it was when it was left out.
fn read_same(root: &Path, known: &Known) -> Option<Vec<u8>> {
    let path = root.join(&known.path);
    path.parent()?.canonicalize().ok().filter(|folder| folder.starts_with(root))?;
    let mut file = open_file(&path).ok()?;
    let is_same = |file: &std::fs::File| {
        let metadata = file.metadata().ok()?;
        let now = Found::new(String::new(), &metadata);
        let same = (now.bytes, [now.modified_ns, now.changed_ns]) == (known.bytes, known.times_ns);
        (metadata.is_file() && same).then_some(())
    };
    is_same(&file)?;
    let mut bytes = Vec::with_capacity(known.bytes as usize + 1);
    (&mut file).take(known.bytes + 1).read_to_end(&mut bytes).ok()?;
    is_same(&file)?;
    Some(bytes)
}
