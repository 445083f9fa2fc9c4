//! `POST /vehicles`: a vehicle is registered.

use super::fields::VehicleFields;
use super::show::{Vehicle, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_lie_in_area, scope_of_edits};
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation;
use greenfort_store::registry::vehicle::{self, Content};
use greenfort_store::{StoreError, Tx, tx};
use serde_json::json;

/// Registers a vehicle.
#[utoipa::path(
    post,
    path = "/vehicles",
    tag = "vehicles",
    request_body = VehicleFields,
    responses(
        (status = 201, body = Vehicle, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such place or carrier in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_vehicle(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<VehicleFields>,
) -> Result<(StatusCode, HeaderMap, Json<Vehicle>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let content = given.checked(None)?;
    let (version, made) = tx!(app.db, "create_vehicle", scope, |tx| -> Result<(i32, Vehicle), Refusal> {
        must_fit(tx, &content, None).await?;
        let id = vehicle::create(tx, &content).await.map_err(told)?;
        let detail = json!({ "kind": content.kind });
        audited(tx, &caller, "registry.create_vehicle", Body::Vehicle(id), content.unit, detail).await?;
        whole(tx, id).await
    })?;
    let (headers, body) = tagged(version, made);
    Ok((StatusCode::CREATED, headers, body))
}

/// Refuses a place and a carrier beyond the area.
pub(super) async fn must_fit(
    tx: &mut Tx,
    content: &Content,
    before: Option<&Content>,
) -> Result<(), Refusal> {
    must_lie_in_area(tx, content.unit).await?;
    if let Some(of) = content.organisation.filter(|of| before.and_then(|b| b.organisation) != Some(*of)) {
        organisation::get(tx, of).await?;
    }
    Ok(())
}

/// Names the field when another vehicle bears the plate.
pub(super) fn told(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict("plate") => Problem::field(
            "plate",
            "taken",
            text(
                "Đã có xe mang biển số này: tìm và mở hồ sơ đó, đừng nhập lần nữa.",
                "A vehicle bears this plate already: find and open it, do not enter it again.",
            ),
        )
        .into(),
        StoreError::Conflict(_) => Problem::changed_meanwhile().into(),
        other => other.into(),
    }
}
