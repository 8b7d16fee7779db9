//! What expressions give, as far as the text shows.

use pampax_base::{ReferenceKind, SymbolKind};

use super::{Bare, CLASSES_MAX, Grade, IMPORTED, Resolver, SAME_FILE, Value, parts};
use crate::graph::rules::{CLASS_WORDS, SELF_WORDS, TRANSPARENT, is_super, rules};

impl Resolver<'_, '_> {
    /// The type that a chain names, as [`Value::Instance`].
    pub(super) fn type_of(&mut self, file: u32, scope: Option<u32>, chain: &str, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        if CLASS_WORDS.contains(&chain) || chain == "self" {
            return match scope.and_then(|scope| self.type_around(scope)) {
                Some(class) => Value::Instance(class, SAME_FILE),
                None => Value::Unknown,
            };
        }
        if chain == "[]" || chain == "\"\"" {
            return Value::External;
        }
        let mut links = chain.split('.');
        let first = links.next().unwrap_or_default();
        let mut links = links.peekable();
        // Only the last name of a path is that of a type.
        let kind = if links.peek().is_none() { ReferenceKind::Type } else { ReferenceKind::Use };
        let found = self.bare(file, scope, first, kind, depth);
        let mut value = self.of_bare(found, kind, depth);
        while let Some(link) = links.next() {
            value = match (value, links.peek()) {
                (Value::Files(files, grade), None) => match self.in_files(&files, link, ReferenceKind::Type, depth) {
                    Bare::Symbols(symbols, by) => {
                        self.of_bare(Bare::Symbols(symbols, grade.and(by)), ReferenceKind::Type, depth)
                    }
                    _ => Value::External,
                },
                (value, _) => self.step(value, link, depth),
            };
        }
        match value {
            Value::Class(class, grade) => Value::Instance(class, grade),
            Value::Unknown => match self
                .by_name(file, chain.rsplit('.').next().unwrap_or(chain), ReferenceKind::Type, false)
                .symbols
                .as_slice()
            {
                [(class, grade)] if self.world.kind(*class).is_type() => Value::Instance(*class, *grade),
                _ => Value::Unknown,
            },
            other => other,
        }
    }

    pub(super) fn of_bare(&mut self, bare: Bare, kind: ReferenceKind, depth: u32) -> Value {
        match bare {
            Bare::Symbols(symbols, grade) => match self.best(&symbols, kind) {
                Some(symbol) => self.of_symbol(symbol, grade, depth),
                None => Value::Unknown,
            },
            Bare::Files(files) => Value::Files(files.into(), IMPORTED),
            Bare::Local(file, binding) => self.bound(file, binding, depth),
            Bare::External => Value::External,
            Bare::Missing => Value::Unknown,
        }
    }

    /// The one of several definitions of a name that is meant. A type and a value may share one.
    pub(super) fn best(&self, symbols: &[u32], kind: ReferenceKind) -> Option<u32> {
        let is_type_only = |symbol: u32| matches!(self.world.kind(symbol), SymbolKind::Interface | SymbolKind::Type);
        let wants_type = kind == ReferenceKind::Type;
        let fits = |symbol: u32| if wants_type { self.world.kind(symbol).is_type() } else { !is_type_only(symbol) };
        let fitting: Vec<u32> = symbols.iter().copied().filter(|&symbol| fits(symbol)).collect();
        let symbols = if fitting.is_empty() { symbols } else { fitting.as_slice() };
        let files_differ = symbols.iter().any(|&symbol| self.world.file_of(symbol) != self.world.file_of(symbols[0]));
        let mut with_body = symbols.iter().copied().filter(|&symbol| self.world.has_body(symbol));
        match (files_differ, with_body.clone().count()) {
            (true, 1) | (false, 1..) => with_body.next_back(),
            (false, 0) => symbols.first().copied(),
            _ => None,
        }
    }

    pub(super) fn of_symbol(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let kind = self.world.kind(symbol);
        if kind == SymbolKind::Type {
            return self.alias(symbol, grade, depth);
        }
        if kind.is_type() || self.class_of(symbol) == Some(symbol) {
            return Value::Class(symbol, grade);
        }
        if matches!(kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Field) {
            let file = self.world.file_of(symbol);
            let around = self.world.container(symbol);
            return match self.binding(file, around, self.world.name(symbol)) {
                Some(binding) => self.bound(file, binding, depth),
                None => Value::Unknown,
            };
        }
        Value::Symbol(symbol, grade)
    }

    /// What another name for a type stands for, if the text shows it; else the name itself.
    pub(super) fn alias(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
        let file = self.world.file_of(symbol);
        match self.binding(file, self.world.container(symbol), self.world.name(symbol)) {
            Some(binding) => self.bound(file, binding, depth),
            None => Value::Class(symbol, grade),
        }
    }

    pub(super) fn binding(&mut self, file: u32, symbol: Option<u32>, name: &str) -> Option<usize> {
        self.links(file).bindings.get(&(symbol, name)).and_then(|bindings| bindings.first().copied())
    }

    /// What a binding of a file says its name is.
    pub(super) fn bound(&mut self, file: u32, binding: usize, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let (facts, _) = self.world.file(file);
        let Some(record) = self.links(file).records.get(binding).copied() else { return Value::Unknown };
        let first = self.world.first_symbols()[file as usize];
        let scope = record.symbol().map(|symbol| first + symbol);
        let of = facts.name(record.of);
        if record.is_type() { self.type_of(file, scope, of, depth) } else { self.value(file, scope, of, depth) }
    }

    /// What the chain of an expression gives where it stands.
    pub(super) fn value(&mut self, file: u32, scope: Option<u32>, chain: &str, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let mut links = chain.split('.');
        let first = links.next().unwrap_or_default();
        let mut value = self.first_link(file, scope, first, depth);
        for link in links {
            value = self.step(value, link, depth);
        }
        value
    }

    pub(super) fn first_link(&mut self, file: u32, scope: Option<u32>, link: &str, depth: u32) -> Value {
        if link == "\"\"" {
            return Value::External;
        }
        let (name, is_call, is_element) = parts(link);
        // An object that is given as a parameter, whatever the language calls it: `s *Server`, `self: Session`.
        let class = |this: &mut Self| scope.and_then(|scope| this.type_around(scope));
        let is_super = is_super(self.world.language(file), link);
        if SELF_WORDS.contains(&link) || is_super || CLASS_WORDS.contains(&link) {
            let Some(class) = class(self) else { return Value::Unknown };
            return match link {
                _ if is_super => Value::Super(class),
                _ if CLASS_WORDS.contains(&link) => Value::Class(class, SAME_FILE),
                _ => Value::Instance(class, SAME_FILE),
            };
        }
        if let Some(field) = name.strip_prefix('@') {
            return match class(self) {
                Some(class) => self.step(Value::Instance(class, SAME_FILE), field.trim_start_matches('@'), depth),
                None => Value::Unknown,
            };
        }
        if name == "?" || name.is_empty() {
            return Value::Unknown;
        }
        let kind = if is_call { ReferenceKind::Call } else { ReferenceKind::Use };
        let found = self.bare(file, scope, name, kind, depth);
        let mut value = self.of_bare(found, kind, depth);
        if matches!(value, Value::Unknown)
            && rules(self.world.language(file)).implicit_members
            && let Some(class) = class(self)
        {
            value = self.step(Value::Instance(class, SAME_FILE), name, depth);
        }
        // A type by its name alone, in languages where nothing has to be imported.
        if matches!(value, Value::Unknown) && name.starts_with(|first: char| first.is_uppercase()) {
            value = match self.type_of(file, scope, name, depth) {
                Value::Instance(class, grade) => Value::Class(class, grade),
                other => other,
            };
        }
        if is_element {
            return if matches!(value, Value::External) { value } else { Value::Unknown };
        }
        if is_call { self.called(&value, depth) } else { value }
    }

    /// What a call of a value gives.
    pub(super) fn called(&mut self, value: &Value, depth: u32) -> Value {
        match *value {
            Value::Class(class, grade) => Value::Instance(class, grade),
            Value::Symbol(symbol, grade) => self.returned(symbol, grade, depth),
            Value::External => Value::External,
            _ => Value::Unknown,
        }
    }

    /// What a function returns.
    pub(super) fn returned(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
        if self.world.kind(symbol) == SymbolKind::Constructor {
            return match self.owner(symbol) {
                Some(class) => Value::Instance(class, grade),
                None => Value::Unknown,
            };
        }
        let file = self.world.file_of(symbol);
        let links = self.links(file);
        match links.returns.get(&symbol) {
            Some(&binding) => match self.bound(file, binding, depth) {
                Value::Instance(class, by) => Value::Instance(class, grade.and(by)),
                other => other,
            },
            None => Value::Unknown,
        }
    }

    /// One link further along a chain.
    pub(super) fn step(&mut self, value: Value, link: &str, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        if TRANSPARENT.contains(&link) && !matches!(value, Value::Class(..)) {
            return value;
        }
        let (name, is_call, is_element) = parts(link);
        let stepped = match value {
            Value::Instance(class, grade) | Value::Class(class, grade) => {
                self.attribute(class, grade, name, is_call, depth)
            }
            Value::Super(class) => {
                let bases = self.bases(class);
                let mut found = Value::Unknown;
                for &(base, grade) in &bases.known {
                    found = self.attribute(base, grade, name, is_call, depth);
                    if !matches!(found, Value::Unknown) {
                        break;
                    }
                }
                found
            }
            Value::Files(files, grade) => {
                let kind = if is_call { ReferenceKind::Call } else { ReferenceKind::Use };
                match self.in_files(&files, name, kind, depth) {
                    Bare::Symbols(symbols, by) => self.of_bare(Bare::Symbols(symbols, grade.and(by)), kind, depth),
                    other => self.of_bare(other, kind, depth),
                }
            }
            Value::External => return Value::External,
            Value::Symbol(..) | Value::Unknown => return Value::Unknown,
        };
        if is_element {
            return Value::Unknown;
        }
        if is_call { self.called(&stepped, depth) } else { stepped }
    }

    /// A field, method or nested type of a type.
    pub(super) fn attribute(&mut self, class: u32, grade: Grade, name: &str, is_call: bool, depth: u32) -> Value {
        let mut classes = vec![(class, grade)];
        let mut next = 0;
        while let Some(&(class, grade)) = classes.get(next) {
            next += 1;
            if next > CLASSES_MAX {
                break;
            }
            let file = self.world.file_of(class);
            if !is_call && let Some(binding) = self.binding(file, Some(class), name) {
                return match self.bound(file, binding, depth) {
                    Value::Instance(class, by) => Value::Instance(class, grade.and(by)),
                    other => other,
                };
            }
            let kind = if is_call { ReferenceKind::Call } else { ReferenceKind::Use };
            let members = self.fitting_members(class, name, kind);
            if let Some(member) = self.best(&members, kind) {
                return match self.of_symbol(member, grade, depth) {
                    // A property that is computed reads like a field.
                    Value::Symbol(symbol, grade) if !is_call => match self.returned(symbol, grade, depth) {
                        Value::Unknown => Value::Symbol(symbol, grade),
                        other => other,
                    },
                    other => other,
                };
            }
            let bases = self.bases(class);
            for &(base, by) in &bases.known {
                if !classes.iter().any(|(known, _)| *known == base) {
                    classes.push((base, grade.and(by)));
                }
            }
        }
        Value::Unknown
    }
}
