//! How deep each line break stands in the syntax tree: where a long text may be cut.

use tree_sitter::Tree;

/// For each line how many nodes reach over the break before it. A break between two statements of a body has a smaller
/// number than one inside a statement, so the best place to cut is the smallest number near by.
///
/// Only nodes of several lines are visited, by a cursor: no recursion, and a minified line costs nothing.
pub(crate) fn nesting(tree: &Tree, line_count: u32) -> Vec<u32> {
    let mut change = vec![0_i32; line_count as usize + 2];
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let (first, end) = (node.start_position().row, node.end_position());
        // A node that ends with its line break does not reach into the next line.
        let last = if end.column == 0 { end.row.saturating_sub(1) } else { end.row }.min(line_count as usize);
        if last > first {
            change[first + 1] += 1;
            change[last + 1] -= 1;
        }
        if last > first && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                let mut depth = 0;
                change.truncate(line_count as usize);
                return change
                    .into_iter()
                    .map(|step| {
                        depth += step;
                        depth.max(0) as u32
                    })
                    .collect();
            }
        }
    }
}
