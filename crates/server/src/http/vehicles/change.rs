//! `PATCH /vehicles/{id}`: fields of a vehicle are corrected.

use super::create::{must_fit, told};
use super::fields::VehicleFields;
use super::show::{Vehicle, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_stand, scope_of_edits};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::version::{must_match, tagged};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::VehicleId;
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::vehicle;
use greenfort_store::tx;
use serde_json::json;

/// Changes a vehicle.
#[utoipa::path(
    patch,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(
        ("id" = VehicleId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the vehicle as read; without it the latest is changed"),
    ),
    request_body = VehicleFields,
    responses(
        (status = 200, body = Vehicle, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area, or no such carrier", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has left the register", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_vehicle(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<VehicleId>,
    headers: HeaderMap,
    Json(given): Json<VehicleFields>,
) -> Result<(HeaderMap, Json<Vehicle>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let (version, changed) = tx!(app.db, "change_vehicle", scope, |tx| -> Result<(i32, Vehicle), Refusal> {
        let before = vehicle::get(tx, id).await?;
        must_stand(before.ended_on.is_some())?;
        must_match(&headers, before.version)?;
        let content = given.checked(Some(&before.content))?;
        must_fit(tx, &content, Some(&before.content)).await?;
        vehicle::update(tx, &before, &content).await.map_err(told)?;
        let detail = json!({ "fields": given.named() });
        audited(tx, &caller, "registry.change_vehicle", Body::Vehicle(id), before.content.unit, detail)
            .await?;
        whole(tx, id).await
    })?;
    Ok(tagged(version, changed))
}
