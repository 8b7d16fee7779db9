//! Reads SCIP indexes (<https://scip-code.org>): what a compiler's front end says every name in the text refers to.
//!
//! [`read`] gives the documents of an index with the uses in them, each with the definition it leads to if that is in the index
//! too. Symbols as SCIP names them do not leave this crate.
//!
//! Not here: whether a document is still what was indexed, and which of our symbols a definition is.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::path::Path;

use pampax_base::{Error, Result};
use protobuf::Message as _;
use scip::types::{Index, PositionEncoding, SymbolRole};

/// The largest index read, in bytes: it is read into memory.
const INDEX_BYTES_MAX: u64 = 2 << 30;

/// How columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// In bytes.
    Utf8,
    /// In units of UTF-16.
    Utf16,
    /// In characters.
    Utf32,
}

/// A place of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Definition {
    /// Which of the documents.
    pub document: u32,
    /// The line of its name, 1-based.
    pub line: u32,
}

/// A use of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The line, 1-based.
    pub line: u32,
    /// The first column of the name, from 0.
    pub start: u32,
    /// The column after it.
    pub end: u32,
    /// What it means; `None` for something from outside of the index.
    pub definition: Option<Definition>,
}

/// A file of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path relative to the root of the index, with forward slashes.
    pub path: String,
    /// How columns are counted in it.
    pub columns: Columns,
    /// The lines on which names are defined, ascending.
    pub defined_lines: Vec<u32>,
    /// The uses in it, in the order of the text.
    pub uses: Vec<Use>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScipIndex {
    /// The folder that paths are relative to, if the index names a local one.
    pub root: Option<String>,
    /// Its files, by path.
    pub documents: Vec<Document>,
}

/// Reads the index at `path`.
///
/// # Errors
/// [`Error::Io`], or [`Error::InvalidInput`] for a file that is no SCIP index or is cut off.
pub fn read(path: &Path) -> Result<ScipIndex> {
    let wrong =
        |detail: String| Error::InvalidInput { what: "SCIP index", detail: format!("{}: {detail}", path.display()) };
    let bytes = std::fs::metadata(path).map_err(Error::io("open", path))?.len();
    if bytes > INDEX_BYTES_MAX {
        return Err(wrong(format!("{bytes} bytes are more than is read ({INDEX_BYTES_MAX})")));
    }
    let content = std::fs::read(path).map_err(Error::io("read", path))?;
    let index =
        Index::parse_from_bytes(&content).map_err(|error| wrong(format!("it is damaged or cut off: {error}")))?;
    if index.metadata.is_none() || index.documents.is_empty() {
        return Err(wrong("it holds no documents: is it a SCIP index?".to_owned()));
    }
    Ok(simplified(index))
}

fn simplified(mut index: Index) -> ScipIndex {
    let root = index.metadata.project_root.strip_prefix("file://").map(|root| root.trim_end_matches('/').to_owned());
    index.documents.sort_by(|left, right| left.relative_path.cmp(&right.relative_path));
    index.documents.dedup_by(|later, earlier| later.relative_path == earlier.relative_path);
    let mut definitions: HashMap<(u32, &str), Definition> = HashMap::new();
    for (number, document) in index.documents.iter().enumerate() {
        let number = number as u32;
        for occurrence in &document.occurrences {
            let Some((line, ..)) = place(&occurrence.range).filter(|_| is_definition(occurrence.symbol_roles)) else {
                continue;
            };
            let scope = scope(number, &occurrence.symbol);
            definitions.entry((scope, occurrence.symbol.as_str())).or_insert(Definition { document: number, line });
        }
    }
    let documents = index.documents.iter().enumerate().map(|(number, document)| {
        let mut defined_lines = Vec::new();
        let mut uses = Vec::new();
        for occurrence in &document.occurrences {
            let Some((line, start, end)) = place(&occurrence.range) else { continue };
            if is_definition(occurrence.symbol_roles) {
                if !occurrence.symbol.starts_with("local ") {
                    defined_lines.push(line);
                }
            } else if !occurrence.symbol.is_empty() {
                let key = (scope(number as u32, &occurrence.symbol), occurrence.symbol.as_str());
                uses.push(Use { line, start, end, definition: definitions.get(&key).copied() });
            }
        }
        defined_lines.sort_unstable();
        defined_lines.dedup();
        uses.sort_unstable();
        uses.dedup();
        let columns = match document.position_encoding.enum_value_or_default() {
            PositionEncoding::UTF8CodeUnitOffsetFromLineStart => Columns::Utf8,
            PositionEncoding::UTF32CodeUnitOffsetFromLineStart => Columns::Utf32,
            _ => Columns::Utf16,
        };
        Document { path: document.relative_path.clone(), columns, defined_lines, uses }
    });
    let documents = documents.collect();
    ScipIndex { root, documents }
}

/// Symbols that are local to a document are told apart by it.
fn scope(document: u32, symbol: &str) -> u32 {
    if symbol.starts_with("local ") { document } else { u32::MAX }
}

fn is_definition(roles: i32) -> bool {
    roles & SymbolRole::Definition as i32 != 0
}

/// Line (1-based) and columns of a range on one line.
fn place(range: &[i32]) -> Option<(u32, u32, u32)> {
    match *range {
        [line, start, end] | [line, start, _, end] if line >= 0 && start >= 0 && end >= start => {
            Some((line as u32 + 1, start as u32, end as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.scip");
        for content in [b"".as_slice(), b"hello, this is no protobuf", &[0xff; 40]] {
            std::fs::write(&path, content).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("index.scip"), "{error}");
        }
        assert!(matches!(read(&folder.path().join("none")), Err(Error::Io { .. })));
    }
}
