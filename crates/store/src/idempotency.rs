//! First answers to repeatable writes: who sends the same request again gets the same answer again.

use crate::{Result, Tx, expect_rows};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Column that seals answers; the row is the key's bytes.
const COLUMN: &str = "idempotency_key.body";
/// How long answers are kept: a phone that was offline for a week still gets its own.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An answer as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Never seen: do the work, then [`answer`] or [`release`].
    Mine,
    /// The same request was answered before.
    Answered(Answer),
    /// The same request is being worked on, or was cut, since so long.
    Open(SignedDuration),
    /// The key was used for another request.
    OtherRequest,
}

/// Claims a key for a request, or says what became of the request that has it.
///
/// # Errors
/// When the database refuses, or the stored answer does not open.
pub async fn claim(tx: &mut Tx, actor: &str, key: Uuid, request_hash: &[u8; 32]) -> Result<Claim> {
    let now = tx.world.now();
    let claimed = sqlx::query!(
        "insert into idempotency_key (actor, key, request_hash, created_at) values ($1, $2, $3, $4)
         on conflict do nothing",
        actor,
        key,
        request_hash.as_slice(),
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::Mine);
    }
    let Some(row) = sqlx::query!(
        "select request_hash, status, body, created_at from idempotency_key where actor = $1 and key = $2",
        actor,
        key
    )
    .fetch_optional(tx.conn())
    .await?
    else {
        // Released between the two statements: as if it was being worked on until now.
        return Ok(Claim::Open(SignedDuration::ZERO));
    };
    if row.request_hash != request_hash {
        return Ok(Claim::OtherRequest);
    }
    match row.body {
        Some(sealed) => Ok(Claim::Answered(tx.keys.open(COLUMN, key.as_bytes(), &sealed)?)),
        None => Ok(Claim::Open(now.duration_since(row.created_at.to_jiff()))),
    }
}

/// Keeps the answer of a claimed key.
///
/// # Errors
/// `NotFound` when the claim is gone.
pub async fn answer(tx: &mut Tx, actor: &str, key: Uuid, answer: &Answer) -> Result<()> {
    let sealed = tx.keys.seal(COLUMN, key.as_bytes(), answer);
    let kept = sqlx::query!(
        "update idempotency_key set status = $3, body = $4 where actor = $1 and key = $2 and status is null",
        actor,
        key,
        i32::from(answer.status),
        sealed
    )
    .execute(tx.conn())
    .await?;
    expect_rows("claimed idempotency key", kept.rows_affected(), 1)
}

/// Gives a claimed key back: nothing was done, the next attempt is a first one.
///
/// # Errors
/// When the database refuses.
pub async fn release(tx: &mut Tx, actor: &str, key: Uuid) -> Result<()> {
    sqlx::query!("delete from idempotency_key where actor = $1 and key = $2 and status is null", actor, key)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets answers older than [`KEPT`]; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old(tx: &mut Tx) -> Result<u64> {
    let now = tx.world.now();
    let before = now.saturating_sub(KEPT).unwrap_or(now);
    Ok(sqlx::query!(
        "delete from idempotency_key where created_at < $1",
        jiff_sqlx::Timestamp::from(before) as _
    )
    .execute(tx.conn())
    .await?
    .rows_affected())
}
