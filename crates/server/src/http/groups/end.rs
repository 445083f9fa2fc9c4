//! `POST /groups/{id}/end`: a group is dissolved; its history stays.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{LastDay, audited, scope_of_edits, standing};
use crate::http::people::past_day;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::GroupId;
use greenfort_store::registry::group;
use greenfort_store::registry::membership::Body;
use greenfort_store::tx;
use serde_json::json;

/// Ends a group and its memberships.
#[utoipa::path(
    post,
    path = "/groups/{id}/end",
    tag = "groups",
    params(("id" = GroupId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_group(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GroupId>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    let body = Body::Group(id);
    tx!(app.db, "end_group", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        group::end(tx, id, on).await?;
        audited(tx, &caller, "registry.end_group", body, place.unit, json!({})).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
