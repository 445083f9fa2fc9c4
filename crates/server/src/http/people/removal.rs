//! `PUT` and `DELETE /people/{id}/removal`: somebody dies or moves out of the province, or is put back on the list.

use super::fields::past_day;
use super::{audited, must_be_open, must_not_precede, scope_of_edits};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::PersonId;
use greenfort_store::registry::person::{self, Event, Home, record_event};
use greenfort_store::tx;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Why and since when somebody no longer counts.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Removal {
    pub reason: RemovalReason,
    /// Today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
    Died,
    /// Out of the province; inside it people move by `POST /people/{id}/residence`.
    Moved,
}

/// Records a death or a departure.
#[utoipa::path(
    put,
    path = "/people/{id}/removal",
    tag = "people",
    params(("id" = PersonId, Path)),
    request_body = Removal,
    responses(
        (status = 204, description = "No longer counted"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "No longer on the list already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A day to come, or before the person came", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn remove_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(given): Json<Removal>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    tx!(app.db, "remove_person", scope, |tx| -> Result<(), Refusal> {
        let before = person::get(tx, id).await?;
        must_be_open(&before)?;
        must_not_precede(tx, &before, on).await?;
        let (why, kind) = match given.reason {
            RemovalReason::Died => ("died", "died"),
            RemovalReason::Moved => ("moved", "moved_away"),
        };
        person::set_removed(tx, id, Some((why, on))).await?;
        let event = Event {
            person: id,
            kind,
            on,
            from: Some(Home { unit: before.unit, household: before.household }),
            to: None,
            detail: json!({}),
            by: caller.account,
        };
        record_event(tx, &event).await?;
        audited(tx, &caller, "registry.remove_person", id, before.unit, json!({ "reason": why })).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a person back who had left.
#[utoipa::path(
    delete,
    path = "/people/{id}/removal",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 204, description = "On the list again, in the household left"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Is on the list, or was merged or erased", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn return_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let on = app.world().today();
    tx!(app.db, "return_person", scope, |tx| -> Result<(), Refusal> {
        let before = person::get(tx, id).await?;
        must_be_open(&before)?;
        person::set_removed(tx, id, None).await?;
        let event = Event {
            person: id,
            kind: "returned",
            on,
            from: None,
            to: Some(Home { unit: before.unit, household: before.household }),
            detail: json!({ "was": before.removed }),
            by: caller.account,
        };
        record_event(tx, &event).await?;
        audited(tx, &caller, "registry.return_person", id, before.unit, json!({})).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
