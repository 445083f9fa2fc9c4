//! What nobody needs any more goes.

use super::batch;
use crate::{Result, Tx};
use jiff::SignedDuration;

/// Deletes spent and expired secrets: codes, challenges, nonces, old counters, clear secrets of printed badges, and
/// sessions that ended a month ago. For the worker, every hour.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(tx: &mut Tx) -> Result<u64> {
    let now = tx.world.now();
    let ago = |hours: i64| jiff_sqlx::Timestamp::from(now - SignedDuration::from_hours(hours));
    let mut gone = batch::forget_printed(tx).await?;
    gone += sqlx::query!("delete from sign_in_challenge where expires_at < $1", ago(1) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    gone += sqlx::query!("delete from otp where expires_at < $1", ago(1) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    gone += sqlx::query!("delete from spent_nonce where expires_at < $1", ago(1) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    gone += sqlx::query!("delete from device_code where expires_at < $1", ago(7 * 24) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    // No rule remembers a failure longer than a day.
    gone += sqlx::query!("delete from throttle where last_at < $1", ago(48) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    gone += sqlx::query!("delete from session where expires_at < $1", ago(30 * 24) as _)
        .execute(tx.conn())
        .await?
        .rows_affected();
    Ok(gone)
}
