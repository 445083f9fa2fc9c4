//! A round planned for all communes at once: which design each gets, under tests, staff and hours.
//!
//! For commune c and design d: expected tests μ, their variance v (within and between values of p), missed infections
//! λ, staff minutes. Minimise Σλ subject to Σμ + z·√Σv ≤ tests of the laboratory, staff likewise, and every stage ending in
//! time. A multiple-choice knapsack: each commune keeps the lower convex hull of (resource, missed), the steps
//! of all hulls are taken in order of gain (Sinha & Zoltners 1979): optimal but for the last commune's fraction.

mod knapsack;
mod limits;
mod menu;
mod queue;

use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::error::{Error, Result, count};
use crate::prevalence::Belief;
use limits::round_capacity;
pub use limits::{Laboratory, Limits};
pub use menu::{Menu, Offer};
pub use queue::{Flow, Hour, Journey, PassHours, queue};

/// What one commune sends and what is believed of it.
#[derive(Debug, Clone)]
pub struct Commune {
    /// Its name, for people.
    pub name: String,
    /// Specimens (people swabbed) in the round.
    pub specimens: u64,
    /// What is believed of its prevalence.
    pub belief: Belief,
    /// Where pooling happens: after swab pooling every further stage costs a recall.
    pub material: Material,
    /// Index of its laboratory; none = the planner spreads it.
    pub laboratory: Option<usize>,
}

/// A design with the accuracies it has here (dilution included), by where pooling happens.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignChoice {
    /// The design.
    pub design: Design,
    /// Accuracy by stage when pools are made in the laboratory.
    pub media: Vec<Accuracy>,
    /// Accuracy by stage when pools are made at the swab.
    pub swab: Vec<Accuracy>,
}

impl DesignChoice {
    /// The same accuracies wherever pooling happens.
    #[must_use]
    pub fn new(design: Design, accuracy: Vec<Accuracy>) -> Self {
        Self { design, swab: accuracy.clone(), media: accuracy }
    }

    /// Accuracy by stage for material of this kind.
    #[must_use]
    pub fn accuracy(&self, material: Material) -> &[Accuracy] {
        match material {
            Material::Media => &self.media,
            Material::Swab => &self.swab,
        }
    }
}

/// Which limit the plan runs into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// None: every commune has the design that misses least.
    Nothing,
    /// The capacity for tests.
    Tests,
    /// The hours of staff.
    Staff,
    /// A further step would cost more tests for an infection found than it is worth.
    Worth,
    /// The cheapest designs already exceed the tests or the staff.
    Infeasible,
}

/// What a commune gets.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Chosen {
    /// Name of the commune.
    pub commune: String,
    /// Specimens it sends.
    pub specimens: u64,
    /// Laboratory, by index.
    pub laboratory: usize,
    /// Its design.
    pub design: Design,
    /// Expected tests.
    pub tests: f64,
    /// Standard deviation of the tests.
    pub tests_sd: f64,
    /// Expected infected specimens that are missed.
    pub missed: f64,
    /// Minutes of work, expected.
    pub staff_minutes: f64,
    /// The next better design of this commune: what it would cost and spare. None = it has the best.
    pub next: Option<Step>,
    /// What kept it from the next better design.
    pub stopped_by: Option<Binding>,
    /// No design ends within the hours even without a queue; this is the fastest.
    pub too_late: bool,
    /// How long its results take.
    pub journey: Journey,
    /// How long its passes last.
    pub pass: PassHours,
}

/// A step to a design that misses less.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Step {
    /// The design that was not taken.
    pub design: Design,
    /// Tests more than the one taken, expected.
    pub more_tests: f64,
    /// Infected specimens missed fewer than by the one taken, expected.
    pub fewer_missed: f64,
}

/// The plan of a round.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Plan {
    /// A row for each commune, in the order asked.
    pub communes: Vec<Chosen>,
    /// Which limit holds the plan back.
    pub binding: Binding,
    /// Expected tests in all.
    pub tests: f64,
    /// Tests that suffice with the safety asked for.
    pub tests_with_safety: f64,
    /// Expected infected specimens missed in all.
    pub missed: f64,
    /// Minutes of work in all, expected.
    pub staff_minutes: f64,
    /// Tests each laboratory can start in the round.
    pub capacity: Vec<f64>,
    /// Load of each laboratory by hour.
    pub hours: Vec<Vec<Hour>>,
    /// Hour by which the last expected result is out; infinite where the queue never empties.
    pub finish: f64,
    /// Whether everything is done before the round ends.
    pub in_time: bool,
}

/// Plans a round.
///
/// # Errors
/// Names the argument that is empty or out of range, or `designs` where a commune that pools swabs is left with none.
pub fn plan(
    communes: &[Commune],
    designs: &[DesignChoice],
    laboratories: &[Laboratory],
    limits: &Limits,
) -> Result<Plan> {
    limits.check()?;
    count("communes", communes.len(), 1, 20_000)?;
    count("laboratories", laboratories.len(), 1, 200)?;
    for (index, laboratory) in laboratories.iter().enumerate() {
        laboratory.check().map_err(|e| e.of(format_args!("laboratories[{index}]")))?;
    }
    let menu = Menu::new(communes, designs)?;
    let capacity: Vec<f64> = laboratories.iter().map(|l| round_capacity(l, limits)).collect();
    let homes = spread(communes, &menu, &capacity)?;
    let mut offers = Vec::with_capacity(communes.len());
    let mut too_late = vec![false; communes.len()];
    for (index, commune) in communes.iter().enumerate() {
        let ends = |o: &Offer| soonest(o, commune, &laboratories[homes[index]], limits);
        let mut possible = menu.offers(index);
        possible.retain(|o| poolable(&designs[o.design].design, commune.material));
        let fastest = possible.iter().map(ends).fold(f64::INFINITY, f64::min);
        if possible.is_empty() {
            return Err(Error::new(
                "designs",
                format!("hold no plain pool, the only thing {:?} can do with pooled swabs", commune.name),
            ));
        }
        too_late[index] = fastest > limits.hours;
        possible.retain(|o| ends(o) <= limits.hours.max(fastest));
        offers.push(possible);
    }
    let staff = |commune: &Commune, o: &Offer| {
        let recalls = if commune.material == Material::Swab { o.later_people } else { 0.0 };
        commune.specimens as f64 * limits.minutes_per_specimen
            + o.tests * limits.minutes_per_test
            + recalls * limits.minutes_per_recall
    };
    let items: Vec<Vec<knapsack::Item>> = communes
        .iter()
        .zip(&offers)
        .map(|(commune, offers)| {
            offers
                .iter()
                .map(|o| knapsack::Item {
                    tests: o.tests,
                    variance: o.variance,
                    missed: o.missed,
                    staff: staff(commune, o),
                })
                .collect()
        })
        .collect();
    let solution = knapsack::solve(&items, &homes, &capacity, limits);
    let picked: Vec<&Offer> = solution.pick.iter().zip(&offers).map(|(k, o)| &o[*k]).collect();
    let flows: Vec<Flow> = communes
        .iter()
        .zip(&picked)
        .zip(&homes)
        .map(|((commune, offer), home)| Flow {
            laboratory: *home,
            specimens: commune.specimens as f64,
            stages: offer.stages.clone(),
            recall_hours: if commune.material == Material::Swab { limits.recall_hours } else { 0.0 },
        })
        .collect();
    let (journeys, hours) = queue(&flows, laboratories, limits)?;
    let finish = journeys.iter().map(|j| j.finish).fold(0.0, f64::max);
    let chosen = communes
        .iter()
        .enumerate()
        .map(|(c, commune)| {
            let (offer, item) = (picked[c], items[c][solution.pick[c]]);
            let next = solution.next[c].map(|k| {
                let better = &offers[c][k];
                Step {
                    design: designs[better.design].design.clone(),
                    more_tests: better.tests - offer.tests,
                    fewer_missed: offer.missed - better.missed,
                }
            });
            Chosen {
                commune: commune.name.clone(),
                specimens: commune.specimens,
                laboratory: homes[c],
                design: designs[offer.design].design.clone(),
                tests: item.tests,
                tests_sd: item.variance.sqrt(),
                missed: item.missed,
                staff_minutes: item.staff,
                next,
                stopped_by: solution.stops[c],
                too_late: too_late[c],
                pass: PassHours::of(&journeys[c], limits),
                journey: journeys[c].clone(),
            }
        })
        .collect();
    Ok(Plan {
        communes: chosen,
        binding: solution.binding,
        tests: solution.tests,
        tests_with_safety: solution.tests_with_safety,
        missed: solution.missed,
        staff_minutes: solution.staff,
        capacity,
        hours,
        finish,
        in_time: finish <= limits.hours && solution.binding != Binding::Infeasible,
    })
}

/// Swabs go into one pool each and nothing is left over, so only pools followed by re-swabbed singles can be made.
fn poolable(design: &Design, material: Material) -> bool {
    material == Material::Media || matches!(design, Design::Hierarchy(h) if h.stages().len() == 1)
}

/// The end of a specimen swabbed last, if no queue holds it up.
fn soonest(offer: &Offer, commune: &Commune, laboratory: &Laboratory, limits: &Limits) -> f64 {
    let stages = offer.stages.len() as f64;
    let recall =
        if commune.material == Material::Swab && offer.stages.len() > 1 { limits.recall_hours } else { 0.0 };
    limits.collection_hours + limits.lead_hours + stages * laboratory.turnaround + recall
}

/// Communes without a laboratory go, largest first, where the least share of capacity is taken.
fn spread(communes: &[Commune], menu: &Menu, capacity: &[f64]) -> Result<Vec<usize>> {
    let mut load = vec![0.0; capacity.len()];
    let mut homes = vec![0; communes.len()];
    let cheapest = |c: usize| menu.offers(c).iter().map(|o| o.tests).fold(f64::INFINITY, f64::min);
    let mut free = Vec::new();
    for (c, commune) in communes.iter().enumerate() {
        match commune.laboratory {
            Some(home) if home < capacity.len() => {
                homes[c] = home;
                load[home] += cheapest(c);
            }
            Some(home) => {
                return Err(Error::new(
                    "laboratory",
                    format!("{home} of {:?}: there are {}", commune.name, capacity.len()),
                ));
            }
            None => free.push((cheapest(c), c)),
        }
    }
    free.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (tests, c) in free {
        let share = |l: usize| (load[l] + tests) / capacity[l].max(1e-9);
        let home = (0..capacity.len()).min_by(|a, b| share(*a).total_cmp(&share(*b))).unwrap_or(0);
        homes[c] = home;
        load[home] += tests;
    }
    Ok(homes)
}
