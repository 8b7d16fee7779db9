//! Compares the files on disk with the tree of a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gix::ObjectId;
use pampax_base::Result;

use crate::lines::{Effort, all_lines, changed_lines, is_binary};
use crate::objects::{Content, Objects, TreeEntry};
use crate::paths;
use crate::worktree::{Disk, Index};
use crate::{ChangedFile, Changes};

/// How many changed files are told of.
const CHANGED_FILES_MAX: usize = 5000;

/// How many entries of trees are read. A few small trees can name more files than any machine holds.
const TREE_ENTRIES_MAX: usize = 4_000_000;

/// How long the paths in trees may be together, in bytes: they are held in memory.
const TREE_PATH_BYTES_MAX: usize = 512 << 20;

/// The regular files of a tree.
#[derive(Default)]
struct TreeFiles {
    /// By path relative to the root.
    files: BTreeMap<String, ObjectId>,
    /// Paths that are not Unicode.
    unnameable: Vec<String>,
}

/// See [`crate::changed_since`].
pub(crate) fn changed_since(root: &Path, revision: &str) -> Result<Changes> {
    let objects = Objects::open(root)?;
    let base = objects.commit_named(revision)?;
    let tree = tree_files(&objects, objects.tree_of(base)?)?;
    let index = Index::read(&objects)?;
    let mut disk = Disk::new(&objects);
    let mut effort = Effort::new();

    let mut changes = Changes { base: base.to_string(), ..Changes::default() };
    let mut skipped: BTreeSet<String> = index.unnameable.iter().chain(&tree.unnameable).cloned().collect();
    let paths: BTreeSet<&str> = tree.files.keys().chain(index.files.keys()).map(String::as_str).collect();
    for path in paths {
        let Some(difference) = difference(&objects, &tree, &index, &mut disk, &mut effort, path)? else { continue };
        if changes.files.len() + changes.removed.len() + skipped.len() >= CHANGED_FILES_MAX {
            changes.truncated = true;
            break;
        }
        match difference {
            Difference::Changed { spans, is_new } => {
                changes.files.push(ChangedFile { path: path.to_owned(), spans, is_new });
            }
            Difference::Removed => changes.removed.push(path.to_owned()),
            Difference::Unknown => {
                skipped.insert(path.to_owned());
            }
        }
    }
    if skipped.len() > CHANGED_FILES_MAX {
        changes.truncated = true;
    }
    changes.skipped = skipped.into_iter().take(CHANGED_FILES_MAX).collect();
    Ok(changes)
}

/// How a file on disk differs from the commit.
enum Difference {
    Changed { spans: Vec<pampax_base::LineSpan>, is_new: bool },
    Removed,
    Unknown,
}

/// How the file at `path` differs; `None` if it does not.
fn difference(
    objects: &Objects,
    tree: &TreeFiles,
    index: &Index,
    disk: &mut Disk,
    effort: &mut Effort,
    path: &str,
) -> Result<Option<Difference>> {
    let old = tree.files.get(path).copied();
    let Some(metadata) = disk.file(path) else {
        return Ok((old.is_some() && !index.leaves_out(path)).then_some(Difference::Removed));
    };
    if old.is_some() && old == index.blob_on_disk(path, &metadata) {
        return Ok(None);
    }
    let Content::Bytes(new) = disk.read(path, &metadata) else { return Ok(Some(Difference::Unknown)) };
    let Some(old) = old else {
        let difference = match is_binary(&new) {
            true => Difference::Unknown,
            false => Difference::Changed { spans: all_lines(&new), is_new: true },
        };
        return Ok(Some(difference));
    };
    let Content::Bytes(old) = objects.blob(old)? else { return Ok(Some(Difference::Unknown)) };
    if old == new {
        return Ok(None);
    }
    if is_binary(&old) || is_binary(&new) {
        return Ok(Some(Difference::Unknown));
    }
    Ok(changed_lines(&old, &new, effort).map(|spans| Difference::Changed { spans, is_new: false }))
}

/// The regular files of the tree `root` that are below the folder asked about.
fn tree_files(objects: &Objects, root: ObjectId) -> Result<TreeFiles> {
    let mut found = TreeFiles::default();
    let mut start = root;
    for folder in &objects.prefix {
        let tree = objects.tree(start)?;
        let mut next = None;
        for entry in objects.entries(&tree) {
            if let (name, TreeEntry::Folder(id)) = entry?
                && name == folder.as_bytes()
            {
                next = Some(id);
            }
        }
        let Some(next) = next else { return Ok(found) };
        start = next;
    }
    let (mut count, mut path_bytes) = (0, 0);
    let mut pending = vec![(Vec::new(), start)];
    while let Some((folder, id)) = pending.pop() {
        let tree = objects.tree(id)?;
        for entry in objects.entries(&tree) {
            let (name, entry) = entry?;
            count += 1;
            path_bytes += folder.len() + name.len();
            if count > TREE_ENTRIES_MAX {
                return Err(objects.damaged(format!("a commit names more than {TREE_ENTRIES_MAX} files")));
            }
            if path_bytes > TREE_PATH_BYTES_MAX {
                let size = TREE_PATH_BYTES_MAX >> 20;
                return Err(objects.damaged(format!("the paths of a commit have more than {size} MiB")));
            }
            let mut path: Vec<u8> = folder.clone();
            path.extend_from_slice(name);
            // Names are looked at one by one; what is left is the length, which bounds the depth.
            if path.len() > paths::PATH_BYTES_MAX {
                return Err(objects.damaged("a path in a tree is too long"));
            }
            match entry {
                TreeEntry::Folder(id) => {
                    path.push(b'/');
                    pending.push((path, id));
                }
                TreeEntry::File(id) => match String::from_utf8(path) {
                    Ok(path) => {
                        found.files.insert(path, id);
                    }
                    Err(error) => found.unnameable.push(String::from_utf8_lossy(error.as_bytes()).into_owned()),
                },
                TreeEntry::Other => {}
            }
        }
    }
    Ok(found)
}
