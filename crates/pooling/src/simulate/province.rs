use rayon::prelude::*;

use super::Rng;
use super::round::commune;
use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::dilution::{CtMixture, Dilution};
use crate::error::{Error, Result, count, probability, within};
use crate::plan::{Flow, Hour, Journey, Laboratory, Limits, queue};

/// A commune's households.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Its name, for people.
    pub name: String,
    /// (members, number of households of that size).
    pub households: Vec<(usize, u32)>,
    /// P(a household is infected).
    pub prevalence: f64,
    /// How it pools.
    pub design: Design,
    /// Laboratory, by index.
    pub laboratory: usize,
}

/// How tests err.
#[derive(Debug, Clone, PartialEq)]
pub enum Tests {
    /// The same errors for everyone, by stage (the design's accuracies).
    Fixed(Vec<Accuracy>),
    /// By viral load: the pool's load is the mean of its members', every stage sees the same people.
    Load {
        /// Loads of the infected.
        loads: CtMixture,
        /// How a load is found.
        dilution: Dilution,
        /// Specificity of every test.
        specificity: f64,
    },
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// Households that are away or refuse.
    pub absent: f64,
    /// Infections too young to show.
    pub invisible: f64,
    /// Reactions that read invalid.
    pub invalid: f64,
    /// People to be re-swabbed who cannot be reached.
    pub unreached: f64,
}

impl Fault {
    /// Nothing goes wrong.
    pub const NONE: Self = Self { absent: 0.0, invisible: 0.0, invalid: 0.0, unreached: 0.0 };
}

/// A round over a province.
#[derive(Debug, Clone, PartialEq)]
pub struct Province {
    /// Communes, each with its households.
    pub settlements: Vec<Settlement>,
    /// Secondary attack rate in a household, 0 to 1.
    pub sar: f64,
    /// How many times likelier than another member the representative is to be the index.
    pub exposure: f64,
    /// Households from this size on send two.
    pub two_from: Option<usize>,
    /// Where pools are made.
    pub material: Material,
    /// How good the tests are.
    pub tests: Tests,
    /// What goes wrong, and how often.
    pub faults: Fault,
}

/// How specimens ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Outcomes {
    /// Specimens decided negative.
    pub negative: u64,
    /// Specimens decided positive.
    pub positive: u64,
    /// Specimens of a positive pool whose singles were all negative.
    pub discordant: u64,
    /// Specimens held by a positive pool at the end of the round.
    pub held: u64,
    /// Specimens without a measurement.
    pub invalid: u64,
    /// Specimens in a grey zone.
    pub inconclusive: u64,
    /// Specimens not read at the end of the round.
    pub awaiting: u64,
}

/// What a round gave, for one commune or all.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct RoundResult {
    /// Name of the commune, or of the whole.
    pub name: String,
    /// People.
    pub people: u64,
    /// Households.
    pub households: u64,
    /// Households reached.
    pub represented: u64,
    /// Specimens taken.
    pub specimens: u64,
    /// Tests used.
    pub tests: u64,
    /// Tests by stage.
    pub stages: Vec<u64>,
    /// New swabs taken.
    pub reswabs: u64,
    /// People who still stood in the queue of each stage.
    pub waiting: Vec<u64>,
    /// People infected in truth.
    pub infected_people: u64,
    /// Households with somebody infected.
    pub infected_households: u64,
    /// Specimens of somebody infected.
    pub infected_specimens: u64,
    /// Infected specimens called positive.
    pub found: u64,
    /// Clear specimens called positive.
    pub false_positives: u64,
    /// Infected households with a specimen called positive.
    pub households_found: u64,
    /// Infected households all of whose specimens read negative: represented, negative.
    pub households_missed: u64,
    /// Households opened by a positive pool.
    pub opened: u64,
    /// How the specimens ended.
    pub outcomes: Outcomes,
    /// Communes with infected households of which none was found.
    pub unseen_communes: u64,
}

/// The round of a province: totals, communes, and the hours in the laboratories.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ProvinceResult {
    /// The whole province.
    pub total: RoundResult,
    /// Each commune, in the order asked.
    pub communes: Vec<RoundResult>,
    /// Hours from swab to result by laboratory.
    pub journeys: Vec<Journey>,
    /// By laboratory, hour by hour.
    pub hours: Vec<Vec<Hour>>,
}

/// Simulates a round. Communes run in parallel, each on its own stream of `seed`.
pub fn province(
    province: &Province,
    laboratories: &[Laboratory],
    limits: &Limits,
    seed: u64,
) -> Result<ProvinceResult> {
    check(province)?;
    let communes: Vec<RoundResult> = province
        .settlements
        .par_iter()
        .enumerate()
        .map(|(index, s)| commune(province, s, &mut Rng::new(seed, index as u64)))
        .collect::<Result<_>>()?;
    let flows: Vec<Flow> = communes
        .iter()
        .zip(&province.settlements)
        .filter(|(c, _)| c.specimens > 0)
        .map(|(c, s)| Flow {
            laboratory: s.laboratory,
            specimens: c.specimens as f64,
            stages: c.stages.iter().zip(&c.waiting).map(|(t, w)| (*t as f64, *w as f64)).collect(),
            recall_hours: if province.material == Material::Swab { limits.recall_hours } else { 0.0 },
        })
        .collect();
    let (journeys, hours) = queue(&flows, laboratories, limits)?;
    let mut total = RoundResult { name: "total".into(), ..RoundResult::default() };
    for c in &communes {
        total.add(c);
    }
    Ok(ProvinceResult { total, communes, journeys, hours })
}

fn check(province: &Province) -> Result<()> {
    count("settlements", province.settlements.len(), 1, 20_000)?;
    probability("sar", province.sar)?;
    within("exposure", province.exposure, 1.0, 1e6)?;
    for (name, value) in [
        ("absent", province.faults.absent),
        ("invisible", province.faults.invisible),
        ("invalid", province.faults.invalid),
        ("unreached", province.faults.unreached),
    ] {
        probability(name, value)?;
    }
    let mut people = 0_u64;
    for s in &province.settlements {
        probability("prevalence", s.prevalence)?;
        for (size, number) in &s.households {
            count("household size", *size, 1, 1000)?;
            people = people.saturating_add(*size as u64 * u64::from(*number));
        }
        if let Tests::Fixed(a) = &province.tests
            && a.len() != s.design.accuracies()
        {
            return Err(Error::new(
                "accuracy",
                format!("{} given, {} has {}", a.len(), s.design, s.design.accuracies()),
            ));
        }
    }
    if let Tests::Load { specificity, .. } = &province.tests {
        probability("specificity", *specificity)?;
    }
    if people > 100_000_000 {
        return Err(Error::new("settlements", format!("hold {people} people; at most 100,000,000")));
    }
    Ok(())
}

impl RoundResult {
    fn add(&mut self, c: &Self) {
        self.people += c.people;
        self.households += c.households;
        self.represented += c.represented;
        self.specimens += c.specimens;
        self.tests += c.tests;
        self.reswabs += c.reswabs;
        let longest = self.stages.len().max(c.stages.len());
        self.stages.resize(longest, 0);
        self.waiting.resize(longest, 0);
        for (mine, theirs) in self.stages.iter_mut().zip(&c.stages) {
            *mine += theirs;
        }
        for (mine, theirs) in self.waiting.iter_mut().zip(&c.waiting) {
            *mine += theirs;
        }
        self.infected_people += c.infected_people;
        self.infected_households += c.infected_households;
        self.infected_specimens += c.infected_specimens;
        self.found += c.found;
        self.false_positives += c.false_positives;
        self.households_found += c.households_found;
        self.households_missed += c.households_missed;
        self.opened += c.opened;
        self.unseen_communes += c.unseen_communes;
        let (a, b) = (&mut self.outcomes, &c.outcomes);
        a.negative += b.negative;
        a.positive += b.positive;
        a.discordant += b.discordant;
        a.held += b.held;
        a.invalid += b.invalid;
        a.inconclusive += b.inconclusive;
        a.awaiting += b.awaiting;
    }
}

impl Province {
    /// A province of `communes` communes with `households` households of four on average (2 to 6), one representative
    /// each, household prevalence log-normal around `prevalence` (σ = 1). Made up, for trying things out.
    pub fn example(
        communes: usize,
        households: u32,
        prevalence: f64,
        design: &Design,
        tests: Tests,
        seed: u64,
    ) -> Result<Self> {
        count("communes", communes, 1, 20_000)?;
        within("prevalence", prevalence, 0.0, 0.5)?;
        let mut rng = Rng::new(seed, u64::MAX);
        let settlements = (0..communes)
            .map(|k| {
                let share =
                    households / communes as u32 + u32::from((k as u32) < households % communes as u32);
                // Symmetric about four, so that the mean is four exactly.
                let (two, three) = (share / 10, share / 4);
                let four = share - 2 * (two + three);
                Settlement {
                    name: format!("commune {}", k + 1),
                    households: vec![(2, two), (3, three), (4, four), (5, three), (6, two)],
                    prevalence: (prevalence * (rng.normal() - 0.5).exp()).min(1.0),
                    design: design.clone(),
                    laboratory: 0,
                }
            })
            .collect();
        Ok(Self {
            settlements,
            sar: 0.297,
            exposure: 1.0,
            two_from: None,
            material: Material::Media,
            tests,
            faults: Fault::NONE,
        })
    }
}
