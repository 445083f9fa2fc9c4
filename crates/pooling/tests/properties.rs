//! What must hold of every design whatever the numbers: limits, monotonicities, relabelling, agreement of forms.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::optimise::{Objective, Profile, Reach, Search, best};
use greenfort_pooling::{Accuracy, Algorithm, Characteristics, Design, Hierarchy, Risks};
use proptest::prelude::*;

fn accuracy() -> impl Strategy<Value = Accuracy> {
    (0.6..=1.0_f64, 0.6..=1.0_f64).prop_map(|(se, sp)| Accuracy::new(se, sp).unwrap())
}

fn designs() -> impl Strategy<Value = (Design, Vec<Accuracy>)> {
    let design = prop_oneof![
        (1_usize..30).prop_map(|n| Design::dorfman(n).unwrap()),
        prop::collection::vec(1_usize..8, 1..5)
            .prop_map(|s| Design::Hierarchy(Hierarchy::new(vec![s]).unwrap())),
        prop::collection::vec(1_usize..6, 1..5)
            .prop_map(|s| { Design::Hierarchy(Hierarchy::new(vec![vec![s.iter().sum()], s]).unwrap()) }),
        prop::collection::vec((1_usize..4, 1_usize..4), 1..4).prop_map(|pairs| {
            let middle: Vec<usize> = pairs.iter().map(|(a, b)| a + b).collect();
            let inner = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
            Design::Hierarchy(Hierarchy::new(vec![vec![middle.iter().sum()], middle, inner]).unwrap())
        }),
        (2_usize..9, 2_usize..9).prop_map(|(n, m)| Algorithm::A2.design(&format!("{n}x{m}")).unwrap()),
        (2_usize..9, 2_usize..9).prop_map(|(n, m)| Algorithm::A2M.design(&format!("{n}x{m}")).unwrap()),
    ];
    design.prop_flat_map(|d| {
        let n = d.accuracies();
        (Just(d), prop::collection::vec(accuracy(), n))
    })
}

fn run(d: &Design, p: f64, a: &[Accuracy]) -> Characteristics {
    d.characteristics(&Risks::Same(p), a).unwrap()
}

fn near(a: f64, b: f64, what: &str) -> Result<(), TestCaseError> {
    prop_assert!((a - b).abs() <= 1e-9 * (1.0 + a.abs()), "{}: {} and {}", what, a, b);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_risks_given_one_by_one_give_the_same((d, a) in designs(), p in 0.0..=1.0_f64) {
        let same = run(&d, p, &a);
        let each = d.characteristics(&Risks::each(vec![p; d.members()]).unwrap(), &a).unwrap();
        near(same.expected_tests, each.expected_tests, "tests")?;
        prop_assert!((same.variance - each.variance).abs() <= 1e-7 * (1.0 + same.variance), "{} {}", same.variance, each.variance);
        near(same.pse, each.pse, "PSe")?;
        near(same.psp, each.psp, "PSp")?;
    }

    #[test]
    fn everything_is_within_its_bounds((d, a) in designs(), p in 0.0..=1.0_f64) {
        let c = run(&d, p, &a);
        let n = d.members() as f64;
        let first = match &d {
            Design::Hierarchy(h) => h.stages()[0].len() as f64,
            Design::Array(x) if x.master() => 1.0,
            Design::Array(x) => (x.rows() + x.columns()) as f64,
        };
        // Every design's worst case: all its tests.
        let most = n + match &d {
            Design::Hierarchy(h) => h.stages().iter().map(Vec::len).sum::<usize>() as f64,
            Design::Array(x) => (x.rows() + x.columns() + 1) as f64,
        };
        prop_assert!(c.expected_tests >= first - 1e-9 && c.expected_tests <= most + 1e-9);
        prop_assert!(c.variance >= 0.0 && c.variance <= (most - first).powi(2) / 4.0 + 1e-6);
        for m in &c.each {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&m.pse) && (-1e-12..=1.0 + 1e-12).contains(&m.psp));
        }
    }

    #[test]
    fn a_perfect_test_never_errs((d, _) in designs(), p in 0.001..0.999_f64) {
        let c = run(&d, p, &vec![Accuracy::PERFECT; d.accuracies()]);
        near(c.pse, 1.0, "PSe")?;
        near(c.psp, 1.0, "PSp")?;
        near(c.ppv, 1.0, "PPV")?;
        near(c.npv, 1.0, "NPV")?;
    }

    #[test]
    fn with_nobody_infected_only_false_positives_cost((d, a) in designs()) {
        let c = run(&d, 0.0, &a);
        let tiny = run(&d, 1e-13, &a);
        near(c.expected_tests, tiny.expected_tests, "tests as p goes to 0")?;
        let perfect = run(&d, 0.0, &vec![Accuracy::PERFECT; d.accuracies()]);
        let first = match &d {
            Design::Hierarchy(h) => h.stages()[0].len(),
            Design::Array(x) if x.master() => 1,
            Design::Array(x) => x.rows() + x.columns(),
        };
        near(perfect.expected_tests, first as f64, "tests of a clear pool")?;
        near(perfect.variance, 0.0, "variance of a clear pool")?;
    }

    #[test]
    fn more_infection_means_more_tests_in_nested_designs((d, a) in designs(), p in 0.0..0.9_f64, more in 0.001..0.1_f64) {
        if matches!(d, Design::Hierarchy(_)) {
            prop_assert!(run(&d, p + more, &a).expected_tests >= run(&d, p, &a).expected_tests - 1e-9);
        }
    }

    #[test]
    fn a_better_single_test_means_better_calls((d, a) in designs(), p in 0.01..0.5_f64) {
        let mut better = a.clone();
        let last = better.len() - 1;
        better[last] = Accuracy::PERFECT;
        let (old, new) = (run(&d, p, &a), run(&d, p, &better));
        prop_assert!(new.pse >= old.pse - 1e-12 && new.psp >= old.psp - 1e-12);
    }

    #[test]
    fn relabelling_people_moves_their_numbers_with_them(
        risks in prop::collection::vec(0.0..0.4_f64, 12), a in prop::collection::vec(accuracy(), 3), turn in 1_usize..3,
    ) {
        // Turning a design of three equal subpools by whole subpools; and an array by whole rows.
        for (d, block) in [
            (Algorithm::D3.design("12|4+4+4").unwrap(), 4),
            (Algorithm::A2M.design("3x4").unwrap(), 4),
        ] {
            let mut turned = risks.clone();
            turned.rotate_left(turn * block);
            let (x, y) = (
                d.characteristics(&Risks::each(risks.clone()).unwrap(), &a).unwrap(),
                d.characteristics(&Risks::each(turned).unwrap(), &a).unwrap(),
            );
            near(x.expected_tests, y.expected_tests, "tests")?;
            prop_assert!((x.variance - y.variance).abs() < 1e-7 * (1.0 + x.variance));
            for (k, member) in y.each.iter().enumerate() {
                near(member.psp, x.each[(k + turn * block) % 12].psp, "PSp")?;
                near(member.pse, x.each[(k + turn * block) % 12].pse, "PSe")?;
            }
        }
    }

    #[test]
    fn a_transposed_array_costs_the_same(risks in prop::collection::vec(0.0..0.4_f64, 12), a in prop::collection::vec(accuracy(), 2)) {
        let transposed: Vec<f64> = (0..12).map(|k| risks[k % 3 * 4 + k / 3]).collect();
        let x = Algorithm::A2.design("3x4").unwrap().characteristics(&Risks::each(risks).unwrap(), &a).unwrap();
        let y = Algorithm::A2.design("4x3").unwrap().characteristics(&Risks::each(transposed).unwrap(), &a).unwrap();
        near(x.expected_tests, y.expected_tests, "tests")?;
        prop_assert!((x.variance - y.variance).abs() < 1e-7 * (1.0 + x.variance));
        near(x.psp, y.psp, "PSp")?;
    }

    #[test]
    fn a_pool_in_a_pool_of_the_same_people_is_two_tests_in_a_row(n in 2_usize..12, p in 0.0..0.6_f64, a in prop::collection::vec(accuracy(), 3)) {
        // Two stages on one pool act like one test with Se = Se1·Se2 and false positives multiplied.
        let twice = Algorithm::D3.design(&format!("{n}|{n}")).unwrap();
        let c = run(&twice, p, &a);
        let both = Accuracy::new(a[0].se() * a[1].se(), 1.0 - a[0].false_positive() * a[1].false_positive());
        if let Ok(both) = both {
            let one = run(&Design::dorfman(n).unwrap(), p, &[both, a[2]]);
            near(c.psp, one.psp, "PSp")?;
            near(c.pse, one.pse, "PSe")?;
            let q = (1.0 - p).powi(n as i32);
            near(c.expected_tests, one.expected_tests + a[0].reads_positive(q), "tests")?;
        }
    }
}

fn search(
    algorithm: Algorithm,
    profile: Profile,
    a: Vec<Accuracy>,
    sizes: (usize, usize),
    objective: Objective,
    reach: Reach,
) -> Search {
    Search { algorithm, profile, accuracy: a, smallest: sizes.0, largest: sizes.1, objective, reach }
}

/// All partitions of n in falling order.
fn partitions(n: usize, most: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    (1..=most.min(n))
        .flat_map(|first| {
            partitions(n - first, first).into_iter().map(move |mut rest| {
                rest.insert(0, first);
                rest
            })
        })
        .collect()
}

fn objectives() -> Vec<Objective> {
    vec![
        Objective::ExpectedTests,
        Objective::TestsPerCorrect,
        Objective::Weighted { missed: 5.0, false_positive: 3.0 },
        Objective::TestsPerFound,
    ]
}

fn value(o: Objective, c: &Characteristics, infected: f64) -> f64 {
    let n = c.members as f64;
    match o {
        Objective::ExpectedTests => c.expected_tests / n,
        Objective::TestsPerCorrect => c.expected_tests / (n - c.missed - c.false_positives),
        Objective::Weighted { missed, false_positive } => {
            (c.expected_tests + missed * c.missed + false_positive * c.false_positives) / n
        }
        Objective::TestsPerFound => c.expected_tests / (infected - c.missed),
        Objective::MissedAtBudget { tests_per_person } => {
            (infected - (tests_per_person * n / c.expected_tests).min(1.0) * (infected - c.missed)) / n
        }
    }
}

#[test]
fn the_dynamic_programmes_find_what_enumeration_finds() {
    let a3 = Accuracy::stages(&[0.85, 0.92, 0.97], &[0.97, 0.98, 0.99], 3).unwrap();
    let a2 = vec![a3[0], a3[2]];
    let p: Vec<f64> = (0..10).map(|i| 0.002 * 1.6_f64.powi(i)).collect();
    let infected: f64 = p.iter().sum();
    let orders = |sizes: &[usize]| -> Vec<usize> { sizes.to_vec() };
    for o in objectives() {
        // Equal risks, three stages: all partitions of all sizes.
        let mut least = f64::INFINITY;
        for n in 3..=12 {
            for parts in partitions(n, n - 1) {
                let d = Design::Hierarchy(Hierarchy::new(vec![vec![n], parts]).unwrap());
                least = least.min(value(o, &run(&d, 0.05, &a3), 0.05 * n as f64));
            }
        }
        let found =
            best(&search(Algorithm::D3, Profile::Same(0.05), a3.clone(), (3, 12), o, Reach::Reference))
                .unwrap();
        assert!((found.value / least - 1.0).abs() < 1e-12, "D3 {o:?} {} {least}", found.value);
        assert!(
            (value(o, &found.characteristics, 0.05 * found.characteristics.members as f64) / least - 1.0)
                .abs()
                < 1e-12
        );

        // Ordered risks, in the reference's space: falling sizes, never the whole.
        for (algorithm, a) in [(Algorithm::ID2, &a2), (Algorithm::ID3, &a3)] {
            let design = |sizes: Vec<usize>| {
                let stages = if algorithm == Algorithm::ID2 { vec![sizes] } else { vec![vec![10], sizes] };
                Design::Hierarchy(Hierarchy::new(stages).unwrap())
            };
            let cost = |d: &Design| {
                value(o, &d.characteristics(&Risks::each(p.clone()).unwrap(), a).unwrap(), infected)
            };
            let least =
                partitions(10, 9).iter().map(|s| cost(&design(orders(s)))).fold(f64::INFINITY, f64::min);
            let found =
                best(&search(algorithm, Profile::Each(p.clone()), a.clone(), (10, 10), o, Reach::Reference))
                    .unwrap();
            assert!(
                (found.value / least - 1.0).abs() < 1e-12,
                "{algorithm} {o:?} {} {least} {}",
                found.value,
                found.design
            );
            // All compositions, the whole block included where it makes sense.
            let mut least = f64::INFINITY;
            for cuts in 0..512_usize {
                let mut sizes = vec![1];
                for k in 0..9 {
                    if cuts >> k & 1 == 1 {
                        sizes.push(1);
                    } else if let Some(last) = sizes.last_mut() {
                        *last += 1;
                    }
                }
                if sizes.len() > 1 || algorithm == Algorithm::ID2 {
                    least = least.min(cost(&design(sizes)));
                }
            }
            let wide =
                best(&search(algorithm, Profile::Each(p.clone()), a.clone(), (10, 10), o, Reach::Wide))
                    .unwrap();
            assert!(
                (wide.value / least - 1.0).abs() < 1e-12,
                "{algorithm} wide {o:?} {} {least}",
                wide.value
            );
            assert!(wide.value <= found.value + 1e-15);
        }
    }
}

#[test]
fn four_stages_are_searched_fully() {
    let a = Accuracy::stages(&[0.9, 0.92, 0.95, 0.97], &[0.97, 0.98, 0.98, 0.99], 4).unwrap();
    let mut least = f64::INFINITY;
    for n in 3..=9_usize {
        for middle in partitions(n, n - 1) {
            // Every way to split every group of the middle stage.
            let mut inner: Vec<Vec<usize>> = vec![vec![]];
            for b in &middle {
                let splits = if *b == 1 { vec![vec![1]] } else { partitions(*b, b - 1) };
                inner = inner
                    .into_iter()
                    .flat_map(|head| splits.iter().map(move |s| [head.clone(), s.clone()].concat()))
                    .collect();
            }
            for third in inner {
                let d = Design::Hierarchy(Hierarchy::new(vec![vec![n], middle.clone(), third]).unwrap());
                least = least.min(run(&d, 0.03, &a).tests_per_person());
            }
        }
    }
    let found =
        best(&search(Algorithm::D4, Profile::Same(0.03), a, (3, 9), Objective::ExpectedTests, Reach::Wide))
            .unwrap();
    assert!((found.value / least - 1.0).abs() < 1e-12, "{} {least}", found.value);
}

#[test]
fn at_a_fixed_budget_the_choice_is_the_best_of_all_sizes() {
    let a = vec![Accuracy::new(0.9, 0.99).unwrap(), Accuracy::new(0.97, 0.999).unwrap()];
    for budget in [0.05, 0.15, 0.25, 0.5, 1.0, 3.0] {
        let o = Objective::MissedAtBudget { tests_per_person: budget };
        let found =
            best(&search(Algorithm::D2, Profile::Same(0.01), a.clone(), (1, 60), o, Reach::Reference))
                .unwrap();
        let least = (1..=60)
            .map(|n| value(o, &run(&Design::dorfman(n).unwrap(), 0.01, &a), 0.01 * n as f64))
            .fold(f64::INFINITY, f64::min);
        assert!((found.value / least - 1.0).abs() < 1e-12, "{budget} {} {least}", found.value);
    }
}

#[test]
fn one_pool_of_the_whole_block_is_found_where_r_does_not_look() {
    // pooling §3: p = 1 %, ten people: .204 against R's .249 for 7+3.
    let a = vec![Accuracy::new(0.95, 0.99).unwrap(); 2];
    let p = greenfort_pooling::ordered_beta(0.01, 0.5, 10).unwrap();
    let at = |reach| {
        best(&search(
            Algorithm::ID2,
            Profile::Each(p.clone()),
            a.clone(),
            (10, 10),
            Objective::ExpectedTests,
            reach,
        ))
        .unwrap()
    };
    let (narrow, wide) = (at(Reach::Reference), at(Reach::Wide));
    assert_eq!(wide.design.to_string(), "10");
    assert!(
        (narrow.value - 0.2475).abs() < 2e-3 && (wide.value - 0.20).abs() < 5e-3,
        "{} {}",
        narrow.value,
        wide.value
    );
}
