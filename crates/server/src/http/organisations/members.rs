//! `/organisations/{id}/members`: who works there, who begins, who leaves.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyMember, LastDay, MembersQuery, NewMember, join, leave, members};
use crate::http::fields::chosen;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use greenfort_domain::registry::organisation::ROLES;
use greenfort_kernel::{OrganisationId, PartId, PersonId};
use greenfort_store::registry::membership::Body;
use serde::Deserialize;
use utoipa::ToSchema;

/// Somebody begins to work there.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewWorker {
    #[serde(flatten)]
    pub member: NewMember,
    /// Shift or workshop.
    pub part_id: Option<PartId>,
    /// worker, manager, trader, driver, other; worker unless told.
    #[schema(example = "worker")]
    pub role: Option<String>,
}

/// Members of an organisation.
#[utoipa::path(
    get,
    path = "/organisations/{id}/members",
    tag = "organisations",
    params(("id" = OrganisationId, Path), MembersQuery, PageQuery),
    responses(
        (status = 200, description = "Members who live in the area, by id", body = Page<BodyMember>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_organisation_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Query(query): Query<MembersQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BodyMember>>, Refusal> {
    Ok(Json(members(&app, &caller, Body::Organisation(id), query, &page).await?))
}

/// Adds a member from a day on.
#[utoipa::path(
    post,
    path = "/organisations/{id}/members",
    tag = "organisations",
    params(("id" = OrganisationId, Path)),
    request_body = NewWorker,
    responses(
        (status = 204, description = "Added"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such organisation, part or person in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The organisation has ended, or the person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A member on that day already, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn join_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Json(given): Json<NewWorker>,
) -> Result<StatusCode, Refusal> {
    let mut faults = Vec::new();
    let role = chosen("role", given.role.as_deref(), Some("worker"), &ROLES, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults).into());
    }
    join(&app, &caller, Body::Organisation(id), &given.member, (given.part_id, &role)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a membership.
#[utoipa::path(
    post,
    path = "/organisations/{id}/members/{person}/end",
    tag = "organisations",
    params(("id" = OrganisationId, Path), ("person" = PersonId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such organisation or member in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Before the first day, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn leave_organisation(
    State(app): State<App>,
    caller: Caller,
    Path((id, person)): Path<(OrganisationId, PersonId)>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    leave(&app, &caller, Body::Organisation(id), person, &given).await?;
    Ok(StatusCode::NO_CONTENT)
}
