//! The doors through which foreign text and bytes come in: each takes anything and must come back, with an error that
//! names the argument or with finite numbers. Shared by the tests, which replay committed corpora on stable, and by the
//! fuzz targets.

use greenfort_pooling::advice::{Ask, AskedCommune, Household, Known, advise, allowed_designs};
use greenfort_pooling::command::{self, PlanArgs, Quality};
use greenfort_pooling::decode::{Material, Reaction, Reading, Scheme};
use greenfort_pooling::optimise::{Objective, Profile, Reach, Search, best};
use greenfort_pooling::plan::{Laboratory, Limits};
use greenfort_pooling::posterior::{PooledReading, Retest, comp, definite, dorfman_posterior, posterior};
use greenfort_pooling::prevalence::PoolCount;
use greenfort_pooling::table::table;
use greenfort_pooling::{Accuracy, Algorithm, Design, Error, Risks};

/// The error of a refused call says what was refused.
fn named<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.argument().is_empty() && error.to_string().starts_with(error.argument()));
            None
        }
    }
}

/// `pooling table`: every row is answered or refused by its id.
pub(crate) fn rows(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(out) = named(table(text)) else { return };
    let answered = reader_of(&out.csv).records().filter(|r| !r.as_ref().unwrap()[1].is_empty()).count();
    let lines = reader_of(&out.csv).records().count();
    assert_eq!(answered + out.errors.len(), lines, "a row is neither answered nor refused");
}

fn reader_of(csv: &str) -> csv::Reader<&[u8]> {
    csv::Reader::from_reader(csv.as_bytes())
}

/// A configuration as typed. What is read is written back the same, and its numbers are finite.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    named(command::laboratory(text));
    named(text.parse::<Algorithm>());
    let mut designs: Vec<Design> = Algorithm::ALL.into_iter().filter_map(|a| named(a.design(text))).collect();
    designs.extend(named(command::design(text)));
    for design in designs {
        if let Design::Hierarchy(h) = &design {
            assert_eq!(greenfort_pooling::Hierarchy::parse(&h.to_string()).as_ref(), Ok(h));
        }
        let accuracy = vec![Accuracy::new(0.93, 0.97).unwrap(); design.accuracies()];
        let c = design.characteristics(&Risks::same(0.03).unwrap(), &accuracy).unwrap();
        assert!(c.expected_tests.is_finite() && c.variance.is_finite() && c.members == design.members());
        assert!((0.0..=1.0).contains(&c.pse) && (0.0..=1.0).contains(&c.psp));
    }
}

/// Readings in any order, of any test, repeated and contradicting: every specimen keeps a decision.
pub(crate) fn readings(data: &[u8]) {
    const DESIGNS: [(Algorithm, &str); 6] = [
        (Algorithm::D2, "7"),
        (Algorithm::D2, "3+1+2"),
        (Algorithm::D3, "8|4+3+1"),
        (Algorithm::D4, "8|4+4|2+2+3+1"),
        (Algorithm::A2, "3x4"),
        (Algorithm::A2M, "3x3"),
    ];
    const READINGS: [Reading; 4] =
        [Reading::Detected, Reading::NotDetected, Reading::Inconclusive, Reading::Invalid];
    let [head, rest @ ..] = data else { return };
    let (algorithm, text) = DESIGNS[usize::from(*head) % DESIGNS.len()];
    let design = algorithm.design(text).unwrap();
    let material = if head & 0x80 == 0 { Material::Media } else { Material::Swab };
    let scheme = Scheme::new(&design, material);
    let reactions: Vec<Reaction> = rest
        .chunks_exact(2)
        .take(64)
        .map(|pair| Reaction { test: usize::from(pair[0]), reading: READINGS[usize::from(pair[1]) % 4] })
        .collect();
    let Some(decoded) = named(scheme.decode(&reactions)) else { return };
    assert_eq!(decoded.decisions.len(), design.members());
    for (specimen, decision) in decoded.decisions.iter().enumerate() {
        let clears = |r: &Reaction| {
            r.reading == Reading::NotDetected && scheme.specimens_in(r.test).any(|x| x == specimen)
        };
        assert!(
            !decision.is_negative() || reactions.iter().any(clears),
            "negative without a negative reaction"
        );
    }
}

/// Any overlapping pools over any priors: a byte is a prior, then pools of a length and members.
pub(crate) fn overlaps(data: &[u8]) {
    let [people, rest @ ..] = data else { return };
    let people = usize::from(*people % 40);
    let (priors, rest) = rest.split_at(people.min(rest.len()));
    let priors: Vec<f64> = priors.iter().map(|b| f64::from(*b) / 250.0).collect();
    let accuracy = Accuracy::new(0.9, 0.97).unwrap();
    let mut readings = Vec::new();
    let mut rest = rest;
    while let [head, tail @ ..] = rest {
        let (members, after) = tail.split_at(usize::from(head & 0x0f).min(tail.len()));
        let members = members.iter().map(|m| usize::from(*m)).collect();
        readings.push(PooledReading { members, positive: head & 0x80 != 0, accuracy });
        rest = after;
    }
    if let Some(all) = named(posterior(&priors, &readings)) {
        assert_eq!(all.each.len(), priors.len());
        assert!(all.each.iter().all(|a| (0.0..=1.0).contains(&a.probability)));
        assert_eq!(all.components.iter().sum::<usize>(), priors.len());
    }
    let (cleared, found) = (named(comp(priors.len(), &readings)), named(definite(priors.len(), &readings)));
    if let (Some(cleared), Some(found)) = (cleared, found) {
        assert!(cleared.iter().zip(found).all(|(clear, found)| !(*clear && found)), "cleared and found");
    }
    let retests: Vec<Retest> = readings
        .iter()
        .map(|r| match (r.members.len() % 2, r.positive) {
            (0, _) => Retest::NotYet,
            (_, positive) => {
                if positive {
                    Retest::Positive
                } else {
                    Retest::Negative
                }
            }
        })
        .collect();
    if let Some(each) = named(dorfman_posterior(&priors, &retests, accuracy, accuracy)) {
        assert!(each.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

/// Any search: sizes, risks, accuracies and aims out of bytes, within what a test may spend.
pub(crate) fn search(data: &[u8]) {
    let mut bytes = data.iter().copied();
    let mut next = || bytes.next().unwrap_or(7);
    let algorithm = Algorithm::ALL[usize::from(next()) % Algorithm::ALL.len()];
    let mut share = || f64::from(next()) / 250.0;
    let (se, sp, p, alpha) = (share(), share(), share(), share() * 20.0);
    let Some(accuracy) = named(Accuracy::stages(&[se], &[sp], algorithm.accuracies())) else { return };
    let (low, high) = (usize::from(next()), usize::from(next()));
    let objective = match next() % 5 {
        0 => Objective::ExpectedTests,
        1 => Objective::TestsPerCorrect,
        2 => Objective::Weighted { missed: f64::from(next()), false_positive: f64::from(next()) },
        3 => Objective::TestsPerFound,
        _ => Objective::MissedAtBudget { tests_per_person: f64::from(next()) / 100.0 },
    };
    let reach = if next() % 2 == 0 { Reach::Reference } else { Reach::Wide };
    let profile = match next() % 3 {
        0 => Profile::Same(p),
        1 => Profile::Beta { mean: p, alpha },
        _ => Profile::Each((0..next() % 17).map(|_| f64::from(next()) / 250.0).collect()),
    };
    let (smallest, largest) = (low % 20, high % 20);
    let search = Search { algorithm, profile, accuracy, smallest, largest, objective, reach };
    if let Some(found) = named(best(&search)) {
        assert!(found.characteristics.expected_tests > 0.0 && !found.value.is_nan());
        assert_eq!(found.order.len(), found.design.members());
    }
    let sizes = [low, high, usize::from(next())];
    if let Some(designs) = named(allowed_designs(&sizes, true, true)) {
        assert!(designs.iter().all(|d| sizes.contains(&d.largest_pool())));
    }
}

/// The sheet of communes of `pooling plan`.
pub(crate) fn communes(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let args = PlanArgs {
        communes: text.to_owned(),
        designs: vec!["1".into(), "10".into(), "D3:20|5+5+5+5".into()],
        quality: Quality::Load { threshold: 36.0, sp: 0.995 },
        laboratories: vec![laboratory("CDC", 600.0, 5.0)],
        limits: Limits::default(),
        weight: 0.2,
        growth: 1.5,
        household: 4,
        sar: 0.297,
        exposure: 1.0,
    };
    if let Some(report) = named(command::plan(&args)) {
        assert!(report.chart.starts_with("<svg") && !report.human.contains("NaN"));
    }
}

fn laboratory(name: &str, per_hour: f64, turnaround: f64) -> Laboratory {
    Laboratory { name: name.into(), per_hour: [per_hour; 24], turnaround }
}

/// Any numbers in a plan: eight bytes each, as the planner's page would send them.
pub(crate) fn ask(data: &[u8]) {
    let mut numbers = data.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap()));
    let mut next = |usual: f64| numbers.next().unwrap_or(usual);
    let quality = match Accuracy::new(next(0.95), next(0.995)) {
        Ok(a) => Quality::Tests { pool: a, single: Accuracy::PERFECT },
        Err(_) => Quality::Load { threshold: next(36.0), sp: next(0.99) },
    };
    let limits = Limits {
        hours: next(72.0),
        start_hour: next(6.0) as usize,
        collection_hours: next(36.0),
        lead_hours: next(3.0),
        recall_hours: next(12.0),
        staff_minutes: Some(next(1e6)).filter(|m| *m != 0.0),
        worth: Some(next(0.0)).filter(|w| *w != 0.0),
        validity_hours: next(72.0),
        interval_hours: next(72.0),
        z: next(1.645),
        ..Limits::default()
    };
    let laboratories = vec![laboratory("a", next(100.0), next(5.0)), laboratory("b", 50.0, 6.0)];
    let (weight, growth) = (next(0.2), next(1.0));
    let mut commune = |material: Material| AskedCommune {
        name: "x".into(),
        specimens: next(1000.0) as u64,
        known: match next(2.0) as u64 {
            0 => Known::Nothing,
            1 => Known::Prevalence(next(0.01)),
            _ => Known::Pools(PoolCount {
                size: next(10.0) as usize,
                tested: next(100.0) as u64,
                positive: next(1.0) as u64,
            }),
        },
        material,
        laboratory: None,
    };
    let communes = vec![commune(Material::Media), commune(Material::Swab)];
    let household = Household {
        members: next(4.0) as usize,
        representatives: next(1.0) as usize,
        sar: next(0.3),
        exposure: next(1.0),
        outbreak: next(3.0) as u32,
    };
    let designs = ["1", "5", "10", "A2:4x4"].iter().map(|t| command::design(t).unwrap()).collect();
    let ask = Ask {
        communes,
        designs,
        quality,
        laboratories,
        limits,
        weight,
        growth,
        household,
        focus: Some(next(0.0) as usize),
    };
    if let Some(advice) = named(advise(&ask)) {
        let p = &advice.plan;
        assert!(p.tests.is_finite() && p.missed.is_finite() && p.staff_minutes.is_finite());
        assert!(advice.outlooks.iter().all(|o| (0.0..=1.0).contains(&o.unseen) && o.low <= o.high));
    }
}
