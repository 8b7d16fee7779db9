//! The links of a file by name.

use std::collections::HashSet;
use std::rc::Rc;

use pampax_base::Language;

use super::{FileLinks, Resolver};
use crate::graph::rules::rules;

/// Imports under one name that are followed.
const SAME_NAME_MAX: usize = 20;
/// Modules imported whole by one file that are followed for a name.
const WHOLE_MAX: usize = 500;

impl<'a> Resolver<'_, 'a> {
    pub(super) fn links(&mut self, file: u32) -> Rc<FileLinks<'a>> {
        if let Some(known) = self.links.get(&file) {
            return Rc::clone(known);
        }
        let links = Rc::new(self.read_links(file));
        self.links.insert(file, Rc::clone(&links));
        links
    }

    pub(super) fn read_links(&self, file: u32) -> FileLinks<'a> {
        let (facts, entry) = self.world.file(file);
        let language = self.world.language(file);
        let rules = rules(language);
        let first = self.world.first_symbols()[file as usize];
        let records = facts.bindings_of(entry);
        let mut links = FileLinks::default();
        for (number, record) in records.iter().enumerate() {
            let symbol = record.symbol().map(|symbol| first + symbol);
            if record.returns() {
                if let Some(symbol) = symbol {
                    links.returns.entry(symbol).or_insert(number);
                }
                continue;
            }
            let name = facts.name(record.name).trim_start_matches('$');
            links.bindings.entry((symbol, name)).or_default().push(number);
            // PHP writes the variable with its sign.
            if facts.name(record.name) != name {
                links.bindings.entry((symbol, facts.name(record.name))).or_default().push(number);
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
        for numbers in links.bindings.values_mut() {
            // A declared type says more than the value first given; a value more than none.
            numbers.sort_by_key(|&number| (!records[number].is_type(), facts.name(records[number].of) == "?", number));
        }
        for (number, record) in facts.imports_of(entry).iter().enumerate() {
            let (module, name, alias) = (facts.name(record.module), facts.name(record.name), facts.name(record.alias));
            let is_alias_only = module.is_empty();
            let known_as = match (alias, name) {
                // The point is what a Go file imports into its own names.
                ("", "*") | (".", _) => {
                    links.all.push(number);
                    continue;
                }
                ("", "") => local_name(language, module),
                ("", name) => name,
                (alias, _) => alias,
            };
            if rules.imports_all && alias.is_empty() {
                links.all.push(number);
            }
            if is_alias_only && known_as != "default" && known_as == name {
                continue;
            }
            let named = links.imports.entry(known_as).or_default();
            if named.len() < SAME_NAME_MAX {
                named.push(number);
            }
        }
        // A module that is imported whole twice brings in nothing more.
        let mut seen = HashSet::new();
        links.all.retain(|&number| {
            let record = &facts.imports_of(entry)[number];
            seen.insert((record.module, record.name, record.alias))
        });
        links.all.truncate(WHOLE_MAX);
        links.records = records;
        links
    }
}

/// The name under which a module is known that is imported without one.
fn local_name(language: Option<Language>, module: &str) -> &str {
    match language {
        Some(Language::Python) => module.split('.').next().unwrap_or(module),
        Some(Language::Go) => {
            let mut names = module.rsplit('/');
            let last = names.next().unwrap_or(module);
            let is_version = last
                .strip_prefix('v')
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
            if is_version { names.next().unwrap_or(last) } else { last }
        }
        Some(
            Language::C
            | Language::Cpp
            | Language::Ruby
            | Language::Dart
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx,
        ) => module,
        _ => module.rsplit(['.', ':', '\\', '/']).next().unwrap_or(module),
    }
}
