use rayon::prelude::*;

use super::{Rng, accuracy_of};
use crate::accuracy::Accuracy;
use crate::decode::{Material, Reaction, Reading, Scheme};
use crate::design::Design;
use crate::error::{Error, Result, count};
use crate::risks::Risks;

/// A mean over runs and its standard error.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// Mean over the runs.
    pub mean: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

impl Estimate {
    /// Whether `value` lies within `k` standard errors (and rounding).
    #[must_use]
    pub fn agrees(self, value: f64, k: f64) -> bool {
        (self.mean - value).abs() <= k * self.standard_error + 1e-12
    }

    fn of(n: f64, sum: f64, squares: f64) -> Self {
        let mean = sum / n;
        let variance = (squares / n - mean * mean).max(0.0);
        Self { mean, standard_error: (variance / (n - 1.0).max(1.0)).sqrt() }
    }
}

/// What running a design gave.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Simulated {
    /// Tests used.
    pub tests: Estimate,
    /// Variance of the tests of one run, with its standard error.
    pub variance: Estimate,
    /// Per infected person: called positive (a binomial share).
    pub pse: Estimate,
    /// Per clear person: not called positive.
    pub psp: Estimate,
}

#[derive(Default, Clone, Copy)]
struct Sums {
    tests: [f64; 4],
    infected: f64,
    found: f64,
    clear: f64,
    false_positives: f64,
}

/// Runs a design `runs` times through the decoder: people infected independently, tests erring independently given the
/// truth, every test run that the decoder asks for.
pub fn design(
    design: &Design,
    risks: &Risks,
    accuracy: &[Accuracy],
    runs: usize,
    seed: u64,
) -> Result<Simulated> {
    count("runs", runs, 2, 100_000_000)?;
    if accuracy.len() != design.accuracies() {
        return Err(Error::new(
            "accuracy",
            format!("{} given, the design has {}", accuracy.len(), design.accuracies()),
        ));
    }
    let p = risks.spread(design.members())?;
    if (runs as f64) * (p.len() as f64) > 1e10 {
        return Err(Error::new("runs", "times people exceed 10,000,000,000"));
    }
    let scheme = Scheme::new(design, Material::Media);
    // Fixed pieces, so that the seed alone decides, not the number of threads.
    let pieces = 64.min(runs);
    let sums: Vec<Sums> = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let mut rng = Rng::new(seed, piece as u64);
            let share = runs / pieces + usize::from(piece < runs % pieces);
            let mut sums = Sums::default();
            for _ in 0..share {
                once(&scheme, &p, accuracy, &mut rng, &mut sums)?;
            }
            Ok(sums)
        })
        .collect::<Result<_>>()?;
    let mut all = Sums::default();
    for s in sums {
        for (a, b) in all.tests.iter_mut().zip(s.tests) {
            *a += b;
        }
        all.infected += s.infected;
        all.found += s.found;
        all.clear += s.clear;
        all.false_positives += s.false_positives;
    }
    let n = runs as f64;
    let tests = Estimate::of(n, all.tests[0], all.tests[1]);
    // Central fourth moment for the error of the variance.
    let [m1, m2, m3, m4] = all.tests.map(|s| s / n);
    let variance = (m2 - m1 * m1).max(0.0);
    let fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1.powi(4);
    let share = |hits: f64, of: f64| {
        let mean = if of > 0.0 { hits / of } else { 1.0 };
        Estimate { mean, standard_error: (mean * (1.0 - mean) / of.max(1.0)).sqrt() }
    };
    Ok(Simulated {
        tests,
        variance: Estimate {
            mean: variance,
            standard_error: ((fourth - variance * variance).max(0.0) / n).sqrt(),
        },
        pse: share(all.found, all.infected),
        psp: share(all.clear - all.false_positives, all.clear),
    })
}

fn once(scheme: &Scheme, p: &[f64], accuracy: &[Accuracy], rng: &mut Rng, sums: &mut Sums) -> Result<()> {
    let truth: Vec<bool> = p.iter().map(|p| rng.chance(*p)).collect();
    let mut reactions = Vec::new();
    let decisions = loop {
        let out = scheme.decode(&reactions)?;
        let tests = out.tests_to_run();
        if tests.is_empty() {
            break out.decisions;
        }
        for test in tests {
            let a = accuracy_of(scheme, accuracy, test);
            let infected = scheme.specimens_in(test).any(|x| truth.get(x).copied().unwrap_or(false));
            let detected = rng.chance(if infected { a.se() } else { a.false_positive() });
            reactions.push(Reaction {
                test,
                reading: if detected { Reading::Detected } else { Reading::NotDetected },
            });
        }
    };
    let t = reactions.len() as f64;
    for (power, sum) in sums.tests.iter_mut().enumerate() {
        *sum += t.powi(power as i32 + 1);
    }
    for (infected, decision) in truth.iter().zip(&decisions) {
        let positive = decision.is_positive();
        if *infected {
            sums.infected += 1.0;
            sums.found += f64::from(u8::from(positive));
        } else {
            sums.clear += 1.0;
            sums.false_positives += f64::from(u8::from(positive));
        }
    }
    Ok(())
}
