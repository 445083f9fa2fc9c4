//! `POST /session/persons`: a signed-in phone comes to see one more person, by a printed card.

use super::card::{CardSignIn, read_card, worn_out, wrong};
use super::show::{Session, load};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::State;
use greenfort_store::access::cards::{self, Answer};
use greenfort_store::access::citizens::{self, Relation};
use greenfort_store::access::throttle;
use greenfort_store::{Scope, StoreError, tx};

/// Adds a person by a printed card.
#[utoipa::path(
    post,
    path = "/session/persons",
    tag = "session",
    request_body = CardSignIn,
    responses(
        (status = 200, description = "The session with the person of the card", body = Session),
        (status = 401, description = "Not signed in, or card or year not right", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not a citizen's session", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A slip in the code: no attempt is counted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts, or the card is locked", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn add_person(
    State(app): State<App>,
    caller: Caller,
    from: Address,
    Json(given): Json<CardSignIn>,
) -> Result<Json<Session>, Refusal> {
    let session = citizen(&caller)?;
    let code = read_card(&given.card)?;
    // Counted as signing in with the card is: the two are one secret.
    let guess = Guess::new(&app, "card.code", code.as_str(), from, "card.address");
    let allowed = tx!(app.db, "attempt_card", Scope::nobody(), |tx| -> Result<_, StoreError> {
        match throttle::attempt(tx, &guess.both()).await? {
            Ok(()) => Ok(Ok(cards::find(tx, &code).await?)),
            Err(wait) => Ok(Err(wait)),
        }
    })?;
    let Some(card) = allowed.map_err(locked)? else { return Err(wrong().into()) };
    let mut persons = caller.persons.clone();
    persons.push(card.person);
    let scope = Scope::persons(persons);
    let answer = tx!(app.db, "link_by_card", scope, |tx| -> Result<Answer, StoreError> {
        let answer =
            citizens::link_by_card(tx, caller.account, &code, given.birth_year, Relation::Family).await;
        let answer = match answer {
            Err(StoreError::NotFound(_)) => Answer::Wrong,
            answer => answer?,
        };
        if answer == Answer::Right {
            throttle::forgive(tx, &guess.secret).await?;
            throttle::take_back(tx, &guess.address).await?;
        }
        Ok(answer)
    })?;
    match answer {
        Answer::Right => Ok(Json(tx!(app.db, "show_session", scope, |tx| load(tx, session).await)?)),
        Answer::Wrong => Err(wrong().into()),
        Answer::Locked => Err(worn_out().into()),
    }
}

/// # Errors
/// 403 for staff and programs: their sight comes from their roles.
pub(super) fn citizen(caller: &Caller) -> Result<greenfort_kernel::SessionId, Box<Problem>> {
    if caller.citizen {
        return caller.session();
    }
    let mut refused = Problem::forbidden();
    refused.detail = text(
        "Chỉ người dân đăng nhập bằng điện thoại hoặc thẻ mới liên kết được với người thân.",
        "Only residents signed in by phone or card are linked to persons.",
    );
    Err(refused)
}
