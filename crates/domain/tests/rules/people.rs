//! Rules 1–6 and 8–11 for persons.

use crate::scene::*;
use greenfort_domain::conclusions::{Basis, Fate, FieldState, Outcome, Recall, Withheld};
use greenfort_kernel::OutcomeKind as O;
use greenfort_kernel::{ExemptReason, Method, ReachKind, ReactionId};
use greenfort_pooling::decode::Reading::{Detected, Inconclusive, Invalid, NotDetected};
use uuid::Uuid;

/// Persons 1, 2, 3 in tubes 1, 2, 3 of pool 1.
fn pool_of_three() -> Scene {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).swab(2, 0, &[2]).swab(3, 0, &[3]).pool(1, &[1, 2, 3]);
    scene
}

#[test]
fn a_negative_pool_makes_its_donors_negative_pooled() {
    let mut scene = pool_of_three();
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Awaiting; 3]);
    scene.read(1, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::NegativePooled; 3]);
    assert_eq!(scene.evidence(2).basis, Basis::TestedInPool);
    assert_eq!(scene.evidence(2).sampled_at, hours(0));
    assert!(scene.of(2).clears());
}

#[test]
fn a_positive_or_inconclusive_pool_holds_its_donors_and_makes_nobody_positive() {
    for reading in [Detected, Inconclusive] {
        let mut scene = pool_of_three();
        scene.read(1, 0, reading);
        assert_eq!(scene.kinds(&[1, 2, 3]), [O::Held; 3]);
    }
}

#[test]
fn an_invalid_pool_clears_nobody() {
    let mut scene = pool_of_three();
    scene.read(1, 0, Invalid);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Invalid; 3]);
}

#[test]
fn singles_take_a_positive_pool_apart_and_a_negative_waits_for_the_positive_one() {
    let mut scene = pool_of_three();
    scene.read(1, 0, Detected).read(1, 1, NotDetected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Held; 3]);
    scene.read(1, 2, Detected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Positive, O::Held]);
    scene.read(1, 3, NotDetected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Positive, O::Negative]);
}

#[test]
fn a_positive_pool_whose_singles_are_all_negative_is_discordant_with_its_posterior() {
    let mut scene = pool_of_three();
    scene.read(1, 0, Detected);
    for single in 1..=3 {
        scene.read(1, single, NotDetected);
    }
    let Outcome::Discordant { posterior, repeat_from, .. } = scene.outcome(1) else { panic!() };
    // Three of ten expected at a prior of one in a hundred: between the prior and certainty.
    assert!((10_000..200_000).contains(&posterior), "{posterior}");
    assert_eq!(repeat_from, hours(24));
}

#[test]
fn a_discordant_pool_clears_by_the_laboratory_lead_or_by_a_swab_a_day_later() {
    let mut scene = pool_of_three();
    scene.read(1, 0, Detected).read(1, 1, NotDetected).read(1, 2, NotDetected).read(1, 3, NotDetected);
    scene.swab(4, 23, &[1]).pool(2, &[4]).read(2, 0, NotDetected);
    assert_eq!(scene.kind(1), O::Discordant);
    scene.swab(5, 24, &[1]).pool(3, &[5]).read(3, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Negative, O::Discordant]);
    scene.judge(1);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative; 3]);
}

#[test]
fn what_the_lead_judged_has_no_effect_once_a_reading_says_otherwise() {
    let mut scene = pool_of_three();
    scene
        .read(1, 0, Detected)
        .read(1, 1, NotDetected)
        .read(1, 2, NotDetected)
        .read(1, 3, NotDetected)
        .judge(1);
    scene.read(1, 3, Detected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Negative, O::Positive]);
}

#[test]
fn a_tube_of_several_donors_holds_them_all_and_only_new_swabs_answer() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1, 2, 3]).pool(1, &[1]).read(1, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Held; 3]);
    scene.swab(2, 5, &[1]).pool(2, &[2]).read(2, 0, NotDetected);
    scene.swab(3, 5, &[2]).pool(3, &[3]).read(3, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2, 3]), [O::Negative, O::Positive, O::Held]);
    assert_eq!(scene.evidence(1).sampled_at, hours(5));
}

#[test]
fn a_negative_tube_of_several_donors_is_pooled_even_where_it_was_run_alone() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1, 2]).pool(1, &[1]).read(1, 0, NotDetected);
    assert_eq!(scene.kinds(&[1, 2]), [O::NegativePooled; 2]);
}

#[test]
fn a_rapid_positive_of_one_donor_is_presumptive_and_pcr_confirms_it() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).rapid(1, Detected);
    assert_eq!(scene.kind(1), O::Presumptive);
    scene.swab(2, 0, &[1]).pool(2, &[2]);
    assert_eq!(scene.kind(1), O::Presumptive, "the linked tube is on its way");
    scene.read(2, 0, Detected);
    assert_eq!(scene.kind(1), O::Positive);
}

#[test]
fn a_rapid_positive_takes_two_negative_pcr_a_day_apart() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).rapid(1, Detected);
    scene.swab(2, 0, &[1]).pool(2, &[2]).read(2, 0, NotDetected);
    let Outcome::Held { repeat_from, .. } = scene.outcome(1) else { panic!("{:?}", scene.outcome(1)) };
    assert_eq!(repeat_from, Some(hours(24)));
    scene.swab(3, 20, &[1]).pool(3, &[3]).read(3, 0, NotDetected);
    assert_eq!(scene.kind(1), O::Held);
    scene.swab(4, 24, &[1]).pool(4, &[4]).read(4, 0, NotDetected);
    assert_eq!(scene.kind(1), O::Negative);
    assert_eq!(scene.evidence(1).sampled_at, hours(24));
}

#[test]
fn pcr_of_a_laboratory_that_may_not_confirm_is_presumptive() {
    let mut scene = Scene::new();
    let screening = greenfort_domain::conclusions::Examined { authorised: false, ..examined(Method::Pcr) };
    scene.swab(1, 0, &[1]).pool(1, &[1]).read_by(1, 0, Detected, screening);
    assert_eq!(scene.kind(1), O::Presumptive);
    scene.policy.case.authorised_only = false;
    assert_eq!(scene.kind(1), O::Positive);
}

#[test]
fn a_rapid_negative_answers_a_pcr_positive_pool_only_where_the_policy_says_so_and_then_the_basis_shows_it() {
    let mut scene = pool_of_three();
    scene.read(1, 0, Detected).swab(4, 10, &[1]).pool(2, &[4]).rapid(2, NotDetected);
    assert_eq!(scene.kind(1), O::Held);
    scene.policy.rapid_answers_pcr = true;
    assert_eq!(scene.kind(1), O::Negative);
    assert_eq!(scene.evidence(1).method, Method::Rapid);
}

#[test]
fn a_negative_taken_before_the_pool_answers_nothing() {
    let mut scene = pool_of_three();
    scene.swab(4, 0, &[1]).pool(2, &[4]).read(2, 0, NotDetected).read(1, 0, Detected);
    assert_eq!(scene.kind(1), O::Held);
}

#[test]
fn a_conclusion_never_rests_on_a_swab_older_than_what_was_answered() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    scene.swab(2, 5, &[1, 2]).pool(2, &[2]).read(2, 0, Detected);
    scene.swab(3, 9, &[1]).swab(4, 9, &[2]).pool(3, &[3, 4]).read(3, 0, NotDetected);
    assert_eq!(scene.kind(1), O::NegativePooled, "the single of hour 0 would be the graver name");
    assert_eq!(scene.evidence(1).sampled_at, hours(9));
}

#[test]
fn a_positive_stays_whatever_comes_after() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, Detected);
    scene.swab(2, 48, &[1]).pool(2, &[2]).read(2, 0, NotDetected);
    assert_eq!(scene.kind(1), O::Positive);
}

#[test]
fn positive_again_soon_after_recovery_is_counted_apart() {
    for (recovered, expected) in
        [("2021-08-01", true), ("2021-09-06", true), ("2021-06-07", false), ("2021-10-01", false)]
    {
        let mut scene = Scene::new();
        scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, Detected);
        scene.facts.people[0].recovered_on = Some(recovered.parse().unwrap());
        let Outcome::Positive { again, .. } = scene.outcome(1) else { panic!() };
        assert_eq!(again, expected, "{recovered}");
    }
}

#[test]
fn a_rejected_or_lost_tube_asks_for_a_new_swab_which_then_speaks_for_itself() {
    for fate in [Fate::Rejected, Fate::Lost] {
        let mut scene = Scene::new();
        scene.swab(1, 0, &[1]).pool(1, &[1]).tube_mut(1).fate = fate;
        assert_eq!(scene.kind(1), O::Resample);
        scene.swab(2, 3, &[1]).pool(2, &[2]);
        assert_eq!(scene.kind(1), O::Awaiting);
        scene.read(2, 0, NotDetected);
        assert_eq!(scene.kind(1), O::Negative);
    }
}

#[test]
fn a_tube_rejected_after_its_reading_gives_no_negative_and_keeps_what_was_seen() {
    let mut scene = pool_of_three();
    scene.read(1, 0, NotDetected).tube_mut(1).fate = Fate::Rejected;
    assert_eq!(scene.kinds(&[1, 2]), [O::Resample, O::NegativePooled]);
    scene.read(1, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Held, O::Held]);
}

#[test]
fn of_several_negatives_the_graver_name_wins_in_one_occasion_and_the_newer_across() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    scene.swab(2, 10, &[1]).swab(3, 10, &[2]).pool(2, &[2, 3]).read(2, 0, NotDetected);
    assert_eq!((scene.kind(1), scene.evidence(1).sampled_at), (O::Negative, hours(0)));
    scene.swab(4, 100, &[1]).swab(5, 100, &[2]).pool(3, &[4, 5]).read(3, 0, NotDetected);
    assert_eq!((scene.kind(1), scene.evidence(1).sampled_at), (O::NegativePooled, hours(100)));
}

#[test]
fn a_newer_swab_on_its_way_reads_awaiting_and_takes_no_pass_back() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    let before = scene.of(1);
    scene.swab(2, 10, &[1]).pool(2, &[2]);
    let waiting = scene.of(1);
    assert_eq!(waiting.outcome.kind(), O::Awaiting);
    assert!(!waiting.clears() && !before.is_taken_back_by(&waiting));
    scene.read(2, 0, Detected);
    assert!(waiting.is_taken_back_by(&scene.of(1)), "the pass of hour 0 stood until now");
}

#[test]
fn a_recalled_negative_takes_the_pass_back_although_the_person_only_waits() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    let before = scene.of(1);
    scene.recall(Recall::Run(run(1)));
    assert_eq!(scene.kind(1), O::Awaiting);
    assert!(before.is_taken_back_by(&scene.of(1)));
}

#[test]
fn a_recall_of_a_lot_covers_readings_that_arrive_later() {
    let mut scene = Scene::new();
    scene.facts.lot_uses.push((run(1), lot(7)));
    scene.recall(Recall::Lot(lot(7))).swab(1, 0, &[1]).pool(1, &[1]).rapid(1, NotDetected);
    assert_eq!(scene.kind(1), O::Awaiting);
}

#[test]
fn a_correction_replaces_the_reading_and_a_recall_of_it_does_not_bring_the_old_one_back() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, Detected).correct(NotDetected);
    assert_eq!(scene.kind(1), O::Negative);
    let reaction = ReactionId(Uuid::from_u128(1));
    scene.recall(Recall::Reading { reaction, version: 2 });
    assert_eq!(scene.kind(1), O::Awaiting);
    scene.correct(Detected);
    assert_eq!(scene.kind(1), O::Positive, "version 3 stands again");
}

#[test]
fn a_swab_whose_time_is_in_doubt_reads_negative_and_opens_no_pass_and_answers_nothing() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1, 2]).pool(1, &[1]).read(1, 0, Detected);
    scene.swab(2, 5, &[1]).pool(2, &[2]).read(2, 0, NotDetected);
    scene.swab(3, 5, &[3]).pool(3, &[3]).read(3, 0, NotDetected);
    scene.tube_mut(2).time_confirmed = false;
    scene.tube_mut(3).time_confirmed = false;
    assert_eq!(scene.kinds(&[1, 3]), [O::Held, O::Negative]);
    assert_eq!(scene.of(3).withheld, Some(Withheld::TimeInDoubt));
    scene.tube_mut(2).time_confirmed = true;
    assert_eq!(scene.kind(1), O::Negative);
}

#[test]
fn a_result_without_evidence_of_the_instrument_opens_no_pass() {
    let mut scene = Scene::new();
    let bare = greenfort_domain::conclusions::Examined { verified: false, ..examined(Method::Pcr) };
    scene.swab(1, 0, &[1]).pool(1, &[1]).read_by(1, 0, NotDetected, bare);
    assert_eq!((scene.kind(1), scene.of(1).withheld), (O::Negative, Some(Withheld::Unverified)));
    assert!(!scene.of(1).clears());
}

#[test]
fn reach_follows_the_swab_then_removal_exemption_and_the_tick() {
    let mut scene = Scene::new();
    scene.lives(household(1), &[1, 2, 3, 4, 5]).swab(1, 0, &[1]).stands_for(1, household(1), &[2, 3, 4]);
    scene.is(1, FieldState::Removed).is(2, FieldState::Absent);
    scene
        .is(3, FieldState::Exempt(ExemptReason::InQuarantine))
        .is(4, FieldState::Removed)
        .is(5, FieldState::Refused);
    let reaches: Vec<ReachKind> = (1..=5).map(|n| scene.of(n).reach.kind()).collect();
    use ReachKind::*;
    assert_eq!(reaches, [Collected, Represented, Exempt, Removed, Refused]);
}

#[test]
fn closing_names_what_is_still_open_and_a_late_reading_still_moves_it() {
    let mut scene = pool_of_three();
    scene.facts.closed = true;
    assert_eq!(scene.kinds(&[1, 2]), [O::Unresolved; 2]);
    scene.read(1, 0, Detected);
    assert_eq!(scene.kinds(&[1, 2]), [O::Held; 2], "who is held stays held under that word");
    scene.read(1, 1, Detected);
    assert_eq!(scene.kind(1), O::Positive);
}
