//! `/session/demo`: in the demonstration, look through anybody's eyes with one click. Absent (404) everywhere else.

use super::show::{Session, signed_in};
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use greenfort_domain::access::SessionKind;
use greenfort_kernel::Role;
use greenfort_store::access::{demo, session};
use greenfort_store::{Scope, StoreError, tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The roles to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoRoles {
    /// Empty while the province is still being loaded.
    pub items: Vec<DemoRole>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DemoRole {
    pub role: Role,
    #[schema(example = "Trạm y tế xã")]
    pub account_name: String,
    /// What the role is held over: a unit, an organisation, a laboratory.
    #[schema(example = "Xã An Phước")]
    pub place_name: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct DemoSignIn {
    pub role: Role,
}

fn only_in_the_demonstration(app: &App) -> Result<(), Box<Problem>> {
    if app.config.demo { Ok(()) } else { Err(Problem::not_found()) }
}

/// The roles of the demonstration. Absent (404) everywhere else.
#[utoipa::path(
    get,
    path = "/session/demo",
    tag = "session",
    responses(
        (status = 200, body = DemoRoles),
        (status = 404, description = "Not a demonstration", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_demo_roles(State(app): State<App>) -> Result<Json<DemoRoles>, Refusal> {
    only_in_the_demonstration(&app)?;
    let accounts = tx!(app.db, "list_demo_roles", Scope::nobody(), |tx| demo::list(tx).await)?;
    let items = accounts
        .into_iter()
        .map(|a| DemoRole { role: a.role, account_name: a.name, place_name: a.place_name })
        .collect();
    Ok(Json(DemoRoles { items }))
}

/// In the demonstration, look through the eyes of a role.
#[utoipa::path(
    post,
    path = "/session/demo",
    tag = "session",
    request_body = DemoSignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 404, description = "Not a demonstration", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "That role has no account yet", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in_as_demo_role(
    State(app): State<App>,
    Json(wanted): Json<DemoSignIn>,
) -> Result<(HeaderMap, Json<Session>), Refusal> {
    only_in_the_demonstration(&app)?;
    let opened = tx!(app.db, "sign_in_as_demo_role", Scope::nobody(), |tx| -> Result<_, StoreError> {
        let accounts = demo::list(tx).await?;
        match accounts.into_iter().find(|a| a.role == wanted.role) {
            Some(account) => Ok(Some(session::open(tx, account.account, SessionKind::Demo, None).await?)),
            None => Ok(None),
        }
    })?;
    let opened = opened.ok_or_else(|| {
        Problem::field(
            "role",
            "not-yet",
            text(
                "Vai trò này chưa có tài khoản: tỉnh mẫu đang được nạp. Chờ vài phút rồi thử lại.",
                "This role has no account yet: the province is being loaded. Wait some minutes and try again.",
            ),
        )
    })?;
    signed_in(&app, &opened).await
}
