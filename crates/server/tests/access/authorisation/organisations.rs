//! Organisations, groups of residents and vehicles, with who belongs to them.

use super::call::{At, Call, Case, about, general, id, json, plain};
use super::register::somebody;
use crate::stage::{Side, Stage};
use greenfort_kernel::{GroupId, OrganisationId, PartId, PersonId, VehicleId};
use serde_json::json as value;

pub fn calls() -> Vec<Call> {
    let mut calls = organisations();
    calls.extend(groups());
    calls.extend(vehicles());
    calls
}

fn organisations() -> Vec<Call> {
    vec![
        general("GET /api/v1/organisations", plain),
        about("POST /api/v1/organisations", |at| {
            json(value!({ "kind": "market", "name": "Chợ Mới", "unit_id": at.unit() }))
        }),
        about("GET /api/v1/organisations/{id}", |at| id(at.fresh(|side| organisation(at.stage, side)))),
        about("PATCH /api/v1/organisations/{id}", |at| {
            id(at.fresh(|side| organisation(at.stage, side))).json(value!({ "name": "Xí nghiệp 2" }))
        }),
        about("POST /api/v1/organisations/{id}/end", |at| {
            id(at.fresh(|side| organisation(at.stage, side))).json(value!({}))
        }),
        about("POST /api/v1/organisations/{id}/parts", |at| {
            id(at.fresh(|side| organisation(at.stage, side)))
                .json(value!({ "kind": "shift", "name": "Ca 1" }))
        }),
        about("PATCH /api/v1/organisations/{id}/parts/{part}", |at| {
            let (organisation, part) = part_of(at);
            id(organisation).id(part).json(value!({ "name": "Ca 2" }))
        }),
        about("POST /api/v1/organisations/{id}/parts/{part}/end", |at| {
            let (organisation, part) = part_of(at);
            id(organisation).id(part).json(value!({}))
        }),
        about("GET /api/v1/organisations/{id}/members", |at| {
            id(at.fresh(|side| organisation(at.stage, side)))
        }),
        about("POST /api/v1/organisations/{id}/members", |at| {
            id(at.fresh(|side| organisation(at.stage, side))).json(value!({ "person_id": resident(at) }))
        }),
        about("POST /api/v1/organisations/{id}/members/{person}/end", |at| {
            let of: OrganisationId = at.fresh(|side| organisation(at.stage, side));
            id(of)
                .id(member(at, "organisation_member (organisation, person, from_date)", of))
                .json(value!({}))
        }),
    ]
}

fn groups() -> Vec<Call> {
    vec![
        general("GET /api/v1/groups", plain),
        about("POST /api/v1/groups", |at| {
            json(value!({ "kind": "block", "name": "Tổ 3", "unit_id": at.unit() }))
        }),
        about("GET /api/v1/groups/{id}", |at| id(at.fresh(|side| group(at.stage, side)))),
        about("PATCH /api/v1/groups/{id}", |at| {
            id(at.fresh(|side| group(at.stage, side))).json(value!({ "sample_percent": 50 }))
        }),
        about("POST /api/v1/groups/{id}/end", |at| {
            id(at.fresh(|side| group(at.stage, side))).json(value!({}))
        }),
        about("GET /api/v1/groups/{id}/members", |at| id(at.fresh(|side| group(at.stage, side)))),
        about("POST /api/v1/groups/{id}/members", |at| {
            id(at.fresh(|side| group(at.stage, side))).json(value!({ "person_id": resident(at) }))
        }),
        about("POST /api/v1/groups/{id}/members/{person}/end", |at| {
            let of: GroupId = at.fresh(|side| group(at.stage, side));
            id(of)
                .id(member(at, "resident_group_member (resident_group, person, from_date)", of))
                .json(value!({}))
        }),
    ]
}

fn vehicles() -> Vec<Call> {
    vec![
        general("GET /api/v1/vehicles", plain),
        about("POST /api/v1/vehicles", |at| {
            let plate = format!("71C-{:05}", at.stage.number());
            json(value!({ "kind": "truck", "plate": plate, "unit_id": at.unit() }))
        }),
        about("GET /api/v1/vehicles/{id}", |at| id(at.fresh(|side| vehicle(at.stage, side)))),
        about("PATCH /api/v1/vehicles/{id}", |at| {
            id(at.fresh(|side| vehicle(at.stage, side))).json(value!({ "kind": "van" }))
        }),
        about("POST /api/v1/vehicles/{id}/end", |at| {
            id(at.fresh(|side| vehicle(at.stage, side))).json(value!({}))
        }),
        about("GET /api/v1/vehicles/{id}/drivers", |at| id(at.fresh(|side| vehicle(at.stage, side)))),
        about("POST /api/v1/vehicles/{id}/drivers", |at| {
            id(at.fresh(|side| vehicle(at.stage, side))).json(value!({ "person_id": resident(at) }))
        }),
        about("POST /api/v1/vehicles/{id}/drivers/{person}/end", |at| {
            let of: VehicleId = at.fresh(|side| vehicle(at.stage, side));
            id(of).id(member(at, "vehicle_driver (vehicle, person, from_date)", of)).json(value!({}))
        }),
    ]
}

/// Somebody of the own area joins: across the border it is the body that is another's.
fn resident(at: &At<'_>) -> PersonId {
    at.stage.own.person
}

/// Somebody who belongs to `of` since long ago.
fn member(at: &At<'_>, table: &str, of: impl std::fmt::Display) -> PersonId {
    if at.case == Case::Nothing {
        return at.stage.world().id();
    }
    at.run(async {
        let person = somebody(at.stage, at.side()).await;
        at.stage.db.execute(&format!("insert into {table} values ('{of}', '{person}', '2021-01-01')")).await;
        person
    })
}

fn part_of(at: &At<'_>) -> (OrganisationId, PartId) {
    if at.case == Case::Nothing {
        return (at.stage.world().id(), at.stage.world().id());
    }
    at.run(async {
        let (organisation, part) = (organisation(at.stage, at.side()).await, at.stage.world().id::<PartId>());
        at.stage
            .db
            .execute(&format!(
                "insert into organisation_part (id, organisation, name) values ('{part}', '{organisation}', 'Ca 1')"
            ))
            .await;
        (organisation, part)
    })
}

pub async fn organisation(stage: &Stage, side: Side) -> OrganisationId {
    let id: OrganisationId = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into organisation (id, unit, kind, name, folded_name, created_at)
             values ('{id}', {}, 'enterprise', 'Xí nghiệp', 'xi nghiep', now())",
            side.hamlet
        ))
        .await;
    id
}

pub async fn group(stage: &Stage, side: Side) -> GroupId {
    let id: GroupId = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into resident_group (id, unit, kind, name, folded_name, created_at)
             values ('{id}', {}, 'block', 'Tổ 1', 'to 1', now())",
            side.hamlet
        ))
        .await;
    id
}

pub async fn vehicle(stage: &Stage, side: Side) -> VehicleId {
    let id: VehicleId = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into vehicle (id, unit, plate, kind, created_at)
             values ('{id}', {}, '71H-{:05}', 'truck', now())",
            side.hamlet,
            stage.number()
        ))
        .await;
    id
}
