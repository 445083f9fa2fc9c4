//! How likely each person is infected, given readings: closed form for Dorfman pools, exact by component for any overlap
//! that is small enough, else by belief propagation and flagged so.

mod components;

use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, probability};
pub use components::{Answer, PooledReading, Posterior, comp, definite, posterior};

/// The state of one person of a positive Dorfman pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retest {
    /// Not tested by itself.
    NotYet,
    /// Tested by itself, negative.
    Negative,
    /// Tested by itself, positive.
    Positive,
}

/// P(infected) of each person of a pool that read positive, some having been retested alone.
///
/// With T = retested, U = not yet, A = Π_T P(own reading, over both truths), A₀ = Π_T P(own reading, clear),
/// Q = Π_U (1−p_j), D = Se₁(A − A₀Q) + (1−Sp₁)A₀Q:
/// P(x_j=1) = p_j·L_j·Se₁·A₍₋ⱼ₎ / D, where L_j is the chance of j's own reading if infected (1 if not retested) and A₍₋ⱼ₎
/// leaves j out. Where all are negative this is the posterior shown for a discordant pool.
///
/// `p` in order of the pool, `retests` likewise; `pool`, `single` the accuracies of the two stages.
pub fn dorfman_posterior(
    p: &[f64],
    retests: &[Retest],
    pool: Accuracy,
    single: Accuracy,
) -> Result<Vec<f64>> {
    count("p", p.len(), 1, crate::MAX_MEMBERS)?;
    if retests.len() != p.len() {
        return Err(Error::new("retests", format!("has {} values for {} people", retests.len(), p.len())));
    }
    for value in p {
        probability("p", *value)?;
    }
    // Chances of each own reading if infected and if clear.
    let likelihood = |retest: Retest| match retest {
        Retest::NotYet => (1.0, 1.0),
        Retest::Negative => (1.0 - single.se(), single.sp()),
        Retest::Positive => (single.se(), single.false_positive()),
    };
    // Relative to the sum over both truths, so that products over many people do not underflow: c_j = P(clear | own reading).
    let mut own = Vec::with_capacity(p.len());
    for (p, retest) in p.iter().zip(retests) {
        let (infected, clear) = likelihood(*retest);
        let (a, b) = (p * infected, (1.0 - p) * clear);
        if a + b <= 0.0 {
            return Err(Error::new("retests", "hold a reading that cannot happen with these p, Se and Sp"));
        }
        own.push(b / (a + b));
    }
    let nobody: f64 = own.iter().product();
    let d = pool.se() * (1.0 - nobody) + pool.false_positive() * nobody;
    if d <= 0.0 {
        return Err(Error::new(
            "retests",
            "cannot happen: the pool is positive and everyone is certainly clear",
        ));
    }
    Ok(own.iter().map(|clear| ((1.0 - clear) * pool.se() / d).clamp(0.0, 1.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(se: f64, sp: f64) -> Accuracy {
        Accuracy::new(se, sp).unwrap()
    }

    #[test]
    fn the_untested_of_a_partly_retested_pool_grow_more_likely() {
        // Prior 1 %, pool of 10: nobody retested, three, five, nine; then all ten, which is discordant.
        let (pool, single) = (test(0.95, 0.995), test(0.97, 0.999));
        let p = [0.01; 10];
        let with = |k: usize| {
            let mut r = [Retest::NotYet; 10];
            r[..k].fill(Retest::Negative);
            dorfman_posterior(&p, &r, pool, single).unwrap()
        };
        for (k, person, expected) in
            [(0, 9, 0.100), (3, 9, 0.136), (5, 9, 0.180), (9, 9, 0.559), (10, 0, 0.037)]
        {
            let got = with(k)[person];
            assert!((got - expected).abs() < 6e-4, "{k}: {got}");
        }
        let series: Vec<f64> = (0..10).map(|k| with(k)[9]).collect();
        assert!(series.windows(2).all(|w| w[1] > w[0]));
    }

    #[test]
    fn the_closed_form_is_what_enumeration_gives_up_to_twelve() {
        let (pool, single) = (test(0.9, 0.97), test(0.95, 0.99));
        let kinds = [Retest::NotYet, Retest::Negative, Retest::Positive];
        for n in 1..=12_usize {
            let p: Vec<f64> = (0..n).map(|i| 0.005 + 0.03 * i as f64).collect();
            for variant in 0..9_usize {
                let retests: Vec<Retest> = (0..n).map(|i| kinds[(i * (variant + 1) + variant) % 3]).collect();
                let got = dorfman_posterior(&p, &retests, pool, single).unwrap();
                let mut total = 0.0;
                let mut each = vec![0.0; n];
                for truth in 0..1_usize << n {
                    let mut weight = if truth == 0 { pool.false_positive() } else { pool.se() };
                    for i in 0..n {
                        let infected = truth >> i & 1 == 1;
                        weight *= if infected { p[i] } else { 1.0 - p[i] };
                        weight *= match (retests[i], infected) {
                            (Retest::NotYet, _) => 1.0,
                            (Retest::Negative, true) => 1.0 - single.se(),
                            (Retest::Negative, false) => single.sp(),
                            (Retest::Positive, true) => single.se(),
                            (Retest::Positive, false) => single.false_positive(),
                        };
                    }
                    total += weight;
                    for (i, sum) in each.iter_mut().enumerate() {
                        if truth >> i & 1 == 1 {
                            *sum += weight;
                        }
                    }
                }
                for i in 0..n {
                    assert!((got[i] - each[i] / total).abs() < 1e-12);
                }
            }
        }
    }
}
