//! Reads query files: the text of patterns into their parts.
//!
//! The language is that of tree-sitter's queries (the same files can be tried out with its tools), less what no query here
//! needs: groups inside patterns, supertypes, and predicates that compare two captures.

/// A top-level pattern.
#[derive(Debug)]
pub(crate) struct PatternText {
    /// What the root may be.
    pub(crate) roots: Vec<NodeText>,
    pub(crate) predicates: Vec<Predicate>,
    /// The line on which it begins.
    pub(crate) line: usize,
}

/// What a node must be.
#[derive(Clone, Debug)]
pub(crate) struct NodeText {
    pub(crate) kind: KindText,
    /// The field it must stand in.
    pub(crate) field: Option<String>,
    pub(crate) captures: Vec<String>,
    /// Fields of which it must have none.
    pub(crate) absent: Vec<String>,
    pub(crate) children: Vec<ChildText>,
    /// The last child of the pattern must be the last named child.
    pub(crate) ends: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KindText {
    /// `(identifier)`.
    Named(String),
    /// `"if"`.
    Anonymous(String),
    /// `(_)`.
    AnyNamed,
    /// `_`.
    Any,
}

/// One of the children a pattern asks for.
#[derive(Clone, Debug)]
pub(crate) struct ChildText {
    /// No named node may stand between the one before and this.
    pub(crate) adjacent: bool,
    pub(crate) optional: bool,
    /// Several such children in a row count as one.
    pub(crate) repeats: bool,
    pub(crate) choices: Vec<NodeText>,
}

impl ChildText {
    /// Whether it is just a node: no anchor before it, nothing behind it that says how often.
    fn is_plain(&self) -> bool {
        !(self.adjacent || self.optional || self.repeats)
    }
}

/// `(#name? argument…)`.
#[derive(Debug)]
pub(crate) struct Predicate {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Capture(String),
    Text(String),
}

/// Reads all patterns of `source`.
///
/// # Errors
/// A message with the line at which the text is no pattern.
pub(crate) fn read(source: &str) -> Result<Vec<PatternText>, String> {
    let mut reader = Reader { source, position: 0 };
    let mut patterns = Vec::new();
    while reader.peek().is_some() {
        patterns.push(reader.pattern()?);
    }
    Ok(patterns)
}

/// What stands between the brackets of a pattern.
#[derive(Default)]
struct Inside {
    children: Vec<ChildText>,
    absent: Vec<String>,
    ends: bool,
}

struct Reader<'a> {
    source: &'a str,
    position: usize,
}

impl Reader<'_> {
    /// The next byte that is neither white space nor comment, without taking it.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.source.as_bytes();
        loop {
            match bytes.get(self.position)? {
                byte if byte.is_ascii_whitespace() => self.position += 1,
                b';' => {
                    let rest = &bytes[self.position..];
                    self.position += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                &byte => return Some(byte),
            }
        }
    }

    /// Takes the next byte if it is `wanted`.
    fn take(&mut self, wanted: u8) -> bool {
        let is = self.peek() == Some(wanted);
        self.position += usize::from(is);
        is
    }

    fn line(&self) -> usize {
        self.source[..self.position].matches('\n').count() + 1
    }

    fn fail<T>(&self, wanted: &str) -> Result<T, String> {
        let (before, after) = self.source.split_at(self.position);
        let before = before.lines().last().unwrap_or_default();
        let after: String = after.chars().take(20).collect();
        Err(format!("line {}: {wanted} expected between {before:?} and {after:?}", self.line()))
    }

    fn word(&mut self) -> Result<String, String> {
        let bytes = self.source.as_bytes();
        let start = self.position;
        while bytes
            .get(self.position)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'?' | b'!'))
        {
            self.position += 1;
        }
        if start == self.position {
            return self.fail("a name");
        }
        Ok(self.source[start..self.position].to_owned())
    }

    /// A name without `.`, `?` and `!`: those have a meaning after the name of a node.
    fn name(&mut self) -> Result<String, String> {
        let start = self.position;
        let word = self.word()?;
        let len = word.find(['.', '?', '!']).unwrap_or(word.len());
        self.position = start + len;
        if len == 0 { self.fail("a name") } else { Ok(word[..len].to_owned()) }
    }

    fn string(&mut self) -> Result<String, String> {
        if !self.take(b'"') {
            return self.fail("a string");
        }
        let mut text = String::new();
        let mut characters = self.source[self.position..].char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => {
                    self.position += offset + 1;
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, escaped)) => text.push(escaped),
                    None => break,
                },
                other => text.push(other),
            }
        }
        self.fail("the end of a string")
    }

    fn pattern(&mut self) -> Result<PatternText, String> {
        self.peek();
        let line = self.line();
        let mut predicates = Vec::new();
        let child = self.child(&mut predicates)?;
        if !child.is_plain() || child.choices.iter().any(|root| root.field.is_some()) {
            return Err(format!("line {line}: a pattern begins with a node"));
        }
        Ok(PatternText { roots: child.choices, predicates, line })
    }

    /// One node or choice of nodes with what stands before and after it.
    fn child(&mut self, predicates: &mut Vec<Predicate>) -> Result<ChildText, String> {
        let adjacent = self.take(b'.');
        let mut choices = self.choices(predicates)?;
        let (optional, repeats) = match self.peek() {
            Some(b'?') => (true, false),
            Some(b'*') => (true, true),
            Some(b'+') => (false, true),
            _ => (false, false),
        };
        self.position += usize::from(optional || repeats);
        while self.take(b'@') {
            let capture = self.word()?;
            for choice in &mut choices {
                choice.captures.push(capture.clone());
            }
        }
        Ok(ChildText { adjacent, optional, repeats, choices })
    }

    fn choices(&mut self, predicates: &mut Vec<Predicate>) -> Result<Vec<NodeText>, String> {
        match self.peek() {
            Some(b'[') => {
                self.position += 1;
                let mut choices = Vec::new();
                while !self.take(b']') {
                    let child = self.child(predicates)?;
                    if !child.is_plain() {
                        return self.fail("a plain choice");
                    }
                    choices.extend(child.choices);
                }
                Ok(choices)
            }
            Some(b'"') => Ok(vec![node(KindText::Anonymous(self.string()?))]),
            Some(b'(') => {
                self.position += 1;
                self.brackets(predicates)
            }
            _ => {
                let name = self.name()?;
                if name == "_" {
                    return Ok(vec![node(KindText::Any)]);
                }
                if !self.take(b':') {
                    return self.fail("a colon after the name of a field");
                }
                let mut choices = self.choices(predicates)?;
                for choice in &mut choices {
                    choice.field = Some(name.clone());
                }
                Ok(choices)
            }
        }
    }

    /// What follows an opening bracket: a node with its children, or a group of one node with its predicates.
    fn brackets(&mut self, predicates: &mut Vec<Predicate>) -> Result<Vec<NodeText>, String> {
        if matches!(self.peek(), Some(b'(' | b'[')) {
            let mut inside = self.inside(predicates)?;
            let group = inside.children.pop().filter(ChildText::is_plain);
            return match group {
                Some(child) if inside.children.is_empty() && inside.absent.is_empty() => Ok(child.choices),
                _ => self.fail("one node in a group"),
            };
        }
        let name = self.name()?;
        let kind = if name == "_" { KindText::AnyNamed } else { KindText::Named(name) };
        let inside = self.inside(predicates)?;
        Ok(vec![NodeText { children: inside.children, absent: inside.absent, ends: inside.ends, ..node(kind) }])
    }

    fn inside(&mut self, predicates: &mut Vec<Predicate>) -> Result<Inside, String> {
        let mut inside = Inside::default();
        loop {
            match self.peek() {
                Some(b')') => {
                    self.position += 1;
                    return Ok(inside);
                }
                Some(b'!') => {
                    self.position += 1;
                    inside.absent.push(self.name()?);
                }
                Some(b'.') if self.anchor_ends() => inside.ends = true,
                Some(b'(') if self.source[self.position + 1..].starts_with('#') => {
                    self.position += 2;
                    predicates.push(self.predicate()?);
                }
                Some(_) => inside.children.push(self.child(predicates)?),
                None => return self.fail("a closing bracket"),
            }
        }
    }

    /// Takes an anchor if it stands before the closing bracket.
    fn anchor_ends(&mut self) -> bool {
        let before = self.position;
        self.position += 1;
        let ends = self.peek() == Some(b')');
        if !ends {
            self.position = before;
        }
        ends
    }

    fn predicate(&mut self) -> Result<Predicate, String> {
        let name = self.word()?;
        let mut arguments = Vec::new();
        loop {
            match self.peek() {
                Some(b')') => {
                    self.position += 1;
                    return Ok(Predicate { name, arguments });
                }
                Some(b'@') => {
                    self.position += 1;
                    arguments.push(Argument::Capture(self.word()?));
                }
                Some(b'"') => arguments.push(Argument::Text(self.string()?)),
                _ => arguments.push(Argument::Text(self.word()?)),
            }
        }
    }
}

fn node(kind: KindText) -> NodeText {
    NodeText { kind, field: None, captures: Vec::new(), absent: Vec::new(), children: Vec::new(), ends: false }
}
