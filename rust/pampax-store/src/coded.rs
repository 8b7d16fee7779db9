//! Facts in few bytes: symbols in blocks that can be read at any place, references and bindings file by file.
//!
//! Each record is written as differences to the one before where that is shorter. A file may be damaged: what makes no sense
//! ends the reading, and every number is checked by whoever uses it as an index.

use crate::records::{BindingRecord, EntryRecord, NONE, ReferenceRecord, SymbolRecord};
use crate::varint::{self, Reader};

/// Symbols of a block. To read a symbol the ones before it in its block are read too.
const SYMBOLS_PER_BLOCK: usize = 8;
/// The bit beside a symbol's kind that says that it has a body, rather than being declared only.
const HAS_BODY: u8 = 0x80;

/// What is written of a symbol because it is not as it is for most.
mod differs {
    pub(super) const QUALIFIER: u8 = 1;
    pub(super) const CONTAINER: u8 = 2;
    pub(super) const END_LINE: u8 = 4;
    pub(super) const SIGNATURE: u8 = 8;
    pub(super) const DOC: u8 = 16;
    pub(super) const NAME_LINE: u8 = 32;
}

/// The columns of symbols. Names and kinds, which are asked for most, can be read alone.
#[derive(Default)]
pub(crate) struct SymbolColumns {
    pub(crate) names: Vec<u32>,
    pub(crate) kinds: Vec<u8>,
    /// For each block of symbols where it begins in `rest`.
    pub(crate) starts: Vec<u32>,
    pub(crate) rest: Vec<u8>,
}

impl SymbolColumns {
    pub(crate) fn new(symbols: &[SymbolRecord]) -> Self {
        let mut columns = Self::default();
        for block in symbols.chunks(SYMBOLS_PER_BLOCK) {
            columns.starts.push(columns.rest.len() as u32);
            let mut before = SymbolRecord::default();
            for symbol in block {
                columns.names.push(symbol.name);
                columns.kinds.push(symbol.kind as u8 | if symbol.has_body() { HAS_BODY } else { 0 });
                put_symbol(&mut columns.rest, symbol, &before);
                before = *symbol;
            }
        }
        columns
    }
}

/// The columns of symbols in an open file.
#[derive(Clone, Copy)]
pub(crate) struct Symbols<'a> {
    pub(crate) names: &'a [u32],
    pub(crate) kinds: &'a [u8],
    pub(crate) starts: &'a [u32],
    pub(crate) rest: &'a [u8],
}

impl Symbols<'_> {
    /// Whether the columns are of one length.
    pub(crate) fn fit_together(&self) -> bool {
        self.names.len() == self.kinds.len() && self.starts.len() == self.names.len().div_ceil(SYMBOLS_PER_BLOCK)
    }

    pub(crate) fn kind(&self, symbol: u32) -> Option<u8> {
        Some(self.kinds.get(symbol as usize)? & !HAS_BODY)
    }

    pub(crate) fn has_body(&self, symbol: u32) -> bool {
        self.kinds.get(symbol as usize).is_some_and(|kind| kind & HAS_BODY != 0)
    }

    pub(crate) fn get(&self, symbol: u32) -> Option<SymbolRecord> {
        let (block, within) = (symbol as usize / SYMBOLS_PER_BLOCK, symbol as usize % SYMBOLS_PER_BLOCK);
        let mut reader = Reader::new(self.rest.get(*self.starts.get(block)? as usize..)?);
        let mut record = SymbolRecord::default();
        for _ in 0..=within {
            record = read_symbol(&mut reader, &record)?;
        }
        record.name = *self.names.get(symbol as usize)?;
        record.kind = u32::from(self.kind(symbol)?);
        Some(record)
    }
}

fn put_symbol(bytes: &mut Vec<u8>, symbol: &SymbolRecord, before: &SymbolRecord) {
    let flag = |differs: bool, flag: u8| if differs { flag } else { 0 };
    let whole = (symbol.start_byte, symbol.end_byte);
    let what = flag(symbol.qualifier != NONE, differs::QUALIFIER)
        | flag(symbol.container != before.container, differs::CONTAINER)
        | flag(symbol.end_line != symbol.start_line, differs::END_LINE)
        | flag((symbol.signature_start, symbol.signature_end) != whole, differs::SIGNATURE)
        | flag((symbol.doc_start, symbol.doc_end) != (0, 0), differs::DOC)
        | flag(symbol.name_line != symbol.start_line, differs::NAME_LINE);
    bytes.push(what);
    let mut put = |number: u32, from: u32| varint::put_signed(bytes, number.wrapping_sub(from) as i32);
    put(symbol.start_line, before.start_line);
    put(symbol.start_byte, before.start_byte);
    put(symbol.end_byte, symbol.start_byte);
    put(symbol.name_start, symbol.start_byte);
    if what & differs::QUALIFIER != 0 {
        put(symbol.qualifier, 0);
    }
    if what & differs::CONTAINER != 0 {
        put(symbol.container, before.container);
    }
    if what & differs::END_LINE != 0 {
        put(symbol.end_line, symbol.start_line);
    }
    if what & differs::SIGNATURE != 0 {
        put(symbol.signature_start, symbol.start_byte);
        put(symbol.signature_end, symbol.signature_start);
    }
    if what & differs::DOC != 0 {
        put(symbol.doc_start, symbol.start_byte);
        put(symbol.doc_end, symbol.doc_start);
    }
    if what & differs::NAME_LINE != 0 {
        put(symbol.name_line, symbol.start_line);
    }
}

/// Reads what [`put_symbol`] wrote, but for name and kind.
fn read_symbol(reader: &mut Reader<'_>, before: &SymbolRecord) -> Option<SymbolRecord> {
    let what = reader.byte()?;
    let mut next = |from: u32| reader.signed().map(|difference| from.wrapping_add_signed(difference));
    let (start_line, start_byte) = (next(before.start_line)?, next(before.start_byte)?);
    let (end_byte, name_start) = (next(start_byte)?, next(start_byte)?);
    let mut symbol = SymbolRecord {
        start_line,
        end_line: start_line,
        name_line: start_line,
        start_byte,
        end_byte,
        name_start,
        signature_start: start_byte,
        signature_end: end_byte,
        container: before.container,
        ..SymbolRecord::default()
    };
    if what & differs::QUALIFIER != 0 {
        symbol.qualifier = next(0)?;
    }
    if what & differs::CONTAINER != 0 {
        symbol.container = next(before.container)?;
    }
    if what & differs::END_LINE != 0 {
        symbol.end_line = next(start_line)?;
    }
    if what & differs::SIGNATURE != 0 {
        symbol.signature_start = next(start_byte)?;
        symbol.signature_end = next(symbol.signature_start)?;
    }
    if what & differs::DOC != 0 {
        symbol.doc_start = next(start_byte)?;
        symbol.doc_end = next(symbol.doc_start)?;
    }
    if what & differs::NAME_LINE != 0 {
        symbol.name_line = next(start_line)?;
    }
    Some(symbol)
}

/// Writes the rows of each entry one after the other, and says in the entries where those of each begin: `first` of an entry is
/// the number of its first row, and becomes the byte at which its rows begin.
fn encode_rows<T>(
    entries: &mut [EntryRecord],
    rows: &[T],
    first: impl Fn(&mut EntryRecord) -> &mut u32,
    mut put: impl FnMut(&mut Vec<u8>, &[T]),
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * 8);
    let firsts: Vec<usize> = entries.iter_mut().map(|entry| *first(entry) as usize).collect();
    let ends = firsts.iter().skip(1).copied().chain([rows.len()]);
    for ((entry, &start), end) in entries.iter_mut().zip(&firsts).zip(ends) {
        *first(entry) = bytes.len() as u32;
        put(&mut bytes, rows.get(start..end).unwrap_or_default());
    }
    bytes
}

/// Writes references. They are read file by file, when the graph is made.
pub(crate) fn encode_references(entries: &mut [EntryRecord], references: &[ReferenceRecord]) -> Vec<u8> {
    encode_rows(entries, references, |entry| &mut entry.first_reference, put_references)
}

fn put_references(bytes: &mut Vec<u8>, references: &[ReferenceRecord]) {
    let (mut line, mut symbol) = (0_u32, NONE);
    for reference in references {
        varint::put(bytes, reference.name);
        varint::put_signed(bytes, (reference.line_and_kind >> 3).wrapping_sub(line) as i32);
        line = reference.line_and_kind >> 3;
        // The kind with what is left out: most uses have no receiver, and stand where the one before does.
        let has = u8::from(reference.receiver != NONE) << 3 | u8::from(reference.symbol != symbol) << 4;
        bytes.push((reference.line_and_kind & 7) as u8 | has);
        if reference.receiver != NONE {
            varint::put(bytes, reference.receiver);
        }
        if reference.symbol != symbol {
            varint::put_signed(bytes, reference.symbol.wrapping_sub(symbol) as i32);
            symbol = reference.symbol;
        }
    }
}

/// Reads the references of an entry; of damaged bytes as much as makes sense.
pub(crate) fn decode_references(bytes: &[u8]) -> Vec<ReferenceRecord> {
    let mut reader = Reader::new(bytes);
    let (mut line, mut symbol) = (0_u32, NONE);
    let next = || -> Option<ReferenceRecord> {
        let name = reader.number()?;
        line = line.wrapping_add_signed(reader.signed()?);
        let what = reader.byte()?;
        let receiver = if what & 8 == 0 { NONE } else { reader.number()? };
        if what & 16 != 0 {
            symbol = symbol.wrapping_add_signed(reader.signed()?);
        }
        Some(ReferenceRecord { name, line_and_kind: line << 3 | u32::from(what & 7), receiver, symbol })
    };
    std::iter::from_fn(next).collect()
}

/// Writes bindings. They are read file by file, when the graph is made.
pub(crate) fn encode_bindings(entries: &mut [EntryRecord], bindings: &[BindingRecord]) -> Vec<u8> {
    encode_rows(entries, bindings, |entry| &mut entry.first_binding, put_bindings)
}

fn put_bindings(bytes: &mut Vec<u8>, bindings: &[BindingRecord]) {
    let mut symbol = NONE;
    for binding in bindings {
        bytes.push((binding.flags & 3) as u8 | u8::from(binding.symbol != symbol) << 2);
        varint::put(bytes, binding.name);
        varint::put(bytes, binding.of);
        if binding.symbol != symbol {
            varint::put_signed(bytes, binding.symbol.wrapping_sub(symbol) as i32);
            symbol = binding.symbol;
        }
    }
}

/// Reads the bindings of an entry; of damaged bytes as much as makes sense.
pub(crate) fn decode_bindings(bytes: &[u8]) -> Vec<BindingRecord> {
    let mut reader = Reader::new(bytes);
    let mut symbol = NONE;
    let next = || -> Option<BindingRecord> {
        let what = reader.byte()?;
        let (name, of) = (reader.number()?, reader.number()?);
        if what & 4 != 0 {
            symbol = symbol.wrapping_add_signed(reader.signed()?);
        }
        Some(BindingRecord { name, of, symbol, flags: u32::from(what & 3) })
    };
    std::iter::from_fn(next).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0_u32..300, any::<u32>(), Just(NONE)]
    }

    fn symbol() -> impl Strategy<Value = SymbolRecord> {
        (proptest::collection::vec(number(), 13), 0_u32..128).prop_map(|(numbers, kind)| {
            let mut all = [kind; 14];
            all[..13].copy_from_slice(&numbers);
            bytemuck::cast(all)
        })
    }

    proptest! {
        #[test]
        fn symbols_come_back_from_any_place(symbols in proptest::collection::vec(symbol(), 0..40)) {
            let columns = SymbolColumns::new(&symbols);
            let SymbolColumns { names, kinds, starts, rest } = &columns;
            let read = Symbols { names, kinds, starts, rest };
            prop_assert!(read.fit_together());
            for (number, symbol) in symbols.iter().enumerate() {
                prop_assert_eq!(read.get(number as u32), Some(*symbol));
                prop_assert_eq!(read.has_body(number as u32), symbol.has_body());
            }
            prop_assert_eq!(read.get(symbols.len() as u32), None);
        }

        #[test]
        fn bindings_come_back(rows in proptest::collection::vec((number(), number(), number(), 0_u32..4), 0..40)) {
            let rows: Vec<BindingRecord> = rows
                .into_iter()
                .map(|(name, of, symbol, flags)| BindingRecord { name, of, symbol, flags })
                .collect();
            let mut bytes = Vec::new();
            put_bindings(&mut bytes, &rows);
            prop_assert_eq!(decode_bindings(&bytes), rows);
        }
    }
}
