//! Which file systems a tree is on.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// File systems that are written to through this machine's kernel alone, so that it hears of every change.
const LOCAL: [&str; 17] = [
    "bcachefs", "btrfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "jfs", "ntfs3", "overlay", "ramfs",
    "reiserfs", "squashfs", "tmpfs", "vfat", "xfs",
];

/// ZFS has its own name for itself, and may be shared; its own changes go through the kernel all the same.
const ZFS: &str = "zfs";

/// What is mounted at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    number: String,
    place: PathBuf,
    kind: String,
}

/// What holds the folder `root` and what is mounted below it, if all of that is local; else, in words, why that is not known.
pub(crate) fn local_mounts(root: &Path) -> Result<Vec<Mount>, String> {
    let table = std::fs::read("/proc/self/mountinfo").ok();
    let mounts = table.and_then(|table| mounts_of(&table, root));
    let mounts = mounts.ok_or_else(|| "the system does not say which file systems the tree is on".to_owned())?;
    match mounts.iter().find(|mount| mount.kind != ZFS && !LOCAL.contains(&mount.kind.as_str())) {
        Some(Mount { place, kind, .. }) => {
            Err(format!("others may write to {} ({kind}) without this system's hearing of it", place.display()))
        }
        None => Ok(mounts),
    }
}

/// The mounts in `table` (proc(5), /proc/pid/mountinfo) that hold `root` or are below it.
fn mounts_of(table: &[u8], root: &Path) -> Option<Vec<Mount>> {
    let mounts: Vec<Mount> = table.split(|&byte| byte == b'\n').filter_map(mount).collect();
    // Of mounts at the same place, the last one is seen.
    let holding = mounts
        .iter()
        .filter(|mount| root.starts_with(&mount.place))
        .max_by_key(|mount| mount.place.as_os_str().len())?;
    let below = mounts.iter().filter(|mount| mount.place != root && mount.place.starts_with(root));
    Some(std::iter::once(holding).chain(below).cloned().collect())
}

fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|&byte| byte == b' ').filter(|field| !field.is_empty());
    let number = fields.next()?;
    let place = fields.nth(3)?;
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Mount { number: text(number), place: unescaped(place), kind: text(kind) })
}

/// A path in which blanks and the like are written as a backslash and three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut at = 0;
    while let Some(&byte) = field.get(at) {
        let digits = field.get(at + 1..at + 4).filter(|_| byte == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 4 } else { 1 };
    }
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /home rw,nosuid - nfs4 server:/home rw
31 22 0:26 / /data rw - xfs /dev/sdb rw
32 31 0:27 / /data/my\040tree/shared rw - fuse.sshfs remote: rw
33 22 0:28 / /data rw master:3 propagate_from:2 - btrfs /dev/sdc rw
";

    fn kinds(root: &str) -> Vec<String> {
        mounts_of(TABLE.as_bytes(), Path::new(root)).unwrap().into_iter().map(|mount| mount.kind).collect()
    }

    #[test]
    fn the_last_mount_at_the_longest_place_holds_a_folder() {
        assert_eq!(kinds("/tmp/tree"), ["ext4"]);
        assert_eq!(kinds("/home/user/tree"), ["nfs4"]);
        assert_eq!(kinds("/homes/tree"), ["ext4"]);
        assert_eq!(kinds("/data/other"), ["btrfs"]);
    }

    #[test]
    fn what_is_mounted_below_a_folder_counts() {
        assert_eq!(kinds("/data/my tree"), ["btrfs", "fuse.sshfs"]);
        assert_eq!(kinds("/data/my"), ["btrfs"]);
    }

    #[test]
    fn a_table_that_makes_no_sense_says_nothing() {
        assert_eq!(mounts_of(b"", Path::new("/")), None);
        assert_eq!(mounts_of(b"1 2 3\n\xff\xff - \n22 1 8:1 / /a rw\n", Path::new("/a")), None);
    }
}
