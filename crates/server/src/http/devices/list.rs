//! `GET /devices`: the devices of the caller's areas, newest first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::units::UnitRef;
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::DeviceId;
use greenfort_store::access::devices::{self, DeviceFilter};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An enrolled phone, tablet or checkpoint scanner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Device {
    pub id: DeviceId,
    #[schema(example = "Giao Long 03")]
    pub label: String,
    /// Where it works.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    #[schema(value_type = String, format = DateTime)]
    pub enrolled_at: Timestamp,
    /// Last sign-in on it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
    pub status: DeviceStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceStatus {
    Enrolled,
    Revoked,
}

impl From<devices::Device> for Device {
    fn from(device: devices::Device) -> Self {
        Self {
            status: if device.revoked_at.is_some() { DeviceStatus::Revoked } else { DeviceStatus::Enrolled },
            id: device.id,
            label: device.label,
            unit: device.unit.map(Into::into),
            enrolled_at: device.enrolled_at,
            last_seen_at: device.last_seen_at,
        }
    }
}

/// The devices of the caller's areas, newest first.
#[utoipa::path(
    get,
    path = "/devices",
    tag = "devices",
    params(PageQuery),
    responses(
        (status = 200, description = "Devices of the caller's areas, newest first", body = Page<Device>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_devices(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Device>>, Refusal> {
    let filter = DeviceFilter {
        area: Some(caller.area(Permission::ManageFieldStaff)?),
        id: None,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_devices", Scope::nobody(), |tx| devices::list(tx, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |d| d.id, Device::from)))
}
