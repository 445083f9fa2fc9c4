use rayon::prelude::*;

use super::{Commune, DesignChoice};
use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::error::{Error, Result, count};
use crate::risks::Risks;

/// What one design means for one commune in one round.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Offer {
    /// Index into the designs.
    pub design: usize,
    /// Expected tests, and their variance within and between values of p.
    pub tests: f64,
    /// Variance of the tests, within and between values of p.
    pub variance: f64,
    /// Expected infected people called negative.
    pub missed: f64,
    /// (tests, people waiting for them) of each stage that is reached.
    pub stages: Vec<(f64, f64)>,
    /// People who need a stage after the first.
    pub later_people: f64,
}

/// Every design for every commune.
///
/// Each design is evaluated exactly on a grid even in logit p (step 0.06); a commune's belief is carried onto
/// the grid by cubic Lagrange weights once, and every expectation is a dot product. The interpolation error is below 1e-6 relative.
#[derive(Debug, Clone)]
pub struct Menu {
    offers: Vec<Vec<Offer>>,
}

const STEP: f64 = 0.06;

/// One design over the grid, per person.
struct Curve {
    people: f64,
    tests: Vec<f64>,
    /// Variance of the tests of one pool tree or plate, and the square of their mean.
    variance: Vec<f64>,
    square: Vec<f64>,
    missed: Vec<f64>,
    stages: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Menu {
    /// What each design costs in each commune.
    ///
    /// # Errors
    /// Nothing to choose from, or a design that a commune's numbers cannot bear.
    pub fn new(communes: &[Commune], designs: &[DesignChoice]) -> Result<Self> {
        count("communes", communes.len(), 1, 20_000)?;
        count("designs", designs.len(), 1, 1000)?;
        for commune in communes {
            if commune.specimens > 100_000_000 {
                return Err(Error::new("specimens", format!("of {:?} exceed 100,000,000", commune.name)));
            }
        }
        let logit = |p: f64| (p.clamp(1e-12, 1.0 - 1e-12) / (1.0 - p.clamp(1e-12, 1.0 - 1e-12))).ln();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for commune in communes {
            for (p, weight) in commune.belief.nodes() {
                if weight > 1e-12 {
                    low = low.min(logit(p));
                    high = high.max(logit(p));
                }
            }
        }
        let first = low - 2.0 * STEP;
        let nodes = ((high - low) / STEP).ceil() as usize + 6;
        let grid: Vec<f64> = (0..nodes).map(|k| 1.0 / (1.0 + (-(first + STEP * k as f64)).exp())).collect();
        let curves = |material: Material| -> Result<Vec<Curve>> {
            if communes.iter().any(|c| c.material == material) {
                designs.par_iter().map(|d| curve(&d.design, d.accuracy(material), &grid)).collect()
            } else {
                Ok(Vec::new())
            }
        };
        let (media, swab) = (curves(Material::Media)?, curves(Material::Swab)?);
        let offers = communes
            .par_iter()
            .map(|commune| {
                let mut weights = vec![0.0; nodes];
                for (p, weight) in commune.belief.nodes().filter(|(_, w)| *w > 1e-12) {
                    let x = (logit(p) - first) / STEP;
                    let k = (x.floor() as usize).clamp(1, nodes - 3);
                    let t = x - k as f64;
                    let lagrange = [
                        -t * (t - 1.0) * (t - 2.0) / 6.0,
                        (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
                        -(t + 1.0) * t * (t - 2.0) / 2.0,
                        (t + 1.0) * t * (t - 1.0) / 6.0,
                    ];
                    for (slot, l) in weights[k - 1..k + 3].iter_mut().zip(lagrange) {
                        *slot += weight * l;
                    }
                }
                let from = weights.iter().position(|w| *w != 0.0).unwrap_or(0);
                let to = weights.iter().rposition(|w| *w != 0.0).map_or(nodes, |k| k + 1);
                let weights = &weights[from..to];
                let dot =
                    |values: &[f64]| values[from..to].iter().zip(weights).map(|(v, w)| v * w).sum::<f64>();
                let specimens = commune.specimens as f64;
                let curves = if commune.material == Material::Swab { &swab } else { &media };
                curves
                    .iter()
                    .enumerate()
                    .map(|(design, curve)| {
                        let groups = specimens / curve.people;
                        let mean = dot(&curve.tests);
                        let stages: Vec<(f64, f64)> =
                            curve.stages.iter().map(|(t, p)| (groups * dot(t), groups * dot(p))).collect();
                        Offer {
                            design,
                            tests: groups * mean,
                            variance: (groups * dot(&curve.variance)
                                + groups * groups * (dot(&curve.square) - mean * mean))
                                .max(0.0),
                            missed: groups * dot(&curve.missed),
                            later_people: stages.get(1).map_or(0.0, |s| s.1),
                            stages,
                        }
                    })
                    .collect()
            })
            .collect();
        Ok(Self { offers })
    }

    /// All designs for a commune, in the order of the designs.
    #[must_use]
    pub fn offers(&self, commune: usize) -> Vec<Offer> {
        self.offers.get(commune).cloned().unwrap_or_default()
    }
}

fn curve(design: &Design, accuracy: &[Accuracy], grid: &[f64]) -> Result<Curve> {
    let mut out = Curve {
        people: design.members() as f64,
        tests: Vec::with_capacity(grid.len()),
        variance: Vec::with_capacity(grid.len()),
        square: Vec::with_capacity(grid.len()),
        missed: Vec::with_capacity(grid.len()),
        stages: Vec::new(),
    };
    for p in grid {
        let c = design.characteristics(&Risks::Same(*p), accuracy)?;
        out.tests.push(c.expected_tests);
        out.variance.push(c.variance);
        out.square.push(c.expected_tests * c.expected_tests);
        out.missed.push(c.missed);
        for (stage, load) in design.loads(*p, accuracy).into_iter().enumerate() {
            if out.stages.len() <= stage {
                out.stages.push((Vec::with_capacity(grid.len()), Vec::with_capacity(grid.len())));
            }
            if let Some((tests, people)) = out.stages.get_mut(stage) {
                tests.push(load.tests);
                people.push(load.people);
            }
        }
    }
    // A design of single tests has an empty last stage.
    while out.stages.last().is_some_and(|(tests, _)| tests.iter().all(|t| *t == 0.0)) {
        out.stages.pop();
    }
    Ok(out)
}
