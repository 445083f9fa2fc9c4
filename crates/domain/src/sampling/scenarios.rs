//! A household and a tube, and what can be wrong with them.

use super::*;
use crate::campaign::Window;
use greenfort_kernel::{AccountId, AssayId, DeviceId, HouseholdId, IntakeId, PersonId, SpecimenId, UnitId};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub const HAMLET: UnitId = UnitId(7);
pub const ASSAY: AssayId = AssayId(Uuid::from_u128(900));
pub const HOME: HouseholdId = HouseholdId(Uuid::from_u128(500));

pub fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

pub fn tube(n: u32) -> Tube {
    Tube { issuer: OWN_ISSUER.to_owned(), barcode: own_label(n) }
}

pub fn start() -> Timestamp {
    "2021-09-08T06:00:00+07:00".parse().unwrap()
}

/// A round of 72 hours, people 1 to 40 in one hamlet, labels 0 to 19 printed, ten donors to a tube.
pub fn known() -> Known {
    Known {
        window: Window::new(start(), 72).unwrap(),
        tubes: (0..20).map(tube).collect(),
        used_elsewhere: BTreeSet::new(),
        register: (1..=40).map(|n| (person(n), Registered { unit: HAMLET, household: Some(HOME) })).collect(),
        barred: BTreeMap::new(),
        assays: BTreeMap::from([(ASSAY, 10)]),
        units: BTreeSet::from([HAMLET]),
        sites: BTreeSet::new(),
        lots: BTreeSet::new(),
        backwards: BTreeSet::new(),
    }
}

pub fn event(seq: i64, minutes: i64, what: What) -> Received {
    let device_at = start() + SignedDuration::from_mins(minutes);
    Received {
        device: DeviceId(Uuid::from_u128(800)),
        unit: HAMLET,
        event: Event {
            id: IntakeId(Uuid::from_u128(10_000 + seq.unsigned_abs() as u128)),
            seq,
            device_at,
            offset_ms: 0,
            account: AccountId(Uuid::from_u128(700)),
            what,
        },
        received_at: device_at + SignedDuration::from_mins(5),
        received_offset_ms: 0,
    }
}

pub fn donor(n: u128) -> Donor {
    Donor {
        whose: Whose { person: person(n), added: None },
        identified_by: IdentifiedBy::List,
        stands_for: None,
    }
}

pub fn standing_for(n: u128, present: u16, members: &[u128]) -> Donor {
    let members = members.iter().map(|m| Whose { person: person(*m), added: None }).collect();
    let stands_for = StandsFor { household: Some(HOME), group: None, unit: HAMLET, present, members };
    Donor { stands_for: Some(stands_for), ..donor(n) }
}

pub fn collected(label: u32, donors: Vec<Donor>) -> What {
    What::Collected(Collected {
        tube: tube(label),
        unit: HAMLET,
        site: None,
        assay: ASSAY,
        lot: None,
        donors,
        follows: None,
        written_at: None,
        seconds: 10,
    })
}

fn only(truth: &Truth) -> &Specimen {
    assert_eq!(truth.specimens.len(), 1);
    truth.specimens.values().next().unwrap()
}

fn problems(truth: &Truth) -> Vec<&'static str> {
    truth.problems.iter().map(|(_, problem, _)| problem.as_str()).collect()
}

#[test]
fn one_household_and_one_tube_give_a_donor_and_the_members_ticked_by_name() {
    let truth = reduce(&[event(1, 10, collected(1, vec![standing_for(1, 3, &[2, 3])]))], &known());
    let specimen = only(&truth);
    assert_eq!(specimen.donors, [(person(1), HAMLET, IdentifiedBy::List)]);
    assert_eq!(specimen.represents[0].members, [(person(2), HAMLET), (person(3), HAMLET)]);
    assert_eq!(specimen.represents[0].present, 3);
    assert_eq!(specimen.flags, BTreeSet::new());
    assert_eq!(truth.tubes[&tube(1)], SpecimenId(Uuid::from_u128(10_001)));
    assert_eq!(problems(&truth), [] as [&str; 0]);
}

#[test]
fn a_tube_used_twice_makes_both_specimens_doubtful_and_loses_neither() {
    let events = [event(1, 10, collected(1, vec![donor(1)])), event(2, 12, collected(1, vec![donor(2)]))];
    let truth = reduce(&events, &known());
    assert_eq!(truth.specimens.len(), 2);
    assert!(truth.specimens.values().all(|s| s.flags == BTreeSet::from([Flag::TubeTwice])));
}

#[test]
fn taking_a_specimen_back_frees_its_tube() {
    let first = event(1, 10, collected(1, vec![donor(1)]));
    let void = What::Voided {
        specimen: SpecimenId(first.event.id.0),
        tube: tube(1),
        reason: "wrong_person".to_owned(),
    };
    let events = [event(3, 13, collected(1, vec![donor(2)])), event(2, 12, void), first];
    let truth = reduce(&events, &known());
    assert_eq!(truth.tubes[&tube(1)], SpecimenId(Uuid::from_u128(10_003)));
    assert_eq!(problems(&truth), [] as [&str; 0]);
    assert_eq!(
        truth.specimens[&SpecimenId(Uuid::from_u128(10_001))].voided_at,
        Some(start() + SignedDuration::from_mins(12))
    );
}

#[test]
fn a_tube_of_an_earlier_round_is_doubtful_in_this_one() {
    let mut known = known();
    known.used_elsewhere.insert(tube(1));
    let truth = reduce(&[event(1, 10, collected(1, vec![donor(1)]))], &known);
    assert_eq!(problems(&truth), ["tube_twice"]);
}

#[test]
fn an_unknown_tube_is_kept_and_flagged() {
    let truth = reduce(&[event(1, 10, collected(99, vec![donor(1)]))], &known());
    assert_eq!(only(&truth).flags, BTreeSet::from([Flag::TubeUnknown]));
}

#[test]
fn a_donor_named_twice_in_a_tube_counts_once() {
    let truth = reduce(&[event(1, 10, collected(1, vec![donor(1), donor(1)]))], &known());
    assert_eq!(only(&truth).donors.len(), 1);
    assert_eq!(problems(&truth), ["donor_twice"]);
}

#[test]
fn a_contact_ticked_as_represented_is_not_represented_and_somebody_hears_of_it() {
    let mut known = known();
    known.barred.insert(person(3), Bar::Contact);
    let truth = reduce(&[event(1, 10, collected(1, vec![standing_for(1, 3, &[2, 3])]))], &known);
    assert_eq!(only(&truth).represents[0].members, [(person(2), HAMLET)]);
    assert_eq!(only(&truth).represents[0].present, 3, "but lives there");
    assert_eq!(problems(&truth), ["member_barred_contact"]);
}

#[test]
fn a_phone_a_day_off_is_corrected_by_its_offset_and_doubted_without() {
    let day = SignedDuration::from_hours(24);
    let mut corrected = event(1, 10, collected(1, vec![donor(1)]));
    corrected.event.device_at += day;
    corrected.event.offset_ms = -24 * 3_600_000;
    corrected.received_offset_ms = corrected.event.offset_ms;
    let truth = reduce(&[corrected.clone()], &known());
    assert_eq!(only(&truth).sampled_at, start() + SignedDuration::from_mins(10));
    assert_eq!(problems(&truth), [] as [&str; 0]);

    // The clock was set a day ahead after the last contact.
    corrected.event.offset_ms = 0;
    let truth = reduce(&[corrected], &known());
    assert_eq!(only(&truth).flags, BTreeSet::from([Flag::TimeAhead, Flag::ClockChanged]));
}

#[test]
fn a_lodger_added_on_the_spot_goes_into_the_register_and_the_tube() {
    let added = Added {
        name: "Lê Thị Bé".to_owned(),
        birth_year: 1999,
        female: true,
        unit: HAMLET,
        household: Some(HOME),
        stay: Stay::Lodger,
    };
    let mut lodger = donor(99);
    lodger.whose.added = Some(added.clone());
    let truth = reduce(&[event(1, 10, collected(1, vec![lodger]))], &known());
    assert_eq!(truth.people, BTreeMap::from([(person(99), added)]));
    assert_eq!(only(&truth).donors.len(), 1);
}

#[test]
fn a_tube_without_any_known_donor_is_kept_as_a_tube_without_a_list() {
    let truth = reduce(&[event(1, 10, collected(1, vec![donor(99)]))], &known());
    assert_eq!(only(&truth).flags, BTreeSet::from([Flag::DonorUnknown, Flag::NoDonor]));
}

#[test]
fn a_late_entry_from_paper_carries_the_time_written_there() {
    let What::Collected(mut sheet) = collected(1, vec![donor(1)]) else { unreachable!() };
    sheet.written_at = Some(start() + SignedDuration::from_mins(30));
    let truth = reduce(&[event(1, 600, What::Collected(sheet))], &known());
    assert_eq!(only(&truth).sampled_at, start() + SignedDuration::from_mins(30));
    assert!(only(&truth).late_entry);
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let event = event(1, 10, collected(1, vec![standing_for(1, 3, &[2, 3])])).event;
    let json = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}
