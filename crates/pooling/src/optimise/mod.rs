//! The best configuration of a class, by dynamic programming or closed form instead of enumeration.

mod informative;
mod objective;
mod plain;

use crate::accuracy::Accuracy;
use crate::array::Array;
use crate::characteristics::Characteristics;
use crate::design::{Algorithm, Design};
use crate::error::{Error, Result, count};
use crate::risks::{Risks, ordered_beta};
pub use objective::Objective;

/// The risks a search is done for.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// Everyone has the same.
    Same(f64),
    /// These people, in any order; the design then holds exactly them.
    Each(Vec<f64>),
    /// As many as the design holds, with the expected ordered risks of a Beta of this mean and shape.
    Beta {
        /// Mean risk.
        mean: f64,
        /// Shape: the smaller, the more the risks differ.
        alpha: f64,
    },
}

/// Which configurations are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Reach {
    /// Those binGroup2's OTC1 compares: square arrays; never one pool of the whole block (D3, ID2, ID3);
    /// pools along rising risk of falling size.
    Reference,
    /// All of the class: also rectangles, the whole block in one pool, pool sizes in any order.
    Wide,
}

/// What to look for. `sizes` bounds the people in the first stage (hierarchies), the block (ID2) or the lines (arrays).
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What is looked for.
    pub algorithm: Algorithm,
    /// Risks of the members.
    pub profile: Profile,
    /// Accuracy by stage.
    pub accuracy: Vec<Accuracy>,
    /// Smallest number of members considered.
    pub smallest: usize,
    /// Largest number of members considered.
    pub largest: usize,
    /// What makes one design better than another.
    pub objective: Objective,
    /// Which configurations are considered.
    pub reach: Reach,
}

/// The best configuration found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Best {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The design found.
    pub design: Design,
    /// `order[k]` = which person of the profile stands at place k of the design.
    pub order: Vec<usize>,
    /// The value of the objective, per person for ET and GR.
    pub value: f64,
    /// What it costs and how well it finds.
    pub characteristics: Characteristics,
}

/// Expected totals of one configuration, enough for every objective.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) design: Design,
    pub(crate) totals: Totals,
}

/// Expected totals over the people of one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Totals {
    pub(crate) people: f64,
    pub(crate) infected: f64,
    pub(crate) tests: f64,
    pub(crate) missed: f64,
    pub(crate) false_positives: f64,
}

impl Totals {
    fn plus(self, other: Self) -> Self {
        Self {
            people: self.people + other.people,
            infected: self.infected + other.infected,
            tests: self.tests + other.tests,
            missed: self.missed + other.missed,
            false_positives: self.false_positives + other.false_positives,
        }
    }
}

/// What one test, one missed infection and one false positive weigh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weights {
    pub(crate) tests: f64,
    pub(crate) missed: f64,
    pub(crate) false_positive: f64,
}

impl Weights {
    pub(crate) const TESTS: Self = Self { tests: 1.0, missed: 0.0, false_positive: 0.0 };

    pub(crate) fn of(self, totals: Totals) -> f64 {
        // Not a plain sum of products: a weight of zero times an infinite cost must stay zero.
        let mut sum = self.tests * totals.tests;
        if self.missed != 0.0 {
            sum += self.missed * totals.missed;
        }
        if self.false_positive != 0.0 {
            sum += self.false_positive * totals.false_positives;
        }
        sum
    }
}

/// Sizes a search may go to: the dynamic programmes are quadratic (ID2, ID3), cubic (D3) or quartic (D4) in them.
fn bound(algorithm: Algorithm) -> (usize, usize) {
    match algorithm {
        Algorithm::D2 => (1, crate::MAX_MEMBERS),
        Algorithm::D3 => (2, 400),
        Algorithm::D4 => (2, 120),
        Algorithm::ID2 => (1, 1024),
        Algorithm::ID3 => (2, 1024),
        Algorithm::A2 | Algorithm::A2M => (2, crate::MAX_LINES),
        Algorithm::IA2 => (2, 32),
    }
}

/// Finds the best configuration. Ties go to the smaller design.
pub fn best(search: &Search) -> Result<Best> {
    let Search { algorithm, smallest, largest, .. } = *search;
    if search.accuracy.len() != algorithm.accuracies() {
        return Err(Error::new(
            "accuracy",
            format!(
                "{algorithm} has {} stages, {} accuracies were given",
                algorithm.accuracies(),
                search.accuracy.len()
            ),
        ));
    }
    search.objective.check()?;
    let (low, high) = bound(algorithm);
    count("size_min", smallest, low, high)?;
    count("size_max", largest, low, high)?;
    if smallest > largest {
        return Err(Error::new("size_min", format!("{smallest} exceeds size_max {largest}")));
    }
    let profile = settle(search)?;
    let space = Space { search, profile };
    let score = |t: Totals| search.objective.value(t);
    let (a, sizes) = (&search.accuracy[..], smallest..=largest);
    let candidate = match (algorithm, &space.profile) {
        // So few configurations that each is looked at, whatever the objective.
        (Algorithm::D2, Profile::Same(p)) => plain::two_stage(*p, a, sizes, score)?,
        (Algorithm::A2 | Algorithm::A2M, Profile::Same(p)) => {
            plain::array(*p, a, sizes, algorithm == Algorithm::A2M, search.reach == Reach::Wide, score)?
        }
        (Algorithm::IA2, _) => space.array(score)?,
        _ => objective::minimise(&search.objective, &|w| space.cheapest(w))?,
    };
    space.finish(candidate)
}

/// For a class without order of risk a list of equal risks is one risk; others are refused.
fn settle(search: &Search) -> Result<Profile> {
    match &search.profile {
        Profile::Same(p) => {
            crate::error::probability("p", *p)?;
            Ok(search.profile.clone())
        }
        Profile::Each(each) => {
            Risks::each(each.clone())?;
            let first = each.first().copied().unwrap_or_default();
            if search.algorithm.informative() {
                Ok(search.profile.clone())
            } else if each.iter().all(|p| (p - first).abs() <= 1e-12 * first) {
                Ok(Profile::Same(first))
            } else {
                Err(Error::new("p_vector", format!("{} treats everyone alike; give one p", search.algorithm)))
            }
        }
        Profile::Beta { mean, .. } if !search.algorithm.informative() => {
            crate::error::probability("p", *mean)?;
            Ok(Profile::Same(*mean))
        }
        Profile::Beta { mean, alpha } => {
            ordered_beta(*mean, *alpha, 1)?;
            Ok(search.profile.clone())
        }
    }
}

struct Space<'a> {
    search: &'a Search,
    profile: Profile,
}

impl Space<'_> {
    /// The configuration of least weighted cost per person.
    fn cheapest(&self, weights: Weights) -> Result<Candidate> {
        let s = self.search;
        let a = &s.accuracy[..];
        let wide = s.reach == Reach::Wide;
        let sizes = s.smallest..=s.largest;
        match (s.algorithm, &self.profile) {
            (Algorithm::D3, Profile::Same(p)) => plain::three_stage(*p, a, sizes, weights),
            (Algorithm::D4, Profile::Same(p)) => plain::four_stage(*p, a, sizes, weights),
            _ => self.informative(weights, wide),
        }
    }

    fn informative(&self, weights: Weights, wide: bool) -> Result<Candidate> {
        let s = self.search;
        let mut found: Option<Candidate> = None;
        for size in s.smallest..=s.largest {
            let Some(risks) = self.risks(size)? else { continue };
            let candidate = match s.algorithm {
                Algorithm::ID2 => informative::two_stage(&risks, &s.accuracy, wide, weights)?,
                _ => informative::three_stage(&risks, &s.accuracy, wide, weights)?,
            };
            let Some(candidate) = candidate else { continue };
            keep_better(&mut found, candidate, weights);
        }
        found.ok_or_else(|| self.nobody())
    }

    /// The informative array of best score: one of each size.
    fn array(&self, score: impl Fn(Totals) -> f64) -> Result<Candidate> {
        let s = self.search;
        let mut found: Option<(f64, Candidate)> = None;
        for lines in s.smallest..=s.largest {
            let Some(risks) = self.risks(lines * lines)? else { continue };
            let candidate = informative::array(&risks, &s.accuracy, lines)?;
            let value = score(candidate.totals);
            if found.as_ref().is_none_or(|(old, _)| value < *old) {
                found = Some((value, candidate));
            }
        }
        found.map(|(_, candidate)| candidate).ok_or_else(|| self.nobody())
    }

    fn nobody(&self) -> Error {
        let s = self.search;
        Error::new(
            "p_vector",
            format!("no design of {} to {} holds exactly these people", s.smallest, s.largest),
        )
    }

    /// Risks of so many people, lowest first; none where the profile is of other people.
    fn risks(&self, people: usize) -> Result<Option<Vec<f64>>> {
        Ok(match &self.profile {
            Profile::Same(p) => Some(vec![*p; people]),
            Profile::Each(each) if each.len() == people => {
                let mut sorted = each.clone();
                sorted.sort_by(f64::total_cmp);
                Some(sorted)
            }
            Profile::Each(_) => None,
            Profile::Beta { mean, alpha } => Some(ordered_beta(*mean, *alpha, people)?),
        })
    }

    fn finish(&self, candidate: Candidate) -> Result<Best> {
        let s = self.search;
        let value = s.objective.value(candidate.totals);
        let members = candidate.design.members();
        let (order, risks) = match &self.profile {
            Profile::Same(p) => ((0..members).collect(), Risks::Same(*p)),
            profile => {
                let given = match profile {
                    Profile::Each(each) => each.clone(),
                    _ => self.risks(members)?.unwrap_or_default(),
                };
                let order = arrange(&given, &candidate.design);
                let placed = order.iter().filter_map(|who| given.get(*who).copied()).collect();
                (order, Risks::Each(placed))
            }
        };
        let characteristics = candidate.design.characteristics(&risks, &s.accuracy)?;
        Ok(Best { algorithm: s.algorithm, design: candidate.design, order, value, characteristics })
    }
}

/// Who stands where in a risk-ordered design: rising risk along the pools of a hierarchy; in an array
/// falling risk down the first column, then the second … (the gradient arrangement, McMahan 2012).
#[must_use]
pub fn arrange(risks: &[f64], design: &Design) -> Vec<usize> {
    let mut order: Vec<usize> = (0..risks.len()).collect();
    order.sort_by(|a, b| risks[*a].total_cmp(&risks[*b]));
    if let Design::Array(array) = design
        && array.members() == risks.len()
    {
        order.reverse();
        return (0..order.len())
            .map(|cell| order[cell % array.columns() * array.rows() + cell / array.columns()])
            .collect();
    }
    order
}

pub(crate) fn keep_better(found: &mut Option<Candidate>, candidate: Candidate, weights: Weights) {
    let per_person = |c: &Candidate| weights.of(c.totals) / c.totals.people;
    let better = match found {
        None => true,
        Some(old) => per_person(&candidate) < per_person(old),
    };
    if better {
        *found = Some(candidate);
    }
}

pub(crate) fn square(rows: usize, columns: usize, master: bool) -> Result<Design> {
    Ok(Design::Array(Array::new(rows, columns, master)?))
}
