use rayon::prelude::*;

use super::{Rng, accuracy_of};
use crate::accuracy::Accuracy;
use crate::decode::{Decision, Material, Reaction, Reading, Scheme};
use crate::design::Design;
use crate::dilution::{CtMixture, Dilution};
use crate::error::{Error, Result, count, probability, within};
use crate::plan::{Flow, Hour, Journey, Laboratory, Limits, queue};

/// A commune's households.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    pub name: String,
    /// (members, number of households of that size).
    pub households: Vec<(usize, u32)>,
    /// P(a household is infected).
    pub prevalence: f64,
    pub design: Design,
    pub laboratory: usize,
}

/// How tests err.
#[derive(Debug, Clone, PartialEq)]
pub enum Tests {
    /// The same errors for everyone, by stage (the design's accuracies).
    Fixed(Vec<Accuracy>),
    /// By viral load: the pool's load is the mean of its members', every stage sees the same people.
    Load { loads: CtMixture, dilution: Dilution, specificity: f64 },
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
    pub const NONE: Self = Self { absent: 0.0, invisible: 0.0, invalid: 0.0, unreached: 0.0 };
}

/// A round over a province.
#[derive(Debug, Clone, PartialEq)]
pub struct Province {
    pub settlements: Vec<Settlement>,
    pub sar: f64,
    /// How many times likelier than another member the representative is to be the index.
    pub exposure: f64,
    /// Households from this size on send two.
    pub two_from: Option<usize>,
    pub material: Material,
    pub tests: Tests,
    pub faults: Fault,
}

/// How specimens ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Outcomes {
    pub negative: u64,
    pub positive: u64,
    pub discordant: u64,
    pub held: u64,
    pub invalid: u64,
    pub inconclusive: u64,
    pub awaiting: u64,
}

/// What a round gave, for one commune or all.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct RoundResult {
    pub name: String,
    pub people: u64,
    pub households: u64,
    /// Households reached.
    pub represented: u64,
    pub specimens: u64,
    pub tests: u64,
    /// Tests by stage.
    pub stages: Vec<u64>,
    pub reswabs: u64,
    /// People who still stood in the queue of each stage.
    pub waiting: Vec<u64>,
    pub infected_people: u64,
    pub infected_households: u64,
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
    pub outcomes: Outcomes,
    /// Communes with infected households of which none was found.
    pub unseen_communes: u64,
}

/// The round of a province: totals, communes, and the hours in the laboratories.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ProvinceResult {
    pub total: RoundResult,
    pub communes: Vec<RoundResult>,
    pub journeys: Vec<Journey>,
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

/// One swabbed person: its household, and its Ct if infected and visible.
#[derive(Debug, Clone, Copy)]
struct Specimen {
    household: u32,
    infected: bool,
    /// Whether there is anything a test could see.
    visible: bool,
    ct: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct House {
    infected: bool,
    found: bool,
    opened: bool,
    /// All specimens so far read negative, and there is one.
    negative: bool,
}

fn commune(province: &Province, s: &Settlement, rng: &mut Rng) -> Result<RoundResult> {
    let mut out = RoundResult { name: s.name.clone(), ..RoundResult::default() };
    let mut sizes: Vec<usize> = Vec::new();
    for (size, number) in &s.households {
        sizes.extend(std::iter::repeat_n(*size, *number as usize));
    }
    // Households in walking order, not by size.
    rng.shuffle(&mut sizes);
    let mut houses = vec![House::default(); sizes.len()];
    let mut specimens = Vec::with_capacity(sizes.len());
    for (household, size) in sizes.iter().enumerate() {
        out.households += 1;
        out.people += *size as u64;
        let infected = rng.chance(s.prevalence);
        let sent = if province.two_from.is_some_and(|from| *size >= from) { 2.min(*size) } else { 1 };
        let house = &mut houses[household];
        house.infected = infected;
        out.infected_households += u64::from(infected);
        let mut sick = [false; 2];
        if infected {
            // The first representative carries `exposure` shares of being the index, everyone else one.
            let index = rng.uniform() * (province.exposure + *size as f64 - 1.0);
            let index = if index < province.exposure { 0 } else { (index - province.exposure) as usize + 1 };
            let mut ill = 0;
            for member in 0..*size {
                let now = member == index || rng.chance(province.sar);
                ill += u64::from(now);
                if member < 2 {
                    sick[member] = now;
                }
            }
            out.infected_people += ill;
        }
        if rng.chance(province.faults.absent) {
            continue;
        }
        out.represented += 1;
        house.negative = true;
        for infected in sick.into_iter().take(sent) {
            let visible = infected && !rng.chance(province.faults.invisible);
            let ct = match &province.tests {
                Tests::Load { loads, .. } if visible => loads.draw(rng),
                _ => 0.0,
            };
            out.infected_specimens += u64::from(infected);
            specimens.push(Specimen { household: household as u32, infected, visible, ct });
        }
    }
    out.specimens = specimens.len() as u64;
    let full = Scheme::new(&s.design, province.material);
    for group in specimens.chunks(s.design.members()) {
        if group.len() == s.design.members() {
            pool(province, &full, group, rng, &mut houses, &mut out)?;
        } else {
            // What is left over fills one plain pool, or stands alone.
            let rest = rest(&s.design, group.len())?;
            pool(province, &Scheme::new(&rest, province.material), group, rng, &mut houses, &mut out)?;
        }
    }
    for house in &houses {
        out.opened += u64::from(house.opened);
        if house.infected {
            out.households_found += u64::from(house.found);
            out.households_missed += u64::from(house.negative && !house.found && !house.opened);
        }
    }
    out.unseen_communes = u64::from(out.infected_households > 0 && out.households_found == 0);
    Ok(out)
}

/// A design of the same number of stages for the people left over.
fn rest(design: &Design, people: usize) -> Result<Design> {
    Ok(match design {
        Design::Hierarchy(h) => {
            let mut stages = Vec::new();
            for sizes in h.stages() {
                let mut left = people;
                let mut kept = Vec::new();
                for size in sizes {
                    let take = (*size).min(left);
                    if take > 0 {
                        kept.push(take);
                        left -= take;
                    }
                }
                stages.push(kept);
            }
            Design::Hierarchy(crate::hierarchy::Hierarchy::new(stages)?)
        }
        // Single tests in as many (nominal) stages as the array has accuracies.
        Design::Array(a) => {
            Design::Hierarchy(crate::hierarchy::Hierarchy::new(vec![vec![1; people]; a.accuracies() - 1])?)
        }
    })
}

fn pool(
    province: &Province,
    scheme: &Scheme,
    group: &[Specimen],
    rng: &mut Rng,
    houses: &mut [House],
    out: &mut RoundResult,
) -> Result<()> {
    let mut reactions: Vec<Reaction> = Vec::new();
    let mut asked: Vec<bool> = Vec::new();
    loop {
        let decoded = scheme.decode(&reactions)?;
        let mut tests = decoded.tests_to_run();
        if tests.is_empty() {
            // Re-swabbed people are tested singly, once; who is not reached stays held.
            if asked.is_empty() {
                asked = vec![false; group.len()];
            }
            for specimen in decoded.to_reswab() {
                if let (Some(asked), Some(single)) = (asked.get_mut(specimen), scheme.single(specimen))
                    && !*asked
                {
                    *asked = true;
                    if !rng.chance(province.faults.unreached) {
                        out.reswabs += 1;
                        tests.push(single);
                    }
                }
            }
        }
        if tests.is_empty() {
            for (specimen, decision) in group.iter().zip(&decoded.decisions) {
                settle(*specimen, *decision, houses, out);
            }
            return Ok(());
        }
        for test in tests {
            let reading = read(province, scheme, group, test, rng);
            let stage = scheme.stage(test).unwrap_or(0);
            if out.stages.len() <= stage {
                out.stages.resize(stage + 1, 0);
                out.waiting.resize(stage + 1, 0);
            }
            let people = scheme.specimens_in(test).count() as u64;
            out.stages[stage] += 1;
            out.waiting[stage] += people;
            out.tests += 1;
            if !scheme.is_single(test) && matches!(reading, Reading::Detected | Reading::Inconclusive) {
                for x in scheme.specimens_in(test) {
                    if let Some(house) = group.get(x).and_then(|s| houses.get_mut(s.household as usize)) {
                        house.opened = true;
                    }
                }
            }
            reactions.push(Reaction { test, reading });
        }
    }
}

fn read(province: &Province, scheme: &Scheme, group: &[Specimen], test: usize, rng: &mut Rng) -> Reading {
    if rng.chance(province.faults.invalid) {
        return Reading::Invalid;
    }
    let members = || scheme.specimens_in(test).filter_map(|x| group.get(x));
    let infected = members().any(|s| s.visible);
    let detected = match &province.tests {
        Tests::Fixed(accuracy) => {
            let a = accuracy_of(scheme, accuracy, test);
            rng.chance(if infected { a.se() } else { a.false_positive() })
        }
        Tests::Load { dilution, specificity, .. } => {
            if infected {
                let people = scheme.specimens_in(test).count();
                rng.chance(dilution.detects_loads(members().filter(|s| s.visible).map(|s| s.ct), people))
            } else {
                rng.chance(1.0 - specificity)
            }
        }
    };
    if detected { Reading::Detected } else { Reading::NotDetected }
}

fn settle(specimen: Specimen, decision: Decision, houses: &mut [House], out: &mut RoundResult) {
    let o = &mut out.outcomes;
    match decision {
        Decision::Negative { .. } => o.negative += 1,
        Decision::Positive { .. } => o.positive += 1,
        Decision::Discordant { .. } => o.discordant += 1,
        Decision::Held { .. } => o.held += 1,
        Decision::Invalid { .. } => o.invalid += 1,
        Decision::Inconclusive { .. } => o.inconclusive += 1,
        Decision::Awaiting => o.awaiting += 1,
    }
    let Some(house) = houses.get_mut(specimen.household as usize) else { return };
    house.negative &= decision.is_negative();
    if decision.is_positive() {
        house.opened = true;
        if specimen.infected {
            out.found += 1;
            house.found = true;
        } else {
            out.false_positives += 1;
        }
    }
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
