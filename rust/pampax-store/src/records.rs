//! The rows of a segment's facts, and what they are made of.

use bytemuck::{Pod, Zeroable};
use pampax_base::{ByteSpan, Language, LineSpan, ReferenceKind, SymbolKind};

use crate::store::Blob;

/// "None" in columns of indices.
pub(crate) const NONE: u32 = u32::MAX;
/// Marks the first chunk of a symbol in [`ChunkRecord::symbol_and_first`].
pub(crate) const FIRST: u32 = 1 << 31;

/// One entry: a path with one content. A column row; ranges are read through [`Facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct EntryRecord {
    /// Hash of the content.
    pub blob: [u8; 16],
    pub(crate) path_start: u64,
    /// Size of the content in bytes.
    pub bytes: u64,
    pub(crate) path_bytes: u32,
    /// Lines of the content.
    pub lines: u32,
    pub(crate) first_chunk: u32,
    pub(crate) first_symbol: u32,
    pub(crate) first_reference: u32,
    pub(crate) first_import: u32,
    pub(crate) first_binding: u32,
    pub(crate) first_mark: u32,
    /// Hash of what other files can see of this one: see [`FactsBuilder::face`].
    pub(crate) face: u32,
    pub(crate) language: u8,
    /// Facts of the engine about the file (test, documentation, …), as it numbers them.
    pub flags: u8,
    pub(crate) padding: u16,
}

/// One chunk. A column row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ChunkRecord {
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    pub(crate) start_byte: u32,
    pub(crate) end_byte: u32,
    pub(crate) symbol_and_first: u32,
}

/// One symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SymbolRecord {
    pub(crate) name: u32,
    pub(crate) qualifier: u32,
    pub(crate) container: u32,
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    pub(crate) start_byte: u32,
    pub(crate) end_byte: u32,
    pub(crate) signature_start: u32,
    pub(crate) signature_end: u32,
    pub(crate) doc_start: u32,
    pub(crate) doc_end: u32,
    pub(crate) name_start: u32,
    pub(crate) name_line: u32,
    pub(crate) kind: u32,
}

/// One use of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceRecord {
    pub(crate) name: u32,
    pub(crate) line_and_kind: u32,
    pub(crate) receiver: u32,
    pub(crate) symbol: u32,
}

/// What a file takes from another. A column row; texts are names of the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ImportRecord {
    /// The module as it is written.
    pub module: u32,
    /// The name taken from it: empty for the module itself, `*` for all.
    pub name: u32,
    /// The name under which it is known; empty if that is its own.
    pub alias: u32,
    pub(crate) line_and_exports: u32,
}

/// What the text shows of a type. Texts are names of the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingRecord {
    /// The variable, field or function.
    pub name: u32,
    /// Its type, or the chain of the expression it was made by.
    pub of: u32,
    pub(crate) symbol: u32,
    pub(crate) flags: u32,
}

/// A route, or a use of a configuration key. A column row; texts are names of the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct MarkRecord {
    /// The path of the route, or the key.
    pub text: u32,
    /// The method of the route; empty if unknown.
    pub method: u32,
    /// The chain of the handler; empty if that is the symbol in which it stands.
    pub handler: u32,
    pub(crate) symbol: u32,
    pub(crate) line_and_route: u32,
}

pub(crate) const BINDING_IS_TYPE: u32 = 1;
pub(crate) const BINDING_RETURNS: u32 = 2;

impl EntryRecord {
    /// The language, if the file is in one pampax knows.
    pub fn language(&self) -> Option<Language> {
        Language::from_number(self.language)
    }
}

impl ChunkRecord {
    /// Its lines.
    pub fn span(&self) -> LineSpan {
        LineSpan::new(self.start_line, self.end_line)
    }

    /// Its bytes in the decoded text of the file.
    pub fn bytes(&self) -> ByteSpan {
        ByteSpan::new(self.start_byte, self.end_byte)
    }

    /// The symbol it belongs to, numbered within the entry.
    pub fn symbol(&self) -> Option<u32> {
        let symbol = self.symbol_and_first & !FIRST;
        (symbol != NONE & !FIRST).then_some(symbol)
    }

    /// Whether it is the first chunk of its symbol.
    pub fn is_first(&self) -> bool {
        self.symbol_and_first & FIRST != 0
    }
}

/// A symbol that stands nowhere and in nothing.
impl Default for SymbolRecord {
    fn default() -> Self {
        Self { qualifier: NONE, container: NONE, ..Self::zeroed() }
    }
}

impl SymbolRecord {
    /// Whether it has a body, rather than being declared only.
    pub(crate) fn has_body(&self) -> bool {
        self.signature_end < self.end_byte
    }

    /// What it is.
    pub fn kind(&self) -> SymbolKind {
        SymbolKind::from_number(self.kind as u8).unwrap_or(SymbolKind::Variable)
    }

    /// Its name, as a number within the segment.
    pub fn name(&self) -> u32 {
        self.name
    }

    /// The name of what it belongs to where that is not around it, as a number within the segment.
    pub fn qualifier(&self) -> Option<u32> {
        (self.qualifier != NONE).then_some(self.qualifier)
    }

    /// The line on which its name stands.
    pub fn name_line(&self) -> u32 {
        self.name_line
    }

    /// The symbol around it, numbered within the entry.
    pub fn container(&self) -> Option<u32> {
        (self.container != NONE).then_some(self.container)
    }

    /// Its lines, with doc comments and attributes.
    pub fn span(&self) -> LineSpan {
        LineSpan::new(self.start_line, self.end_line)
    }

    /// Its bytes.
    pub fn bytes(&self) -> ByteSpan {
        ByteSpan::new(self.start_byte, self.end_byte)
    }

    /// The bytes of its head.
    pub fn signature(&self) -> ByteSpan {
        ByteSpan::new(self.signature_start, self.signature_end)
    }

    /// The bytes of its documentation; empty if it has none.
    pub fn doc(&self) -> ByteSpan {
        ByteSpan::new(self.doc_start, self.doc_end)
    }

    /// Where its name stands.
    pub fn name_start(&self) -> u32 {
        self.name_start
    }
}

impl ReferenceRecord {
    /// The name used, as a number within the segment.
    pub fn name(&self) -> u32 {
        self.name
    }

    /// The line, 1-based.
    pub fn line(&self) -> u32 {
        self.line_and_kind >> 3
    }

    /// What the use does.
    pub fn kind(&self) -> ReferenceKind {
        ReferenceKind::from_number((self.line_and_kind & 7) as u8).unwrap_or(ReferenceKind::Use)
    }

    /// The chain that stands before the name, as a number within the segment.
    pub fn receiver(&self) -> Option<u32> {
        (self.receiver != NONE).then_some(self.receiver)
    }

    /// The innermost symbol in which it stands, numbered within the entry.
    pub fn symbol(&self) -> Option<u32> {
        (self.symbol != NONE).then_some(self.symbol)
    }
}

impl ImportRecord {
    /// The line, 1-based.
    pub fn line(&self) -> u32 {
        self.line_and_exports >> 1
    }

    /// Whether the file hands it on.
    pub fn exports(&self) -> bool {
        self.line_and_exports & 1 == 1
    }
}

impl BindingRecord {
    /// Where it holds, numbered within the entry; `None` for the whole file.
    pub fn symbol(&self) -> Option<u32> {
        (self.symbol != NONE).then_some(self.symbol)
    }

    /// Whether `of` is a type rather than an expression.
    pub fn is_type(&self) -> bool {
        self.flags & BINDING_IS_TYPE != 0
    }

    /// Whether it tells what the function `symbol` returns.
    pub fn returns(&self) -> bool {
        self.flags & BINDING_RETURNS != 0
    }
}

impl MarkRecord {
    /// The innermost symbol in which it stands, numbered within the entry.
    pub fn symbol(&self) -> Option<u32> {
        (self.symbol != NONE).then_some(self.symbol)
    }

    /// The line, 1-based.
    pub fn line(&self) -> u32 {
        self.line_and_route >> 1
    }

    /// Whether it is a route; else a key of the configuration.
    pub fn is_route(&self) -> bool {
        self.line_and_route & 1 == 1
    }
}

/// What a new entry starts with.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// Path relative to the root, separated by `/`.
    pub path: &'a str,
    /// Hash of the content.
    pub blob: Blob,
    /// Its language.
    pub language: Option<Language>,
    /// Facts of the engine.
    pub flags: u8,
    /// Size in bytes.
    pub bytes: u64,
    /// Number of lines.
    pub lines: u32,
}

/// A symbol to be added to the current entry.
#[derive(Clone, Copy, Debug)]
pub struct NewSymbol<'a> {
    /// Its bare name.
    pub name: &'a str,
    /// The name of what it belongs to where that is not around it; empty for most.
    pub qualifier: &'a str,
    /// What it is.
    pub kind: SymbolKind,
    /// The symbol around it, numbered within the entry.
    pub container: Option<u32>,
    /// Its lines.
    pub span: LineSpan,
    /// Its bytes.
    pub bytes: ByteSpan,
    /// Its head.
    pub signature: ByteSpan,
    /// Its documentation.
    pub doc: ByteSpan,
    /// The byte at which its name stands.
    pub name_start: u32,
    /// The line on which its name stands.
    pub name_line: u32,
}

/// A use of a name to be added to the current entry.
#[derive(Clone, Copy, Debug)]
pub struct NewReference<'a> {
    /// The name.
    pub name: &'a str,
    /// What the use does.
    pub kind: ReferenceKind,
    /// The line, 1-based.
    pub line: u32,
    /// The chain that stands before the name; empty if there is none.
    pub receiver: &'a str,
    /// The innermost symbol in which it stands, numbered within the entry.
    pub symbol: Option<u32>,
}

/// An import to be added to the current entry.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// The module as it is written.
    pub module: &'a str,
    /// The name taken from it.
    pub name: &'a str,
    /// The name under which it is known.
    pub alias: &'a str,
    /// The line, 1-based.
    pub line: u32,
    /// Whether the file hands it on.
    pub exports: bool,
}

/// What is shown of a type, to be added to the current entry.
#[derive(Clone, Copy, Debug)]
pub struct NewBinding<'a> {
    /// The variable, field or function.
    pub name: &'a str,
    /// Its type or chain.
    pub of: &'a str,
    /// Whether `of` is a type.
    pub is_type: bool,
    /// Whether it tells what a function returns.
    pub returns: bool,
    /// Where it holds, numbered within the entry.
    pub symbol: Option<u32>,
}

/// A route or a use of a configuration key, to be added to the current entry.
#[derive(Clone, Copy, Debug)]
pub struct NewMark<'a> {
    /// The path or the key.
    pub text: &'a str,
    /// The method of a route.
    pub method: &'a str,
    /// The chain of the handler.
    pub handler: &'a str,
    /// Whether it is a route.
    pub is_route: bool,
    /// The innermost symbol in which it stands.
    pub symbol: Option<u32>,
    /// The line, 1-based.
    pub line: u32,
}
