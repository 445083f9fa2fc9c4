//! `POST /invitations/accept`: the holder of a link sets a password.

use crate::app::App;
use crate::http::first_run::{attempt_link, check, stale};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::session::SecondStep;
use crate::http::throttle::Address;
use axum::Json;
use axum::extract::State;
use greenfort_store::access::invitations;
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(accept_invitation))
}

#[derive(Deserialize, ToSchema)]
pub struct Acceptance {
    /// From the link.
    #[schema(example = "K3J9…")]
    token: String,
    #[schema(example = "mật khẩu dài mười hai")]
    password: String,
}

/// The holder of a link sets a password.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    tag = "session",
    request_body = Acceptance,
    responses(
        (status = 200, description = "The password is set; enrol the code", body = SecondStep),
        (status = 404, description = "The link is used, too old or replaced", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The password cannot be used", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn accept_invitation(
    State(app): State<App>,
    from: Address,
    Json(given): Json<Acceptance>,
) -> Result<Json<SecondStep>, Refusal> {
    attempt_link(&app, from).await?;
    let scope = Scope::nobody();
    let open = tx!(app.db, "open_invitation", scope, |tx| invitations::open(tx, &given.token).await)?;
    let login = open.and_then(|o| o.account.and(o.login)).ok_or_else(stale)?;
    check(&given.password, &login)?;
    let hash = app.access.hasher.hash_password(&given.password).await?;
    let next = tx!(app.db, "accept_invitation", scope, |tx| -> Result<_, Refusal> {
        let open = invitations::open(tx, &given.token).await?.ok_or_else(stale)?;
        let account = open.account.ok_or_else(stale)?;
        Ok(invitations::accept(tx, open.id, account, &hash).await?)
    })?;
    Ok(Json(SecondStep::of(next, &login)))
}
