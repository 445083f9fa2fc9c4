//! A million random events against the reference, with the law checked after each of them.
//!
//! Each case is a world of seven people and nine tubes to which 250 things happen: captures, tubes without a list, lists
//! of the wrong tube, pools and arrays, readings, corrections, recalls and their lifting, rejections, doubtful times, moves,
//! exemptions, closings, repeated deliveries. The cases are split over tests so that they run side by side.

use crate::reference::Reference;
use crate::world::{Event, World};
use greenfort_domain::conclusions::{
    Basis, Cell, Conclusion, Derived, Evidence, Facts, Figures, Finding, Head, Policy, changes, conclude,
    is_legal,
};
use greenfort_kernel::{OutcomeKind as O, PersonId, ReachKind, UnitId};
use greenfort_pooling::decode::Reading;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;

const EVENTS: usize = 250;
const CASES: u32 = 1_000;

/// Everything the office keeps beside the facts: versions, figures, and the passes that stand.
#[derive(Default)]
struct Office {
    heads: BTreeMap<PersonId, Head>,
    figures: Figures,
    passes: BTreeMap<PersonId, Vec<Evidence>>,
    /// (reach, outcome) pairs ever concluded.
    met: BTreeMap<(ReachKind, O), u64>,
}

fn cell(person: PersonId, c: &Conclusion) -> Cell {
    let n = person.0.as_u128();
    Cell {
        unit: UnitId(i32::try_from(n % 3).unwrap()),
        age_band: u8::try_from(n).unwrap(),
        female: n.is_multiple_of(2),
        assay: c.assay(),
        reach: c.reach.kind(),
        outcome: c.outcome.kind(),
    }
}

impl Office {
    /// Writes what became different.
    fn release(&mut self, derived: &Derived) {
        for change in changes(&self.heads, &derived.people) {
            let before = change.before.as_ref().map(|c| cell(change.person, c));
            self.figures.shift(before, Some(cell(change.person, &change.after)));
            let passes = self.passes.entry(change.person).or_default();
            if change.takes_back() {
                passes.clear();
            }
            if change.gives() {
                passes.extend(change.after.outcome.evidence());
            }
            let head = Head { version: change.version, conclusion: change.after };
            let old = self.heads.insert(change.person, head);
            assert_eq!(old.map_or(0, |h| h.version) + 1, change.version);
            *self.met.entry((change.after.reach.kind(), change.after.outcome.kind())).or_default() += 1;
        }
        // A pass also falls with the reading it rests on, though its holder may stand on a newer one by now.
        for passes in self.passes.values_mut() {
            passes.retain(|e| derived.upholds(e));
        }
    }

    /// No pass stands for anybody whose word forbids it.
    fn check_passes(&self, derived: &Derived) {
        for (person, passes) in &self.passes {
            let now = derived.person(*person).unwrap();
            let forbids = matches!(
                now.outcome.kind(),
                O::Positive
                    | O::Presumptive
                    | O::Held
                    | O::Discordant
                    | O::Opened
                    | O::Inconclusive
                    | O::Invalid
            );
            assert!(passes.is_empty() || !forbids, "{person} reads {:?} and holds {passes:?}", now.outcome);
        }
    }
}

/// Rule 1: nobody reads negative without a released negative reaction containing their own material, or that of the
/// person who stands for them. Looked up in the raw facts.
fn check_lineage(facts: &Facts, reference: &Reference<'_>, derived: &Derived) {
    for (person, conclusion) in &derived.people {
        let kind = conclusion.outcome.kind();
        assert!(is_legal(conclusion.reach.kind(), kind), "{person}: {:?} × {kind}", conclusion.reach);
        let Some(evidence) = conclusion.outcome.evidence() else { continue };
        let represented = conclusion.reach.kind() == ReachKind::Represented;
        assert_eq!(kind == O::RepresentedNegative, represented);
        assert_eq!(evidence.basis == Basis::Represented, represented, "represented never reads tested");
        let link = (evidence.specimen, *person);
        let linked =
            if represented { facts.represented.contains(&link) } else { facts.donors.contains(&link) };
        assert!(linked, "{person} rests on a tube that is not theirs");
        let backed = reference.standing().iter().any(|r| {
            let pool = facts.schemes.iter().find(|p| p.id == r.scheme).unwrap();
            r.reading == Reading::NotDetected
                && r.release == evidence.release
                && pool.scheme.specimens_in(r.test).any(|x| pool.specimens[x] == evidence.specimen)
        });
        assert!(backed, "{person} reads {kind} without a negative reaction of {:?}", evidence.specimen);
    }
}

/// Rule 13: figures kept by differences are the figures counted anew, for every unit, age band and sex.
fn check_figures(figures: &Figures, derived: &Derived) {
    let mut counted = Figures::default();
    for (person, conclusion) in &derived.people {
        counted.add(cell(*person, conclusion), 1);
    }
    assert_eq!(*figures, counted);
    let removed = figures.total(|c| c.reach == ReachKind::Removed);
    let reached: i64 = ReachKind::ALL
        .iter()
        .filter(|r| **r != ReachKind::Removed)
        .map(|r| O::ALL.iter().map(|o| figures.total(|c| c.reach == *r && c.outcome == *o)).sum::<i64>())
        .sum();
    assert_eq!(i64::try_from(derived.people.len()).unwrap() - removed, reached);
    for unit in 0..3 {
        let of_unit = figures.total(|c| c.unit == UnitId(unit));
        let children: i64 =
            (0..=7).map(|band| figures.total(|c| c.unit == UnitId(unit) && c.age_band == band)).sum();
        assert_eq!(of_unit, children);
    }
}

/// The same facts delivered in another order, and all of them twice.
fn delivered_otherwise(facts: &Facts, turn: usize) -> Facts {
    fn turned<T: Clone>(rows: &[T], turn: usize) -> Vec<T> {
        let mut rows: Vec<T> = rows.iter().chain(rows).cloned().collect();
        let length = rows.len();
        if length > 0 {
            rows.rotate_left(turn % length);
            // Any permutation is reached by swaps; these depend on the case.
            for at in 0..length {
                rows.swap(at, (at * 7 + turn) % length);
            }
        }
        rows
    }
    Facts {
        closed: facts.closed,
        people: turned(&facts.people, turn),
        members: turned(&facts.members, turn),
        specimens: turned(&facts.specimens, turn),
        donors: turned(&facts.donors, turn),
        represented: turned(&facts.represented, turn),
        stands_for: turned(&facts.stands_for, turn),
        schemes: turned(&facts.schemes, turn),
        readings: turned(&facts.readings, turn),
        recalls: turned(&facts.recalls, turn),
        lot_uses: turned(&facts.lot_uses, turn),
        judgements: turned(&facts.judgements, turn),
    }
}

fn live(events: &[Event], office: &mut Office) {
    let policy = Policy::standard();
    let mut world = World::new();
    for (turn, event) in events.iter().enumerate() {
        world.happens(*event);
        let facts = &world.facts;
        let derived = conclude(facts, &policy).unwrap();
        let reference = Reference::new(facts, &policy);
        for person in &facts.people {
            let got = derived.person(person.id).unwrap();
            let said = reference.says(person);
            assert_eq!(
                (
                    got.reach.kind(),
                    got.outcome.kind(),
                    got.withheld,
                    got.outcome.evidence().map(|e| (e.specimen, e.basis))
                ),
                (said.reach, said.outcome, said.withheld, said.rests_on),
                "{} after {event:?}",
                person.id
            );
        }
        for place in &derived.places {
            assert_eq!(
                place.outcome.kind(),
                reference.says_of(place.place),
                "{:?} after {event:?}",
                place.place
            );
        }
        check_lineage(facts, &reference, &derived);
        office.release(&derived);
        check_figures(&office.figures, &derived);
        office.check_passes(&derived);
        if turn.is_multiple_of(8) {
            let again = conclude(&delivered_otherwise(facts, turn + usize::from(event[1])), &policy).unwrap();
            assert_eq!(again, derived, "order and repetition of the facts matter");
            assert_eq!(changes(&office.heads, &again.people), [], "re-delivery writes something");
        }
    }
}

fn a_quarter_of_a_million_events(seed: u8) {
    let config =
        Config { cases: CASES, max_shrink_iters: 3_000, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let met = std::cell::RefCell::new(BTreeMap::new());
    let events = prop::collection::vec(any::<Event>(), EVENTS);
    let outcome = runner.run(&events, |events| {
        let mut office = Office::default();
        live(&events, &mut office);
        for (pair, n) in office.met {
            *met.borrow_mut().entry(pair).or_insert(0_u64) += n;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // A test that never saw a pair proves nothing about it.
    for (reach, outcomes) in greenfort_domain::conclusions::LEGAL_PAIRS {
        for kind in *outcomes {
            assert!(met.borrow().contains_key(&(*reach, *kind)), "{reach} × {kind} was never met");
        }
    }
}

#[test]
fn the_law_holds_after_each_of_a_quarter_of_a_million_events() {
    a_quarter_of_a_million_events(1);
}

#[test]
fn the_law_holds_after_each_of_a_second_quarter_of_a_million_events() {
    a_quarter_of_a_million_events(2);
}

#[test]
fn the_law_holds_after_each_of_a_third_quarter_of_a_million_events() {
    a_quarter_of_a_million_events(3);
}

#[test]
fn the_law_holds_after_each_of_a_fourth_quarter_of_a_million_events() {
    a_quarter_of_a_million_events(4);
}

#[test]
fn a_pass_falls_with_the_reading_it_rests_on_though_its_holder_has_a_newer_one() {
    use crate::scene::{Scene, run};
    use greenfort_domain::conclusions::Recall;
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, Reading::NotDetected);
    let old = scene.evidence(1);
    scene.swab(2, 5, &[1]).pool(2, &[2]).read(2, 0, Reading::NotDetected);
    let derived = scene.derive();
    assert!(derived.upholds(&old) && derived.upholds(&scene.evidence(1)));
    scene.recall(Recall::Run(run(1)));
    assert!(!scene.derive().upholds(&old));
    assert!(matches!(scene.derive().specimens[0].1, Finding::Awaiting));
}
