//! Conditions over trigrams, and the entries that meet them.

use std::collections::BTreeSet;

use pampax_base::Result;

use crate::Trigram;
use crate::file::{List, Trigrams};

/// Reading a number of a list takes this long, in nanoseconds, about.
const NUMBER_NS: f64 = 6.0;
/// Opening and searching a candidate takes this long, in nanoseconds, about.
const FILE_NS: f64 = 60_000.0;

/// What the trigrams of an entry must be for it to be a candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Nothing is asked: every entry is a candidate.
    Any,
    /// It holds this trigram (three bytes, the first one highest).
    Has(u32),
    /// It meets all of these.
    All(BTreeSet<Condition>),
    /// It meets one of these.
    Either(BTreeSet<Condition>),
}

impl Condition {
    /// Both.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, one) | (one, Self::Any) => one,
            (Self::All(mut all), Self::All(more)) => {
                all.extend(more);
                Self::All(all)
            }
            (Self::All(mut all), one) | (one, Self::All(mut all)) => {
                all.insert(one);
                Self::All(all)
            }
            (one, other) if one == other => one,
            (one, other) => Self::All(BTreeSet::from([one, other])),
        }
    }

    /// Either.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Either(mut either), Self::Either(more)) => {
                either.extend(more);
                Self::Either(either)
            }
            (Self::Either(mut either), one) | (one, Self::Either(mut either)) => {
                either.insert(one);
                Self::Either(either)
            }
            (one, other) if one == other => one,
            (one, other) => Self::Either(BTreeSet::from([one, other])),
        }
    }

    /// Whether it leaves anything out at all.
    pub fn is_any(&self) -> bool {
        *self == Self::Any
    }

    /// How many trigrams it names.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Has(_) => 1,
            Self::All(parts) | Self::Either(parts) => parts.iter().map(Self::size).sum(),
        }
    }
}

impl Trigrams {
    /// The entries that meet `condition`, ascending; `None` for all of them. Those that are always candidates are among them.
    ///
    /// # Errors
    /// [`pampax_base::Error::Corrupt`] if the file is damaged: then every entry is to be taken for a candidate.
    pub fn candidates(&self, condition: &Condition) -> Result<Option<Vec<u32>>> {
        Ok(self.meeting(condition)?.map(|found| union(found, self.always())))
    }

    fn meeting(&self, condition: &Condition) -> Result<Option<Vec<u32>>> {
        match condition {
            Condition::Any => Ok(None),
            Condition::Has(trigram) => match self.find(*trigram)? {
                Some(list) if list.count == self.entries() => Ok(None),
                Some(list) => self.read(list).map(Some),
                None => Ok(Some(Vec::new())),
            },
            Condition::All(parts) => self.meeting_all(parts),
            Condition::Either(parts) => {
                let mut all: Vec<u32> = Vec::new();
                for part in parts {
                    match self.meeting(part)? {
                        None => return Ok(None),
                        Some(found) if found.is_empty() => {}
                        Some(found) => all = union(all, &found),
                    }
                    if all.len() == self.entries() as usize {
                        return Ok(None);
                    }
                }
                Ok(Some(all))
            }
        }
    }

    /// The rarest trigram first; a list that takes longer to read than it saves is left out, and so is all else that asks more
    /// than it gives: a candidate too many is only slower.
    fn meeting_all(&self, parts: &BTreeSet<Condition>) -> Result<Option<Vec<u32>>> {
        let mut lists: Vec<List> = Vec::new();
        let mut others = Vec::new();
        for part in parts {
            match part {
                Condition::Has(trigram) => match self.find(*trigram)? {
                    None => return Ok(Some(Vec::new())),
                    Some(list) if list.count < self.entries() => lists.push(list),
                    Some(_) => {}
                },
                other => others.push(other),
            }
        }
        lists.sort_unstable_by_key(|list| list.count);
        let mut found: Option<Vec<u32>> = None;
        for list in lists {
            if found.as_ref().is_some_and(|found| !self.is_worth_reading(list, found.len())) {
                break;
            }
            let numbers = self.read(list)?;
            let both = narrowed(found, numbers);
            if both.is_empty() {
                return Ok(Some(both));
            }
            found = Some(both);
        }
        for other in others {
            if found.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
            if let Some(numbers) = self.meeting(other)? {
                found = Some(narrowed(found, numbers));
            }
        }
        Ok(found)
    }

    fn is_worth_reading(&self, list: List, candidates: usize) -> bool {
        let share_without = 1.0 - f64::from(list.count) / f64::from(self.entries().max(1));
        f64::from(list.count) * NUMBER_NS < candidates as f64 * share_without * FILE_NS
    }
}

/// The trigram of a [`Condition::Has`].
pub(crate) fn has(trigram: Trigram) -> Condition {
    Condition::Has(trigram)
}

fn narrowed(found: Option<Vec<u32>>, numbers: Vec<u32>) -> Vec<u32> {
    match found {
        Some(found) => intersection(&found, &numbers),
        None => numbers,
    }
}

fn intersection(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut right = right.iter().copied().peekable();
    let mut both = Vec::with_capacity(left.len());
    for &number in left {
        while right.next_if(|&other| other < number).is_some() {}
        if right.peek() == Some(&number) {
            both.push(number);
        }
    }
    both
}

fn union(left: Vec<u32>, right: &[u32]) -> Vec<u32> {
    if right.is_empty() {
        return left;
    }
    let mut all = Vec::with_capacity(left.len() + right.len());
    let mut right = right.iter().copied().peekable();
    for number in left {
        while let Some(other) = right.next_if(|&other| other < number) {
            all.push(other);
        }
        right.next_if_eq(&number);
        all.push(number);
    }
    all.extend(right);
    all
}
