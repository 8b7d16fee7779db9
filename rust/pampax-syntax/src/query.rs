//! The compiled query of a language: which capture means what.

use std::sync::OnceLock;

use pampax_base::{Language, ReferenceKind, SymbolKind};
use tree_sitter::Query;

use crate::grammars::{grammar, query_sources};

/// What a capture of a query stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Definition(SymbolKind),
    Name,
    Body,
    Reference(ReferenceKind),
    Comment,
    Attribute,
    Docstring,
    /// Captured for a predicate only; its name begins with `_`.
    Silent,
}

/// What `#set!` says about the definitions a pattern finds.
#[derive(Clone, Debug, Default)]
pub(crate) struct PatternSettings {
    /// The name of a definition that has none in the text.
    pub(crate) name: Option<String>,
    /// Whether it makes a chunk, if the query decides that.
    pub(crate) chunk: Option<bool>,
    /// Whether neighbours of the same name are one symbol.
    pub(crate) merge: bool,
    /// The bare name stands after the last of these (`Foo::bar`).
    pub(crate) separator: Option<String>,
}

/// A query with the meaning of its captures looked up once.
pub(crate) struct LanguageQuery {
    pub(crate) language: Language,
    pub(crate) grammar: tree_sitter::Language,
    pub(crate) query: Query,
    roles: Vec<Role>,
    patterns: Vec<PatternSettings>,
    /// The field `body`, where the grammar has one.
    pub(crate) body_field: Option<u16>,
}

impl LanguageQuery {
    /// Compiles `source` for `language`.
    ///
    /// # Errors
    /// A message that names the place: a node or field the grammar does not know, a capture or property that has no
    /// meaning here, or a syntax error.
    pub(crate) fn compile(language: Language, source: &str) -> Result<Self, String> {
        let grammar = grammar(language);
        let query = Query::new(&grammar, source).map_err(|error| format!("{}: {error}", language.name()))?;
        let role =
            |name: &&str| role_of(name).ok_or_else(|| format!("{}: capture @{name} has no meaning", language.name()));
        let roles = query.capture_names().iter().map(role).collect::<Result<Vec<_>, _>>()?;
        let settings = |pattern| settings_of(&query, pattern).map_err(|error| format!("{}: {error}", language.name()));
        let patterns = (0..query.pattern_count()).map(settings).collect::<Result<Vec<_>, _>>()?;
        let body_field = grammar.field_id_for_name("body").map(std::num::NonZero::get);
        Ok(Self { language, grammar, query, roles, patterns, body_field })
    }

    /// The query of `language`, compiled at its first use and kept for the life of the process.
    ///
    /// # Errors
    /// The message of [`Self::compile`].
    pub(crate) fn of(language: Language) -> Result<&'static Self, &'static str> {
        static QUERIES: [OnceLock<Result<LanguageQuery, String>>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        let compiled = QUERIES[language as usize].get_or_init(|| Self::compile(language, &joined_source(language)));
        compiled.as_ref().map_err(String::as_str)
    }

    /// What the capture with number `index` stands for.
    pub(crate) fn role(&self, index: u32) -> Role {
        self.roles.get(index as usize).copied().unwrap_or(Role::Silent)
    }

    /// The settings of the pattern with number `index`.
    pub(crate) fn settings(&self, index: u32) -> &PatternSettings {
        &self.patterns[index as usize]
    }
}

/// The query files of `language`, joined.
pub(crate) fn joined_source(language: Language) -> String {
    let mut source = String::new();
    for (_, text) in query_sources(language) {
        source.push_str(text);
        source.push('\n');
    }
    source
}

fn role_of(name: &str) -> Option<Role> {
    if let Some(kind) = name.strip_prefix("definition.") {
        return SymbolKind::from_name(kind).map(Role::Definition);
    }
    if let Some(kind) = name.strip_prefix("reference.") {
        return ReferenceKind::from_name(kind).map(Role::Reference);
    }
    match name {
        "name" => Some(Role::Name),
        "body" => Some(Role::Body),
        "comment" => Some(Role::Comment),
        "attribute" => Some(Role::Attribute),
        "docstring" => Some(Role::Docstring),
        _ => name.starts_with('_').then_some(Role::Silent),
    }
}

fn settings_of(query: &Query, pattern: usize) -> Result<PatternSettings, String> {
    let mut settings = PatternSettings::default();
    for property in query.property_settings(pattern) {
        match (property.key.as_ref(), property.value.as_deref()) {
            ("name", Some(name)) => settings.name = Some(name.to_owned()),
            ("chunk", Some("yes")) => settings.chunk = Some(true),
            ("chunk", Some("no")) => settings.chunk = Some(false),
            ("merge", Some("yes")) => settings.merge = true,
            ("separator", Some(separator)) => settings.separator = Some(separator.to_owned()),
            (key, value) => return Err(format!("pattern {pattern}: (#set! {key} {value:?}) has no meaning")),
        }
    }
    if let Some(predicate) = query.general_predicates(pattern).first() {
        return Err(format!("pattern {pattern}: #{} has no meaning", predicate.operator));
    }
    Ok(settings)
}
