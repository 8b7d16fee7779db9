//! Which files of two worktrees of a clone hold the same bytes, told without reading them.
//!
//! Git's index says of each file what `stat` said when it was last known to hold a blob. Where the indexes of two worktrees name
//! the same blob, both files were made of it, or it of them. Whether the bytes on disk are those of the blob is another question:
//! git converts line ends, expands `$Id$`, and runs filters. Conversions of line ends and `ident` always change the size, so
//! where they may be in play both sizes have to be that of the blob; filters and encodings need not change it, so where any
//! attribute may name one, nothing is told.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use pampax_base::{Error, Result};

use crate::objects::Objects;
use crate::worktree::Index;
use crate::{SameFile, Stamps};

/// More of a file of attributes or configuration is not read: such a one counts as naming a filter.
const ATTRIBUTES_BYTES_MAX: u64 = 1 << 20;

/// The files of `here` with the same bytes as in `there`, by path; `None` where that cannot be told.
pub(crate) fn same_files(here: &Path, there: &Path) -> Result<Option<Vec<SameFile>>> {
    let (here, there) = (Objects::open(here)?, Objects::open(there)?);
    if common_folder(&here)? != common_folder(&there)? || here.prefix != there.prefix {
        return Ok(None);
    }
    let (ours, theirs) = (Index::read(&here)?, Index::read(&there)?);
    let (of_ours, of_theirs) = (Conversions::of(&here, &ours), Conversions::of(&there, &theirs));
    if of_ours.arbitrary || of_theirs.arbitrary {
        return Ok(None);
    }
    let look_at_blob = of_ours.of_size || of_theirs.of_size;
    let mut same = Vec::new();
    for path in ours.files.keys() {
        let (Some((id, here_stamps)), Some((other, there_stamps))) = (ours.vouched(path), theirs.vouched(path)) else {
            continue;
        };
        let is_same = id == other && here_stamps.bytes == there_stamps.bytes;
        // Asking for a blob that is in no pack opens a file.
        if is_same && (!look_at_blob || blob_bytes(&here, id) == Some(here_stamps.bytes)) {
            same.push(SameFile { path: path.clone(), here: here_stamps, there: there_stamps });
        }
    }
    Ok(Some(same))
}

fn common_folder(objects: &Objects) -> Result<PathBuf> {
    let folder = objects.git.common_dir();
    folder.canonicalize().map_err(Error::io("open", folder))
}

/// The size of a blob; `None` if it is not here.
fn blob_bytes(objects: &Objects, id: ObjectId) -> Option<u64> {
    objects.git.try_find_header(id).ok().flatten().map(|header| header.size())
}

/// How git may convert between blobs and files.
struct Conversions {
    /// In any way: a filter or an encoding.
    arbitrary: bool,
    /// In ways that change the size.
    of_size: bool,
}

impl Conversions {
    /// What the attributes and the configuration may name that git would look at.
    fn of(objects: &Objects, index: &Index) -> Self {
        let git = [objects.git.git_dir(), objects.git.common_dir()];
        let mut attributes: Vec<PathBuf> =
            folders(objects, index).iter().map(|folder| folder.join(".gitattributes")).collect();
        attributes.extend(git.map(|folder| folder.join("info/attributes")));
        let mut configurations: Vec<PathBuf> = git.map(|folder| folder.join("config")).to_vec();
        configurations.extend(git.map(|folder| folder.join("config.worktree")));
        for folder in ["/etc", "/usr/etc", "/usr/local/etc", "/opt/homebrew/etc"].map(Path::new) {
            attributes.push(folder.join("gitattributes"));
            configurations.push(folder.join("gitconfig"));
        }
        let home = std::env::home_dir();
        let of_user = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).into_iter();
        for folder in of_user.chain(home.iter().map(|home| home.join(".config"))) {
            attributes.push(folder.join("git/attributes"));
            configurations.push(folder.join("git/config"));
        }
        configurations.extend(home.map(|home| home.join(".gitconfig")));
        let named = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].iter().filter_map(std::env::var_os);
        configurations.extend(named.map(PathBuf::from).filter(|path| path != Path::new("/dev/null")));
        // A configuration may name another file of attributes, or include one that does.
        Self {
            arbitrary: any_mentions(&attributes, &["filter", "working-tree-encoding"])
                || any_mentions(&configurations, &["attributesfile", "[include"]),
            of_size: any_mentions(&attributes, &["text", "eol", "crlf", "ident"])
                || any_mentions(&configurations, &["autocrlf"]),
        }
    }
}

/// The folders whose attributes are about files of the index: those they are in, and those above.
fn folders(objects: &Objects, index: &Index) -> BTreeSet<PathBuf> {
    let above = objects.root.ancestors().take(objects.prefix.len() + 1);
    let mut folders: BTreeSet<PathBuf> = above.map(Into::into).collect();
    for path in index.files.keys() {
        for parent in Path::new(path).ancestors().skip(1) {
            if !folders.insert(objects.root.join(parent)) {
                break;
            }
        }
    }
    folders
}

fn any_mentions(paths: &[PathBuf], words: &[&str]) -> bool {
    paths.iter().any(|path| mentions(path, words))
}

/// Whether the file holds one of `words`, in small letters or large; a file that cannot be read may, and one that is not there
/// does not.
fn mentions(path: &Path, words: &[&str]) -> bool {
    let mut text = Vec::new();
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => {
            return !matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory);
        }
    };
    if !file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= ATTRIBUTES_BYTES_MAX)
        || file.take(ATTRIBUTES_BYTES_MAX).read_to_end(&mut text).is_err()
    {
        return true;
    }
    text.make_ascii_lowercase();
    words.iter().any(|word| text.windows(word.len()).any(|window| window == word.as_bytes()))
}

impl Index {
    /// The blob that `path` held and what `stat` said of it then, if a later change would show in its times.
    fn vouched(&self, path: &str) -> Option<(ObjectId, Stamps)> {
        let tracked = self.files.get(path)?;
        let id = tracked.id.filter(|_| !tracked.is_left_out)?;
        let is_distrusted = tracked.size == 0 && id != ObjectId::empty_blob(id.kind());
        let nanoseconds = |(seconds, rest): (u32, u32)| i64::from(seconds) * 1_000_000_000 + i64::from(rest);
        let stamps = Stamps {
            bytes: u64::from(tracked.size),
            modified_ns: nanoseconds(tracked.modified),
            changed_ns: nanoseconds(tracked.changed),
        };
        // Git's own rule looks at the first time only; the second cannot be set back by a program.
        let is_older = tracked.modified < self.written && tracked.changed < self.written;
        (is_older && !is_distrusted).then_some((id, stamps))
    }
}
