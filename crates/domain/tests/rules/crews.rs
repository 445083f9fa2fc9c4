//! Organisations, parts and vehicles.

use crate::scene::*;
use greenfort_domain::conclusions::{Conclusion, judge_organisation, judge_vehicle};
use greenfort_kernel::PartId;
use greenfort_pooling::decode::Reading::{Detected, NotDetected};
use uuid::Uuid;

fn part(n: u128) -> Option<PartId> {
    Some(PartId(Uuid::from_u128(n)))
}

/// Persons 1..=4 negative at hours 1..=4, person 5 positive, person 6 never swabbed, person 7 waiting.
fn conclusions() -> Vec<Conclusion> {
    let mut scene = Scene::new();
    for n in 1..=5 {
        scene.swab(n, i64::try_from(n).unwrap(), &[n]).pool(n, &[n]);
        scene.read(n, 0, if n == 5 { Detected } else { NotDetected });
    }
    scene.is(6, greenfort_domain::conclusions::FieldState::Absent).swab(7, 0, &[7]);
    (1..=7).map(|n| scene.of(n)).collect()
}

#[test]
fn an_organisation_clears_when_the_share_of_its_plan_does_and_dates_from_the_earliest_swab() {
    let c = conclusions();
    let plan = [(None, c[3]), (None, c[1]), (None, c[2]), (None, c[5])];
    assert!(!judge_organisation(&plan, 100).clears);
    let verdict = judge_organisation(&plan, 75);
    assert!(verdict.clears);
    assert_eq!((verdict.planned, verdict.clear, verdict.sampled_at), (4, 3, Some(hours(2))));
}

#[test]
fn one_positive_suspends_the_shift_and_not_the_others() {
    let c = conclusions();
    let plan = [(part(1), c[0]), (part(1), c[4]), (part(2), c[1]), (part(2), c[2])];
    let verdict = judge_organisation(&plan, 75);
    let parts: Vec<(bool, bool)> = verdict.parts.iter().map(|p| (p.suspended, p.clears)).collect();
    assert_eq!(parts, [(true, false), (false, true)]);
    assert!(verdict.clears);
    assert_eq!(verdict.sampled_at, Some(hours(2)), "of those who may work");
    assert!(!judge_organisation(&plan, 100).clears);
    assert!(judge_organisation(&plan, 100).parts[1].clears);
}

#[test]
fn who_waits_counts_against_the_share_and_suspends_nobody() {
    let c = conclusions();
    let verdict = judge_organisation(&[(part(1), c[0]), (part(1), c[6])], 50);
    assert!(verdict.clears && !verdict.parts[0].suspended);
}

#[test]
fn an_organisation_without_a_plan_or_without_any_result_does_not_clear() {
    let c = conclusions();
    assert!(!judge_organisation(&[], 0).clears);
    assert!(!judge_organisation(&[(None, c[5])], 0).clears);
}

#[test]
fn a_vehicle_moves_when_all_its_drivers_clear_and_ends_with_the_earliest() {
    let c = conclusions();
    assert_eq!(judge_vehicle(&[c[2], c[0]]).sampled_at, Some(hours(1)));
    assert!(!judge_vehicle(&[c[2], c[6]]).clears);
    assert!(!judge_vehicle(&[]).clears);
}
