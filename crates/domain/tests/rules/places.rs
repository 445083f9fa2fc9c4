//! Rules 2–4, 7 and 10 for households and groups, and for those somebody stands for.

use crate::scene::*;
use greenfort_domain::conclusions::{Basis, Fate, FieldState, Outcome, Withheld};
use greenfort_kernel::ExemptReason;
use greenfort_kernel::OutcomeKind as O;
use greenfort_kernel::ReachKind;
use greenfort_pooling::decode::Reading::{Detected, Inconclusive, Invalid, NotDetected};

/// Household 1: person 1 stands for 2 and 3, person 4 is away. Household 2: person 5 stands for 6. Tubes 1 and 5 in pool 1.
fn two_households() -> Scene {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2, 3, 4]).lives(household(2), &[5, 6]).is(4, FieldState::Absent);
    scene.swab(1, 0, &[1]).stands_for(1, household(1), &[2, 3]);
    scene.swab(5, 1, &[5]).stands_for(5, household(2), &[6]).pool(1, &[1, 5]);
    scene
}

#[test]
fn a_negative_representative_makes_those_ticked_represented_negative_and_nobody_else() {
    let mut scene = two_households();
    scene.read(1, 0, NotDetected);
    assert_eq!(
        scene.kinds(&[1, 2, 3, 4]),
        [O::NegativePooled, O::RepresentedNegative, O::RepresentedNegative, O::None]
    );
    assert_eq!(scene.evidence(2).basis, Basis::Represented);
    let place = scene.place(household(1));
    assert_eq!((place.outcome.kind(), place.listed, place.covered), (O::RepresentedNegative, 4, 3));
    assert!(place.clears());
}

#[test]
fn a_positive_or_inconclusive_pool_opens_every_household_in_it_for_all_members() {
    for reading in [Detected, Inconclusive] {
        let mut scene = two_households();
        scene.read(1, 0, reading);
        assert_eq!(
            scene.kinds(&[1, 2, 3, 4, 5, 6]),
            [O::Held, O::Opened, O::Opened, O::Opened, O::Held, O::Opened]
        );
        assert_eq!(scene.of(4).reach.kind(), ReachKind::Absent);
        assert_eq!(scene.place(household(1)).outcome.kind(), O::Opened);
        assert_eq!(scene.place(household(2)).outcome.kind(), O::Opened);
    }
}

#[test]
fn an_invalid_pool_gives_nothing_to_the_represented_and_opens_nobody() {
    let mut scene = two_households();
    scene.read(1, 0, Invalid);
    assert_eq!(scene.kinds(&[1, 2, 4, 6]), [O::Invalid, O::Awaiting, O::None, O::Awaiting]);
}

#[test]
fn a_rejected_tube_leaves_the_represented_waiting_until_its_donor_gave_another_for_them() {
    let mut scene = two_households();
    scene.tube_mut(1).fate = Fate::Rejected;
    assert_eq!(scene.kinds(&[1, 2]), [O::Resample, O::Awaiting]);
    scene.swab(7, 3, &[1]).stands_for(7, household(1), &[2]).pool(2, &[7]).read(2, 0, NotDetected);
    assert_eq!(
        scene.kinds(&[1, 2, 3]),
        [O::Negative, O::RepresentedNegative, O::Awaiting],
        "3 was not ticked again"
    );
}

#[test]
fn the_single_of_the_representative_closes_the_household_again() {
    let mut scene = two_households();
    scene.read(1, 0, Detected).read(1, 1, NotDetected).read(1, 2, Detected);
    assert_eq!(scene.kinds(&[1, 2, 4]), [O::Negative, O::RepresentedNegative, O::None]);
    assert_eq!(scene.kinds(&[5, 6]), [O::Positive, O::Opened]);
    assert_eq!(scene.place(household(1)).outcome.kind(), O::RepresentedNegative);
    assert_eq!(scene.place(household(2)).outcome.kind(), O::Positive);
}

/// Household 1 with persons 1, 2, 3 whose representative gave into a swab pool that read detected.
fn opened_by_swab_pool() -> Scene {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2, 3]).swab(1, 0, &[1, 9]).stands_for(1, household(1), &[2, 3]);
    scene.pool(1, &[1]).read(1, 0, Detected);
    scene
}

#[test]
fn an_opened_household_is_cleared_when_every_member_has_a_later_negative() {
    let mut scene = opened_by_swab_pool();
    for (n, donor) in [(2, 1), (3, 2)] {
        scene.swab(n, 6, &[donor]).pool(n, &[n]).read(n, 0, NotDetected);
    }
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Negative, O::Opened]);
    assert_eq!(
        scene.place(household(1)).outcome.kind(),
        O::Opened,
        "person 3 refused: the household stays opened"
    );
    assert!(scene.of(2).clears(), "the others hold a personal pass on their own negative");
    scene.swab(4, 8, &[3]).pool(4, &[4]).read(4, 0, NotDetected);
    let place = scene.place(household(1));
    assert_eq!((place.outcome.kind(), place.covered), (O::Negative, 3));
    assert_eq!(place.outcome.evidence().unwrap().sampled_at, hours(6), "the earliest deciding swab");
}

#[test]
fn a_new_representative_swab_does_not_clear_an_opened_household() {
    let mut scene = opened_by_swab_pool();
    scene.swab(2, 6, &[1]).stands_for(2, household(1), &[2, 3]).pool(2, &[2]).read(2, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Opened, O::Opened]);
}

#[test]
fn a_child_too_young_for_a_swab_does_not_keep_a_household_opened() {
    let mut scene = opened_by_swab_pool();
    scene.is(3, FieldState::Exempt(ExemptReason::Age));
    for (n, donor) in [(2, 1), (3, 2)] {
        scene.swab(n, 6, &[donor]).pool(n, &[n]).read(n, 0, NotDetected);
    }
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Negative, O::None]);
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Negative);
    scene.policy.excused.clear();
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Opened);
}

#[test]
fn a_single_of_the_same_media_pool_counts_as_the_donors_own() {
    // Both members of household 1 gave tubes into one pool; tube 1 stands for the household.
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2]).swab(1, 0, &[1]).stands_for(1, household(1), &[]).swab(2, 0, &[2]);
    scene.swab(3, 0, &[3]).pool(1, &[1, 2, 3]).read(1, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Held, O::Held]);
    scene.read(1, 3, Detected).read(1, 2, NotDetected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Held, O::Negative], "taken at the same hour, but alone");
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Opened);
}

#[test]
fn with_two_representatives_one_that_is_not_cleared_opens_and_both_must_be_cleared() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2, 3, 4, 5]);
    scene.swab(1, 3, &[1]).stands_for(1, household(1), &[3, 4, 5]);
    scene.swab(2, 2, &[2]).stands_for(2, household(1), &[3, 4, 5]);
    scene.pool(1, &[1]).pool(2, &[2]).read(1, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Awaiting, O::Awaiting]);
    scene.read(2, 0, NotDetected);
    assert_eq!(scene.kind(3), O::RepresentedNegative);
    assert_eq!(scene.evidence(3).sampled_at, hours(2), "the earlier of both decides");
    scene.read(2, 0, Detected);
    // Person 1 was swabbed an hour after the tube that opened the household.
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Positive, O::Opened]);
}

#[test]
fn one_positive_member_makes_the_household_positive_and_the_others_contacts_whatever_their_result() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2]);
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, Detected);
    scene.swab(2, 5, &[2]).pool(2, &[2]).read(2, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Positive, O::Negative]);
    assert_eq!(scene.of(2).withheld, Some(Withheld::Contact));
    assert!(!scene.of(2).clears());
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Positive);
}

#[test]
fn a_presumptive_member_opens_the_household() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2]).swab(1, 0, &[1]).pool(1, &[1]).rapid(1, Detected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Presumptive, O::Opened]);
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Presumptive);
}

#[test]
fn opening_a_group_recalls_the_group_and_not_the_households_of_its_members() {
    let mut scene = Scene::new();
    scene.lives(group(1), &[1, 2, 3]).lives(household(1), &[2, 4]);
    scene
        .swab(1, 0, &[1])
        .stands_for(1, group(1), &[2, 3])
        .swab(9, 0, &[9])
        .pool(1, &[1, 9])
        .read(1, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2, 3, 4]), [O::Held, O::Opened, O::Opened, O::None]);
    assert_eq!(scene.place(group(1)).outcome.kind(), O::Opened);
}

#[test]
fn pools_of_a_household_that_was_split_are_linked_and_one_opened_opens_the_household() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2, 3]);
    for n in 1..=3 {
        scene.swab(n, 0, &[n]).stands_for(n, household(1), &[]);
    }
    scene.pool(1, &[1, 2]).pool(2, &[3]).read(1, 0, NotDetected).read(2, 0, Inconclusive);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Opened, O::Opened, O::Inconclusive]);
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Opened);
}

#[test]
fn a_household_waits_while_a_tube_that_stands_for_it_has_no_result() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2]).swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    assert_eq!(scene.place(household(1)).outcome.kind(), O::Negative);
    scene.swab(2, 1, &[7]).stands_for(2, household(1), &[]);
    let waiting = scene.place(household(1));
    let Outcome::Awaiting { standing } = waiting.outcome else { panic!() };
    assert_eq!(standing.unwrap().sampled_at, hours(0));
}

#[test]
fn the_pass_of_a_household_is_taken_back_when_a_member_it_covers_is_not_covered_any_more() {
    use greenfort_domain::conclusions::Recall;
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2]);
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    scene.swab(2, 5, &[2]).pool(2, &[2]).read(2, 0, NotDetected);
    let before = scene.place(household(1));
    assert!(before.clears());
    scene.recall(Recall::Run(run(1)));
    let after = scene.place(household(1));
    assert_eq!(after.outcome.kind(), O::Awaiting);
    assert!(before.is_taken_back_by(&after), "although the other member's newer negative stands");
}
