//! `GET /vehicles/{id}`: a vehicle and what happened to it.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyEvent, OrganisationRef, history, sizes};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_domain::access::Permission;
use greenfort_kernel::{UnitId, VehicleId};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::vehicle;
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A vehicle as its page shows it. It names no person: drivers have a list of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vehicle {
    pub id: VehicleId,
    #[schema(example = "71C-123.45")]
    pub plate: String,
    /// truck, coach, van, car, motorbike, boat.
    #[schema(example = "truck")]
    pub kind: String,
    pub unit: UnitOfPerson,
    /// Carrier it belongs to.
    pub organisation: Option<OrganisationRef>,
    /// Last day on the register.
    #[schema(value_type = Option<String>, format = Date)]
    pub ended_on: Option<Date>,
    /// Present drivers, wherever they live.
    pub drivers: i64,
    /// Those of them who live beyond the caller's area and are not listed.
    pub drivers_elsewhere: i64,
    /// Newest first.
    pub history: Vec<BodyEvent>,
}

/// A vehicle.
#[utoipa::path(
    get,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(("id" = VehicleId, Path)),
    responses(
        (status = 200, body = Vehicle, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_vehicle(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<VehicleId>,
) -> Result<(HeaderMap, Json<Vehicle>), Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let (version, shown) = tx!(app.db, "show_vehicle", scope, |tx| whole(tx, id).await)?;
    Ok(tagged(version, shown))
}

/// A record with what hangs on it, and its version.
pub(super) async fn whole(tx: &mut Tx, id: VehicleId) -> Result<(i32, Vehicle), Refusal> {
    let record = vehicle::get(tx, id).await?;
    let body = Body::Vehicle(id);
    let (drivers, drivers_elsewhere) = sizes(tx, body).await?;
    let content = record.content;
    let shown = Vehicle {
        id,
        plate: content.plate,
        kind: content.kind,
        unit: UnitOfPerson { id: UnitId(content.unit), name: record.unit_name },
        organisation: OrganisationRef::of(content.organisation, record.organisation_name),
        ended_on: record.ended_on,
        drivers,
        drivers_elsewhere,
        history: history(tx, body).await?,
    };
    Ok((record.version, shown))
}
