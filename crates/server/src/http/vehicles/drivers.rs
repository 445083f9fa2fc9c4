//! `/vehicles/{id}/drivers`: who drives a vehicle, who begins, who stops.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyMember, LastDay, MembersQuery, NewMember, join, leave, members};
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use greenfort_kernel::{PersonId, VehicleId};
use greenfort_store::registry::membership::Body;

/// Drivers of a vehicle.
#[utoipa::path(
    get,
    path = "/vehicles/{id}/drivers",
    tag = "vehicles",
    params(("id" = VehicleId, Path), MembersQuery, PageQuery),
    responses(
        (status = 200, description = "Drivers who live in the area, by id", body = Page<BodyMember>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_vehicle_drivers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<VehicleId>,
    Query(query): Query<MembersQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BodyMember>>, Refusal> {
    Ok(Json(members(&app, &caller, Body::Vehicle(id), query, &page).await?))
}

/// Adds a driver from a day on.
#[utoipa::path(
    post,
    path = "/vehicles/{id}/drivers",
    tag = "vehicles",
    params(("id" = VehicleId, Path)),
    request_body = NewMember,
    responses(
        (status = 204, description = "Added"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such vehicle or person in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The vehicle has ended, or the person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A driver on that day already, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn join_vehicle(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<VehicleId>,
    Json(given): Json<NewMember>,
) -> Result<StatusCode, Refusal> {
    join(&app, &caller, Body::Vehicle(id), &given, (None, "driver")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the time of a driver.
#[utoipa::path(
    post,
    path = "/vehicles/{id}/drivers/{person}/end",
    tag = "vehicles",
    params(("id" = VehicleId, Path), ("person" = PersonId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such vehicle or driver in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Before the first day, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn leave_vehicle(
    State(app): State<App>,
    caller: Caller,
    Path((id, person)): Path<(VehicleId, PersonId)>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    leave(&app, &caller, Body::Vehicle(id), person, &given).await?;
    Ok(StatusCode::NO_CONTENT)
}
