//! Writing an archive beside its place, and putting it there by one rename.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pampax_base::{Error, Result};
use serde_json::Value;

use crate::{FORMAT, HEADER_BYTES, MAGIC, Manifest, Member, ORDER_MARK, is_name};

/// Higher levels take twice the time for a few percent.
const LEVEL: u32 = 4;
/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 20;

/// An archive that is being written. Dropped before [`ArchiveWriter::finish`], it leaves nothing.
pub struct ArchiveWriter {
    file: Hashing<BufWriter<File>>,
    members: Vec<Member>,
    target: PathBuf,
    beside: PathBuf,
    finished: bool,
}

/// Passes bytes on, hashing and counting them.
struct Hashing<W> {
    inner: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hasher: blake3::Hasher::new(), bytes: 0 }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl ArchiveWriter {
    /// Begins an archive that will lie at `path`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(path: &Path) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let file = File::create(&beside).map_err(Error::io("create", &beside))?;
        let mut writer = Self {
            file: Hashing::new(BufWriter::new(file)),
            members: Vec::new(),
            target: path.to_path_buf(),
            beside,
            finished: false,
        };
        writer.write(&MAGIC)?;
        writer.write(&FORMAT.to_le_bytes())?;
        writer.write(&ORDER_MARK.to_ne_bytes())?;
        debug_assert_eq!(writer.file.bytes, HEADER_BYTES);
        Ok(writer)
    }

    /// Adds what `source` gives as the member `name`.
    ///
    /// # Errors
    /// [`Error::Internal`] for what may not be a name, [`Error::Io`].
    pub fn add(&mut self, name: &str, mut source: impl Read) -> Result<()> {
        if !is_name(name) || self.members.iter().any(|member| member.name == name) {
            return Err(Error::internal("write an archive", format!("{name:?} cannot name a member")));
        }
        let offset = self.file.bytes;
        let failed = Error::io("write", &self.beside);
        let mut pack = || -> std::io::Result<Member> {
            let mut encoder = ZlibEncoder::new(&mut self.file, Compression::new(LEVEL));
            let mut hasher = blake3::Hasher::new();
            let mut bytes = 0;
            let mut buffer = vec![0; BUFFER_BYTES];
            loop {
                let count = source.read(&mut buffer)?;
                if count == 0 {
                    break;
                }
                hasher.update(&buffer[..count]);
                bytes += count as u64;
                encoder.write_all(&buffer[..count])?;
            }
            encoder.finish()?;
            let stored_bytes = self.file.bytes - offset;
            let blake3 = hasher.finalize().to_hex().to_string();
            Ok(Member { name: name.to_owned(), offset, stored_bytes, bytes, blake3 })
        };
        self.members.push(pack().map_err(failed)?);
        Ok(())
    }

    /// Adds the file at `path` as the member `name`.
    ///
    /// # Errors
    /// Those of [`ArchiveWriter::add`].
    pub fn add_file(&mut self, name: &str, path: &Path) -> Result<()> {
        self.add(name, File::open(path).map_err(Error::io("read", path))?)
    }

    /// Writes what the archive is about, syncs it, and puts it in its place. Gives its size.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self, about: &Value) -> Result<u64> {
        let manifest = Manifest { about: about.clone(), members: std::mem::take(&mut self.members) };
        let text = serde_json::to_vec(&manifest).map_err(|error| Error::internal("write an archive", error))?;
        self.write(&text)?;
        self.write(&(text.len() as u64).to_le_bytes())?;
        let hash = *self.file.hasher.finalize().as_bytes();
        self.write(&hash)?;
        let failed = |operation| Error::io(operation, &self.beside);
        self.file.inner.flush().map_err(failed("write"))?;
        self.file.inner.get_ref().sync_all().map_err(failed("sync"))?;
        std::fs::rename(&self.beside, &self.target).map_err(Error::io("rename", &self.target))?;
        self.finished = true;
        Ok(self.file.bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(Error::io("write", &self.beside))
    }
}

impl Drop for ArchiveWriter {
    fn drop(&mut self) {
        if !self.finished {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}
