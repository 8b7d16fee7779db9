//! What a name means where it stands: scopes, imports, the type of the receiver, the hierarchy of classes; where none of
//! them tells, the name alone.
//!
//! Everything is looked up when it is asked and remembered, so that one changed file does not pay for all others. Nothing here
//! depends on the order of asking.

mod alone;
mod file_links;
mod types;
mod values;

use std::ops::Deref;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};
use pampax_base::{Language, ReferenceKind, SymbolKind};
use pampax_store::{BindingRecord, Extractor, ImportRecord, ReferenceRecord};

use crate::graph::modules::{Module, Modules};
use crate::graph::rules::{is_super, may_use, rules};
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
/// Definitions of one name that are looked at in one scope. Files with thousands would cost their square.
const SCOPE_MAX: usize = 200;
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

/// The symbols of one name, ascending.
enum Named<'w> {
    InTable(&'w [u32]),
    Remembered(Rc<[u32]>),
}

impl Deref for Named<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Self::InTable(symbols) => symbols,
            Self::Remembered(symbols) => symbols,
        }
    }
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

/// The definitions of one name in one file.
enum Own {
    Few(Vec<u32>),
    Crowded(Rc<Crowded>),
}

/// The first [`SCOPE_MAX`] definitions of one name in each scope of a file that has more than that of them.
#[derive(Default)]
struct Crowded {
    inside: HashMap<u32, Vec<u32>>,
    top: Vec<u32>,
}

/// The links of a file by name.
#[derive(Default)]
struct FileLinks<'a> {
    /// What the file shows of types, in file order; the numbers below are places here.
    records: Vec<BindingRecord>,
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
    crowded: HashMap<u32, HashMap<Box<str>, Rc<Crowded>>>,
    owners: HashMap<u32, Option<u32>>,
    types: HashMap<Box<str>, TypesByLanguage<'a>>,
    by_owner: HashMap<Box<str>, Rc<ByOwner>>,
    bases: HashMap<u32, Rc<Bases>>,
    links: HashMap<u32, Rc<FileLinks<'a>>>,
    whole: HashMap<u32, Rc<[u32]>>,
    found: HashMap<u32, HashMap<Box<str>, Rc<Module>>>,
    /// How many modules that is.
    found_count: usize,
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
            crowded: HashMap::new(),
            owners: HashMap::new(),
            types: HashMap::new(),
            by_owner: HashMap::new(),
            bases: HashMap::new(),
            links: HashMap::new(),
            whole: HashMap::new(),
            found: HashMap::new(),
            found_count: 0,
            asking: Vec::new(),
            cut_off: false,
        }
    }

    /// Forgets what was remembered if it is much.
    pub(crate) fn trim(&mut self) {
        if self.links.len() > REMEMBERED_FILES_MAX {
            self.links.clear();
            self.crowded.clear();
        }
        if self.found_count > 16 * REMEMBERED_FILES_MAX {
            self.found.clear();
            self.found_count = 0;
        }
        if self.named.len() > 64 * REMEMBERED_FILES_MAX {
            self.named.clear();
        }
    }

    /// What a reference of `file` means.
    pub(crate) fn reference(&mut self, file: u32, reference: &ReferenceRecord) -> Meaning {
        let (facts, _) = self.world.file(file);
        let name = facts.name(reference.name());
        let scope = reference.symbol().map(|symbol| self.world.first_symbols()[file as usize] + symbol);
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

    fn named(&mut self, name: &str) -> Named<'w> {
        if let Some(found) = self.world.named_by_table(name) {
            return Named::InTable(found);
        }
        if let Some(found) = self.named.get(name) {
            return Named::Remembered(Rc::clone(found));
        }
        let found: Rc<[u32]> = self.world.named(name).into();
        self.named.insert(name.into(), Rc::clone(&found));
        Named::Remembered(found)
    }

    /// The definitions of `name` in a file; `all` are those of the repository.
    fn in_file(&mut self, all: &[u32], file: u32, name: &str) -> Own {
        let range = self.world.symbols_of(file);
        let start = all.partition_point(|&symbol| symbol < range.start);
        let end = all.partition_point(|&symbol| symbol < range.end);
        let own = &all[start..end];
        if own.len() <= SCOPE_MAX {
            return Own::Few(own.iter().copied().filter(|&symbol| self.may_be_named(symbol)).collect());
        }
        if let Some(known) = self.crowded.get(&file).and_then(|names| names.get(name)) {
            return Own::Crowded(Rc::clone(known));
        }
        let mut crowded = Crowded::default();
        for &symbol in own.iter().filter(|&&symbol| self.may_be_named(symbol)) {
            if let Some(around) = self.world.container(symbol) {
                let scope = crowded.inside.entry(around).or_default();
                if scope.len() < SCOPE_MAX {
                    scope.push(symbol);
                }
            }
            if crowded.top.len() < SCOPE_MAX && self.is_top_level(symbol) {
                crowded.top.push(symbol);
            }
        }
        let crowded = Rc::new(crowded);
        self.crowded.entry(file).or_default().insert(name.into(), Rc::clone(&crowded));
        Own::Crowded(crowded)
    }

    fn may_be_named(&self, symbol: u32) -> bool {
        may_mean(ReferenceKind::Use, self.world.kind(symbol))
    }

    /// Whether a symbol stands at the top of its file, or in its namespaces.
    fn is_top_level(&self, symbol: u32) -> bool {
        let mut next = self.world.container(symbol);
        while let Some(around) = next {
            if self.world.kind(around) != SymbolKind::Module {
                return false;
            }
            next = self.world.container(around);
        }
        self.world.qualifier(symbol).is_none()
    }

    /// The definitions of `name` at the top of a file, or in its namespaces; `all` are those of the repository.
    fn top_level(&mut self, all: &[u32], file: u32, name: &str) -> Vec<u32> {
        match self.in_file(all, file, name) {
            Own::Few(mut found) => {
                found.retain(|&symbol| self.is_top_level(symbol));
                found
            }
            Own::Crowded(crowded) => crowded.top.clone(),
        }
    }

    /// Of the definitions of a name in a file those that stand directly in `around`.
    fn inside(&self, own: &Own, around: u32) -> Vec<u32> {
        match own {
            Own::Few(own) => {
                own.iter().copied().filter(|&symbol| self.world.container(symbol) == Some(around)).collect()
            }
            Own::Crowded(crowded) => crowded.inside.get(&around).cloned().unwrap_or_default(),
        }
    }

    fn bare(&mut self, file: u32, scope: Option<u32>, name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let language = self.world.language(file);
        let rules = rules(language);
        let all = self.named(name);
        let own = self.in_file(&all, file, name);
        let links = self.links(file);
        let mut next = scope;
        while let Some(around) = next {
            let is_type = self.world.kind(around).is_type();
            if !is_type || rules.implicit_members {
                let inside = self.inside(&own, around);
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
        let top = self.top_level(&all, file, name);
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
            match &*self.module(file, facts.name(record.module)) {
                Module::Files(files, names) if names.is_empty() => {
                    let found = self.in_files(files, name, kind, depth);
                    if matches!(found, Bare::Symbols(..)) {
                        return found;
                    }
                }
                // All members of a type: `import static app.Session.*`.
                Module::Files(files, names) => {
                    if let Bare::Symbols(symbols, by) = self.in_path(files, names, kind, depth) {
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
                found.extend(self.top_level(&all, file, name));
            }
        }
        found.retain(|&symbol| may_mean(kind, self.world.kind(symbol)));
        found
    }

    /// What `name` means as a name of these modules.
    fn in_files(&mut self, files: &[u32], name: &str, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let (all, mut found) = (self.named(name), Vec::new());
        for &file in files {
            found.extend(self.top_level(&all, file, name));
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
        let all = self.named(name);
        for &other in self.handed_on_whole(file).iter() {
            let found = self.top_level(&all, other, name);
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
                if let Module::Files(files, names) = &*self.module(at, facts.name(record.module))
                    && names.is_empty()
                {
                    for &other in files {
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
        let all = self.named(stem);
        let named = self.top_level(&all, file, stem);
        if !named.is_empty() {
            return Bare::Symbols(named, IMPORTED);
        }
        Bare::Files(vec![file])
    }

    fn module(&mut self, file: u32, module: &str) -> Rc<Module> {
        let known = self.found.entry(file).or_default();
        if let Some(found) = known.get(module) {
            return Rc::clone(found);
        }
        let found = Rc::new(self.modules.find(file, module));
        known.insert(module.into(), Rc::clone(&found));
        self.found_count += 1;
        found
    }

    /// What an import of a file brings in under its name.
    fn imported(&mut self, file: u32, import: usize, kind: ReferenceKind, depth: u32) -> Bare {
        let Some(depth) = depth.checked_sub(1) else { return Bare::Missing };
        let (facts, entry) = self.world.file(file);
        let record = facts.imports_of(entry)[import];
        let (module, name, alias) = (facts.name(record.module), facts.name(record.name), facts.name(record.alias));
        if module.is_empty() {
            let all = self.named(name);
            let own = self.top_level(&all, file, name);
            return if own.is_empty() { Bare::Missing } else { Bare::Symbols(own, IMPORTED) };
        }
        // `import a.b.c` in Python brings in `a`.
        let is_python = self.world.language(file) == Some(Language::Python);
        let module = match module.split_once('.') {
            Some((first, _)) if is_python && name.is_empty() && alias.is_empty() && !first.is_empty() => first,
            _ => module,
        };
        match &*self.module(file, module) {
            Module::External => Bare::External,
            Module::Files(files, names) => match (names.is_empty(), name) {
                (true, "") => Bare::Files(files.clone()),
                (true, name) => match self.in_files(files, name, kind, depth) {
                    // A name that its module does not show to have.
                    Bare::Missing => Bare::External,
                    found => found,
                },
                (false, _) => self.in_path(files, names, kind, depth),
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
        let module = self.module(file, module);
        let Module::Files(files, names) = &*module else { return (Vec::new(), Vec::new()) };
        let found = match (names.is_empty(), name) {
            (true, "" | "*") => Bare::Files(Vec::new()),
            (true, name) => self.in_files(files, name, ReferenceKind::Use, DEPTH_MAX),
            (false, _) => self.in_path(files, names, ReferenceKind::Use, DEPTH_MAX),
        };
        match found {
            Bare::Symbols(symbols, _) => (
                self.meaning(symbols, IMPORTED, ReferenceKind::Import)
                    .symbols
                    .into_iter()
                    .map(|(symbol, _)| symbol)
                    .collect(),
                files.clone(),
            ),
            Bare::Files(inner) if !inner.is_empty() => (Vec::new(), inner),
            _ => (Vec::new(), files.clone()),
        }
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
