//! The query of a language: its patterns by the kind of node they begin with, and which capture means what.

use std::sync::OnceLock;

use pampax_base::{Language, ReferenceKind, SymbolKind};

use crate::grammars::{grammar, query_sources};
use crate::pattern::{Kinds, NodePattern, Resolver};
use crate::pattern_text;

/// What a capture of a query stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Definition(SymbolKind),
    Name,
    Qualifier,
    Body,
    Reference(ReferenceKind),
    Comment,
    Attribute,
    Docstring,
    Link(LinkPart),
}

/// A part of what ties a file to others: see `links.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkPart {
    ImportModule,
    ImportName,
    ImportAlias,
    BindingName,
    BindingType,
    BindingValue,
    RoutePath,
    RouteMethod,
    RouteHandler,
    ConfigKey,
}

impl LinkPart {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "import.module" => Self::ImportModule,
            "import.name" => Self::ImportName,
            "import.alias" => Self::ImportAlias,
            "binding.name" => Self::BindingName,
            "binding.type" => Self::BindingType,
            "binding.value" => Self::BindingValue,
            "route.path" => Self::RoutePath,
            "route.method" => Self::RouteMethod,
            "route.handler" => Self::RouteHandler,
            "config.key" => Self::ConfigKey,
            _ => return None,
        })
    }
}

/// What an import pattern brings in, where no name in the text says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ImportForm {
    /// What the captures say: a name of the module, or the module itself.
    #[default]
    Plain,
    /// All names of the module.
    All,
    /// What the module exports by default, under the name given as its alias.
    Default,
    /// A name of this file, which it exports by default.
    AsDefault,
    /// The text is a tree of paths: `a::{b, c as d}`.
    Tree,
}

/// What `#set!` says about the definitions a pattern finds.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property that a pattern may have")]
pub(crate) struct PatternSettings {
    /// The name of a definition that has none in the text.
    pub(crate) name: Option<String>,
    /// Whether it makes a chunk, if the query decides that.
    pub(crate) chunk: Option<bool>,
    /// Whether neighbours of the same name are one symbol.
    pub(crate) merge: bool,
    /// The bare name stands after the last of these (`Foo::bar`).
    pub(crate) separator: Option<String>,
    /// What an import brings in.
    pub(crate) import: ImportForm,
    /// Whether an import hands on what it brings in.
    pub(crate) exports: bool,
    /// Whether a binding tells what a function returns instead of what a variable is.
    pub(crate) returns: bool,
    /// Whether a binding of a parameter makes a field of the type around.
    pub(crate) field: bool,
    /// The method of a route that the text does not name.
    pub(crate) method: Option<String>,
}

/// One way a pattern may begin.
pub(crate) struct Root {
    /// The number of the pattern: patterns that stand first in the files win.
    pub(crate) pattern: u32,
    pub(crate) node: NodePattern<Role>,
}

/// The patterns of a language, looked up in its grammar.
pub(crate) struct LanguageQuery {
    pub(crate) language: Language,
    pub(crate) grammar: tree_sitter::Language,
    /// For each kind of node the patterns that may begin with it; the last list is that of errors.
    roots_of_kind: Vec<Vec<u32>>,
    roots: Vec<Root>,
    patterns: Vec<PatternSettings>,
    /// The field `body`, where the grammar has one.
    pub(crate) body_field: Option<u16>,
}

impl LanguageQuery {
    /// Reads the patterns of `source` for `language`.
    ///
    /// # Errors
    /// A message that names the place: a node or field the grammar does not know, a capture or property that has no
    /// meaning here, or a syntax error.
    pub(crate) fn compile(language: Language, source: &str) -> Result<Self, String> {
        let grammar = grammar(language);
        let texts = pattern_text::read(source).map_err(|error| format!("{}: {error}", language.name()))?;
        let resolver = Resolver { grammar: &grammar, capture: &role_of };
        let (mut roots, mut patterns) = (Vec::new(), Vec::with_capacity(texts.len()));
        for (number, text) in texts.iter().enumerate() {
            let at_line = |error: String| format!("{}: line {}: {error}", language.name(), text.line);
            let (nodes, properties) = resolver.pattern(text).map_err(at_line)?;
            patterns.push(settings_of(&properties).map_err(at_line)?);
            roots.extend(nodes.into_iter().map(|node| Root { pattern: number as u32, node }));
        }
        let roots_of_kind = roots_of_kind(&roots, grammar.node_kind_count());
        let body_field = grammar.field_id_for_name("body").map(std::num::NonZero::get);
        Ok(Self { language, grammar, roots_of_kind, roots, patterns, body_field })
    }

    /// The query of `language`, read at its first use and kept for the life of the process.
    ///
    /// # Errors
    /// The message of [`Self::compile`].
    pub(crate) fn of(language: Language) -> Result<&'static Self, &'static str> {
        static QUERIES: [OnceLock<Result<LanguageQuery, String>>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        let compiled = QUERIES[language as usize].get_or_init(|| Self::compile(language, &joined_source(language)));
        compiled.as_ref().map_err(String::as_str)
    }

    /// The ways a pattern may begin at a node of this kind.
    pub(crate) fn roots(&self, kind: u16) -> impl Iterator<Item = &Root> {
        let last = self.roots_of_kind.len() - 1;
        let numbers = &self.roots_of_kind[(kind as usize).min(last)];
        numbers.iter().map(|&number| &self.roots[number as usize])
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

/// For each of `count` kinds, and for errors, the numbers of the roots that may be of it.
fn roots_of_kind(roots: &[Root], count: usize) -> Vec<Vec<u32>> {
    let mut by_kind = vec![Vec::new(); count + 1];
    for (number, root) in roots.iter().enumerate() {
        let mut add = |kind: usize| by_kind[kind.min(count)].push(number as u32);
        match &root.node.kinds {
            Kinds::One(kind) => add(*kind as usize),
            Kinds::Named | Kinds::Any => (0..count).for_each(add),
        }
    }
    by_kind
}

/// What a capture means; `None` if it serves a predicate only: its name begins with `_`.
fn role_of(name: &str) -> Result<Option<Role>, String> {
    let unknown = || format!("capture @{name} has no meaning");
    if let Some(kind) = name.strip_prefix("definition.") {
        return SymbolKind::from_name(kind).map(Role::Definition).map(Some).ok_or_else(unknown);
    }
    if let Some(kind) = name.strip_prefix("reference.") {
        return ReferenceKind::from_name(kind).map(Role::Reference).map(Some).ok_or_else(unknown);
    }
    match name {
        "name" => Ok(Some(Role::Name)),
        "qualifier" => Ok(Some(Role::Qualifier)),
        "body" => Ok(Some(Role::Body)),
        "comment" => Ok(Some(Role::Comment)),
        "attribute" => Ok(Some(Role::Attribute)),
        "docstring" => Ok(Some(Role::Docstring)),
        _ if name.starts_with('_') => Ok(None),
        _ => LinkPart::from_name(name).map(Role::Link).map(Some).ok_or_else(unknown),
    }
}

fn settings_of(properties: &[(String, String)]) -> Result<PatternSettings, String> {
    let mut settings = PatternSettings::default();
    for (key, value) in properties {
        match (key.as_str(), value.as_str()) {
            ("name", name) => settings.name = Some(name.to_owned()),
            ("chunk", "yes") => settings.chunk = Some(true),
            ("chunk", "no") => settings.chunk = Some(false),
            ("merge", "yes") => settings.merge = true,
            ("import", "all") => settings.import = ImportForm::All,
            ("import", "default") => settings.import = ImportForm::Default,
            ("import", "as-default") => settings.import = ImportForm::AsDefault,
            ("import", "tree") => settings.import = ImportForm::Tree,
            ("export", "yes") => settings.exports = true,
            ("binding", "field") => settings.field = true,
            ("binding", "returns") => settings.returns = true,
            ("method", method) => settings.method = Some(method.to_owned()),
            ("separator", separator) => settings.separator = Some(separator.to_owned()),
            (key, value) => return Err(format!("(#set! {key} {value:?}) has no meaning")),
        }
    }
    Ok(settings)
}
