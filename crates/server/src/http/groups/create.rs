//! `POST /groups`: a group is registered.

use super::fields::GroupFields;
use super::show::{Group, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_lie_in_area, scope_of_edits};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_store::registry::group::{self, Content};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::{organisation, person};
use greenfort_store::{Tx, tx};
use serde_json::json;

/// Registers a group.
#[utoipa::path(
    post,
    path = "/groups",
    tag = "groups",
    request_body = GroupFields,
    responses(
        (status = 201, body = Group, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such place, organisation or owner in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_group(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<GroupFields>,
) -> Result<(StatusCode, HeaderMap, Json<Group>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let content = given.checked(None)?;
    let (version, made) = tx!(app.db, "create_group", scope, |tx| -> Result<(i32, Group), Refusal> {
        must_fit(tx, &content, None).await?;
        let id = group::create(tx, &content).await?;
        let detail = json!({ "kind": content.kind });
        audited(tx, &caller, "registry.create_group", Body::Group(id), content.unit, detail).await?;
        whole(tx, id).await
    })?;
    let (headers, body) = tagged(version, made);
    Ok((StatusCode::CREATED, headers, body))
}

/// Refuses a place, an organisation and an owner beyond the area. What stays as it was is not asked again: an owner may
/// have moved away since.
pub(super) async fn must_fit(
    tx: &mut Tx,
    content: &Content,
    before: Option<&Content>,
) -> Result<(), Refusal> {
    must_lie_in_area(tx, content.unit).await?;
    if let Some(of) = content.organisation.filter(|of| before.and_then(|b| b.organisation) != Some(*of)) {
        organisation::get(tx, of).await?;
    }
    if let Some(owner) = content.owner.filter(|o| before.and_then(|b| b.owner) != Some(*o)) {
        person::get(tx, owner).await?;
    }
    Ok(())
}
