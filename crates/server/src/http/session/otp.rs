//! Citizens: a code to their phone. Any phone may ask and is answered alike; what a phone may see is another matter.

use super::show::{Session, signed_in};
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::{Lockout, SessionKind};
use greenfort_kernel::Language;
use greenfort_kernel::phone::{Phone, PhoneError, PhoneKind};
use greenfort_store::access::throttle::Counter;
use greenfort_store::access::{citizens, otp, secret, session, throttle};
use greenfort_store::{Scope, StoreError, tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The button may be pressed again after this many seconds.
const RESEND_S: u64 = 60;

#[derive(Deserialize, ToSchema)]
pub struct OtpRequest {
    #[schema(example = "0912 345 678")]
    phone: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OtpSent {
    resend_after_s: u64,
}

/// A mobile number. Numbers that reach nobody are of use in the demonstration only.
///
/// # Errors
/// 422 for anything else.
pub(crate) fn read_phone(app: &App, input: &str) -> Result<Phone, Box<Problem>> {
    let read = if app.config.demo { Phone::parse_or_demonstration(input) } else { Phone::parse(input) };
    match read {
        Ok(phone) if phone.kind() == PhoneKind::Landline => Err(Problem::field(
            "phone",
            "landline",
            text(
                "Số bàn không nhận được tin nhắn. Nhập số di động.",
                "A landline takes no messages. Type a mobile number.",
            ),
        )),
        Ok(phone) => Ok(phone),
        Err(error) => Err(phone_problem("phone", &error)),
    }
}

pub(crate) fn phone_problem(field: &str, error: &PhoneError) -> Box<Problem> {
    Problem::field(
        field,
        "phone",
        text("Số điện thoại chưa đúng. Ví dụ: 0912 345 678.", format!("Wrong phone number: {error}.")),
    )
}

/// Send a code to a phone. Any phone is answered alike.
#[utoipa::path(
    post,
    path = "/session/otp",
    tag = "session",
    request_body = OtpRequest,
    responses(
        (status = 202, description = "A code is on its way, if the number reaches anybody", body = OtpSent),
        (status = 422, description = "No phone number", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many codes asked for", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn send_otp(
    State(app): State<App>,
    from: Address,
    headers: HeaderMap,
    Json(given): Json<OtpRequest>,
) -> Result<(StatusCode, Json<OtpSent>), Refusal> {
    let phone = read_phone(&app, &given.phone)?;
    let counters = [
        Counter::new(app.db.keys(), "otp.send", phone.as_str(), Lockout::SENDING),
        Counter::new(app.db.keys(), "otp.send-address", &from.0.to_string(), Lockout::SENDING_ADDRESS),
    ];
    let allowed = tx!(app.db, "make_otp", Scope::nobody(), |tx| -> Result<_, StoreError> {
        match throttle::attempt(tx, &counters).await? {
            Ok(()) => Ok(Ok(otp::make(tx, &phone).await?)),
            Err(wait) => Ok(Err(wait)),
        }
    })?;
    let code = allowed.map_err(locked)?;
    let message = match crate::http::problem::language_of(&headers) {
        Language::Vi => {
            format!("Phao Dai Xanh: ma dang nhap {code}, dung trong 5 phut. Khong dua ma cho bat ky ai.")
        }
        Language::En => format!("Greenfort: sign-in code {code}, good for 5 minutes. Give it to nobody."),
    };
    // Sent behind the answer: its time tells nothing of the operator or the number.
    let access = std::sync::Arc::clone(&app.access);
    tokio::spawn(async move {
        let sent = access.gateway.send(&phone, &message).await;
        let result = if sent.is_ok() { "ok" } else { "error" };
        metrics::counter!("greenfort_otp_messages", "result" => result).increment(1);
        if let Err(error) = sent {
            tracing::error!(%error, "a sign-in code was not taken over by the gateway");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(OtpSent { resend_after_s: RESEND_S })))
}

#[derive(Deserialize, ToSchema)]
pub struct OtpCode {
    #[schema(example = "0912 345 678")]
    phone: String,
    #[schema(example = "123456")]
    code: String,
}

/// Sign in with the code sent to a phone.
#[utoipa::path(
    post,
    path = "/session/otp/verify",
    tag = "session",
    request_body = OtpCode,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 401, description = "Code wrong, used or too old", body = ProblemBody, content_type = "application/problem+json",
            example = json!({ "type": "urn:greenfort:problem:otp", "title": "The code is not right", "status": 401, "detail": "Type the 6 digits of the newest message again, or ask for a new code. A code lives 5 minutes." })),
        (status = 422, description = "No phone number", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in_with_otp(
    State(app): State<App>,
    from: Address,
    Json(given): Json<OtpCode>,
) -> Result<(HeaderMap, Json<Session>), Refusal> {
    let phone = read_phone(&app, &given.phone)?;
    let code: String = given.code.chars().filter(|c| !c.is_whitespace()).collect();
    let guess = Guess::new(&app, "otp.phone", phone.as_str(), from, "otp.address");
    let outcome = tx!(app.db, "sign_in_with_otp", Scope::nobody(), |tx| -> Result<_, StoreError> {
        if let Err(wait) = throttle::attempt(tx, &guess.both()).await? {
            return Ok(Err(wait));
        }
        if !otp::verify(tx, &phone, &code).await? {
            return Ok(Ok(None));
        }
        throttle::forgive(tx, &guess.secret).await?;
        throttle::take_back(tx, &guess.address).await?;
        let phone_key = secret::phone_key(&tx.keys, &phone);
        match citizens::by_phone(tx, &phone_key).await? {
            Some(account) => Ok(Ok(Some(session::open(tx, account, SessionKind::Phone, None).await?))),
            None => Ok(Ok(None)),
        }
    })?;
    match outcome.map_err(locked)? {
        Some(opened) => signed_in(&app, &opened).await,
        None => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "otp",
            text("Mã chưa đúng", "The code is not right"),
            text(
                "Nhập lại 6 số trong tin nhắn mới nhất, hoặc xin mã mới. Mã dùng trong 5 phút.",
                "Type the 6 digits of the newest message again, or ask for a new code. A code lives 5 minutes.",
            ),
        )
        .into()),
    }
}
