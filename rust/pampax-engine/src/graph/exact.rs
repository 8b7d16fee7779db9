//! What a SCIP index says of uses: exact edges for the files it covers, as long as they are what they were.
//!
//! Imported once, it is kept beside the graph and goes from generation to generation. A file whose content is another than the
//! one the index saw loses what the index said of it; uses that lead to such a file are resolved by the text again.

use std::collections::HashMap;
use std::path::Path;

use pampax_scip::{Columns, Document, ScipIndex};
use serde::{Deserialize, Serialize};

use crate::graph::world::World;
use crate::read::{hash, to_text};

/// Of the definitions in a file, the share that an index must know on the same line to be one of this file.
const KNOWN_DEFINITIONS_MIN: f64 = 0.5;

/// What was imported.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exact {
    names: Vec<String>,
    documents: Vec<ExactDocument>,
}

/// What an index says of one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ExactDocument {
    path: String,
    /// The content it was made from.
    blob: String,
    uses: Vec<ExactUse>,
}

/// Line, name, and the document and line of the definition; none for something from outside of the repository.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct ExactUse(u32, u32, Option<(u32, u32)>);

/// What came of importing indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScipReport {
    /// Documents in the indexes.
    pub documents: u64,
    /// Documents taken over.
    pub taken: u64,
    /// Documents of files that have changed since the index was made.
    pub stale: u64,
    /// Documents of files that are not indexed here.
    pub absent: u64,
    /// Uses taken over.
    pub uses: u64,
}

/// What an index says of one use.
#[derive(Debug)]
pub(crate) enum Said {
    /// It means these symbols.
    Symbols(Vec<u32>),
    /// It means nothing that is a symbol here.
    Elsewhere,
    /// It meant something in a file that has changed since.
    Unknown,
}

impl Exact {
    /// Reads what [`Self::encode`] wrote; nothing if it is damaged.
    pub(crate) fn decode(state: &[u8]) -> Self {
        serde_json::from_slice(state).unwrap_or_default()
    }

    /// As bytes; empty if there is nothing.
    pub(crate) fn encode(&self) -> Vec<u8> {
        if self.documents.is_empty() { Vec::new() } else { serde_json::to_vec(self).unwrap_or_default() }
    }

    /// Takes over what `index` says of files of the world below `root` that are still what it saw.
    pub(crate) fn add(&mut self, world: &World<'_>, root: &Path, index: &ScipIndex, report: &mut ScipReport) {
        let prefix = prefix(root, index);
        let mut texts = HashMap::new();
        let mut numbers: Vec<Option<u32>> = Vec::with_capacity(index.documents.len());
        for document in &index.documents {
            report.documents += 1;
            let path = format!("{prefix}{}", document.path);
            let Some(file) = world.at(&path) else {
                report.absent += 1;
                numbers.push(None);
                continue;
            };
            let (facts, entry) = world.file(file);
            let blob = facts.entries()[entry as usize].blob;
            let text = std::fs::read(root.join(&path)).ok().filter(|bytes| hash(bytes) == blob).and_then(to_text);
            match text.filter(|text| fits(world, file, document, text)) {
                Some(text) => {
                    report.taken += 1;
                    numbers.push(Some(self.document(&path, &hex(&blob))));
                    texts.insert(document.path.as_str(), text);
                }
                None => {
                    report.stale += 1;
                    numbers.push(None);
                }
            }
        }
        let mut names: HashMap<String, u32> =
            self.names.iter().enumerate().map(|(number, name)| (name.clone(), number as u32)).collect();
        for (document, number) in index.documents.iter().zip(&numbers) {
            let (Some(number), Some(text)) = (number, texts.get(document.path.as_str())) else { continue };
            let lines: Vec<&str> = text.split('\n').collect();
            let mut uses = Vec::with_capacity(document.uses.len());
            for found in &document.uses {
                let Some(name) = name_at(&lines, document.columns, found) else { continue };
                let name = *names.entry(name.to_owned()).or_insert_with(|| {
                    self.names.push(name.to_owned());
                    self.names.len() as u32 - 1
                });
                let target = found.definition.map(|definition| {
                    // A definition in a file that has changed leads nowhere that is known.
                    (numbers[definition.document as usize].unwrap_or(u32::MAX), definition.line)
                });
                uses.push(ExactUse(found.line, name, target));
            }
            report.uses += uses.len() as u64;
            self.documents[*number as usize].uses = uses;
        }
    }

    /// The number of the document at `path`, made if needed; what was said of another content of it is gone.
    fn document(&mut self, path: &str, blob: &str) -> u32 {
        match self.documents.iter().position(|document| document.path == path && document.blob == blob) {
            Some(known) => known as u32,
            None => {
                self.documents.push(ExactDocument { path: path.to_owned(), blob: blob.to_owned(), uses: Vec::new() });
                self.documents.len() as u32 - 1
            }
        }
    }

    /// Drops what is said of files that are not what they were.
    pub(crate) fn prune(&mut self, world: &World<'_>) {
        let fresh: Vec<bool> = self.documents.iter().map(|document| document.is_fresh(world)).collect();
        for (document, fresh) in self.documents.iter_mut().zip(fresh) {
            if !fresh {
                document.uses = Vec::new();
            }
        }
    }

    /// The documents by file of the world.
    pub(crate) fn by_file(&self, world: &World<'_>) -> HashMap<u32, usize> {
        let with_uses = self.documents.iter().enumerate().filter(|(_, document)| !document.uses.is_empty());
        with_uses.filter_map(|(number, document)| Some((world.at(&document.path)?, number))).collect()
    }

    /// What is said of the uses of a document, by line and name.
    pub(crate) fn said(&self, world: &World<'_>, document: usize) -> HashMap<(u32, &str), Said> {
        let mut said: HashMap<(u32, &str), Said> = HashMap::new();
        for &ExactUse(line, name, target) in &self.documents[document].uses {
            let Some(name) = self.names.get(name as usize) else { continue };
            let entry = said.entry((line, name.as_str())).or_insert(Said::Elsewhere);
            let Some((target, target_line)) = target else { continue };
            let file = self.documents.get(target as usize).filter(|document| document.is_fresh(world));
            let Some(file) = file.and_then(|document| world.at(&document.path)) else {
                if matches!(entry, Said::Elsewhere) {
                    *entry = Said::Unknown;
                }
                continue;
            };
            let on_line = |symbol: &u32| world.record(*symbol).name_line() == target_line;
            let candidates: Vec<u32> = world.symbols_of(file).filter(on_line).collect();
            let named = candidates.iter().copied().find(|&symbol| world.name(symbol) == name);
            if let Some(symbol) = named.or(candidates.first().copied()) {
                match entry {
                    Said::Symbols(symbols) if !symbols.contains(&symbol) => symbols.push(symbol),
                    Said::Symbols(_) => {}
                    other => *other = Said::Symbols(vec![symbol]),
                }
            }
        }
        said
    }
}

impl ExactDocument {
    fn is_fresh(&self, world: &World<'_>) -> bool {
        world.at(&self.path).is_some_and(|file| {
            let (facts, entry) = world.file(file);
            hex(&facts.entries()[entry as usize].blob) == self.blob
        })
    }
}

fn hex(blob: &[u8; 16]) -> String {
    blob.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands before the paths of an index that was made in a folder of the repository.
fn prefix(root: &Path, index: &ScipIndex) -> String {
    let inside = index.root.as_deref().and_then(|own| Path::new(own).strip_prefix(root).ok());
    match inside.and_then(Path::to_str) {
        Some(inside) if !inside.is_empty() => format!("{inside}/"),
        _ => String::new(),
    }
}

/// Whether a document speaks of this text: the definitions we find are on lines on which it defines something, and its uses are
/// names.
fn fits(world: &World<'_>, file: u32, document: &Document, text: &str) -> bool {
    let lines: Vec<&str> = text.split('\n').collect();
    let names = document.uses.iter().filter(|found| name_at(&lines, document.columns, found).is_some()).count();
    let symbols = world.symbols_of(file);
    let known = symbols
        .clone()
        .filter(|&symbol| document.defined_lines.binary_search(&world.record(symbol).name_line()).is_ok());
    let enough = |part: usize, of: usize| part as f64 >= KNOWN_DEFINITIONS_MIN * of as f64;
    enough(known.count(), symbols.len()) && enough(names, document.uses.len())
}

/// The name at a place of a text; `None` if there stands none.
fn name_at<'t>(lines: &[&'t str], columns: Columns, found: &pampax_scip::Use) -> Option<&'t str> {
    let line = lines.get(found.line as usize - 1)?;
    let name = line.get(byte_of(line, columns, found.start)?..byte_of(line, columns, found.end)?)?;
    let name = name.trim_matches(['"', '\'', '`']);
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$' | '@' | '#');
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn byte_of(line: &str, columns: Columns, column: u32) -> Option<usize> {
    if columns == Columns::Utf8 || line.is_ascii() {
        return Some(column as usize).filter(|&byte| byte <= line.len());
    }
    let mut at = 0;
    for (byte, character) in line.char_indices() {
        if at == column {
            return Some(byte);
        }
        at += if columns == Columns::Utf16 { character.len_utf16() as u32 } else { 1 };
    }
    (at == column).then_some(line.len())
}
