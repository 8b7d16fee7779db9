//! Parses a file within bounds.

use std::ops::ControlFlow;

use pampax_base::Language;
use tree_sitter::ParseOptions;

use crate::chunk::{self, Limits};
use crate::extract::captures;
use crate::limits::{Budget, readable, refusal};
use crate::lines::Lines;
use crate::links::Links;
use crate::outline::outline;
use crate::query::LanguageQuery;
use crate::syntax::{FileSyntax, Parsed};
use crate::tree::Tree;

/// Looks at nodes that matching the patterns of a file may take, whatever its size …
const BASE_LOOKS: u64 = 100_000;
/// … and for each node. Ordinary files take 2 to 10.
const LOOKS_PER_NODE: u64 = 200;

/// Parses files into symbols, references and chunks. It keeps the buffers of tree-sitter between files: make one per
/// thread and use it for many files.
pub struct Parser {
    inner: tree_sitter::Parser,
    tree: Tree,
    language: Option<Language>,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser that has read nothing yet.
    pub fn new() -> Self {
        Self { inner: tree_sitter::Parser::new(), tree: Tree::default(), language: None }
    }

    /// Reads `text`, the content of a file in `language`.
    ///
    /// Never fails and never panics: what cannot be parsed (no language, too slow, too deep, too large, long lines, NUL
    /// bytes) is cut into chunks by lines, and [`FileSyntax::parsed`] says why. The answer depends on nothing but the
    /// arguments, unless a file takes longer than the clock's backstop of some seconds.
    pub fn parse(&mut self, language: Option<Language>, text: &str) -> FileSyntax {
        let Some(language) = language else { return by_lines(text, "no grammar") };
        match LanguageQuery::of(language) {
            Ok(query) => self.parse_with(query, text),
            Err(_) => by_lines(text, "no query"),
        }
    }

    /// Reads `text` with the query `source` instead of the one built in, for trying out a change to a query file. The
    /// query is read at every call.
    ///
    /// # Errors
    /// The message of a query that does not compile, or that uses a capture or property without a meaning.
    pub fn parse_with_query(&mut self, language: Language, source: &str, text: &str) -> Result<FileSyntax, String> {
        Ok(self.parse_with(&LanguageQuery::compile(language, source)?, text))
    }

    fn parse_with(&mut self, query: &LanguageQuery, text: &str) -> FileSyntax {
        self.parse_tree(query, text).unwrap_or_else(|reason| by_lines(text, reason))
    }

    fn parse_tree(&mut self, query: &LanguageQuery, text: &str) -> Result<FileSyntax, &'static str> {
        if let Some(reason) = refusal(query.language, text) {
            return Err(reason);
        }
        if self.language != Some(query.language) {
            self.language = None;
            self.inner.set_language(&query.grammar).map_err(|_| "no grammar")?;
            self.language = Some(query.language);
        }
        let mut budget = Budget::of(text.len());
        let tree = self.tree(&readable(query.language, text), &mut budget).ok_or("too slow")?;
        let parsed = if tree.root_node().has_error() { Parsed::TreeWithErrors } else { Parsed::Tree };
        self.tree.fill(&tree);
        drop(tree);
        let looks = BASE_LOOKS + LOOKS_PER_NODE * self.tree.nodes.len() as u64;
        let found = captures(query, &self.tree, text, looks).ok_or("too slow")?;
        let lines = Lines::of(text);
        let outline = outline(query, text, &lines, found);
        let depths = || self.tree.nesting(&lines);
        let chunks = chunk::by_symbols(&lines, &outline.symbols, &outline.makes_chunk, Limits::SYNTAX, depths);
        let (symbols, references, comments) = (outline.symbols, outline.references, outline.comments);
        let Links { imports, bindings, marks } = outline.links;
        Ok(FileSyntax { symbols, references, imports, bindings, marks, comments, chunks, parsed })
    }

    fn tree(&mut self, bytes: &[u8], budget: &mut Budget) -> Option<tree_sitter::Tree> {
        let mut progress = |_: &tree_sitter::ParseState| {
            if budget.spend() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let mut read = |offset: usize, _| bytes.get(offset..).unwrap_or_default();
        let tree = self.inner.parse_with_options(&mut read, None, Some(options));
        if tree.is_none() {
            // A parse that was stopped would go on with the next file.
            self.inner.reset();
        }
        tree
    }
}

/// Chunks by lines and nothing else.
fn by_lines(text: &str, reason: &'static str) -> FileSyntax {
    // Positions are 32 bits wide; the callers skip such files long before.
    let chunks = if u32::try_from(text.len()).is_ok() { chunk::by_lines(&Lines::of(text)) } else { Vec::new() };
    FileSyntax {
        symbols: Vec::new(),
        references: Vec::new(),
        imports: Vec::new(),
        bindings: Vec::new(),
        marks: Vec::new(),
        comments: Vec::new(),
        chunks,
        parsed: Parsed::Lines(reason),
    }
}
