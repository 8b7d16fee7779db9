//! The files of a view and their symbols, as one numbered world.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use pampax_base::{Language, SymbolKind};
use pampax_store::{Facts, SymbolRecord};

use crate::graph::names::Names;
use crate::kind_of_file::TEST;

/// "None" in tables of numbers.
const NONE: u32 = u32::MAX;

/// The numbers of a view's files, in the order of their paths, and of its symbols, file by file.
///
/// The numbers follow from the paths and what stands in the files, never from how the store is cut into segments.
pub(crate) struct Numbering {
    /// For each file the position of its segment and its entry there.
    pub(crate) files: Vec<[u32; 2]>,
    /// For each file how many symbols stand before its own; at last how many there are.
    pub(crate) first_symbols: Vec<u32>,
    /// For each segment and entry the file, or [`NONE`].
    file_of_entry: Vec<Vec<u32>>,
    /// For each file the number in its segment of its first symbol.
    first_locals: Vec<u32>,
    /// For each symbol its file.
    file_of_symbol: Vec<u32>,
}

impl Numbering {
    /// Numbers `entries`: for each the position of its segment in `facts` and its number there.
    pub(crate) fn new(facts: &[&Facts], entries: impl Iterator<Item = [u32; 2]>) -> Self {
        let mut files: Vec<[u32; 2]> = entries.collect();
        files.sort_by(|left, right| {
            let path = |file: &[u32; 2]| facts[file[0] as usize].path_bytes(file[1]);
            path(left).cmp(path(right))
        });
        Self::of_files(facts, files)
    }

    /// Numbers files that are in the order of their paths.
    pub(crate) fn of_files(facts: &[&Facts], files: Vec<[u32; 2]>) -> Self {
        let mut file_of_entry: Vec<Vec<u32>> = facts.iter().map(|facts| vec![NONE; facts.entries().len()]).collect();
        let mut first_symbols = Vec::with_capacity(files.len() + 1);
        let (mut first_locals, mut file_of_symbol) = (Vec::with_capacity(files.len()), Vec::new());
        for (number, &[segment, entry]) in files.iter().enumerate() {
            file_of_entry[segment as usize][entry as usize] = number as u32;
            first_symbols.push(file_of_symbol.len() as u32);
            let symbols = facts[segment as usize].symbols_of(entry);
            first_locals.push(symbols.start);
            file_of_symbol.resize(file_of_symbol.len() + symbols.len(), number as u32);
        }
        first_symbols.push(file_of_symbol.len() as u32);
        Self { files, first_symbols, file_of_entry, first_locals, file_of_symbol }
    }

    /// The file of an entry, if the view has it.
    pub(crate) fn file_of_entry(&self, segment: usize, entry: u32) -> Option<u32> {
        self.file_of_entry.get(segment)?.get(entry as usize).copied().filter(|&file| file != NONE)
    }

    /// The file of a symbol.
    pub(crate) fn file_of(&self, symbol: u32) -> Option<u32> {
        self.file_of_symbol.get(symbol as usize).copied()
    }
}

/// A view's files and symbols, with what they are.
pub(crate) struct World<'a> {
    facts: Vec<&'a Facts>,
    numbering: &'a Numbering,
    by_path: HashMap<&'a str, u32>,
    /// Files by the name that imports use: their stem, or the folder's name for files that stand for a folder.
    by_stem: HashMap<&'a str, Vec<u32>>,
    /// For each folder its files.
    folders: HashMap<&'a str, Vec<u32>>,
    /// Folders by their last name.
    folders_by_name: HashMap<&'a str, Vec<&'a str>>,
    /// Symbols by name, once somebody has said that many will be asked for.
    names: OnceLock<Option<Names>>,
}

/// Files that stand for the folder they are in.
const FOLDER_FILES: &[&str] = &["__init__", "index", "mod", "lib", "main"];

impl<'a> World<'a> {
    /// The world of what `numbering` numbers in `facts`.
    pub(crate) fn new(facts: Vec<&'a Facts>, numbering: &'a Numbering) -> Self {
        Self {
            facts,
            numbering,
            by_path: HashMap::new(),
            by_stem: HashMap::new(),
            folders: HashMap::new(),
            folders_by_name: HashMap::new(),
            names: OnceLock::new(),
        }
    }

    /// For each file the position of its segment and its entry there.
    pub(crate) fn files(&self) -> &'a [[u32; 2]] {
        &self.numbering.files
    }

    /// For each file how many symbols stand before its own; at last how many there are.
    pub(crate) fn first_symbols(&self) -> &'a [u32] {
        &self.numbering.first_symbols
    }

    /// Fills the tables that find files by parts of their paths.
    #[must_use]
    pub(crate) fn with_paths(mut self) -> Self {
        for file in 0..self.files().len() as u32 {
            let path = self.path(file);
            self.by_path.insert(path, file);
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let siblings = self.folders.entry(folder).or_default();
            if siblings.is_empty() {
                self.folders_by_name.entry(last_name(folder)).or_default().push(folder);
            }
            siblings.push(file);
            let stem = stem(name);
            self.by_stem.entry(stem).or_default().push(file);
            if FOLDER_FILES.contains(&stem) {
                self.by_stem.entry(last_name(folder)).or_default().push(file);
            }
        }
        self
    }

    /// The facts of a file and its entry there.
    pub(crate) fn file(&self, file: u32) -> (&'a Facts, u32) {
        let [segment, entry] = self.files()[file as usize];
        (self.facts[segment as usize], entry)
    }

    /// The path of a file.
    pub(crate) fn path(&self, file: u32) -> &'a str {
        let (facts, entry) = self.file(file);
        facts.path(entry)
    }

    /// The folder of a file; empty for the top.
    pub(crate) fn folder(&self, file: u32) -> &'a str {
        self.path(file).rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The language of a file.
    pub(crate) fn language(&self, file: u32) -> Option<Language> {
        let (facts, entry) = self.file(file);
        facts.entries()[entry as usize].language()
    }

    /// Whether the path of a file says that it tests something.
    pub(crate) fn is_test_file(&self, file: u32) -> bool {
        let (facts, entry) = self.file(file);
        facts.entries()[entry as usize].flags & TEST != 0
    }

    /// The file at `path`, looked for among the paths in their order.
    pub(crate) fn find_path(&self, path: &str) -> Option<u32> {
        let path_of = |&[segment, entry]: &[u32; 2]| self.facts[segment as usize].path_bytes(entry);
        self.files().binary_search_by(|file| path_of(file).cmp(path.as_bytes())).ok().map(|file| file as u32)
    }

    /// The file at `path`.
    pub(crate) fn at(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// The files known by this stem, or as files of a folder of this name.
    pub(crate) fn with_stem(&self, stem: &str) -> &[u32] {
        self.by_stem.get(stem).map_or(&[], Vec::as_slice)
    }

    /// The files of a folder.
    pub(crate) fn in_folder(&self, folder: &str) -> &[u32] {
        self.folders.get(folder).map_or(&[], Vec::as_slice)
    }

    /// The folders whose last name is this.
    pub(crate) fn folders_named(&self, name: &str) -> &[&'a str] {
        self.folders_by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// How many symbols there are.
    pub(crate) fn symbol_count(&self) -> u32 {
        self.first_symbols().last().copied().unwrap_or(0)
    }

    /// The symbols of a file.
    pub(crate) fn symbols_of(&self, file: u32) -> std::ops::Range<u32> {
        self.first_symbols()[file as usize]..self.first_symbols()[file as usize + 1]
    }

    /// The file of a symbol.
    pub(crate) fn file_of(&self, symbol: u32) -> u32 {
        self.numbering.file_of(symbol).unwrap_or(0)
    }

    /// The facts that hold a symbol, and its number in them.
    pub(crate) fn local(&self, symbol: u32) -> (&'a Facts, u32) {
        let (segment, local) = self.place(symbol);
        (self.facts[segment], local)
    }

    /// The segment that holds a symbol, and its number there.
    fn place(&self, symbol: u32) -> (usize, u32) {
        let file = self.file_of(symbol) as usize;
        let within = symbol - self.numbering.first_symbols[file];
        (self.numbering.files[file][0] as usize, self.numbering.first_locals[file] + within)
    }

    /// The record of a symbol; an empty one where the file is damaged.
    pub(crate) fn record(&self, symbol: u32) -> SymbolRecord {
        let (facts, local) = self.local(symbol);
        facts.symbol(local).unwrap_or_default()
    }

    /// What a symbol is.
    pub(crate) fn kind(&self, symbol: u32) -> SymbolKind {
        let (facts, local) = self.local(symbol);
        facts.symbol_kind(local).unwrap_or(SymbolKind::Variable)
    }

    /// The name of a symbol.
    pub(crate) fn name(&self, symbol: u32) -> &'a str {
        let (facts, local) = self.local(symbol);
        facts.symbol_name(local).map_or("", |name| facts.name(name))
    }

    /// The bytes of the name of a symbol.
    pub(crate) fn name_bytes(&self, symbol: u32) -> &'a [u8] {
        let (facts, local) = self.local(symbol);
        facts.symbol_name(local).map_or(b"", |name| facts.name_bytes(name))
    }

    /// The name of what a symbol belongs to where that does not stand around it.
    pub(crate) fn qualifier(&self, symbol: u32) -> Option<&'a str> {
        let facts = self.local(symbol).0;
        self.record(symbol).qualifier().map(|qualifier| facts.name(qualifier))
    }

    /// The symbol around a symbol.
    pub(crate) fn container(&self, symbol: u32) -> Option<u32> {
        let first = self.first_symbols()[self.file_of(symbol) as usize];
        self.record(symbol).container().map(|container| first + container)
    }

    /// Whether a symbol has a body, rather than being declared only.
    pub(crate) fn has_body(&self, symbol: u32) -> bool {
        let (facts, local) = self.local(symbol);
        facts.has_body(local)
    }

    /// Whether a symbol is part of a test.
    pub(crate) fn is_test(&self, symbol: u32) -> bool {
        let (facts, local) = self.local(symbol);
        self.is_test_file(self.file_of(symbol)) || facts.is_test(local)
    }

    /// The symbols of this name (to the letter), by file and place.
    pub(crate) fn named(&self, name: &str) -> Vec<u32> {
        self.find(name, |found| found == name)
    }

    /// Makes the table of names, as millions of them will be asked for.
    pub(crate) fn expect_many_names(&self) {
        self.names.get_or_init(|| Names::new(self));
    }

    /// What [`Self::named`] gives, if there is a table of names.
    pub(crate) fn named_by_table(&self, name: &str) -> Option<&[u32]> {
        Some(self.names.get()?.as_ref()?.find(self, name))
    }

    /// The symbols of this name without regard to ASCII case, by file and place.
    pub(crate) fn named_alike(&self, name: &str) -> Vec<u32> {
        self.find(name, |_| true)
    }

    fn find(&self, name: &str, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
        let mut found = Vec::new();
        for (segment, facts) in self.facts.iter().enumerate() {
            for number in facts.names_equal(name).filter(|&number| wanted(facts.name(number))) {
                for &symbol in facts.symbols_named(number) {
                    let entry = facts.entry_of_symbol(symbol);
                    if let Some(file) = self.numbering.file_of_entry(segment, entry) {
                        let within = symbol - self.numbering.first_locals[file as usize];
                        found.push(self.first_symbols()[file as usize] + within);
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }
}

/// A file's name without its extension (`x.d.ts` is `x`).
pub(crate) fn stem(name: &str) -> &str {
    match name.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// The last name of a path.
pub(crate) fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
