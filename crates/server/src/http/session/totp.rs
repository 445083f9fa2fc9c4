//! `POST /session/totp`: the code, and with it the session.

use super::password::totp;
use super::show::{Session, signed_in};
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::{Locked, SessionKind};
use greenfort_kernel::AccountKind;
use greenfort_store::access::accounts;
use greenfort_store::access::session::{self, Opened};
use greenfort_store::access::{challenge, throttle};
use greenfort_store::{Scope, StoreError, Tx, tx};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
pub struct TotpCode {
    #[schema(example = "K3J9…")]
    challenge: String,
    #[schema(example = "123456")]
    code: String,
}

enum Outcome {
    Opened(Box<Opened>),
    Wrong,
    Locked(Locked),
}

/// The code, and with it the session.
#[utoipa::path(
    post,
    path = "/session/totp",
    tag = "session",
    request_body = TotpCode,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 401, description = "Code wrong or used, or the step took too long", body = ProblemBody, content_type = "application/problem+json",
            example = json!({ "type": "urn:greenfort:problem:totp", "title": "The code is not right", "status": 401, "detail": "Type the newest code of your authenticator; each works once. After 10 minutes give the password again." })),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn give_code(
    State(app): State<App>,
    from: Address,
    Json(given): Json<TotpCode>,
) -> Result<(HeaderMap, Json<Session>), Refusal> {
    let scope = Scope::nobody();
    let outcome = tx!(app.db, "give_code", scope, |tx| attempt(tx, &app, from, &given).await)?;
    match outcome {
        Outcome::Opened(opened) => signed_in(&app, &opened).await,
        Outcome::Locked(wait) => Err(locked(wait).into()),
        Outcome::Wrong => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "totp",
            text("Mã chưa đúng", "The code is not right"),
            text(
                "Nhập mã mới nhất trong ứng dụng xác thực; mỗi mã dùng một lần. Quá 10 phút thì nhập lại mật khẩu.",
                "Type the newest code of your authenticator; each works once. After 10 minutes give the password again.",
            ),
        )
        .into()),
    }
}

async fn attempt(tx: &mut Tx, app: &App, from: Address, given: &TotpCode) -> Result<Outcome, StoreError> {
    let waiting = challenge::waiting(tx, &given.challenge).await?;
    let at = waiting.as_ref().map_or_else(|| "nobody".to_owned(), |w| w.account.to_string());
    let guess = Guess::new(app, "totp.account", &at, from, "totp.address");
    // A challenge that is none counts against the address only: there is no account to lock.
    let counters = if waiting.is_some() { guess.both() } else { guess.address.to_vec() };
    if let Err(wait) = throttle::attempt(tx, &counters).await? {
        return Ok(Outcome::Locked(wait));
    }
    let Some(waiting) = waiting else { return Ok(Outcome::Wrong) };
    let now = u64::try_from(tx.world.now().as_second()).unwrap_or(0);
    let code: String = given.code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(waiting.secret.clone(), "").check(&code, now);
    let Some(step) = step.filter(|step| waiting.last_step.is_none_or(|last| *step > last)) else {
        return Ok(Outcome::Wrong);
    };
    challenge::complete(tx, &waiting, step).await?;
    throttle::forgive(tx, &guess.secret).await?;
    throttle::take_back(tx, &guess.address).await?;
    let kind = match accounts::get(tx, waiting.account).await?.kind {
        AccountKind::Field => SessionKind::Field,
        AccountKind::Office | AccountKind::Citizen => SessionKind::Office,
    };
    let opened = session::open(tx, waiting.account, kind, None).await?;
    Ok(Outcome::Opened(Box::new(opened)))
}
