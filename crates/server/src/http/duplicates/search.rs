//! `POST /duplicates/search`: a search of a unit is put into the queue; the worker carries it out.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::worker::{Context, JobFailed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::jobs::{Leased, NewJob, enqueue};
use greenfort_store::registry::{duplicate, restriction};
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Kind of the job.
pub const FIND_DUPLICATES: &str = "registry.find_duplicates";

#[derive(Debug, Deserialize, ToSchema)]
pub struct DuplicateSearch {
    /// Both records live in this unit or below.
    pub unit_id: UnitId,
}

/// Starts the search for duplicates.
#[utoipa::path(
    post,
    path = "/duplicates/search",
    tag = "duplicates",
    request_body = DuplicateSearch,
    responses(
        (status = 202, description = "In the queue; `GET /duplicates` says when it is done"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn search_duplicates(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<DuplicateSearch>,
) -> Result<StatusCode, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let unit = given.unit_id;
    tx!(app.db, "search_duplicates", scope, |tx| -> Result<(), Refusal> {
        if !restriction::all_visible(tx, &[restriction::Target::Place(unit)]).await? {
            return Err(Problem::not_found().into());
        }
        let id = duplicate::request(tx, unit, caller.account).await?;
        let job = NewJob {
            kind: FIND_DUPLICATES,
            unique_key: id.to_string(),
            payload: serde_json::json!({ "search": id }),
            run_at: tx.world.now(),
        };
        enqueue(tx, job).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.search_duplicates",
            object_kind: "unit",
            object_id: unit.to_string(),
            unit: Some(unit),
            detail: serde_json::json!({}),
        };
        record(tx, entry).await?;
        Ok(())
    })?;
    Ok(StatusCode::ACCEPTED)
}

/// Carries out a search.
///
/// # Errors
/// When the database refuses, or the job names no search.
pub async fn find(context: Context, job: Leased) -> Result<(), JobFailed> {
    let id: Uuid = serde_json::from_value(job.payload["search"].clone())
        .map_err(|_| JobFailed("the job names no search".into()))?;
    tx!(context.db, "find_duplicates", Scope::nobody(), |tx| duplicate::search(tx, id).await)?;
    Ok(())
}
