//! Printed badges: a secret in the QR, a PIN in the head.

use super::accounts::Account;
use super::{change, secret, session};
use crate::{Result, Tx};
use greenfort_kernel::{AccountId, UnitId};
use serde_json::json;
use uuid::Uuid;

/// What a badge and its PIN are checked against.
#[derive(Debug)]
pub struct Badge {
    pub account: AccountId,
    pub pin_hash: String,
    /// Roots of the areas its owner works in now.
    pub areas: Vec<UnitId>,
}

/// The live badge with this secret, of an account that may sign in.
///
/// # Errors
/// When the database refuses.
pub async fn find(tx: &mut Tx, badge: &str) -> Result<Option<Badge>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let row = sqlx::query!(
        r#"select b.account, b.pin_hash,
               (select coalesce(array_agg(g.unit), '{}') from account_grant g
                where g.account = a.id and g.unit is not null and g.from_at <= $2 and (g.until is null or g.until > $2)
                  and (g.ended_at is null or g.ended_at > $2)) as "areas!"
           from badge b join account a on a.id = b.account
           where b.secret_hash = $1 and b.revoked_at is null and a.suspended_at is null
             and (a.ends_at is null or a.ends_at > $2)"#,
        secret::hash(badge),
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| Badge {
        account: AccountId(r.account),
        pin_hash: r.pin_hash,
        areas: r.areas.into_iter().map(UnitId).collect(),
    }))
}

/// The first sign-in activates the account.
///
/// # Errors
/// When the database refuses.
pub async fn activate(tx: &mut Tx, account: AccountId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "update account set activated_at = $2 where id = $1 and activated_at is null",
        account.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A new badge in place of the one before, which opens nothing from now on; whoever is signed in with it is signed out.
///
/// # Errors
/// When the database refuses.
pub async fn replace(
    tx: &mut Tx,
    account: &Account,
    badge: &str,
    pin_hash: &str,
    by: AccountId,
) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let id: Uuid = tx.world.id();
    strike_off(tx, account.id).await?;
    sqlx::query!(
        "insert into badge (id, account, secret_hash, pin_hash, created_at) values ($1, $2, $3, $4, $5)",
        id,
        account.id.0,
        secret::hash(badge),
        pin_hash,
        now as _
    )
    .execute(tx.conn())
    .await?;
    session::end_all(tx, account.id).await?;
    change::record(tx, by, "access.make_badge", account.id, account.unit, json!({})).await
}

/// The account's badge, if it has one, opens nothing any more.
///
/// # Errors
/// When the database refuses.
pub(super) async fn strike_off(tx: &mut Tx, account: AccountId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "update badge set revoked_at = $2 where account = $1 and revoked_at is null",
        account.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
