//! One compressed, checksummed file that holds others: how an index travels to another machine.
//!
//! ```text
//! 8 bytes   magic: 89 "PXA" 0D 0A 1A 0A; transfers that change line ends or strip a bit break it
//! u32       version of this format, little-endian
//! u32       01020304 in the order of the machine that wrote it: numbers in the members are in that order
//! …         the members, each one zlib stream, without gaps
//! …         the manifest, JSON: what the archive is about, and for each member name, place, sizes, BLAKE3
//! u64       length of the manifest, little-endian
//! 32 bytes  BLAKE3 of all that stands before
//! ```
//!
//! An archive comes from somewhere else, so [`Archive::open`] believes nothing: the whole file is hashed before a byte of it is
//! used, names and sizes are bounded before they are acted on, and a member never unpacks to more than the manifest says. That
//! guards against damage and against files made to do harm to the reader; not against an index that lies.
//!
//! ```
//! use pampax_archive::{Archive, ArchiveWriter};
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("a.pampax");
//! let mut writer = ArchiveWriter::create(&path).unwrap();
//! writer.add("notes", &b"hello"[..]).unwrap();
//! writer.finish(&serde_json::json!({"about": "greetings"})).unwrap();
//! let mut archive = Archive::open(&path).unwrap();
//! assert_eq!(archive.about()["about"], "greetings");
//! archive.extract("notes", &folder.path().join("notes")).unwrap();
//! assert_eq!(std::fs::read(folder.path().join("notes")).unwrap(), b"hello");
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod read;
mod write;

use serde::{Deserialize, Serialize};

pub use read::Archive;
pub use write::ArchiveWriter;

const MAGIC: [u8; 8] = *b"\x89PXA\r\n\x1a\n";
const FORMAT: u32 = 1;
const ORDER_MARK: u32 = 0x0102_0304;
const HEADER_BYTES: u64 = 16;
const TRAILER_BYTES: u64 = 40;

/// What an archive says of one of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name: small letters, digits, dots, hyphens and slashes.
    pub name: String,
    /// Where its stream begins.
    pub offset: u64,
    /// How long its stream is.
    pub stored_bytes: u64,
    /// How long it is.
    pub bytes: u64,
    /// BLAKE3 of it, in hexadecimal digits.
    pub blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    about: serde_json::Value,
    members: Vec<Member>,
}

/// Whether `name` may name a member: it stays inside any folder it is joined to, on every system.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
    };
    name.len() <= 200 && name.split('/').all(is_part)
}
