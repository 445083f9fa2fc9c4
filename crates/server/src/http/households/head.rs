//! `PUT /households/{id}/head`: who heads the household.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::people::set_head;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, PersonId};
use greenfort_store::registry::household;
use greenfort_store::registry::person::{Event, record_event};
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewHead {
    /// Somebody who lives there.
    pub person_id: PersonId,
}

/// Names the head of a household.
#[utoipa::path(
    put,
    path = "/households/{id}/head",
    tag = "households",
    params(("id" = HouseholdId, Path)),
    request_body = NewHead,
    responses(
        (status = 204, description = "Named; who was head before is a member"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such household in the area, or the person does not live there", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The record of the old or the new head stands still", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn name_head(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HouseholdId>,
    Json(given): Json<NewHead>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let on = app.world().today();
    tx!(app.db, "name_head", scope, |tx| -> Result<(), Refusal> {
        let place = household::get(tx, id).await?;
        set_head(tx, id, given.person_id).await?;
        let event = Event {
            person: given.person_id,
            kind: "head",
            on,
            from: None,
            to: None,
            detail: json!({}),
            by: caller.account,
        };
        record_event(tx, &event).await?;
        let detail = json!({ "person": given.person_id });
        audited(tx, &caller, "registry.name_head", id, place.unit, detail).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
