//! `POST /session/password`: the first step of the office.

use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_store::access::challenge::{self, Next};
use greenfort_store::access::throttle;
use greenfort_store::{Scope, StoreError, tx};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
pub struct Password {
    #[schema(example = "lan.tran")]
    login: String,
    #[schema(example = "mật khẩu dài mười hai")]
    password: String,
}

/// What follows the password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SecondStep {
    /// A code of the authenticator already enrolled.
    TotpNeeded { challenge: String },
    /// Show this secret once, to be enrolled in an authenticator; then a code of it.
    TotpEnrol {
        challenge: String,
        #[schema(example = "otpauth://totp/Greenfort:lan.tran?secret=…")]
        otpauth_uri: String,
        secret: String,
    },
}

impl SecondStep {
    pub(crate) fn of(next: Next, login: &str) -> Self {
        match next {
            Next::Code { challenge } => Self::TotpNeeded { challenge: challenge.reveal().to_owned() },
            Next::Enrol { challenge, secret } => {
                let totp = totp(secret, login);
                Self::TotpEnrol {
                    challenge: challenge.reveal().to_owned(),
                    otpauth_uri: totp.to_url().unwrap_or_default(),
                    secret: totp.secret().to_base32(),
                }
            }
        }
    }
}

/// RFC 6238 as every authenticator knows it: SHA-1, 6 digits, 30 seconds, one step of drift either way.
pub(super) fn totp(secret: Vec<u8>, login: &str) -> Totp {
    Builder::new()
        .with_secret(secret)
        .with_account_name(login.replace(':', "."))
        .with_issuer(Some("Greenfort"))
        .build_noncompliant()
}

/// The first step of the office.
#[utoipa::path(
    post,
    path = "/session/password",
    tag = "session",
    request_body = Password,
    responses(
        (status = 200, description = "Right; now the code", body = SecondStep),
        (status = 401, description = "Login or password wrong", body = ProblemBody, content_type = "application/problem+json",
            example = json!({ "type": "urn:greenfort:problem:credentials", "title": "Not signed in", "status": 401, "detail": "Login or password is wrong. Check the Vietnamese input method and Caps Lock and try again." })),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn give_password(
    State(app): State<App>,
    from: Address,
    Json(given): Json<Password>,
) -> Result<Json<SecondStep>, Refusal> {
    let login = given.login.trim().to_lowercase();
    let guess = Guess::new(&app, "password.login", &login, from, "password.address");
    let scope = Scope::nobody();
    let allowed = tx!(app.db, "attempt_password", scope, |tx| -> Result<_, StoreError> {
        match throttle::attempt(tx, &guess.both()).await? {
            Ok(()) => Ok(Ok(challenge::credentials(tx, &login).await?)),
            Err(wait) => Ok(Err(wait)),
        }
    })?;
    let known = allowed.map_err(locked)?;
    let stored = known.as_ref().map(|k| k.password_hash.as_str());
    let right = app.access.hasher.verify_password(&given.password, stored).await?;
    let account = match known {
        Some(known) if right => known.account,
        _ => return Err(wrong().into()),
    };
    let next = tx!(app.db, "begin_second_step", scope, |tx| -> Result<_, StoreError> {
        throttle::forgive(tx, &guess.secret).await?;
        throttle::take_back(tx, &guess.address).await?;
        challenge::begin(tx, account).await
    })?;
    Ok(Json(SecondStep::of(next, &login)))
}

fn wrong() -> Box<Problem> {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "credentials",
        text("Chưa đăng nhập được", "Not signed in"),
        text(
            "Tên đăng nhập hoặc mật khẩu không đúng. Kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi thử lại.",
            "Login or password is wrong. Check the Vietnamese input method and Caps Lock and try again.",
        ),
    )
}
