//! What a name means where it stands: scopes, imports, the type of the receiver, the hierarchy of classes; where none of
//! them tells, the name alone.
//!
//! Everything is looked up when it is asked and remembered, so that one changed file does not pay for all others. Nothing here
//! depends on the order of asking.

use std::collections::HashMap;
use std::rc::Rc;

use pampax_base::{Language, ReferenceKind, SymbolKind};
use pampax_store::{Extractor, ImportRecord, ReferenceRecord};

use crate::graph::modules::{Module, Modules};
use crate::graph::rules::{CLASS_WORDS, COMMON_METHODS, SELF_WORDS, TRANSPARENT, is_super, may_use, rules};
use crate::graph::world::World;

/// How often one look-up may lead to another.
const DEPTH_MAX: u32 = 16;
/// Types whose bases are looked up because of one another.
const ASKING_MAX: usize = 8;
/// Files that one file hands on whole, at most.
const HANDED_ON_MAX: usize = 200;
/// Classes looked through for a member.
const CLASSES_MAX: usize = 40;
/// Targets kept of a use that may mean several.
pub(crate) const AMBIGUOUS_MAX: usize = 6;
/// A name with more definitions than this is not followed by the name alone.
const NAMED_MAX: usize = 200;
/// Files whose tables are remembered.
const REMEMBERED_FILES_MAX: usize = 4000;

/// How sure a meaning is and what tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grade {
    /// In percent.
    pub(crate) confidence: u8,
    pub(crate) extractor: Extractor,
}

/// Told by an import.
const IMPORTED: Grade = Grade { confidence: 90, extractor: Extractor::Import };
/// Defined in the same package.
const PACKAGE: Grade = Grade { confidence: 85, extractor: Extractor::Package };
/// Defined in the same file.
const SAME_FILE: Grade = Grade { confidence: 80, extractor: Extractor::SameFile };
/// The only one of its name.
const UNIQUE: Grade = Grade { confidence: 60, extractor: Extractor::Name };
/// The only method of its name, of a receiver about which nothing is known.
const UNIQUE_METHOD: Grade = Grade { confidence: 50, extractor: Extractor::Name };
/// One of several.
const AMBIGUOUS: Grade = Grade { confidence: 30, extractor: Extractor::Name };

impl Grade {
    fn and(self, other: Self) -> Self {
        if other.confidence < self.confidence { other } else { self }
    }
}

/// What a use means.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    pub(crate) symbols: Vec<(u32, Grade)>,
    /// Only one of them is meant, and nothing tells which.
    pub(crate) ambiguous: bool,
    /// There are more than these.
    pub(crate) truncated: bool,
}

/// What an expression gives.
#[derive(Clone, Debug)]
enum Value {
    /// An object of this type.
    Instance(u32, Grade),
    /// The type itself.
    Class(u32, Grade),
    /// The bases of this type.
    Super(u32),
    /// Modules of the repository.
    Files(Rc<[u32]>, Grade),
    /// A function or another definition.
    Symbol(u32, Grade),
    /// Something from outside the repository.
    External,
    Unknown,
}

/// What a bare name means.
enum Bare {
    Symbols(Vec<u32>, Grade),
    Files(Vec<u32>),
    /// A variable of a function; where its binding is.
    Local(u32, usize),
    External,
    Missing,
}

/// The base classes of a type.
#[derive(Default)]
struct Bases {
    known: Vec<(u32, Grade)>,
    /// Some are not in the repository.
    external: bool,
}

/// The types of one name, as code in one language sees them.
#[derive(Default)]
struct TypesNamed<'a> {
    by_file: HashMap<u32, u32>,
    by_folder: HashMap<&'a str, u32>,
    /// The only one, if there is only one (with a body).
    only: Option<u32>,
}

/// The types of one name for each language that asked.
type TypesByLanguage<'a> = Vec<(Option<Language>, Rc<TypesNamed<'a>>)>;

/// What has one name, by the type it belongs to.
#[derive(Default)]
struct ByOwner {
    members: HashMap<u32, Vec<u32>>,
    /// Blocks that add to the type.
    implementations: HashMap<u32, Vec<u32>>,
}

/// The links of a file by name.
struct FileLinks<'a> {
    /// By the symbol they hold for and their name; the best first.
    bindings: HashMap<(Option<u32>, &'a str), Vec<usize>>,
    /// What functions return, by function.
    returns: HashMap<u32, usize>,
    /// By the name they are known under.
    imports: HashMap<&'a str, Vec<usize>>,
    /// Those that bring in all names.
    all: Vec<usize>,
}

/// Looks up what names mean. One per thread.
pub(crate) struct Resolver<'w, 'a> {
    world: &'w World<'a>,
    modules: &'w Modules<'w, 'a>,
    named: HashMap<Box<str>, Rc<[u32]>>,
    owners: HashMap<u32, Option<u32>>,
    types: HashMap<Box<str>, TypesByLanguage<'a>>,
    by_owner: HashMap<Box<str>, Rc<ByOwner>>,
    bases: HashMap<u32, Rc<Bases>>,
    links: HashMap<u32, Rc<FileLinks<'a>>>,
    whole: HashMap<u32, Rc<[u32]>>,
    found: HashMap<(u32, Box<str>), Module>,
    /// The types whose bases are being looked up.
    asking: Vec<u32>,
    /// Whether one of them was asked for again meanwhile, so that what was found since is not all there is.
    cut_off: bool,
}

impl<'w, 'a> Resolver<'w, 'a> {
    pub(crate) fn new(world: &'w World<'a>, modules: &'w Modules<'w, 'a>) -> Self {
        Self {
            world,
            modules,
            named: HashMap::new(),
            owners: HashMap::new(),
            types: HashMap::new(),
            by_owner: HashMap::new(),
            bases: HashMap::new(),
            links: HashMap::new(),
            whole: HashMap::new(),
            found: HashMap::new(),
            asking: Vec::new(),
            cut_off: false,
        }
    }

    /// Forgets what was remembered if it is much.
    pub(crate) fn trim(&mut self) {
        if self.links.len() > REMEMBERED_FILES_MAX {
            self.links.clear();
        }
        if self.found.len() > 16 * REMEMBERED_FILES_MAX {
            self.found.clear();
        }
        if self.named.len() > 64 * REMEMBERED_FILES_MAX {
            self.named.clear();
        }
    }

    /// What a reference of `file` means.
    pub(crate) fn reference(&mut self, file: u32, reference: &ReferenceRecord) -> Meaning {
        let (facts, _) = self.world.file(file);
        let name = facts.name(reference.name());
        let scope = reference.symbol().map(|symbol| self.world.first_symbols[file as usize] + symbol);
        let receiver = reference.receiver().map(|receiver| facts.name(receiver));
        match receiver {
            None => self.bare_reference(file, scope, name, reference.kind()),
            Some(receiver) => self.member_reference(file, scope, receiver, name, reference.kind()),
        }
    }

    /// What a chain that names code means: the handler of a route.
    pub(crate) fn chain(&mut self, file: u32, scope: Option<u32>, chain: &str) -> Meaning {
        let chain = chain.trim_end_matches("()");
        match chain.rsplit_once('.') {
            None => self.bare_reference(file, scope, chain, ReferenceKind::Call),
            Some((receiver, name)) => self.member_reference(file, scope, receiver, name, ReferenceKind::Call),
        }
    }

    fn bare_reference(&mut self, file: u32, scope: Option<u32>, name: &str, kind: ReferenceKind) -> Meaning {
        if kind == ReferenceKind::Call && is_super(self.world.language(file), name) {
            return self.constructor_of_bases(scope);
        }
        match self.bare(file, scope, name, kind, DEPTH_MAX) {
            Bare::Symbols(symbols, grade) => self.meaning(symbols, grade, kind),
            // A variable that holds a class or a function.
            Bare::Local(of, binding) if kind == ReferenceKind::Call => match self.bound(of, binding, DEPTH_MAX) {
                Value::Class(class, grade) => self.meaning(vec![class], grade, kind),
                Value::Symbol(symbol, grade) => self.meaning(vec![symbol], grade, kind),
                _ => Meaning::default(),
            },
            Bare::Local(..) | Bare::Files(_) | Bare::External => Meaning::default(),
            Bare::Missing => self.by_name(file, name, kind, false),
        }
    }

    /// `super(…)` as a call: the constructors of the bases.
    fn constructor_of_bases(&mut self, scope: Option<u32>) -> Meaning {
        let Some(class) = scope.and_then(|scope| self.type_around(scope)) else { return Meaning::default() };
        let bases = self.bases(class);
        let mut symbols = Vec::new();
        for &(base, grade) in &bases.known {
            let constructor = self
                .own_members(base, None)
                .into_iter()
                .find(|&member| self.world.kind(member) == SymbolKind::Constructor);
            symbols.push((constructor.unwrap_or(base), grade));
        }
        Meaning { ambiguous: false, truncated: false, symbols }
    }

    fn member_reference(
        &mut self,
        file: u32,
        scope: Option<u32>,
        receiver: &str,
        name: &str,
        kind: ReferenceKind,
    ) -> Meaning {
        match self.value(file, scope, receiver, DEPTH_MAX) {
            Value::Instance(class, grade) | Value::Class(class, grade) => {
                let (found, by) = self.member(class, name, kind);
                self.meaning(found, grade.and(by), kind)
            }
            Value::Super(class) => {
                let (found, by) = self.inherited(class, name, kind);
                self.meaning(found, by, kind)
            }
            Value::Files(files, grade) => match self.in_files(&files, name, kind, DEPTH_MAX) {
                Bare::Symbols(symbols, by) => self.meaning(symbols, grade.and(by), kind),
                _ => Meaning::default(),
            },
            Value::External | Value::Symbol(..) => Meaning::default(),
            Value::Unknown => self.by_name(file, name, kind, true),
        }
    }

    /// The meaning of one name with these definitions: those with a body, if any has one.
    fn meaning(&self, mut symbols: Vec<u32>, grade: Grade, kind: ReferenceKind) -> Meaning {
        let fitting: Vec<u32> =
            symbols.iter().copied().filter(|&symbol| may_mean(kind, self.world.kind(symbol))).collect();
        symbols = fitting;
        if symbols.iter().any(|&symbol| self.world.kind(symbol) != SymbolKind::Variable) {
            symbols.retain(|&symbol| self.world.kind(symbol) != SymbolKind::Variable);
        }
        // Of a type and a function of one name a call means the function.
        let is_run =
            |symbol: &u32| self.world.kind(*symbol).is_callable() || self.world.kind(*symbol) == SymbolKind::Class;
        if kind == ReferenceKind::Call && symbols.iter().any(is_run) {
            symbols.retain(is_run);
        }
        if symbols.iter().any(|&symbol| self.world.has_body(symbol)) {
            symbols.retain(|&symbol| self.world.has_body(symbol));
        }
        // Several definitions in one scope (overloads, redefinitions, conditions) are one thing to whoever uses the name.
        let ambiguous = symbols.iter().any(|&symbol| self.world.file_of(symbol) != self.world.file_of(symbols[0]));
        let truncated = symbols.len() > AMBIGUOUS_MAX;
        symbols.truncate(AMBIGUOUS_MAX);
        let grade = if ambiguous { grade.and(AMBIGUOUS) } else { grade };
        Meaning { symbols: symbols.into_iter().map(|symbol| (symbol, grade)).collect(), ambiguous, truncated }
    }

    // ---- names ----

    fn named(&mut self, name: &str) -> Rc<[u32]> {
        if let Some(found) = self.named.get(name) {
            return Rc::clone(found);
        }
        let found: Rc<[u32]> = self.world.named(name).into();
        self.named.insert(name.into(), Rc::clone(&found));
        found
    }

    /// The definitions of `name` in a file.
    fn in_file(&mut self, file: u32, name: &str) -> Vec<u32> {
        let all = self.named(name);
        let range = self.world.symbols_of(file);
        let start = all.partition_point(|&symbol| symbol < range.start);
        let own = all[start..].iter().copied().take_while(|&symbol| symbol < range.end);
        own.filter(|&symbol| may_mean(ReferenceKind::Use, self.world.kind(symbol))).collect()
    }

    /// The definitions of `name` at the top of a file, or in its namespaces.
    fn top_level(&mut self, file: u32, name: &str) -> Vec<u32> {
        let mut found = self.in_file(file, name);
        found.retain(|&symbol| {
            let mut next = self.world.container(symbol);
            while let Some(around) = next {
                if self.world.kind(around) != SymbolKind::Module {
                    return false;
                }
                next = self.world.container(around);
            }
            self.world.qualifier(symbol).is_none()
        });
        found
    }

    fn bare(&mut self, file: u32, scope: Option<u32>, name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let language = self.world.language(file);
        let rules = rules(language);
        let own = self.in_file(file, name);
        let links = self.links(file);
        let mut next = scope;
        while let Some(around) = next {
            let is_type = self.world.kind(around).is_type();
            if !is_type || rules.implicit_members {
                let inside: Vec<u32> =
                    own.iter().copied().filter(|&symbol| self.world.container(symbol) == Some(around)).collect();
                let fits = |symbol: &u32| may_mean(kind, self.world.kind(*symbol));
                if !inside.is_empty() && (!is_type || inside.iter().any(fits)) {
                    return Bare::Symbols(inside, SAME_FILE);
                }
                if let Some(bindings) = links.bindings.get(&(Some(around), name)).filter(|_| !is_type) {
                    return Bare::Local(file, bindings[0]);
                }
            }
            if rules.implicit_members
                && let Some(class) = self.class_of(around)
            {
                let (found, by) = self.member(class, name, kind);
                if !found.is_empty() {
                    return Bare::Symbols(found, by);
                }
            }
            next = self.world.container(around);
        }
        let top = self.top_level(file, name);
        if !top.is_empty() {
            return Bare::Symbols(top, SAME_FILE);
        }
        if let Some(imports) = links.imports.get(name) {
            for &import in imports {
                match self.imported(file, import, kind, depth) {
                    Bare::Missing => {}
                    found => return found,
                }
            }
            return Bare::External;
        }
        if language == Some(Language::Rust)
            && let Module::Files(files, names) = self.modules.rust_path(file, &[name])
            && names.is_empty()
        {
            return Bare::Files(files);
        }
        self.beyond(file, name, kind, depth)
    }

    /// A name that neither the file nor its imports by name know: the package, and what is imported whole.
    fn beyond(&mut self, file: u32, name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let rules = rules(self.world.language(file));
        let links = self.links(file);
        if rules.shares_folder {
            let folder = self.world.in_folder(self.world.folder(file));
            let found = self.top_level_of(folder, name, file, kind);
            if !found.is_empty() {
                return Bare::Symbols(found, PACKAGE);
            }
        }
        let (facts, entry) = self.world.file(file);
        let mut unknown = false;
        for &import in &links.all {
            let record = facts.imports_of(entry)[import];
            match self.module(file, facts.name(record.module)) {
                Module::Files(files, names) if names.is_empty() => {
                    let found = self.in_files(&files, name, kind, depth);
                    if matches!(found, Bare::Symbols(..)) {
                        return found;
                    }
                }
                // All members of a type: `import static app.Session.*`.
                Module::Files(files, names) => {
                    if let Bare::Symbols(symbols, by) = self.in_path(&files, &names, kind, depth) {
                        for class in symbols {
                            let (found, _) = self.member(class, name, kind);
                            if !found.is_empty() {
                                return Bare::Symbols(found, by);
                            }
                        }
                    }
                }
                Module::External => unknown = true,
            }
        }
        if unknown && rules.closed { Bare::External } else { Bare::Missing }
    }

    fn top_level_of(&mut self, files: &[u32], name: &str, user: u32, kind: ReferenceKind) -> Vec<u32> {
        let all = self.named(name);
        let language = self.world.language(user);
        let mut found = Vec::new();
        for &file in files {
            let range = self.world.symbols_of(file);
            let at = all.partition_point(|&symbol| symbol < range.start);
            if all.get(at).is_some_and(|&symbol| symbol < range.end) && may_use(language, self.world.language(file)) {
                found.extend(self.top_level(file, name));
            }
        }
        found.retain(|&symbol| may_mean(kind, self.world.kind(symbol)));
        found
    }

    /// What `name` means as a name of these modules.
    fn in_files(&mut self, files: &[u32], name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let mut found = Vec::new();
        for &file in files {
            found.extend(self.top_level(file, name));
        }
        if !found.is_empty() {
            return Bare::Symbols(found, IMPORTED);
        }
        for &file in files.iter().take(4) {
            match self.handed_on(file, name, kind, depth) {
                Bare::Missing => {}
                found => return found,
            }
        }
        Bare::Missing
    }

    /// What a module hands on under `name`: what it imports, and its submodules.
    fn handed_on(&mut self, file: u32, name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        match self.named_export(file, name, kind, depth) {
            Bare::Missing => {}
            found => return found,
        }
        if let Some(found) = self.modules.python_within(file, name) {
            return Bare::Files(vec![found]);
        }
        if self.world.language(file) == Some(Language::Rust)
            && let Module::Files(files, names) = self.modules.rust_path(file, &["self", name])
            && names.is_empty()
        {
            return Bare::Files(files);
        }
        for &other in self.handed_on_whole(file).iter() {
            let found = self.top_level(other, name);
            if !found.is_empty() {
                return Bare::Symbols(found, IMPORTED);
            }
            match self.named_export(other, name, kind, depth) {
                Bare::Missing => {}
                found => return found,
            }
        }
        if name == "default" {
            return self.default_export(file);
        }
        Bare::Missing
    }

    /// Whether other files see what an import of this file brings in.
    fn hands_on(&self, file: u32, record: &ImportRecord) -> bool {
        record.exports() || matches!(self.world.language(file), Some(Language::Python | Language::Cpp))
    }

    /// What an import by name hands on.
    fn named_export(&mut self, file: u32, name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let links = self.links(file);
        let (facts, entry) = self.world.file(file);
        for &import in links.imports.get(name).into_iter().flatten() {
            if self.hands_on(file, &facts.imports_of(entry)[import]) {
                match self.imported(file, import, kind, depth) {
                    Bare::Missing => {}
                    found => return found,
                }
            }
        }
        Bare::Missing
    }

    /// The files all of whose names a file hands on, the nearest first.
    fn handed_on_whole(&mut self, file: u32) -> Rc<[u32]> {
        if let Some(known) = self.whole.get(&file) {
            return Rc::clone(known);
        }
        let mut found = vec![file];
        let mut next = 0;
        while let Some(&at) = found.get(next) {
            next += 1;
            let links = self.links(at);
            let (facts, entry) = self.world.file(at);
            for &import in &links.all {
                let record = facts.imports_of(entry)[import];
                if !self.hands_on(at, &record) {
                    continue;
                }
                if let Module::Files(files, names) = self.module(at, facts.name(record.module))
                    && names.is_empty()
                {
                    for other in files {
                        if found.len() <= HANDED_ON_MAX && !found.contains(&other) {
                            found.push(other);
                        }
                    }
                }
            }
        }
        let found: Rc<[u32]> = found[1..].into();
        self.whole.insert(file, Rc::clone(&found));
        found
    }

    /// What a file exports by default where the text does not name it: what is called like the file, or its only definition.
    fn default_export(&mut self, file: u32) -> Bare {
        let stem = crate::graph::world::stem(crate::graph::world::last_name(self.world.path(file)));
        let named = self.top_level(file, stem);
        if !named.is_empty() {
            return Bare::Symbols(named, IMPORTED);
        }
        Bare::Files(vec![file])
    }

    fn module(&mut self, file: u32, module: &str) -> Module {
        let key = (file, Box::from(module));
        if let Some(found) = self.found.get(&key) {
            return found.clone();
        }
        let found = self.modules.find(file, module);
        self.found.insert(key, found.clone());
        found
    }

    /// What an import of a file brings in under its name.
    fn imported(&mut self, file: u32, import: usize, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let (facts, entry) = self.world.file(file);
        let record = facts.imports_of(entry)[import];
        let (module, name, alias) = (facts.name(record.module), facts.name(record.name), facts.name(record.alias));
        if module.is_empty() {
            let own = self.top_level(file, name);
            return if own.is_empty() { Bare::Missing } else { Bare::Symbols(own, IMPORTED) };
        }
        // `import a.b.c` in Python brings in `a`.
        let is_python = self.world.language(file) == Some(Language::Python);
        let module = match module.split_once('.') {
            Some((first, _)) if is_python && name.is_empty() && alias.is_empty() && !first.is_empty() => first,
            _ => module,
        };
        match self.module(file, module) {
            Module::External => Bare::External,
            Module::Files(files, names) => match (names.is_empty(), name) {
                (true, "") => Bare::Files(files),
                (true, name) => match self.in_files(&files, name, kind, depth) {
                    // A name that its module does not show to have.
                    Bare::Missing => Bare::External,
                    found => found,
                },
                (false, _) => self.in_path(&files, &names, kind, depth),
            },
        }
    }

    /// What a path of names means in these modules.
    fn in_path(&mut self, files: &[u32], names: &[String], kind: ReferenceKind, depth: u32) -> Bare {
        let Some((first, rest)) = names.split_first() else { return Bare::Files(files.to_vec()) };
        let inner = if rest.is_empty() { kind } else { ReferenceKind::Use };
        let mut found = self.in_files(files, first, inner, depth);
        for name in rest {
            found = match found {
                Bare::Symbols(symbols, grade) => {
                    let members: Vec<u32> =
                        symbols.iter().flat_map(|&symbol| self.member(symbol, name, kind).0).collect();
                    if members.is_empty() { Bare::Missing } else { Bare::Symbols(members, grade) }
                }
                Bare::Files(files) => self.in_files(&files, name, kind, depth),
                other => other,
            };
        }
        found
    }

    /// The symbols an import of a file brings in, and the files.
    pub(crate) fn import(&mut self, file: u32, import: usize) -> (Vec<u32>, Vec<u32>) {
        let (facts, entry) = self.world.file(file);
        let record = facts.imports_of(entry)[import];
        let (module, name) = (facts.name(record.module), facts.name(record.name));
        if module.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let Module::Files(files, names) = self.module(file, module) else { return (Vec::new(), Vec::new()) };
        let found = match (names.is_empty(), name) {
            (true, "" | "*") => Bare::Files(Vec::new()),
            (true, name) => self.in_files(&files, name, ReferenceKind::Use, DEPTH_MAX),
            (false, _) => self.in_path(&files, &names, ReferenceKind::Use, DEPTH_MAX),
        };
        match found {
            Bare::Symbols(symbols, _) => (
                self.meaning(symbols, IMPORTED, ReferenceKind::Import)
                    .symbols
                    .into_iter()
                    .map(|(symbol, _)| symbol)
                    .collect(),
                files,
            ),
            Bare::Files(inner) if !inner.is_empty() => (Vec::new(), inner),
            _ => (Vec::new(), files),
        }
    }

    // ---- types ----

    /// The type to which a symbol belongs.
    fn owner(&mut self, symbol: u32) -> Option<u32> {
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
    fn class_of(&mut self, symbol: u32) -> Option<u32> {
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
    fn type_around(&mut self, scope: u32) -> Option<u32> {
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
    fn type_named(&mut self, file: u32, name: &str) -> Option<u32> {
        let types = self.types_named(name, self.world.language(file));
        let near = || types.by_folder.get(self.world.folder(file));
        types.by_file.get(&file).or_else(near).copied().or(types.only)
    }

    /// The types called `name` that code in `language` may use.
    fn types_named(&mut self, name: &str, language: Option<Language>) -> Rc<TypesNamed<'a>> {
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
    fn by_owner(&mut self, name: &str) -> Rc<ByOwner> {
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
    fn own_members(&mut self, class: u32, name: Option<&str>) -> Vec<u32> {
        match name {
            Some(name) => self.by_owner(name).members.get(&class).cloned().unwrap_or_default(),
            None => {
                let file = self.world.file_of(class);
                self.world.symbols_of(file).filter(|&symbol| self.world.container(symbol) == Some(class)).collect()
            }
        }
    }

    /// The members called `name` of a type: its own, else those of the nearest base that has them.
    fn member(&mut self, class: u32, name: &str, kind: ReferenceKind) -> (Vec<u32>, Grade) {
        let own = self.fitting_members(class, name, kind);
        if own.is_empty() { self.inherited(class, name, kind) } else { (own, IMPORTED) }
    }

    fn fitting_members(&mut self, class: u32, name: &str, kind: ReferenceKind) -> Vec<u32> {
        let mut own = self.own_members(class, Some(name));
        if kind == ReferenceKind::Call && own.iter().any(|&member| self.world.kind(member).is_callable()) {
            own.retain(|&member| self.world.kind(member).is_callable());
        }
        own
    }

    fn inherited(&mut self, class: u32, name: &str, kind: ReferenceKind) -> (Vec<u32>, Grade) {
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
    fn bases(&mut self, class: u32) -> Rc<Bases> {
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

    fn add_bases(&mut self, part: u32, bases: &mut Bases) {
        let file = self.world.file_of(part);
        let (facts, entry) = self.world.file(file);
        let within = part - self.world.first_symbols[file as usize];
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

    // ---- values ----

    /// The type that a chain names, as [`Value::Instance`].
    fn type_of(&mut self, file: u32, scope: Option<u32>, chain: &str, depth: u32) -> Value {
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

    fn of_bare(&mut self, bare: Bare, kind: ReferenceKind, depth: u32) -> Value {
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
    fn best(&self, symbols: &[u32], kind: ReferenceKind) -> Option<u32> {
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

    fn of_symbol(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
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
    fn alias(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
        let file = self.world.file_of(symbol);
        match self.binding(file, self.world.container(symbol), self.world.name(symbol)) {
            Some(binding) => self.bound(file, binding, depth),
            None => Value::Class(symbol, grade),
        }
    }

    fn binding(&mut self, file: u32, symbol: Option<u32>, name: &str) -> Option<usize> {
        self.links(file).bindings.get(&(symbol, name)).and_then(|bindings| bindings.first().copied())
    }

    /// What a binding of a file says its name is.
    fn bound(&mut self, file: u32, binding: usize, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let (facts, entry) = self.world.file(file);
        let record = facts.bindings_of(entry)[binding];
        let first = self.world.first_symbols[file as usize];
        let scope = record.symbol().map(|symbol| first + symbol);
        let of = facts.name(record.of);
        if record.is_type() { self.type_of(file, scope, of, depth) } else { self.value(file, scope, of, depth) }
    }

    /// What the chain of an expression gives where it stands.
    fn value(&mut self, file: u32, scope: Option<u32>, chain: &str, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let mut links = chain.split('.');
        let first = links.next().unwrap_or_default();
        let mut value = self.first_link(file, scope, first, depth);
        for link in links {
            value = self.step(value, link, depth);
        }
        value
    }

    fn first_link(&mut self, file: u32, scope: Option<u32>, link: &str, depth: u32) -> Value {
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
    fn called(&mut self, value: &Value, depth: u32) -> Value {
        match *value {
            Value::Class(class, grade) => Value::Instance(class, grade),
            Value::Symbol(symbol, grade) => self.returned(symbol, grade, depth),
            Value::External => Value::External,
            _ => Value::Unknown,
        }
    }

    /// What a function returns.
    fn returned(&mut self, symbol: u32, grade: Grade, depth: u32) -> Value {
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
    fn step(&mut self, value: Value, link: &str, depth: u32) -> Value {
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
    fn attribute(&mut self, class: u32, grade: Grade, name: &str, is_call: bool, depth: u32) -> Value {
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

    // ---- names alone ----

    /// What a name may mean if nothing but the name tells.
    fn by_name(&mut self, file: u32, name: &str, kind: ReferenceKind, of_member: bool) -> Meaning {
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

    fn nearest_of(&mut self, file: u32, mut fitting: Vec<u32>, of_member: bool) -> Meaning {
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
    fn knows(&mut self, file: u32, symbol: Option<u32>) -> bool {
        let Some(other) = symbol.map(|symbol| self.world.file_of(symbol)) else { return false };
        if other == file || self.world.folder(other) == self.world.folder(file) {
            return true;
        }
        let (facts, entry) = self.world.file(file);
        facts.imports_of(entry).iter().any(|record| {
            matches!(self.module(file, facts.name(record.module)), Module::Files(files, _) if files.contains(&other))
        })
    }

    // ---- the links of a file ----

    fn links(&mut self, file: u32) -> Rc<FileLinks<'a>> {
        if let Some(known) = self.links.get(&file) {
            return Rc::clone(known);
        }
        let links = Rc::new(self.read_links(file));
        self.links.insert(file, Rc::clone(&links));
        links
    }

    fn read_links(&self, file: u32) -> FileLinks<'a> {
        let (facts, entry) = self.world.file(file);
        let language = self.world.language(file);
        let rules = rules(language);
        let first = self.world.first_symbols[file as usize];
        let mut links =
            FileLinks { bindings: HashMap::new(), returns: HashMap::new(), imports: HashMap::new(), all: Vec::new() };
        let records = facts.bindings_of(entry);
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
                ("", "*") => {
                    links.all.push(number);
                    continue;
                }
                ("", "") => local_name(language, module),
                ("", name) => name,
                // What a Go file imports into its own names.
                (".", _) => {
                    links.all.push(number);
                    continue;
                }
                (alias, _) => alias,
            };
            if rules.imports_all && alias.is_empty() {
                links.all.push(number);
            }
            if is_alias_only && known_as != "default" && known_as == name {
                continue;
            }
            links.imports.entry(known_as).or_default().push(number);
        }
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

/// The name of a link, whether it is called, whether an element is taken.
fn parts(link: &str) -> (&str, bool, bool) {
    let name = link.trim_end_matches("()").trim_end_matches("[]");
    (name, link.ends_with("()"), link.ends_with("[]"))
}

/// Whether a name that is used in this way may stand for a symbol of this kind.
fn may_mean(used_as: ReferenceKind, kind: SymbolKind) -> bool {
    match used_as {
        // An implementation is found with its type; headings and keys are no code.
        _ if matches!(
            kind,
            SymbolKind::Implementation | SymbolKind::Section | SymbolKind::Key | SymbolKind::Rule | SymbolKind::Element
        ) =>
        {
            false
        }
        ReferenceKind::Type | ReferenceKind::Inherit | ReferenceKind::Implement => {
            kind.is_type() || kind == SymbolKind::Module
        }
        ReferenceKind::Use | ReferenceKind::Import => kind != SymbolKind::Test,
        ReferenceKind::Call => !matches!(kind, SymbolKind::Test | SymbolKind::Table | SymbolKind::Module),
    }
}
