use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Quality, Report, design, json};
use crate::advice::{Advice, Ask, AskedCommune, Household, Known, advise};
use crate::decode::Material;
use crate::error::{Error, Result};
use crate::household::{Representation, unseen};
use crate::plan::{Binding, Laboratory, Limits};
use crate::prevalence::PoolCount;
use crate::report::{Chart, Series, decimals, text_table};

/// `pooling plan`: a design for every commune under the laboratories' limits.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanArgs {
    /// CSV with a header: `name, specimens`, and what is known: `p` (certain), or `pool_size, pools, positive` of the last
    /// round (singles: size 1); optional `material` (media, swab) and `laboratory` (a name). Other columns are ignored.
    pub communes: String,
    /// As [`design()`] reads them.
    pub designs: Vec<String>,
    /// How good the tests are.
    pub quality: Quality,
    /// Laboratories and their capacity.
    pub laboratories: Vec<Laboratory>,
    /// Limits of the round.
    pub limits: Limits,
    /// Weight of last round's pools (1 = fully).
    pub weight: f64,
    /// Growth of the odds of infection since.
    pub growth: f64,
    /// For the chart: household size, secondary attack rate, exposure of the representative.
    pub household: usize,
    /// Secondary attack rate in a household, 0 to 1.
    pub sar: f64,
    /// How much likelier than others the representative is to bring the infection home; 1: alike.
    pub exposure: f64,
}

/// `pooling plan`: a design and a laboratory for every commune.
///
/// # Errors
/// A file or arguments that make no sense, by line and name.
pub fn plan(args: &PlanArgs) -> Result<Report> {
    if args.designs.is_empty() {
        return Err(Error::new("designs", "is an empty list"));
    }
    let ask = Ask {
        communes: communes(args)?,
        designs: args.designs.iter().map(|text| design(text)).collect::<Result<_>>()?,
        quality: args.quality.clone(),
        laboratories: args.laboratories.clone(),
        limits: args.limits.clone(),
        weight: args.weight,
        growth: args.growth,
        household: Household {
            members: args.household,
            representatives: 1,
            sar: args.sar,
            exposure: args.exposure,
            outbreak: 3,
        },
        focus: None,
    };
    let advice = advise(&ask).map_err(by_row)?;
    let human = human(&advice, args);
    Ok(Report { human, chart: risk_chart(&advice, args)?, json: json(&advice)? })
}

/// `communes[3].positive` as the reader of the file counts it.
fn by_row(error: Error) -> Error {
    let row = error.argument().strip_prefix("communes[").and_then(|rest| rest.split_once("]."));
    match row.and_then(|(index, name)| Some((index.parse::<usize>().ok()?, name))) {
        Some((index, name)) => {
            Error::new("communes", format!("row {}: {name}: {}", index + 1, error.problem()))
        }
        None => error,
    }
}

fn communes(args: &PlanArgs) -> Result<Vec<AskedCommune>> {
    let labs: HashMap<&str, usize> =
        args.laboratories.iter().enumerate().map(|(i, l)| (l.name.as_str(), i)).collect();
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(args.communes.as_bytes());
    let header = reader.headers().map_err(|e| Error::new("communes", e.to_string()))?.clone();
    let mut out = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|e| Error::new("communes", e.to_string()))?;
        let at = |name: &str| {
            let index = header.iter().position(|h| h.trim_start_matches('\u{feff}') == name)?;
            record.get(index).map(str::trim).filter(|t| !t.is_empty())
        };
        let bad = |name: &str, problem: String| {
            Error::new("communes", format!("row {}: {name} {problem}", number + 1))
        };
        let whole = |name: &str| {
            at(name)
                .map(|t| t.parse::<u64>().map_err(|_| bad(name, format!("{t:?} is not a whole number"))))
                .transpose()
        };
        let name = at("name").ok_or_else(|| bad("name", "is empty".into()))?.to_owned();
        let specimens = whole("specimens")?.ok_or_else(|| bad("specimens", "is empty".into()))?;
        let known = match (at("p"), whole("pool_size")?, whole("pools")?, whole("positive")?) {
            (Some(p), ..) => {
                Known::Prevalence(p.parse().map_err(|_| bad("p", format!("{p:?} is not a number")))?)
            }
            (None, Some(size), Some(tested), Some(positive)) => {
                let size = usize::try_from(size).map_err(|_| bad("pool_size", "is too large".into()))?;
                Known::Pools(PoolCount { size, tested, positive })
            }
            _ => return Err(bad("p", "or pool_size, pools and positive are needed".into())),
        };
        let material = match at("material") {
            None | Some("media") => Material::Media,
            Some("swab") => Material::Swab,
            Some(other) => return Err(bad("material", format!("{other:?} is neither media nor swab"))),
        };
        let laboratory = at("laboratory")
            .map(|l| {
                labs.get(l)
                    .copied()
                    .ok_or_else(|| bad("laboratory", format!("{l:?} is not among those given")))
            })
            .transpose()?;
        out.push(AskedCommune { name, specimens, known, material, laboratory });
    }
    Ok(out)
}

fn human(advice: &Advice, args: &PlanArgs) -> String {
    let plan = &advice.plan;
    let rows: Vec<Vec<String>> = plan
        .communes
        .iter()
        .zip(&advice.outlooks)
        .map(|(c, outlook)| {
            let why = match (&c.next, c.too_late) {
                (_, true) => "NOTHING ENDS IN TIME; this is the fastest".to_owned(),
                (None, _) => "misses least".to_owned(),
                (Some(step), _) => format!(
                    "{} would find {} more for {} tests{}",
                    step.design,
                    decimals(step.fewer_missed, 3),
                    decimals(step.more_tests, 0),
                    match c.stopped_by {
                        Some(Binding::Tests) => ": no tests left",
                        Some(Binding::Staff) => ": no staff left",
                        Some(Binding::Worth) => ": more than a find is worth",
                        _ => "",
                    }
                ),
            };
            vec![
                c.commune.clone(),
                c.design.to_string(),
                args.laboratories.get(c.laboratory).map_or_else(String::new, |l| l.name.clone()),
                c.specimens.to_string(),
                format!("{} %", decimals(100.0 * outlook.mean, 3)),
                format!("{} ± {}", decimals(c.tests, 0), decimals(c.tests_sd, 0)),
                decimals(c.missed, 3),
                decimals(c.staff_minutes / 60.0, 1),
                decimals(c.journey.p90, 1),
                decimals(c.pass.usable, 1),
                decimals(c.pass.gap, 1),
                decimals(outlook.unseen, 3),
                why,
            ]
        })
        .collect();
    let header = [
        "commune",
        "design",
        "laboratory",
        "specimens",
        "prevalence",
        "tests",
        "missed",
        "staff h",
        "p90 h",
        "pass h",
        "gap h",
        "3 unseen",
        "why",
    ];
    let mut out = text_table(&header, &rows);
    let _ = writeln!(
        out,
        "\nTests {} (with safety {}) of {}; missed infections {}; staff {} h; last result after {} h of {}.",
        decimals(plan.tests, 0),
        decimals(plan.tests_with_safety, 0),
        decimals(plan.capacity.iter().sum(), 0),
        decimals(plan.missed, 2),
        decimals(plan.staff_minutes / 60.0, 0),
        decimals(plan.finish, 1),
        decimals(args.limits.hours, 0)
    );
    out.push_str(match plan.binding {
        Binding::Nothing => "No limit binds: every commune has the design that misses least.\n",
        Binding::Tests => {
            "The laboratories' tests bind: with more of them fewer infections would be missed.\n"
        }
        Binding::Staff => "The staff's time binds: with more of it fewer infections would be missed.\n",
        Binding::Worth => {
            "No limit binds; a further find would cost more tests than it is said to be worth.\n"
        }
        Binding::Infeasible => "NOT FEASIBLE: the cheapest designs already exceed the limits.\n",
    });
    if !plan.in_time && plan.binding != Binding::Infeasible {
        out.push_str(
            "NOT IN TIME: the queue does not empty within the hours; see the load by hour in the JSON.\n",
        );
    }
    out
}

/// P(a commune shows nothing) against the number of infected households, at the plan's mean sensitivity.
fn risk_chart(advice: &Advice, args: &PlanArgs) -> Result<String> {
    let infected: f64 =
        advice.plan.communes.iter().zip(&advice.outlooks).map(|(c, o)| c.specimens as f64 * o.mean).sum();
    let sensitivity =
        if infected > 0.0 { (1.0 - advice.plan.missed / infected).clamp(0.0, 1.0) } else { 1.0 };
    let line = |name: &str, representatives: usize, exposure: f64| {
        let d = Representation::new(args.household, representatives.min(args.household), args.sar, exposure)?
            .detection(sensitivity, 1.0, 1.0)?;
        let points = (0..=20).map(|k| Ok((f64::from(k), unseen(k, d)?))).collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(Series { name: name.to_owned(), points })
    };
    let mut series = vec![line("one at random", 1, 1.0)?, line("two at random", 2, 1.0)?];
    if args.exposure > 1.0 {
        series.push(line("the most exposed", 1, args.exposure)?);
    }
    Chart {
        title: format!("Risk that an outbreak goes unseen (households of {})", args.household),
        x: "infected households in the commune".into(),
        y: "P(the round shows nothing)".into(),
        series,
    }
    .svg()
}
