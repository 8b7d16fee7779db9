//! What a name may mean if nothing but the name tells.

use pampax_base::{ReferenceKind, SymbolKind};

use super::{AMBIGUOUS, AMBIGUOUS_MAX, Meaning, NAMED_MAX, Resolver, UNIQUE, UNIQUE_METHOD, may_mean};
use crate::graph::modules::Module;
use crate::graph::rules::{COMMON_METHODS, may_use, rules};

impl Resolver<'_, '_> {
    /// What a name may mean if nothing but the name tells.
    pub(super) fn by_name(&mut self, file: u32, name: &str, kind: ReferenceKind, of_member: bool) -> Meaning {
        let language = self.world.language(file);
        if COMMON_METHODS.contains(&name) && of_member || (!of_member && rules(language).closed) || name.len() < 2 {
            return Meaning::default();
        }
        let all = self.named(name);
        if all.len() > NAMED_MAX {
            return Meaning { truncated: true, ..Meaning::default() };
        }
        let mut fitting: Vec<u32> = Vec::new();
        for &symbol in all.iter() {
            let symbol_kind = self.world.kind(symbol);
            let fits = if of_member {
                kind == ReferenceKind::Call && symbol_kind.is_callable() && self.owner(symbol).is_some()
            } else {
                may_mean(kind, symbol_kind)
                    && symbol_kind != SymbolKind::Variable
                    && (symbol_kind.is_type() || self.owner(symbol).is_none())
                    && self.world.container(symbol).is_none_or(|around| !self.world.kind(around).is_callable())
            };
            if fits && may_use(language, self.world.language(self.world.file_of(symbol))) {
                fitting.push(symbol);
            }
        }
        // A declaration and its definition are one.
        if fitting.iter().any(|&symbol| self.world.has_body(symbol)) {
            fitting.retain(|&symbol| self.world.has_body(symbol));
        }
        self.nearest_of(file, fitting, of_member)
    }

    pub(super) fn nearest_of(&mut self, file: u32, mut fitting: Vec<u32>, of_member: bool) -> Meaning {
        let is_one_scope = fitting.windows(2).all(|pair| {
            self.world.file_of(pair[0]) == self.world.file_of(pair[1])
                && self.world.container(pair[0]) == self.world.container(pair[1])
        });
        if is_one_scope {
            let grade = match (of_member, self.knows(file, fitting.first().copied())) {
                (true, false) => UNIQUE_METHOD,
                _ => UNIQUE,
            };
            fitting.truncate(AMBIGUOUS_MAX);
            return Meaning {
                symbols: fitting.into_iter().map(|symbol| (symbol, grade)).collect(),
                ..Meaning::default()
            };
        }
        let own = self.world.path(file);
        let distance = |symbol: &u32| {
            let other = self.world.path(self.world.file_of(*symbol));
            let shared = own.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
            (std::cmp::Reverse(shared), *symbol)
        };
        fitting.sort_by_key(distance);
        let truncated = fitting.len() > AMBIGUOUS_MAX;
        fitting.truncate(AMBIGUOUS_MAX);
        Meaning { symbols: fitting.into_iter().map(|symbol| (symbol, AMBIGUOUS)).collect(), ambiguous: true, truncated }
    }

    /// Whether a file imports the file of a symbol, or lies beside it.
    pub(super) fn knows(&mut self, file: u32, symbol: Option<u32>) -> bool {
        let Some(other) = symbol.map(|symbol| self.world.file_of(symbol)) else { return false };
        if other == file || self.world.folder(other) == self.world.folder(file) {
            return true;
        }
        let (facts, entry) = self.world.file(file);
        facts.imports_of(entry).iter().any(|record| {
            matches!(&*self.module(file, facts.name(record.module)), Module::Files(files, _) if files.contains(&other))
        })
    }
}
