//! A round planned from what a health office knows: last round's pools, the tests, the limits; with the reasons beside the
//! numbers. The command line and the planner's page both ask here.

use rayon::prelude::*;

use crate::accuracy::Accuracy;
use crate::array::Array;
use crate::decode::Material;
use crate::design::Design;
use crate::error::{Error, Result, count, within};
use crate::hierarchy::Hierarchy;
use crate::household::{Representation, needed_to_see, unseen};
use crate::plan::{Chosen, Commune, DesignChoice, Laboratory, Limits, Plan, plan};
use crate::prevalence::{Belief, PoolCount, Round};
use crate::quality::Quality;
use crate::risks::Risks;
use crate::robust::{Crossing, SizeLine, crossings, dorfman_cost, size_lines};

/// What is known of a commune's prevalence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// No results: the general belief stands.
    Nothing,
    /// Certain of this share of infected.
    Prevalence(f64),
    /// The pools of the last round (singles: size 1).
    Pools(PoolCount),
}

/// One commune as it is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedCommune {
    /// Its name, for people.
    pub name: String,
    /// Specimens it will send.
    pub specimens: u64,
    /// What last round told about it.
    pub known: Known,
    /// Where its pools are made, which decides what can be retested.
    pub material: Material,
    /// Index of its laboratory; none = the planner spreads it.
    pub laboratory: Option<usize>,
}

/// How people are represented, for the risk that an outbreak goes unseen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Household {
    /// Members of a household.
    pub members: usize,
    /// How many of them are swabbed.
    pub representatives: usize,
    /// Secondary attack rate.
    pub sar: f64,
    /// How many times likelier than another member the representative is to be the first infected.
    pub exposure: f64,
    /// Infected households that make an outbreak.
    pub outbreak: u32,
}

/// Everything a plan follows from.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The communes, each with its specimens.
    pub communes: Vec<AskedCommune>,
    /// Designs to choose from.
    pub designs: Vec<Design>,
    /// How good the tests are.
    pub quality: Quality,
    /// Laboratories and their capacity.
    pub laboratories: Vec<Laboratory>,
    /// Limits of the round.
    pub limits: Limits,
    /// How much last round's pools still count, 0 to 1.
    pub weight: f64,
    /// Growth of the odds of infection since.
    pub growth: f64,
    /// How households look, for the infections that nobody swabs.
    pub household: Household,
    /// The commune whose costs are wanted size by size.
    pub focus: Option<usize>,
}

/// What is believed of a commune, and what its round would not see.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Outlook {
    /// Expected prevalence.
    pub mean: f64,
    /// Lower end of the 95 % interval of the prevalence.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// P(a commune with an outbreak shows nothing in this round).
    pub unseen: f64,
    /// Infected households from which on an outbreak is seen in 95 of 100 rounds; none where nothing would be.
    pub seen_from: Option<u32>,
    /// What happens when the prevalence is at its upper end.
    pub if_worse: IfWorse,
}

/// What the recommended design would cost if five times as many were infected as expected.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct IfWorse {
    /// Prevalence assumed, infected per specimen.
    pub prevalence: f64,
    /// Tests per person with the recommended design …
    pub tests_per_person: f64,
    /// … and with the plain pool, of those allowed, that is cheapest then. None: no plain pool is allowed.
    pub cheapest: Option<(usize, f64)>,
}

/// A plan with its reasons.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Advice {
    /// The plan itself.
    pub plan: Plan,
    /// In the order of the communes.
    pub outlooks: Vec<Outlook>,
    /// Where neighbouring plain pool sizes change places.
    pub crossings: Vec<Crossing>,
    /// Cost against pool size in the commune asked for.
    pub sizes: Vec<SizeLine>,
}

/// More people than a commune, or a country, has.
const MOST_SPECIMENS: f64 = 1e8;
/// Sizes drawn for a commune beyond the largest that is allowed.
const DRAWN_BEYOND: usize = 4;
const MOST_DRAWN: usize = 60;
/// The largest pool a rule book is asked about here.
pub const MOST_IN_A_POOL: usize = 50;

/// Plans the round and says why.
///
/// # Errors
/// Names the argument; one of a commune as `communes[3].pools`, counted from 0.
pub fn advise(ask: &Ask) -> Result<Advice> {
    within("weight", ask.weight, 0.0, 1.0)?;
    within("growth", ask.growth, 1e-6, 1e6)?;
    count("communes", ask.communes.len(), 1, 20_000)?;
    let h = ask.household;
    let homes = Representation::new(h.members, h.representatives.min(h.members), h.sar, h.exposure)
        .map_err(|e| e.of("household"))?;
    let designs: Vec<DesignChoice> =
        ask.designs.iter().map(|d| ask.quality.choice(d.clone())).collect::<Result<_>>()?;
    let communes: Vec<Commune> = ask
        .communes
        .par_iter()
        .enumerate()
        .map(|(index, commune)| {
            let of_row = |e: Error| e.of(format_args!("communes[{index}]"));
            // Refused before anything is worked out, and under the name of its row.
            within("specimens", commune.specimens as f64, 1.0, MOST_SPECIMENS).map_err(of_row)?;
            Ok(Commune {
                name: commune.name.clone(),
                specimens: commune.specimens,
                belief: believe(commune, ask).map_err(of_row)?,
                material: commune.material,
                laboratory: commune.laboratory,
            })
        })
        .collect::<Result<_>>()?;
    let plan = plan(&communes, &designs, &ask.laboratories, &ask.limits)?;
    let plain_pools = plain(ask)?;
    let outlooks = communes
        .iter()
        .zip(&plan.communes)
        .map(|(commune, chosen)| {
            let (low, high) = commune.belief.interval(0.95)?;
            let mean = commune.belief.mean();
            let infected = commune.specimens as f64 * mean;
            let sensitivity =
                if infected > 0.0 { (1.0 - chosen.missed / infected).clamp(0.0, 1.0) } else { 1.0 };
            let seen = homes.detection(sensitivity, 1.0, 1.0)?;
            Ok(Outlook {
                mean,
                low,
                high,
                unseen: unseen(h.outbreak, seen)?,
                seen_from: needed_to_see(0.95, seen).ok(),
                if_worse: if_worse(mean, commune.material, chosen, ask, &plain_pools)?,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Advice { plan, outlooks, crossings: crossings(&plain_pools)?, sizes: sizes(ask, &communes)? })
}

fn believe(commune: &AskedCommune, ask: &Ask) -> Result<Belief> {
    let belief = match commune.known {
        Known::Nothing => Belief::beta(0.5, 0.5)?,
        Known::Prevalence(p) => Belief::certain(p)?,
        Known::Pools(pools) => {
            count("pool_size", pools.size, 1, crate::MAX_MEMBERS)?;
            let read = ask.quality.pool(pools.size, commune.material)?;
            Belief::learn(0.5, 0.5, &[Round { pools: vec![pools], weight: ask.weight }], read)?
        }
    };
    belief.grown(ask.growth)
}

fn if_worse(
    mean: f64,
    material: Material,
    chosen: &Chosen,
    ask: &Ask,
    plain_pools: &[(usize, Accuracy)],
) -> Result<IfWorse> {
    let p = (5.0 * mean).min(1.0);
    let stages = ask.quality.of(&chosen.design, material)?;
    let cheapest = plain_pools
        .iter()
        .map(|(size, _)| Ok((*size, dorfman_cost(*size, p, ask.quality.pool(*size, material)?)?)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let worse = chosen.design.characteristics(&Risks::same(p)?, &stages)?;
    Ok(IfWorse { prevalence: p, tests_per_person: worse.tests_per_person(), cheapest })
}

/// The designs in which every tube holds a number of people that the rule book allows: plain pools of each size; with
/// `subpools` a positive pool is first split evenly into pools of a smaller allowed size; with `arrays` n × n people are pooled by row and by column.
///
/// # Errors
/// Names `sizes` where it is empty, or holds a size of nobody or above [`MOST_IN_A_POOL`].
pub fn allowed_designs(sizes: &[usize], subpools: bool, arrays: bool) -> Result<Vec<Design>> {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        return Err(Error::new("sizes", "is an empty list"));
    }
    let mut designs = Vec::new();
    for size in &sizes {
        count("sizes", *size, 1, MOST_IN_A_POOL)?;
        designs.push(Design::dorfman(*size)?);
        let parts = sizes.iter().filter(|part| subpools && **part > 1 && *part < size && size % *part == 0);
        for part in parts {
            designs.push(Design::Hierarchy(Hierarchy::new(vec![vec![*size], vec![*part; size / part]])?));
        }
        if arrays && *size > 2 {
            designs.push(Design::Array(Array::new(*size, *size, false)?));
        }
    }
    Ok(designs)
}

/// The plain pools among the designs, each with the accuracy it is read with.
fn plain(ask: &Ask) -> Result<Vec<(usize, Accuracy)>> {
    let size = |d: &Design| match d {
        Design::Hierarchy(h) if h.stages().len() == 1 => {
            h.stages().first().filter(|s| s.len() == 1)?.first().copied()
        }
        _ => None,
    };
    ask.designs
        .iter()
        .filter_map(size)
        .map(|size| Ok((size, ask.quality.pool(size, Material::Media)?)))
        .collect()
}

fn sizes(ask: &Ask, communes: &[Commune]) -> Result<Vec<SizeLine>> {
    let Some(focus) = ask.focus else { return Ok(Vec::new()) };
    let commune = communes
        .get(focus)
        .ok_or_else(|| Error::new("focus", format!("is {focus}, there are {} communes", communes.len())))?;
    let largest = ask.designs.iter().map(Design::largest_pool).max().unwrap_or(1);
    let pools: Vec<(usize, Accuracy)> = (1..=(largest + DRAWN_BEYOND).min(MOST_DRAWN))
        .map(|size| Ok((size, ask.quality.pool(size, commune.material)?)))
        .collect::<Result<_>>()?;
    size_lines(&commune.belief, &pools)
}
