//! `DELETE /households/{id}`: a household in which nobody lives any more is dissolved; its history stays.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::HouseholdId;
use greenfort_store::registry::household;
use greenfort_store::{Scope, tx};

/// Dissolves an empty household.
#[utoipa::path(
    delete,
    path = "/households/{id}",
    tag = "households",
    params(("id" = HouseholdId, Path)),
    responses(
        (status = 204, description = "Dissolved"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody lives there, or it is dissolved", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn dissolve_household(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HouseholdId>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    tx!(app.db, "dissolve_household", scope, |tx| -> Result<(), Refusal> {
        let place = household::get(tx, id).await?;
        household::dissolve(tx, id).await?;
        audited(tx, &caller, "registry.dissolve_household", id, place.unit, serde_json::json!({})).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
