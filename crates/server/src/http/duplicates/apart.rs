//! `PUT` and `DELETE /duplicates/{a}/{b}/apart`: two records are two people, and nobody is asked again; or the question is
//! open after all.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::PersonId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::duplicate;
use greenfort_store::{Scope, tx};

/// Says that two records are two people.
#[utoipa::path(
    put,
    path = "/duplicates/{a}/{b}/apart",
    tag = "duplicates",
    params(("a" = PersonId, Path), ("b" = PersonId, Path)),
    responses(
        (status = 204, description = "Two people"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such pair in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn keep_apart(
    State(app): State<App>,
    caller: Caller,
    Path((a, b)): Path<(PersonId, PersonId)>,
) -> Result<StatusCode, Refusal> {
    decide(&app, &caller, (a, b), Some("apart")).await
}

/// Opens a pair again.
#[utoipa::path(
    delete,
    path = "/duplicates/{a}/{b}/apart",
    tag = "duplicates",
    params(("a" = PersonId, Path), ("b" = PersonId, Path)),
    responses(
        (status = 204, description = "Open again"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such pair in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn reopen(
    State(app): State<App>,
    caller: Caller,
    Path((a, b)): Path<(PersonId, PersonId)>,
) -> Result<StatusCode, Refusal> {
    decide(&app, &caller, (a, b), None).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    (a, b): (PersonId, PersonId),
    decided: Option<&str>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    tx!(app.db, "decide_duplicate", scope, |tx| -> Result<(), Refusal> {
        duplicate::decide(tx, a, b, decided, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: if decided.is_some() { "registry.keep_apart" } else { "registry.reopen_duplicate" },
            object_kind: "person",
            object_id: a.to_string(),
            unit: None,
            detail: serde_json::json!({ "other": b }),
        };
        record(tx, entry).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
