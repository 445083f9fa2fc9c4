//! Equal risks: pool sizes alone matter.

use std::ops::RangeInclusive;

use super::{Candidate, Totals, Weights, square};
use crate::accuracy::Accuracy;
use crate::array::Array;
use crate::design::Design;
use crate::error::{Error, Result};
use crate::hierarchy::Hierarchy;

fn nothing() -> Error {
    Error::new("size_max", "no configuration of these sizes exists")
}

/// One pool size after another; `score` is minimised and may be any function of the totals.
pub(super) fn two_stage(
    p: f64,
    a: &[Accuracy],
    sizes: RangeInclusive<usize>,
    score: impl Fn(Totals) -> f64,
) -> Result<Candidate> {
    let [pool, single] = *a else { return Err(nothing()) };
    let q = 1.0 - p;
    let mut best: Option<(f64, usize, Totals)> = None;
    let mut power = q.powi(*sizes.start() as i32 - 1);
    for size in sizes {
        let n = size as f64;
        // P(the others of the pool are clear), P(all are).
        let (others, all) = (power, power * q);
        power = all;
        let totals = if size == 1 {
            Totals {
                people: 1.0,
                infected: p,
                tests: 1.0,
                missed: p * (1.0 - single.se()),
                false_positives: q * single.false_positive(),
            }
        } else {
            Totals {
                people: n,
                infected: n * p,
                tests: 1.0 + n * pool.reads_positive(all),
                missed: n * p * (1.0 - pool.se() * single.se()),
                false_positives: n * q * single.false_positive() * pool.reads_positive(others),
            }
        };
        let value = score(totals);
        if best.is_none_or(|(old, ..)| value < old) {
            best = Some((value, size, totals));
        }
    }
    let (_, size, totals) = best.ok_or_else(nothing)?;
    Ok(Candidate { design: Design::dorfman(size)?, totals })
}

/// For each first-stage size I the cost is a sum over the subgroups, so the best partition of I is a
/// dynamic programme over the people placed: O(I²), against the number of partitions of I.
pub(super) fn three_stage(
    p: f64,
    a: &[Accuracy],
    sizes: RangeInclusive<usize>,
    w: Weights,
) -> Result<Candidate> {
    let [master, sub, single] = *a else { return Err(nothing()) };
    let q = 1.0 - p;
    let largest = *sizes.end();
    let powers: Vec<f64> = std::iter::successors(Some(1.0), |x| Some(x * q)).take(largest + 1).collect();
    let mut part = Partition::new(largest);
    let mut best: Option<(f64, usize, Vec<usize>, Totals)> = None;
    let mut costs: Vec<Totals> = Vec::with_capacity(largest + 1);
    let mut values: Vec<f64> = Vec::with_capacity(largest + 1);
    for i in sizes {
        let all = powers[i];
        let first = master.reads_positive(all);
        let false_first = master.false_positive() * all;
        costs.clear();
        values.clear();
        for (s, clear) in powers.iter().enumerate().take(i) {
            let n = s as f64;
            let quiet = sub.false_positive() * (master.se() * (clear - all) + false_first);
            let totals = if s <= 1 {
                Totals {
                    people: n,
                    infected: n * p,
                    tests: n * first,
                    missed: n * p * (1.0 - master.se() * sub.se()),
                    false_positives: n * quiet,
                }
            } else {
                Totals {
                    people: n,
                    infected: n * p,
                    tests: first + n * (master.se() * sub.se() * (1.0 - clear) + quiet),
                    missed: n * p * (1.0 - master.se() * sub.se() * single.se()),
                    false_positives: n
                        * single.false_positive()
                        * (master.se() * sub.se() * (q - clear) + quiet),
                }
            };
            values.push(w.of(totals));
            costs.push(totals);
        }
        let value = (w.tests + part.solve(i, &values)) / i as f64;
        if best.as_ref().is_none_or(|(old, ..)| value < *old) {
            let parts = part.parts(i);
            let totals =
                parts.iter().fold(Totals { tests: 1.0, ..Totals::default() }, |t, s| t.plus(costs[*s]));
            best = Some((value, i, parts, totals));
        }
    }
    let (_, i, parts, totals) = best.ok_or_else(nothing)?;
    Ok(Candidate { design: Design::Hierarchy(Hierarchy::new(vec![vec![i], parts])?), totals })
}

/// The same, one level deeper: the cost of a subgroup of b is itself the best partition of b.
pub(super) fn four_stage(
    p: f64,
    a: &[Accuracy],
    sizes: RangeInclusive<usize>,
    w: Weights,
) -> Result<Candidate> {
    let [a1, a2, a3, a4] = *a else { return Err(nothing()) };
    let q = 1.0 - p;
    let largest = *sizes.end();
    let powers: Vec<f64> = std::iter::successors(Some(1.0), |x| Some(x * q)).take(largest + 1).collect();
    let mut inner = Partition::new(largest);
    let mut outer = Partition::new(largest);
    let mut best: Option<(f64, usize, Vec<Vec<usize>>, Totals)> = None;
    for i in sizes {
        let all = powers[i];
        let first = a1.reads_positive(all);
        let false_first = a1.false_positive() * all;
        let mut costs = vec![Totals::default()];
        let mut values = vec![0.0];
        let mut splits: Vec<Vec<usize>> = vec![Vec::new()];
        for b in 1..i {
            // P(both read positive, pool b clear), and P(both positive).
            let quiet_b = a2.false_positive() * (a1.se() * (powers[b] - all) + false_first);
            let both = a1.se() * a2.se() * (1.0 - powers[b]) + quiet_b;
            if b == 1 {
                let totals = Totals {
                    people: 1.0,
                    infected: p,
                    tests: first,
                    missed: p * (1.0 - a1.se() * a2.se()),
                    false_positives: quiet_b,
                };
                values.push(w.of(totals));
                costs.push(totals);
                splits.push(vec![1]);
                continue;
            }
            let below: Vec<Totals> = (0..b)
                .map(|c| {
                    let n = c as f64;
                    let clear = powers[c];
                    let quiet = a3.false_positive() * (a1.se() * a2.se() * (clear - powers[b]) + quiet_b);
                    let three = a1.se() * a2.se() * a3.se();
                    if c <= 1 {
                        Totals {
                            people: n,
                            infected: n * p,
                            tests: n * both,
                            missed: n * p * (1.0 - three),
                            false_positives: n * quiet,
                        }
                    } else {
                        Totals {
                            people: n,
                            infected: n * p,
                            tests: both + n * (three * (1.0 - clear) + quiet),
                            missed: n * p * (1.0 - three * a4.se()),
                            false_positives: n * a4.false_positive() * (three * (q - clear) + quiet),
                        }
                    }
                })
                .collect();
            let prices: Vec<f64> = below.iter().map(|t| w.of(*t)).collect();
            inner.solve(b, &prices);
            let parts = inner.parts(b);
            let totals =
                parts.iter().fold(Totals { tests: first, ..Totals::default() }, |t, c| t.plus(below[*c]));
            values.push(w.of(totals));
            costs.push(totals);
            splits.push(parts);
        }
        let value = (w.tests + outer.solve(i, &values)) / i as f64;
        if best.as_ref().is_none_or(|(old, ..)| value < *old) {
            let parts = outer.parts(i);
            let totals =
                parts.iter().fold(Totals { tests: 1.0, ..Totals::default() }, |t, b| t.plus(costs[*b]));
            let third = parts.iter().flat_map(|b| splits[*b].iter().copied()).collect();
            best = Some((value, i, vec![vec![i], parts, third], totals));
        }
    }
    let (_, _, stages, totals) = best.ok_or_else(nothing)?;
    Ok(Candidate { design: Design::Hierarchy(Hierarchy::new(stages)?), totals })
}

pub(super) fn array(
    p: f64,
    a: &[Accuracy],
    sizes: RangeInclusive<usize>,
    master: bool,
    rectangles: bool,
    score: impl Fn(Totals) -> f64,
) -> Result<Candidate> {
    let mut best: Option<(f64, Candidate)> = None;
    for rows in sizes.clone() {
        let widest = if rectangles { *sizes.end() } else { rows };
        for columns in rows..=widest {
            let array = Array::new(rows, columns, master)?;
            let cost = array.cost_of(p, array.tests(a)?);
            let n = array.members() as f64;
            let totals = Totals {
                people: n,
                infected: n * p,
                tests: cost.expected_tests,
                missed: n * p * (1.0 - cost.pse),
                false_positives: n * (1.0 - p) * (1.0 - cost.psp),
            };
            let value = score(totals);
            if best.as_ref().is_none_or(|(old, _)| value < *old) {
                best = Some((value, Candidate { design: square(rows, columns, master)?, totals }));
            }
        }
    }
    best.map(|(_, candidate)| candidate).ok_or_else(nothing)
}

/// Cheapest way to write n as a sum of parts, each part having a price.
struct Partition {
    least: Vec<f64>,
    last: Vec<usize>,
}

impl Partition {
    fn new(largest: usize) -> Self {
        Self { least: vec![0.0; largest + 1], last: vec![0; largest + 1] }
    }

    /// `price[s]` for parts 1..price.len(); returns the least total for `n`.
    fn solve(&mut self, n: usize, price: &[f64]) -> f64 {
        self.least[0] = 0.0;
        for r in 1..=n {
            let longest = r.min(price.len() - 1);
            let mut least = f64::INFINITY;
            let mut last = 1;
            // The prices forwards against the totals backwards.
            for (s, (price, rest)) in
                price[1..=longest].iter().zip(self.least[r - longest..r].iter().rev()).enumerate()
            {
                let total = price + rest;
                if total < least {
                    least = total;
                    last = s + 1;
                }
            }
            self.least[r] = least;
            self.last[r] = last;
        }
        self.least[n]
    }

    /// The parts of the last solution for `n`, largest first.
    fn parts(&self, n: usize) -> Vec<usize> {
        let mut parts = Vec::new();
        let mut left = n;
        while left > 0 {
            let part = self.last[left].clamp(1, left);
            parts.push(part);
            left -= part;
        }
        parts.sort_unstable_by(|a, b| b.cmp(a));
        parts
    }
}
