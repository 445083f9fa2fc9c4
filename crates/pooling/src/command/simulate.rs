use std::fmt::Write as _;

use super::{Quality, Report, design, json};
use crate::decode::Material;
use crate::dilution::{CtMixture, Dilution};
use crate::error::{Error, Result};
use crate::plan::{Laboratory, Limits};
use crate::report::{Chart, Series, decimals, text_table};
use crate::simulate::{Fault, Province, Tests, province};

/// `pooling simulate`: a seeded round of a made-up province.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulateArgs {
    /// How many communes.
    pub communes: usize,
    /// Households in all; four people each on average.
    pub households: u32,
    /// Mean share of infected households; communes differ log-normally.
    pub prevalence: f64,
    /// As [`design()`] reads it.
    pub design: String,
    /// How good the tests are.
    pub quality: Quality,
    /// Secondary attack rate in a household, 0 to 1.
    pub sar: f64,
    /// How much likelier than others the representative is to bring the infection home; 1: alike.
    pub exposure: f64,
    /// From how many members on a household gives two swabs; none: always one.
    pub two_from: Option<usize>,
    /// Pools are made at the swab, so that a positive one needs new swabs.
    pub swab_pools: bool,
    /// What goes wrong, and how often.
    pub faults: Fault,
    /// Laboratories and their capacity.
    pub laboratories: Vec<Laboratory>,
    /// Limits of the round.
    pub limits: Limits,
    /// Seed: the same seed gives the same round.
    pub seed: u64,
}

/// `pooling simulate`: whole rounds of a province.
///
/// # Errors
/// Arguments that make no sense, by name.
pub fn simulate(args: &SimulateArgs) -> Result<Report> {
    if args.laboratories.is_empty() {
        return Err(Error::new("laboratories", "is an empty list"));
    }
    let design = design(&args.design)?;
    let tests = match &args.quality {
        fixed @ (Quality::Fixed { .. } | Quality::Tests { .. }) => {
            Tests::Fixed(fixed.of(&design, Material::Media)?)
        }
        Quality::Load { threshold, sp } => Tests::Load {
            loads: CtMixture::community(),
            dilution: if args.swab_pools {
                Dilution::swab(*threshold)?
            } else {
                Dilution::media(*threshold)?
            },
            specificity: *sp,
        },
    };
    let mut input =
        Province::example(args.communes, args.households, args.prevalence, &design, tests, args.seed)?;
    input.sar = args.sar;
    input.exposure = args.exposure;
    input.two_from = args.two_from;
    input.material = if args.swab_pools { Material::Swab } else { Material::Media };
    input.faults = args.faults;
    for (index, s) in input.settlements.iter_mut().enumerate() {
        s.laboratory = index % args.laboratories.len();
    }
    let out = province(&input, &args.laboratories, &args.limits, args.seed)?;
    let t = &out.total;
    let share = |a: u64, b: u64| {
        if b == 0 { "-".into() } else { format!("{} %", decimals(100.0 * a as f64 / b as f64, 2)) }
    };
    let p90 = out.journeys.iter().map(|j| j.p90).fold(0.0, f64::max);
    let finish = out.journeys.iter().map(|j| j.finish).fold(0.0, f64::max);
    let o = t.outcomes;
    let rows = [
        ("people", t.people.to_string(), String::new()),
        ("households reached", t.represented.to_string(), share(t.represented, t.households)),
        ("specimens", t.specimens.to_string(), share(t.specimens, t.people)),
        (
            "tests",
            t.tests.to_string(),
            format!("{} a specimen", decimals(t.tests as f64 / t.specimens.max(1) as f64, 4)),
        ),
        ("re-swabs", t.reswabs.to_string(), share(t.reswabs, t.specimens)),
        ("infected people", t.infected_people.to_string(), share(t.infected_people, t.people)),
        (
            "infected households",
            t.infected_households.to_string(),
            share(t.infected_households, t.households),
        ),
        ("infected specimens", t.infected_specimens.to_string(), String::new()),
        ("found", t.found.to_string(), share(t.found, t.infected_specimens)),
        ("false positives", t.false_positives.to_string(), String::new()),
        (
            "infected households found",
            t.households_found.to_string(),
            share(t.households_found, t.infected_households),
        ),
        (
            "infected, represented negative",
            t.households_missed.to_string(),
            share(t.households_missed, t.infected_households),
        ),
        ("households opened", t.opened.to_string(), share(t.opened, t.represented)),
        ("communes with an unseen outbreak", t.unseen_communes.to_string(), String::new()),
        ("outcome negative", o.negative.to_string(), share(o.negative, t.specimens)),
        ("outcome positive", o.positive.to_string(), share(o.positive, t.specimens)),
        ("outcome discordant", o.discordant.to_string(), share(o.discordant, t.specimens)),
        ("outcome held", o.held.to_string(), share(o.held, t.specimens)),
        ("outcome invalid", o.invalid.to_string(), share(o.invalid, t.specimens)),
        ("worst p90 swab to result, h", decimals(p90, 1), String::new()),
        ("last result, h", decimals(finish, 1), String::new()),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(a, b, c)| vec![a.to_owned(), b, c]).collect();
    let mut human = text_table(&["", "number", "share"], &rows);
    let _ = writeln!(human, "\nSeed {}: the same numbers again on any machine.", args.seed);
    let series = out
        .hours
        .iter()
        .zip(&args.laboratories)
        .take(6)
        .map(|(hours, l)| Series {
            name: l.name.clone(),
            points: hours.iter().enumerate().map(|(h, x)| (h as f64, x.waiting)).collect(),
        })
        .collect();
    let chart = Chart {
        title: "Tests waiting in the laboratories".into(),
        x: "hours from the first swab".into(),
        y: "tests waiting".into(),
        series,
    };
    // Nobody was swabbed: there is no queue to draw.
    let chart = if out.journeys.is_empty() { String::new() } else { chart.svg()? };
    Ok(Report { human, json: json(&out)?, chart })
}
