//! `POST /organisations`: an organisation is registered.

use super::fields::OrganisationFields;
use super::show::{Organisation, whole};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{audited, must_lie_in_area, scope_of_edits};
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation::{self, Content};
use greenfort_store::{StoreError, Tx, tx};
use serde_json::json;

/// Registers an organisation.
#[utoipa::path(
    post,
    path = "/organisations",
    tag = "organisations",
    request_body = OrganisationFields,
    responses(
        (status = 201, body = Organisation, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such hamlet or commune in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_organisation(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<OrganisationFields>,
) -> Result<(StatusCode, HeaderMap, Json<Organisation>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let content = given.checked(None)?;
    let (version, made) =
        tx!(app.db, "create_organisation", scope, |tx| -> Result<(i32, Organisation), Refusal> {
            must_fit(tx, &content).await?;
            let id = organisation::create(tx, &content).await.map_err(told)?;
            let detail = json!({ "kind": content.kind });
            let body = Body::Organisation(id);
            audited(tx, &caller, "registry.create_organisation", body, content.unit, detail).await?;
            whole(tx, id).await
        })?;
    let (headers, body) = tagged(version, made);
    Ok((StatusCode::CREATED, headers, body))
}

/// Refuses a place beyond the area, and a parent that is no park of it.
pub(super) async fn must_fit(tx: &mut Tx, content: &Content) -> Result<(), Refusal> {
    must_lie_in_area(tx, content.unit).await?;
    match content.parent {
        Some(parent) if !organisation::is_park(tx, parent).await? => Err(Problem::field(
            "parent_id",
            "park",
            text(
                "Chọn một khu công nghiệp đang hoạt động trong địa bàn.",
                "Choose an industrial park of the area that still works.",
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

/// Names the field when another organisation has the tax code.
pub(super) fn told(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict("tax_code") => Problem::field(
            "tax_code",
            "taken",
            text(
                "Đã có tổ chức mang mã số thuế này: tìm và mở hồ sơ đó, đừng nhập lần nữa.",
                "An organisation has this tax code already: find and open it, do not enter it again.",
            ),
        )
        .into(),
        StoreError::Conflict(_) => Problem::changed_meanwhile().into(),
        other => other.into(),
    }
}
