//! `GET /recalls`, `POST /rounds/{round}/recalls/{id}/contacts`: people to be called and swabbed again (mời lấy mẫu lại).

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::rounds::must_hold;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, PersonId, RoundId, UnitId};
use greenfort_store::conclusions::recall_list::{self, Line};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Somebody to be called.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecallLine {
    pub id: Uuid,
    pub round_id: RoundId,
    pub person_id: PersonId,
    pub household_id: Option<HouseholdId>,
    pub unit_id: UnitId,
    #[schema(example = "Ấp 3")]
    pub unit_name: String,
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: String,
    #[schema(example = "+84901234567")]
    pub phone: Option<String>,
    #[schema(example = "12/3, tổ 4")]
    pub address: String,
    pub birth_year: i16,
    /// What was concluded: `held`, `opened`, `presumptive`, `positive`, `discordant`, `resample`, `invalid`, `inconclusive`
    #[schema(example = "opened")]
    pub cause: String,
    /// A new swab is due; otherwise the person is only told.
    pub swab: bool,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Late from then on.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    pub late: bool,
    /// `reached`, `refused`, `absent` or `escalated`; none: nobody has tried
    pub last: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Timestamp>,
    pub tries: i64,
    /// A new swab was taken and awaits its result.
    pub swabbed_again: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecallList {
    /// Hamlet by hamlet, households in walking order; at most 2000.
    pub items: Vec<RecallLine>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecallQuery {
    pub unit: UnitId,
}

/// The recall list of a unit. Every reading is in the audit log.
#[utoipa::path(
    get,
    path = "/recalls",
    tag = "laboratory",
    params(RecallQuery),
    responses(
        (status = 200, body = RecallList),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_recalls(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<RecallQuery>,
) -> Result<Json<RecallList>, Refusal> {
    let scope = caller.scope(Permission::RecallPeople)?;
    let now = app.world().now();
    let lines = tx!(app.db, "list_recalls", scope, |tx| -> Result<Vec<Line>, Refusal> {
        must_hold(tx, query.unit, &scope.area).await?;
        let lines = recall_list::open(tx, query.unit).await?;
        let detail = json!({ "shown": lines.len() });
        audited(tx, &caller, "recalls.list", ("person", "list".into()), query.unit, detail).await?;
        Ok(lines)
    })?;
    let items = lines
        .into_iter()
        .map(|l| RecallLine {
            id: l.id,
            round_id: l.round,
            person_id: l.person,
            household_id: l.household,
            unit_id: l.unit,
            unit_name: l.unit_name,
            name: l.name,
            phone: l.phone,
            address: l.address,
            birth_year: l.birth_year,
            cause: l.cause,
            swab: l.swab,
            since: l.since,
            due_at: l.due_at,
            late: l.due_at < now,
            last: l.last,
            last_at: l.last_at,
            tries: l.tries,
            swabbed_again: l.swabbed_again,
        })
        .collect();
    Ok(Json(RecallList { items }))
}

/// What came of looking for somebody.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactOutcome {
    Reached,
    Refused,
    Absent,
    /// Handed to the commune.
    Escalated,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewContact {
    pub outcome: ContactOutcome,
}

/// Write down what came of looking for somebody.
#[utoipa::path(
    post,
    path = "/rounds/{round}/recalls/{id}/contacts",
    tag = "laboratory",
    params(("round" = RoundId, Path), ("id" = Uuid, Path)),
    request_body = NewContact,
    responses(
        (status = 204),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id on the list of the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn record_contact(
    State(app): State<App>,
    caller: Caller,
    Path((round, id)): Path<(RoundId, Uuid)>,
    Json(given): Json<NewContact>,
) -> Result<StatusCode, Refusal> {
    let scope = caller.scope(Permission::RecallPeople)?;
    let word = match given.outcome {
        ContactOutcome::Reached => "reached",
        ContactOutcome::Refused => "refused",
        ContactOutcome::Absent => "absent",
        ContactOutcome::Escalated => "escalated",
    };
    tx!(app.db, "record_contact", scope, |tx| -> Result<(), Refusal> {
        let (person, unit) = recall_list::contact(tx, round, id, word, caller.account).await?;
        let detail = json!({ "outcome": word });
        audited(tx, &caller, "recalls.contact", ("person", person.to_string()), unit, detail).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
