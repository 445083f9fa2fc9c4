//! `GET /rounds/{id}/subjects`: the list of a hamlet in walking order. Every reading is in the audit log.

use super::plan::UnitQuery;
use super::{must_hold, round_in};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, PersonId, RoundId, SpecimenId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::sampling::lists::{self, SubjectLine};
use greenfort_store::tx;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Somebody expected in a round.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoundSubject {
    pub person_id: PersonId,
    pub household_id: Option<HouseholdId>,
    pub walk_order: i32,
    #[schema(example = "12/3, tổ 4")]
    pub address: String,
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: String,
    pub birth_year: i16,
    pub female: bool,
    /// Relation to the head of the household.
    #[schema(example = "head")]
    pub relation: String,
    /// `swab`, `represented` or `exempt`
    #[schema(example = "swab")]
    pub expected: String,
    /// From 1 in the order in which they are asked; 0: never swabbed.
    pub choice: i16,
    /// Why this person stands where they stand, weightiest first.
    #[schema(example = json!(["another_person", "least_vaccinated"]))]
    pub reasons: Vec<String>,
    /// `note` or `warn` when a rule had to be left.
    pub severity: Option<String>,
    /// How far the round got to them; null: not yet reached.
    #[schema(example = "collected")]
    pub reach: Option<String>,
    pub reason: Option<String>,
    /// The live specimen they gave, or that names them.
    pub specimen_id: Option<SpecimenId>,
}

impl From<SubjectLine> for RoundSubject {
    fn from(s: SubjectLine) -> Self {
        Self {
            person_id: s.person,
            household_id: s.household,
            walk_order: s.walk_order,
            address: s.address,
            name: s.name,
            birth_year: s.birth_year,
            female: s.female,
            relation: s.relation,
            expected: s.expected,
            choice: s.choice,
            reasons: s.reasons,
            severity: s.severity,
            reach: s.reach,
            reason: s.reason,
            specimen_id: s.specimen,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Subjects {
    /// In walking order; within a household by choice.
    pub items: Vec<RoundSubject>,
}

/// The list of a hamlet in walking order. Every reading is in the audit log.
#[utoipa::path(
    get,
    path = "/rounds/{id}/subjects",
    tag = "rounds",
    params(("id" = RoundId, Path), UnitQuery),
    responses(
        (status = 200, description = "Everybody expected in the hamlet", body = Subjects),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or hamlet in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_subjects(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    Query(query): Query<UnitQuery>,
) -> Result<Json<Subjects>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let rows = tx!(app.db, "list_subjects", scope, |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, &scope.area).await?;
        must_hold(tx, query.unit, &scope.area).await?;
        let rows = lists::subjects(tx, &round, query.unit).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "campaign.list_subjects",
            object_kind: "person",
            object_id: "list".to_owned(),
            unit: Some(query.unit),
            detail: json!({ "round": id, "shown": rows.len() }),
        };
        record(tx, entry).await?;
        Ok(rows)
    })?;
    Ok(Json(Subjects { items: rows.into_iter().map(Into::into).collect() }))
}
