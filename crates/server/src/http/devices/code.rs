//! `POST /devices/codes`: a short code that enrols one device.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::access::{devices, unit_ref};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDevice {
    #[schema(example = "Giao Long 03")]
    pub label: String,
    /// Where it will work.
    #[schema(example = 1)]
    pub unit_id: UnitId,
}

/// Shown once, typed on the device.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceCode {
    #[schema(example = "7KQ2M-XR4TA")]
    pub code: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// A short code that enrols one device.
#[utoipa::path(
    post,
    path = "/devices/codes",
    tag = "devices",
    request_body = NewDevice,
    responses(
        (status = 201, description = "The code, good for 30 minutes and one device", body = DeviceCode),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No label, or a unit outside the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn make_device_code(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewDevice>,
) -> Result<(StatusCode, Json<DeviceCode>), Refusal> {
    let area = caller.area(Permission::ManageFieldStaff)?;
    let label = check_name("label", &given.label)?;
    let (code, expires_at) = tx!(app.db, "make_device_code", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let inside = unit_ref::inside(tx, &[given.unit_id], &area).await?;
        if !area.iter().any(|root| inside.holds(given.unit_id, *root)) {
            return Err(outside("unit_id").into());
        }
        Ok(devices::make_code(tx, &label, given.unit_id, caller.account).await?)
    })?;
    Ok((StatusCode::CREATED, Json(DeviceCode { code: code.printed(), expires_at })))
}

/// The unit named is not one of the caller's; whether it exists is not said.
pub(crate) fn outside(field: &str) -> Box<Problem> {
    Problem::field(
        field,
        "outside",
        text("Đơn vị này nằm ngoài địa bàn của Anh/Chị.", "This unit lies outside your area."),
    )
}
