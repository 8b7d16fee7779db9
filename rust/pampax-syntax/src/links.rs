//! What ties a file to others: imports, what the text shows of types, routes, keys of the configuration.

use pampax_base::ByteSpan;

use crate::chain::{expression, type_name};
use crate::extract::Link;
use crate::lines::Lines;
use crate::query::{ImportForm, LanguageQuery, LinkPart, PatternSettings};
use crate::syntax::{Binding, Import, Mark, Symbol};

/// A module, a route or a key longer than this is none.
const TEXT_BYTES_MAX: usize = 200;
/// The names one tree of imports may bring in.
const TREE_NAMES_MAX: usize = 500;

/// The links of a file, each list in file order.
#[derive(Default)]
pub(crate) struct Links {
    pub(crate) imports: Vec<Import>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) marks: Vec<Mark>,
}

/// Finds the innermost symbol at ascending places.
pub(crate) struct Locator<'a> {
    symbols: &'a [Symbol],
    next: usize,
    open: Vec<u32>,
}

impl<'a> Locator<'a> {
    /// A locator at the begin of the file.
    pub(crate) fn new(symbols: &'a [Symbol]) -> Self {
        Self { symbols, next: 0, open: Vec::new() }
    }

    /// The innermost symbol whose text holds byte `place`; places may not descend.
    pub(crate) fn innermost(&mut self, place: u32) -> Option<u32> {
        while self.symbols.get(self.next).is_some_and(|symbol| symbol.bytes.start <= place) {
            self.open.push(self.next as u32);
            self.next += 1;
        }
        while let Some(&last) = self.open.last() {
            if self.symbols[last as usize].bytes.end > place {
                return Some(last);
            }
            self.open.pop();
        }
        None
    }
}

/// Makes links of what the query found.
pub(crate) fn links(
    language: &LanguageQuery,
    text: &str,
    lines: &Lines<'_>,
    symbols: &[Symbol],
    mut found: Vec<Link>,
) -> Links {
    found.sort_by_cached_key(|link| (place(link), language.settings(link.pattern).field, link.pattern));
    let mut maker = Maker { fields: Vec::new(), text, symbols, links: Links::default() };
    let mut locator = Locator::new(symbols);
    let mut last = None;
    for link in &found {
        // Of two patterns that say something about the same place the one that stands first in the file wins.
        let settings = language.settings(link.pattern);
        let identity = (place(link), group(link), settings.field);
        if last == Some(identity) {
            continue;
        }
        last = Some(identity);
        let symbol = locator.innermost(place(link));
        let line = lines.line_at(place(link)) + 1;
        match identity.1 {
            Group::Import => maker.import(link, settings, line),
            Group::Binding => maker.binding(link, settings, symbol),
            Group::Mark => maker.mark(link, settings, symbol, line),
        }
    }
    maker.settle_fields();
    maker.links
}

/// Where the name stands that a link is about: of an import what is taken from the module, else the name given to it.
fn place(link: &Link) -> u32 {
    let order = [
        LinkPart::ImportName,
        LinkPart::ImportAlias,
        LinkPart::ImportModule,
        LinkPart::BindingName,
        LinkPart::RoutePath,
        LinkPart::ConfigKey,
    ];
    let part = |wanted: &LinkPart| link.parts.iter().find(|(part, _)| part == wanted);
    order.iter().find_map(part).map_or(0, |(_, span)| span.start)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Import,
    Binding,
    Mark,
}

fn group(link: &Link) -> Group {
    match link.parts.first().map(|(part, _)| part) {
        Some(LinkPart::BindingName | LinkPart::BindingType | LinkPart::BindingValue) => Group::Binding,
        Some(LinkPart::ImportModule | LinkPart::ImportName | LinkPart::ImportAlias) => Group::Import,
        _ => Group::Mark,
    }
}

struct Maker<'a> {
    /// Bindings of fields by a value, each with the method in which it stands.
    fields: Vec<(usize, Option<u32>)>,
    text: &'a str,
    symbols: &'a [Symbol],
    links: Links,
}

impl<'a> Maker<'a> {
    fn part(&self, link: &Link, wanted: LinkPart) -> Option<&'a str> {
        let span: ByteSpan = link.parts.iter().find(|(part, _)| *part == wanted)?.1;
        self.text.get(span.range()).map(str::trim)
    }

    fn import(&mut self, link: &Link, settings: &PatternSettings, line: u32) {
        let module = self.part(link, LinkPart::ImportModule).unwrap_or_default();
        if settings.import == ImportForm::Tree {
            let mut leaves = Vec::new();
            tree(module, "", &mut leaves, 0);
            let import = |(module, alias): (String, String)| {
                let (module, name) = match module.strip_suffix("::*") {
                    Some(module) => (module.to_owned(), "*".to_owned()),
                    None => (module, String::new()),
                };
                Import { module, name, alias, line, exports: settings.exports }
            };
            self.links.imports.extend(leaves.into_iter().map(import));
            return;
        }
        let alias = match settings.import {
            ImportForm::AsDefault => "default",
            _ => self.part(link, LinkPart::ImportAlias).unwrap_or_default(),
        };
        let name = match settings.import {
            ImportForm::All => "*",
            ImportForm::Default => "default",
            _ => self.part(link, LinkPart::ImportName).unwrap_or_default(),
        };
        if module.len() + name.len() + alias.len() > TEXT_BYTES_MAX || module.len() + name.len() == 0 {
            return;
        }
        self.links.imports.push(Import {
            module: module.split_whitespace().collect(),
            name: name.to_owned(),
            alias: alias.to_owned(),
            line,
            exports: settings.exports,
        });
    }

    fn binding(&mut self, link: &Link, settings: &PatternSettings, symbol: Option<u32>) {
        let Some(span) = link.parts.iter().find(|(part, _)| *part == LinkPart::BindingName).map(|(_, span)| *span)
        else {
            return;
        };
        let name = self.text.get(span.range()).unwrap_or_default().trim();
        let by_type = self.part(link, LinkPart::BindingType).map(type_name).filter(|of| !of.is_empty());
        let is_type = by_type.is_some();
        let by_value = || self.part(link, LinkPart::BindingValue).map(|value| expression(clipped(value)));
        let of = by_type.or_else(by_value).unwrap_or_else(|| "?".to_owned());
        let symbol = if settings.returns { self.callable(symbol) } else { symbol };
        if settings.returns && symbol.is_none() {
            return;
        }
        let within = symbol;
        let (home, symbol) = match settings {
            PatternSettings { returns: true, .. } => (name, symbol),
            PatternSettings { field: true, .. } => (name, self.around(symbol, |symbol| symbol.kind.is_type())),
            _ => self.home(name, span.start, symbol),
        };
        let (is_field, name) = (home.len() < name.len(), home);
        if name.len() > TEXT_BYTES_MAX
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$@".contains(&byte))
        {
            return;
        }
        // Of a variable of a function it matters that it is one, even if nothing shows its type: it hides what has its name.
        let is_local = symbol.is_some_and(|symbol| self.symbols[symbol as usize].kind.is_callable());
        if of == "?" && (settings.returns || !is_local) {
            return;
        }
        if is_field && !is_type {
            self.fields.push((self.links.bindings.len(), within));
        }
        let name = name.to_owned();
        self.links.bindings.push(Binding { name, of, is_type, symbol, returns: settings.returns });
    }

    /// The bare name of a variable and where it holds: `self.store` is a field of the type around it.
    fn home(&self, name: &'a str, start: u32, symbol: Option<u32>) -> (&'a str, Option<u32>) {
        let of_type = ["self.", "this.", "$this->", "this->", "@"].iter().find_map(|prefix| name.strip_prefix(prefix));
        if let Some(field) = of_type {
            return (field, self.around(symbol, |symbol| symbol.kind.is_type()));
        }
        // The symbol that the declaration makes is no place to look from: what is around it is.
        match symbol.map(|symbol| &self.symbols[symbol as usize]) {
            // In PHP the sign before a name is no part of the symbol's.
            Some(own) if own.name_start == start || (own.name_start == start + 1 && name.starts_with('$')) => {
                (name, own.container)
            }
            _ => (name, symbol),
        }
    }

    /// `self.store = store`: the field is what the parameter of the method is.
    fn settle_fields(&mut self) {
        for (number, within) in std::mem::take(&mut self.fields) {
            let of = &self.links.bindings[number].of;
            let variable = |binding: &&Binding| binding.symbol == within && binding.name == *of && !binding.returns;
            let known = self.links.bindings.iter().filter(variable).find(|binding| binding.of != "?");
            if let Some((of, is_type)) = known.map(|known| (known.of.clone(), known.is_type)) {
                let field = &mut self.links.bindings[number];
                (field.of, field.is_type) = (of, is_type);
            }
        }
    }

    fn callable(&self, symbol: Option<u32>) -> Option<u32> {
        self.around(symbol, |symbol| symbol.kind.is_callable())
    }

    fn around(&self, symbol: Option<u32>, wanted: impl Fn(&Symbol) -> bool) -> Option<u32> {
        let mut next = symbol;
        while let Some(number) = next {
            let symbol = &self.symbols[number as usize];
            if wanted(symbol) {
                return Some(number);
            }
            next = symbol.container;
        }
        None
    }

    fn mark(&mut self, link: &Link, settings: &PatternSettings, symbol: Option<u32>, line: u32) {
        let route = self.part(link, LinkPart::RoutePath);
        let Some(text) = route.or_else(|| self.part(link, LinkPart::ConfigKey)) else { return };
        if text.len() > TEXT_BYTES_MAX || text.contains('\n') {
            return;
        }
        let method = self.part(link, LinkPart::RouteMethod).or(settings.method.as_deref()).unwrap_or_default();
        let method = method.trim_end_matches("Mapping").to_ascii_uppercase();
        let method = if method == "ROUTE" || method == "REQUEST" || method.len() > 10 { String::new() } else { method };
        let handler = self.part(link, LinkPart::RouteHandler).map(|handler| expression(clipped(handler)));
        self.links.marks.push(Mark {
            is_route: route.is_some(),
            text: text.to_owned(),
            method,
            handler: handler.filter(|handler| handler != "?" && handler != "\"\"").unwrap_or_default(),
            symbol,
            line,
        });
    }
}

/// The begin of an expression: the rest of a long one says no more.
fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(2000)]
}

/// The leaves of a tree of paths (`a::{b, c::d as e}`), each with its alias.
fn tree(text: &str, before: &str, leaves: &mut Vec<(String, String)>, depth: u32) {
    let text = text.trim();
    if leaves.len() >= TREE_NAMES_MAX || depth > 20 || text.is_empty() || before.len() > TEXT_BYTES_MAX {
        return;
    }
    let join = |rest: &str| if before.is_empty() { rest.to_owned() } else { format!("{before}::{rest}") };
    if let Some(open) = text.find('{') {
        let head = text[..open].trim().trim_end_matches("::");
        let inside = text[open + 1..].trim_end().trim_end_matches('}');
        let before = if head.is_empty() { before.to_owned() } else { join(head) };
        for part in parts(inside) {
            tree(part, &before, leaves, depth + 1);
        }
        return;
    }
    let (path, alias) = text.split_once(" as ").unwrap_or((text, ""));
    let path: String = path.split_whitespace().collect();
    let path = if path == "self" && !before.is_empty() { before.to_owned() } else { join(&path) };
    if path.len() <= TEXT_BYTES_MAX {
        leaves.push((path, alias.trim().to_owned()));
    }
}

/// The parts of a list, cut at the commas outside of braces.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_imports_has_leaves() {
        let mut leaves = Vec::new();
        tree("a::{self, b, c::{d as e, f::*}}", "", &mut leaves, 0);
        let expected = [("a", ""), ("a::b", ""), ("a::c::d", "e"), ("a::c::f::*", "")];
        assert_eq!(leaves, expected.map(|(path, alias)| (path.to_owned(), alias.to_owned())));
    }
}
