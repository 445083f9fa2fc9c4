//! Posteriors of overlapping pools against brute force, and against each other.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::Accuracy;
use greenfort_pooling::posterior::{PooledReading, Retest, comp, definite, dorfman_posterior, posterior};
use proptest::prelude::*;

fn brute(priors: &[f64], readings: &[PooledReading]) -> Vec<f64> {
    let n = priors.len();
    let (mut total, mut each) = (0.0, vec![0.0; n]);
    for truth in 0..1_usize << n {
        let mut w: f64 =
            (0..n).map(|i| if truth >> i & 1 == 1 { priors[i] } else { 1.0 - priors[i] }).product();
        for r in readings {
            let infected = r.members.iter().any(|m| truth >> m & 1 == 1);
            let positive = if infected { r.accuracy.se() } else { 1.0 - r.accuracy.sp() };
            w *= if r.positive { positive } else { 1.0 - positive };
        }
        total += w;
        for (i, sum) in each.iter_mut().enumerate() {
            if truth >> i & 1 == 1 {
                *sum += w;
            }
        }
    }
    each.into_iter().map(|x| x / total).collect()
}

fn pool(members: &[usize], positive: bool) -> PooledReading {
    PooledReading { members: members.to_vec(), positive, accuracy: Accuracy::new(0.9, 0.98).unwrap() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_components_are_what_enumeration_gives(
        priors in prop::collection::vec(0.001..0.6_f64, 1..10),
        pools in prop::collection::vec((any::<u16>(), any::<bool>()), 0..9),
    ) {
        let n = priors.len();
        let readings: Vec<PooledReading> = pools
            .iter()
            .map(|(mask, positive)| {
                let members: Vec<usize> = (0..n).filter(|i| mask >> i & 1 == 1).collect();
                pool(if members.is_empty() { &[0] } else { &members }, *positive)
            })
            .collect();
        let got = posterior(&priors, &readings).unwrap();
        for (a, b) in got.each.iter().zip(brute(&priors, &readings)) {
            prop_assert!(a.exact);
            prop_assert!((a.probability - b).abs() < 1e-10, "{} {}", a.probability, b);
        }
        prop_assert_eq!(got.components.iter().sum::<usize>(), n);
    }

    #[test]
    fn comp_and_dd_never_contradict_a_perfect_test(truth in any::<u16>(), pools in prop::collection::vec(1_u16.., 1..12)) {
        let readings: Vec<PooledReading> = pools
            .iter()
            .map(|mask| PooledReading {
                members: (0..16).filter(|i| mask >> i & 1 == 1).collect(),
                positive: mask & truth != 0,
                accuracy: Accuracy::PERFECT,
            })
            .collect();
        let (cleared, sure) = (comp(16, &readings).unwrap(), definite(16, &readings).unwrap());
        for i in 0..16 {
            let infected = truth >> i & 1 == 1;
            prop_assert!(!(cleared[i] && infected));
            prop_assert!(!sure[i] || infected);
        }
    }
}

#[test]
fn a_large_dorfman_pool_is_exact_without_enumeration() {
    let p = vec![0.02; 40];
    let a = Accuracy::new(0.9, 0.98).unwrap();
    let mut readings = vec![pool(&(0..40).collect::<Vec<_>>(), true)];
    let mut retests = vec![Retest::NotYet; 40];
    for (i, retest) in retests.iter_mut().enumerate().take(25) {
        readings.push(pool(&[i], false));
        *retest = Retest::Negative;
    }
    let got = posterior(&p, &readings).unwrap();
    let closed = dorfman_posterior(&p, &retests, a, a).unwrap();
    for (a, b) in got.each.iter().zip(closed) {
        assert!(a.exact && (a.probability - b).abs() < 1e-12);
    }
}

#[test]
fn a_full_array_is_flagged_as_not_exact_and_points_at_the_crossing() {
    let mut readings = Vec::new();
    for i in 0..10 {
        readings.push(pool(&(0..10).map(|j| i * 10 + j).collect::<Vec<_>>(), i == 3));
        readings.push(pool(&(0..10).map(|j| j * 10 + i).collect::<Vec<_>>(), i == 6));
    }
    let got = posterior(&[0.01; 100], &readings).unwrap();
    assert!(got.each.iter().all(|a| !a.exact));
    assert!(got.each[36].probability > 0.9, "{:?}", got.each[36]);
    assert!(got.each.iter().enumerate().all(|(x, a)| x == 36 || a.probability < 0.05));
}

#[test]
fn impossible_readings_and_bad_pools_are_refused_by_name() {
    let perfect = |members: &[usize], positive| PooledReading {
        members: members.to_vec(),
        positive,
        accuracy: Accuracy::PERFECT,
    };
    let clash =
        [perfect(&[0, 1], true), perfect(&[0], false), perfect(&[1], false), perfect(&[0, 1, 2], true)];
    for (readings, argument) in [
        (vec![perfect(&[], true)], "readings"),
        (vec![perfect(&[0, 0], true)], "readings"),
        (vec![perfect(&[9], true)], "readings"),
        (clash.to_vec(), ""),
    ] {
        match posterior(&[0.1, 0.1, 0.1], &readings) {
            Err(e) => assert_eq!(e.argument(), "readings"),
            Ok(_) => assert_eq!(argument, ""),
        }
    }
    assert_eq!(posterior(&[], &[]).unwrap_err().argument(), "priors");
    assert_eq!(posterior(&[f64::NAN], &[]).unwrap_err().argument(), "priors");
}
