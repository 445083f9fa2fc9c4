//! A round planned for all communes at once: which design each gets, under tests, staff and hours.
//!
//! For commune c and design d: expected tests μ, their variance v (within and between values of p), missed infections
//! λ, staff minutes. Minimise Σλ subject to Σμ + z·√Σv ≤ tests of the laboratory, staff likewise, and every stage ending in
//! time. A multiple-choice knapsack: each commune keeps the lower convex hull of (resource, missed), the steps
//! of all hulls are taken in order of gain (Sinha & Zoltners 1979): optimal but for the last commune's fraction.

mod knapsack;
mod menu;
mod queue;

use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::error::{Error, Result, count, within};
use crate::prevalence::Belief;
pub use menu::{Menu, Offer};
pub use queue::{Flow, Hour, Journey, PassHours, queue};

/// What one commune sends and what is believed of it.
#[derive(Debug, Clone)]
pub struct Commune {
    pub name: String,
    /// Specimens (people swabbed) in the round.
    pub specimens: u64,
    pub belief: Belief,
    /// Where pooling happens: after swab pooling every further stage costs a recall.
    pub material: Material,
    /// Index of its laboratory; none = the planner spreads it.
    pub laboratory: Option<usize>,
}

/// A design with the accuracies it has here (dilution included).
#[derive(Debug, Clone, PartialEq)]
pub struct DesignChoice {
    pub design: Design,
    pub accuracy: Vec<Accuracy>,
}

/// A laboratory's tests in each hour of the day, and how long a run takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Laboratory {
    pub name: String,
    /// Tests that can be started in hour 0..24 of the day.
    pub per_hour: [f64; 24],
    /// Hours from start of a run to its release.
    pub turnaround: f64,
}

/// What the round may use, and what work costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Hours from the first swab until all results are out.
    pub hours: f64,
    /// Hour of the day at which swabbing starts.
    pub start_hour: usize,
    /// Hours over which a commune's swabs come in, evenly.
    pub collection_hours: f64,
    /// Hours from swab to laboratory.
    pub lead_hours: f64,
    /// Hours to recall and re-swab the people of a positive swab pool.
    pub recall_hours: f64,
    /// Staff minutes of the round; none = not limited.
    pub staff_minutes: Option<f64>,
    pub minutes_per_specimen: f64,
    pub minutes_per_test: f64,
    pub minutes_per_recall: f64,
    /// One-sided safety: 1.645 keeps to the limits in 95 of 100 rounds.
    pub z: f64,
    /// Hours a pass is valid from the swab.
    pub validity_hours: f64,
    /// Hours from one round's swab to the next of the same person.
    pub interval_hours: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hours: 72.0,
            start_hour: 6,
            collection_hours: 36.0,
            lead_hours: 3.0,
            recall_hours: 12.0,
            staff_minutes: None,
            minutes_per_specimen: 1.5,
            minutes_per_test: 0.5,
            minutes_per_recall: 5.0,
            z: 1.645,
            validity_hours: 72.0,
            interval_hours: 72.0,
        }
    }
}

impl Limits {
    fn check(&self) -> Result<()> {
        within("hours", self.hours, 1.0, 2000.0)?;
        count("start_hour", self.start_hour, 0, 23)?;
        within("collection_hours", self.collection_hours, 1.0, 2000.0)?;
        within("lead_hours", self.lead_hours, 0.0, 2000.0)?;
        within("recall_hours", self.recall_hours, 0.0, 2000.0)?;
        if let Some(minutes) = self.staff_minutes {
            within("staff_minutes", minutes, 0.0, 1e12)?;
        }
        within("minutes_per_specimen", self.minutes_per_specimen, 0.0, 1e4)?;
        within("minutes_per_test", self.minutes_per_test, 0.0, 1e4)?;
        within("minutes_per_recall", self.minutes_per_recall, 0.0, 1e4)?;
        within("z", self.z, 0.0, 10.0)?;
        within("validity_hours", self.validity_hours, 1.0, 10_000.0)?;
        within("interval_hours", self.interval_hours, 1.0, 10_000.0)?;
        Ok(())
    }
}

/// Which limit the plan runs into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// None: every commune has the design that misses least.
    Nothing,
    Tests,
    Staff,
    /// The cheapest designs already exceed the tests or the staff.
    Infeasible,
}

/// What a commune gets.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Chosen {
    pub commune: String,
    pub specimens: u64,
    pub laboratory: usize,
    pub design: Design,
    pub tests: f64,
    pub tests_sd: f64,
    pub missed: f64,
    pub staff_minutes: f64,
    /// The next better design of this commune: what it would cost and spare. None = it has the best.
    pub next: Option<Step>,
    pub journey: Journey,
    pub pass: PassHours,
}

/// A step to a design that misses less.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Step {
    pub design: Design,
    pub more_tests: f64,
    pub fewer_missed: f64,
}

/// The plan of a round.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Plan {
    pub communes: Vec<Chosen>,
    pub binding: Binding,
    pub tests: f64,
    /// Tests that suffice with the safety asked for.
    pub tests_with_safety: f64,
    pub missed: f64,
    pub staff_minutes: f64,
    /// Tests each laboratory can start in the round.
    pub capacity: Vec<f64>,
    /// Load of each laboratory by hour.
    pub hours: Vec<Vec<Hour>>,
    /// Hour by which the last expected result is out; infinite where the queue never empties.
    pub finish: f64,
    pub in_time: bool,
}

/// Plans a round.
///
/// # Errors
/// Names the argument that is empty, out of range, or where no design of a commune can end in time.
pub fn plan(
    communes: &[Commune],
    designs: &[DesignChoice],
    laboratories: &[Laboratory],
    limits: &Limits,
) -> Result<Plan> {
    limits.check()?;
    count("communes", communes.len(), 1, 20_000)?;
    count("laboratories", laboratories.len(), 1, 200)?;
    for laboratory in laboratories {
        within("turnaround", laboratory.turnaround, 0.1, 500.0)?;
        for tests in laboratory.per_hour {
            within("per_hour", tests, 0.0, 1e7)?;
        }
        if laboratory.per_hour.iter().sum::<f64>() <= 0.0 {
            return Err(Error::new("per_hour", format!("laboratory {:?} never tests", laboratory.name)));
        }
    }
    let menu = Menu::new(communes, designs)?;
    let capacity: Vec<f64> = laboratories.iter().map(|l| round_capacity(l, limits)).collect();
    let homes = spread(communes, &menu, &capacity)?;
    let mut offers = Vec::with_capacity(communes.len());
    for (index, commune) in communes.iter().enumerate() {
        let laboratory = &laboratories[homes[index]];
        let mut in_time = menu.offers(index);
        in_time.retain(|o| {
            poolable(&designs[o.design].design, commune.material)
                && soonest(o, commune, laboratory, limits) <= limits.hours
        });
        if in_time.is_empty() {
            return Err(Error::new(
                "hours",
                format!("no design of {:?} can end within {}", commune.name, limits.hours),
            ));
        }
        offers.push(in_time);
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
    let solution =
        knapsack::solve(&items, &homes, &capacity, limits.staff_minutes, limits.z, limits.minutes_per_test);
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

/// Tests a laboratory can start from the first arrival until a last run still ends in time.
fn round_capacity(laboratory: &Laboratory, limits: &Limits) -> f64 {
    let (from, to) = (limits.lead_hours, limits.hours - laboratory.turnaround);
    let mut sum = 0.0;
    for hour in 0..limits.hours.ceil() as usize {
        let inside = (to.min(hour as f64 + 1.0) - from.max(hour as f64)).clamp(0.0, 1.0);
        sum += inside * laboratory.per_hour[(hour + limits.start_hour) % 24];
    }
    sum
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
