//! Rule 9: versions; contradictions are refused.

use crate::scene::*;
use greenfort_domain::conclusions::{Head, Inconsistent, Policy, SchemeFacts, changes, conclude};
use greenfort_kernel::OutcomeKind as O;
use greenfort_pooling::decode::Reading::{Detected, NotDetected};
use greenfort_pooling::decode::{Material, Scheme};
use std::collections::BTreeMap;

#[test]
fn deriving_twice_writes_nothing_and_a_correction_writes_the_next_version() {
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).swab(2, 0, &[2]).pool(1, &[1, 2]).read(1, 0, NotDetected);
    let mut heads = BTreeMap::new();
    let mut write = |scene: &Scene| {
        let changes = changes(&heads, &scene.derive().people);
        for c in &changes {
            heads.insert(c.person, Head { version: c.version, conclusion: c.after });
        }
        changes
    };
    let first = write(&scene);
    assert_eq!(first.iter().map(|c| c.version).collect::<Vec<_>>(), [1, 1]);
    assert!(first.iter().all(|c| c.gives() && !c.takes_back()));
    assert_eq!(write(&scene), []);
    scene.correct(Detected);
    let second = write(&scene);
    assert_eq!(
        second.iter().map(|c| (c.version, c.after.outcome.kind())).collect::<Vec<_>>(),
        [(2, O::Held), (2, O::Held)]
    );
    assert!(second.iter().all(|c| c.takes_back() && !c.gives()));
}

#[test]
fn facts_that_contradict_themselves_are_refused_and_name_what() {
    let policy = Policy::standard();
    let mut scene = Scene::new();
    scene.swab(1, 0, &[1]).pool(1, &[1]).read(1, 0, NotDetected);
    let good = scene.facts.clone();

    let mut facts = good.clone();
    facts
        .specimens
        .push(greenfort_domain::conclusions::Specimen { sampled_at: hours(9), ..facts.specimens[0] });
    assert!(matches!(conclude(&facts, &policy), Err(Inconsistent::Contradiction { what: "specimen", .. })));

    let mut facts = good.clone();
    facts.donors.push((tube(1), person(77)));
    assert!(matches!(conclude(&facts, &policy), Err(Inconsistent::Unknown { what: "person", .. })));

    let mut facts = good.clone();
    facts.readings[0].test = 4;
    assert!(matches!(conclude(&facts, &policy), Err(Inconsistent::NoSuchTest { test: 4, .. })));

    let mut facts = good.clone();
    facts.readings[0].scheme = scheme(0);
    assert!(matches!(conclude(&facts, &policy), Err(Inconsistent::Unknown { what: "scheme", .. })));

    let mut facts = good.clone();
    facts.readings.push(greenfort_domain::conclusions::Released { reading: Detected, ..facts.readings[0] });
    assert!(matches!(conclude(&facts, &policy), Err(Inconsistent::Contradiction { what: "reading", .. })));

    let mut facts = good;
    facts.schemes[0] =
        SchemeFacts { scheme: Scheme::dorfman(2, Material::Media).unwrap(), ..facts.schemes[0].clone() };
    let error = conclude(&facts, &policy).unwrap_err();
    assert!(error.to_string().ends_with("is for 2 specimens and lists 1"), "{error}");
}
