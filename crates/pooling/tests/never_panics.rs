//! Every public entry, fed with nonsense: an error that names the argument, or a finite answer; never a panic, never without bound.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::command::{self, BestArgs, PlanArgs, Quality, SimulateArgs};
use greenfort_pooling::decode::{Material, Reaction, Reading, Scheme};
use greenfort_pooling::dilution::{CtMixture, Dilution, pooled_ct};
use greenfort_pooling::household::{Representation, Share, needed_to_see, pool_clear, residual, unseen};
use greenfort_pooling::optimise::{Objective, Profile, Reach, Search, best};
use greenfort_pooling::plan::{Laboratory, Limits};
use greenfort_pooling::posterior::{PooledReading, Retest, dorfman_posterior, posterior};
use greenfort_pooling::prevalence::{Belief, PoolCount, Round, maximum_likelihood};
use greenfort_pooling::robust::{beta_clear, minimax_regret_size, robust_size};
use greenfort_pooling::simulate::{Fault, design};
use greenfort_pooling::table::table;
use greenfort_pooling::{Accuracy, Algorithm, Array, Design, Hierarchy, Risks, ordered_beta};
use proptest::prelude::*;

/// Numbers that break things, and ordinary ones.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-0.0),
        Just(1.0),
        Just(-1.0),
        Just(f64::MIN_POSITIVE),
        Just(1e-300),
        Just(1e300),
        Just(1.0 - f64::EPSILON),
        0.0..1.0_f64,
        -10.0..1000.0_f64,
    ]
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0_usize), Just(1), Just(1_000_000), Just(usize::MAX), 0..40_usize]
}

fn accuracies() -> impl Strategy<Value = Vec<Accuracy>> {
    prop::collection::vec(
        (0.5..=1.0_f64, 0.51..=1.0_f64).prop_map(|(a, b)| Accuracy::new(a, b).unwrap()),
        0..5,
    )
}

/// The error of a refused call names something.
fn named<T>(result: Result<T, greenfort_pooling::Error>) {
    if let Err(error) = result {
        assert!(!error.argument().is_empty() && error.to_string().starts_with(error.argument()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers(a in wild(), b in wild(), c in wild(), n in size(), m in size(), k in any::<u32>()) {
        named(Accuracy::new(a, b));
        named(Accuracy::stages(&[a, b], &[c], n));
        named(Risks::same(a));
        named(Risks::each(vec![a, b, c]));
        named(ordered_beta(a, b, n.min(64)));
        named(Representation::new(n, m, a, b).and_then(|r| r.detection(a, b, c)));
        named(unseen(k, a));
        named(needed_to_see(a, b));
        named(residual(a, b));
        named(pool_clear(&[Share { members: n, present: m }], a, b));
        named(beta_clear(a, b, n));
        named(Belief::beta(a, b).and_then(|x| x.grown(c)).and_then(|x| x.interval(a)));
        named(minimax_regret_size(Accuracy::PERFECT, a, b, &[n, m]));
        named(robust_size(&Belief::certain(0.01).unwrap(), Accuracy::PERFECT, &[n, m]));
        named(pooled_ct(&[Some(a), None, Some(b)], c));
        named(CtMixture::new(vec![(a, b, c)]));
        named(Dilution::new(a, b).and_then(|d| d.stage_accuracies(&CtMixture::community(), &[n, m], c)));
        named(Array::new(n, m, k % 2 == 0));
        named(Hierarchy::new(vec![vec![n, m], vec![m, n]]));
        named(Hierarchy::dorfman(n));
    }

    #[test]
    fn texts_of_configurations(text in "[0-9+|x ]{0,24}", any_text in ".{0,24}") {
        for text in [&text, &any_text] {
            for algorithm in Algorithm::ALL {
                if let Ok(d) = algorithm.design(text) {
                    prop_assert_eq!(&algorithm.design(&d.to_string()).unwrap(), &d);
                }
            }
            named(command::design(text));
            named(command::laboratory(text));
            named(text.parse::<Algorithm>());
        }
    }

    #[test]
    fn characteristics(p in wild(), risks in prop::collection::vec(wild(), 0..20), a in accuracies(), n in 1..12_usize, m in 1..12_usize) {
        let designs = [
            Design::dorfman(n).unwrap(),
            Design::Hierarchy(Hierarchy::new(vec![vec![n + m], vec![n, m]]).unwrap()),
            Design::Array(Array::new(n + 1, m + 1, n % 2 == 0).unwrap()),
        ];
        for d in designs {
            for r in [Risks::Same(p), Risks::Each(risks.clone())] {
                match d.characteristics(&r, &a) {
                    Ok(c) => prop_assert!(c.expected_tests.is_finite() && c.variance.is_finite() && c.pse.is_finite() && c.psp.is_finite()),
                    error => named(error),
                }
                named(design(&d, &r, &a, n, 1));
            }
        }
    }

    #[test]
    fn certain_and_impossible_risks(risks in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64], 12), a in accuracies()) {
        for (algorithm, config) in [(Algorithm::D3, "12|5+4+2+1"), (Algorithm::ID2, "6+5+1"), (Algorithm::IA2, "3x4"), (Algorithm::A2M, "4x3")] {
            if a.len() == algorithm.accuracies() {
                let c = algorithm.design(config).unwrap().characteristics(&Risks::Each(risks.clone()), &a).unwrap();
                prop_assert!(c.expected_tests.is_finite() && c.expected_tests > 0.0 && c.variance.is_finite());
                prop_assert!(c.each.iter().all(|m| (0.0..=1.0 + 1e-9).contains(&m.pse) && (-1e-9..=1.0 + 1e-9).contains(&m.psp)));
            }
        }
    }

    #[test]
    fn searches(k in 0..8_usize, p in wild(), risks in prop::collection::vec(wild(), 0..9), a in accuracies(), low in size(), high in size(), w in wild(), o in 0..5_usize, wide in any::<bool>()) {
        let objective = [
            Objective::ExpectedTests,
            Objective::TestsPerCorrect,
            Objective::Weighted { missed: w, false_positive: p },
            Objective::TestsPerFound,
            Objective::MissedAtBudget { tests_per_person: w },
        ][o];
        for profile in [Profile::Same(p), Profile::Each(risks), Profile::Beta { mean: p, alpha: w }] {
            let search = Search {
                algorithm: Algorithm::ALL[k],
                profile,
                accuracy: a.clone(),
                smallest: low,
                largest: high.min(14),
                objective,
                reach: if wide { Reach::Wide } else { Reach::Reference },
            };
            named(best(&search));
            named(best(&Search { largest: high, smallest: high, algorithm: Algorithm::D2, ..search }));
        }
    }

    #[test]
    fn posteriors(priors in prop::collection::vec(wild(), 0..8), pools in prop::collection::vec((prop::collection::vec(size(), 0..4), any::<bool>()), 0..5), a in accuracies(), retests in prop::collection::vec(0..3_usize, 0..8)) {
        let retests: Vec<Retest> = retests.iter().map(|k| [Retest::NotYet, Retest::Negative, Retest::Positive][*k]).collect();
        let accuracy = a.first().copied().unwrap_or(Accuracy::PERFECT);
        match dorfman_posterior(&priors, &retests, accuracy, accuracy) {
            Ok(each) => prop_assert!(each.iter().all(|x| (0.0..=1.0).contains(x))),
            error => named(error),
        }
        let readings: Vec<PooledReading> = pools.iter().map(|(m, positive)| PooledReading { members: m.clone(), positive: *positive, accuracy }).collect();
        match posterior(&priors, &readings) {
            Ok(p) => prop_assert!(p.each.iter().all(|x| (0.0..=1.0).contains(&x.probability))),
            error => named(error),
        }
    }

    #[test]
    fn prevalence(pools in prop::collection::vec((size(), any::<u64>(), any::<u64>()), 0..4), w in wild(), a in accuracies()) {
        let accuracy = a.first().copied().unwrap_or(Accuracy::PERFECT);
        let pools: Vec<PoolCount> = pools.iter().map(|(size, t, y)| PoolCount { size: *size, tested: t % 1000, positive: y % 1100 }).collect();
        match maximum_likelihood(&pools, accuracy) {
            Ok(p) => prop_assert!((0.0..=1.0).contains(&p)),
            error => named(error),
        }
        match Belief::learn(0.5, 0.5, &[Round { pools, weight: w }], accuracy) {
            Ok(b) => prop_assert!((0.0..=1.0).contains(&b.mean())),
            error => named(error),
        }
    }

    #[test]
    fn readings_of_any_test(n in 1..20_usize, reactions in prop::collection::vec((size(), 0..4_usize), 0..30)) {
        let kinds = [Reading::Detected, Reading::NotDetected, Reading::Inconclusive, Reading::Invalid];
        let reactions: Vec<Reaction> = reactions.iter().map(|(test, k)| Reaction { test: *test, reading: kinds[*k] }).collect();
        for material in [Material::Media, Material::Swab] {
            named(Scheme::dorfman(n, material).unwrap().decode(&reactions));
        }
    }

    #[test]
    fn tables(cells in prop::collection::vec("[-0-9a-zA-Z;.|+x\", \n]{0,12}", 10..40), known in 0..8_usize) {
        let mut text = String::from("id,kind,algorithm,p_mean,p_vector,Se,Sp,size_min,size_max,config\n");
        for row in cells.chunks(10) {
            text += &row.join(",");
            text += "\n";
        }
        let plain: Vec<String> = cells.iter().map(|c| c.replace([',', '"', '\n'], "")).collect();
        text += &format!("a,OTC1,{},{},{},0.9,0.9,{},{},{}\n", Algorithm::ALL[known], plain[0], plain[1], plain[2], plain[3], plain[4]);
        text += &format!("b,opChar1,{},0.01,{},{},0.9,,,{}\n", Algorithm::ALL[known], plain[5], plain[6], plain[7]);
        named(table(&text));
        named(table(&cells.join(",")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn commands(p in wild(), q in wild(), r in wild(), n in size(), csv in "[a-z0-9,.\n]{0,60}", text in "[A-D0-9:x|+]{0,8}", fixed in any::<bool>()) {
        let args = BestArgs {
            algorithms: vec![],
            p,
            p_vector: if fixed { vec![] } else { vec![p, q, r] },
            alpha: q,
            se: vec![0.9],
            sp: vec![if fixed { 0.99 } else { r }],
            largest: n.min(12),
            objective: Objective::ExpectedTests,
        };
        named(command::best(&args));
        let quality = if fixed { Quality::Fixed { se: vec![p], sp: vec![q] } } else { Quality::Load { threshold: p, sp: q } };
        let laboratories = vec![Laboratory { name: "a".into(), per_hour: [r; 24], turnaround: 5.0 }];
        for communes in [format!("name,specimens,p\nx,{n},{p}\n"), format!("name,specimens,p\n{csv}")] {
            named(command::plan(&PlanArgs {
                communes,
                designs: vec!["5".into(), text.clone()],
                quality: quality.clone(),
                laboratories: laboratories.clone(),
                limits: Limits { hours: q, ..Limits::default() },
                weight: r,
                growth: q,
                household: n,
                sar: p,
                exposure: q,
            }));
        }
        named(command::simulate(&SimulateArgs {
            communes: n.min(50),
            households: 500,
            prevalence: p,
            design: text,
            quality,
            sar: q,
            exposure: r,
            two_from: Some(n),
            swab_pools: fixed,
            faults: Fault { absent: p, invisible: q, invalid: r, unreached: p },
            laboratories,
            limits: Limits::default(),
            seed: 1,
        }));
    }
}

#[test]
fn the_error_names_the_argument() {
    let argument = |e: greenfort_pooling::Error| e.argument().to_owned();
    assert_eq!(argument(Risks::same(1.2).unwrap_err()), "p");
    assert_eq!(argument(Risks::each(vec![]).unwrap_err()), "p");
    assert_eq!(argument(Risks::same(f64::NAN).unwrap_err()), "p");
    assert_eq!(argument(Accuracy::new(0.5, 0.5).unwrap_err()), "Se");
    assert_eq!(argument(Accuracy::new(0.9, 1.5).unwrap_err()), "Sp");
    assert_eq!(argument(Hierarchy::parse("20|5+5+5").unwrap_err()), "config");
    assert_eq!(argument(Hierarchy::parse("1000000").unwrap_err()), "config");
    assert_eq!(argument(Hierarchy::parse("0").unwrap_err()), "config");
    assert_eq!(argument("D9".parse::<Algorithm>().unwrap_err()), "algorithm");
    let rows = "id,kind,algorithm,p_mean,p_vector,Se,Sp,size_min,size_max,config\n\
        a,OTC1,D2,0.01,,0.9,0.99,2,1000000,\nb,opChar1,ID3,0.01,0.1;0.2,0.9,0.99,,,3|2+1\nc,opChar1,D2,0.01,,0.9,0.99,,,5\n\
        d,what,D2,0.01,,0.9,0.99,,,5\ne,opChar1,D2,-1,,0.9,0.99,,,5\nf,OTC1,D2,0.01,,0.9,0.99,9,2,\n";
    let out = table(rows).unwrap();
    assert_eq!(out.errors.len(), 5);
    for (error, argument) in out.errors.iter().zip(["size_max", "p_vector", "kind", "p_mean", "size_min"]) {
        assert!(error.contains(&format!("): {argument}: ")), "{error}");
    }
    // The row that is right is there all the same.
    assert!(out.csv.lines().any(|l| l.starts_with("c,5,")));
    assert_eq!(argument(table("id,kind\n1,2\n").unwrap_err()), "input");
}
