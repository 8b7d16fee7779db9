//! One pass of the patterns over the tree: the raw captures of a file.

use pampax_base::{ByteSpan, ReferenceKind, SymbolKind};

use crate::matcher::{Captured, Matcher};
use crate::query::{LanguageQuery, LinkPart, Role};
use crate::tree::Tree;

/// A definition as the query found it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    pub(crate) kind: SymbolKind,
    pub(crate) span: ByteSpan,
    /// Where its name stands; `None` if the pattern gives the name.
    pub(crate) name: Option<ByteSpan>,
    /// Where the name of what it belongs to stands, if that is not around it: a receiver, what stands before `::`.
    pub(crate) qualifier: Option<ByteSpan>,
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

/// What ties the file to others, as the query found it: the parts of one match.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) parts: Vec<(LinkPart, ByteSpan)>,
    pub(crate) pattern: u32,
}

/// Everything the query found in a file, in no order.
#[derive(Default)]
pub(crate) struct Captures {
    pub(crate) links: Vec<Link>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) uses: Vec<Use>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) docstrings: Vec<ByteSpan>,
}

/// Matches the patterns of `language` against the tree. `None` if it takes more than `budget` looks at nodes.
pub(crate) fn captures(language: &LanguageQuery, tree: &Tree, text: &str, budget: u64) -> Option<Captures> {
    let mut found = Captures::default();
    let mut matcher = Matcher::new(tree, text, budget);
    for (number, node) in tree.nodes.iter().enumerate() {
        for root in language.roots(node.kind) {
            let mut take = |captured: &Captured<Role>| take(&mut found, language, root.pattern, captured, tree, text);
            matcher.find(&root.node, number as u32, &mut take);
        }
        if matcher.budget == 0 {
            return None;
        }
    }
    Some(found)
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

/// The part of a qualified name after its last separator, and what stands before that.
fn split_last(separator: Option<&str>, span: ByteSpan, text: &str) -> (ByteSpan, Option<ByteSpan>) {
    let place =
        separator.and_then(|separator| Some((text[span.range()].rfind(separator)? as u32, separator.len() as u32)));
    let Some((place, length)) = place else { return (trimmed(span, text), None) };
    let before = trimmed(ByteSpan::new(span.start, span.start + place), text);
    (trimmed(ByteSpan::new(span.start + place + length, span.end), text), (!before.is_empty()).then_some(before))
}

/// Sorts the captures of one match into the lists.
fn take(
    found: &mut Captures,
    language: &LanguageQuery,
    pattern: u32,
    captured: &Captured<Role>,
    tree: &Tree,
    text: &str,
) {
    let (mut definition, mut name, mut qualifier, mut body) = (None, None, None, None);
    let mut link = Vec::new();
    for &(role, number) in captured {
        let span = tree.nodes[number as usize].span();
        match role {
            Role::Definition(kind) => definition = definition.or(Some((kind, number))),
            Role::Name => name = name.or(Some(span)),
            Role::Qualifier => qualifier = qualifier.or(Some(trimmed(span, text))),
            Role::Body => body = body.or(Some(span.start)),
            Role::Reference(kind) => {
                let name = unquoted(span, text);
                if !name.is_empty() {
                    found.uses.push(Use { name, kind, pattern });
                }
            }
            Role::Comment => push_attachment(found, span, text, true),
            Role::Attribute => push_attachment(found, span, text, false),
            Role::Docstring => found.docstrings.push(trimmed(span, text)),
            Role::Link(part) => link.push((part, unquoted(span, text))),
        }
    }
    if !link.is_empty() {
        found.links.push(Link { parts: link, pattern });
    }
    let Some((kind, number)) = definition else { return };
    let separator = language.settings(pattern).separator.as_deref();
    let split = name.map(|name| split_last(separator, unquoted(name, text), text));
    let name = split.map(|(name, _)| name);
    let qualifier = qualifier.or(split.and_then(|(_, before)| before));
    let has_name = name.map_or_else(|| language.settings(pattern).name.is_some(), |name| !name.is_empty());
    let span = trimmed(tree.nodes[number as usize].span(), text);
    if !has_name || span.is_empty() {
        return;
    }
    if body.is_none() && (kind.is_callable() || kind.is_container()) {
        let field = language.body_field.and_then(|field| tree.child_in(number, field));
        body = field.map(|body| body.start);
    }
    found.definitions.push(Definition { kind, span, name, qualifier, body, pattern });
}

fn push_attachment(found: &mut Captures, span: ByteSpan, text: &str, is_comment: bool) {
    let span = trimmed(span, text);
    if !span.is_empty() {
        found.attachments.push(Attachment { span, is_comment });
    }
}
