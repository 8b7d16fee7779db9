//! A syntax tree as one list: what the patterns walk over.
//!
//! tree-sitter's own nodes are found by walking hidden nodes again at every step, and each step crosses into C. One pass of
//! its cursor writes the visible nodes into a list in the order of the text; everything after that is plain memory.

use pampax_base::ByteSpan;

use crate::lines::Lines;

/// The kind of a node the parser could not read; tree-sitter's own number for it.
pub(crate) const ERROR_KIND: u16 = u16::MAX;
/// Marks named nodes in [`Node::field_and_named`].
const NAMED: u16 = 1 << 15;

/// A visible node of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Its kind, as the grammar numbers them.
    pub(crate) kind: u16,
    field_and_named: u16,
    /// Where it begins, in bytes.
    pub(crate) start: u32,
    /// Where it ends.
    pub(crate) end: u32,
    /// The number of the first node after it that is not inside it.
    pub(crate) next: u32,
}

impl Node {
    /// The field of its parent in which it stands; 0 if in none.
    pub(crate) fn field(&self) -> u16 {
        self.field_and_named & !NAMED
    }

    /// Whether it is a named node: no keyword, bracket or operator.
    pub(crate) fn is_named(&self) -> bool {
        self.field_and_named & NAMED != 0
    }

    /// Its bytes.
    pub(crate) fn span(&self) -> ByteSpan {
        ByteSpan::new(self.start, self.end)
    }
}

/// The nodes of a tree in the order of the text, each before what it holds. The first is the root.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    open: Vec<u32>,
}

impl Tree {
    /// Replaces the nodes by those of `tree`, keeping the memory.
    pub(crate) fn fill(&mut self, tree: &tree_sitter::Tree) {
        self.nodes.clear();
        self.open.clear();
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let number = self.nodes.len() as u32;
            let field = cursor.field_id().map_or(0, std::num::NonZero::get);
            self.nodes.push(Node {
                kind: node.kind_id(),
                field_and_named: field | if node.is_named() { NAMED } else { 0 },
                start: node.start_byte() as u32,
                end: node.end_byte() as u32,
                next: number + 1,
            });
            if cursor.goto_first_child() {
                self.open.push(number);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                if let Some(closed) = self.open.pop() {
                    self.nodes[closed as usize].next = self.nodes.len() as u32;
                }
            }
        }
    }

    /// The first child of node `number` that stands in `field`.
    pub(crate) fn child_in(&self, number: u32, field: u16) -> Option<&Node> {
        let end = self.nodes[number as usize].next;
        let first = number + 1;
        let siblings = std::iter::successors(Some(first), |&child| Some(self.nodes.get(child as usize)?.next));
        let mut children = siblings.take_while(|&child| child < end).map(|child| &self.nodes[child as usize]);
        children.find(|child| child.field() == field)
    }

    /// For each line how many nodes reach over the break before it: where a long text may be cut. A break between two
    /// statements of a body has a smaller number than one inside a statement, so the best place to cut is the smallest
    /// number near by. Only nodes of several lines are visited: a minified line costs nothing.
    pub(crate) fn nesting(&self, lines: &Lines<'_>) -> Vec<u32> {
        let count = lines.count();
        let mut change = vec![0_i32; count as usize + 2];
        let mut number = 0;
        while let Some(node) = self.nodes.get(number) {
            let first = lines.line_at(node.start);
            // A node that ends with its line break does not reach into the next line.
            let last = lines.line_at(node.end.saturating_sub(1).max(node.start));
            if last > first {
                change[first as usize + 1] += 1;
                change[last as usize + 1] -= 1;
                number += 1;
            } else {
                number = node.next as usize;
            }
        }
        change.truncate(count as usize);
        let mut depth = 0;
        let add = |step: i32| {
            depth += step;
            depth.max(0) as u32
        };
        change.into_iter().map(add).collect()
    }
}
