//! `POST /session/card`: a printed card and the year of birth, for people without a phone of their own.

use super::show::{Session, signed_in};
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::{Code, SessionKind};
use greenfort_store::access::cards::{self, Answer};
use greenfort_store::access::{session, throttle};
use greenfort_store::{Scope, StoreError, tx};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
pub struct CardSignIn {
    #[schema(example = "7KQ2M-XR4TA-9FHC")]
    pub(super) card: String,
    #[schema(example = 1954)]
    pub(super) birth_year: i16,
}

/// A printed card and the year of birth, for people without a phone of their own.
#[utoipa::path(
    post,
    path = "/session/card",
    tag = "session",
    request_body = CardSignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 401, description = "Card or year not right", body = ProblemBody, content_type = "application/problem+json",
            example = json!({ "type": "urn:greenfort:problem:card", "title": "Not opened", "status": 401, "detail": "Card or year of birth is not right. Compare with the card; if that fails ask the commune's health station." })),
        (status = 422, description = "A slip in the code, found by its check sign: no attempt is counted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts, or the card is locked", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in_with_card(
    State(app): State<App>,
    from: Address,
    Json(given): Json<CardSignIn>,
) -> Result<(HeaderMap, Json<Session>), Refusal> {
    let code = read_card(&given.card)?;
    let guess = Guess::new(&app, "card.code", code.as_str(), from, "card.address");
    let nobody = Scope::nobody();
    let allowed = tx!(app.db, "attempt_card", nobody, |tx| -> Result<_, StoreError> {
        match throttle::attempt(tx, &guess.both()).await? {
            Ok(()) => Ok(Ok(cards::find(tx, &code).await?)),
            Err(wait) => Ok(Err(wait)),
        }
    })?;
    let Some(card) = allowed.map_err(locked)? else { return Err(wrong().into()) };
    // From here the transaction sees the card's person and nobody else.
    let person = Scope::persons([card.person]);
    let (answer, opened) = tx!(app.db, "sign_in_with_card", person, |tx| -> Result<_, StoreError> {
        let answer = match cards::answer(tx, card, given.birth_year).await {
            Err(StoreError::NotFound(_)) => Answer::Wrong,
            answer => answer?,
        };
        if answer != Answer::Right {
            return Ok((answer, None));
        }
        throttle::forgive(tx, &guess.secret).await?;
        throttle::take_back(tx, &guess.address).await?;
        let account = cards::account(tx, card).await?;
        Ok((answer, Some(session::open(tx, account, SessionKind::Card, None).await?)))
    })?;
    match (answer, opened) {
        (_, Some(opened)) => signed_in(&app, &opened).await,
        (Answer::Locked, None) => Err(worn_out().into()),
        (_, None) => Err(wrong().into()),
    }
}

/// # Errors
/// 422 for a slip, found by the check sign.
pub(super) fn read_card(typed: &str) -> Result<Code, Box<Problem>> {
    Code::parse(typed, Code::CARD).map_err(|error| {
        Problem::field(
            "card",
            "card",
            text(
                "Mã thẻ gõ chưa đúng. So lại từng ký tự với thẻ.",
                format!("The card's code has a slip: {error}."),
            ),
        )
    })
}

pub(super) fn wrong() -> Box<Problem> {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "card",
        text("Chưa mở được", "Not opened"),
        text(
            "Mã thẻ hoặc năm sinh không đúng. So lại với thẻ; nếu vẫn không được, hỏi trạm y tế xã.",
            "Card or year of birth is not right. Compare with the card; if that fails ask the commune's health station.",
        ),
    )
}

/// Ten wrong years, wherever they came from: waiting does not help any more.
pub(super) fn worn_out() -> Box<Problem> {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-attempts",
        text("Thẻ đã bị khóa", "The card is locked"),
        text(
            "Thẻ này đã nhập sai năm sinh 10 lần. Xin trạm y tế xã cấp thẻ mới, mang theo giấy tờ.",
            "This card was tried with ten wrong years. Ask the commune's health station for a new one and bring your ID.",
        ),
    )
    .retry_after(24 * 3600)
}
