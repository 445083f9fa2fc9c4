//! `GET /vehicles`: those of the area by plate.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::OrganisationRef;
use crate::http::page::{Page, PageQuery};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::organisation::plate_key;
use greenfort_kernel::{OrganisationId, UnitId, VehicleId};
use greenfort_store::registry::vehicle::{self, Filter};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A vehicle as lists show one.
#[derive(Debug, Serialize, ToSchema)]
pub struct VehicleItem {
    pub id: VehicleId,
    #[schema(example = "71C-123.45")]
    pub plate: String,
    /// truck, coach, van, car, motorbike, boat.
    #[schema(example = "truck")]
    pub kind: String,
    pub unit: UnitOfPerson,
    /// Carrier it belongs to.
    pub organisation: Option<OrganisationRef>,
    /// Present drivers, wherever they live.
    pub drivers: i64,
    pub ended: bool,
}

impl From<vehicle::Line> for VehicleItem {
    fn from(v: vehicle::Line) -> Self {
        Self {
            id: v.id,
            plate: v.plate,
            kind: v.kind,
            unit: UnitOfPerson { id: UnitId(v.unit), name: v.unit_name },
            organisation: OrganisationRef::of(v.organisation, v.organisation_name),
            drivers: v.drivers,
            ended: v.ended,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VehiclesQuery {
    /// Part of the plate, with or without its points and dashes.
    plate: Option<String>,
    /// Registered in this unit or below it.
    unit: Option<UnitId>,
    kind: Option<String>,
    organisation: Option<OrganisationId>,
    /// Also those taken off the register.
    #[serde(default)]
    ended: bool,
}

/// Vehicles of the area.
#[utoipa::path(
    get,
    path = "/vehicles",
    tag = "vehicles",
    params(VehiclesQuery, PageQuery),
    responses(
        (status = 200, body = Page<VehicleItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_vehicles(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<VehiclesQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<VehicleItem>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let filter = Filter {
        unit: query.unit.map(|u| u.0),
        kind: query.kind,
        organisation: query.organisation,
        plate: query.plate.map(|typed| plate_key(&typed)).filter(|key| !key.is_empty()),
        ended: query.ended,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_vehicles", scope, |tx| vehicle::page(tx, on, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |v| (v.plate_key.clone(), v.id), Into::into)))
}
