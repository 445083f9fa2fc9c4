//! The decoder against what its rules promise, for every scheme and any readings in any order.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::decode::{Decision, Material, Next, Reaction, Reading, Scheme};
use greenfort_pooling::{Algorithm, Design};
use proptest::prelude::*;

fn scheme(algorithm: Algorithm, config: &str) -> Scheme {
    Scheme::new(&algorithm.design(config).unwrap(), Material::Media)
}

fn read(test: usize, reading: Reading) -> Reaction {
    Reaction { test, reading }
}

use Reading::{Detected, Inconclusive, Invalid, NotDetected};

#[test]
fn a_negative_dorfman_pool_clears_everyone_in_it() {
    let s = Scheme::dorfman(10, Material::Media).unwrap();
    assert!(s.decode(&[]).unwrap().decisions.iter().all(|d| *d == Decision::Awaiting));
    assert_eq!(s.decode(&[]).unwrap().tests_to_run(), vec![0]);
    let out = s.decode(&[read(0, NotDetected)]).unwrap();
    assert!(out.decisions.iter().all(|d| *d == Decision::Negative { by: 0 }));
    assert!(out.tests_to_run().is_empty());
}

#[test]
fn a_positive_pool_never_clears_by_itself() {
    let s = Scheme::dorfman(5, Material::Media).unwrap();
    for reading in [Detected, Inconclusive, Invalid] {
        let out = s.decode(&[read(0, reading)]).unwrap();
        assert!(out.decisions.iter().all(|d| !d.is_negative() && !d.is_positive()));
        let again = s.decode(&[read(0, reading), read(0, NotDetected)]).unwrap();
        // Only an invalid pool may be repeated into a negative.
        assert_eq!(again.decisions.iter().all(|d| d.is_negative()), reading == Invalid, "{reading:?}");
    }
    assert_eq!(s.decode(&[read(0, Detected)]).unwrap().tests_to_run(), vec![1, 2, 3, 4, 5]);
    assert_eq!(s.decode(&[read(0, Invalid)]).unwrap().tests_to_run(), vec![0]);
    assert_eq!(s.decode(&[read(0, Invalid), read(0, Invalid)]).unwrap().tests_to_run(), vec![1, 2, 3, 4, 5]);
}

#[test]
fn negatives_of_a_positive_pool_wait_for_its_positive() {
    let s = Scheme::dorfman(3, Material::Media).unwrap();
    let held = s.decode(&[read(0, Detected), read(1, NotDetected), read(2, NotDetected)]).unwrap();
    assert_eq!(held.decisions, vec![Decision::Held { by: 0 }; 3]);
    assert_eq!(held.next, vec![Next::Nothing, Next::Nothing, Next::Test(3)]);
    let found = s.decode(&[read(0, Detected), read(1, NotDetected), read(2, Detected)]).unwrap();
    assert_eq!(
        found.decisions,
        vec![Decision::Negative { by: 1 }, Decision::Positive { by: 2 }, Decision::Held { by: 0 }]
    );
    let all = [read(0, Detected), read(1, NotDetected), read(2, NotDetected), read(3, NotDetected)];
    assert_eq!(s.decode(&all).unwrap().decisions, vec![Decision::Discordant { by: 0 }; 3]);
    let unsure = [read(0, Inconclusive), read(1, NotDetected), read(2, NotDetected), read(3, NotDetected)];
    assert!(s.decode(&unsure).unwrap().decisions.iter().all(|d| d.is_negative()));
}

#[test]
fn swab_pools_ask_for_new_swabs_and_invalid_singles_too() {
    let s = Scheme::dorfman(4, Material::Swab).unwrap();
    let out = s.decode(&[read(0, Detected)]).unwrap();
    assert_eq!(out.to_reswab(), vec![0, 1, 2, 3]);
    assert!(out.tests_to_run().is_empty());
    assert_eq!(s.decode(&[read(0, Invalid)]).unwrap().tests_to_run(), vec![0]);
    assert_eq!(s.decode(&[read(0, Invalid), read(0, Invalid)]).unwrap().to_reswab().len(), 4);
    let one = Scheme::dorfman(1, Material::Media).unwrap();
    assert_eq!(one.tests(), 1);
    let out = one.decode(&[read(0, Invalid)]).unwrap();
    assert_eq!((out.decisions[0], out.next[0]), (Decision::Invalid { by: 0 }, Next::Test(0)));
    let out = one.decode(&[read(0, Invalid), read(0, Invalid)]).unwrap();
    assert_eq!(out.next[0], Next::Reswab);
    assert_eq!(one.decode(&[read(0, Detected)]).unwrap().decisions[0], Decision::Positive { by: 0 });
    let unsure = one.decode(&[read(0, Inconclusive), read(0, NotDetected)]).unwrap();
    assert_eq!(unsure.decisions[0], Decision::Negative { by: 0 });
}

#[test]
fn three_stages_go_down_one_by_one() {
    let s = scheme(Algorithm::D3, "6|3+2+1");
    // Tests: 0 master, 1 to 3 the subpools (3 is specimen 5 alone), 4.. singles of specimens 0..4.
    assert_eq!(s.tests(), 9);
    assert_eq!(s.single(5), Some(3));
    let out = s.decode(&[read(0, Detected)]).unwrap();
    assert_eq!(out.tests_to_run(), vec![1, 2, 3]);
    let out = s.decode(&[read(0, Detected), read(1, Detected), read(2, NotDetected)]).unwrap();
    assert_eq!(out.decisions[0], Decision::Held { by: 1 });
    assert_eq!(out.decisions[3], Decision::Negative { by: 2 });
    assert_eq!(out.tests_to_run(), vec![3, 4, 5, 6]);
    let quiet = s.decode(&[read(0, Detected), read(1, NotDetected), read(2, NotDetected)]).unwrap();
    assert_eq!(quiet.decisions[0], Decision::Held { by: 0 });
    assert_eq!(quiet.tests_to_run(), vec![3]);
    let none = s.decode(&[0, 1, 2, 3].map(|t| read(t, if t == 0 { Detected } else { NotDetected }))).unwrap();
    assert_eq!(none.decisions, vec![Decision::Discordant { by: 0 }; 6]);
}

#[test]
fn arrays_retest_crossings_or_whole_lines() {
    let s = scheme(Algorithm::A2, "3x4");
    // Rows 0..3, columns 3..7, singles 7 + cell.
    let lines = |rows: [bool; 3], columns: [bool; 4]| -> Vec<Reaction> {
        let sign = |yes| if yes { Detected } else { NotDetected };
        rows.iter()
            .enumerate()
            .map(|(i, yes)| read(i, sign(*yes)))
            .chain(columns.iter().enumerate().map(|(j, yes)| read(3 + j, sign(*yes))))
            .collect()
    };
    let mut crossing = lines([true, false, false], [false, true, false, false]);
    let out = s.decode(&crossing).unwrap();
    assert_eq!(out.tests_to_run(), vec![7 + 1]);
    assert_eq!(out.decisions.iter().filter(|d| d.is_negative()).count(), 11);
    crossing.push(read(8, NotDetected));
    assert_eq!(s.decode(&crossing).unwrap().decisions[1], Decision::Discordant { by: 0 });
    let one_way = s.decode(&lines([false, true, false], [false; 4])).unwrap();
    assert_eq!(one_way.tests_to_run(), vec![11, 12, 13, 14]);
    let quiet = s.decode(&lines([false; 3], [false; 4])).unwrap();
    assert!(quiet.decisions.iter().all(|d| d.is_negative()));
    // A row alone decides nothing.
    let half = s.decode(&[read(0, NotDetected), read(1, Detected)]).unwrap();
    assert!(half.decisions.iter().all(|d| !d.is_negative()));
    assert_eq!(half.decisions[4], Decision::Held { by: 1 });
}

#[test]
fn a_master_pool_decides_first_and_must_be_explained() {
    let s = scheme(Algorithm::A2M, "2x2");
    assert_eq!(s.decode(&[]).unwrap().tests_to_run(), vec![0]);
    assert!(s.decode(&[read(0, NotDetected)]).unwrap().decisions.iter().all(|d| d.is_negative()));
    let open = s.decode(&[read(0, Detected)]).unwrap();
    assert_eq!(open.decisions, vec![Decision::Held { by: 0 }; 4]);
    assert_eq!(open.tests_to_run(), vec![1, 2, 3, 4]);
    let mut quiet = vec![read(0, Detected)];
    quiet.extend((1..5).map(|t| read(t, NotDetected)));
    assert_eq!(s.decode(&quiet).unwrap().decisions, vec![Decision::Discordant { by: 0 }; 4]);
}

#[test]
fn a_reading_of_a_test_the_scheme_lacks_is_refused() {
    let s = Scheme::dorfman(3, Material::Media).unwrap();
    assert_eq!(s.decode(&[read(4, Detected)]).unwrap_err().argument(), "reactions");
}

fn schemes() -> impl Strategy<Value = Scheme> {
    let designs = prop_oneof![
        (1_usize..12).prop_map(|n| Design::dorfman(n).unwrap()),
        Just(Algorithm::ID2.design("4+2+1").unwrap()),
        Just(Algorithm::D3.design("7|3+3+1").unwrap()),
        Just(Algorithm::D4.design("8|4+4|2+2+3+1").unwrap()),
        (2_usize..5, 2_usize..5).prop_map(|(n, m)| Algorithm::A2.design(&format!("{n}x{m}")).unwrap()),
        (2_usize..4, 2_usize..4).prop_map(|(n, m)| Algorithm::A2M.design(&format!("{n}x{m}")).unwrap()),
    ];
    (designs, any::<bool>())
        .prop_map(|(d, swab)| Scheme::new(&d, if swab { Material::Swab } else { Material::Media }))
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![4 => Just(Detected), 6 => Just(NotDetected), 1 => Just(Inconclusive), 1 => Just(Invalid)]
}

/// A scheme and some readings of its tests, in any order, with repeats.
fn cases() -> impl Strategy<Value = (Scheme, Vec<Reaction>)> {
    schemes().prop_flat_map(|s| {
        let tests = s.tests();
        let reactions = prop::collection::vec((0..tests, reading()), 0..2 * tests + 1)
            .prop_map(|all| all.into_iter().map(|(t, r)| read(t, r)).collect());
        (Just(s), reactions)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_negative_without_a_negative_reading_of_their_own_material((s, reactions) in cases()) {
        let out = s.decode(&reactions).unwrap();
        for (specimen, decision) in out.decisions.iter().enumerate() {
            match *decision {
                Decision::Negative { by } => {
                    prop_assert!(s.specimens_in(by).any(|x| x == specimen));
                    prop_assert!(reactions.iter().any(|r| r.test == by && r.reading == NotDetected));
                    prop_assert!(!reactions.iter().any(|r| r.test == by && r.reading == Detected));
                }
                Decision::Positive { by } => {
                    prop_assert_eq!(Some(by), s.single(specimen));
                    prop_assert!(reactions.iter().any(|r| r.test == by && r.reading == Detected));
                }
                Decision::Held { by } | Decision::Discordant { by } => {
                    prop_assert!(s.specimens_in(by).any(|x| x == specimen));
                    prop_assert!(reactions.iter().any(|r| r.test == by && r.reading != NotDetected));
                }
                Decision::Invalid { by } | Decision::Inconclusive { by } => {
                    prop_assert!(reactions.iter().any(|r| r.test == by));
                }
                Decision::Awaiting => {}
            }
        }
    }

    #[test]
    fn a_detected_single_is_always_positive((s, reactions) in cases()) {
        let out = s.decode(&reactions).unwrap();
        for specimen in 0..s.specimens() {
            let own = s.single(specimen).unwrap();
            let detected = reactions.iter().any(|r| r.test == own && r.reading == Detected);
            prop_assert_eq!(out.decisions[specimen].is_positive(), detected);
        }
    }

    #[test]
    fn the_order_of_readings_of_different_tests_does_not_matter((s, mut reactions) in cases()) {
        let before = s.decode(&reactions).unwrap();
        reactions.sort_by_key(|r| std::cmp::Reverse(r.test));
        prop_assert_eq!(before, s.decode(&reactions).unwrap());
    }

    /// Run what the decoder asks for, with any readings, until it asks no more: everyone ends decided, or is to be re-swabbed,
    /// and on the way no negative of a nested scheme is taken back.
    #[test]
    fn following_the_next_steps_always_ends(s in schemes(), choices in prop::collection::vec(reading(), 200)) {
        let mut reactions = Vec::new();
        let mut choice = choices.iter().cycle();
        let nested = matches!(s.design(), Design::Hierarchy(_));
        let mut negative = vec![false; s.specimens()];
        for round in 0.. {
            let out = s.decode(&reactions).unwrap();
            for (x, decision) in out.decisions.iter().enumerate() {
                if nested && negative[x] {
                    prop_assert!(decision.is_negative());
                }
                negative[x] = decision.is_negative();
            }
            let tests = out.tests_to_run();
            if tests.is_empty() {
                for (x, decision) in out.decisions.iter().enumerate() {
                    let stuck_in_hold = decision.is_undecided() && out.next[x] == Next::Nothing;
                    // Held without a step of one's own: only while others of the pool are to be re-swabbed.
                    prop_assert!(!stuck_in_hold || !out.to_reswab().is_empty(), "{} {:?} {:?}", x, s.design(), out);
                }
                break;
            }
            prop_assert!(round < 50);
            reactions.extend(tests.into_iter().map(|t| read(t, *choice.next().unwrap())));
        }
    }
}
