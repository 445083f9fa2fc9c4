//! `PATCH /groups/{id}`: fields of a group are corrected.

use super::create::must_fit;
use super::fields::GroupFields;
use super::show::{Group, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_stand, scope_of_edits};
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::http::version::{must_match, tagged};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::GroupId;
use greenfort_store::registry::group;
use greenfort_store::registry::membership::Body;
use greenfort_store::{StoreError, tx};
use serde_json::json;

/// Changes a group.
#[utoipa::path(
    patch,
    path = "/groups/{id}",
    tag = "groups",
    params(
        ("id" = GroupId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the group as read; without it the latest is changed"),
    ),
    request_body = GroupFields,
    responses(
        (status = 200, body = Group, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area, or no such organisation or owner", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_group(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GroupId>,
    headers: HeaderMap,
    Json(given): Json<GroupFields>,
) -> Result<(HeaderMap, Json<Group>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let (version, changed) = tx!(app.db, "change_group", scope, |tx| -> Result<(i32, Group), Refusal> {
        let before = group::get(tx, id).await?;
        must_stand(before.ended_on.is_some())?;
        must_match(&headers, before.version)?;
        let content = given.checked(Some(&before.content))?;
        must_fit(tx, &content, Some(&before.content)).await?;
        match group::update(tx, &before, &content).await {
            Err(StoreError::Conflict(_)) => return Err(Problem::changed_meanwhile().into()),
            done => done?,
        }
        let detail = json!({ "fields": given.named() });
        audited(tx, &caller, "registry.change_group", Body::Group(id), before.content.unit, detail).await?;
        whole(tx, id).await
    })?;
    Ok(tagged(version, changed))
}
