//! Which language a file is written in.

use serde::{Deserialize, Serialize};

/// One row of the language table: the variant, its name, its extensions and its file names.
macro_rules! languages {
    ($($(#[$meta:meta])* $variant:ident, $name:literal, code = $code:literal, [$($ext:literal),*], [$($file:literal),*];)+) => {
        /// A language pampax parses into symbols and chunks. Files in any other language are chunked by lines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        #[repr(u8)]
        pub enum Language { $($(#[$meta])* $variant,)+ }

        impl Language {
            /// Every language, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in filters, JSON and messages.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Whether this is a programming language (as against a document, style or data format).
            pub const fn is_code(self) -> bool {
                match self { $(Self::$variant => $code,)+ }
            }

            fn from_extension(extension: &str) -> Option<Self> {
                match extension { $($($ext => Some(Self::$variant),)*)+ _ => None }
            }

            fn from_file_name(name: &str) -> Option<Self> {
                match name { $($($file => Some(Self::$variant),)*)+ _ => None }
            }
        }
    };
}

languages! {
    /// JavaScript and JSX.
    JavaScript, "javascript", code = true, ["js", "mjs", "cjs", "jsx"], ["Jakefile"];
    /// TypeScript.
    TypeScript, "typescript", code = true, ["ts", "mts", "cts"], [];
    /// TypeScript with JSX.
    Tsx, "tsx", code = true, ["tsx"], [];
    /// Python.
    Python, "python", code = true, ["py", "pyi", "pyw"], ["SConstruct", "SConscript", "wscript"];
    /// Java.
    Java, "java", code = true, ["java"], [];
    /// Go.
    Go, "go", code = true, ["go"], [];
    /// Rust.
    Rust, "rust", code = true, ["rs"], [];
    /// C. A `.h` file counts as C++, whose grammar reads both.
    C, "c", code = true, ["c"], [];
    /// C++, and headers of either language.
    Cpp, "cpp", code = true, ["cc", "cpp", "cxx", "c++", "h", "hh", "hpp", "hxx", "h++", "ipp", "inl", "tcc", "cu", "cuh"], [];
    /// Dart.
    Dart, "dart", code = true, ["dart"], [];
    /// C#.
    CSharp, "csharp", code = true, ["cs", "csx"], [];
    /// Kotlin.
    Kotlin, "kotlin", code = true, ["kt", "kts"], [];
    /// PHP.
    Php, "php", code = true, ["php", "php3", "php4", "php5", "phtml"], [];
    /// Ruby.
    Ruby, "ruby", code = true, ["rb", "rake", "gemspec", "ru"], ["Rakefile", "Gemfile", "Guardfile", "Podfile", "Vagrantfile", "Fastfile"];
    /// Scala.
    Scala, "scala", code = true, ["scala", "sc", "sbt"], [];
    /// Swift.
    Swift, "swift", code = true, ["swift"], [];
    /// Lua.
    Lua, "lua", code = true, ["lua"], [];
    /// Haskell.
    Haskell, "haskell", code = true, ["hs"], [];
    /// Elixir.
    Elixir, "elixir", code = true, ["ex", "exs"], [];
    /// OCaml implementations.
    OCaml, "ocaml", code = true, ["ml"], [];
    /// OCaml interfaces.
    OCamlInterface, "ocaml-interface", code = true, ["mli"], [];
    /// Bash and other Bourne shells.
    Bash, "bash", code = true, ["sh", "bash", "bats", "zsh", "ksh"], [".bashrc", ".bash_profile", ".profile", ".zshrc", "PKGBUILD", "APKBUILD"];
    /// Zig.
    Zig, "zig", code = true, ["zig", "zon"], [];
    /// Markdown.
    Markdown, "markdown", code = false, ["md", "markdown", "mdx"], [];
    /// HTML.
    Html, "html", code = false, ["html", "htm", "xhtml"], [];
    /// CSS.
    Css, "css", code = false, ["css"], [];
    /// JSON.
    Json, "json", code = false, ["json", "jsonc", "json5", "webmanifest", "geojson"], [".babelrc", ".eslintrc", ".prettierrc"];
    /// YAML.
    Yaml, "yaml", code = false, ["yaml", "yml"], [".clang-format", ".clang-tidy"];
    /// TOML.
    Toml, "toml", code = false, ["toml"], ["Pipfile", "Cargo.lock", "poetry.lock", "uv.lock"];
    /// SQL.
    Sql, "sql", code = true, ["sql"], [];
}

impl Language {
    /// The language of the file at `path` (separated by `/`), by its name or extension; `None` for plain text and anything
    /// unknown.
    pub fn from_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(language) = Self::from_file_name(name) {
            return Some(language);
        }
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() && !extension.is_empty() && extension.len() > 4 {
            return None;
        }
        Self::from_extension(extension).or_else(|| Self::from_extension(&extension.to_ascii_lowercase()))
    }

    /// The language that a script's first line (`#!/usr/bin/env python3`) names.
    pub fn from_first_line(line: &str) -> Option<Self> {
        let command = line.strip_prefix("#!")?;
        let mut words = command.split_ascii_whitespace();
        let mut program = words.next()?.rsplit('/').next()?;
        if program == "env" {
            program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
        }
        match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "bats" => Some(Self::Bash),
            "python" | "pypy" => Some(Self::Python),
            "node" | "deno" | "bun" => Some(Self::JavaScript),
            "ruby" => Some(Self::Ruby),
            "php" => Some(Self::Php),
            "lua" | "luajit" => Some(Self::Lua),
            "elixir" => Some(Self::Elixir),
            "runghc" | "runhaskell" => Some(Self::Haskell),
            _ => None,
        }
    }

    /// The language with this name, as given in a filter. `c++`, `c#`, `ts`, `js`, `py` and other extensions are understood.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "c++" => return Some(Self::Cpp),
            "c#" => return Some(Self::CSharp),
            "shell" => return Some(Self::Bash),
            _ => {}
        }
        Self::ALL.iter().copied().find(|language| language.name() == name).or_else(|| Self::from_extension(&name))
    }

    /// The language with this number, as written in the store.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_names_and_first_lines() {
        assert_eq!(Language::from_path("a/b/Rakefile"), Some(Language::Ruby));
        assert_eq!(Language::from_path("A.PY"), Some(Language::Python));
        assert_eq!(Language::from_path("x.hpp"), Some(Language::Cpp));
        assert_eq!(Language::from_path("README"), None);
        assert_eq!(Language::from_path(".gitignore"), None);
        assert_eq!(Language::from_first_line("#!/usr/bin/env -S python3.11 -u"), Some(Language::Python));
        assert_eq!(Language::from_first_line("#!/bin/sh"), Some(Language::Bash));
        assert_eq!(Language::from_first_line("plain"), None);
        assert_eq!(Language::from_name("C#"), Some(Language::CSharp));
        assert_eq!(Language::from_name("ts"), Some(Language::TypeScript));
        for &language in Language::ALL {
            assert_eq!(Language::from_name(language.name()), Some(language), "{}", language.name());
            assert_eq!(Language::from_number(language as u8), Some(language));
        }
    }
}
