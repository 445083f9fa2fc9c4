//! Pool size when the prevalence is not known.

use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, probability, within};
use crate::prevalence::Belief;

/// Tests per person of a Dorfman pool of `size` at prevalence `p`: 1/n + f(qⁿ); 1 for a pool of one.
pub fn dorfman_cost(size: usize, p: f64, pool: Accuracy) -> Result<f64> {
    count("size", size, 1, crate::MAX_MEMBERS)?;
    probability("p", p)?;
    Ok(cost(size, p, pool))
}

fn cost(size: usize, p: f64, pool: Accuracy) -> f64 {
    if size <= 1 { 1.0 } else { 1.0 / size as f64 + pool.reads_positive((1.0 - p).powi(size as i32)) }
}

/// E[(1−p)ⁿ] under Beta(a, b) = Π_{k<n} (b+k)/(a+b+k).
pub fn beta_clear(a: f64, b: f64, size: usize) -> Result<f64> {
    within("a", a, 1e-9, 1e12)?;
    within("b", b, 1e-9, 1e12)?;
    count("size", size, 1, crate::MAX_MEMBERS)?;
    Ok((0..size).map(|k| (b + k as f64) / (a + b + k as f64)).product())
}

/// One size the rule book allows.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct SizeCost {
    /// Pool size.
    pub size: usize,
    /// Expected tests per person over the belief.
    pub expected: f64,
    /// Expected excess over the best allowed size for the true p, were it known.
    pub regret: f64,
    /// Excess over the best allowed size if p is five times the mean.
    pub regret_at_five_times: f64,
}

/// The recommended size and what speaks for it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Robust {
    /// Pool size.
    pub size: usize,
    /// Mean of the prevalence believed.
    pub mean: f64,
    /// Expected tests per person with it, over the belief.
    pub expected: f64,
    /// Its excess, in tests per person, over the best allowed size if the prevalence is five times the mean.
    pub regret_at_five_times: f64,
    /// The next smaller allowed size, and the prevalence from which it costs less.
    pub next_smaller: Option<(usize, f64)>,
    /// All allowed sizes, ascending.
    pub sizes: Vec<SizeCost>,
}

/// Where two neighbouring allowed sizes change places.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Crossing {
    /// Size that wins below the prevalence.
    pub smaller: usize,
    /// Size that wins above it.
    pub larger: usize,
    /// From this prevalence on the smaller costs fewer tests.
    pub prevalence: f64,
}

/// The crossings of neighbouring sizes, each size read with its own accuracy (larger pools dilute more).
///
/// # Errors
/// Names `size` where one is zero or too large.
pub fn crossings(pools: &[(usize, Accuracy)]) -> Result<Vec<Crossing>> {
    let mut pools = pools.to_vec();
    pools.sort_unstable_by_key(|p| p.0);
    pools.dedup_by_key(|p| p.0);
    for (size, _) in &pools {
        count("size", *size, 1, crate::MAX_MEMBERS)?;
    }
    let between = |pair: &[(usize, Accuracy)]| match *pair {
        [small, large] => Some(Crossing {
            smaller: small.0,
            larger: large.0,
            prevalence: turning_point(&|p| cost(small.0, p, small.1) < cost(large.0, p, large.1)),
        }),
        _ => None,
    };
    Ok(pools.windows(2).filter_map(between).collect())
}

/// What pools of one size cost where the prevalence is only believed, not known.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct SizeLine {
    /// Pool size recommended.
    pub size: usize,
    /// Tests per person, expected over the belief.
    pub expected: f64,
    /// The same at the ends of the interval that holds 95 % of the belief.
    pub at_low: f64,
    /// Tests per person should the prevalence be at its upper end.
    pub at_high: f64,
}

/// The cost of each size, for a chart of cost against pool size.
///
/// # Errors
/// Names `size` where one is zero or too large.
pub fn size_lines(belief: &Belief, pools: &[(usize, Accuracy)]) -> Result<Vec<SizeLine>> {
    let (low, high) = belief.interval(0.95)?;
    pools
        .iter()
        .map(|(size, accuracy)| {
            count("size", *size, 1, crate::MAX_MEMBERS)?;
            Ok(SizeLine {
                size: *size,
                expected: belief.expect(|p| cost(*size, p, *accuracy)),
                at_low: cost(*size, low, *accuracy),
                at_high: cost(*size, high, *accuracy),
            })
        })
        .collect()
}

/// The allowed size of least expected tests per person under a belief about p.
pub fn robust_size(belief: &Belief, pool: Accuracy, allowed: &[usize]) -> Result<Robust> {
    let allowed = sorted(allowed)?;
    let mean = belief.mean();
    let high = (5.0 * mean).min(1.0);
    let best_at = |p: f64| allowed.iter().map(|n| cost(*n, p, pool)).fold(f64::INFINITY, f64::min);
    let known = belief.expect(best_at);
    let sizes: Vec<SizeCost> = allowed
        .iter()
        .map(|n| {
            let expected = belief.expect(|p| cost(*n, p, pool));
            SizeCost {
                size: *n,
                expected,
                regret: expected - known,
                regret_at_five_times: cost(*n, high, pool) - best_at(high),
            }
        })
        .collect();
    let Some((index, best)) = sizes.iter().enumerate().min_by(|a, b| a.1.expected.total_cmp(&b.1.expected))
    else {
        return Err(Error::new("allowed", "is an empty list"));
    };
    let next_smaller = index
        .checked_sub(1)
        .and_then(|i| sizes.get(i))
        .map(|s| (s.size, turning_point(&|p| cost(s.size, p, pool) < cost(best.size, p, pool))));
    Ok(Robust {
        size: best.size,
        mean,
        expected: best.expected,
        regret_at_five_times: best.regret_at_five_times,
        next_smaller,
        sizes: sizes.clone(),
    })
}

/// The prevalence from which a smaller pool is better than a larger one. The difference of their costs has one sign change
/// where the larger is worth it at p = 0; then bisection in ln p.
fn turning_point(better: &dyn Fn(f64) -> bool) -> f64 {
    if better(0.0) {
        return 0.0;
    }
    // The first grid point where the smaller wins brackets the crossing; at high p both test everyone.
    let grid = |k: i32| 10_f64.powf(-8.0 + f64::from(k) * 0.02);
    let Some(k) = (0..=400).find(|k| better(grid(*k).min(1.0))) else { return 1.0 };
    let (mut low, mut high) = (if k == 0 { 0.0 } else { grid(k - 1) }, grid(k));
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if better(middle) { high = middle } else { low = middle }
    }
    high
}

fn sorted(allowed: &[usize]) -> Result<Vec<usize>> {
    count("allowed", allowed.len(), 1, crate::MAX_MEMBERS)?;
    for n in allowed {
        count("allowed", *n, 1, crate::MAX_MEMBERS)?;
    }
    let mut allowed = allowed.to_vec();
    allowed.sort_unstable();
    allowed.dedup();
    Ok(allowed)
}

/// The size whose largest regret over all p in `low..=high` is least (Malinovsky & Albert: 8 for a perfect test and any p).
pub fn minimax_regret_size(pool: Accuracy, low: f64, high: f64, allowed: &[usize]) -> Result<usize> {
    probability("low", low)?;
    probability("high", high)?;
    if low > high {
        return Err(Error::new("low", "exceeds high"));
    }
    let allowed = sorted(allowed)?;
    const STEPS: usize = 4000;
    let mut worst = vec![0.0_f64; allowed.len()];
    for k in 0..=STEPS {
        // Finer near zero, where large pools pay.
        let t = k as f64 / STEPS as f64;
        let p = low + (high - low) * t * t;
        // Nobody has to pool.
        let best = allowed.iter().map(|n| cost(*n, p, pool)).fold(1.0, f64::min);
        for (worst, n) in worst.iter_mut().zip(&allowed) {
            *worst = worst.max(cost(*n, p, pool) - best);
        }
    }
    let best = worst.iter().zip(&allowed).min_by(|a, b| a.0.total_cmp(b.0));
    best.map(|(_, n)| *n).ok_or_else(|| Error::new("allowed", "is an empty list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prevalence::{PoolCount, Round};

    fn sizes() -> Vec<usize> {
        (2..=100).collect()
    }

    #[test]
    fn malinovsky_and_albert_s_sizes_come_out() {
        let bayes = |n: usize| 1.0 / n as f64 + 1.0 - beta_clear(0.5, 0.5, n).unwrap();
        let closed = sizes().into_iter().min_by(|a, b| bayes(*a).total_cmp(&bayes(*b))).unwrap();
        assert_eq!(closed, 13);
        let belief = Belief::beta(0.5, 0.5).unwrap();
        assert_eq!(robust_size(&belief, Accuracy::PERFECT, &sizes()).unwrap().size, 13);
        assert_eq!(minimax_regret_size(Accuracy::PERFECT, 0.0, 1.0, &sizes()).unwrap(), 8);
    }

    #[test]
    fn the_grid_agrees_with_the_closed_form_and_little_data_means_smaller_pools() {
        let a = Accuracy::new(0.95, 0.99).unwrap();
        // 3 of 1,700 people positive, each tested alone without error.
        let seen = |weight: f64, positive: u64, tested: u64| {
            let pools = vec![PoolCount { size: 1, tested, positive }];
            Belief::learn(0.5, 0.5, &[Round { pools, weight }], Accuracy::PERFECT).unwrap()
        };
        let full = robust_size(&seen(1.0, 3, 1700), a, &sizes()).unwrap();
        assert_eq!(full.size, 23);
        assert!((full.expected - 0.097).abs() < 5e-4);
        let exact = 1.0 / 23.0 + a.reads_positive(beta_clear(3.5, 1697.5, 23).unwrap());
        assert!((full.expected - exact).abs() < 1e-6, "{} {exact}", full.expected);
        let discounted = robust_size(&seen(0.1, 0, 300), a, &sizes()).unwrap();
        assert_eq!(discounted.size, 10);
        let doubled = robust_size(&seen(0.1, 3, 1700).grown(2.0).unwrap(), a, &sizes()).unwrap();
        assert!(doubled.size < full.size);
        let (smaller, from) = full.next_smaller.unwrap();
        assert_eq!(smaller, 22);
        assert!(cost(22, from * 1.01, a) < cost(23, from * 1.01, a));
        assert!(cost(22, from * 0.99, a) > cost(23, from * 0.99, a));
        assert!(full.regret_at_five_times > 0.0);
    }

    #[test]
    fn the_rule_book_bounds_the_choice() {
        let belief = Belief::certain(0.0005).unwrap();
        let best = robust_size(&belief, Accuracy::PERFECT, &[5, 20, 10]).unwrap();
        assert_eq!((best.size, best.next_smaller.unwrap().0), (20, 10));
        assert!(robust_size(&belief, Accuracy::PERFECT, &[]).is_err());
    }
}
