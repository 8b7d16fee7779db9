//! From an expression to a condition over trigrams.
//!
//! Of each part of an expression four things are kept: the whole set of strings it matches while that is small (`exact`), else
//! what its matches begin with and what they end with, and the condition that holds of a text with a match in it. Parts in a row extend each
//! other's strings; whatever grows too large gives its trigrams to the condition and is cut down to ends of two bytes, which
//! can still make trigrams with their neighbours.

use pampax_base::{Error, Result};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::condition::Condition;
use crate::strings::Strings;

/// The largest set of exact strings.
const EXACT_MAX: usize = 16;
/// The most bytes they have together.
const EXACT_BYTES_MAX: usize = 4096;
/// The largest set of beginnings or ends.
const ENDS_MAX: usize = 20;
/// A class of more characters says nothing.
const CLASS_MAX: usize = 32;
/// How often a repeated part is written out.
const COPIES_MAX: u32 = 6;
/// A condition of more trigrams takes longer to look up than it saves.
const CONDITION_MAX: usize = 5000;

/// How an expression is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syntax {
    /// Letters match in either case.
    pub ignore_case: bool,
    /// The expression is plain text.
    pub fixed: bool,
}

/// The condition that every line with a match of `pattern` meets, in the syntax of the crate `regex`.
///
/// # Errors
/// [`Error::InvalidInput`] for what is no regular expression.
pub fn plan(pattern: &str, syntax: &Syntax) -> Result<Condition> {
    let escaped = if syntax.fixed { Some(regex_syntax::escape(pattern)) } else { None };
    let parsed = ParserBuilder::new()
        .case_insensitive(syntax.ignore_case)
        .multi_line(true)
        .utf8(false)
        .build()
        .parse(escaped.as_deref().unwrap_or(pattern));
    let hir = parsed.map_err(|error| Error::InvalidInput { what: "pattern", detail: error.to_string() })?;
    let mut known = Known::of(&hir);
    known.open();
    let condition = known.condition;
    Ok(if condition.size() > CONDITION_MAX { Condition::Any } else { condition })
}

/// What is known of the matches of a part.
struct Known {
    /// All of them, if they are few.
    exact: Option<Strings>,
    /// Each begins with one of these; used if `exact` is not known.
    begins: Strings,
    /// Each ends with one of these, likewise.
    ends: Strings,
    /// Each text with a match meets this, beside what the strings say.
    condition: Condition,
}

impl Known {
    fn exact(strings: Strings) -> Self {
        Self { exact: Some(strings), begins: Strings::nothing(), ends: Strings::nothing(), condition: Condition::Any }
    }

    fn nothing() -> Self {
        Self { exact: None, begins: Strings::nothing(), ends: Strings::nothing(), condition: Condition::Any }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exact(Strings::nothing()),
            HirKind::Literal(literal) => {
                let mut known = Self::exact(Strings::of([literal.0.to_vec()]));
                known.trim();
                known
            }
            HirKind::Class(class) => characters(class).map_or_else(Self::nothing, Self::exact),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => Self::of_repeated(&repetition.sub, repetition.min, repetition.max),
            HirKind::Concat(parts) => {
                parts.iter().map(Self::of).fold(Self::exact(Strings::nothing()), |all, part| all.then(&part))
            }
            HirKind::Alternation(parts) => {
                let mut parts = parts.iter().map(Self::of);
                let first = parts.next().unwrap_or_else(Self::nothing);
                parts.fold(first, Self::or)
            }
        }
    }

    fn of_repeated(part: &Hir, least: u32, most: Option<u32>) -> Self {
        if least == 0 {
            let optional = most == Some(1);
            return if optional { Self::of(part).or(Self::exact(Strings::nothing())) } else { Self::nothing() };
        }
        let once = Self::of(part);
        let copies = least.min(COPIES_MAX);
        let mut all = Self::exact(Strings::nothing());
        for _ in 0..copies {
            all = all.then(&once);
        }
        if most == Some(copies) {
            return all;
        }
        // More of it may stand in the middle: the first copies are the beginning, the last ones the end.
        all.open();
        all
    }

    /// Gives up `exact`: the strings are what matches begin and end with.
    fn open(&mut self) {
        if let Some(exact) = self.exact.take() {
            self.condition = std::mem::replace(&mut self.condition, Condition::Any).and(exact.condition());
            self.begins = exact.clone();
            self.ends = exact;
        }
        self.trim_ends();
    }

    /// Keeps every set small.
    fn trim(&mut self) {
        match &self.exact {
            Some(exact) if exact.len() > EXACT_MAX || exact.bytes() > EXACT_BYTES_MAX => self.open(),
            Some(_) => {}
            None => self.trim_ends(),
        }
    }

    fn trim_ends(&mut self) {
        for is_begin in [true, false] {
            let strings = if is_begin { &self.begins } else { &self.ends };
            let cut = |bytes| if is_begin { strings.heads(bytes) } else { strings.tails(bytes) };
            let mut bytes = 2;
            let mut short = cut(bytes);
            while short.len() > ENDS_MAX && bytes > 0 {
                bytes -= 1;
                short = cut(bytes);
            }
            let condition = strings.condition();
            self.condition = std::mem::replace(&mut self.condition, Condition::Any).and(condition);
            if is_begin {
                self.begins = short;
            } else {
                self.ends = short;
            }
        }
    }

    fn then(mut self, next: &Self) -> Self {
        let condition = std::mem::replace(&mut self.condition, Condition::Any).and(next.condition.clone());
        let mut known = match (&self.exact, &next.exact) {
            (Some(first), Some(second)) => Self { condition, ..Self::exact(first.cross(second)) },
            (Some(first), None) => {
                Self { exact: None, begins: first.cross(&next.begins), ends: next.ends.clone(), condition }
            }
            (None, Some(second)) => Self { exact: None, begins: self.begins, ends: self.ends.cross(second), condition },
            (None, None) => {
                // Where the two meet.
                let between = self.ends.cross(&next.begins).condition();
                Self { exact: None, begins: self.begins, ends: next.ends.clone(), condition: condition.and(between) }
            }
        };
        known.trim();
        if known.condition.size() > CONDITION_MAX {
            known.condition = Condition::Any;
        }
        known
    }

    fn or(mut self, mut other: Self) -> Self {
        if let (Some(first), Some(second)) = (&self.exact, &other.exact) {
            let both = first.clone().union(second.clone());
            let condition = if self.condition.is_any() && other.condition.is_any() {
                Condition::Any
            } else {
                self.condition.or(other.condition)
            };
            let mut known = Self { condition, ..Self::exact(both) };
            if known.exact.as_ref().is_some_and(|exact| exact.len() <= EXACT_MAX) {
                return known;
            }
            known.open();
            return known;
        }
        self.open();
        other.open();
        let mut known = Self {
            exact: None,
            begins: self.begins.union(other.begins),
            ends: self.ends.union(other.ends),
            condition: self.condition.or(other.condition),
        };
        known.trim();
        known
    }
}

/// The characters of a class as strings, without the line feed, which no match has; `None` if they are many.
fn characters(class: &Class) -> Option<Strings> {
    let few = |count: usize| count <= CLASS_MAX;
    let strings = match class {
        Class::Unicode(class) => {
            let count: usize = class.ranges().iter().map(|range| range.len()).sum();
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let all = all.filter(|&one| one != '\n').map(|one| one.to_string().into_bytes());
            few(count).then(|| Strings::of(all))?
        }
        Class::Bytes(class) => {
            let count: usize = class.ranges().iter().map(|range| range.len()).sum();
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let all = all.filter(|&one| one != b'\n').map(|one| vec![one]);
            few(count).then(|| Strings::of(all))?
        }
    };
    (strings.len() > 0).then_some(strings)
}
