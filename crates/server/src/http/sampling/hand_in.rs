//! `POST /rounds/{id}/hand-in`: what a struck-off device still holds, handed in by somebody who answers for it. Nothing that was
//! swabbed is lost because a phone was.

use super::intake::{DEVICE, Upload, UploadAnswer, header, take_signed, verified};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::http::rounds::must_hold;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_domain::access::Permission;
use greenfort_kernel::{DeviceId, RoundId};
use greenfort_store::access::devices;
use greenfort_store::sampling::intake::Sender;
use greenfort_store::{Scope, tx};

/// Hand in what a device still holds, struck off or not. Its key signs, and a session answers for it.
#[utoipa::path(
    post,
    path = "/rounds/{id}/hand-in",
    tag = "sampling",
    params(
        ("id" = RoundId, Path),
        ("Greenfort-Device" = DeviceId, Header, description = "The device"),
        ("Greenfort-Signature" = String, Header, description = "ES256 over the body as sent: r‖s, base64url without padding"),
    ),
    request_body = Upload,
    responses(
        (status = 200, description = "All taken in one transaction; sending again changes nothing", body = UploadAnswer),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Answers for no device", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such device or round in the area, or a wrong signature", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "An event does not read; nothing was taken", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn hand_in(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<UploadAnswer>, Refusal> {
    let area = caller.area(Permission::SettleIntake)?;
    let device: DeviceId =
        header(&headers, DEVICE).and_then(|v| v.parse().ok()).ok_or_else(Problem::not_found)?;
    let key = tx!(app.db, "find_device_to_hand_in", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let key = devices::key_even_struck_off(tx, device).await?.ok_or_else(Problem::not_found)?;
        must_hold(tx, key.unit, &area).await?;
        Ok(key)
    })?;
    if !verified(&key.public_key, &headers, &body) {
        return Err(Problem::not_found().into());
    }
    take_signed(&app, id, Sender { device, unit: key.unit }, &body).await
}
