//! The grammar and the query files of each language.

use pampax_base::Language;

/// The tree-sitter grammar that reads `language`.
///
/// C headers count as C++, whose grammar reads both; Markdown is read by the block grammar (headings, lists, code blocks),
/// not by the inline one.
pub fn grammar(language: Language) -> tree_sitter::Language {
    match language {
        Language::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::Java => tree_sitter_java::LANGUAGE.into(),
        Language::Go => tree_sitter_go::LANGUAGE.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
        Language::C => tree_sitter_c::LANGUAGE.into(),
        Language::Cpp => tree_sitter_cpp::LANGUAGE.into(),
        Language::Dart => tree_sitter_dart::LANGUAGE.into(),
        Language::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
        Language::Kotlin => tree_sitter_kotlin_ng::LANGUAGE.into(),
        Language::Php => tree_sitter_php::LANGUAGE_PHP.into(),
        Language::Ruby => tree_sitter_ruby::LANGUAGE.into(),
        Language::Scala => tree_sitter_scala::LANGUAGE.into(),
        Language::Swift => tree_sitter_swift::LANGUAGE.into(),
        Language::Lua => tree_sitter_lua::LANGUAGE.into(),
        Language::Haskell => tree_sitter_haskell::LANGUAGE.into(),
        Language::Elixir => tree_sitter_elixir::LANGUAGE.into(),
        Language::OCaml => tree_sitter_ocaml::LANGUAGE_OCAML.into(),
        Language::OCamlInterface => tree_sitter_ocaml::LANGUAGE_OCAML_INTERFACE.into(),
        Language::Bash => tree_sitter_bash::LANGUAGE.into(),
        Language::Zig => tree_sitter_zig::LANGUAGE.into(),
        Language::Markdown => tree_sitter_md::LANGUAGE.into(),
        Language::Html => tree_sitter_html::LANGUAGE.into(),
        Language::Css => tree_sitter_css::LANGUAGE.into(),
        Language::Json => tree_sitter_json::LANGUAGE.into(),
        Language::Yaml => tree_sitter_yaml::LANGUAGE.into(),
        Language::Toml => tree_sitter_toml_ng::LANGUAGE.into(),
        Language::Sql => tree_sitter_sequel::LANGUAGE.into(),
    }
}

/// One query file: its path below `queries/` and its text.
pub type QuerySource = (&'static str, &'static str);

/// One entry of a language's list of query files.
macro_rules! query {
    ($path:literal) => {
        ($path, include_str!(concat!("../queries/", $path)))
    };
}

/// The query files of `language`, in the order they are joined in. Of two patterns that name the same definition the
/// earlier one wins.
pub const fn query_sources(language: Language) -> &'static [QuerySource] {
    match language {
        Language::JavaScript => &[
            query!("javascript/outline.scm"),
            query!("javascript/shared.scm"),
            query!("javascript/jsx.scm"),
            query!("javascript/edges.scm"),
            query!("javascript/fields.scm"),
        ],
        Language::TypeScript => &[
            query!("typescript/outline.scm"),
            query!("javascript/shared.scm"),
            query!("typescript/edges.scm"),
            query!("javascript/edges.scm"),
        ],
        Language::Tsx => &[
            query!("tsx/outline.scm"),
            query!("typescript/outline.scm"),
            query!("javascript/shared.scm"),
            query!("javascript/jsx.scm"),
            query!("typescript/edges.scm"),
            query!("javascript/edges.scm"),
        ],
        Language::Python => &[query!("python/outline.scm"), query!("python/edges.scm")],
        Language::Java => &[query!("java/outline.scm"), query!("java/edges.scm")],
        Language::Go => &[query!("go/outline.scm"), query!("go/edges.scm")],
        Language::Rust => &[query!("rust/outline.scm"), query!("rust/edges.scm")],
        Language::C => &[query!("c/outline.scm"), query!("c/edges.scm")],
        Language::Cpp => &[query!("cpp/outline.scm"), query!("cpp/edges.scm")],
        Language::Dart => &[query!("dart/outline.scm"), query!("dart/edges.scm")],
        Language::CSharp => &[query!("csharp/outline.scm"), query!("csharp/edges.scm")],
        Language::Kotlin => &[query!("kotlin/outline.scm"), query!("kotlin/edges.scm")],
        Language::Php => &[query!("php/outline.scm"), query!("php/edges.scm")],
        Language::Ruby => &[query!("ruby/outline.scm"), query!("ruby/edges.scm")],
        Language::Scala => &[query!("scala/outline.scm")],
        Language::Swift => &[query!("swift/outline.scm")],
        Language::Lua => &[query!("lua/outline.scm")],
        Language::Haskell => &[query!("haskell/outline.scm")],
        Language::Elixir => &[query!("elixir/outline.scm")],
        Language::OCaml => &[query!("ocaml/outline.scm")],
        Language::OCamlInterface => &[query!("ocaml-interface/outline.scm")],
        Language::Bash => &[query!("bash/outline.scm")],
        Language::Zig => &[query!("zig/outline.scm")],
        Language::Markdown => &[query!("markdown/outline.scm")],
        Language::Html => &[query!("html/outline.scm")],
        Language::Css => &[query!("css/outline.scm")],
        Language::Json => &[query!("json/outline.scm")],
        Language::Yaml => &[query!("yaml/outline.scm")],
        Language::Toml => &[query!("toml/outline.scm")],
        Language::Sql => &[query!("sql/outline.scm")],
    }
}

/// Whether the imports and types of `language` are read, so that edges rest on more than names.
pub fn has_edge_queries(language: Language) -> bool {
    query_sources(language).iter().any(|(path, _)| path.ends_with("/edges.scm"))
}
