//! Risk-ordered designs: people sorted by risk, cut into contiguous pools (Hwang 1975) by dynamic programming.

use super::{Candidate, Totals, Weights, arrange, square};
use crate::accuracy::Accuracy;
use crate::design::Design;
use crate::error::{Error, Result};
use crate::hierarchy::Hierarchy;
use crate::risks::Risks;

/// Sums over a run of people in the order of risk, enough for the cost of pooling them.
#[derive(Debug, Clone, Copy)]
struct Run {
    size: usize,
    infected: f64,
    clear: f64,
    all_clear: f64,
}

pub(super) fn two_stage(p: &[f64], a: &[Accuracy], wide: bool, w: Weights) -> Result<Option<Candidate>> {
    let [pool, single] = *a else { return Err(Error::new("accuracy", "two stages are needed")) };
    let cost = |run: Run| {
        let n = run.size as f64;
        if run.size == 1 {
            return Totals {
                people: 1.0,
                infected: run.infected,
                tests: 1.0,
                missed: run.infected * (1.0 - single.se()),
                false_positives: run.clear * single.false_positive(),
            };
        }
        Totals {
            people: n,
            infected: run.infected,
            tests: 1.0 + n * pool.reads_positive(run.all_clear),
            missed: run.infected * (1.0 - pool.se() * single.se()),
            // Σ (1−p_i)·f(Q/q_i) = Se·Σ q_i + n·(1−Se−Sp)·Q.
            false_positives: single.false_positive()
                * (pool.se() * run.clear + n * pool.slope() * run.all_clear),
        }
    };
    let Some((sizes, totals)) = cut(p, wide, wide, w, &cost) else { return Ok(None) };
    Ok(Some(Candidate { design: Design::Hierarchy(Hierarchy::new(vec![sizes])?), totals }))
}

pub(super) fn three_stage(p: &[f64], a: &[Accuracy], wide: bool, w: Weights) -> Result<Option<Candidate>> {
    let [master, sub, single] = *a else { return Err(Error::new("accuracy", "three stages are needed")) };
    let all: f64 = p.iter().map(|p| 1.0 - p).product();
    let first = master.reads_positive(all);
    let cost = |run: Run| {
        let n = run.size as f64;
        // P(master and subpool read positive, subpool clear).
        let quiet =
            sub.false_positive() * (master.se() * (run.all_clear - all) + master.false_positive() * all);
        let two = master.se() * sub.se();
        if run.size == 1 {
            return Totals {
                people: 1.0,
                infected: run.infected,
                tests: first,
                missed: run.infected * (1.0 - two),
                false_positives: quiet,
            };
        }
        Totals {
            people: n,
            infected: run.infected,
            tests: first + n * (two * (1.0 - run.all_clear) + quiet),
            missed: run.infected * (1.0 - two * single.se()),
            false_positives: single.false_positive() * (two * (run.clear - n * run.all_clear) + n * quiet),
        }
    };
    let Some((sizes, mut totals)) = cut(p, wide, false, w, &cost) else { return Ok(None) };
    totals.tests += 1.0;
    Ok(Some(Candidate { design: Design::Hierarchy(Hierarchy::new(vec![vec![p.len()], sizes])?), totals }))
}

/// The one gradient array of these people.
pub(super) fn array(p: &[f64], a: &[Accuracy], lines: usize) -> Result<Candidate> {
    let design = square(lines, lines, false)?;
    let placed = arrange(p, &design).into_iter().filter_map(|who| p.get(who).copied()).collect();
    let c = design.characteristics(&Risks::Each(placed), a)?;
    let totals = Totals {
        people: c.members as f64,
        infected: p.iter().sum(),
        tests: c.expected_tests,
        missed: c.missed,
        false_positives: c.false_positives,
    };
    Ok(Candidate { design, totals })
}

/// Cheapest cut of the ordered people into pools. With `any_order` sizes are free; else they never rise along
/// the order (what the reference compares). One pool of all only with `whole`.
fn cut(
    p: &[f64],
    any_order: bool,
    whole: bool,
    w: Weights,
    cost: &dyn Fn(Run) -> Totals,
) -> Option<(Vec<usize>, Totals)> {
    let n = p.len();
    let longest = if whole { n } else { n.saturating_sub(1) };
    // least[j][s] = cheapest for the first j people when every pool so far has at least s; its last pool in last[j][s].
    // With sizes free only s = 1 is used.
    let floors = if any_order { 1 } else { longest };
    let width = floors + 2;
    let mut least = vec![f64::INFINITY; (n + 1) * width];
    let mut last = vec![0_usize; (n + 1) * width];
    least[..width].fill(0.0);
    for j in 1..=n {
        let mut run = Run { size: 0, infected: 0.0, clear: 0.0, all_clear: 1.0 };
        let mut price = vec![f64::INFINITY; floors + 2];
        let mut size_at = vec![0_usize; floors + 2];
        for s in 1..=longest.min(j) {
            let risk = p[j - s];
            run = Run {
                size: s,
                infected: run.infected + risk,
                clear: run.clear + (1.0 - risk),
                all_clear: run.all_clear * (1.0 - risk),
            };
            let slot = if any_order { 1 } else { s };
            let total = least[(j - s) * width + slot] + w.of(cost(run));
            if total < price[slot] {
                price[slot] = total;
                size_at[slot] = s;
            }
        }
        // "at least s" is the best over all last pools of s or more.
        let mut running = (f64::INFINITY, 0);
        for s in (1..=floors).rev() {
            if price[s] < running.0 {
                running = (price[s], size_at[s]);
            }
            least[j * width + s] = running.0;
            last[j * width + s] = running.1;
        }
    }
    if n == 0 || !least[n * width + 1].is_finite() {
        return None;
    }
    let (mut sizes, mut j, mut floor) = (Vec::new(), n, 1);
    while j > 0 {
        let s = last[j * width + floor];
        if s == 0 || s > j {
            return None;
        }
        sizes.push(s);
        j -= s;
        if !any_order {
            floor = s;
        }
    }
    sizes.reverse();
    let mut totals = Totals::default();
    let mut start = 0;
    for size in &sizes {
        let people = &p[start..start + size];
        totals = totals.plus(cost(Run {
            size: *size,
            infected: people.iter().sum(),
            clear: people.iter().map(|p| 1.0 - p).sum(),
            all_clear: people.iter().map(|p| 1.0 - p).product(),
        }));
        start += size;
    }
    Some((sizes, totals))
}
