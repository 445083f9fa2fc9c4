//! The optimisers against binGroup2's CPU seconds, and the speed targets that have no R to compare with.
//!
//! `cargo bench -p greenfort-pooling -- [FOLDER] [--json FILE]`; FOLDER holds bench_cases.csv and bench_r.csv
//! (default ../shared/data/pooling). R's seconds were measured elsewhere, once; ours are medians here.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use greenfort_pooling::decode::{Material, Reaction, Reading, Scheme};
use greenfort_pooling::optimise::{Objective, Profile, Reach, Search, best};
use greenfort_pooling::plan::{Commune, DesignChoice, Laboratory, Limits, Menu, plan};
use greenfort_pooling::posterior::{PooledReading, posterior};
use greenfort_pooling::prevalence::Belief;
use greenfort_pooling::simulate::{Province, Tests, design, province};
use greenfort_pooling::{Accuracy, Algorithm, Design, Risks, ordered_beta};

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Row {
    id: String,
    what: String,
    seconds: f64,
    against: Option<(&'static str, f64)>,
    target: f64,
}

fn main() -> Outcome<()> {
    let mut folder = PathBuf::from("../shared/data/pooling");
    // cargo runs benches in the package's folder; the default is meant from the workspace root.
    let from_package = Path::new("../..").join(&folder);
    let mut json = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => {}
            "--json" => json = args.next(),
            other => folder = PathBuf::from(other),
        }
    }
    if !folder.exists() && from_package.exists() {
        folder = from_package;
    }
    let mut rows = Vec::new();
    if folder.exists() {
        against_r(&folder, &mut rows)?;
    } else {
        println!("skipped: shared data absent at {}", folder.display());
    }
    own_targets(&mut rows)?;
    println!("{:<24} {:>12} {:>12} {:>14}  target", "what", "median", "against", "times");
    for row in &rows {
        let (other, ratio) = match row.against {
            Some((_, seconds)) => (show(seconds), format!("{:.0}", seconds / row.seconds)),
            None => (String::from("-"), String::from("-")),
        };
        let target = if row.against.is_some() {
            format!(">= {:.0}x {}", row.target, row.against.map_or("", |a| a.0))
        } else {
            format!("< {}", show(row.target))
        };
        println!("{:<24} {:>12} {other:>12} {ratio:>14}  {target}  {}", row.id, show(row.seconds), row.what);
    }
    if let Some(file) = json {
        let rows: Vec<_> = rows
            .iter()
            .map(|r| {
                serde_json::json!({
                    "id": format!("pooling {}", r.id), "what": r.what, "value": r.seconds, "unit": "s",
                    "ratio_to": r.against.map(|a| format!("{}, {}", a.0, show(a.1))),
                    "ratio": r.against.map(|a| a.1 / r.seconds), "floor": r.target,
                    "command": "cargo bench -p greenfort-pooling",
                })
            })
            .collect();
        std::fs::write(file, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}

fn show(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{:.2} us", seconds * 1e6)
    }
}

/// The median of repetitions that together take about `budget` seconds, each timed over enough calls.
fn median(budget: f64, mut f: impl FnMut()) -> f64 {
    let start = Instant::now();
    f();
    let once = start.elapsed().as_secs_f64().max(1e-9);
    let inner = (2e-4 / once).ceil().clamp(1.0, 1e5) as usize;
    let outer = (budget / (once * inner as f64)).clamp(5.0, 501.0) as usize | 1;
    let mut times: Vec<f64> = (0..outer)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..inner {
                f();
            }
            start.elapsed().as_secs_f64() / inner as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn against_r(folder: &Path, rows: &mut Vec<Row>) -> Outcome<()> {
    let mut cases = csv::Reader::from_path(folder.join("bench_cases.csv"))?;
    let mut seconds = csv::Reader::from_path(folder.join("bench_r.csv"))?;
    let timed: Vec<csv::StringRecord> = seconds.records().collect::<Result<_, _>>()?;
    for case in cases.records() {
        let case = case?;
        let field = |k: usize| case.get(k).unwrap_or_default();
        let algorithm: Algorithm = field(0).parse()?;
        let (smallest, largest): (usize, usize) = (field(1).parse()?, field(2).parse()?);
        let p: f64 = field(3).parse()?;
        let accuracy = Accuracy::stages(&[field(4).parse()?], &[field(5).parse()?], algorithm.accuracies())?;
        let r = timed
            .iter()
            .find(|t| (0..6).all(|k| t.get(k) == case.get(k)))
            .and_then(|t| t.get(8))
            .ok_or("bench_r.csv lacks a case")?
            .parse()?;
        // An informative design is of given people; R too was handed them.
        let profile = if algorithm.informative() {
            let people = if algorithm.is_array() { largest * largest } else { largest };
            Profile::Each(ordered_beta(p, 2.0, people)?)
        } else {
            Profile::Same(p)
        };
        let search = Search {
            algorithm,
            profile,
            accuracy,
            smallest,
            largest,
            objective: Objective::ExpectedTests,
            reach: Reach::Reference,
        };
        let found = best(&search)?;
        let ours = median(0.3, || {
            black_box(best(black_box(&search)).is_ok());
        });
        let target = if matches!(algorithm, Algorithm::D2 | Algorithm::ID2 | Algorithm::ID3 | Algorithm::IA2)
        {
            1e3
        } else {
            1e5
        };
        rows.push(Row {
            id: format!("{algorithm} {smallest}:{largest}"),
            what: format!("best {}", found.design),
            seconds: ours,
            against: Some(("binGroup2 1.3.1", r)),
            target,
        });
    }
    Ok(())
}

fn own_targets(rows: &mut Vec<Row>) -> Outcome<()> {
    let a = |n: usize| -> Outcome<Vec<Accuracy>> { Ok(vec![Accuracy::new(0.95, 0.995)?; n]) };
    let mut push = |id: &str, what: &str, seconds: f64, target: f64| {
        rows.push(Row { id: id.into(), what: what.into(), seconds, against: None, target });
    };
    let search = |algorithm: Algorithm, largest: usize| -> Outcome<Search> {
        Ok(Search {
            algorithm,
            profile: Profile::Same(0.01),
            accuracy: a(algorithm.accuracies())?,
            smallest: 3,
            largest,
            objective: Objective::ExpectedTests,
            reach: Reach::Reference,
        })
    };
    for (algorithm, largest, target) in
        [(Algorithm::D3, 100, 1e-3), (Algorithm::D4, 48, 0.1), (Algorithm::A2, 40, 1e-4)]
    {
        let s = search(algorithm, largest)?;
        let seconds = median(0.3, || {
            black_box(best(black_box(&s)).is_ok());
        });
        push(&format!("{algorithm} 3:{largest}"), "best, not feasible or not offered in R", seconds, target);
    }

    let input = Province::example(160, 273_636, 0.005, &Design::dorfman(10)?, Tests::Fixed(a(2)?), 1)?;
    let labs = [Laboratory { name: "CDC".into(), per_hour: [1500.0; 24], turnaround: 5.0 }];
    let limits = Limits::default();
    let seconds = median(2.0, || {
        black_box(province(&input, &labs, &limits, 7).is_ok());
    });
    push("province round", "273,636 representatives of 1,094,544 people, decoded, queued", seconds, 1.0);

    let designs: Vec<DesignChoice> = sixty_designs()?;
    let communes: Vec<Commune> = (0..160)
        .map(|k| {
            Ok(Commune {
                name: format!("c{k}"),
                specimens: 1710,
                belief: Belief::beta(0.5 + f64::from(k % 7), 170.0)?,
                material: Material::Media,
                laboratory: None,
            })
        })
        .collect::<Outcome<_>>()?;
    let seconds = median(1.0, || {
        black_box(Menu::new(&communes, &designs).is_ok());
    });
    push("menu 160 x 60 x 200", "expectations of every design over every belief", seconds, 0.05);
    let seconds = median(1.0, || {
        black_box(plan(&communes, &designs, &labs, &limits).is_ok());
    });
    push("plan 160 x 60 x 200", "the same, the choice and the queue", seconds, 0.05);

    let mut readings = Vec::new();
    for i in 0..10 {
        let row = (0..10).map(|j| i * 10 + j).collect();
        let column = (0..10).map(|j| j * 10 + i).collect();
        readings.push(PooledReading { members: row, positive: i % 4 == 1, accuracy: a(1)?[0] });
        readings.push(PooledReading { members: column, positive: i % 5 == 2, accuracy: a(1)?[0] });
    }
    let seconds = median(0.3, || {
        black_box(posterior(&[0.01; 100], &readings).is_ok());
    });
    push("posterior 10x10", "belief propagation", seconds, 0.05);
    // 384 people in 48 pools, everyone in six.
    let wide: Vec<PooledReading> = (0..48_usize)
        .map(|k| {
            let members = (0..384)
                .filter(|x| (0..6).any(|r| (x * (2 * r + 1) + x / 48 * (r + 5) + 8 * r) % 48 == k))
                .collect();
            Ok(PooledReading { members, positive: k % 6 == 1, accuracy: a(1)?[0] })
        })
        .collect::<Outcome<_>>()?;
    let seconds = median(0.3, || {
        black_box(posterior(&[0.01; 384], &wide).is_ok());
    });
    push("posterior 384x48", "belief propagation", seconds, 0.05);

    let scheme = Scheme::dorfman(10, Material::Media)?;
    let open: Vec<Reaction> = (0..6)
        .map(|t| Reaction {
            test: t,
            reading: if t == 0 || t == 4 { Reading::Detected } else { Reading::NotDetected },
        })
        .collect();
    let seconds = median(0.3, || {
        for _ in 0..380 {
            black_box(scheme.decode(black_box(&open)).is_ok());
        }
    });
    push("decode 380 pools", "pools of ten, half retested", seconds, 1e-3);

    // Against Monte Carlo to the same three digits, where there is no R.
    for (algorithm, config) in [(Algorithm::D4, "24|12+12|6+6+6+6"), (Algorithm::A2M, "10x10")] {
        let d = algorithm.design(config)?;
        let accuracy = a(algorithm.accuracies())?;
        let exact = median(0.2, || {
            black_box(d.characteristics(&Risks::Same(0.01), &accuracy).is_ok());
        });
        let start = Instant::now();
        let simulated = design(&d, &Risks::Same(0.01), &accuracy, 20_000, 3)?;
        let once = start.elapsed().as_secs_f64();
        let needed = once * (simulated.tests.standard_error / (5e-4 * simulated.tests.mean)).powi(2);
        rows.push(Row {
            id: format!("{algorithm} {config}"),
            what: "closed form; Monte Carlo to 0.05 % (our own, all cores)".into(),
            seconds: exact,
            against: Some(("Monte Carlo", needed)),
            target: 1e3,
        });
    }
    Ok(())
}

fn sixty_designs() -> Outcome<Vec<DesignChoice>> {
    let mut texts: Vec<(Algorithm, String)> = (1..=32).map(|n| (Algorithm::D2, n.to_string())).collect();
    for (i, m) in [
        (9, 3),
        (12, 3),
        (12, 4),
        (15, 5),
        (16, 4),
        (20, 4),
        (20, 5),
        (24, 4),
        (24, 6),
        (25, 5),
        (30, 5),
        (30, 6),
    ] {
        texts.push((Algorithm::D3, format!("{i}|{}", vec![m.to_string(); i / m].join("+"))));
    }
    texts.extend([4, 5, 6, 8, 10, 12, 14, 16].map(|n| (Algorithm::A2, format!("{n}x{n}"))));
    texts.extend([4, 5, 6, 8, 10, 12].map(|n| (Algorithm::A2M, format!("{n}x{n}"))));
    texts.extend([
        (Algorithm::D4, "24|12+12|6+6+6+6".to_owned()),
        (Algorithm::D4, "16|8+8|4+4+4+4".to_owned()),
    ]);
    assert_eq!(texts.len(), 60);
    texts
        .into_iter()
        .map(|(algorithm, text)| {
            let accuracy = vec![Accuracy::new(0.93, 0.995)?; algorithm.accuracies()];
            Ok(DesignChoice::new(algorithm.design(&text)?, accuracy))
        })
        .collect()
}
