//! A comparison of lines in time that grows with their number only, for texts on which the better one would take too long.

use imara_diff::{Hunk, Token};

/// No place yet.
const NOWHERE: u32 = u32::MAX;
/// More than one place.
const REPEATED: u32 = u32::MAX - 1;

/// What differs between `before` and `after`, of which all tokens are below `tokens`. Lines that either has once are matched, and
/// what is the same next to them and at both ends; all between counts as changed.
pub(crate) fn hunks(before: &[Token], after: &[Token], tokens: u32) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut old, mut new) = (0, 0);
    for (anchor_old, anchor_new) in anchors(before, after, tokens).into_iter().chain([(before.len(), after.len())]) {
        let run = same(before[old..].iter(), after[new..].iter());
        (old, new) = (old + run, new + run);
        if anchor_old < old {
            // The run went over it: it is on both sides only once, so there, too, both were met together.
            continue;
        }
        let back = same(before[old..anchor_old].iter().rev(), after[new..anchor_new].iter().rev());
        let (end_old, end_new) = (anchor_old - back, anchor_new - back);
        if (old, new) != (end_old, end_new) {
            hunks.push(Hunk { before: old as u32..end_old as u32, after: new as u32..end_new as u32 });
        }
        (old, new) = (anchor_old, anchor_new);
    }
    hunks
}

/// How many items are the same from the start on.
pub(crate) fn same<'token>(
    left: impl Iterator<Item = &'token Token>,
    right: impl Iterator<Item = &'token Token>,
) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

/// The places of tokens that both sides have once: the most of them that are in the same order on both.
fn anchors(before: &[Token], after: &[Token], tokens: u32) -> Vec<(usize, usize)> {
    let places = |side: &[Token]| {
        let mut places = vec![NOWHERE; tokens as usize];
        for (place, token) in (0u32..).zip(side) {
            let known = &mut places[token.0 as usize];
            *known = if *known == NOWHERE { place } else { REPEATED };
        }
        places
    };
    let (places_before, places_after) = (places(before), places(after));
    let pairs: Vec<(usize, usize)> = (0u32..)
        .zip(before)
        .map(|(place, token)| (place, places_before[token.0 as usize], places_after[token.0 as usize]))
        .filter(|(place, once, other)| place == once && *other < REPEATED)
        .map(|(place, _, other)| (place as usize, other as usize))
        .collect();
    // Patience: `tops[length]` ends the chain of that length that leaves most room.
    let mut tops: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (number, pair) in pairs.iter().enumerate() {
        let length = tops.partition_point(|top| pairs[*top].1 < pair.1);
        previous.push(length.checked_sub(1).map(|shorter| tops[shorter]));
        match tops.get_mut(length) {
            Some(top) => *top = number,
            None => tops.push(number),
        }
    }
    let mut chain = Vec::with_capacity(tops.len());
    let mut next = tops.last().copied();
    while let Some(number) = next {
        chain.push(pairs[number]);
        next = previous[number];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use imara_diff::InternedInput;

    use super::*;

    fn changed(before: &str, after: &str) -> Vec<(u32, u32, u32, u32)> {
        let input = InternedInput::new(before, after);
        hunks(&input.before, &input.after, input.interner.num_tokens())
            .into_iter()
            .map(|hunk| (hunk.before.start, hunk.before.end, hunk.after.start, hunk.after.end))
            .collect()
    }

    #[test]
    fn ends_and_unique_lines_are_matched() {
        assert_eq!(changed("a\nb\nc\n", "a\nb\nc\n"), []);
        assert_eq!(changed("", "a\n"), [(0, 0, 0, 1)]);
        assert_eq!(changed("a\n", ""), [(0, 1, 0, 0)]);
        assert_eq!(changed("a\na\nb\n", "a\na\na\nb\n"), [(2, 2, 2, 3)]);
        // x, 1 and y stand on both sides once; the repeated lines beside them follow.
        assert_eq!(changed("x\na\na\n1\na\ny\n", "n\nx\na\na\n1\nm\na\ny\n"), [(0, 0, 0, 1), (4, 4, 5, 6)]);
    }

    #[test]
    fn what_moved_is_changed_at_one_place() {
        assert_eq!(changed("1\n2\n3\n4\n", "4\n1\n2\n3\n"), [(0, 0, 0, 1), (3, 4, 4, 4)]);
        assert_eq!(changed("1\n2\n", "2\n1\n").len(), 2);
    }
}
