//! `DELETE /merges/{id}`: a merge is undone, and everything it moved goes back.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::people::must_be_open;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::person::{self, Event, record_event};
use greenfort_store::registry::{duplicate, merge};
use greenfort_store::{Scope, StoreError, tx};
use serde_json::json;
use uuid::Uuid;

/// Undoes a merge.
#[utoipa::path(
    delete,
    path = "/merges/{id}",
    tag = "duplicates",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Undone; the pair is open again"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such merge in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Undone before, merged further since, or erased", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn undo_merge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let on = app.world().today();
    tx!(app.db, "undo_merge", scope, |tx| -> Result<(), Refusal> {
        let (kept, dropped) = merge::undo(tx, id, caller.account).await?;
        match duplicate::decide(tx, kept, dropped, None, caller.account).await {
            Ok(()) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        for person in person::many(tx, &[kept, dropped]).await? {
            must_be_open(&person)?;
            let event = Event {
                person: person.id,
                kind: "unmerged",
                on,
                from: None,
                to: None,
                detail: json!({}),
                by: caller.account,
            };
            record_event(tx, &event).await?;
            let entry = Entry {
                actor: caller.actor(),
                action: "registry.undo_merge",
                object_kind: "person",
                object_id: person.id.to_string(),
                unit: Some(UnitId(person.unit)),
                detail: json!({ "merge": id }),
            };
            record(tx, entry).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
