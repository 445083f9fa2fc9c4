//! `POST /runs/{id}/give-up`: a run that does not count; what was in it is run again.

use super::{audited, run_of};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::RunId;
use greenfort_store::lab::runs;
use greenfort_store::{StoreError, tx};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct GiveUp {
    /// Names nobody.
    #[schema(example = "Chứng dương không lên")]
    pub reason: String,
}

/// Give a run up; its pools and tubes are due again.
#[utoipa::path(
    post,
    path = "/runs/{id}/give-up",
    tag = "laboratory",
    params(("id" = RunId, Path)),
    request_body = GiveUp,
    responses(
        (status = 204),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such run in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Released or given up before; what was released is recalled", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No reason", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn give_up_run(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RunId>,
    Json(given): Json<GiveUp>,
) -> Result<StatusCode, Refusal> {
    let (run, scope) = run_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let reason = super::reason(&given.reason)?;
    tx!(app.db, "give_up_run", scope, |tx| -> Result<(), Refusal> {
        runs::give_up(tx, id, &reason).await.map_err(|e| match e {
            StoreError::Conflict(_) => Refusal::from(Problem::conflict(text(
                "Mẻ này đã duyệt hoặc đã bỏ. Kết quả đã duyệt thì thu hồi.",
                "This run was released or given up before. What was released is recalled.",
            ))),
            other => other.into(),
        })?;
        audited(tx, &caller, "lab.give_up_run", ("run", id.to_string()), run.unit, json!({})).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
