//! From raw captures to symbols, references and comments.

use std::cmp::Reverse;

use pampax_base::{ByteSpan, LineSpan, SymbolKind};

use crate::extract::{Attachment, Captures, Definition, Use, trimmed};
use crate::lines::Lines;
use crate::links::{Links, Locator, links};
use crate::query::LanguageQuery;
use crate::syntax::{Reference, Symbol};

/// A name longer than this is cut: names are for people and for the index of names.
const LONGEST_NAME_BYTES: usize = 200;
/// A signature longer than this is cut at a line end: past it stands data, not a declaration.
const LONGEST_SIGNATURE_BYTES: u32 = 1200;
/// From this many lines on, a definition that is not a function or a container makes a chunk of its own.
const LARGE_DEFINITION_LINES: u32 = 8;

/// The symbols of a file, and which of them make chunks.
pub(crate) struct Outline {
    pub(crate) symbols: Vec<Symbol>,
    /// For each symbol whether it makes a chunk.
    pub(crate) makes_chunk: Vec<bool>,
    pub(crate) references: Vec<Reference>,
    pub(crate) links: Links,
    pub(crate) comments: Vec<ByteSpan>,
}

/// Builds the outline of `text` from what the query found.
pub(crate) fn outline(language: &LanguageQuery, text: &str, lines: &Lines<'_>, mut captures: Captures) -> Outline {
    sort_attachments(&mut captures.attachments);
    let definitions = distinct(std::mem::take(&mut captures.definitions));
    let builder = Builder {
        language,
        text,
        lines,
        attachments: &captures.attachments,
        symbols: Vec::with_capacity(definitions.len()),
        details: Vec::with_capacity(definitions.len()),
        open: Vec::new(),
        last_top_level: None,
    };
    let (mut symbols, details) = builder.build(&definitions);
    captures.docstrings.sort_unstable();
    attach_docstrings(&mut symbols, &details, &captures.docstrings);
    let makes_chunk = details.iter().map(|detail| detail.makes_chunk).collect();
    let references = references(captures.uses, &symbols, lines);
    let links = links(language, text, lines, &symbols, captures.links);
    let comments = comments(&captures.attachments, &captures.docstrings);
    Outline { symbols, makes_chunk, references, links, comments }
}

fn sort_attachments(attachments: &mut Vec<Attachment>) {
    attachments.sort_by_key(|attachment| (attachment.span.start, Reverse(attachment.span.end)));
    // Of two that overlap the outer one stays: an annotation inside an annotation says nothing more.
    let mut end = 0;
    attachments.retain(|attachment| {
        let keep = attachment.span.start >= end;
        if keep {
            end = attachment.span.end;
        }
        keep
    });
}

/// One definition per name node, that of the first pattern; sorted so that containers come before their members.
fn distinct(mut definitions: Vec<Definition>) -> Vec<Definition> {
    let place = |definition: &Definition| match definition.name {
        Some(name) => (name.start, true),
        None => (definition.span.start, false),
    };
    definitions.sort_by_key(|definition| (place(definition), definition.pattern, Reverse(definition.span.end)));
    definitions.dedup_by_key(|definition| place(definition));
    definitions.sort_by_key(|definition| (definition.span.start, Reverse(definition.span.end), place(definition)));
    definitions
}

/// What the builder remembers of a symbol beside the symbol itself.
struct Detail {
    /// The definition's own bytes, without what is attached above it.
    own: ByteSpan,
    /// Its body begins here.
    body: Option<u32>,
    /// It is inside a function (or is one), so that nothing in it makes a chunk.
    inside_callable: bool,
    makes_chunk: bool,
    merge: bool,
    /// The symbol inside it that ended last.
    last_member: Option<u32>,
}

struct Builder<'file> {
    language: &'file LanguageQuery,
    text: &'file str,
    lines: &'file Lines<'file>,
    attachments: &'file [Attachment],
    symbols: Vec<Symbol>,
    details: Vec<Detail>,
    /// The symbols that enclose the current place, outermost first.
    open: Vec<u32>,
    last_top_level: Option<u32>,
}

impl Builder<'_> {
    fn build(mut self, definitions: &[Definition]) -> (Vec<Symbol>, Vec<Detail>) {
        for definition in definitions {
            self.close_before(definition.span);
            let container = self.open.last().copied();
            let is_declaration =
                definition.kind.is_callable() && self.language.settings(definition.pattern).chunk == Some(false);
            let is_local = (is_declaration || matches!(definition.kind, SymbolKind::Variable | SymbolKind::Constant))
                && container.is_some_and(|index| self.details[index as usize].inside_callable);
            if is_local || self.is_same_type(definition, container) || self.merged(definition, container) {
                continue;
            }
            self.add(definition, container);
        }
        (self.symbols, self.details)
    }

    /// Closes the symbols that do not enclose `span`.
    fn close_before(&mut self, span: ByteSpan) {
        while let Some(&top) = self.open.last() {
            let own = self.details[top as usize].own;
            if own.contains(span) && own != span {
                break;
            }
            self.open.pop();
        }
    }

    fn last_sibling(&self, container: Option<u32>) -> Option<u32> {
        container.map_or(self.last_top_level, |index| self.details[index as usize].last_member)
    }

    /// Whether the definition is only the other name of the type around it: `typedef struct entry { … } entry;`.
    fn is_same_type(&self, definition: &Definition, container: Option<u32>) -> bool {
        let Some((name, around)) = definition.name.zip(container.map(|index| &self.symbols[index as usize])) else {
            return false;
        };
        let is_type = definition.kind.is_type() && around.kind.is_type();
        let head = self.text.get(around.signature.start as usize..definition.span.start as usize).unwrap_or_default();
        is_type && around.name == self.text[name.range()] && head.trim() == "typedef"
    }

    /// Joins the definition to its neighbour above if both are parts of one function (equations, clauses).
    fn merged(&mut self, definition: &Definition, container: Option<u32>) -> bool {
        let Some(name) = definition.name.filter(|_| self.language.settings(definition.pattern).merge) else {
            return false;
        };
        let Some(sibling) = self.last_sibling(container) else { return false };
        let (symbol, detail) = (&mut self.symbols[sibling as usize], &mut self.details[sibling as usize]);
        let between = detail.own.end..definition.span.start.max(detail.own.end);
        let adjacent = self.text.as_bytes()[between.start as usize..between.end as usize].iter();
        if !detail.merge || symbol.name != self.text[name.range()] || !adjacent.clone().all(u8::is_ascii_whitespace) {
            return false;
        }
        detail.own.end = detail.own.end.max(definition.span.end);
        detail.makes_chunk |= !detail.inside_callable || symbol.kind.is_callable();
        symbol.bytes.end = detail.own.end;
        symbol.span = self.lines.span_of(symbol.bytes);
        self.open.push(sibling);
        true
    }

    fn add(&mut self, definition: &Definition, container: Option<u32>) {
        let index = self.symbols.len() as u32;
        let kind = self.kind(definition.kind, container);
        let (bytes, doc, head) = self.with_attachments(definition, container);
        let span = self.lines.span_of(bytes);
        let blocked = container.is_some_and(|container| {
            let tests = kind == SymbolKind::Test && self.symbols[container as usize].kind == SymbolKind::Test;
            self.details[container as usize].inside_callable && !tests
        });
        let makes_chunk = !blocked && self.makes_chunk(definition, kind, span);
        self.symbols.push(Symbol {
            name: self.name(definition),
            qualifier: self.qualifier(definition),
            kind,
            container,
            span,
            bytes,
            name_line: definition.name.map_or(span.start, |name| self.lines.line_at(name.start) + 1),
            name_start: definition.name.map_or(0, |name| name.start),
            signature: self.signature(definition, kind, head),
            doc,
        });
        self.details.push(Detail {
            own: definition.span,
            body: definition.body,
            inside_callable: blocked || kind.is_callable(),
            makes_chunk,
            merge: self.language.settings(definition.pattern).merge,
            last_member: None,
        });
        match container {
            Some(container) => self.details[container as usize].last_member = Some(index),
            None => self.last_top_level = Some(index),
        }
        self.open.push(index);
    }

    fn name(&self, definition: &Definition) -> String {
        let Some(name) = definition.name else {
            return self.language.settings(definition.pattern).name.clone().unwrap_or_default();
        };
        let name = self.text[name.range()].lines().next().unwrap_or_default().trim_ascii_end();
        name[..name.floor_char_boundary(LONGEST_NAME_BYTES)].to_owned()
    }

    /// What the definition belongs to, its parts joined by dots; not longer than a name.
    fn qualifier(&self, definition: &Definition) -> String {
        let Some(qualifier) = definition.qualifier else { return String::new() };
        let line = self.text[qualifier.range()].lines().next().unwrap_or_default();
        // Without the arguments of templates: `Stack<T>::top` belongs to Stack.
        let parts = line.split("::").map(|part| part.split('<').next().unwrap_or_default().trim());
        let text = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        text[..text.floor_char_boundary(LONGEST_NAME_BYTES)].to_owned()
    }

    /// A function that belongs to a type is a method.
    fn kind(&self, kind: SymbolKind, container: Option<u32>) -> SymbolKind {
        let of_type = container.is_some_and(|index| {
            let kind = self.symbols[index as usize].kind;
            kind.is_type() && kind.is_container()
        });
        if kind == SymbolKind::Function && of_type { SymbolKind::Method } else { kind }
    }

    fn makes_chunk(&self, definition: &Definition, kind: SymbolKind, span: LineSpan) -> bool {
        if let Some(decided) = self.language.settings(definition.pattern).chunk {
            return decided;
        }
        let lines = self.lines.span_of(definition.span).len();
        match kind {
            SymbolKind::Class
            | SymbolKind::Struct
            | SymbolKind::Interface
            | SymbolKind::Trait
            | SymbolKind::Implementation
            | SymbolKind::Enum
            | SymbolKind::Module
            | SymbolKind::Section
            | SymbolKind::Table => true,
            SymbolKind::EnumMember => false,
            kind if kind.is_callable() => definition.body.is_some() || lines > 1,
            _ => span.len() >= LARGE_DEFINITION_LINES,
        }
    }

    /// The bytes of the definition with its attributes and doc comments, its doc comment, and where its head begins.
    fn with_attachments(&self, definition: &Definition, container: Option<u32>) -> (ByteSpan, ByteSpan, u32) {
        let sibling = self.last_sibling(container).map(|index| self.details[index as usize].own.end);
        let floor = container.map_or(0, |index| {
            let detail = &self.details[index as usize];
            detail.body.unwrap_or(detail.own.start + 1).min(definition.span.start)
        });
        // Two names of one declaration (`var x, y = 1, 2`) have the same span: the first is not above the second.
        let floor = floor.max(sibling.filter(|&end| end <= definition.span.start).unwrap_or_default());
        let head = self.with_leading_words(definition.span.start, floor);
        let mut start = head;
        let mut comments: Option<ByteSpan> = None;
        let mut doc = ByteSpan::default();
        let mut next = self.attachments.partition_point(|attachment| attachment.span.end <= start);
        while let Some(attachment) = next.checked_sub(1).and_then(|index| self.attachments.get(index)) {
            // A comment that follows code on its line belongs to that code.
            let is_trailing = attachment.is_comment && !self.is_first_on_line(attachment.span.start);
            if attachment.span.start < floor || is_trailing || !self.is_adjacent(attachment, start) {
                break;
            }
            // A run of comments grows upwards; an attribute ends it.
            comments = attachment.is_comment.then(|| match comments {
                Some(below) => ByteSpan::new(attachment.span.start, below.end),
                None => attachment.span,
            });
            if let Some(run) = comments.filter(|run| run.len() > doc.len()) {
                doc = run;
            }
            start = attachment.span.start;
            next -= 1;
        }
        (ByteSpan::new(start, definition.span.end), doc, head)
    }

    /// Whether nothing but white space, and no blank line, stands between the attachment and `start`. One blank line is
    /// allowed below a `/**` comment that does not open the file: a common style of JavaScript and PHP.
    fn is_adjacent(&self, attachment: &Attachment, start: u32) -> bool {
        let above = attachment.span;
        let opens_documentation = self.text.as_bytes()[above.range()].starts_with(b"/**") && above.start > 0;
        let most_newlines = if attachment.is_comment && opens_documentation { 2 } else { 1 };
        let mut newlines = 0;
        self.text.as_bytes()[above.end.min(start) as usize..start as usize].iter().all(|byte| {
            newlines += u32::from(*byte == b'\n');
            byte.is_ascii_whitespace() && newlines <= most_newlines
        })
    }

    fn is_first_on_line(&self, start: u32) -> bool {
        let line = self.lines.start(self.lines.line_at(start));
        self.text.as_bytes()[line as usize..start as usize].iter().all(u8::is_ascii_whitespace)
    }

    /// Moves `start` to the left over words on the same line that belong to the declaration but not to its node
    /// (`export default`, `static const`); stays if anything else stands there.
    fn with_leading_words(&self, start: u32, floor: u32) -> u32 {
        if !self.language.language.is_code() {
            return start;
        }
        let line = self.lines.start(self.lines.line_at(start));
        let before = &self.text.as_bytes()[line as usize..start as usize];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'\t');
        let indent = before.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count() as u32;
        let joined = before.last().is_none_or(u8::is_ascii_whitespace);
        if joined && before.iter().all(is_word) && line + indent >= floor { line + indent } else { start }
    }

    fn signature(&self, definition: &Definition, kind: SymbolKind, head: u32) -> ByteSpan {
        let mut start = head;
        // Annotations that the grammar puts inside the declaration.
        let mut next = self.attachments.partition_point(|attachment| attachment.span.start < start);
        while let Some(attachment) = self.attachments.get(next) {
            let limit = definition.name.map_or(definition.span.end, |name| name.start);
            if attachment.span.start != start || attachment.span.end > limit {
                break;
            }
            start = trimmed(ByteSpan::new(attachment.span.end, definition.span.end), self.text).start;
            next += 1;
        }
        let end = match definition.body.filter(|&body| body > start) {
            Some(body) => body,
            None if kind.is_callable() => definition.span.end,
            None => definition.span.end.min(self.lines.start(self.lines.line_at(start) + 1)),
        };
        let mut end = end.min(definition.span.end);
        if end.saturating_sub(start) > LONGEST_SIGNATURE_BYTES {
            let cut = self.lines.start(self.lines.line_at(start + LONGEST_SIGNATURE_BYTES));
            let limit = self.text.floor_char_boundary((start + LONGEST_SIGNATURE_BYTES) as usize) as u32;
            end = if cut > start { cut } else { limit };
        }
        self.without_trailing_comments(trimmed(ByteSpan::new(start, end), self.text))
    }

    /// Cuts comments between the head and the body off a signature.
    fn without_trailing_comments(&self, mut signature: ByteSpan) -> ByteSpan {
        let mut next = self.attachments.partition_point(|attachment| attachment.span.end <= signature.end);
        while let Some(attachment) = next.checked_sub(1).and_then(|index| self.attachments.get(index)) {
            let is_last = attachment.is_comment && attachment.span.end == signature.end;
            if !is_last || attachment.span.start <= signature.start {
                break;
            }
            signature = trimmed(ByteSpan::new(signature.start, attachment.span.start), self.text);
            next -= 1;
        }
        signature
    }
}

/// Gives each docstring to the innermost symbol it stands in.
fn attach_docstrings(symbols: &mut [Symbol], details: &[Detail], docstrings: &[ByteSpan]) {
    for &docstring in docstrings {
        let after = details.partition_point(|detail| detail.own.start <= docstring.start);
        let mut next = after.checked_sub(1).map(|index| index as u32);
        while let Some(index) = next {
            let own = details[index as usize].own;
            let symbol = &mut symbols[index as usize];
            if own.contains(docstring) && (symbol.kind.is_callable() || symbol.kind.is_container()) {
                symbol.doc = docstring;
                break;
            }
            next = symbol.container;
        }
    }
}

/// The references in file order, one per name, without the names of the definitions themselves.
fn references(mut uses: Vec<Use>, symbols: &[Symbol], lines: &Lines<'_>) -> Vec<Reference> {
    let mut defined: Vec<u32> = symbols.iter().map(|symbol| symbol.name_start).collect();
    defined.sort_unstable();
    uses.sort_by_key(|found| (found.name.start, found.pattern));
    uses.dedup_by_key(|found| found.name.start);
    let mut references = Vec::with_capacity(uses.len());
    let (mut next_defined, mut line) = (0, 0);
    let mut locator = Locator::new(symbols);
    for found in uses {
        while defined.get(next_defined).is_some_and(|&start| start < found.name.start) {
            next_defined += 1;
        }
        if defined.get(next_defined) == Some(&found.name.start) && found.name.start > 0 {
            continue;
        }
        while lines.start(line + 1) <= found.name.start && line + 1 < lines.count() {
            line += 1;
        }
        let symbol = locator.innermost(found.name.start);
        references.push(Reference { symbol, name: found.name, kind: found.kind, line: line + 1 });
    }
    references
}

/// All comments and docstrings, sorted, without overlap.
fn comments(attachments: &[Attachment], docstrings: &[ByteSpan]) -> Vec<ByteSpan> {
    let of_comments = attachments.iter().filter(|attachment| attachment.is_comment).map(|attachment| attachment.span);
    let mut comments: Vec<ByteSpan> = of_comments.chain(docstrings.iter().copied()).collect();
    comments.sort();
    let mut end = 0;
    comments.retain(|comment| {
        let keep = comment.start >= end && !comment.is_empty();
        if keep {
            end = comment.end;
        }
        keep
    });
    comments
}
