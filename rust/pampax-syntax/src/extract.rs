//! One pass of the query over the tree: the raw captures of a file.

use std::ops::ControlFlow;

use pampax_base::{ByteSpan, ReferenceKind, SymbolKind};
use streaming_iterator::StreamingIterator as _;
use tree_sitter::{Node, QueryCursor, QueryCursorOptions, QueryMatch, Tree};

use crate::query::{LanguageQuery, Role};

/// A definition as the query found it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    pub(crate) kind: SymbolKind,
    pub(crate) span: ByteSpan,
    /// Where its name stands; `None` if the pattern gives the name.
    pub(crate) name: Option<ByteSpan>,
    /// The first byte of its body.
    pub(crate) body: Option<u32>,
    /// The pattern that found it.
    pub(crate) pattern: u32,
}

/// A reference as the query found it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub(crate) name: ByteSpan,
    pub(crate) kind: ReferenceKind,
    pub(crate) pattern: u32,
}

/// A comment, or an attribute that belongs to the definition after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attachment {
    pub(crate) span: ByteSpan,
    pub(crate) is_comment: bool,
}

/// Everything the query found in a file, in no order.
#[derive(Default)]
pub(crate) struct Captures {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) uses: Vec<Use>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) docstrings: Vec<ByteSpan>,
}

/// Runs the query over the tree. `None` if `may_go_on` stopped it.
pub(crate) fn captures(
    cursor: &mut QueryCursor,
    language: &LanguageQuery,
    tree: &Tree,
    text: &str,
    mut may_go_on: impl FnMut() -> bool,
) -> Option<Captures> {
    let mut found = Captures::default();
    let mut stopped = false;
    let mut progress = |_: &tree_sitter::QueryCursorState| {
        if may_go_on() {
            return ControlFlow::Continue(());
        }
        stopped = true;
        ControlFlow::Break(())
    };
    let options = QueryCursorOptions::new().progress_callback(&mut progress);
    let mut matches = cursor.matches_with_options(&language.query, tree.root_node(), text.as_bytes(), options);
    while let Some(found_match) = matches.next() {
        take(&mut found, language, found_match, text);
    }
    drop(matches);
    (!stopped).then_some(found)
}

fn span_of(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}

/// The span without white space at its ends.
pub(crate) fn trimmed(span: ByteSpan, text: &str) -> ByteSpan {
    let bytes = &text.as_bytes()[span.range()];
    let Some(last) = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace()) else {
        return ByteSpan::new(span.start, span.start);
    };
    let first = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    ByteSpan::new(span.start + first as u32, span.start + last as u32 + 1)
}

/// The span without the quotes around it, if it has any.
fn unquoted(span: ByteSpan, text: &str) -> ByteSpan {
    let span = trimmed(span, text);
    match &text.as_bytes()[span.range()] {
        [first @ (b'"' | b'\'' | b'`'), .., last] if first == last => {
            trimmed(ByteSpan::new(span.start + 1, span.end - 1), text)
        }
        [b'<', .., b'>'] => trimmed(ByteSpan::new(span.start + 1, span.end - 1), text),
        _ => span,
    }
}

/// The part of a qualified name after its last separator.
fn after_last(separator: Option<&str>, span: ByteSpan, text: &str) -> ByteSpan {
    let place = separator.and_then(|separator| Some(text[span.range()].rfind(separator)? + separator.len()));
    trimmed(ByteSpan::new(span.start + place.unwrap_or_default() as u32, span.end), text)
}

/// Sorts the captures of one match into the lists.
fn take(found: &mut Captures, language: &LanguageQuery, found_match: &QueryMatch<'_, '_>, text: &str) {
    let pattern = found_match.pattern_index as u32;
    let (mut definition, mut name, mut body) = (None, None, None);
    for capture in found_match.captures() {
        let node = capture.node;
        match language.role(capture.index) {
            Role::Definition(kind) => definition = definition.or(Some((kind, node))),
            Role::Name => name = name.or(Some(span_of(node))),
            Role::Body => body = body.or(Some(node.start_byte() as u32)),
            Role::Reference(kind) => {
                let name = unquoted(span_of(node), text);
                if !name.is_empty() {
                    found.uses.push(Use { name, kind, pattern });
                }
            }
            Role::Comment => push_attachment(found, span_of(node), text, true),
            Role::Attribute => push_attachment(found, span_of(node), text, false),
            Role::Docstring => found.docstrings.push(trimmed(span_of(node), text)),
            Role::Silent => {}
        }
    }
    let Some((kind, node)) = definition else { return };
    let separator = language.settings(pattern).separator.as_deref();
    let name = name.map(|name| after_last(separator, unquoted(name, text), text));
    let has_name = name.map_or_else(|| language.settings(pattern).name.is_some(), |name| !name.is_empty());
    let span = trimmed(span_of(node), text);
    if !has_name || span.is_empty() {
        return;
    }
    if body.is_none() && (kind.is_callable() || kind.is_container()) {
        let field = language.body_field.and_then(|field| node.child_by_field_id(field));
        body = field.map(|body| body.start_byte() as u32);
    }
    found.definitions.push(Definition { kind, span, name, body, pattern });
}

fn push_attachment(found: &mut Captures, span: ByteSpan, text: &str, is_comment: bool) {
    let span = trimmed(span, text);
    if !span.is_empty() {
        found.attachments.push(Attachment { span, is_comment });
    }
}
