use super::{Array, Moments, Tests};
use crate::characteristics::MemberAccuracy;

/// Keeps divisions by the probability of being clear finite for people certain to be infected.
const TINY: f64 = 1e-150;

/// An array in which everyone has a risk of their own.
pub(super) struct Grid {
    array: Array,
    q: Vec<f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Grid {
    pub(super) fn new(array: Array, p: &[f64]) -> Self {
        let q: Vec<f64> = p.iter().map(|p| (1.0 - p).max(TINY)).collect();
        let m = array.columns;
        let rows = q.chunks(m).map(|row| row.iter().product()).collect();
        let columns = (0..m).map(|j| q.iter().skip(j).step_by(m).product()).collect();
        Self { array, q, rows, columns }
    }

    fn cell(&self, i: usize, j: usize) -> f64 {
        self.q[i * self.array.columns + j]
    }

    /// Expected tests, and everyone's accuracy.
    pub(super) fn mean(&self, tests: Tests) -> (f64, Vec<MemberAccuracy>) {
        let (n, m) = (self.array.rows, self.array.columns);
        let Tests { master, line, single } = tests;
        let (se, k, fp) = (line.se(), line.slope(), line.false_positive());
        let negative = |clear: f64| 1.0 - (se + k * clear.min(1.0));
        let col0: Vec<f64> = self.columns.iter().map(|c| negative(*c)).collect();
        let row0: Vec<f64> = self.rows.iter().map(|r| negative(*r)).collect();
        let cols_negative: f64 = col0.iter().product();
        let rows_negative: f64 = row0.iter().product();
        // Columns all negative given that row i is clear, and rows given column j.
        let given_row: Vec<f64> =
            (0..n).map(|i| (0..m).map(|j| negative(self.columns[j] / self.cell(i, j))).product()).collect();
        let given_col: Vec<f64> =
            (0..m).map(|j| (0..n).map(|i| negative(self.rows[i] / self.cell(i, j))).product()).collect();
        let mut retests = 0.0;
        for (i, given) in given_row.iter().enumerate() {
            retests += m as f64 * (se * cols_negative + k * self.rows[i] * given);
            for j in 0..m {
                let (r, c, q) = (self.rows[i], self.columns[j], self.cell(i, j));
                retests += se * se + se * k * (r + c) + k * k * (r * (c / q));
            }
        }
        for (column, given) in self.columns.iter().zip(&given_col) {
            retests += n as f64 * (se * rows_negative + k * column * given);
        }
        // Products over all lines but one; a line that cannot read negative makes division unusable.
        let col_but = all_but_one(&col0);
        let row_but = all_but_one(&row0);
        let all: f64 = self.rows.iter().product();
        let idle = fp * fp + fp * line.sp().powi(m as i32) + fp * line.sp().powi(n as i32);
        let (m_se, m_k) = if self.array.master { (master.se(), master.slope()) } else { (1.0, 0.0) };
        let mut each = Vec::with_capacity(n * m);
        for i in 0..n {
            for j in 0..m {
                let q = self.cell(i, j);
                let (r, c) = ((self.rows[i] / q).min(1.0), (self.columns[j] / q).min(1.0));
                let seen = se * se + se * (1.0 - se) * (col_but[j] + row_but[i]);
                let wrong = (se + k * r) * (se + k * c)
                    + se * col_but[j] * negative(c)
                    + k * r * given_row[i]
                    + se * row_but[i] * negative(r)
                    + k * c * given_col[j];
                each.push(MemberAccuracy {
                    pse: single.se() * m_se * seen,
                    psp: 1.0 - single.false_positive() * (m_se * wrong + m_k * (all / q).min(1.0) * idle),
                });
            }
        }
        let lines = (n + m) as f64;
        let expected = if self.array.master {
            1.0 + m_se * (lines + retests) + m_k * all * (lines + (n * m) as f64 * idle)
        } else {
            lines + retests
        };
        (expected, each)
    }

    /// E[T²], from all pairs of rows and of columns.
    pub(super) fn second_moment(&self, tests: Tests) -> f64 {
        let (n, m) = (self.array.rows, self.array.columns);
        let (se, k) = (tests.line.se(), tests.line.slope());
        let (rows, columns) = (&self.rows, &self.columns);
        let q = |i: usize, j: usize| self.cell(i, j);
        // P(rows a ≤ b and columns c ≤ d all read positive); equal indices count once.
        let positive = |a: usize, b: usize, c: usize, d: usize| {
            let rs: &[usize] = if a == b { &[a] } else { &[a, b] };
            let cs: &[usize] = if c == d { &[c] } else { &[c, d] };
            let mut sum = 0.0;
            for s in 0..1_usize << rs.len() {
                for t in 0..1_usize << cs.len() {
                    let mut weight = 1.0;
                    for (bit, r) in rs.iter().enumerate() {
                        weight *= if s >> bit & 1 == 1 { k * rows[*r] } else { se };
                    }
                    for (bit, column) in cs.iter().enumerate() {
                        if t >> bit & 1 == 0 {
                            weight *= se;
                            continue;
                        }
                        let mut clear = columns[*column];
                        for (row_bit, r) in rs.iter().enumerate() {
                            if s >> row_bit & 1 == 1 {
                                clear /= q(*r, *column);
                            }
                        }
                        weight *= k * clear;
                    }
                    sum += weight;
                }
            }
            sum
        };
        let negative = |clear: f64| 1.0 - (se + k * clear.min(1.0));
        let rows_only = |a: usize, b: usize| {
            let rs: &[usize] = if a == b { &[a] } else { &[a, b] };
            let mut sum = 0.0;
            for s in 0..1_usize << rs.len() {
                let taken = |bit: usize| s >> bit & 1 == 1;
                let mut weight = 1.0;
                for (bit, r) in rs.iter().enumerate() {
                    weight *= if taken(bit) { k * rows[*r] } else { se };
                }
                for (j, column) in columns.iter().enumerate() {
                    let mut clear = *column;
                    for (bit, r) in rs.iter().enumerate() {
                        if taken(bit) {
                            clear /= q(*r, j);
                        }
                    }
                    weight *= negative(clear);
                }
                sum += weight;
            }
            sum
        };
        let columns_only = |a: usize, b: usize| {
            let cs: &[usize] = if a == b { &[a] } else { &[a, b] };
            let mut sum = 0.0;
            for s in 0..1_usize << cs.len() {
                let taken = |bit: usize| s >> bit & 1 == 1;
                let mut weight = 1.0;
                for (bit, c) in cs.iter().enumerate() {
                    weight *= if taken(bit) { k * columns[*c] } else { se };
                }
                for (i, row) in rows.iter().enumerate() {
                    let mut clear = *row;
                    for (bit, c) in cs.iter().enumerate() {
                        if taken(bit) {
                            clear /= q(i, *c);
                        }
                    }
                    weight *= negative(clear);
                }
                sum += weight;
            }
            sum
        };
        let (nf, mf) = (n as f64, m as f64);
        let mut moments = Moments { mean: 0.0, second: 0.0 };
        for a in 0..n {
            moments.mean += mf * rows_only(a, a);
            for b in a..n {
                let twice = if a == b { 1.0 } else { 2.0 };
                moments.second += twice * mf * mf * rows_only(a, b);
                for c in 0..m {
                    for d in c..m {
                        let times = twice * if c == d { 1.0 } else { 2.0 };
                        let value = positive(a, b, c, d);
                        moments.second += times * value;
                        if a == b && c == d {
                            moments.mean += value;
                        }
                    }
                }
            }
        }
        for c in 0..m {
            moments.mean += nf * columns_only(c, c);
            for d in c..m {
                moments.second += if c == d { 1.0 } else { 2.0 } * nf * nf * columns_only(c, d);
            }
        }
        self.array.combine(moments, rows.iter().product(), tests)
    }
}

/// Π of all values but the one at each place, without dividing.
fn all_but_one(values: &[f64]) -> Vec<f64> {
    let mut out = vec![1.0; values.len()];
    let mut left = 1.0;
    for (slot, value) in out.iter_mut().zip(values) {
        *slot = left;
        left *= value;
    }
    let mut right = 1.0;
    for (slot, value) in out.iter_mut().zip(values).rev() {
        *slot *= right;
        right *= value;
    }
    out
}
