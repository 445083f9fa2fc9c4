//! `GET /sampling/register`: the people of one hamlet as a phone carries them. Every reading is in the audit log.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::rounds::{RoundSubject, must_hold, round_in};
use aws_lc_rs::hmac;
use axum::Json;
use axum::extract::{Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::Permission;
use greenfort_kernel::{GroupId, RoundId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::sampling::register::{RegisterLine, register};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// Bytes of the hash of a number: among the people of a province no two are likely to meet.
const CARD_BYTES: usize = 12;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegisterQuery {
    round: RoundId,
    /// The hamlet.
    unit: UnitId,
}

/// Somebody expected in the round.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterPerson {
    #[serde(flatten)]
    pub subject: RoundSubject,
    /// Group they are sampled with.
    pub group_id: Option<GroupId>,
    /// Why nobody may stand for them: `away`, `symptomatic`, `contact`, `from_another_province` or `positive`; null: somebody may.
    #[schema(example = "contact")]
    pub barred: Option<String>,
    /// Hashes of the numbers on their papers: HMAC-SHA-256 under `card_key`, the first 12 bytes, base64url.
    #[schema(example = json!(["mB2fXx0w5hQ3lK9a"]))]
    pub cards: Vec<String>,
    /// The end of the ID number, to tell two of one name apart.
    #[schema(example = "234")]
    pub id_tail: Option<String>,
}

/// The people of one hamlet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Register {
    pub unit_id: UnitId,
    /// Made for this answer: 32 bytes, base64url. A phone knows a card by it and carries no number of anybody.
    pub card_key: String,
    /// In walking order; within a household by choice.
    pub people: Vec<RegisterPerson>,
}

/// The people of one hamlet as a phone carries them. Every reading is in the audit log.
#[utoipa::path(
    get,
    path = "/sampling/register",
    tag = "sampling",
    params(RegisterQuery),
    responses(
        (status = 200, description = "Everybody expected in the hamlet", body = Register),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or hamlet in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_register(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<RegisterQuery>,
) -> Result<Json<Register>, Refusal> {
    let scope = caller.scope(Permission::Sample)?;
    let lines = tx!(app.db, "show_register", scope, |tx| -> Result<_, Refusal> {
        let round = round_in(tx, query.round, &scope.area).await?;
        must_hold(tx, query.unit, &scope.area).await?;
        let lines = register(tx, &round, query.unit).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "sampling.show_register",
            object_kind: "person",
            object_id: "list".to_owned(),
            unit: Some(query.unit),
            detail: json!({ "round": query.round, "shown": lines.len() }),
        };
        record(tx, entry).await?;
        Ok(lines)
    })?;
    let secret = app.world().bytes::<32>();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    Ok(Json(Register {
        unit_id: query.unit,
        card_key: URL_SAFE_NO_PAD.encode(secret),
        people: lines.into_iter().map(|line| person(&key, line)).collect(),
    }))
}

fn person(key: &hmac::Key, line: RegisterLine) -> RegisterPerson {
    let card = |number: &String| {
        let hash = hmac::sign(key, number.as_bytes());
        URL_SAFE_NO_PAD.encode(hash.as_ref().get(..CARD_BYTES).unwrap_or_default())
    };
    RegisterPerson {
        group_id: line.group,
        barred: line.bar.map(|b| b.as_str().to_owned()),
        cards: line.numbers.iter().map(card).collect(),
        id_tail: line.numbers.first().map(|n| tail(n)),
        subject: line.subject.into(),
    }
}

fn tail(number: &str) -> String {
    let from = number.len().saturating_sub(3);
    number.get(from..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn the_end_of_a_number_tells_two_of_one_name_apart() {
        assert_eq!((tail("083195001234").as_str(), tail("12").as_str()), ("234", "12"));
    }
}
