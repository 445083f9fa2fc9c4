//! Laboratories, plates, releases, and what they say of people.

use super::call::{Ask, At, Call, Case, about, general, id, json, plain};
use crate::stage::{Side, Stage};
use greenfort_kernel::{LaboratoryId, RoundId, RunId, UnitId};
use greenfort_store::{Scope, lab, tx};
use serde_json::json as value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// An assay that migrations bring.
const PCR: &str = "00000000-0000-7000-8000-000000000001";

async fn new_laboratory(stage: &Stage, side: Side) -> LaboratoryId {
    tx!(stage.owner, "laboratory", Scope::nobody(), |tx| {
        lab::create_laboratory(tx, side.commune, "Phòng xét nghiệm", false, true).await
    })
    .unwrap()
}

/// A run without a well: enough to be found, or not.
async fn new_run(stage: &Stage, side: Side) -> RunId {
    let laboratory = new_laboratory(stage, side).await;
    let id: RunId = stage.world().id();
    let by = stage.accounts[&greenfort_kernel::Role::Administrator];
    stage
        .db
        .execute(&format!(
            "insert into run (id, province, laboratory, unit, assay, name, plate, authorised, started_by, started_at)
             select '{id}', a.ancestor, '{laboratory}', {0}, '{PCR}', 'A', 96, true, '{by}', now()
             from unit_ancestor a join unit p on p.id = a.ancestor and p.level = 'province' where a.descendant = {0} limit 1",
            side.commune
        ))
        .await;
    id
}

/// One round for each side: opening one makes its partitions, which takes a while.
type Rounds = Arc<Mutex<HashMap<UnitId, RoundId>>>;

fn round_of(rounds: &Rounds, at: &At<'_>) -> RoundId {
    match at.case {
        Case::Nothing => at.stage.world().id(),
        _ => *rounds
            .lock()
            .unwrap()
            .entry(at.side().commune)
            .or_insert_with(|| at.run(super::campaign::new_round(at.stage, at.side()))),
    }
}

fn at_round(rounds: &Rounds) -> impl Fn(&At<'_>) -> Ask + Send + Sync + 'static {
    let rounds = Arc::clone(rounds);
    move |at| id(round_of(&rounds, at))
}

/// A scheme without tubes, of a laboratory on the side.
fn at_scheme(rounds: &Rounds) -> impl Fn(&At<'_>) -> Ask + Send + Sync + 'static {
    let rounds = Arc::clone(rounds);
    move |at| {
        let round = round_of(&rounds, at);
        let scheme: uuid::Uuid = at.fresh(|side| async move {
            let scheme: uuid::Uuid = at.stage.world().id();
            at.stage
                .db
                .execute(&format!(
                    "insert into scheme (province, round, id, unit, algorithm, design, material, created_at)
                     select province, id, '{scheme}', {}, 'D2', '1', 'media', now() from round where id = '{round}'",
                    side.commune
                ))
                .await;
            scheme
        });
        id(round).id(scheme)
    }
}

/// Somebody on the recall list of the side.
fn at_recall(rounds: &Rounds) -> impl Fn(&At<'_>) -> Ask + Send + Sync + 'static {
    let rounds = Arc::clone(rounds);
    move |at| {
        let round = round_of(&rounds, at);
        let recall: uuid::Uuid = at.fresh(|side| async move {
            let entry: uuid::Uuid = at.stage.world().id();
            at.stage
                .db
                .execute(&format!(
                    "update person_recall set ended_at = now() where ended_at is null;
                     insert into person_recall (province, round, id, person, unit, cause, action, since, due_at)
                     select province, id, '{entry}', '{}', {}, 'opened', 'swab', now(), now() + interval '6 hours'
                     from round where id = '{round}'",
                    side.person, side.hamlet
                ))
                .await;
            entry
        });
        id(round).id(recall)
    }
}

type Laboratories = Arc<Mutex<HashMap<UnitId, LaboratoryId>>>;

/// One laboratory for each side.
fn at_laboratory(known: &Laboratories) -> impl Fn(&At<'_>) -> Ask + Send + Sync + 'static {
    let known = Arc::clone(known);
    move |at| {
        let laboratory = match at.case {
            Case::Nothing => at.stage.world().id(),
            _ => *known
                .lock()
                .unwrap()
                .entry(at.side().commune)
                .or_insert_with(|| at.run(new_laboratory(at.stage, at.side()))),
        };
        id(laboratory)
    }
}

fn fresh_run(at: &At<'_>) -> Ask {
    id(at.fresh::<RunId, _>(|side| new_run(at.stage, side)))
}

pub fn calls() -> Vec<Call> {
    let known = Laboratories::default();
    let (scan, pool, run, tube) =
        (at_laboratory(&known), at_laboratory(&known), at_laboratory(&known), at_laboratory(&known));
    let (recall, rounds) = (at_laboratory(&known), Rounds::default());
    vec![
        general("GET /api/v1/laboratories", plain),
        about("POST /api/v1/laboratories", |at| {
            json(value!({ "unit_id": at.unit(), "name": "Phòng xét nghiệm" }))
        }),
        about("GET /api/v1/laboratories/{id}/board", at_laboratory(&known)),
        about("POST /api/v1/laboratories/{id}/scans", move |at| {
            scan(at).json(value!({ "barcodes": ["X-1"] }))
        }),
        // No list names the tube, so whoever may is told so.
        about("POST /api/v1/laboratories/{id}/pools", move |at| {
            pool(at).json(value!({ "barcodes": ["X-1"], "assay_id": PCR }))
        }),
        about("GET /api/v1/laboratories/{id}/runs", at_laboratory(&known)),
        about("POST /api/v1/laboratories/{id}/runs", move |at| {
            run(at).json(value!({ "assay_id": PCR, "name": "A", "plate": 96, "wells": [] }))
        }),
        about("GET /api/v1/laboratories/{id}/tubes/{barcode}", move |at| tube(at).id("X-1")),
        about("GET /api/v1/runs/{id}", fresh_run),
        about("POST /api/v1/runs/{id}/readings", |at| fresh_run(at).json(value!({ "wells": [] }))),
        about("POST /api/v1/runs/{id}/file", |at| fresh_run(at).query("name=a.csv")),
        about("POST /api/v1/runs/{id}/release", |at| fresh_run(at).json(value!({}))),
        about("POST /api/v1/runs/{id}/give-up", |at| fresh_run(at).json(value!({ "reason": "Thử" }))),
        about("POST /api/v1/laboratories/{id}/recalls", move |at| {
            // No such lot: whoever may is told so.
            recall(at).json(value!({ "lot_id": at.stage.world().id::<uuid::Uuid>(), "reason": "Thử" }))
        }),
        about("GET /api/v1/rounds/{round}/schemes/{id}", at_scheme(&rounds)),
        about("POST /api/v1/rounds/{round}/schemes/{id}/judgement", {
            let scheme = at_scheme(&rounds);
            move |at| scheme(at).json(value!({ "reason": "Thử" }))
        }),
        about("GET /api/v1/recalls", |at| Ask::default().query(format!("unit={}", at.unit()))),
        about("POST /api/v1/rounds/{round}/recalls/{id}/contacts", {
            let recall = at_recall(&rounds);
            move |at| recall(at).json(value!({ "outcome": "absent" }))
        }),
        about("GET /api/v1/rounds/{id}/closing", at_round(&rounds)),
        about("POST /api/v1/rounds/{id}/closing", |at| {
            id(at.fresh::<RoundId, _>(|side| super::campaign::new_round(at.stage, side)))
        }),
        about("GET /api/v1/people/{id}/results", |at| id(at.person())),
        // Nothing was released of anybody here.
        about("POST /api/v1/people/{id}/result-slip", |at| id(at.person())),
    ]
}
