//! One-time codes for citizens' phones.

use super::secret;
use crate::{Result, Tx};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use greenfort_kernel::phone::Phone;
use jiff::SignedDuration;

const LIFE: SignedDuration = SignedDuration::from_mins(5);
const MOST_TRIES: i32 = 5;
const PURPOSE: &str = "otp.code";

fn code_key(tx: &Tx, phone: &Phone, code: &str) -> Vec<u8> {
    secret::keyed(&tx.keys, PURPOSE, &format!("{}:{code}", phone.as_str()))
}

/// A fresh six-digit code for a phone; the one before is worthless. The caller sends it after the transaction.
///
/// # Errors
/// When the database refuses.
pub async fn make(tx: &mut Tx, phone: &Phone) -> Result<String> {
    let code = format!("{:06}", tx.world.below(1_000_000));
    let now = tx.world.now();
    sqlx::query!(
        "insert into otp (phone_key, code_key, sent_at, expires_at) values ($1, $2, $3, $4)
         on conflict (phone_key) do update set code_key = $2, tries = 0, sent_at = $3, expires_at = $4",
        secret::phone_key(&tx.keys, phone),
        code_key(tx, phone, &code),
        jiff_sqlx::Timestamp::from(now) as _,
        jiff_sqlx::Timestamp::from(now + LIFE) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(code)
}

/// True when the code is the phone's, in time, and among the first five tries; then it is spent. Every try counts.
///
/// # Errors
/// When the database refuses.
pub async fn verify(tx: &mut Tx, phone: &Phone, code: &str) -> Result<bool> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let phone_key = secret::phone_key(&tx.keys, phone);
    let tried = sqlx::query!(
        "update otp set tries = tries + 1 where phone_key = $1 and expires_at > $2 and tries < $3 returning code_key",
        phone_key,
        now as _,
        MOST_TRIES
    )
    .fetch_optional(tx.conn())
    .await?;
    let given = code_key(tx, phone, code);
    let Some(tried) = tried else { return Ok(false) };
    if verify_slices_are_equal(&tried.code_key, &given).is_err() {
        return Ok(false);
    }
    sqlx::query!("update otp set expires_at = $2 where phone_key = $1", phone_key, now as _)
        .execute(tx.conn())
        .await?;
    Ok(true)
}
