use std::fmt::Write as _;

use super::{Report, json};
use crate::accuracy::Accuracy;
use crate::design::Algorithm;
use crate::error::{Error, Result};
use crate::optimise::{Best, Objective, Profile, Reach, Search, best as search_best};
use crate::report::{Chart, Series, decimals, text_table};
use crate::robust::dorfman_cost;

/// `pooling best`: the best configuration of each class, side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct BestArgs {
    /// Classes to compare; empty = all that fit the risks and the number of accuracies given.
    pub algorithms: Vec<Algorithm>,
    /// Prevalence, or mean risk.
    pub p: f64,
    /// Risks of given people, for the informative classes; empty = a Beta profile of mean `p`.
    pub p_vector: Vec<f64>,
    /// Shape of that profile.
    pub alpha: f64,
    /// Sensitivity by stage; one value counts for all.
    pub se: Vec<f64>,
    /// Specificity by stage; one value counts for all.
    pub sp: Vec<f64>,
    /// Largest pool, block or line the rule book allows.
    pub largest: usize,
    /// What is made as small, or as large, as can be.
    pub objective: Objective,
}

#[derive(serde::Serialize)]
struct Line {
    #[serde(flatten)]
    best: Best,
    tests_per_person: f64,
    /// The best of the narrower set binGroup2 compares, where it costs more.
    reference: Option<Reference>,
}

#[derive(serde::Serialize)]
struct Reference {
    config: String,
    value: f64,
}

/// `pooling best`: the best configuration of each algorithm.
///
/// # Errors
/// Arguments that make no sense, by name.
pub fn best(args: &BestArgs) -> Result<Report> {
    crate::error::probability("p", args.p)?;
    let asked = !args.algorithms.is_empty();
    let classes: Vec<Algorithm> = if asked {
        args.algorithms.clone()
    } else {
        let stages = args.se.len().max(args.sp.len());
        let fits = |a: &Algorithm| {
            (a.informative() != args.p_vector.is_empty()) && (stages <= 1 || a.accuracies() == stages)
        };
        Algorithm::ALL.into_iter().filter(fits).collect()
    };
    let mut lines = Vec::new();
    let mut problem = None;
    for algorithm in classes {
        match line(args, algorithm) {
            Ok(found) => lines.push(found),
            Err(error) if asked => return Err(error),
            // Not all classes suit all people: an array needs a square number of them.
            Err(error) => problem = Some(error),
        }
    }
    if lines.is_empty() {
        return Err(problem.unwrap_or_else(|| Error::new("algorithms", "none fits the accuracies given")));
    }
    lines.sort_by(|a, b| a.best.value.total_cmp(&b.best.value));
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|l| {
            let c = &l.best.characteristics;
            vec![
                l.best.algorithm.to_string(),
                shorten(&l.best.design.to_string()),
                decimals(l.tests_per_person, 4),
                format!("{} %", decimals(100.0 * (1.0 - l.tests_per_person), 1)),
                decimals(c.variance.sqrt() / c.members as f64, 3),
                decimals(c.pse, 4),
                decimals(c.psp, 5),
                decimals(c.ppv, 4),
                decimals(c.npv, 6),
                decimals(1000.0 * c.missed / c.members as f64, 3),
                decimals(l.best.value, 5),
            ]
        })
        .collect();
    let header = [
        "class",
        "design",
        "tests/person",
        "saving",
        "sd/person",
        "PSe",
        "PSp",
        "PPV",
        "NPV",
        "missed/1000",
        "objective",
    ];
    let mut human = text_table(&header, &rows);
    for l in &lines {
        if let Some(r) = &l.reference {
            let _ = writeln!(
                human,
                "{}: binGroup2 compares fewer configurations; the best of those, {}, has objective {} ({} % more).",
                l.best.algorithm,
                shorten(&r.config),
                decimals(r.value, 5),
                decimals(100.0 * (r.value / l.best.value - 1.0), 2)
            );
        }
    }
    Ok(Report { human, json: json(&lines)?, chart: cost_chart(args)? })
}

fn line(args: &BestArgs, algorithm: Algorithm) -> Result<Line> {
    let accuracy = Accuracy::stages(&args.se, &args.sp, algorithm.accuracies())?;
    let people = args.p_vector.len();
    let profile = if people > 0 {
        Profile::Each(args.p_vector.clone())
    } else if algorithm.informative() {
        Profile::Beta { mean: args.p, alpha: args.alpha }
    } else {
        Profile::Same(args.p)
    };
    let limit = match algorithm {
        Algorithm::D2 => crate::MAX_MEMBERS,
        Algorithm::D3 => 400,
        Algorithm::D4 => 120,
        Algorithm::A2 | Algorithm::A2M => crate::MAX_LINES,
        Algorithm::ID2 | Algorithm::ID3 => 1024,
        Algorithm::IA2 => 32,
    };
    let (smallest, largest) = match (algorithm, people) {
        (Algorithm::IA2, n) if n > 0 => (n.isqrt().max(2), n.isqrt().max(2)),
        (a, n) if n > 0 && a.informative() => (n, n),
        (Algorithm::D2, _) => (2.min(args.largest), args.largest),
        // A Beta profile is worked out anew for each size.
        (Algorithm::ID2 | Algorithm::ID3, _) => (3, args.largest.clamp(3, 60)),
        (Algorithm::IA2, _) => (2, args.largest.clamp(2, 16)),
        _ => (3.min(args.largest.max(2)), args.largest),
    };
    let search = |reach: Reach| {
        search_best(&Search {
            algorithm,
            profile: profile.clone(),
            accuracy: accuracy.clone(),
            smallest,
            largest: largest.min(limit),
            objective: args.objective,
            reach,
        })
    };
    let best = search(Reach::Wide)?;
    let reference = search(Reach::Reference)
        .ok()
        .filter(|r| r.value > best.value * (1.0 + 1e-9))
        .map(|r| Reference { config: r.design.to_string(), value: r.value });
    Ok(Line { tests_per_person: best.characteristics.tests_per_person(), best, reference })
}

fn shorten(config: &str) -> String {
    if config.chars().count() <= 40 {
        config.to_owned()
    } else {
        config.chars().take(37).chain("...".chars()).collect()
    }
}

/// Tests per person against the size of a Dorfman pool, at p and at a fifth and five times p.
fn cost_chart(args: &BestArgs) -> Result<String> {
    let pool = Accuracy::new(
        args.se.first().copied().ok_or_else(|| Error::new("Se", "is an empty list"))?,
        args.sp.first().copied().ok_or_else(|| Error::new("Sp", "is an empty list"))?,
    )?;
    let largest = args.largest.clamp(2, 100);
    let series = [args.p / 5.0, args.p, (args.p * 5.0).min(1.0)]
        .into_iter()
        .map(|p| {
            let points = (1..=largest)
                .map(|n| Ok((n as f64, dorfman_cost(n, p, pool)?)))
                .collect::<Result<Vec<(f64, f64)>>>()?;
            Ok(Series { name: format!("p = {} %", decimals(100.0 * p, 3)), points })
        })
        .collect::<Result<Vec<_>>>()?;
    Chart {
        title: "Cost of pooling in two stages".into(),
        x: "people in a pool".into(),
        y: "expected tests per person".into(),
        series,
    }
    .svg()
}
