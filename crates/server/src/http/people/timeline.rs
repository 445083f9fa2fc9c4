//! `GET /people/{id}/timeline`: what happened to a person, newest first.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_kernel::PersonId;
use greenfort_store::registry::{person, timeline};
use greenfort_store::tx;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One line of a history.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineLine {
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// registered, born, arrived, joined, moved, moved_away, died, returned, head, corrected, merged, unmerged, erased,
    /// dose, restricted, released, works, worked, group, group_left, drives, drove, swabbed.
    #[schema(example = "moved")]
    pub kind: String,
    /// What the words of the line need: names of units, documents, fields; no person's name.
    pub detail: Value,
}

impl From<timeline::Line> for TimelineLine {
    fn from(line: timeline::Line) -> Self {
        Self { on: line.on, kind: line.kind, detail: line.detail }
    }
}

/// What happened to a person, latest first.
#[utoipa::path(
    get,
    path = "/people/{id}/timeline",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, body = Vec<TimelineLine>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_timeline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<Vec<TimelineLine>>, Refusal> {
    let scope = caller.scope_of_persons()?;
    let lines = tx!(app.db, "show_timeline", scope, |tx| -> Result<Vec<timeline::Line>, Refusal> {
        let record = person::get(tx, id).await?;
        audited(tx, &caller, "registry.read_timeline", id, record.unit, serde_json::json!({})).await?;
        Ok(timeline::of(tx, id).await?)
    })?;
    Ok(Json(lines.into_iter().map(Into::into).collect()))
}
