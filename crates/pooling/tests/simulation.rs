//! Simulation through the real decoder against every closed form, within four standard errors.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::decode::Material;
use greenfort_pooling::dilution::{CtMixture, Dilution};
use greenfort_pooling::household::{Representation, unseen};
use greenfort_pooling::plan::{Laboratory, Limits};
use greenfort_pooling::simulate::{Fault, Province, Tests, design, province};
use greenfort_pooling::{Accuracy, Algorithm, Design, Risks};

fn stages(n: usize) -> Vec<Accuracy> {
    let all = [(0.85, 0.98), (0.92, 0.985), (0.95, 0.99), (0.97, 0.995)];
    all[4 - n..].iter().map(|(se, sp)| Accuracy::new(*se, *sp).unwrap()).collect()
}

#[test]
fn every_design_costs_and_errs_as_its_closed_form_says() {
    let cases = [
        (Algorithm::D2, "8", 0.03),
        (Algorithm::D2, "1", 0.2),
        (Algorithm::D3, "12|5+4+2+1", 0.03),
        (Algorithm::D4, "24|12+12|6+6+6+6", 0.02),
        (Algorithm::D4, "8|4+3+1|2+2+2+1+1", 0.05),
        (Algorithm::A2, "6x6", 0.04),
        (Algorithm::A2, "5x8", 0.03),
        (Algorithm::A2M, "6x6", 0.02),
        (Algorithm::A2M, "10x10", 0.01),
        (Algorithm::A2M, "4x7", 0.03),
    ];
    for (k, (algorithm, config, p)) in cases.into_iter().enumerate() {
        let d = algorithm.design(config).unwrap();
        let a = stages(algorithm.accuracies());
        let runs = 2_000_000 / d.members().max(20);
        agree(&d, &Risks::Same(p), &a, runs, k as u64, config);
    }
}

#[test]
fn unequal_risks_agree_too() {
    let spread = |n: usize| {
        Risks::each((0..n).map(|i| 0.001 + 0.12 * (i as f64 / n as f64).powi(3)).collect()).unwrap()
    };
    let cases = [
        (Algorithm::ID2, "10+6+3+1"),
        (Algorithm::ID3, "16|7+5+3+1"),
        (Algorithm::IA2, "6x6"),
        (Algorithm::A2, "4x6"),
        (Algorithm::A2M, "5x4"),
        (Algorithm::D4, "12|6+6|4+2+3+3"),
    ];
    for (k, (algorithm, config)) in cases.into_iter().enumerate() {
        let d = algorithm.design(config).unwrap();
        agree(&d, &spread(d.members()), &stages(algorithm.accuracies()), 60_000, 100 + k as u64, config);
    }
}

fn agree(d: &Design, risks: &Risks, a: &[Accuracy], runs: usize, seed: u64, name: &str) {
    let c = d.characteristics(risks, a).unwrap();
    let s = design(d, risks, a, runs, seed).unwrap();
    assert!(s.tests.agrees(c.expected_tests, 4.0), "{name} tests {:?} {}", s.tests, c.expected_tests);
    assert!(s.variance.agrees(c.variance, 4.0), "{name} variance {:?} {}", s.variance, c.variance);
    // People of one pool share its errors: the binomial error understates a little.
    assert!(s.pse.agrees(c.pse, 5.0), "{name} PSe {:?} {}", s.pse, c.pse);
    assert!(s.psp.agrees(c.psp, 6.0), "{name} PSp {:?} {}", s.psp, c.psp);
}

#[test]
fn the_master_array_costs_what_monte_carlo_says_not_what_r_says() {
    // pooling §3: R 21.65 tests, exact 15.14, Monte Carlo 15.16 ± 0.02.
    let d = Algorithm::A2M.design("10x10").unwrap();
    let a = vec![Accuracy::new(0.95, 0.99).unwrap(); 3];
    let exact = d.characteristics(&Risks::Same(0.01), &a).unwrap().expected_tests;
    assert!((exact - 15.14).abs() < 0.005, "{exact}");
    assert!(design(&d, &Risks::Same(0.01), &a, 50_000, 7).unwrap().tests.agrees(exact, 4.0));
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let d = Design::dorfman(5).unwrap();
    let run = |seed| design(&d, &Risks::Same(0.1), &stages(2), 1000, seed).unwrap();
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

fn example(prevalence: f64, tests: Tests, n: usize) -> Province {
    Province::example(160, 273_636, prevalence, &Design::dorfman(n).unwrap(), tests, 1).unwrap()
}

fn laboratory() -> Vec<Laboratory> {
    vec![Laboratory { name: "CDC".into(), per_hour: [1500.0; 24], turnaround: 5.0 }]
}

#[test]
fn a_province_round_finds_costs_and_misses_as_the_formulas_say() {
    let a = vec![Accuracy::new(0.92, 0.995).unwrap(), Accuracy::new(0.97, 0.999).unwrap()];
    let mut input = example(0.006, Tests::Fixed(a.clone()), 10);
    for s in &mut input.settlements {
        // One size of household, so that everyone's risk is the same and the closed form exact.
        let households = s.households.iter().map(|h| h.1).sum::<u32>();
        s.households = vec![(4, households - households % 10)];
    }
    let out = province(&input, &laboratory(), &Limits::default(), 42).unwrap();
    let rep = Representation::new(4, 1, 0.297, 1.0).unwrap();
    let (mut tests, mut variance, mut found, mut spurious, mut unseen_mean, mut unseen_var) =
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (s, c) in input.settlements.iter().zip(&out.communes) {
        let p = s.prevalence * rep.represented();
        let d = Design::dorfman(10).unwrap().characteristics(&Risks::Same(p), &a).unwrap();
        let pools = c.specimens as f64 / 10.0;
        tests += pools * d.expected_tests;
        variance += pools * d.variance;
        found += c.specimens as f64 * p * d.pse;
        spurious += pools * d.false_positives;
        let detection = rep.detection(d.pse, 1.0, 1.0).unwrap();
        let u = if c.infected_households > 0 {
            unseen(c.infected_households as u32, detection).unwrap()
        } else {
            0.0
        };
        unseen_mean += u;
        unseen_var += u * (1.0 - u);
    }
    let t = &out.total;
    let near = |got: u64, mean: f64, variance: f64, what: &str| {
        assert!(
            (got as f64 - mean).abs() <= 4.0 * variance.sqrt() + 1e-9,
            "{what}: {got} for {mean} ± {}",
            variance.sqrt()
        );
    };
    near(t.tests, tests, variance, "tests");
    near(t.found, found, found, "found");
    near(t.false_positives, spurious, spurious, "false positives");
    near(t.unseen_communes, unseen_mean, unseen_var, "unseen communes");
    let o = t.outcomes;
    let all = o.negative + o.positive + o.discordant + o.held + o.invalid + o.inconclusive + o.awaiting;
    assert_eq!(all, t.specimens);
    assert_eq!((o.held, o.invalid, o.inconclusive, o.awaiting), (0, 0, 0, 0));
    assert_eq!(t.stages.iter().sum::<u64>(), t.tests);
    assert_eq!(t.people, 4 * t.households);
}

#[test]
fn the_yardstick_round_has_its_numbers_of_people() {
    let a = vec![Accuracy::new(0.95, 0.995).unwrap(); 2];
    let out =
        province(&example(0.001 / 0.473, Tests::Fixed(a), 10), &laboratory(), &Limits::default(), 5).unwrap();
    assert_eq!((out.total.specimens, out.total.people), (273_636, 1_094_544));
    // pooling §5: p = 0.1 % → 31.3 thousand tests.
    assert!((out.total.tests as f64 - 31_300.0).abs() < 900.0, "{}", out.total.tests);
}

#[test]
fn faults_hold_people_but_lose_nobody() {
    let loads = Tests::Load {
        loads: CtMixture::community(),
        dilution: Dilution::media(36.0).unwrap(),
        specificity: 0.995,
    };
    let mut input = example(0.02, loads, 10);
    input.faults = Fault { absent: 0.08, invisible: 0.2, invalid: 0.02, unreached: 0.1 };
    input.two_from = Some(5);
    for material in [Material::Media, Material::Swab] {
        input.material = material;
        let t = province(&input, &laboratory(), &Limits::default(), 9).unwrap().total;
        let o = t.outcomes;
        let all = o.negative + o.positive + o.discordant + o.held + o.invalid + o.inconclusive + o.awaiting;
        assert_eq!(all, t.specimens);
        assert!(t.represented < t.households && t.specimens > t.represented);
        assert!(o.held > 0 || material == Material::Media);
        assert!(t.found + t.households_missed > 0 && t.found < t.infected_specimens);
    }
}
