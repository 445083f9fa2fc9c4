//! `/groups/{id}/members`: who belongs to a group, who joins, who leaves.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyMember, LastDay, MembersQuery, NewMember, join, leave, members};
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use greenfort_kernel::{GroupId, PersonId};
use greenfort_store::registry::membership::Body;

/// Members of a group.
#[utoipa::path(
    get,
    path = "/groups/{id}/members",
    tag = "groups",
    params(("id" = GroupId, Path), MembersQuery, PageQuery),
    responses(
        (status = 200, description = "Members who live in the area, by id", body = Page<BodyMember>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_group_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GroupId>,
    Query(query): Query<MembersQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BodyMember>>, Refusal> {
    Ok(Json(members(&app, &caller, Body::Group(id), query, &page).await?))
}

/// Adds a member from a day on.
#[utoipa::path(
    post,
    path = "/groups/{id}/members",
    tag = "groups",
    params(("id" = GroupId, Path)),
    request_body = NewMember,
    responses(
        (status = 204, description = "Added"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such group or person in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The group has ended, or the person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A member on that day already, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn join_group(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GroupId>,
    Json(given): Json<NewMember>,
) -> Result<StatusCode, Refusal> {
    join(&app, &caller, Body::Group(id), &given, (None, "member")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the time of a member.
#[utoipa::path(
    post,
    path = "/groups/{id}/members/{person}/end",
    tag = "groups",
    params(("id" = GroupId, Path), ("person" = PersonId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such group or member in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The person's record stands still", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Before the first day, or a day to come", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn leave_group(
    State(app): State<App>,
    caller: Caller,
    Path((id, person)): Path<(GroupId, PersonId)>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    leave(&app, &caller, Body::Group(id), person, &given).await?;
    Ok(StatusCode::NO_CONTENT)
}
