//! A round planned from what a health office knows: last round's pools, the tests, the limits; with the reasons beside the
//! numbers. The command line and the planner's page both ask here.

use rayon::prelude::*;

use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::error::{Error, Result, count, within};
use crate::household::{Representation, needed_to_see, unseen};
use crate::plan::{Commune, DesignChoice, Laboratory, Limits, Plan, plan};
use crate::prevalence::{Belief, PoolCount, Round};
use crate::quality::Quality;
use crate::robust::{Crossing, SizeLine, crossings, size_lines};

/// What is known of a commune's prevalence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    Nothing,
    /// Certain of this share of infected.
    Prevalence(f64),
    /// The pools of the last round (singles: size 1).
    Pools(PoolCount),
}

/// One commune as it is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedCommune {
    pub name: String,
    pub specimens: u64,
    pub known: Known,
    pub material: Material,
    /// Index of its laboratory; none = the planner spreads it.
    pub laboratory: Option<usize>,
}

/// How people are represented, for the risk that an outbreak goes unseen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Household {
    pub members: usize,
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
    pub communes: Vec<AskedCommune>,
    pub designs: Vec<Design>,
    pub quality: Quality,
    pub laboratories: Vec<Laboratory>,
    pub limits: Limits,
    /// How much last round's pools still count, 0 to 1.
    pub weight: f64,
    /// Growth of the odds of infection since.
    pub growth: f64,
    pub household: Household,
    /// The commune whose costs are wanted size by size.
    pub focus: Option<usize>,
}

/// What is believed of a commune, and what its round would not see.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Outlook {
    /// Expected prevalence, and the interval that holds 95 % of the belief.
    pub mean: f64,
    pub low: f64,
    pub high: f64,
    /// P(a commune with an outbreak shows nothing in this round).
    pub unseen: f64,
    /// Infected households from which on an outbreak is seen in 95 of 100 rounds; none where nothing would be.
    pub seen_from: Option<u32>,
}

/// A plan with its reasons.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Advice {
    pub plan: Plan,
    /// In the order of the communes.
    pub outlooks: Vec<Outlook>,
    /// Where neighbouring plain pool sizes change places.
    pub crossings: Vec<Crossing>,
    /// Cost against pool size in the commune asked for.
    pub sizes: Vec<SizeLine>,
}

/// Sizes drawn for a commune beyond the largest that is allowed.
const DRAWN_BEYOND: usize = 4;
const MOST_DRAWN: usize = 60;

/// Plans the round and says why.
///
/// # Errors
/// Names the argument; one of a commune as `communes[3].pools`, counted from 0.
pub fn advise(ask: &Ask) -> Result<Advice> {
    within("weight", ask.weight, 0.0, 1.0)?;
    within("growth", ask.growth, 1e-6, 1e6)?;
    count("communes", ask.communes.len(), 1, 20_000)?;
    let h = ask.household;
    let homes = Representation::new(h.members, h.representatives.min(h.members), h.sar, h.exposure)?;
    let designs: Vec<DesignChoice> =
        ask.designs.iter().map(|d| ask.quality.choice(d.clone())).collect::<Result<_>>()?;
    let communes: Vec<Commune> = ask
        .communes
        .par_iter()
        .enumerate()
        .map(|(index, commune)| {
            let of_row =
                |e: Error| Error::new(format!("communes[{index}].{}", e.argument()), e.problem().to_owned());
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
            })
        })
        .collect::<Result<_>>()?;
    Ok(Advice { plan, outlooks, crossings: crossings(&plain(ask)?)?, sizes: sizes(ask, &communes)? })
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
