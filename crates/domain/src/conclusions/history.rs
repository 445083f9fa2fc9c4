//! What became different: the next version of each conclusion, and the figures that move with it (rules 9 and 13).

use super::Conclusion;
use greenfort_kernel::{AssayId, OutcomeKind, PersonId, ReachKind, UnitId};
use std::collections::BTreeMap;

/// The newest version of somebody's conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// From 1.
    pub version: u32,
    pub conclusion: Conclusion,
}

/// A new version. The old one stays in history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub person: PersonId,
    pub version: u32,
    pub before: Option<Conclusion>,
    pub after: Conclusion,
}

impl Change {
    /// Passes that rested on the version before are to be revoked.
    pub fn takes_back(&self) -> bool {
        self.before.is_some_and(|before| before.is_taken_back_by(&self.after))
    }

    /// A pass may be issued on it.
    pub fn gives(&self) -> bool {
        self.after.clears()
    }
}

/// The versions to write: only what differs from the heads. Deriving twice from the same facts gives none.
pub fn changes(heads: &BTreeMap<PersonId, Head>, derived: &[(PersonId, Conclusion)]) -> Vec<Change> {
    derived
        .iter()
        .filter_map(|(person, after)| {
            let head = heads.get(person);
            if head.is_some_and(|h| h.conclusion == *after) {
                return None;
            }
            Some(Change {
                person: *person,
                version: head.map_or(0, |h| h.version) + 1,
                before: head.map(|h| h.conclusion),
                after: *after,
            })
        })
        .collect()
}

/// What a person is counted under: leaf unit of residence, five-year band, sex, assay of the deciding reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    pub unit: UnitId,
    pub age_band: u8,
    pub female: bool,
    pub assay: Option<AssayId>,
    pub reach: ReachKind,
    pub outcome: OutcomeKind,
}

/// Counts by cell; a delta is one with negative numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures(pub BTreeMap<Cell, i64>);

impl Figures {
    /// Takes the person out of the cell of the version before and puts them into that of the version after.
    pub fn shift(&mut self, before: Option<Cell>, after: Option<Cell>) {
        if let Some(cell) = before {
            self.add(cell, -1);
        }
        if let Some(cell) = after {
            self.add(cell, 1);
        }
    }

    pub fn add(&mut self, cell: Cell, n: i64) {
        let count = self.0.entry(cell).or_insert(0);
        *count += n;
        if *count == 0 {
            self.0.remove(&cell);
        }
    }

    pub fn fold(&mut self, delta: &Self) {
        for (cell, n) in &delta.0 {
            self.add(*cell, *n);
        }
    }

    pub fn total(&self, of: impl Fn(&Cell) -> bool) -> i64 {
        self.0.iter().filter(|(cell, _)| of(cell)).map(|(_, n)| n).sum()
    }
}

impl Conclusion {
    /// The assay of the reading that decides, where one does.
    pub fn assay(&self) -> Option<AssayId> {
        use super::Outcome as O;
        match &self.outcome {
            O::Negative(e) | O::NegativePooled(e) | O::RepresentedNegative(e) => Some(e.assay),
            O::Held { by, .. }
            | O::Presumptive { by }
            | O::Positive { by, .. }
            | O::Discordant { by, .. }
            | O::Inconclusive { by }
            | O::Invalid { by } => Some(by.assay),
            O::None | O::Awaiting { .. } | O::Resample { .. } | O::Opened { .. } | O::Unresolved { .. } => {
                None
            }
        }
    }
}
