//! Follows history back to the versions before the last changes of files.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use gix::ObjectId;
use pampax_base::{Error, Result};

use crate::RecentFile;
use crate::lines::{Effort, changed_lines, is_binary, same_lines};
use crate::objects::{Commit, Content, Objects, TreeEntry};
use crate::paths;
use crate::worktree::{Disk, Index};

/// How many commits are looked at.
const COMMITS_MAX: usize = 500;

/// How many hex digits of a commit are told.
const COMMIT_DIGITS: usize = 10;

/// A file and what history has said of it so far.
struct Followed {
    /// The names that lead to it from the top of the worktree.
    names: Vec<Vec<u8>>,
    /// Its blob in `HEAD`, if it is there.
    head: Option<ObjectId>,
    /// Its blob in the oldest commit looked at.
    version: Option<ObjectId>,
    /// The trees that led to it there, from the root on: where one is the same in the next commit, so is the file.
    trees: Vec<ObjectId>,
    /// How many commits have changed it.
    changes: usize,
    /// The newest of them and its subject.
    newest: Option<(ObjectId, String)>,
}

/// See [`crate::recently_changed`].
pub(crate) fn recently_changed(root: &Path, paths: &[&str], changes: usize) -> Result<Vec<RecentFile>> {
    if let Some(path) = paths.iter().find(|path| !paths::is_inside(path.as_bytes())) {
        let detail = format!("{path:?} is not a path below the root, with forward slashes");
        return Err(Error::InvalidInput { what: "path", detail });
    }
    let objects = Objects::open(root)?;
    let Some(head) = objects.head()? else { return Ok(Vec::new()) };
    let prefix = objects.prefix.iter().map(|name| name.as_bytes().to_vec());
    let mut followed: Vec<Followed> = paths
        .iter()
        .map(|path| Followed {
            names: prefix.clone().chain(path.split('/').map(|name| name.as_bytes().to_vec())).collect(),
            head: None,
            version: None,
            trees: Vec::new(),
            changes: 0,
            newest: None,
        })
        .collect();
    follow(&objects, head, &mut followed, changes)?;

    let index = Index::read_of(&objects, Some(paths))?;
    let mut disk = Disk::new(&objects);
    let mut effort = Effort::new();
    let mut recent = Vec::new();
    for (path, file) in paths.iter().zip(followed) {
        recent.extend(entry(&objects, &index, &mut disk, &mut effort, path, file)?);
    }
    Ok(recent)
}

/// Walks from `head` along first parents until every file has had `changes` changes.
fn follow(objects: &Objects, head: ObjectId, files: &mut [Followed], changes: usize) -> Result<()> {
    let mut commit =
        objects.commit(head)?.ok_or_else(|| objects.damaged(format!("commit {head} (HEAD) is missing")))?;
    let mut id = head;
    let mut trees = HashMap::new();
    for file in &mut *files {
        file.version = look_up(objects, &mut trees, commit.tree, file)?;
        file.head = file.version;
    }
    for _ in 0..COMMITS_MAX {
        if files.iter().all(|file| file.changes >= changes) {
            break;
        }
        let parent = match commit.parent {
            None => None,
            Some(parent) => match objects.commit(parent)? {
                Some(found) => Some((parent, found)),
                // What the oldest commit of a shallow clone has changed is not known.
                None if objects.git.is_shallow().unwrap_or(false) => break,
                None => return Err(objects.damaged(format!("commit {parent} is missing"))),
            },
        };
        step(objects, files, changes, (id, &commit), parent.as_ref().map(|(_, parent)| parent.tree))?;
        let Some(parent) = parent else { break };
        (id, commit) = parent;
    }
    Ok(())
}

/// Goes from a commit to its first parent, whose tree is `before`.
fn step(
    objects: &Objects,
    files: &mut [Followed],
    changes: usize,
    (id, commit): (ObjectId, &Commit),
    before: Option<ObjectId>,
) -> Result<()> {
    if before == Some(commit.tree) {
        return Ok(());
    }
    let mut trees = HashMap::new();
    for file in files.iter_mut().filter(|file| file.changes < changes) {
        let version = match before {
            Some(tree) => look_up(objects, &mut trees, tree, file)?,
            None => None,
        };
        if version != file.version {
            file.changes += 1;
            file.newest.get_or_insert_with(|| (id, commit.subject.clone()));
            file.version = version;
        }
    }
    Ok(())
}

/// The blob of `file` in the tree `root`. `read` keeps the trees of one commit.
fn look_up(
    objects: &Objects,
    read: &mut HashMap<ObjectId, Vec<u8>>,
    root: ObjectId,
    file: &mut Followed,
) -> Result<Option<ObjectId>> {
    let mut tree = root;
    let mut depth = 0;
    let Some(last) = file.names.len().checked_sub(1) else { return Ok(None) };
    loop {
        if file.trees.get(depth) == Some(&tree) {
            return Ok(file.version);
        }
        file.trees.truncate(depth);
        file.trees.push(tree);
        let data = match read.entry(tree) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(objects.tree(tree)?),
        };
        let mut found = None;
        for entry in objects.entries(data) {
            let (name, entry) = entry?;
            if name == file.names[depth] {
                found = Some(entry);
                break;
            }
        }
        match found {
            Some(TreeEntry::File(id)) if depth == last => return Ok(Some(id)),
            Some(TreeEntry::Folder(id)) if depth < last => tree = id,
            _ => return Ok(None),
        }
        depth += 1;
    }
}

/// What is told of a file; nothing if it has not changed or cannot be compared.
fn entry(
    objects: &Objects,
    index: &Index,
    disk: &mut Disk,
    effort: &mut Effort,
    path: &str,
    file: Followed,
) -> Result<Option<RecentFile>> {
    if file.head.is_none() && !index.files.contains_key(path) {
        return Ok(None);
    }
    let Some(metadata) = disk.file(path) else { return Ok(None) };
    let is_as_in_head = file.head.is_some() && index.blob_on_disk(path, &metadata) == file.head;
    if is_as_in_head && file.newest.is_none() {
        return Ok(None);
    }
    let Content::Bytes(new) = disk.read(path, &metadata) else { return Ok(None) };
    let old = |id: Option<ObjectId>| id.map_or(Ok(Content::Bytes(Vec::new())), |id| objects.blob(id));
    let is_uncommitted = match (is_as_in_head, file.head) {
        (true, _) => false,
        (false, None) => true,
        (false, head) => match old(head)? {
            Content::Bytes(old) => !same_lines(&old, &new),
            Content::Unknown => return Ok(None),
        },
    };
    let Content::Bytes(old) = old(file.version)? else { return Ok(None) };
    if is_binary(&old) || is_binary(&new) {
        return Ok(None);
    }
    let (commit, subject) = match (is_uncommitted, file.newest) {
        (true, _) => ("uncommitted".to_owned(), String::new()),
        (false, Some((id, subject))) => (id.to_hex_with_len(COMMIT_DIGITS).to_string(), subject),
        (false, None) => return Ok(None),
    };
    let spans = changed_lines(&old, &new, effort).unwrap_or_default();
    // A change that was taken back has left nothing to show.
    Ok((!spans.is_empty()).then(|| RecentFile { path: path.to_owned(), spans, commit, subject }))
}
