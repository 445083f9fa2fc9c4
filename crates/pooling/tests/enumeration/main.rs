//! The characteristics against brute force: every truth, every reading of every pool, the procedure walked as the laboratory
//! walks it. Nothing here knows a formula; it shares only the configuration's text and its vocabulary with the crate.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

mod walk;

use greenfort_pooling::optimise::arrange;
use greenfort_pooling::table::table;
use greenfort_pooling::{Accuracy, Algorithm, Characteristics, Design, Risks};
use proptest::prelude::*;
use walk::{Counted, count};

fn agrees(c: &Characteristics, e: &Counted, p: &[f64]) -> Result<(), TestCaseError> {
    let close = |what: &str, a: f64, b: f64| {
        prop_assert!((a - b).abs() <= 1e-10 * (1.0 + b.abs()), "{}: {} for {}", what, a, b);
        Ok(())
    };
    close("tests", c.expected_tests, e.tests)?;
    // Subtracting two squares of up to 300 leaves this much.
    prop_assert!(
        (c.variance - e.variance).abs() <= 1e-8 * (1.0 + e.tests * e.tests),
        "{} {}",
        c.variance,
        e.variance
    );
    for (x, p) in p.iter().enumerate() {
        if *p > 0.0 {
            close("PSe of one", c.each[x].pse, e.pse[x])?;
        }
        if *p < 1.0 {
            close("PSp of one", c.each[x].psp, e.psp[x])?;
        }
    }
    close("missed", c.missed, e.missed)?;
    close("false positives", c.false_positives, e.wrong)?;
    if e.found + e.missed > 1e-6 {
        close("PSe", c.pse, e.found / (e.found + e.missed))?;
    }
    if e.cleared + e.wrong > 1e-6 {
        close("PSp", c.psp, e.cleared / (e.cleared + e.wrong))?;
    }
    if e.found + e.wrong > 1e-6 {
        close("PPV", c.ppv, e.found / (e.found + e.wrong))?;
    }
    if e.cleared + e.missed > 1e-6 {
        close("NPV", c.npv, e.cleared / (e.cleared + e.missed))?;
    }
    Ok(())
}

fn accuracy() -> impl Strategy<Value = Accuracy> {
    let one = || prop_oneof![4 => 0.51..=1.0_f64, 1 => Just(1.0)];
    (one(), one()).prop_map(|(se, sp)| Accuracy::new(se, sp).unwrap())
}

fn risk() -> impl Strategy<Value = f64> {
    prop_oneof![8 => 0.0..=1.0_f64, 4 => 0.0..0.05_f64, 1 => Just(0.0), 1 => Just(1.0)]
}

/// Sizes of a stage that splits every pool of the one above at random.
fn split(above: &[usize], cuts: u32) -> Vec<usize> {
    let mut out = Vec::new();
    let mut bit = 0;
    for pool in above {
        let mut size = 1;
        for _ in 1..*pool {
            if cuts >> bit & 1 == 1 {
                out.push(size);
                size = 0;
            }
            size += 1;
            bit += 1;
        }
        out.push(size);
    }
    out
}

/// Any nesting of two to four stages over at most nine people, and any array with or without master pool over at most
/// twelve: (name, configuration, people).
fn designs() -> impl Strategy<Value = (Algorithm, String, usize)> {
    let nested = (1..=9_usize, 1..=3_usize, any::<u32>(), any::<u32>(), any::<u32>()).prop_map(
        |(n, depth, a, b, c)| {
            // Few cuts on top, so that something is left to split below.
            let mut stages = vec![split(&[n], a & b & c)];
            for cuts in [b & c, c].into_iter().take(depth - 1) {
                let next = split(stages.last().unwrap(), cuts);
                stages.push(next);
            }
            let text: Vec<String> = stages
                .iter()
                .map(|s| s.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
                .collect();
            ([Algorithm::D2, Algorithm::D3, Algorithm::D4][depth - 1], text.join("|"), n)
        },
    );
    let array = (2..=4_usize, 2..=4_usize, any::<bool>())
        .prop_filter("at most twelve people", |(r, c, _)| r * c <= 12)
        .prop_map(|(r, c, master)| {
            (if master { Algorithm::A2M } else { Algorithm::A2 }, format!("{r}x{c}"), r * c)
        });
    prop_oneof![3 => nested, 1 => array]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_design_is_what_walking_through_every_truth_and_reading_gives(
        ((algorithm, config, n), p, a) in designs().prop_flat_map(|d| {
            let (n, stages) = (d.2, d.0.accuracies());
            (Just(d), prop::collection::vec(risk(), n), prop::collection::vec(accuracy(), stages))
        }),
    ) {
        let design = algorithm.design(&config).unwrap();
        prop_assert_eq!(design.members(), n);
        let each = design.characteristics(&Risks::each(p.clone()).unwrap(), &a).unwrap();
        agrees(&each, &count(algorithm, &config, &p, &a), &p)?;
        // The closed forms for equal risks are other code.
        let same = vec![p[0]; n];
        let c = design.characteristics(&Risks::same(p[0]).unwrap(), &a).unwrap();
        agrees(&c, &count(algorithm, &config, &same, &a), &same)?;
    }
}

/// A row of `pooling table`, its numbers read back.
fn ask(row: &str) -> (String, Vec<f64>) {
    let out =
        table(&format!("id,kind,algorithm,p_mean,p_vector,Se,Sp,size_min,size_max,config\n{row}\n")).unwrap();
    assert_eq!(out.errors, Vec::<String>::new(), "{row}");
    let line = out.csv.lines().nth(1).unwrap().to_owned();
    let cells: Vec<&str> = line.split(',').collect();
    (cells[1].to_owned(), cells[2..].iter().map(|c| c.parse().unwrap()).collect())
}

#[test]
fn rows_of_any_kind_in_a_table_are_what_enumeration_gives() {
    let falling = "0.3;0.11;0.07;0.05;0.02;0.011;0.004;0.001;0.0005";
    let cases = [
        // (row without id, algorithm, people given in the order of the design)
        ("opChar1,D2,0.07,,0.9;0.99,0.97;0.995,NA,NA,6", Algorithm::D2, vec![0.07; 6]),
        ("opChar1,D3,0.07,,0.8;0.9;0.99,0.95;0.97;0.995,NA,NA,9|5+3+1", Algorithm::D3, vec![0.07; 9]),
        (
            "opChar1,D4,0.2,,0.8;0.85;0.9;0.95,0.9;0.92;0.94;0.96,NA,NA,8|5+3|2+2+1+3",
            Algorithm::D4,
            vec![0.2; 8],
        ),
        ("opChar1,A2,0.1,,0.9;0.99,0.97;0.995,NA,NA,3x4", Algorithm::A2, vec![0.1; 12]),
        ("opChar1,A2M,0.1,,0.8;0.9;0.99,0.95;0.97;0.995,NA,NA,4x2", Algorithm::A2M, vec![0.1; 8]),
        (
            "opChar1,D3,,0.3;0.01;0.2;0.05;0.1,0.9,0.97,NA,NA,5|2+3",
            Algorithm::D3,
            vec![0.3, 0.01, 0.2, 0.05, 0.1],
        ),
    ];
    for (row, algorithm, p) in cases {
        check(row, algorithm, &p);
    }
    // Informative rows may name people in any order: the table arranges them.
    for (name, algorithm, config, stages) in [
        ("ID2", Algorithm::ID2, "4+3+2", "0.9;0.99"),
        ("ID3", Algorithm::ID3, "9|4+3+1+1", "0.8;0.9;0.99"),
        ("IA2", Algorithm::IA2, "3x3", "0.9;0.99"),
    ] {
        let given: Vec<f64> = falling.split(';').map(|x| x.parse().unwrap()).collect();
        let design = algorithm.design(config).unwrap();
        let placed: Vec<f64> = match design {
            // Highest risk down the first column, then the next column.
            Design::Array(_) => (0..9).map(|cell| given[cell % 3 * 3 + cell / 3]).collect(),
            // Lowest first.
            Design::Hierarchy(_) => given.iter().rev().copied().collect(),
        };
        let arranged: Vec<f64> = arrange(&given, &design).into_iter().map(|x| given[x]).collect();
        assert_eq!(arranged, placed);
        check(&format!("opChar1,{name},,{falling},{stages},0.97,NA,NA,{config}"), algorithm, &placed);
    }
}

fn check(row: &str, algorithm: Algorithm, p: &[f64]) {
    let cells: Vec<&str> = row.split(',').collect();
    let list = |text: &str| text.split(';').map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
    let a = Accuracy::stages(&list(cells[4]), &list(cells[5]), algorithm.accuracies()).unwrap();
    let (config, got) = ask(&format!("x,{row}"));
    assert_eq!(config, cells[8]);
    let e = count(algorithm, cells[8], p, &a);
    let want = [
        e.tests,
        e.tests / p.len() as f64,
        e.found / (e.found + e.missed),
        e.cleared / (e.cleared + e.wrong),
        e.found / (e.found + e.wrong),
        e.cleared / (e.cleared + e.missed),
    ];
    for (have, want) in got.iter().zip(want) {
        assert!((have - want).abs() < 1e-11 * (1.0 + want), "{row}: {have} for {want}");
    }
}

#[test]
fn the_best_of_a_table_is_the_best_of_all_configurations_by_enumeration() {
    let a = |n: usize| Accuracy::stages(&[0.9], &[0.97], n).unwrap();
    let per_person = |algorithm: Algorithm, config: &str, p: &[f64]| {
        count(algorithm, config, p, &a(algorithm.accuracies())).tests / p.len() as f64
    };
    let joined = |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
    // Two stages of 2 to 8, three of 3 to 7 with every way to split but the whole, arrays of 2 to 3 lines.
    let d2 = (2..=8).map(|n| per_person(Algorithm::D2, &n.to_string(), &vec![0.08; n])).fold(9.0, f64::min);
    let mut d3 = f64::INFINITY;
    for n in 3..=7_usize {
        for cuts in 1..1_u32 << (n - 1) {
            let config = format!("{n}|{}", joined(&split(&[n], cuts)));
            d3 = d3.min(per_person(Algorithm::D3, &config, &vec![0.08; n]));
        }
    }
    let plates = |algorithm: Algorithm| {
        (2..=3).map(|n| per_person(algorithm, &format!("{n}x{n}"), &vec![0.08; n * n])).fold(9.0, f64::min)
    };
    // Seven people of known risk: falling sizes along rising risk, never all in one, as the reference searches.
    let risks = [0.002, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4];
    let falling = |cuts: &u32| split(&[7], *cuts).windows(2).all(|w| w[0] >= w[1]);
    let splits: Vec<Vec<usize>> = (1..64_u32).filter(falling).map(|c| split(&[7], c)).collect();
    let least = |make: &dyn Fn(&[usize]) -> f64| splits.iter().map(|s| make(s)).fold(f64::INFINITY, f64::min);
    let id2 = least(&|s| per_person(Algorithm::ID2, &joined(s), &risks));
    let id3 = least(&|s| per_person(Algorithm::ID3, &format!("7|{}", joined(s)), &risks));
    let vector = "0.4;0.2;0.1;0.05;0.02;0.01;0.002";
    for (row, want) in [
        ("x,OTC1,D2,0.08,,0.9,0.97,2,8,".to_owned(), d2),
        ("x,OTC1,D3,0.08,,0.9,0.97,3,7,".to_owned(), d3),
        ("x,OTC1,A2,0.08,,0.9,0.97,2,3,".to_owned(), plates(Algorithm::A2)),
        ("x,OTC1,A2M,0.08,,0.9,0.97,2,3,".to_owned(), plates(Algorithm::A2M)),
        (format!("x,OTC1,ID2,,{vector},0.9,0.97,7,7,"), id2),
        (format!("x,OTC1,ID3,,{vector},0.9,0.97,7,7,"), id3),
    ] {
        let (config, got) = ask(&row);
        assert!((got[1] / want - 1.0).abs() < 1e-11, "{row}: {config} costs {} for {want}", got[1]);
    }
}
