//! The register: people, households, restrictions.

use super::call::{Ask, At, Call, Case, about, general, id, json, plain};
use crate::stage::{Side, Stage};
use greenfort_kernel::{HouseholdId, PersonId, RestrictionId};
use serde_json::json as value;
use uuid::Uuid;

pub fn calls() -> Vec<Call> {
    vec![
        about("POST /api/v1/people", |at| {
            json(
                value!({ "name": "Trần Thị Mới", "birth": "1990", "sex": "female", "household_id": household(at) }),
            )
        }),
        general("POST /api/v1/people/scan", |_| json(value!({ "text": "083195001234" }))),
        about("PATCH /api/v1/people/{id}", |at| id(at.person()).json(value!({ "exposure": "trader" }))),
        about("GET /api/v1/people/{id}/timeline", |at| id(at.person())),
        about("POST /api/v1/people/{id}/residence", |at| {
            id(at.fresh(|side| somebody(at.stage, side))).json(value!({ "unit_id": at.side().hamlet }))
        }),
        about("PUT /api/v1/people/{id}/removal", |at| {
            id(at.fresh(|side| somebody(at.stage, side))).json(value!({ "reason": "moved" }))
        }),
        about("DELETE /api/v1/people/{id}/removal", |at| id(at.fresh(|side| somebody_gone(at.stage, side)))),
        about("PUT /api/v1/people/{id}/doses/{dose}", |at| {
            id(at.person()).id(1).json(value!({ "given_on": "2021-08-01", "product": "Vero Cell" }))
        }),
        about("DELETE /api/v1/people/{id}/doses/{dose}", |at| {
            id(at.fresh(|side| somebody_vaccinated(at.stage, side))).id(1)
        }),
        about("GET /api/v1/households", |at| Ask::default().query(format!("unit={}", at.unit())))
            .shown_to_all("the list of another area is empty, see its own test"),
        about("POST /api/v1/households", |at| json(value!({ "unit_id": hamlet(at), "address": "Số 1" }))),
        about("GET /api/v1/households/{id}", |at| id(household_to_read(at))),
        about("PATCH /api/v1/households/{id}", |at| id(household(at)).json(value!({ "address": "Số 2" }))),
        about("DELETE /api/v1/households/{id}", |at| id(at.fresh(|side| empty_household(at.stage, side)))),
        about("PUT /api/v1/households/{id}/head", |at| {
            id(household(at)).json(value!({ "person_id": at.person() }))
        }),
        general("GET /api/v1/duplicates", plain),
        about("POST /api/v1/duplicates/search", |at| json(value!({ "unit_id": at.unit() }))),
        about("PUT /api/v1/duplicates/{a}/{b}/apart", |at| {
            let (a, b) = at.fresh_pair();
            id(a).id(b)
        }),
        about("DELETE /api/v1/duplicates/{a}/{b}/apart", |at| {
            let (a, b) = at.fresh_pair();
            id(a).id(b)
        }),
        general("GET /api/v1/merges", plain),
        about("POST /api/v1/merges", |at| {
            let (kept, dropped) = at.fresh_pair();
            json(value!({ "kept": kept, "dropped": dropped }))
        }),
        about("DELETE /api/v1/merges/{id}", |at| id(at.fresh(|side| merged(at.stage, side)))),
        general("GET /api/v1/data-requests", plain),
        about("POST /api/v1/data-requests", |at| {
            json(value!({ "person_id": at.person(), "kind": "access", "asked": "Tại trạm" }))
        }),
        about("POST /api/v1/data-requests/{id}/close", |at| {
            id(at.fresh(|side| asked(at.stage, side))).json(value!({ "outcome": "fulfilled" }))
        }),
        about("GET /api/v1/people/{id}/data", |at| id(at.person())),
        about("GET /api/v1/people/{id}/readings", |at| id(at.person())),
        general("GET /api/v1/restrictions", plain),
        about("GET /api/v1/restrictions/{id}", |at| id(at.fresh(|side| restriction(at.stage, side)))),
        about("POST /api/v1/restrictions", |at| {
            json(
                value!({ "unit_id": at.unit(), "kind": "quarantine", "document": "1/QĐ", "signer": "Chủ tịch xã",
                          "persons": [at.person()] }),
            )
        }),
        about("POST /api/v1/restrictions/{id}/lift", |at| id(at.fresh(|side| restriction(at.stage, side)))),
    ]
}

fn household(at: &At<'_>) -> HouseholdId {
    if at.case == Case::Nothing { at.stage.world().id() } else { at.side().household }
}

impl At<'_> {
    /// Two records that may be one person, both on the right side of the border, or two ids of nobody.
    fn fresh_pair(&self) -> (PersonId, PersonId) {
        if self.case == Case::Nothing {
            return (self.stage.world().id(), self.stage.world().id());
        }
        self.run(pair(self.stage, self.side()))
    }
}

async fn pair(stage: &Stage, side: Side) -> (PersonId, PersonId) {
    let (one, other) = (somebody(stage, side).await, somebody(stage, side).await);
    let (a, b) = (one.min(other), one.max(other));
    stage
        .db
        .execute(&format!(
            "insert into duplicate_candidate (a, b, score, evidence, found_at) values ('{a}', '{b}', 12, '{{}}', now())"
        ))
        .await;
    (a, b)
}

/// A merge of two records of nobody in particular, with its sealed copy of the kept one.
async fn merged(stage: &Stage, side: Side) -> Uuid {
    let (kept, dropped) = pair(stage, side).await;
    let id: Uuid = stage.world().id();
    let before =
        value!({ "year": 1970, "female": false, "relation": "member", "doses": 0, "secret": { "n": "" } });
    let sealed: String = stage
        .db
        .keys
        .seal("person_merge.sealed", id.as_bytes(), &before)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let by = stage.accounts[&greenfort_kernel::Role::CommuneStation];
    stage
        .db
        .execute(&format!(
            "update person set removed = 'merged', removed_on = '2021-09-01', merged_into = '{kept}' where id = '{dropped}';
             insert into person_merge (id, kept, dropped, taken, sealed, moved, by, at)
             values ('{id}', '{kept}', '{dropped}', '{{}}', '\\x{sealed}', '{{}}', '{by}', now())"
        ))
        .await;
    id
}

async fn asked(stage: &Stage, side: Side) -> Uuid {
    let id: Uuid = stage.world().id();
    let by = stage.accounts[&greenfort_kernel::Role::CommuneStation];
    stage
        .db
        .execute(&format!(
            "insert into data_request (id, person, kind, received_at, due_at, by, at)
             values ('{id}', '{}', 'access', '2021-09-01', '2021-09-04', '{by}', now())",
            side.person
        ))
        .await;
    id
}

/// For citizens another's household is the neighbours'.
fn household_to_read(at: &At<'_>) -> HouseholdId {
    match at.case {
        Case::Other if at.is_citizen() => at.run(async {
            sqlx::query_scalar("select household from person where id = $1")
                .bind(at.stage.neighbour.0)
                .fetch_one(&mut at.stage.db.owner().await)
                .await
                .map(HouseholdId)
                .unwrap()
        }),
        _ => household(at),
    }
}

fn hamlet(at: &At<'_>) -> i32 {
    if at.case == Case::Nothing { 987_654 } else { at.side().hamlet.0 }
}

/// Somebody who lives in the household of a side.
pub async fn somebody(stage: &Stage, side: Side) -> PersonId {
    let id: PersonId = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into person (id, unit, household, birth_year, sex, created_at)
             values ('{id}', {}, '{}', 1970, 'male', now())",
            side.hamlet, side.household
        ))
        .await;
    id
}

async fn somebody_gone(stage: &Stage, side: Side) -> PersonId {
    let id = somebody(stage, side).await;
    stage
        .db
        .execute(&format!("update person set removed = 'moved', removed_on = '2021-09-01' where id = '{id}'"))
        .await;
    id
}

async fn somebody_vaccinated(stage: &Stage, side: Side) -> PersonId {
    let id = somebody(stage, side).await;
    stage
        .db
        .execute(&format!(
            "insert into vaccination (person, dose, given_on, product, at)
             values ('{id}', 1, '2021-08-01', 'Vero Cell', now())"
        ))
        .await;
    id
}

async fn empty_household(stage: &Stage, side: Side) -> HouseholdId {
    let id: HouseholdId = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into household (id, unit, walk_order, created_at) values ('{id}', {}, 9, now())",
            side.hamlet
        ))
        .await;
    id
}

async fn restriction(stage: &Stage, side: Side) -> RestrictionId {
    let id: Uuid = stage.world().id();
    stage
        .db
        .execute(&format!(
            "insert into restriction (id, unit, kind, starts_at, document, signer, at)
             values ('{id}', {}, 'quarantine', '2021-09-01', '1/QĐ', 'Chủ tịch xã', now());
             insert into restriction_target (restriction, person) values ('{id}', '{}')",
            side.commune, side.person
        ))
        .await;
    RestrictionId(id)
}
