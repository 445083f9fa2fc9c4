//! `GET /sampling/work`: what a phone needs to know for a shift without a network, names apart.

use super::sealed::SealKey;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::rounds::{Assay, HamletPlan, Round};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::Permission;
use greenfort_store::campaign::{self, plan};
use greenfort_store::sampling::lists;
use greenfort_store::{Scope, StoreError, tx};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A phone that has not been heard of for so long can no longer open the names on it.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Who prints labels of tubes.
#[derive(Debug, Serialize, ToSchema)]
pub struct TubeIssuer {
    #[schema(example = "own")]
    pub code: String,
    #[schema(example = "GF")]
    pub prefix: String,
    /// Digits that follow the prefix.
    pub digits: usize,
}

/// The open rounds of the caller's area.
#[derive(Debug, Serialize, ToSchema)]
pub struct Work {
    /// The server's clock, from which the phone corrects its own.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    pub rounds: Vec<RoundWork>,
    pub assays: Vec<Assay>,
    pub issuers: Vec<TubeIssuer>,
    /// Encrypts the names kept on the phone: 32 bytes, base64url. The phone keeps it only wrapped by the PIN.
    pub key: String,
    /// What events are sealed to on the phone: a P-256 point, uncompressed, base64url.
    pub seal_key: String,
    /// The phone throws the key away then, unless it was in contact.
    #[schema(value_type = String, format = DateTime)]
    pub key_until: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RoundWork {
    pub round: Round,
    /// Hamlets of the caller's area, in the order of the round.
    pub hamlets: Vec<HamletPlan>,
}

/// What a phone needs to know for a shift without a network, names apart.
#[utoipa::path(
    get,
    path = "/sampling/work",
    tag = "sampling",
    responses(
        (status = 200, body = Work),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_work(State(app): State<App>, caller: Caller) -> Result<Json<Work>, Refusal> {
    let areas = caller.area(Permission::Sample)?;
    let now = app.world().now();
    let (rounds, assays, issuers) = tx!(app.db, "show_work", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let mut rounds = Vec::new();
        for round in campaign::open_at(tx, &areas, now).await? {
            let mut hamlets: Vec<HamletPlan> = Vec::new();
            for area in &areas {
                hamlets.extend(plan::list(tx, &round, *area).await?.into_iter().map(HamletPlan::from));
            }
            hamlets.sort_by_key(|h| h.hamlet_order);
            hamlets.dedup_by_key(|h| h.unit_id);
            rounds.push(RoundWork { round: round.into(), hamlets });
        }
        Ok((rounds, plan::assays(tx, now).await?, lists::issuers(tx).await?))
    })?;
    // Made from the ring, the account and the day: nothing is stored, and yesterday's key cannot be asked for today.
    let keys = app.db.keys();
    let of = format!("{}:{}", caller.account, app.world().today());
    let key = [keys.search_key("field.register.a", &of), keys.search_key("field.register.b", &of)].concat();
    let seal_key = SealKey::of(keys).ok_or_else(|| StoreError::Inconsistent("no sealing key".into()))?;
    Ok(Json(Work {
        now,
        seal_key: seal_key.public(),
        rounds,
        assays: assays.into_iter().map(Assay::from).collect(),
        issuers: issuers
            .into_iter()
            .filter(|i| !i.prefix.is_empty() || !i.listed)
            .map(|i| TubeIssuer { code: i.code, prefix: i.prefix, digits: i.digits })
            .collect(),
        key: URL_SAFE_NO_PAD.encode(key),
        key_until: now.saturating_add(KEY_LIFE).unwrap_or(now),
    }))
}
