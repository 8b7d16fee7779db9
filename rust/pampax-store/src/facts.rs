//! The facts of a segment: its entries, their chunks, symbols and references.

use std::collections::HashMap;
use std::path::Path;

use bytemuck::Pod;
use pampax_base::{ByteSpan, Error, LineSpan, Result, SymbolKind};

use crate::coded::{SymbolColumns, Symbols, decode_bindings, decode_references, encode_bindings, encode_references};
use crate::columns::{Columns, ColumnsWriter};
use crate::records::{
    BINDING_IS_TYPE, BINDING_RETURNS, BindingRecord, ChunkRecord, EntryRecord, FIRST, ImportRecord, MarkRecord, NONE,
    NewBinding, NewEntry, NewImport, NewMark, NewReference, NewSymbol, ReferenceRecord, SymbolRecord,
};

/// Number of fields of the word index, whose lengths an entry carries.
const FIELDS: usize = 6;

mod tag {
    pub(super) const ENTRIES: u64 = 1;
    pub(super) const PATHS: u64 = 2;
    pub(super) const CHUNKS: u64 = 3;
    pub(super) const CHUNK_ENTRIES: u64 = 4;
    pub(super) const SYMBOLS: u64 = 5;
    pub(super) const REFERENCES: u64 = 6;
    pub(super) const NAME_ENDS: u64 = 7;
    pub(super) const NAMES: u64 = 8;
    pub(super) const NAME_SYMBOL_ENDS: u64 = 9;
    pub(super) const NAME_SYMBOLS: u64 = 10;
    pub(super) const LENGTHS: u64 = 11;
    pub(super) const IMPORTS: u64 = 12;
    pub(super) const BINDINGS: u64 = 13;
    pub(super) const MARKS: u64 = 14;
    pub(super) const SYMBOL_NAMES: u64 = 15;
    pub(super) const SYMBOL_KINDS: u64 = 16;
    pub(super) const SYMBOL_STARTS: u64 = 17;
}

/// Collects the facts of a segment in memory.
#[derive(Default)]
pub struct FactsBuilder {
    entries: Vec<EntryRecord>,
    paths: Vec<u8>,
    chunks: Vec<ChunkRecord>,
    chunk_entries: Vec<u32>,
    symbols: Vec<SymbolRecord>,
    references: Vec<ReferenceRecord>,
    imports: Vec<ImportRecord>,
    bindings: Vec<BindingRecord>,
    marks: Vec<MarkRecord>,
    names: HashMap<Box<str>, u32>,
    name_bytes: usize,
}

impl FactsBuilder {
    /// A builder without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the next entry and gives its number; what is added after belongs to it.
    pub fn begin(&mut self, entry: &NewEntry<'_>) -> u32 {
        let number = self.entries.len() as u32;
        self.entries.push(EntryRecord {
            blob: entry.blob,
            path_start: self.paths.len() as u64,
            bytes: entry.bytes,
            path_bytes: entry.path.len() as u32,
            lines: entry.lines,
            first_chunk: self.chunks.len() as u32,
            first_symbol: self.symbols.len() as u32,
            first_reference: self.references.len() as u32,
            first_import: self.imports.len() as u32,
            first_binding: self.bindings.len() as u32,
            first_mark: self.marks.len() as u32,
            face: 0,
            language: entry.language.map_or(u8::MAX, |language| language as u8),
            flags: entry.flags,
            padding: 0,
        });
        self.paths.extend_from_slice(entry.path.as_bytes());
        number
    }

    /// Adds a chunk to the current entry and gives its number in the segment. Chunks come in file order.
    pub fn chunk(&mut self, span: LineSpan, bytes: ByteSpan, symbol: Option<u32>, first: bool) -> u32 {
        let number = self.chunks.len() as u32;
        let flag = if first { FIRST } else { 0 };
        self.chunks.push(ChunkRecord {
            start_line: span.start,
            end_line: span.end,
            start_byte: bytes.start,
            end_byte: bytes.end,
            symbol_and_first: (symbol.unwrap_or(NONE) & !FIRST) | flag,
        });
        self.chunk_entries.push(self.entries.len().saturating_sub(1) as u32);
        number
    }

    /// Adds a symbol to the current entry.
    pub fn symbol(&mut self, symbol: &NewSymbol<'_>) {
        let name = self.name(symbol.name);
        let qualifier = if symbol.qualifier.is_empty() { NONE } else { self.name(symbol.qualifier) };
        self.symbols.push(SymbolRecord {
            name,
            qualifier,
            container: symbol.container.unwrap_or(NONE),
            start_line: symbol.span.start,
            end_line: symbol.span.end,
            start_byte: symbol.bytes.start,
            end_byte: symbol.bytes.end,
            signature_start: symbol.signature.start,
            signature_end: symbol.signature.end,
            doc_start: symbol.doc.start,
            doc_end: symbol.doc.end,
            name_start: symbol.name_start,
            name_line: symbol.name_line,
            kind: symbol.kind as u32,
        });
    }

    /// Adds a use of a name to the current entry.
    pub fn reference(&mut self, reference: &NewReference<'_>) {
        let name = self.name(reference.name);
        let receiver = if reference.receiver.is_empty() { NONE } else { self.name(reference.receiver) };
        let line_and_kind = (reference.line << 3) | reference.kind as u32;
        let symbol = reference.symbol.unwrap_or(NONE);
        self.references.push(ReferenceRecord { name, line_and_kind, receiver, symbol });
    }

    /// Adds an import to the current entry.
    pub fn import(&mut self, import: &NewImport<'_>) {
        let (module, name, alias) = (self.name(import.module), self.name(import.name), self.name(import.alias));
        let line_and_exports = (import.line << 1) | u32::from(import.exports);
        self.imports.push(ImportRecord { module, name, alias, line_and_exports });
    }

    /// Adds what is shown of a type to the current entry.
    pub fn binding(&mut self, binding: &NewBinding<'_>) {
        let (name, of) = (self.name(binding.name), self.name(binding.of));
        let flags = u32::from(binding.is_type) * BINDING_IS_TYPE + u32::from(binding.returns) * BINDING_RETURNS;
        self.bindings.push(BindingRecord { name, of, symbol: binding.symbol.unwrap_or(NONE), flags });
    }

    /// Adds a route or a use of a configuration key to the current entry.
    pub fn mark(&mut self, mark: &NewMark<'_>) {
        let (text, method, handler) = (self.name(mark.text), self.name(mark.method), self.name(mark.handler));
        let line_and_route = (mark.line << 1) | u32::from(mark.is_route);
        self.marks.push(MarkRecord { text, method, handler, symbol: mark.symbol.unwrap_or(NONE), line_and_route });
    }

    /// Sets the face of the current entry: a hash of all that the resolution of names in other files can see of it. While it
    /// stays, an edit concerns the edges of this file alone.
    pub fn face(&mut self, face: u32) {
        if let Some(entry) = self.entries.last_mut() {
            entry.face = face;
        }
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.names.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.name_bytes += name.len();
        self.names.insert(name.into(), number);
        number
    }

    /// How many entries were begun.
    pub fn entries(&self) -> u32 {
        self.entries.len() as u32
    }

    /// How many chunks were added.
    pub fn chunks(&self) -> u32 {
        self.chunks.len() as u32
    }

    /// Memory held now, in bytes, about.
    pub fn memory_bytes(&self) -> usize {
        self.entries.len() * size_of::<EntryRecord>()
            + self.paths.len()
            + self.chunks.len() * (size_of::<ChunkRecord>() + 4)
            + self.symbols.len() * size_of::<SymbolRecord>()
            + self.references.len() * size_of::<ReferenceRecord>()
            + self.imports.len() * size_of::<ImportRecord>()
            + self.bindings.len() * size_of::<BindingRecord>()
            + self.marks.len() * size_of::<MarkRecord>()
            + self.names.len() * 40
            + self.name_bytes
    }

    /// Writes the facts at `path` and syncs them. `lengths_of_chunk` gives the terms of each field of a chunk.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self, path: &Path, lengths_of_chunk: impl Fn(u32) -> [u32; FIELDS]) -> Result<()> {
        let mut names: Vec<(Box<str>, u32)> = self.names.drain().collect();
        names.sort_unstable_by(|left, right| name_order(&left.0, &right.0));
        let mut renumbered = vec![0_u32; names.len()];
        let mut ends = Vec::with_capacity(names.len());
        let mut text = Vec::with_capacity(self.name_bytes);
        for (number, (name, old)) in names.iter().enumerate() {
            renumbered[*old as usize] = number as u32;
            text.extend_from_slice(name.as_bytes());
            ends.push(text.len() as u32);
        }
        let mut counts = vec![0_u32; names.len()];
        for symbol in &mut self.symbols {
            symbol.name = renumbered[symbol.name as usize];
            if symbol.qualifier != NONE {
                symbol.qualifier = renumbered[symbol.qualifier as usize];
            }
            counts[symbol.name as usize] += 1;
        }
        for reference in &mut self.references {
            reference.name = renumbered[reference.name as usize];
            if reference.receiver != NONE {
                reference.receiver = renumbered[reference.receiver as usize];
            }
        }
        let renumber = |names: [&mut u32; 3]| names.into_iter().for_each(|name| *name = renumbered[*name as usize]);
        for import in &mut self.imports {
            renumber([&mut import.module, &mut import.name, &mut import.alias]);
        }
        for binding in &mut self.bindings {
            binding.name = renumbered[binding.name as usize];
            binding.of = renumbered[binding.of as usize];
        }
        for mark in &mut self.marks {
            renumber([&mut mark.text, &mut mark.method, &mut mark.handler]);
        }
        let (symbol_ends, symbol_list) = group(&counts, self.symbols.iter().map(|symbol| symbol.name));
        let mut lengths = vec![[0_u32; FIELDS]; self.entries.len()];
        for (chunk, &entry) in self.chunk_entries.iter().enumerate() {
            for (total, length) in lengths[entry as usize].iter_mut().zip(lengths_of_chunk(chunk as u32)) {
                *total += length;
            }
        }
        let references = encode_references(&mut self.entries, &self.references);
        let bindings = encode_bindings(&mut self.entries, &self.bindings);
        let symbols = SymbolColumns::new(&self.symbols);
        let mut writer = ColumnsWriter::default();
        writer.add(tag::ENTRIES, &self.entries);
        writer.add(tag::PATHS, &self.paths);
        writer.add(tag::CHUNKS, &self.chunks);
        writer.add(tag::CHUNK_ENTRIES, &self.chunk_entries);
        writer.add(tag::SYMBOL_NAMES, &symbols.names);
        writer.add(tag::SYMBOL_KINDS, &symbols.kinds);
        writer.add(tag::SYMBOL_STARTS, &symbols.starts);
        writer.add(tag::SYMBOLS, &symbols.rest);
        writer.add(tag::REFERENCES, &references);
        writer.add(tag::NAME_ENDS, &ends);
        writer.add(tag::NAMES, &text);
        writer.add(tag::NAME_SYMBOL_ENDS, &symbol_ends);
        writer.add(tag::NAME_SYMBOLS, &symbol_list);
        writer.add(tag::LENGTHS, &lengths);
        writer.add(tag::IMPORTS, &self.imports);
        writer.add(tag::BINDINGS, &bindings);
        writer.add(tag::MARKS, &self.marks);
        writer.write(path)
    }
}

/// Names sort by their lower-case form, so that look-ups without regard to case are one range.
fn name_order(left: &str, right: &str) -> std::cmp::Ordering {
    lower(left).cmp(lower(right)).then_with(|| left.cmp(right))
}

fn lower(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// Counting sort: for each key the end of its run, and the runs.
fn group(counts: &[u32], keys: impl Iterator<Item = u32>) -> (Vec<u32>, Vec<u32>) {
    let mut ends = Vec::with_capacity(counts.len());
    let mut total = 0;
    for count in counts {
        ends.push(total);
        total += count;
    }
    let mut list = vec![0_u32; total as usize];
    for (number, key) in keys.enumerate() {
        list[ends[key as usize] as usize] = number as u32;
        ends[key as usize] += 1;
    }
    (ends, list)
}

/// The open facts of a segment. Every access is checked: a damaged file gives empty answers, never a panic.
pub struct Facts {
    columns: Columns,
}

impl Facts {
    /// Maps the facts at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Corrupt`].
    pub fn open(path: &Path) -> Result<Self> {
        let facts = Self { columns: Columns::open(path)? };
        let consistent = facts.chunk_entries().len() == facts.columns.get::<ChunkRecord>(tag::CHUNKS).len()
            && facts.lengths().len() == facts.entries().len()
            && facts.symbols().fit_together();
        if consistent { Ok(facts) } else { Err(Error::corrupt(path, "its columns do not fit together")) }
    }

    /// The entries.
    pub fn entries(&self) -> &[EntryRecord] {
        self.columns.get(tag::ENTRIES)
    }

    /// For each chunk its entry.
    pub fn chunk_entries(&self) -> &[u32] {
        self.columns.get(tag::CHUNK_ENTRIES)
    }

    /// All chunks.
    pub fn chunks(&self) -> &[ChunkRecord] {
        self.columns.get(tag::CHUNKS)
    }

    /// How many symbols there are.
    pub fn symbol_count(&self) -> u32 {
        self.symbols().names.len() as u32
    }

    /// A symbol, numbered in the segment. It is decoded for each call.
    pub fn symbol(&self, symbol: u32) -> Option<SymbolRecord> {
        self.symbols().get(symbol)
    }

    /// The name of a symbol, as a number within the segment: less work than all of it.
    pub fn symbol_name(&self, symbol: u32) -> Option<u32> {
        self.symbols().names.get(symbol as usize).copied()
    }

    /// What a symbol is: likewise.
    pub fn symbol_kind(&self, symbol: u32) -> Option<SymbolKind> {
        self.symbols().kind(symbol).and_then(SymbolKind::from_number)
    }

    /// Whether a symbol has a body, rather than being declared only: likewise.
    pub fn has_body(&self, symbol: u32) -> bool {
        self.symbols().has_body(symbol)
    }

    fn symbols(&self) -> Symbols<'_> {
        Symbols {
            names: self.columns.get(tag::SYMBOL_NAMES),
            kinds: self.columns.get(tag::SYMBOL_KINDS),
            starts: self.columns.get(tag::SYMBOL_STARTS),
            rest: self.columns.get(tag::SYMBOLS),
        }
    }

    /// For each entry the terms of its fields.
    pub fn lengths(&self) -> &[[u32; FIELDS]] {
        self.columns.get(tag::LENGTHS)
    }

    /// The path of an entry; empty if there is no such entry.
    pub fn path(&self, entry: u32) -> &str {
        std::str::from_utf8(self.path_bytes(entry)).unwrap_or("")
    }

    /// The bytes of the path of an entry, unchecked: for looking through many.
    pub fn path_bytes(&self, entry: u32) -> &[u8] {
        let paths: &[u8] = self.columns.get(tag::PATHS);
        let range = |record: &EntryRecord| {
            let start = usize::try_from(record.path_start).ok()?;
            paths.get(start..start.checked_add(record.path_bytes as usize)?)
        };
        self.entries().get(entry as usize).and_then(range).unwrap_or_default()
    }

    /// The chunks of an entry, as numbers in the segment.
    pub fn chunks_of(&self, entry: u32) -> std::ops::Range<u32> {
        self.range(entry, self.chunks().len(), |record| record.first_chunk)
    }

    /// The symbols of an entry, as numbers in the segment.
    pub fn symbols_of(&self, entry: u32) -> std::ops::Range<u32> {
        self.range(entry, self.symbol_count() as usize, |record| record.first_symbol)
    }

    /// The references of an entry, in file order. They are decoded for each call.
    pub fn references_of(&self, entry: u32) -> Vec<ReferenceRecord> {
        decode_references(self.rows(entry, tag::REFERENCES, |record| record.first_reference))
    }

    /// How many bytes the references of all entries take.
    pub fn reference_bytes(&self) -> usize {
        self.columns.get::<u8>(tag::REFERENCES).len()
    }

    /// What an entry takes from others, in file order.
    pub fn imports_of(&self, entry: u32) -> &[ImportRecord] {
        self.rows(entry, tag::IMPORTS, |record| record.first_import)
    }

    /// What the text of an entry shows of types, in file order. They are decoded for each call.
    pub fn bindings_of(&self, entry: u32) -> Vec<BindingRecord> {
        decode_bindings(self.rows(entry, tag::BINDINGS, |record| record.first_binding))
    }

    /// The routes of an entry and its uses of configuration keys, in file order.
    pub fn marks_of(&self, entry: u32) -> &[MarkRecord] {
        self.rows(entry, tag::MARKS, |record| record.first_mark)
    }

    /// Hash of what other files can see of an entry.
    pub fn face_of(&self, entry: u32) -> u32 {
        self.entries().get(entry as usize).map_or(0, |record| record.face)
    }

    fn rows<T: Pod>(&self, entry: u32, tag: u64, first: impl Fn(&EntryRecord) -> u32) -> &[T] {
        let all: &[T] = self.columns.get(tag);
        let range = self.range(entry, all.len(), first);
        all.get(range.start as usize..range.end as usize).unwrap_or(&[])
    }

    fn range(&self, entry: u32, total: usize, first: impl Fn(&EntryRecord) -> u32) -> std::ops::Range<u32> {
        let entries = self.entries();
        let start = entries.get(entry as usize).map_or(0, &first);
        let end = entries.get(entry as usize + 1).map_or(total as u32, &first);
        if entry as usize >= entries.len() || start > end || end as usize > total { 0..0 } else { start..end }
    }

    /// The entry a symbol belongs to.
    pub fn entry_of_symbol(&self, symbol: u32) -> u32 {
        self.entries().partition_point(|record| record.first_symbol <= symbol).saturating_sub(1) as u32
    }

    /// The entry a chunk belongs to.
    pub fn entry_of_chunk(&self, chunk: u32) -> u32 {
        self.chunk_entries().get(chunk as usize).copied().unwrap_or(0)
    }

    /// The symbol a chunk belongs to, numbered in the segment; `None` for top-level lines.
    pub fn symbol_of_chunk(&self, chunk: u32) -> Option<u32> {
        let within = self.chunks().get(chunk as usize)?.symbol()?;
        let symbol = self.symbols_of(self.entry_of_chunk(chunk)).start + within;
        (symbol < self.symbol_count()).then_some(symbol)
    }

    /// The chunk in which the name of a symbol stands.
    pub fn chunk_of_symbol(&self, symbol: u32) -> Option<u32> {
        let record = self.symbol(symbol)?;
        let start = record.name_start().max(record.bytes().start);
        let chunks = self.chunks_of(self.entry_of_symbol(symbol));
        let records = self.chunks().get(chunks.start as usize..chunks.end as usize)?;
        let chunk = chunks.start + records.partition_point(|chunk| chunk.bytes().end <= start) as u32;
        (chunk < chunks.end).then_some(chunk)
    }

    /// The text of a name.
    pub fn name(&self, name: u32) -> &str {
        std::str::from_utf8(self.name_bytes(name)).unwrap_or("")
    }

    /// The bytes of a name: for those who compare millions of them.
    pub fn name_bytes(&self, name: u32) -> &[u8] {
        let ends: &[u32] = self.columns.get(tag::NAME_ENDS);
        let names: &[u8] = self.columns.get(tag::NAMES);
        let start = if name == 0 { 0 } else { ends.get(name as usize - 1).copied().unwrap_or(0) as usize };
        let end = ends.get(name as usize).copied().unwrap_or(0) as usize;
        names.get(start..end).unwrap_or_default()
    }

    /// How many names the segment has; they are in the order of their lower-case form.
    pub fn names(&self) -> u32 {
        self.columns.get::<u32>(tag::NAME_ENDS).len() as u32
    }

    /// The names that equal `name` without regard to ASCII case.
    pub fn names_equal(&self, name: &str) -> std::ops::Range<u32> {
        let below = |number: u32| lower(self.name(number)).cmp(lower(name));
        self.partition(|number| below(number).is_lt())..self.partition(|number| below(number).is_le())
    }

    /// The names that start with `prefix` without regard to ASCII case.
    pub fn names_starting(&self, prefix: &str) -> std::ops::Range<u32> {
        let below = |number: u32| lower(self.name(number)).take(prefix.len()).cmp(lower(prefix));
        self.partition(|number| below(number).is_lt())..self.partition(|number| below(number).is_le())
    }

    fn partition(&self, below: impl Fn(u32) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.names());
        while low < high {
            let middle = low + (high - low) / 2;
            if below(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The symbols that have this name, as numbers in the segment.
    pub fn symbols_named(&self, name: u32) -> &[u32] {
        let ends: &[u32] = self.columns.get(tag::NAME_SYMBOL_ENDS);
        let list: &[u32] = self.columns.get(tag::NAME_SYMBOLS);
        let start = if name == 0 { 0 } else { ends.get(name as usize - 1).copied().unwrap_or(0) };
        let end = ends.get(name as usize).copied().unwrap_or(start);
        list.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// The name of a symbol (numbered in the segment) with those of its containers, separated by dots; at most eight deep.
    pub fn qualified_name(&self, symbol: u32) -> String {
        let first = self.symbols_of(self.entry_of_symbol(symbol)).start;
        let mut names = Vec::new();
        let mut next = Some(symbol);
        while let Some(record) = next.and_then(|number| self.symbol(number)) {
            names.push(self.name(record.name));
            names.extend(record.qualifier().map(|qualifier| self.name(qualifier)));
            if names.len() >= 8 {
                break;
            }
            next = record.container().map(|container| first + container);
        }
        names.reverse();
        names.join(".")
    }

    /// Whether a symbol (numbered in the segment) is a test, or stands in one or in a module of tests.
    pub fn is_test(&self, symbol: u32) -> bool {
        let first = self.symbols_of(self.entry_of_symbol(symbol)).start;
        let mut next = symbol;
        for _ in 0..8 {
            let Some(kind) = self.symbol_kind(next) else { return false };
            let name = || self.symbol_name(next).map(|name| self.name(name));
            if kind == SymbolKind::Test || kind == SymbolKind::Module && matches!(name(), Some("tests" | "test")) {
                return true;
            }
            let Some(container) = self.symbol(next).and_then(|record| record.container()) else { return false };
            next = first + container;
        }
        false
    }

    /// Copies an entry with all its facts into a builder, for merging segments.
    pub fn copy_entry(&self, entry: u32, into: &mut FactsBuilder) {
        let Some(record) = self.entries().get(entry as usize) else { return };
        into.begin(&NewEntry {
            path: self.path(entry),
            blob: record.blob,
            language: record.language(),
            flags: record.flags,
            bytes: record.bytes,
            lines: record.lines,
        });
        for symbol in self.symbols_of(entry) {
            let Some(record) = self.symbol(symbol) else { continue };
            let name = into.name(self.name(record.name));
            let qualifier = record.qualifier().map_or(NONE, |qualifier| into.name(self.name(qualifier)));
            into.symbols.push(SymbolRecord { name, qualifier, ..record });
        }
        for chunk in self.chunks_of(entry) {
            into.chunks.push(self.chunks()[chunk as usize]);
            into.chunk_entries.push(into.entries.len() as u32 - 1);
        }
        for reference in self.references_of(entry) {
            let name = into.name(self.name(reference.name));
            let receiver = reference.receiver().map_or(NONE, |receiver| into.name(self.name(receiver)));
            into.references.push(ReferenceRecord { name, receiver, ..reference });
        }
        self.copy_links(entry, into);
        into.face(record.face);
    }

    fn copy_links(&self, entry: u32, into: &mut FactsBuilder) {
        for import in self.imports_of(entry) {
            let [module, name, alias] =
                [import.module, import.name, import.alias].map(|name| into.name(self.name(name)));
            into.imports.push(ImportRecord { module, name, alias, ..*import });
        }
        for binding in self.bindings_of(entry) {
            let [name, of] = [binding.name, binding.of].map(|name| into.name(self.name(name)));
            into.bindings.push(BindingRecord { name, of, ..binding });
        }
        for mark in self.marks_of(entry) {
            let [text, method, handler] = [mark.text, mark.method, mark.handler].map(|name| into.name(self.name(name)));
            into.marks.push(MarkRecord { text, method, handler, ..*mark });
        }
    }
}

impl std::fmt::Debug for Facts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Facts({} entries, {} chunks)", self.entries().len(), self.chunks().len())
    }
}

/// Opening facts fails with [`Error::Corrupt`] for anything but facts.
#[cfg(test)]
mod tests {
    use pampax_base::{Language, ReferenceKind};

    use super::*;

    fn sample(path: &Path) -> Facts {
        let mut builder = FactsBuilder::new();
        for (file, names) in [("a.rs", ["Open", "close"]), ("b/c.py", ["open", "Opener"])] {
            builder.begin(&NewEntry {
                path: file,
                blob: [7; 16],
                language: Language::from_path(file),
                flags: 0,
                bytes: 9,
                lines: 3,
            });
            for (number, name) in names.into_iter().enumerate() {
                builder.symbol(&NewSymbol {
                    name,
                    qualifier: "",
                    kind: SymbolKind::Function,
                    container: (number == 1).then_some(0),
                    span: LineSpan::new(1, 2),
                    bytes: ByteSpan::new(0, 5),
                    signature: ByteSpan::new(0, 3),
                    doc: ByteSpan::default(),
                    name_start: 0,
                    name_line: 1,
                });
            }
            builder.chunk(LineSpan::new(1, 2), ByteSpan::new(0, 5), Some(0), true);
            builder.chunk(LineSpan::new(3, 3), ByteSpan::new(5, 9), None, false);
            builder.reference(&NewReference {
                name: "close",
                kind: ReferenceKind::Call,
                line: 2,
                receiver: "self.file",
                symbol: Some(1),
            });
            builder.import(&NewImport { module: "os", name: "path", alias: "", line: 1, exports: true });
            builder.binding(&NewBinding {
                name: "file",
                of: "File()",
                is_type: false,
                returns: false,
                symbol: Some(0),
            });
            builder.mark(&NewMark { text: "/x", method: "GET", handler: "", is_route: true, symbol: None, line: 3 });
            builder.face(77);
        }
        builder.finish(path, |chunk| [chunk, 1, 0, 0, 0, 0]).unwrap();
        Facts::open(path).unwrap()
    }

    fn check(facts: &Facts) {
        assert_eq!(facts.path(1), "b/c.py");
        assert_eq!(facts.chunks_of(1), 2..4);
        assert_eq!(facts.symbols_of(1), 2..4);
        assert_eq!(facts.lengths(), [[1, 2, 0, 0, 0, 0], [5, 2, 0, 0, 0, 0]]);
        assert_eq!(facts.chunks()[2].symbol(), Some(0));
        assert!(facts.chunks()[2].is_first());
        assert_eq!(facts.chunks()[3].symbol(), None);
        assert!(!facts.chunks()[3].is_first());
        let equal: Vec<_> = facts.names_equal("OPEN").flat_map(|name| facts.symbols_named(name)).copied().collect();
        assert_eq!(equal, [0, 2]);
        let starting: Vec<_> = facts.names_starting("op").map(|name| facts.name(name)).collect();
        assert_eq!(starting, ["Open", "open", "Opener"]);
        assert_eq!(facts.qualified_name(3), "open.Opener");
        assert_eq!(facts.entry_of_symbol(2), 1);
        assert_eq!((facts.entry_of_chunk(1), facts.entry_of_chunk(2)), (0, 1));
        assert_eq!((facts.symbol_of_chunk(2), facts.symbol_of_chunk(3)), (Some(2), None));
        assert_eq!((facts.chunk_of_symbol(3), facts.chunk_of_symbol(9)), (Some(2), None));
        let reference = facts.references_of(1)[0];
        assert_eq!(
            (facts.name(reference.name()), reference.line(), reference.kind()),
            ("close", 2, ReferenceKind::Call)
        );
        assert_eq!(reference.receiver().map(|name| facts.name(name)), Some("self.file"));
        assert_eq!((reference.symbol(), facts.face_of(1)), (Some(1), 77));
        let import = facts.imports_of(1)[0];
        let names = [import.module, import.name, import.alias].map(|name| facts.name(name));
        assert_eq!((names, import.line(), import.exports()), (["os", "path", ""], 1, true));
        let binding = facts.bindings_of(1)[0];
        assert_eq!([binding.name, binding.of].map(|name| facts.name(name)), ["file", "File()"]);
        assert_eq!((binding.symbol(), binding.is_type(), binding.returns()), (Some(0), false, false));
        let mark = facts.marks_of(0)[0];
        assert_eq!(
            (facts.name(mark.text), facts.name(mark.method), mark.is_route(), mark.line()),
            ("/x", "GET", true, 3)
        );
    }

    #[test]
    fn what_is_written_is_read_back_and_survives_a_merge() {
        let folder = tempfile::tempdir().unwrap();
        let facts = sample(&folder.path().join("facts"));
        check(&facts);
        let mut builder = FactsBuilder::new();
        facts.copy_entry(0, &mut builder);
        facts.copy_entry(1, &mut builder);
        let merged = folder.path().join("merged");
        builder.finish(&merged, |chunk| [chunk, 1, 0, 0, 0, 0]).unwrap();
        check(&Facts::open(&merged).unwrap());
    }

    #[test]
    fn damaged_facts_never_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts");
        sample(&path);
        let clean = std::fs::read(&path).unwrap();
        for at in 0..clean.len() {
            let mut bytes = clean.clone();
            bytes[at] ^= 0x55;
            let damaged = folder.path().join("damaged");
            std::fs::write(&damaged, &bytes).unwrap();
            let Ok(facts) = Facts::open(&damaged) else { continue };
            for entry in 0..4 {
                let _ = (facts.path(entry), facts.chunks_of(entry), facts.references_of(entry).len());
                let _ = (facts.imports_of(entry).len(), facts.bindings_of(entry).len(), facts.marks_of(entry).len());
                for symbol in facts.symbols_of(entry) {
                    let _ = facts.qualified_name(symbol);
                }
            }
            for name in facts.names_starting("o") {
                let _ = facts.symbols_named(name);
            }
        }
        std::fs::write(&path, &clean[..40]).unwrap();
        assert!(matches!(Facts::open(&path), Err(Error::Corrupt { .. })));
    }
}
