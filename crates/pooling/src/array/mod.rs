//! Array designs: rows and columns of a plate are pools; where they cross, people are retested.

mod grid;

use std::fmt;

use crate::accuracy::Accuracy;
use crate::characteristics::{Characteristics, MemberAccuracy};
use crate::error::{Error, Result, count};
use crate::risks::Risks;
use grid::Grid;

/// Rows × columns, with or without a master pool of everyone.
///
/// Cells where a positive row crosses a positive column are retested singly; if lines are positive in one
/// direction only, all cells of those lines are. People stand row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Array {
    rows: usize,
    columns: usize,
    master: bool,
}

/// Expected tests and accuracy of an array in which everyone has the same risk, without a list of people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArrayCost {
    /// Expected tests for all its members together.
    pub expected_tests: f64,
    /// Pooling sensitivity of a member.
    pub pse: f64,
    /// Pooling specificity of a member.
    pub psp: f64,
}

/// The accuracies an array uses: master pool (ignored without one), lines, singles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tests {
    pub(crate) master: Accuracy,
    pub(crate) line: Accuracy,
    pub(crate) single: Accuracy,
}

impl Array {
    /// An array of rows × columns, with a pool of everybody first (`master`) or without.
    ///
    /// # Errors
    /// Fewer than two rows or columns, or more members than the crate takes.
    pub fn new(rows: usize, columns: usize, master: bool) -> Result<Self> {
        count("rows", rows, 2, crate::MAX_LINES)?;
        count("columns", columns, 2, crate::MAX_LINES)?;
        Ok(Self { rows, columns, master })
    }

    /// Reads `10x10` or `8x12`.
    pub fn parse(text: &str, master: bool) -> Result<Self> {
        let bad = || Error::new("config", format!("{text:?} is not of the form 10x10"));
        let (rows, columns) = text.trim().split_once(['x', 'X', '×']).ok_or_else(bad)?;
        let number = |s: &str| s.trim().parse::<usize>().map_err(|_| bad());
        Self::new(number(rows)?, number(columns)?, master)
    }

    /// Rows.
    #[must_use]
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Columns.
    #[must_use]
    pub fn columns(self) -> usize {
        self.columns
    }

    /// Whether a pool of everybody is tested first.
    #[must_use]
    pub fn master(self) -> bool {
        self.master
    }

    /// Members: rows × columns.
    #[must_use]
    pub fn members(self) -> usize {
        self.rows * self.columns
    }

    /// Accuracies needed: (master,) line, single.
    #[must_use]
    pub fn accuracies(self) -> usize {
        2 + usize::from(self.master)
    }

    pub(crate) fn tests(self, accuracy: &[Accuracy]) -> Result<Tests> {
        match (self.master, accuracy) {
            (false, [line, single]) => Ok(Tests { master: Accuracy::PERFECT, line: *line, single: *single }),
            (true, [master, line, single]) => Ok(Tests { master: *master, line: *line, single: *single }),
            _ => Err(Error::new(
                "accuracy",
                format!(
                    "this array has {} stages, {} accuracies were given",
                    self.accuracies(),
                    accuracy.len()
                ),
            )),
        }
    }

    /// The closed form for equal risks (`pooling` §2), O(1) powers.
    pub fn cost(self, p: f64, accuracy: &[Accuracy]) -> Result<ArrayCost> {
        crate::error::probability("p", p)?;
        Ok(self.cost_of(p, self.tests(accuracy)?))
    }

    pub(crate) fn cost_of(self, p: f64, tests: Tests) -> ArrayCost {
        let q = 1.0 - p;
        let (n, m) = (self.rows as i32, self.columns as i32);
        let Tests { master, line, single } = tests;
        let (se, k) = (line.se(), line.slope());
        let fp = line.false_positive();
        let positive_row = |power: i32| se + k * q.powi(power);
        // A line of n cells reads negative: s0; the same with one cell known to be clear: s1.
        let (row0, row1) = (1.0 - positive_row(m), 1.0 - positive_row(m - 1));
        let (col0, col1) = (1.0 - positive_row(n), 1.0 - positive_row(n - 1));
        let both = se * se + se * k * (q.powi(n) + q.powi(m)) + k * k * q.powi(n + m - 1);
        let row_only = se * col0.powi(m) + k * q.powi(m) * col1.powi(m);
        let col_only = se * row0.powi(n) + k * q.powi(n) * row1.powi(n);
        let cells = f64::from(n) * f64::from(m);
        let lines = f64::from(n) + f64::from(m);
        let retests = cells * (both + row_only + col_only);
        let seen = se * se + se * (1.0 - se) * (col0.powi(m - 1) + row0.powi(n - 1));
        let wrong = positive_row(m - 1) * positive_row(n - 1)
            + se * col0.powi(m - 1) * col1
            + k * q.powi(m - 1) * col1.powi(m)
            + se * row0.powi(n - 1) * row1
            + k * q.powi(n - 1) * row1.powi(n);
        let idle = fp * fp + fp * line.sp().powi(m) + fp * line.sp().powi(n);
        if !self.master {
            return ArrayCost {
                expected_tests: lines + retests,
                pse: single.se() * seen,
                psp: 1.0 - single.false_positive() * wrong,
            };
        }
        let all = q.powi(n * m - 1);
        ArrayCost {
            expected_tests: 1.0
                + master.se() * (lines + retests)
                + master.slope() * all * q * (lines + cells * idle),
            pse: single.se() * master.se() * seen,
            psp: 1.0 - single.false_positive() * (master.se() * wrong + master.slope() * all * idle),
        }
    }

    /// Expected tests, variance and accuracy for any risks, people standing row by row.
    ///
    /// With R_i = P(row i clear), C_j likewise, k = 1 − Se − Sp, and s_j⁽ⁱ⁾ = P(column j reads negative | row i clear):
    /// P(row i +, column j +) = Se² + Se·k(R_i + C_j) + k²·R_iC_j/q_ij;
    /// P(row i +, all columns −) = Se·Π_j s_j + k·R_i·Π_j s_j⁽ⁱ⁾; the master pool splits by whether all are clear.
    /// O(rows·columns) for the mean, O(rows²·columns²) for the variance.
    pub fn characteristics(self, risks: &Risks, accuracy: &[Accuracy]) -> Result<Characteristics> {
        let tests = self.tests(accuracy)?;
        let p = risks.spread(self.members())?;
        if let Risks::Same(same) = risks {
            let cost = self.cost_of(*same, tests);
            let each = vec![MemberAccuracy { pse: cost.pse, psp: cost.psp }; self.members()];
            let variance = self.second_moment_same(*same, tests) - cost.expected_tests * cost.expected_tests;
            return Ok(Characteristics::gather(&p, each, cost.expected_tests, variance));
        }
        let grid = Grid::new(self, &p);
        let (expected, each) = grid.mean(tests);
        let variance = grid.second_moment(tests) - expected * expected;
        Ok(Characteristics::gather(&p, each, expected, variance))
    }

    /// E[T²] for equal risks, from four classes of pairs of lines.
    fn second_moment_same(self, p: f64, tests: Tests) -> f64 {
        let q = 1.0 - p;
        let (n, m) = (self.rows, self.columns);
        let line = tests.line;
        let (se, k) = (line.se(), line.slope());
        let (nf, mf) = (n as f64, m as f64);
        // P(given a rows and b columns all read positive): sum over which of them are truly clear.
        let positive = |a: usize, b: usize| {
            let mut sum = 0.0;
            for s in 0..=a {
                for t in 0..=b {
                    let ways = choose2(a, s) * choose2(b, t);
                    let cells = s * m + t * n - s * t;
                    sum += ways
                        * k.powi((s + t) as i32)
                        * se.powi((a + b - s - t) as i32)
                        * q.powi(cells as i32);
                }
            }
            sum
        };
        // P(a lines of length `across` read positive and every one of the `across` crossing lines of length `along` negative).
        let only = |a: usize, across: usize, along: usize| {
            (0..=a)
                .map(|s| {
                    let crossing = 1.0 - (se + k * q.powi((along - s) as i32));
                    choose2(a, s)
                        * k.powi(s as i32)
                        * se.powi((a - s) as i32)
                        * q.powi((s * across) as i32)
                        * crossing.powi(across as i32)
                })
                .sum::<f64>()
        };
        let pairs_r = nf * (nf - 1.0);
        let pairs_c = mf * (mf - 1.0);
        let both1 = nf * mf * positive(1, 1);
        let both2 = both1
            + pairs_r * mf * positive(2, 1)
            + nf * pairs_c * positive(1, 2)
            + pairs_r * pairs_c * positive(2, 2);
        let row1 = nf * only(1, m, n);
        let row2 = row1 + pairs_r * only(2, m, n);
        let col1 = mf * only(1, n, m);
        let col2 = col1 + pairs_c * only(2, n, m);
        let moments =
            Moments { mean: both1 + mf * row1 + nf * col1, second: both2 + mf * mf * row2 + nf * nf * col2 };
        self.combine(moments, q.powi((n * m) as i32), tests)
    }

    /// E[T²] from the moments of the retests, the lines and the master pool added.
    fn combine(self, retests: Moments, all_clear: f64, tests: Tests) -> f64 {
        let lines = (self.rows + self.columns) as f64;
        let after = lines * lines + 2.0 * lines * retests.mean + retests.second;
        if !self.master {
            return after;
        }
        let idle = self.idle(tests.line);
        let after_idle = lines * lines + 2.0 * lines * idle.mean + idle.second;
        let mean = lines + retests.mean;
        let mean_idle = lines + idle.mean;
        let (se, k) = (tests.master.se(), tests.master.slope());
        1.0 + se * (2.0 * mean + after) + k * all_clear * (2.0 * mean_idle + after_idle)
    }

    /// Moments of the retests when nobody is infected: the lines read positive independently.
    fn idle(self, line: Accuracy) -> Moments {
        let (n, m) = (self.rows as f64, self.columns as f64);
        let (fp, sp) = (line.false_positive(), line.sp());
        let second = |count: f64| count * fp * sp + (count * fp) * (count * fp);
        let (no_row, no_col) = (sp.powi(self.rows as i32), sp.powi(self.columns as i32));
        Moments {
            mean: n * fp * m * fp + m * n * fp * no_col + n * m * fp * no_row,
            second: second(n) * second(m) + m * m * second(n) * no_col + n * n * second(m) * no_row,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Moments {
    mean: f64,
    second: f64,
}

fn choose2(n: usize, k: usize) -> f64 {
    if n == 2 && k == 1 { 2.0 } else { 1.0 }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.columns)
    }
}
