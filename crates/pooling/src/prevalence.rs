//! Prevalence from pool results, with its uncertainty, carried from round to round.

use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, within};

/// Pools of one size: how many were read, how many positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PoolCount {
    /// Specimens to a pool.
    pub size: usize,
    /// Pools of this size tested.
    pub tested: u64,
    /// How many of them were positive.
    pub positive: u64,
}

/// One past round and how much it still counts (1 = fully; 0.1–0.3 for a round some weeks old: a power prior).
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Pools by size.
    pub pools: Vec<PoolCount>,
    /// How much a pool of this round counts, 0 to 1: old rounds count less.
    pub weight: f64,
}

/// A distribution of the prevalence p on 200 nodes even in logit p.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Belief {
    /// Ascending.
    p: Vec<f64>,
    /// Probability of each node; they add up to 1.
    weight: Vec<f64>,
}

/// The nodes of a [`Belief`].
pub const NODES: usize = 200;

fn check(pools: &[PoolCount]) -> Result<()> {
    count("pools", pools.len(), 0, 100_000)?;
    for pool in pools {
        count("pool size", pool.size, 1, crate::MAX_MEMBERS)?;
        if pool.positive > pool.tested {
            return Err(Error::new(
                "positive",
                format!("{} exceeds the {} pools tested", pool.positive, pool.tested),
            ));
        }
        if pool.tested > 1_000_000_000 {
            return Err(Error::new("tested", "exceeds 1,000,000,000"));
        }
    }
    Ok(())
}

/// ln L(p) = Σ y·ln F_n(p) + (m − y)·ln(1 − F_n(p)), F_n(p) = f((1−p)ⁿ).
fn log_likelihood(p: f64, pools: &[PoolCount], accuracy: Accuracy) -> f64 {
    let log_q = (-p).ln_1p();
    let part = |k: u64, x: f64| if k == 0 { 0.0 } else { k as f64 * x.max(1e-300).ln() };
    pools
        .iter()
        .map(|pool| {
            // 1 − qⁿ without cancellation, as prevalence may be one in a million.
            let some = -(pool.size as f64 * log_q).exp_m1();
            let positive = accuracy.false_positive() + (accuracy.se() - accuracy.false_positive()) * some;
            part(pool.positive, positive) + part(pool.tested - pool.positive, 1.0 - positive)
        })
        .sum()
}

/// The maximum-likelihood prevalence (golden section in logit p after a scan); 0 or 1 where the likelihood ends there.
pub fn maximum_likelihood(pools: &[PoolCount], accuracy: Accuracy) -> Result<f64> {
    check(pools)?;
    if pools.iter().all(|p| p.tested == 0) {
        return Err(Error::new("pools", "hold no tested pool"));
    }
    let f = |u: f64| log_likelihood(logistic(u), pools, accuracy);
    let (low, high, steps) = (-25.0, 25.0, 500);
    let at = |k: usize| low + (high - low) * k as f64 / steps as f64;
    let best = (0..=steps).max_by(|a, b| f(at(*a)).total_cmp(&f(at(*b)))).unwrap_or(0);
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (at(best.saturating_sub(1)), at((best + 1).min(steps)));
    for _ in 0..80 {
        let (c, d) = (b - ratio * (b - a), a + ratio * (b - a));
        if f(c) >= f(d) { b = d } else { a = c }
    }
    let p = logistic((a + b) / 2.0);
    let here = log_likelihood(p, pools, accuracy);
    if log_likelihood(0.0, pools, accuracy) >= here {
        return Ok(0.0);
    }
    Ok(if log_likelihood(1.0, pools, accuracy) >= here { 1.0 } else { p })
}

fn logistic(u: f64) -> f64 {
    1.0 / (1.0 + (-u).exp())
}

impl Belief {
    /// Beta(a, b) before any data; Beta(½, ½) where nothing is known.
    pub fn beta(a: f64, b: f64) -> Result<Self> {
        Self::learn(a, b, &[], Accuracy::PERFECT)
    }

    /// Beta(a, b) × Π L(round)^weight.
    pub fn learn(a: f64, b: f64, rounds: &[Round], accuracy: Accuracy) -> Result<Self> {
        within("a", a, 1e-3, 1e9)?;
        within("b", b, 1e-3, 1e9)?;
        count("rounds", rounds.len(), 0, 1000)?;
        for round in rounds {
            check(&round.pools)?;
            within("weight", round.weight, 0.0, 1.0)?;
        }
        let log = |u: f64| {
            let p = logistic(u);
            // In logit p the Beta density gains p(1 − p).
            let prior = -a * (-u).exp().ln_1p() - b * u.exp().ln_1p();
            prior + rounds.iter().map(|r| r.weight * log_likelihood(p, &r.pools, accuracy)).sum::<f64>()
        };
        // Narrow to where the mass is, so that 200 nodes are enough however much data there is.
        let (mut low, mut high) = (-40.0_f64, 20.0_f64);
        for _ in 0..12 {
            let step = (high - low) / (NODES - 1) as f64;
            let values: Vec<f64> = (0..NODES).map(|k| log(low + step * k as f64)).collect();
            let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if !top.is_finite() {
                return Err(Error::new("rounds", "cannot have happened with these Se and Sp"));
            }
            let inside = |v: &f64| *v > top - 18.0;
            let first = values.iter().position(inside).unwrap_or(0).saturating_sub(1);
            let last = (values.iter().rposition(inside).unwrap_or(NODES - 1) + 1).min(NODES - 1);
            if last - first > NODES * 3 / 4 {
                break;
            }
            (low, high) = (low + step * first as f64, low + step * last as f64);
        }
        let step = (high - low) / (NODES - 1) as f64;
        let values: Vec<f64> = (0..NODES).map(|k| log(low + step * k as f64)).collect();
        let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weight: Vec<f64> = values.iter().map(|v| (v - top).exp()).collect();
        let total: f64 = weight.iter().sum();
        weight.iter_mut().for_each(|w| *w /= total);
        Ok(Self { p: (0..NODES).map(|k| logistic(low + step * k as f64)).collect(), weight })
    }

    /// Everyone certain of this p.
    pub fn certain(p: f64) -> Result<Self> {
        Ok(Self { p: vec![crate::error::probability("p", p)?], weight: vec![1.0] })
    }

    /// Carried forward: the odds of infection grow by `factor` (growth g over Δt at generation time T: g^{Δt/T}).
    pub fn grown(&self, factor: f64) -> Result<Self> {
        within("growth", factor, 1e-6, 1e6)?;
        let p = self
            .p
            .iter()
            .map(|p| if *p >= 1.0 { 1.0 } else { logistic((p / (1.0 - p) * factor).ln()) })
            .collect();
        Ok(Self { p, weight: self.weight.clone() })
    }

    /// E[f(p)].
    pub fn expect(&self, mut f: impl FnMut(f64) -> f64) -> f64 {
        self.p.iter().zip(&self.weight).map(|(p, w)| w * f(*p)).sum()
    }

    /// Nodes and their probabilities.
    pub fn nodes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.p.iter().copied().zip(self.weight.iter().copied())
    }

    /// Mean of the distribution.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.expect(|p| p)
    }

    /// The p below which a share `level` of the mass lies (interpolated in logit p).
    pub fn quantile(&self, level: f64) -> Result<f64> {
        within("level", level, 0.0, 1.0)?;
        let mut below = 0.0;
        let mut before: Option<(f64, f64)> = None;
        for (p, w) in self.nodes() {
            // Each node stands for the interval around it.
            let centre = below + w / 2.0;
            if centre >= level {
                return Ok(match before {
                    Some((c0, p0)) if centre > c0 => {
                        let t = (level - c0) / (centre - c0);
                        let logit = |p: f64| (p / (1.0 - p)).ln();
                        let mixed = logistic(logit(p0) * (1.0 - t) + logit(p) * t);
                        if mixed.is_finite() { mixed } else { p }
                    }
                    _ => p,
                });
            }
            before = Some((centre, p));
            below += w;
        }
        Ok(self.p.last().copied().unwrap_or(1.0))
    }

    /// Equal-tailed interval holding `level` of the mass.
    pub fn interval(&self, level: f64) -> Result<(f64, f64)> {
        within("level", level, 0.0, 1.0)?;
        Ok((self.quantile((1.0 - level) / 2.0)?, self.quantile(0.5 + level / 2.0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pools(size: usize, tested: u64, positive: u64) -> Vec<PoolCount> {
        vec![PoolCount { size, tested, positive }]
    }

    #[test]
    fn with_singles_and_a_perfect_test_everything_is_the_textbook() {
        let data = pools(1, 200, 30);
        assert!((maximum_likelihood(&data, Accuracy::PERFECT).unwrap() - 0.15).abs() < 1e-7);
        let belief =
            Belief::learn(1.0, 1.0, &[Round { pools: data, weight: 1.0 }], Accuracy::PERFECT).unwrap();
        // Beta(31, 171).
        assert!((belief.mean() - 31.0 / 202.0).abs() < 1e-6);
        let variance = belief.expect(|p| p * p) - belief.mean().powi(2);
        assert!((variance / (31.0 * 171.0 / (202.0_f64.powi(2) * 203.0)) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn a_province_of_pools_narrows_the_grid_instead_of_missing_it() {
        let a = Accuracy::new(0.95, 0.995).unwrap();
        let p: f64 = 0.003;
        let positive = (27_363.0 * a.reads_positive((1.0 - p).powi(10))).round() as u64;
        let data = pools(10, 27_363, positive);
        let mle = maximum_likelihood(&data, a).unwrap();
        assert!((mle / p - 1.0).abs() < 1e-3);
        let belief = Belief::learn(0.5, 0.5, &[Round { pools: data, weight: 1.0 }], a).unwrap();
        let (low, high) = belief.interval(0.95).unwrap();
        assert!(low < p && p < high && high / low < 1.3);
        assert!((belief.mean() / p - 1.0).abs() < 0.01);
    }

    #[test]
    fn no_positive_pool_means_zero_and_all_mean_one() {
        assert_eq!(maximum_likelihood(&pools(10, 50, 0), Accuracy::PERFECT).unwrap(), 0.0);
        assert_eq!(maximum_likelihood(&pools(10, 50, 50), Accuracy::PERFECT).unwrap(), 1.0);
    }

    #[test]
    fn growth_doubles_small_odds() {
        let belief =
            Belief::learn(0.5, 0.5, &[Round { pools: pools(10, 170, 3), weight: 0.1 }], Accuracy::PERFECT)
                .unwrap();
        let grown = belief.grown(2.0).unwrap();
        assert!((grown.mean() / belief.mean() - 2.0).abs() < 0.1);
    }
}
