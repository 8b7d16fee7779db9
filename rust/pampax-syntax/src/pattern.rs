//! Patterns ready to be matched: names looked up in the grammar, predicates moved to the nodes they speak of.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::Regex;

use crate::pattern_text::{Argument, ChildText, KindText, NodeText, PatternText, Predicate};

/// What a node must be.
#[derive(Debug)]
pub(crate) struct NodePattern<Capture> {
    pub(crate) kinds: Kinds,
    /// The field it must stand in; 0 for any.
    pub(crate) field: u16,
    pub(crate) captures: Vec<Capture>,
    pub(crate) tests: Vec<Test>,
    /// Fields of which it must have none.
    pub(crate) absent: Vec<u16>,
    pub(crate) children: Vec<ChildPattern<Capture>>,
    /// The last child of the pattern must be the last named child.
    pub(crate) ends: bool,
}

#[derive(Debug)]
pub(crate) enum Kinds {
    One(u16),
    /// Any named node but an error.
    Named,
    /// Any node but an error.
    Any,
}

/// One of the children a pattern asks for.
#[derive(Debug)]
pub(crate) struct ChildPattern<Capture> {
    pub(crate) follows: Follows,
    pub(crate) optional: bool,
    /// Several in a row count as one.
    pub(crate) repeats: bool,
    /// Nothing in it is captured: that it matches is enough, where does not matter.
    pub(crate) silent: bool,
    pub(crate) choices: Vec<NodePattern<Capture>>,
}

/// What may stand between a child and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// Anything.
    Freely,
    /// No named node: `.` in the pattern.
    Next,
    /// Nothing: `.` after a `_`.
    AtOnce,
}

/// What the text of a node must be.
#[derive(Debug)]
pub(crate) struct Test {
    wanted: bool,
    condition: Condition,
}

#[derive(Debug)]
enum Condition {
    AnyOf(Vec<String>),
    /// Compiled when it is first asked: most patterns of a language never meet a file that asks.
    Matches(String, OnceLock<Option<Regex>>),
}

impl Test {
    /// Whether `text` passes.
    pub(crate) fn passes(&self, text: &str) -> bool {
        let holds = match &self.condition {
            Condition::AnyOf(texts) => texts.iter().any(|wanted| wanted == text),
            Condition::Matches(pattern, compiled) => {
                compiled.get_or_init(|| Regex::new(pattern).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
            }
        };
        holds == self.wanted
    }
}

/// What a pattern sets: keys with their values.
pub(crate) type Properties = Vec<(String, String)>;

/// Looks names up in a grammar and captures in what they mean.
pub(crate) struct Resolver<'a, Capture> {
    pub(crate) grammar: &'a tree_sitter::Language,
    /// What a capture means; `None` inside if it only serves a predicate.
    pub(crate) capture: &'a dyn Fn(&str) -> Result<Option<Capture>, String>,
}

impl<Capture> Resolver<'_, Capture> {
    /// The roots of a pattern and the `#set!` properties it has.
    ///
    /// # Errors
    /// A message that names what the grammar does not know or what has no meaning here.
    pub(crate) fn pattern(&self, text: &PatternText) -> Result<(Vec<NodePattern<Capture>>, Properties), String> {
        let names = capture_names(&text.roots);
        let mut properties = Vec::new();
        let mut tests: HashMap<&str, Vec<&Predicate>> = HashMap::new();
        for predicate in &text.predicates {
            match (predicate.name.as_str(), predicate.arguments.as_slice()) {
                ("set!", [Argument::Text(key), Argument::Text(value)]) => properties.push((key.clone(), value.clone())),
                (_, [Argument::Capture(capture), ..]) if !names.contains(&capture.as_str()) => {
                    return Err(format!("@{capture} is tested but not captured"));
                }
                (_, [Argument::Capture(capture), ..]) => tests.entry(capture).or_default().push(predicate),
                (name, _) => return Err(format!("#{name} has no meaning with these arguments")),
            }
        }
        let roots = text.roots.iter().map(|root| self.node(root, &tests)).collect::<Result<Vec<_>, _>>()?;
        Ok((roots, properties))
    }

    fn node(&self, text: &NodeText, tests: &HashMap<&str, Vec<&Predicate>>) -> Result<NodePattern<Capture>, String> {
        let mut captures = Vec::new();
        let mut own_tests = Vec::new();
        for name in &text.captures {
            captures.extend((self.capture)(name)?);
            for predicate in tests.get(name.as_str()).into_iter().flatten() {
                own_tests.push(test(predicate)?);
            }
        }
        let mut children = Vec::with_capacity(text.children.len());
        for (number, child) in text.children.iter().enumerate() {
            let before = number.checked_sub(1).and_then(|before| text.children.get(before));
            children.push(self.child(child, before, tests)?);
        }
        Ok(NodePattern {
            kinds: self.kinds(&text.kind)?,
            field: text.field.as_deref().map_or(Ok(0), |field| self.field(field))?,
            captures,
            tests: own_tests,
            absent: text.absent.iter().map(|field| self.field(field)).collect::<Result<_, _>>()?,
            children,
            ends: text.ends,
        })
    }

    fn child(
        &self,
        text: &ChildText,
        before: Option<&ChildText>,
        tests: &HashMap<&str, Vec<&Predicate>>,
    ) -> Result<ChildPattern<Capture>, String> {
        let after_any = before.is_some_and(|before| before.choices.iter().any(|choice| choice.kind == KindText::Any));
        let choices = text.choices.iter().map(|choice| self.node(choice, tests)).collect::<Result<Vec<_>, _>>()?;
        Ok(ChildPattern {
            follows: match (text.adjacent, after_any) {
                (false, _) => Follows::Freely,
                (true, false) => Follows::Next,
                (true, true) => Follows::AtOnce,
            },
            optional: text.optional,
            repeats: text.repeats,
            silent: choices.iter().all(is_silent),
            choices,
        })
    }

    fn kinds(&self, kind: &KindText) -> Result<Kinds, String> {
        let (name, named) = match kind {
            KindText::Any => return Ok(Kinds::Any),
            KindText::AnyNamed => return Ok(Kinds::Named),
            KindText::Named(name) => (name, true),
            KindText::Anonymous(name) => (name, false),
        };
        match self.grammar.id_for_node_kind(name, named) {
            0 => Err(format!("the grammar has no node {name:?}")),
            id if self.grammar.node_kind_is_supertype(id) => Err(format!("{name:?} is a supertype: give its nodes")),
            id => Ok(Kinds::One(id)),
        }
    }

    fn field(&self, name: &str) -> Result<u16, String> {
        let field = self.grammar.field_id_for_name(name).ok_or_else(|| format!("the grammar has no field {name:?}"))?;
        Ok(field.get())
    }
}

fn is_silent<Capture>(node: &NodePattern<Capture>) -> bool {
    node.captures.is_empty() && node.children.iter().all(|child| child.silent)
}

fn capture_names(roots: &[NodeText]) -> Vec<&str> {
    let mut names = Vec::new();
    let mut waiting: Vec<&NodeText> = roots.iter().collect();
    while let Some(node) = waiting.pop() {
        names.extend(node.captures.iter().map(String::as_str));
        waiting.extend(node.children.iter().flat_map(|child| &child.choices));
    }
    names
}

fn test(predicate: &Predicate) -> Result<Test, String> {
    let name = predicate.name.as_str();
    let (wanted, kind) = match name.strip_prefix("not-") {
        Some(kind) => (false, kind),
        None => (true, name),
    };
    let mut texts = Vec::new();
    for argument in &predicate.arguments[1..] {
        match argument {
            Argument::Text(text) => texts.push(text.clone()),
            Argument::Capture(_) => return Err(format!("#{name} with two captures has no meaning")),
        }
    }
    let condition = match (kind, texts.len()) {
        ("eq?", 1) | ("any-of?", 1..) => Condition::AnyOf(texts),
        ("match?", 1) => {
            let pattern = texts.remove(0);
            // Whether it is a regular expression at all is checked without building one.
            regex_syntax::parse(&pattern).map_err(|error| error.to_string())?;
            Condition::Matches(pattern, OnceLock::new())
        }
        _ => return Err(format!("#{name} has no meaning with these arguments")),
    };
    Ok(Test { wanted, condition })
}
