//! Finds where patterns match in a tree.
//!
//! As tree-sitter's queries do: a pattern's children match some of a node's children, in order, with anything between them
//! unless an anchor forbids it, and every way to match is found. What is different is the cost: nothing is compiled but a
//! look-up of names (tree-sitter analyses all ways a query could go, 20 to 490 ms for each language and process), and only
//! nodes of a kind that a pattern begins with are looked at.

use crate::pattern::{ChildPattern, Follows, Kinds, NodePattern};
use crate::tree::{ERROR_KIND, Node, Tree};

/// A match of a pattern: what was captured, in the order of the pattern.
pub(crate) type Captured<Capture> = [(Capture, u32)];

/// Looks for patterns in one tree, within a budget of nodes looked at.
pub(crate) struct Matcher<'a, Capture> {
    pub(crate) tree: &'a Tree,
    pub(crate) text: &'a str,
    /// How many nodes may still be looked at.
    pub(crate) budget: u64,
    captured: Vec<(Capture, u32)>,
}

/// What is left to match after the child at hand.
struct Rest<'a, Capture> {
    children: &'a [ChildPattern<Capture>],
    /// The first of them matched just before and may do so again.
    again: bool,
    /// The last of them must be the last named child.
    ends: bool,
    /// The first node after the parent.
    parent_end: u32,
    /// What is left of the patterns around.
    outer: Option<&'a Rest<'a, Capture>>,
    /// The next sibling of the parent, where `outer` goes on.
    outer_next: u32,
}

impl<'a, Capture: Copy> Matcher<'a, Capture> {
    /// A matcher for `tree`, the tree of `text`.
    pub(crate) fn new(tree: &'a Tree, text: &'a str, budget: u64) -> Self {
        Self { tree, text, budget, captured: Vec::new() }
    }

    /// Calls `found` for every way in which `pattern` matches at node `number`.
    pub(crate) fn find(
        &mut self,
        pattern: &NodePattern<Capture>,
        number: u32,
        found: &mut dyn FnMut(&Captured<Capture>),
    ) {
        self.captured.clear();
        let nothing = Rest { children: &[], again: false, ends: false, parent_end: 0, outer: None, outer_next: 0 };
        self.node(pattern, number, &nothing, found);
    }

    fn at(&self, number: u32) -> &'a Node {
        &self.tree.nodes[number as usize]
    }

    /// Whether the node itself is what the pattern asks for, without its children.
    fn is(&mut self, pattern: &NodePattern<Capture>, number: u32) -> bool {
        self.budget = self.budget.saturating_sub(1);
        let node = self.at(number);
        let kind = match &pattern.kinds {
            Kinds::One(kind) => *kind == node.kind,
            Kinds::Named => node.is_named() && node.kind != ERROR_KIND,
            Kinds::Any => node.kind != ERROR_KIND,
        };
        kind && (pattern.field == 0 || pattern.field == node.field())
            && (pattern.tests.is_empty() || self.passes(pattern, node))
            && pattern.absent.iter().all(|&field| self.tree.child_in(number, field).is_none())
    }

    fn passes(&self, pattern: &NodePattern<Capture>, node: &Node) -> bool {
        let text = self.text.get(node.span().range()).unwrap_or_default();
        pattern.tests.iter().all(|test| test.passes(text))
    }

    /// Matches `pattern` at node `number`, then `after` in the siblings behind it. Whether anything was found.
    fn node(
        &mut self,
        pattern: &NodePattern<Capture>,
        number: u32,
        after: &Rest<'_, Capture>,
        found: &mut dyn FnMut(&Captured<Capture>),
    ) -> bool {
        if self.budget == 0 || !self.is(pattern, number) {
            return false;
        }
        let before = self.captured.len();
        self.captured.extend(pattern.captures.iter().map(|&capture| (capture, number)));
        let next = self.at(number).next;
        let any = if pattern.children.is_empty() && !pattern.ends {
            self.children(after, next, found)
        } else {
            let (children, ends) = (pattern.children.as_slice(), pattern.ends);
            let inside = Rest { children, again: false, ends, parent_end: next, outer: Some(after), outer_next: next };
            self.children(&inside, number + 1, found)
        };
        self.captured.truncate(before);
        any
    }

    /// Matches what `rest` asks for in the siblings from node `first` on.
    fn children(&mut self, rest: &Rest<'_, Capture>, first: u32, found: &mut dyn FnMut(&Captured<Capture>)) -> bool {
        let Some((child, others)) = rest.children.split_first() else {
            if rest.ends && self.has_named(first, rest.parent_end) {
                return false;
            }
            if let Some(outer) = rest.outer {
                return self.children(outer, rest.outer_next, found);
            }
            found(&self.captured);
            return true;
        };
        let after = Rest { children: others, again: false, ..*rest };
        let matched = if child.repeats { &Rest { again: true, ..*rest } } else { &after };
        // The first of several places is as good as any if nothing is captured and nothing has to follow at once.
        let follows_freely = others.first().map_or(!rest.ends, |next| next.follows == Follows::Freely);
        let mut any = false;
        let mut sibling = first;
        while sibling < rest.parent_end && self.budget > 0 {
            let node = self.at(sibling);
            for choice in &child.choices {
                any |= self.node(choice, sibling, matched, found);
            }
            let must_be_here = match child.follows {
                Follows::AtOnce => true,
                Follows::Next => node.is_named(),
                Follows::Freely => rest.again && node.is_named(),
            };
            if must_be_here || (any && child.silent && follows_freely) {
                break;
            }
            sibling = node.next;
        }
        if (child.optional || rest.again) && !any {
            any = self.children(&after, first, found);
        }
        any
    }

    /// Whether a named node is among the siblings from `first` on.
    fn has_named(&self, first: u32, end: u32) -> bool {
        let mut sibling = first;
        while sibling < end {
            let node = self.at(sibling);
            if node.is_named() {
                return true;
            }
            sibling = node.next;
        }
        false
    }
}
