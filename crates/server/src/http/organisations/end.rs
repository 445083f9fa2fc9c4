//! `POST /organisations/{id}/end`: an organisation closes for good; its history stays.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{LastDay, audited, scope_of_edits, standing};
use crate::http::people::past_day;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::OrganisationId;
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation;
use greenfort_store::tx;
use serde_json::json;

/// Ends an organisation, its parts and its memberships.
#[utoipa::path(
    post,
    path = "/organisations/{id}/end",
    tag = "organisations",
    params(("id" = OrganisationId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended, or others stand in this park", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    let body = Body::Organisation(id);
    tx!(app.db, "end_organisation", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        if organisation::has_tenants(tx, id).await? {
            return Err(Problem::conflict(text(
                "Còn tổ chức khác trong khu này: cho các tổ chức ấy nghỉ hoặc chuyển đi trước.",
                "Other organisations stand in this park: end or move them first.",
            ))
            .into());
        }
        organisation::end(tx, id, on).await?;
        audited(tx, &caller, "registry.end_organisation", body, place.unit, json!({})).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
