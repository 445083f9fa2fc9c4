//! `POST /households`: a household is entered, empty; people are entered into it or move there.

use super::show::{HouseholdRecord, whole};
use super::{audited, check_address};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::registry::household;
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewHousehold {
    /// Hamlet, or commune where there are no hamlets.
    pub unit_id: UnitId,
    #[schema(example = "Số 12, đường liên ấp")]
    pub address: String,
}

/// Founds a household.
#[utoipa::path(
    post,
    path = "/households",
    tag = "households",
    request_body = NewHousehold,
    responses(
        (status = 201, body = HouseholdRecord, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such hamlet in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No address", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_household(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewHousehold>,
) -> Result<(StatusCode, HeaderMap, Json<HouseholdRecord>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let address = check_address(&given.address)?;
    let (version, made) =
        tx!(app.db, "create_household", scope, |tx| -> Result<(i32, HouseholdRecord), Refusal> {
            if !household::may_live_in(tx, given.unit_id.0, false).await? {
                return Err(Problem::not_found().into());
            }
            let id = household::create(tx, given.unit_id.0, &address).await?;
            audited(tx, &caller, "registry.create_household", id, given.unit_id.0, serde_json::json!({}))
                .await?;
            let record = household::get(tx, id).await?;
            Ok((record.version, whole(tx, record).await?))
        })?;
    let (headers, body) = tagged(version, made);
    Ok((StatusCode::CREATED, headers, body))
}
