//! `/session/persons`: a signed-in phone comes to see more persons: by a printed card, or because the head of the
//! household lets it.

use super::card::{CardSignIn, read_card, worn_out, wrong};
use super::read_phone;
use super::show::{Session, load};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::PersonId;
use greenfort_store::access::cards::{self, Answer};
use greenfort_store::access::citizens::{self, Relation};
use greenfort_store::access::secret::phone_key;
use greenfort_store::access::throttle;
use greenfort_store::{Scope, StoreError, tx};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// Whose phone may see the person too.
#[derive(Deserialize, ToSchema)]
pub struct SharedWith {
    #[schema(example = "0912 345 678")]
    pub phone: String,
    /// `self`: the phone is the person's own; `family`: of the same household.
    pub relation: Relation,
}

/// Shares a person with another phone of the family.
#[utoipa::path(
    post,
    path = "/session/persons/{id}/links",
    tag = "session",
    params(("id" = PersonId, Path)),
    request_body = SharedWith,
    responses(
        (status = 204, description = "The phone sees the person from its next sign-in"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not a citizen's session", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not the head of this person's household, nor the guardian", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No mobile number", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn share_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(given): Json<SharedWith>,
) -> Result<StatusCode, Refusal> {
    citizen(&caller)?;
    let phone = read_phone(&app, &given.phone)?;
    if !caller.persons.contains(&id) {
        return Err(Problem::not_found().into());
    }
    let scope = Scope::persons(caller.persons.iter().copied());
    tx!(app.db, "share_person", scope, |tx| -> Result<(), Refusal> {
        citizens::heads(tx, caller.account, id).await?;
        let key = phone_key(&tx.keys, &phone);
        // A suspended phone is answered like any other: this page tells nobody about somebody else's account.
        if let Some(account) = citizens::by_phone(tx, &key).await? {
            citizens::link_by_head(tx, account, id, given.relation, caller.account).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// # Errors
/// 403 for staff and programs: their sight comes from their roles.
fn citizen(caller: &Caller) -> Result<greenfort_kernel::SessionId, Box<Problem>> {
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
