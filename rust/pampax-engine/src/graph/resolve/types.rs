//! Types: what belongs to them, and what they are kinds of.

use std::rc::Rc;

use pampax_base::{Language, ReferenceKind, SymbolKind};

use super::{ASKING_MAX, Bases, ByOwner, CLASSES_MAX, DEPTH_MAX, Grade, IMPORTED, Resolver, TypesNamed, Value};
use crate::graph::rules::may_use;

impl<'a> Resolver<'_, 'a> {
    /// The type to which a symbol belongs.
    pub(super) fn owner(&mut self, symbol: u32) -> Option<u32> {
        if let Some(&known) = self.owners.get(&symbol) {
            return known;
        }
        let world = self.world;
        let around = world.container(symbol);
        let owner = match (world.qualifier(symbol), around) {
            (Some(qualifier), _) => {
                self.type_named(world.file_of(symbol), qualifier.rsplit('.').next().unwrap_or(qualifier))
            }
            (None, Some(around)) => self.class_of(around),
            (None, None) => None,
        };
        self.owners.insert(symbol, owner);
        owner
    }

    /// The type that a symbol is, or that it adds to.
    pub(super) fn class_of(&mut self, symbol: u32) -> Option<u32> {
        match self.world.kind(symbol) {
            SymbolKind::Implementation => self.type_named(self.world.file_of(symbol), self.world.name(symbol)),
            kind if kind.is_type() => Some(symbol),
            // A module of Ruby is like a type.
            SymbolKind::Module if self.world.language(self.world.file_of(symbol)) == Some(Language::Ruby) => {
                Some(symbol)
            }
            _ => self.world.qualifier(symbol).and_then(|_| self.owner(symbol)),
        }
    }

    /// The type in whose code `scope` stands.
    pub(super) fn type_around(&mut self, scope: u32) -> Option<u32> {
        let mut next = Some(scope);
        while let Some(symbol) = next {
            if let Some(class) = self.class_of(symbol) {
                return Some(class);
            }
            next = self.world.container(symbol);
        }
        None
    }

    /// The type called `name` to which code in `file` adds: in the file, the package, or anywhere if it is the only one.
    pub(super) fn type_named(&mut self, file: u32, name: &str) -> Option<u32> {
        let types = self.types_named(name, self.world.language(file));
        let near = || types.by_folder.get(self.world.folder(file));
        types.by_file.get(&file).or_else(near).copied().or(types.only)
    }

    /// The types called `name` that code in `language` may use.
    pub(super) fn types_named(&mut self, name: &str, language: Option<Language>) -> Rc<TypesNamed<'a>> {
        let of_name = self.types.entry(name.into()).or_default();
        if let Some((_, known)) = of_name.iter().find(|(known, _)| *known == language) {
            return Rc::clone(known);
        }
        let is_type = |symbol: u32| {
            let kind = self.world.kind(symbol);
            (kind.is_type() && kind != SymbolKind::Implementation)
                || (kind == SymbolKind::Module && language == Some(Language::Ruby))
        };
        let named = self.named(name);
        let mut types = TypesNamed::default();
        let (mut all, mut with_body) = (Vec::new(), Vec::new());
        for &symbol in named.iter().filter(|&&symbol| is_type(symbol)) {
            let file = self.world.file_of(symbol);
            if !may_use(language, self.world.language(file)) {
                continue;
            }
            let has_body = self.world.has_body(symbol);
            all.push(symbol);
            if has_body {
                with_body.push(symbol);
            }
            // The first of those with a body, else the first.
            let better = |known: u32| has_body && !self.world.has_body(known);
            let of_file = types.by_file.entry(file).or_insert(symbol);
            *of_file = if better(*of_file) { symbol } else { *of_file };
            let of_folder = types.by_folder.entry(self.world.folder(file)).or_insert(symbol);
            *of_folder = if better(*of_folder) { symbol } else { *of_folder };
        }
        types.only = match (all.as_slice(), with_body.as_slice()) {
            ([only], _) | (_, [only]) => Some(*only),
            _ => None,
        };
        let types = Rc::new(types);
        self.types.entry(name.into()).or_default().push((language, Rc::clone(&types)));
        types
    }

    /// What is called `name`, by the type it belongs to.
    pub(super) fn by_owner(&mut self, name: &str) -> Rc<ByOwner> {
        if let Some(known) = self.by_owner.get(name) {
            return Rc::clone(known);
        }
        let named = self.named(name);
        let mut found = ByOwner::default();
        for &symbol in named.iter() {
            if self.world.kind(symbol) == SymbolKind::Implementation {
                if let Some(class) = self.class_of(symbol) {
                    found.implementations.entry(class).or_default().push(symbol);
                }
            } else if let Some(owner) = self.owner(symbol) {
                found.members.entry(owner).or_default().push(symbol);
            }
        }
        let found = Rc::new(found);
        self.by_owner.insert(name.into(), Rc::clone(&found));
        found
    }

    /// The members of a type itself; those called `name`, if one is given.
    pub(super) fn own_members(&mut self, class: u32, name: Option<&str>) -> Vec<u32> {
        match name {
            Some(name) => self.by_owner(name).members.get(&class).cloned().unwrap_or_default(),
            None => {
                let file = self.world.file_of(class);
                self.world.symbols_of(file).filter(|&symbol| self.world.container(symbol) == Some(class)).collect()
            }
        }
    }

    /// The members called `name` of a type: its own, else those of the nearest base that has them.
    pub(super) fn member(&mut self, class: u32, name: &str, kind: ReferenceKind) -> (Vec<u32>, Grade) {
        let own = self.fitting_members(class, name, kind);
        if own.is_empty() { self.inherited(class, name, kind) } else { (own, IMPORTED) }
    }

    pub(super) fn fitting_members(&mut self, class: u32, name: &str, kind: ReferenceKind) -> Vec<u32> {
        let mut own = self.own_members(class, Some(name));
        if kind == ReferenceKind::Call && own.iter().any(|&member| self.world.kind(member).is_callable()) {
            own.retain(|&member| self.world.kind(member).is_callable());
        }
        own
    }

    pub(super) fn inherited(&mut self, class: u32, name: &str, kind: ReferenceKind) -> (Vec<u32>, Grade) {
        let mut seen = vec![class];
        let mut waiting: Vec<(u32, Grade)> = self.bases(class).known.clone();
        let mut next = 0;
        while let Some(&(base, grade)) = waiting.get(next) {
            next += 1;
            if seen.contains(&base) || seen.len() > CLASSES_MAX {
                continue;
            }
            seen.push(base);
            let found = self.fitting_members(base, name, kind);
            if !found.is_empty() {
                return (found, grade);
            }
            let further = self.bases(base);
            waiting.extend(further.known.iter().map(|&(further, by)| (further, grade.and(by))));
        }
        (Vec::new(), IMPORTED)
    }

    /// The base classes that the head of a type names, and those that code elsewhere adds to it.
    pub(super) fn bases(&mut self, class: u32) -> Rc<Bases> {
        if let Some(known) = self.bases.get(&class) {
            return Rc::clone(known);
        }
        // A type that leads back to itself finds itself without bases.
        if self.asking.contains(&class) || self.asking.len() >= ASKING_MAX {
            self.cut_off = true;
            return Rc::default();
        }
        self.asking.push(class);
        let mut parts = vec![class];
        let named = self.by_owner(self.world.name(class));
        parts.extend(named.implementations.get(&class).into_iter().flatten().filter(|&&symbol| symbol != class));
        let mut bases = Bases::default();
        for part in parts {
            self.add_bases(part, &mut bases);
        }
        self.asking.pop();
        let bases = Rc::new(bases);
        // What was cut off because of what was asked before is not remembered: the answer may not depend on the order of
        // asking.
        if !self.cut_off || self.asking.is_empty() {
            self.bases.insert(class, Rc::clone(&bases));
        }
        self.cut_off &= !self.asking.is_empty();
        bases
    }

    pub(super) fn add_bases(&mut self, part: u32, bases: &mut Bases) {
        let file = self.world.file_of(part);
        let (facts, entry) = self.world.file(file);
        let within = part - self.world.first_symbols()[file as usize];
        let span = self.world.record(part).span();
        let references = facts.references_of(entry);
        let first = references.partition_point(|reference| reference.line() < span.start);
        for reference in references[first..].iter().take_while(|reference| reference.line() <= span.end) {
            let is_base = matches!(reference.kind(), ReferenceKind::Inherit | ReferenceKind::Implement);
            if !is_base || reference.symbol() != Some(within) || bases.known.len() >= CLASSES_MAX {
                continue;
            }
            let name = facts.name(reference.name());
            let around = self.world.container(part);
            let receiver = reference.receiver().map(|receiver| format!("{}.{name}", facts.name(receiver)));
            match self.type_of(file, around, receiver.as_deref().unwrap_or(name), DEPTH_MAX) {
                Value::Class(base, grade) | Value::Instance(base, grade) if base != part => {
                    bases.known.push((base, grade));
                }
                _ => bases.external = true,
            }
        }
    }
}
