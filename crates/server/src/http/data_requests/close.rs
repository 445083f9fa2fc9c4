//! `POST /data-requests/{id}/close`: a request is answered. Fulfilling an erasure erases, fulfilling a restriction restricts,
//! in the same transaction.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::person::{self, Event, record_event};
use greenfort_store::registry::subject;
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
pub struct DataRequestAnswer {
    /// fulfilled or refused.
    #[schema(example = "fulfilled")]
    pub outcome: String,
    /// Why; at most 1,000 letters. Needed for a refusal.
    #[serde(default)]
    pub answered: String,
}

/// Closes a request.
#[utoipa::path(
    post,
    path = "/data-requests/{id}/close",
    tag = "data requests",
    params(("id" = Uuid, Path)),
    request_body = DataRequestAnswer,
    responses(
        (status = 204, description = "Answered"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such request in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Answered before, or erased before", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No such outcome, or a refusal without a reason", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn close_data_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(given): Json<DataRequestAnswer>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let answered = given.answered.trim();
    if !["fulfilled", "refused"].contains(&given.outcome.as_str()) {
        return Err(
            Problem::field("outcome", "choice", text("Chọn cách trả lời.", "Choose the answer.")).into()
        );
    }
    if answered.chars().count() > 1_000 || (given.outcome == "refused" && answered.is_empty()) {
        return Err(Problem::field(
            "answered",
            "required",
            text(
                "Từ chối thì ghi lý do, tối đa 1.000 chữ.",
                "A refusal needs its reason, at most 1,000 letters.",
            ),
        )
        .into());
    }
    let on = app.world().today();
    tx!(app.db, "close_data_request", scope, |tx| -> Result<(), Refusal> {
        let found = subject::requests(tx, Some(id), None, None, 1).await?;
        let request = found.into_iter().next().ok_or_else(Problem::not_found)?;
        let person = person::get(tx, request.person).await?;
        subject::close(tx, &request, &given.outcome, answered, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.answer_data_request",
            object_kind: "person",
            object_id: person.id.to_string(),
            unit: Some(UnitId(person.unit)),
            detail: json!({ "request": id, "kind": request.kind, "outcome": given.outcome }),
        };
        record(tx, entry).await?;
        match (given.outcome.as_str(), request.kind.as_str()) {
            ("fulfilled", "erase") => {
                let event = Event {
                    person: person.id,
                    kind: "erased",
                    on,
                    from: None,
                    to: None,
                    detail: json!({}),
                    by: caller.account,
                };
                record_event(tx, &event).await?;
                subject::erase(tx, person.id).await?;
            }
            ("fulfilled", "resume") => subject::resume(tx, person.id).await?,
            ("fulfilled", "restrict") => subject::restrict(tx, person.id).await?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
