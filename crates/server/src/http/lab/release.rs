//! `POST /runs/{id}/release`: readings become results (duyệt kết quả).

use super::{audited, run_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::{Permission, allows};
use greenfort_domain::lab::Releaser;
use greenfort_kernel::{ReleaseId, Role, RunId};
use greenfort_store::access::unit_ref;
use greenfort_store::lab::release::{self, Released};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct ReleaseNote {
    /// What the releaser saw and why it goes out all the same; names nobody.
    #[serde(default)]
    #[schema(example = "Giếng D3 đã chạy lại")]
    pub note: Option<String>,
}

/// What a release let out, and what followed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseDone {
    pub id: ReleaseId,
    pub readings: usize,
    /// People concluded, …
    pub people: usize,
    /// … of whom this many read something new.
    pub changed: usize,
    /// Households and groups.
    pub places: usize,
}

impl From<Released> for ReleaseDone {
    fn from(r: Released) -> Self {
        Self {
            id: r.id,
            readings: r.readings,
            people: r.concluded.people,
            changed: r.concluded.changed,
            places: r.concluded.places,
        }
    }
}

/// Release all readings of a run that are not released yet; what follows for everybody is written in the same transaction.
#[utoipa::path(
    post,
    path = "/runs/{id}/release",
    tag = "laboratory",
    params(("id" = RunId, Path)),
    request_body = ReleaseNote,
    responses(
        (status = 200, body = ReleaseDone),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such run in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The policy holds it back: invalid run, own reading, wrong role, nothing to release", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn release_run(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RunId>,
    Json(given): Json<ReleaseNote>,
) -> Result<Json<ReleaseDone>, Refusal> {
    // A program never releases as a person.
    caller.session()?;
    let (run, scope) = run_of(&app, &caller, Permission::ReleaseResults, id).await?;
    let areas = caller.area(Permission::ReleaseResults)?;
    let note = given.note.as_deref().map(str::trim).filter(|n| !n.is_empty());
    let done = tx!(app.db, "release_run", scope, |tx| -> Result<Released, Refusal> {
        let inside = unit_ref::inside(tx, &[run.unit], &areas).await?;
        let roles: Vec<Role> = caller
            .grants
            .iter()
            .filter(|g| allows(g.role, Permission::ReleaseResults))
            .filter(|g| g.unit().is_some_and(|unit| inside.holds(run.unit, unit)))
            .map(|g| g.role)
            .collect();
        let releaser = Releaser::Person { account: caller.account, roles: &roles };
        let done = release::release(tx, id, releaser, note).await?.map_err(|held| words::held(&held))?;
        let detail = json!({ "run": id, "readings": done.readings, "changed": done.concluded.changed });
        audited(tx, &caller, "lab.release", ("release", done.id.to_string()), run.unit, detail).await?;
        Ok(done)
    })?;
    Ok(Json(done.into()))
}
