//! Building a segment: facts, words and trigrams of the same entries.

use std::path::Path;

use pampax_base::{ReferenceKind, Result};
use pampax_lexical::{ChunkWords, WordsBuilder, WordsFile};
use pampax_store::{FactsBuilder, NewBinding, NewEntry, NewImport, NewMark, NewReference, NewSymbol};
use pampax_syntax::{FileSyntax, Parser, receiver_before};
use pampax_trigram::TrigramsBuilder;

use crate::grep::add_trigrams;
use crate::kind_of_file::{UNPARSED, flags};
use crate::read::Source;
use crate::text::{clip, for_each_term};
use crate::vectors::{ChunkVectors, Embedder};

/// Names longer than this are data, not names (a reference to a minified expression, say).
const NAME_BYTES_MAX: usize = 200;
/// Heads longer than this are cut: a signature of kilobytes is a table, not a signature.
const SIGNATURE_BYTES_MAX: usize = 600;

/// The file of a segment's trigrams. Segments made before there were any lack it.
pub(crate) const TRIGRAMS: &str = "trigrams";

/// A segment that is being filled. One per thread.
pub(crate) struct SegmentBuilder<'a> {
    facts: FactsBuilder,
    words: WordsBuilder,
    trigrams: TrigramsBuilder,
    vectors: Option<ChunkVectors<'a>>,
    text: ChunkText,
}

/// Buffers for the fields of one chunk, kept between chunks.
#[derive(Default)]
struct ChunkText {
    names: String,
    signature: String,
    comments: String,
}

impl<'a> SegmentBuilder<'a> {
    /// An empty segment; with a model, its chunks get vectors.
    pub(crate) fn new(embedder: Option<&'a Embedder>) -> Result<Self> {
        Ok(Self {
            facts: FactsBuilder::new(),
            words: WordsBuilder::new(for_each_term)?,
            trigrams: TrigramsBuilder::new(),
            vectors: embedder.map(ChunkVectors::new).transpose()?,
            text: ChunkText::default(),
        })
    }

    /// Parses a file and adds it; gives the entry's number. If it is not to be `parsed`, it is cut by lines.
    pub(crate) fn add(&mut self, parser: &mut Parser, source: &Source, parsed: bool) -> Result<u32> {
        let path = &source.found.path;
        let text = source.text.as_str();
        let syntax = parser.parse(source.language.filter(|_| parsed), text);
        let entry = self.facts.begin(&NewEntry {
            path,
            blob: source.blob,
            language: source.language,
            flags: flags(path) | if parsed || source.language.is_none() { 0 } else { UNPARSED },
            bytes: source.found.bytes,
            lines: syntax.chunks.last().map_or(0, |chunk| chunk.span.end),
        });
        self.add_symbols(&syntax, text);
        self.add_chunks(&syntax, text, path)?;
        self.add_uses(&syntax, text);
        self.facts.face(face(&syntax, text));
        add_trigrams(&mut self.trigrams, source);
        Ok(entry)
    }

    fn add_uses(&mut self, syntax: &FileSyntax, text: &str) {
        for reference in &syntax.references {
            if let Some(name) = slice(text, reference.name).filter(|name| is_name(name)) {
                let (kind, line, symbol) = (reference.kind, reference.line, reference.symbol);
                // What stands before the name of an import is part of the import.
                let receiver = match kind {
                    ReferenceKind::Import => String::new(),
                    _ => receiver_before(text, reference.name.start as usize),
                };
                self.facts.reference(&NewReference { name, kind, line, receiver: &receiver, symbol });
            }
        }
        for import in &syntax.imports {
            self.facts.import(&NewImport {
                module: &import.module,
                name: &import.name,
                alias: &import.alias,
                line: import.line,
                exports: import.exports,
            });
        }
        for binding in &syntax.bindings {
            self.facts.binding(&NewBinding {
                name: &binding.name,
                of: &binding.of,
                is_type: binding.is_type,
                returns: binding.returns,
                symbol: binding.symbol,
            });
        }
        for mark in &syntax.marks {
            self.facts.mark(&NewMark {
                text: &mark.text,
                method: &mark.method,
                handler: &mark.handler,
                is_route: mark.is_route,
                symbol: mark.symbol,
                line: mark.line,
            });
        }
    }

    fn add_symbols(&mut self, syntax: &FileSyntax, text: &str) {
        for symbol in &syntax.symbols {
            let name = clip(&symbol.name, NAME_BYTES_MAX);
            debug_assert!(symbol.bytes.end as usize <= text.len());
            self.facts.symbol(&NewSymbol {
                name,
                qualifier: clip(&symbol.qualifier, NAME_BYTES_MAX),
                kind: symbol.kind,
                container: symbol.container,
                span: symbol.span,
                bytes: symbol.bytes,
                signature: symbol.signature,
                doc: symbol.doc,
                name_start: symbol.name_start,
                name_line: symbol.name_line,
            });
        }
    }

    fn add_chunks(&mut self, syntax: &FileSyntax, text: &str, path: &str) -> Result<()> {
        let mut by_start: Vec<usize> = (0..syntax.symbols.len()).collect();
        let start = |symbol: usize| {
            let symbol = &syntax.symbols[symbol];
            if symbol.name_start > 0 { symbol.name_start } else { symbol.bytes.start }
        };
        by_start.sort_by_key(|&symbol| start(symbol));
        let (mut next_symbol, mut next_comment) = (0, 0);
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem });
        if syntax.chunks.is_empty() {
            // An empty file is still found by its path: one chunk without lines would not tile, so it has line 1.
            self.facts.chunk(pampax_base::LineSpan::new(1, 1), pampax_base::ByteSpan::default(), None, false);
            return self.words.add(&ChunkWords { path, stem, ..ChunkWords::default() });
        }
        for (number, chunk) in syntax.chunks.iter().enumerate() {
            self.facts.chunk(chunk.span, chunk.bytes, chunk.symbol, chunk.first);
            self.text.clear();
            while let Some(&symbol) = by_start.get(next_symbol).filter(|&&symbol| start(symbol) < chunk.bytes.end) {
                self.text.add_symbol(syntax, symbol, text);
                next_symbol += 1;
            }
            while let Some(comment) = syntax.comments.get(next_comment).filter(|span| span.start < chunk.bytes.end) {
                self.text.comments.push_str(slice(text, *comment).unwrap_or(""));
                self.text.comments.push('\n');
                next_comment += 1;
            }
            if let Some(vectors) = &mut self.vectors {
                vectors.add(self.words.chunks(), path, slice(text, chunk.bytes).unwrap_or(""))?;
            }
            self.words.add(&ChunkWords {
                body: slice(text, chunk.bytes).unwrap_or(""),
                names: &self.text.names,
                signature: &self.text.signature,
                comments: &self.text.comments,
                path: if number == 0 { path } else { "" },
                stem: if number == 0 { stem } else { "" },
            })?;
        }
        Ok(())
    }

    /// Memory held now, in bytes, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        let vectors = self.vectors.as_ref().map_or(0, ChunkVectors::memory_bytes);
        self.facts.memory_bytes() + self.words.memory_bytes() + self.trigrams.memory_bytes() + vectors
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.facts.entries() == 0
    }

    /// Writes the segment's files into `folder`.
    pub(crate) fn finish(self, folder: &Path) -> Result<()> {
        if let Some(vectors) = self.vectors {
            vectors.finish(folder)?;
        }
        self.trigrams.finish(&folder.join(TRIGRAMS))?;
        let words = folder.join("words");
        self.words.finish(&words)?;
        let words = WordsFile::open(&words)?;
        self.facts.finish(&folder.join("facts"), |chunk| words.lengths(chunk))
    }
}

impl ChunkText {
    fn clear(&mut self) {
        self.names.clear();
        self.signature.clear();
        self.comments.clear();
    }

    /// Adds a symbol that is defined in the chunk: its name, and its head with the names around it.
    fn add_symbol(&mut self, syntax: &FileSyntax, symbol: usize, text: &str) {
        let symbol = &syntax.symbols[symbol];
        self.names.push_str(clip(&symbol.name, NAME_BYTES_MAX));
        self.names.push(' ');
        self.signature.push_str(clip(&symbol.qualifier, NAME_BYTES_MAX));
        self.signature.push(' ');
        let mut container = symbol.container;
        for _ in 0..4 {
            let Some(around) = container.and_then(|number| syntax.symbols.get(number as usize)) else { break };
            self.signature.push_str(clip(&around.name, NAME_BYTES_MAX));
            self.signature.push(' ');
            container = around.container;
        }
        self.signature.push_str(clip(slice(text, symbol.signature).unwrap_or(""), SIGNATURE_BYTES_MAX));
        self.signature.push('\n');
    }
}

/// Hash of all that the resolution of names in other files can see of this one: its definitions and how they lie in each
/// other, its imports, its base classes, and the types of what is not local to a function.
fn face(syntax: &FileSyntax, text: &str) -> u32 {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str, number: u32| {
        hasher.update(part.as_bytes());
        hasher.update(&[0xff]);
        hasher.update(&number.to_le_bytes());
    };
    for symbol in &syntax.symbols {
        let has_body = u32::from(symbol.signature.end < symbol.bytes.end);
        add(&symbol.name, symbol.container.unwrap_or(u32::MAX));
        add(&symbol.qualifier, (symbol.kind as u32) << 1 | has_body);
    }
    for import in &syntax.imports {
        for part in [&import.module, &import.name, &import.alias] {
            add(part, u32::from(import.exports));
        }
    }
    for reference in &syntax.references {
        if matches!(reference.kind, ReferenceKind::Inherit | ReferenceKind::Implement) {
            add(slice(text, reference.name).unwrap_or(""), reference.symbol.unwrap_or(u32::MAX));
            add(&receiver_before(text, reference.name.start as usize), 0);
        }
    }
    let is_seen = |symbol: Option<u32>| symbol.is_none_or(|symbol| !syntax.symbols[symbol as usize].kind.is_callable());
    for binding in syntax.bindings.iter().filter(|binding| binding.returns || is_seen(binding.symbol)) {
        add(&binding.name, binding.symbol.unwrap_or(u32::MAX));
        add(&binding.of, u32::from(binding.is_type) << 1 | u32::from(binding.returns));
    }
    let hash = hasher.finalize();
    u32::from_le_bytes([hash.as_bytes()[0], hash.as_bytes()[1], hash.as_bytes()[2], hash.as_bytes()[3]])
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX
}

fn slice(text: &str, span: pampax_base::ByteSpan) -> Option<&str> {
    text.get(span.range())
}
