//! Ids to positions, and relations as adjacency: sorted once, so that repeats and order of the facts cannot matter.

use super::Inconsistent;

/// Rows by id, sorted, each once.
pub(super) struct Table<Id, Row> {
    ids: Vec<Id>,
    rows: Vec<Row>,
    what: &'static str,
}

impl<Id: Copy + Ord + std::fmt::Debug, Row: Clone + PartialEq> Table<Id, Row> {
    pub fn new(what: &'static str, rows: &[Row], id: impl Fn(&Row) -> Id) -> Result<Self, Inconsistent> {
        let mut order: Vec<(Id, usize)> = rows.iter().enumerate().map(|(at, row)| (id(row), at)).collect();
        order.sort_unstable_by_key(|(id, _)| *id);
        let mut table =
            Self { ids: Vec::with_capacity(rows.len()), rows: Vec::with_capacity(rows.len()), what };
        for (id, at) in order {
            if table.ids.last() != Some(&id) {
                table.ids.push(id);
                table.rows.push(rows[at].clone());
            } else if table.rows.last() != Some(&rows[at]) {
                return Err(Inconsistent::Contradiction { what, id: format!("{id:?}") });
            }
        }
        Ok(table)
    }

    pub fn at(&self, id: Id) -> Result<usize, Inconsistent> {
        self.ids
            .binary_search(&id)
            .map_err(|_| Inconsistent::Unknown { what: self.what, id: format!("{id:?}") })
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Which right-hand positions belong to each left-hand one, ascending, each once.
pub(super) struct Relation {
    starts: Vec<usize>,
    right: Vec<usize>,
}

impl Relation {
    pub fn new(left: usize, mut pairs: Vec<(usize, usize)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0; left + 1];
        for (l, _) in &pairs {
            starts[l + 1] += 1;
        }
        for at in 0..left {
            starts[at + 1] += starts[at];
        }
        Self { starts, right: pairs.into_iter().map(|(_, r)| r).collect() }
    }

    /// The same pairs read from the other side.
    pub fn turned(&self, right: usize) -> Self {
        let pairs = (0..self.starts.len() - 1).flat_map(|l| self.of(l).iter().map(move |r| (*r, l)));
        Self::new(right, pairs.collect())
    }

    pub fn of(&self, left: usize) -> &[usize] {
        &self.right[self.starts[left]..self.starts[left + 1]]
    }
}
