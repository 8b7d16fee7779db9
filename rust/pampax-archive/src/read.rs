//! Reading an archive that somebody else wrote.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;
use pampax_base::{Error, Result};
use serde_json::Value;

use crate::{FORMAT, HEADER_BYTES, MAGIC, Manifest, Member, ORDER_MARK, TRAILER_BYTES, is_name};

/// The longest manifest that is read.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;
/// The most members.
const MEMBERS_MAX: usize = 100_000;
/// How many times its size a member may unpack to: an index packs to a half or a third, a bomb to a thousandth.
const RATIO_MAX: u64 = 200;
/// So much may be unpacked whatever the ratio: short members of zeros are no bombs.
const FREE_BYTES: u64 = 1 << 20;
/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 20;

/// An archive whose bytes are those that were written.
pub struct Archive {
    file: File,
    path: PathBuf,
    about: Value,
    members: Vec<Member>,
}

impl Archive {
    /// Opens the archive at `path` and reads all of it for its checksum.
    ///
    /// # Errors
    /// [`Error::BadPath`] for what is no archive, damaged, cut off, of another format or of a machine with another order of
    /// bytes; [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self> {
        let io = || Error::io("read", path);
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let metadata = file.metadata().map_err(io())?;
        if !metadata.is_file() || metadata.len() < HEADER_BYTES + TRAILER_BYTES {
            return Err(wrong(path, "it is no index that `pampax export` wrote"));
        }
        check_header(&mut file, path)?;
        check_hash(&mut file, path, metadata.len())?;
        let mut length = [0; 8];
        file.seek(SeekFrom::Start(metadata.len() - TRAILER_BYTES)).map_err(io())?;
        file.read_exact(&mut length).map_err(io())?;
        let length = u64::from_le_bytes(length);
        let room = metadata.len() - HEADER_BYTES - TRAILER_BYTES;
        if length > room.min(MANIFEST_BYTES_MAX) {
            return Err(wrong(path, "its manifest is longer than one can be"));
        }
        let start = metadata.len() - TRAILER_BYTES - length;
        let mut text = vec![0; length as usize];
        file.seek(SeekFrom::Start(start)).map_err(io())?;
        file.read_exact(&mut text).map_err(io())?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| wrong(path, &format!("its manifest is none: {error}")))?;
        check_members(&manifest.members, start).map_err(|detail| wrong(path, &detail))?;
        Ok(Self { file, path: path.to_path_buf(), about: manifest.about, members: manifest.members })
    }

    /// What it is about.
    pub fn about(&self) -> &Value {
        &self.about
    }

    /// Its members, in the order they were added.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Unpacks a member into a new file.
    ///
    /// # Errors
    /// [`Error::BadPath`] if there is no such member or it is not what the manifest says, [`Error::Io`].
    pub fn extract(&mut self, name: &str, to: &Path) -> Result<()> {
        let mut file = File::create_new(to).map_err(Error::io("create", to))?;
        self.stream(name, &mut |bytes| file.write_all(bytes).map_err(Error::io("write", to)))?;
        file.sync_data().map_err(Error::io("sync", to))
    }

    /// Unpacks a member piece by piece. It is what the manifest says only once this has returned.
    ///
    /// # Errors
    /// Those of [`Archive::extract`], and what `take` gives.
    pub fn stream(&mut self, name: &str, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let member = self.members.iter().find(|member| member.name == name).cloned();
        let member = member.ok_or_else(|| wrong(&self.path, &format!("it has no member {name:?}")))?;
        let broken = |error: std::io::Error| wrong(&self.path, &format!("its member {name:?} is damaged: {error}"));
        self.file.seek(SeekFrom::Start(member.offset)).map_err(broken)?;
        let stored = std::io::BufReader::new((&self.file).take(member.stored_bytes));
        let mut decoder = ZlibDecoder::new(stored);
        let mut hasher = blake3::Hasher::new();
        let mut left = member.bytes;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = decoder.read(&mut buffer).map_err(broken)?;
            if count == 0 {
                break;
            }
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| wrong(&self.path, &format!("its member {name:?} is longer than its manifest says")))?;
            hasher.update(&buffer[..count]);
            take(&buffer[..count])?;
        }
        if left > 0 || decoder.total_in() != member.stored_bytes || hasher.finalize().to_hex().as_str() != member.blake3
        {
            return Err(wrong(&self.path, &format!("its member {name:?} is not what its manifest says")));
        }
        Ok(())
    }
}

fn wrong(path: &Path, detail: &str) -> Error {
    Error::BadPath { path: path.to_path_buf(), detail: detail.to_owned() }
}

fn check_header(file: &mut File, path: &Path) -> Result<()> {
    let mut header = [0; HEADER_BYTES as usize];
    file.read_exact(&mut header).map_err(Error::io("read", path))?;
    let number = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
    if header[..8] != MAGIC {
        return Err(wrong(path, "it is no index that `pampax export` wrote"));
    }
    let format = u32::from_le_bytes(number(8));
    if format != FORMAT {
        let detail = format!("it has format {format}, this pampax reads {FORMAT}: export it with this version");
        return Err(wrong(path, &detail));
    }
    match u32::from_ne_bytes(number(12)) {
        ORDER_MARK => Ok(()),
        _ => Err(wrong(path, "it was written by a machine with another order of bytes: export it on one like this")),
    }
}

fn check_hash(file: &mut File, path: &Path, length: u64) -> Result<()> {
    let failed = || Error::io("read", path);
    file.rewind().map_err(failed())?;
    let mut hasher = blake3::Hasher::new();
    let mut rest = file.take(length - 32);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = rest.read(&mut buffer).map_err(failed())?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let mut hash = [0; 32];
    file.read_exact(&mut hash).map_err(failed())?;
    match hasher.finalize() == blake3::Hash::from_bytes(hash) {
        true => Ok(()),
        false => Err(wrong(path, "it is damaged or cut off: its checksum does not match")),
    }
}

fn check_members(members: &[Member], end: u64) -> Result<(), String> {
    if members.len() > MEMBERS_MAX {
        return Err(format!("it has {} members, more than {MEMBERS_MAX}", members.len()));
    }
    let mut names = BTreeSet::new();
    let mut at = HEADER_BYTES;
    for member in members {
        if !is_name(&member.name) || !names.insert(&member.name) {
            return Err(format!("{:?} cannot name a member", member.name.chars().take(100).collect::<String>()));
        }
        let next = member.offset.checked_add(member.stored_bytes).filter(|next| *next <= end && member.offset == at);
        at = next.ok_or_else(|| format!("its member {:?} does not lie where it should", member.name))?;
        if member.bytes > member.stored_bytes.saturating_mul(RATIO_MAX).max(FREE_BYTES) {
            return Err(format!("its member {:?} would unpack to {} bytes", member.name, member.bytes));
        }
    }
    if at == end { Ok(()) } else { Err("it holds more than its members".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArchiveWriter;

    /// An archive with two members.
    fn written(folder: &Path) -> Vec<u8> {
        let path = folder.join("good");
        let mut writer = ArchiveWriter::create(&path).unwrap();
        writer.add("a/b", &b"hello, hello, hello"[..]).unwrap();
        writer.add("empty", &b""[..]).unwrap();
        assert!(writer.add("../a", &b""[..]).is_err() && writer.add("a/b", &b""[..]).is_err());
        writer.finish(&serde_json::json!({"about": 1})).unwrap();
        std::fs::read(path).unwrap()
    }

    fn unpack(folder: &Path, content: &[u8]) -> Result<Vec<u8>> {
        let path = folder.join("other");
        std::fs::write(&path, content).unwrap();
        let mut archive = Archive::open(&path)?;
        let mut text = Vec::new();
        let names: Vec<String> = archive.members().iter().map(|member| member.name.clone()).collect();
        for name in names {
            archive.stream(&name, &mut |bytes| {
                text.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        Ok(text)
    }

    /// The archive with another manifest and right checksums.
    fn forged(content: &[u8], change: &dyn Fn(&mut Value)) -> Vec<u8> {
        let length_at = content.len() - TRAILER_BYTES as usize;
        let length = u64::from_le_bytes(content[length_at..length_at + 8].try_into().unwrap()) as usize;
        let mut manifest = serde_json::from_slice(&content[length_at - length..length_at]).unwrap();
        change(&mut manifest);
        let text = serde_json::to_vec(&manifest).unwrap();
        let mut forged = content[..length_at - length].to_vec();
        forged.extend(&text);
        forged.extend((text.len() as u64).to_le_bytes());
        let hash = blake3::hash(&forged);
        forged.extend(hash.as_bytes());
        forged
    }

    type Change = Box<dyn Fn(&mut Value)>;

    #[test]
    fn every_byte_and_every_length_counts() {
        let folder = tempfile::tempdir().unwrap();
        let content = written(folder.path());
        assert_eq!(unpack(folder.path(), &content).unwrap(), b"hello, hello, hello");
        for place in 0..content.len() {
            let mut flipped = content.clone();
            flipped[place] ^= 1 << (place % 8);
            assert!(unpack(folder.path(), &flipped).is_err(), "byte {place}");
        }
        for length in 0..content.len() {
            assert!(unpack(folder.path(), &content[..length]).is_err(), "cut off at {length}");
        }
        assert!(unpack(folder.path(), &[content.as_slice(), b"x"].concat()).is_err());
    }

    #[test]
    fn hostile_manifests_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let content = written(folder.path());
        let set =
            |key: &'static str, value: Value| move |manifest: &mut Value| manifest["members"][0][key] = value.clone();
        let changes: Vec<Change> = vec![
            Box::new(set("name", "../../escaped".into())),
            Box::new(set("name", "/escaped".into())),
            Box::new(set("name", "a/.git/config".into())),
            Box::new(set("name", "empty".into())),
            Box::new(set("bytes", (1_u64 << 60).into())),
            Box::new(set("bytes", 1.into())),
            Box::new(set("bytes", 500_000.into())),
            Box::new(set("offset", 0.into())),
            Box::new(set("offset", 17.into())),
            Box::new(set("stored_bytes", u64::MAX.into())),
            Box::new(set("stored_bytes", 3.into())),
            Box::new(set("blake3", "0".repeat(64).into())),
            Box::new(set("more", 1.into())),
            Box::new(|manifest| manifest["members"] = Value::Array(Vec::new())),
            Box::new(|manifest| *manifest = Value::Null),
        ];
        for (number, change) in changes.iter().enumerate() {
            assert!(unpack(folder.path(), &forged(&content, change)).is_err(), "change {number}");
        }
        assert!(unpack(folder.path(), &forged(&content, &|_| ())).is_ok());
    }

    #[test]
    fn what_unpacks_to_far_more_than_it_takes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb");
        let mut writer = ArchiveWriter::create(&path).unwrap();
        writer.add("zeros", std::io::repeat(0).take(64 << 20)).unwrap();
        writer.finish(&Value::Null).unwrap();
        assert!(Archive::open(&path).is_err());
    }

    #[test]
    fn an_archive_that_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(ArchiveWriter::create(&folder.path().join("a")).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
