//! `PATCH /organisations/{id}`: fields of an organisation are corrected.

use super::create::{must_fit, told};
use super::fields::OrganisationFields;
use super::show::{Organisation, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_stand, scope_of_edits};
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::version::{must_match, tagged};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::OrganisationId;
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation;
use greenfort_store::tx;
use serde_json::json;

/// Changes an organisation.
#[utoipa::path(
    patch,
    path = "/organisations/{id}",
    tag = "organisations",
    params(
        ("id" = OrganisationId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the organisation as read; without it the latest is changed"),
    ),
    request_body = OrganisationFields,
    responses(
        (status = 200, body = Organisation, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    headers: HeaderMap,
    Json(given): Json<OrganisationFields>,
) -> Result<(HeaderMap, Json<Organisation>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let (version, changed) =
        tx!(app.db, "change_organisation", scope, |tx| -> Result<(i32, Organisation), Refusal> {
            let before = organisation::get(tx, id).await?;
            must_stand(before.ended_on.is_some())?;
            must_match(&headers, before.version)?;
            let content = given.checked(Some(&before.content))?;
            must_fit(tx, &content).await?;
            if content.kind != "park"
                && before.content.kind == "park"
                && organisation::has_tenants(tx, id).await?
            {
                return Err(Problem::field(
                    "kind",
                    "tenants",
                    text(
                        "Còn tổ chức khác nằm trong khu công nghiệp này.",
                        "Other organisations stand in this industrial park.",
                    ),
                )
                .into());
            }
            organisation::update(tx, &before, &content).await.map_err(told)?;
            let body = Body::Organisation(id);
            let detail = json!({ "fields": given.named() });
            audited(tx, &caller, "registry.change_organisation", body, before.content.unit, detail).await?;
            whole(tx, id).await
        })?;
    Ok(tagged(version, changed))
}
