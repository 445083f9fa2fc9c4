//! `POST /restrictions/{id}/lift`: a restriction ends now; one that has ended stays as it was.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::RestrictionId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::restriction;
use greenfort_store::{Scope, tx};

/// Lifts a restriction.
#[utoipa::path(
    post,
    path = "/restrictions/{id}/lift",
    tag = "restrictions",
    params(("id" = RestrictionId, Path)),
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn lift_restriction(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RestrictionId>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let now = app.world().now();
    tx!(app.db, "lift_restriction", scope, |tx| -> Result<(), Refusal> {
        let unit = restriction::lift(tx, id, now, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.lift_restriction",
            object_kind: "restriction",
            object_id: id.to_string(),
            unit: Some(unit),
            detail: serde_json::json!({}),
        };
        record(tx, entry).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
