//! Reading a file: is it text worth indexing, and what does it say?

use std::fs::File;
use std::io::Read;
use std::path::Path;

use pampax_base::Language;
use pampax_store::Blob;

use crate::text::clip;
use crate::walk::Found;

/// A file's text, ready to be parsed.
pub(crate) struct Source {
    /// The text; bytes that are no UTF-8 are replaced.
    pub(crate) text: String,
    /// Hash of the bytes as they are on disk.
    pub(crate) blob: Blob,
    /// What it is written in.
    pub(crate) language: Option<Language>,
    /// `stat` of the very content that was read.
    pub(crate) found: Found,
    /// What a search for a regular expression sees of it.
    pub(crate) searched: Searched,
}

/// What a search for a regular expression sees of a file.
pub(crate) enum Searched {
    /// The same as [`Source::text`].
    Text,
    /// The bytes as they are: they are no UTF-8.
    Bytes(Vec<u8>),
    /// Its own decoding of UTF-16.
    Decoded,
}

/// Why a file is not indexed.
pub(crate) struct Refusal {
    /// The documented reason.
    pub(crate) reason: &'static str,
    /// More about it.
    pub(crate) detail: Option<String>,
}

impl Refusal {
    fn new(reason: &'static str) -> Self {
        Self { reason, detail: None }
    }
}

/// How many bytes are looked at to tell binary from text; as git and ripgrep do.
const PROBE_BYTES: usize = 8192;
/// A file is minified if its lines are longer than this on average …
const MINIFIED_LINE_BYTES: usize = 400;
/// … and it is larger than this: a short file with one long line is still worth reading.
const MINIFIED_FROM_BYTES: usize = 20_000;
/// How far into a file a mark of generated code may stand.
const MARK_BYTES: usize = 1500;

/// Lock files: generated, large, and their every line looks like an answer.
const LOCK_FILES: [&str; 12] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "Cargo.lock",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "composer.lock",
    "Gemfile.lock",
    "go.sum",
    "flake.lock",
];

/// Ends of the names of source maps: generated, one long line each.
const SOURCE_MAPS: [&str; 5] = [".js.map", ".mjs.map", ".cjs.map", ".ts.map", ".css.map"];

/// Reads the file `found` below `root`. Files above `max_bytes` are not opened.
pub(crate) fn read(root: &Path, found: &Found, max_bytes: u64) -> Result<Source, Refusal> {
    if found.bytes > max_bytes {
        return Err(Refusal::new("too-large"));
    }
    let name = found.path.rsplit('/').next().unwrap_or("");
    if LOCK_FILES.contains(&name) || SOURCE_MAPS.iter().any(|end| name.ends_with(end)) {
        return Err(Refusal::new("generated"));
    }
    let path = root.join(&found.path);
    // A file that is written to while it is read is read once more, then left for the next run.
    for _ in 0..2 {
        let (bytes, found) = read_whole(&path, found, max_bytes)?;
        let Some(bytes) = bytes else { continue };
        return decode(bytes, found);
    }
    Err(Refusal::new("changed-while-read"))
}

/// The content of the regular file at `path` below `root`, with the `stat` it had all the while. Above `max_bytes` it is refused.
pub(crate) fn read_file(root: &Path, path: &str, max_bytes: u64) -> Result<(Vec<u8>, Found), Refusal> {
    let found = Found { path: path.to_owned(), bytes: 0, modified_ns: 0, changed_ns: 0 };
    match read_whole(&root.join(path), &found, max_bytes)? {
        (Some(bytes), found) => Ok((bytes, found)),
        (None, _) => Err(Refusal::new("changed-while-read")),
    }
}

/// The content with the `stat` it had before and after; no content if the two differ.
fn read_whole(path: &Path, found: &Found, max_bytes: u64) -> Result<(Option<Vec<u8>>, Found), Refusal> {
    let unreadable = |error: std::io::Error| Refusal { reason: "unreadable", detail: Some(error.to_string()) };
    let mut file = open_file(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Refusal::new("not-a-file"));
    }
    let before = Found::new(found.path.clone(), &metadata);
    if before.bytes > max_bytes {
        return Err(Refusal::new("too-large"));
    }
    let mut bytes = Vec::with_capacity(before.bytes as usize + 1);
    // One byte more than allowed tells a file that grew.
    (&mut file).take(max_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let after = Found::new(found.path.clone(), &file.metadata().map_err(unreadable)?);
    let same = before == after && bytes.len() as u64 == before.bytes;
    Ok((same.then_some(bytes), before))
}

/// Opens without following a link and without waiting for the other end of a pipe: between the walk and now the name may
/// have become anything.
pub(crate) fn open_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    const NO_FOLLOW: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    std::fs::OpenOptions::new().read(true).custom_flags(NO_FOLLOW).open(path)
}

fn decode(bytes: Vec<u8>, found: Found) -> Result<Source, Refusal> {
    let blob = hash(&bytes);
    let searched = if is_utf16(&bytes) {
        Searched::Decoded
    } else if std::str::from_utf8(&bytes).is_ok() {
        Searched::Text
    } else {
        Searched::Bytes(bytes.clone())
    };
    let text = to_text(bytes).ok_or_else(|| Refusal::new("binary"))?;
    let language =
        Language::from_path(&found.path).or_else(|| Language::from_first_line(text.lines().next().unwrap_or("")));
    let is_shared_header =
        language == Some(Language::Cpp) && found.path.rsplit_once('.').is_some_and(|(_, end)| end == "h");
    let language = if is_shared_header && !is_cpp(&text) { Some(Language::C) } else { language };
    if is_generated(&text) {
        return Err(Refusal::new("generated"));
    }
    if is_minified(&text, &found.path) {
        return Err(Refusal::new("minified"));
    }
    Ok(Source { text, blob, language, found, searched })
}

/// The hash that names a content.
pub(crate) fn hash(bytes: &[u8]) -> Blob {
    let mut blob = Blob::default();
    blob.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    blob
}

/// Whether the mark of UTF-16 stands at the beginning.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF])
}

/// The text of a file; `None` if it is binary. UTF-16 is told by its mark, anything else is read as UTF-8 with every wrong
/// byte replaced.
pub(crate) fn to_text(mut bytes: Vec<u8>) -> Option<String> {
    if is_utf16(&bytes) {
        let little = bytes[0] == 0xFF;
        let units = bytes[2..].chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
        });
        return Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    if bytes[..bytes.len().min(PROBE_BYTES)].contains(&0) {
        return None;
    }
    Some(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Whether a header is of C++: it has a line that C does not know.
fn is_cpp(text: &str) -> bool {
    const BEGINNINGS: [&str; 9] =
        ["class ", "namespace ", "template<", "template <", "using ", "public:", "private:", "protected:", "virtual "];
    text.contains("std::")
        || text.lines().any(|line| BEGINNINGS.iter().any(|begin| line.trim_start().starts_with(begin)))
}

fn is_minified(text: &str, path: &str) -> bool {
    let named = path.ends_with(".min.js") || path.ends_with(".min.css");
    let lines = text.matches('\n').count() + 1;
    named || (text.len() > MINIFIED_FROM_BYTES && text.len() / lines > MINIFIED_LINE_BYTES)
}

/// Whether the head of a file says that a program wrote it, in the words generators use.
fn is_generated(text: &str) -> bool {
    let head = clip(text, MARK_BYTES);
    // Built at run time so that this file is not taken for generated itself.
    let mark = ["@", "generated"].concat();
    head.lines().any(|line| {
        let comment = line.trim_start().starts_with(['/', '#', '*', '-', ';', '<', '%', '"', '(']);
        comment && (line.contains(&mark) || says_so(&line.to_ascii_lowercase()))
    })
}

/// Whether a line, in lower case, forbids to edit what is generated.
fn says_so(line: &str) -> bool {
    line.contains("generated") && (line.contains("do not edit") || line.contains("do not modify"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(to_text(b"caf\xc3\xa9".to_vec()).as_deref(), Some("café"));
        assert_eq!(to_text(b"caf\xe9".to_vec()).as_deref(), Some("caf\u{fffd}"));
        assert_eq!(to_text(b"\xef\xbb\xbfx".to_vec()).as_deref(), Some("x"));
        assert_eq!(to_text(b"\xff\xfeh\0i\0".to_vec()).as_deref(), Some("hi"));
        assert_eq!(to_text(b"\xfe\xff\0h\0i".to_vec()).as_deref(), Some("hi"));
        assert_eq!(to_text(b"a\0b".to_vec()), None);
    }

    #[test]
    fn generated_and_minified() {
        assert!(is_generated("// Code generated by protoc-gen-go. DO NOT EDIT.\npackage x\n"));
        assert!(is_generated("# -*- coding: utf-8 -*-\n# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"));
        assert!(is_generated("/* Automatically generated by make-commands.py, do not edit. */\n"));
        assert!(!is_generated("fn generated() {}\n// please DO NOT EDIT by hand\n"));
        assert!(is_minified(&"x".repeat(30_000), "a.js"));
        assert!(!is_minified(&"x\n".repeat(30_000), "a.js"));
        assert!(is_minified("a", "a.min.js"));
    }
}
