//! `POST /devices/{id}/revoke`: lost or handed back; what is signed in on it is signed out.

use super::list::Device;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::DeviceId;
use greenfort_store::access::devices;
use greenfort_store::{Scope, tx};

/// Lost or handed back; what is signed in on it is signed out.
#[utoipa::path(
    post,
    path = "/devices/{id}/revoke",
    tag = "devices",
    params(("id" = DeviceId, Path)),
    responses(
        (status = 200, description = "Struck off", body = Device),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such device in the caller's areas, or struck off already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn revoke_device(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DeviceId>,
) -> Result<Json<Device>, Refusal> {
    let area = caller.area(Permission::ManageFieldStaff)?;
    let device = tx!(app.db, "revoke_device", Scope::nobody(), |tx| {
        devices::revoke(tx, id, &area, caller.account).await
    })?;
    Ok(Json(device.into()))
}
