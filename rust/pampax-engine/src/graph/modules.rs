//! From the text of an import to files: one function for each way in which languages name modules.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use pampax_base::Language;

use crate::graph::world::{World, last_name, stem};

/// What the text of an import leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    /// These files of the repository, all of which it may mean; and the names that are left to look up in them.
    Files(Vec<u32>, Vec<String>),
    /// Nothing in the repository.
    External,
}

/// Finds the files that imports mean.
pub(crate) struct Modules<'w, 'a> {
    world: &'w World<'a>,
    /// What the import paths of this repository's own Go packages begin with.
    go_prefix: Option<String>,
    /// The files whose path fits the text of an import, whoever imports it.
    candidates: Mutex<HashMap<String, Arc<[u32]>>>,
}

fn external_if_empty(files: Vec<u32>, names: Vec<String>) -> Module {
    if files.is_empty() { Module::External } else { Module::Files(files, names) }
}

impl<'w, 'a> Modules<'w, 'a> {
    pub(crate) fn new(world: &'w World<'a>) -> Self {
        let mut modules = Self { world, go_prefix: None, candidates: Mutex::new(HashMap::new()) };
        modules.go_prefix = modules.common_go_prefix();
        modules
    }

    /// The files that `module`, imported by `file`, means.
    pub(crate) fn find(&self, file: u32, module: &str) -> Module {
        match self.world.language(file) {
            Some(Language::Python) => external_if_empty(self.python(file, module).into_iter().collect(), Vec::new()),
            Some(Language::JavaScript | Language::TypeScript | Language::Tsx) => {
                external_if_empty(self.javascript(file, module).into_iter().collect(), Vec::new())
            }
            Some(Language::Java | Language::Kotlin | Language::Scala) => self.java(file, module),
            Some(Language::Php) => self.dotted(file, module, '\\', &["php"]),
            Some(Language::CSharp) => Module::Files(Vec::new(), Vec::new()),
            Some(Language::Go) => external_if_empty(self.go(module), Vec::new()),
            Some(Language::Rust) => self.rust(file, module),
            Some(Language::C | Language::Cpp) => external_if_empty(self.by_path(file, module), Vec::new()),
            Some(Language::Dart) => external_if_empty(self.dart(file, module), Vec::new()),
            Some(Language::Ruby) => external_if_empty(self.ruby(file, module), Vec::new()),
            _ => Module::External,
        }
    }

    /// Of the files known by `stem` those that `fits` takes, remembered under `key`.
    fn candidates(&self, key: String, stem: &str, fits: impl Fn(u32) -> bool) -> Arc<[u32]> {
        if let Some(known) = self.candidates.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let found: Arc<[u32]> = self.world.with_stem(stem).iter().copied().filter(|&file| fits(file)).collect();
        self.candidates.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
        found
    }

    /// Of several files the one nearest to `file`.
    fn nearest(&self, file: u32, found: &[u32]) -> Option<u32> {
        let own = self.world.path(file);
        let shared =
            |other: u32| own.split('/').zip(self.world.path(other).split('/')).take_while(|(a, b)| a == b).count();
        let rank = |&other: &u32| (std::cmp::Reverse(shared(other)), self.world.path(other).len(), other);
        found.iter().copied().min_by_key(rank)
    }

    fn python(&self, file: u32, module: &str) -> Option<u32> {
        let dots = module.bytes().take_while(|&byte| byte == b'.').count();
        let path = module[dots..].replace('.', "/");
        if dots > 0 {
            let mut folder = self.world.folder(file);
            for _ in 1..dots {
                folder = parent(folder)?;
            }
            return self.python_at(&join(folder, &path));
        }
        let found = self.candidates(format!("python {path}"), last_name(&path), |other| {
            let other = self.world.path(other);
            let Some((body, extension)) = other.rsplit_once('.') else { return false };
            let body = body.strip_suffix("/__init__").unwrap_or(body);
            let Some(root) = body.strip_suffix(path.as_str()).filter(|_| matches!(extension, "py" | "pyi")) else {
                return false;
            };
            // The first name of an absolute import stands in no package.
            (root.is_empty() || root.ends_with('/'))
                && self.world.at(&join(root.trim_end_matches('/'), "__init__.py")).is_none()
        });
        self.nearest(file, &found)
    }

    /// The module at a path without extension.
    fn python_at(&self, path: &str) -> Option<u32> {
        let endings = [".py", "/__init__.py", ".pyi", "/__init__.pyi"];
        endings.iter().find_map(|ending| self.world.at(format!("{path}{ending}").trim_start_matches('/')))
    }

    /// The module `name` in the package that `file` stands for.
    pub(crate) fn python_within(&self, file: u32, name: &str) -> Option<u32> {
        let path = self.world.path(file);
        let folder = path.strip_suffix("__init__.py").or_else(|| path.strip_suffix("__init__.pyi"))?;
        self.python_at(&format!("{folder}{name}"))
    }

    fn javascript(&self, file: u32, module: &str) -> Option<u32> {
        if module.starts_with('.') {
            return self.javascript_at(&normal(self.world.folder(file), module)?);
        }
        let inner =
            module.strip_prefix("@/").or_else(|| module.strip_prefix("~/")).or_else(|| module.strip_prefix("src/"));
        if let Some(inner) = inner {
            let mut folder = self.world.folder(file);
            loop {
                if let Some(found) = self.javascript_at(&join(&join(folder, "src"), inner)) {
                    return Some(found);
                }
                match parent(folder) {
                    Some(above) => folder = above,
                    None => return None,
                }
            }
        }
        self.javascript_package(file, module)
    }

    /// The entry of a package of the same repository, which stands in a folder of its name.
    fn javascript_package(&self, file: u32, module: &str) -> Option<u32> {
        let mut parts = module.splitn(if module.starts_with('@') { 3 } else { 2 }, '/');
        let name = if module.starts_with('@') { parts.nth(1)? } else { parts.next()? };
        let inner = parts.next();
        let mut found = Vec::new();
        for folder in self.world.folders_named(name) {
            if self.world.at(&join(folder, "package.json")).is_none() {
                continue;
            }
            let entries: Vec<String> = match inner {
                Some(inner) => vec![join("src", inner), inner.to_owned()],
                None => ["src/index", "index", "src/main", "lib/index", "src", "lib"].map(str::to_owned).to_vec(),
            };
            found.extend(entries.iter().find_map(|entry| self.javascript_at(&join(folder, entry))));
        }
        self.nearest(file, &found)
    }

    fn javascript_at(&self, path: &str) -> Option<u32> {
        const ENDINGS: &[&str] = &[
            ".ts",
            ".tsx",
            ".d.ts",
            ".js",
            ".jsx",
            ".mjs",
            ".cjs",
            ".mts",
            ".cts",
            ".vue",
            "/index.ts",
            "/index.tsx",
            "/index.js",
            "/index.jsx",
            "/index.mjs",
            "/index.d.ts",
        ];
        // `./x.js` names what is `x.ts` in the sources.
        let (body, extension) = path.rsplit_once('.').unwrap_or((path, ""));
        let sources: &[&str] = match extension {
            "js" => &[".ts", ".tsx", ".d.ts"],
            "jsx" => &[".tsx"],
            "mjs" => &[".mts"],
            "cjs" => &[".cts"],
            _ => &[],
        };
        let by_source = || sources.iter().find_map(|ending| self.world.at(&format!("{body}{ending}")));
        let by_ending =
            || ENDINGS.iter().find_map(|ending| self.world.at(format!("{path}{ending}").trim_start_matches('/')));
        self.world.at(path).or_else(by_source).or_else(by_ending)
    }

    fn java(&self, file: u32, module: &str) -> Module {
        let found = self.dotted(file, module, '.', &["java", "kt", "scala", "kts"]);
        if found != Module::External {
            return found;
        }
        // A whole package, or what Kotlin has outside of types: the folder whose path ends like it.
        let path = module.replace('.', "/");
        for (folder, names) in [(path.as_str(), ""), path.rsplit_once('/').unwrap_or(("", ""))] {
            let ends = |other: &&&str| ***other == *folder || other.ends_with(&format!("/{folder}"));
            let files: Vec<u32> = self
                .world
                .folders_named(last_name(folder))
                .iter()
                .filter(ends)
                .flat_map(|other| self.world.in_folder(other))
                .copied()
                .collect();
            if !files.is_empty() && !folder.is_empty() {
                let names = if names.is_empty() { Vec::new() } else { vec![names.to_owned()] };
                return Module::Files(files, names);
            }
        }
        Module::External
    }

    /// A path of names one of which is a type in a file of its name: `app.store.Session`, `app.store.Session.open`.
    fn dotted(&self, file: u32, module: &str, separator: char, extensions: &[&str]) -> Module {
        let names: Vec<&str> = module.split(separator).filter(|name| !name.is_empty()).collect();
        for count in (1..=names.len()).rev() {
            let folder = names[..count - 1].join("/");
            let key = format!("{} {folder} {}", extensions[0], names[count - 1]);
            let found = self.candidates(key, names[count - 1], |other| {
                let path = self.world.path(other);
                let is_language = path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension));
                let own = self.world.folder(other);
                // Of a namespace the first names need not be folders, the last two must.
                let tail = |folder: &str| own == folder || own.ends_with(&format!("/{folder}"));
                let shorter = folder.split_once('/').map_or("", |(_, rest)| rest);
                is_language
                    && (tail(&folder) || (separator == '\\' && count > 1 && (shorter.is_empty() || tail(shorter))))
            });
            if let Some(found) = self.nearest(file, &found) {
                return Module::Files(vec![found], names[count - 1..].iter().map(|name| (*name).to_owned()).collect());
            }
        }
        Module::External
    }

    fn go(&self, module: &str) -> Vec<u32> {
        let folder = match &self.go_prefix {
            Some(prefix) => match module.strip_prefix(prefix.as_str()) {
                Some(rest) => rest.trim_start_matches('/').to_owned(),
                None => return Vec::new(),
            },
            None => return Vec::new(),
        };
        let is_source = |&file: &u32| {
            let path = self.world.path(file);
            self.world.language(file) == Some(Language::Go) && !path.ends_with("_test.go")
        };
        self.world.in_folder(&folder).iter().copied().filter(|file| is_source(file)).collect()
    }

    /// The module path is written in a file that is not parsed; but most imports of a repository's own packages end in the
    /// path of a folder, and what stands before that is the same for all.
    fn common_go_prefix(&self) -> Option<String> {
        let mut votes: BTreeMap<&str, u32> = BTreeMap::new();
        for file in 0..self.world.files().len() as u32 {
            if self.world.language(file) != Some(Language::Go) {
                continue;
            }
            let (facts, entry) = self.world.file(file);
            for import in facts.imports_of(entry) {
                let module = facts.name(import.module);
                let has_host = module.split('/').next().is_some_and(|host| host.contains('.'));
                for (at, _) in module.match_indices('/').filter(|_| has_host) {
                    if !self.world.in_folder(&module[at + 1..]).is_empty() {
                        *votes.entry(&module[..at]).or_default() += 1;
                    }
                }
            }
        }
        votes
            .into_iter()
            .max_by_key(|&(prefix, count)| (count, std::cmp::Reverse(prefix.len())))
            .map(|(prefix, _)| prefix.to_owned())
    }

    fn rust(&self, file: u32, module: &str) -> Module {
        let names: Vec<&str> = module.split("::").filter(|name| !name.is_empty()).collect();
        self.rust_path(file, &names)
    }

    /// Follows a path of Rust from module to module as far as there are files; the rest is names in the last.
    pub(crate) fn rust_path(&self, file: u32, names: &[&str]) -> Module {
        let Some((first, rest)) = names.split_first() else { return Module::External };
        let (mut at, mut rest) = match *first {
            "crate" => match self.crate_root(file) {
                Some(root) => (root, rest),
                None => return Module::External,
            },
            "self" => (file, rest),
            "super" => match self.rust_parent(file) {
                Some(above) => (above, rest),
                None => return Module::External,
            },
            "std" | "core" | "alloc" => return Module::External,
            name => match self.rust_child(file, name).or_else(|| self.workspace_crate(file, name)) {
                Some(found) => (found, rest),
                None => return Module::External,
            },
        };
        while let Some((name, others)) = rest.split_first() {
            let next = if *name == "super" { self.rust_parent(at) } else { self.rust_child(at, name) };
            let Some(next) = next else { break };
            (at, rest) = (next, others);
        }
        Module::Files(vec![at], rest.iter().map(|name| (*name).to_owned()).collect())
    }

    fn crate_root(&self, file: u32) -> Option<u32> {
        let mut folder = self.world.folder(file);
        loop {
            let roots = ["lib.rs", "main.rs"];
            if let Some(root) = roots.iter().find_map(|name| self.world.at(join(folder, name).trim_start_matches('/')))
            {
                return Some(root);
            }
            folder = parent(folder)?;
        }
    }

    fn workspace_crate(&self, file: u32, name: &str) -> Option<u32> {
        let dashed = name.replace('_', "-");
        let is_root = |other: u32| {
            let folder = self.world.path(other).strip_suffix("/src/lib.rs").map(last_name);
            folder.is_some_and(|folder| folder == name || folder == dashed)
        };
        let found = self.candidates(format!("crate {name}"), "lib", is_root);
        self.nearest(file, &found)
    }

    fn rust_child(&self, file: u32, name: &str) -> Option<u32> {
        let folder = self.rust_folder(file);
        [format!("{name}.rs"), format!("{name}/mod.rs")]
            .iter()
            .find_map(|end| self.world.at(join(&folder, end).trim_start_matches('/')))
    }

    /// The folder in which the modules below `file` lie.
    fn rust_folder(&self, file: u32) -> String {
        let path = self.world.path(file);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        match stem(name) {
            "mod" | "lib" | "main" => folder.to_owned(),
            stem => join(folder, stem),
        }
    }

    fn rust_parent(&self, file: u32) -> Option<u32> {
        let path = self.world.path(file);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let above = if stem(name) == "mod" { parent(folder)? } else { folder };
        let names = ["mod.rs", "lib.rs", "main.rs"];
        let inside = names.iter().find_map(|name| self.world.at(join(above, name).trim_start_matches('/')));
        inside.or_else(|| self.world.at(&format!("{above}.rs")))
    }

    /// An include: beside the file, or where a path ends like it.
    fn by_path(&self, file: u32, module: &str) -> Vec<u32> {
        if let Some(found) = normal(self.world.folder(file), module).and_then(|path| self.world.at(&path)) {
            return vec![found];
        }
        let ends = |path: &str| path == module || path.ends_with(&format!("/{module}"));
        let stem = stem(last_name(module));
        let found = self.candidates(format!("path {module}"), stem, |other| ends(self.world.path(other)));
        self.nearest(file, &found).into_iter().collect()
    }

    fn dart(&self, file: u32, module: &str) -> Vec<u32> {
        match module.strip_prefix("package:").and_then(|rest| rest.split_once('/')) {
            Some((package, path)) => {
                let wanted = format!("lib/{path}");
                let ends = |other: &str| {
                    other == wanted
                        || other
                            .strip_suffix(&wanted)
                            .is_some_and(|root| last_name(root.trim_end_matches('/')) == package)
                };
                let stem = stem(last_name(path));
                self.world.with_stem(stem).iter().copied().filter(|&other| ends(self.world.path(other))).collect()
            }
            None if module.contains(':') => Vec::new(),
            None => normal(self.world.folder(file), module).and_then(|path| self.world.at(&path)).into_iter().collect(),
        }
    }

    fn ruby(&self, file: u32, module: &str) -> Vec<u32> {
        let module = module.strip_suffix(".rb").unwrap_or(module);
        let relative = normal(self.world.folder(file), module).and_then(|path| self.world.at(&format!("{path}.rb")));
        if let Some(found) = relative {
            return vec![found];
        }
        self.by_path(file, &format!("{module}.rb"))
    }
}

fn parent(folder: &str) -> Option<&str> {
    if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(above, _)| above)) }
}

fn join(folder: &str, path: &str) -> String {
    match (folder.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{path}"),
    }
}

/// The path that `relative` means as seen from `folder`; `None` if it leaves the root.
fn normal(folder: &str, relative: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in relative.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}
