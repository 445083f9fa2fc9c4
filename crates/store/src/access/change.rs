//! Changing accounts. Whether the caller may is decided before, by `domain::access`.

use super::accounts::{self, Account, NewAccount, SEALED, Sealed};
use super::badges;
use super::invitations::{self, Invitation};
use super::place;
use super::session;
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Held;
use greenfort_kernel::{AccountId, UnitId, text};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A grant as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub held: Held,
    pub until: Option<Timestamp>,
}

/// Makes an account with its grants and its invitation; the first grant says whose administrators look after it.
///
/// # Errors
/// [`StoreError::Conflict`] when the login is taken or a grant is named twice.
pub async fn create(
    tx: &mut Tx,
    new: &NewAccount,
    grants: &[Wanted],
    by: AccountId,
) -> Result<(Account, Invitation)> {
    let unit = match grants.first() {
        Some(first) => Some(place::home(tx, first.held.over).await?),
        None => new.unit,
    };
    let id = accounts::create(tx, &NewAccount { unit, created_by: Some(by), ..new.clone() }).await?;
    for wanted in grants {
        accounts::grant(tx, id, wanted.held, wanted.until, Some(by)).await?;
    }
    let invitation = invitations::invite(tx, id, by).await?;
    record(tx, by, "access.create_account", id, unit, json!({ "grants": described(grants) })).await?;
    Ok((accounts::get(tx, id).await?, invitation))
}

fn described(grants: &[Wanted]) -> Value {
    grants.iter().map(|g| json!({ "role": g.held.role.as_str(), "over": g.held.over })).collect()
}

/// Sets name and grants (None: as they are). Changed grants end the account's sessions, so nobody works on with what he
/// no longer holds.
///
/// # Errors
/// [`StoreError::Conflict`] when `account` was changed since it was read.
pub async fn update(
    tx: &mut Tx,
    account: &Account,
    name: Option<&str>,
    grants: Option<&[Wanted]>,
    by: AccountId,
) -> Result<Account> {
    bump(tx, account).await?;
    if let Some(name) = name.filter(|n| *n != account.name) {
        rename(tx, account.id, name).await?;
    }
    if let Some(grants) = grants {
        let now: Vec<Wanted> =
            account.grants.iter().map(|g| Wanted { held: g.held(), until: g.until }).collect();
        let gone: Vec<_> = now.iter().filter(|g| !grants.contains(g)).copied().collect();
        let new: Vec<_> = grants.iter().filter(|g| !now.contains(g)).copied().collect();
        for old in &gone {
            accounts::end_grant(tx, account.id, old.held).await?;
        }
        for wanted in &new {
            // One that ran out stands as not ended; it gives way.
            match accounts::end_grant(tx, account.id, wanted.held).await {
                Ok(()) | Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
            accounts::grant(tx, account.id, wanted.held, wanted.until, Some(by)).await?;
        }
        if !gone.is_empty() || !new.is_empty() {
            session::end_all(tx, account.id).await?;
        }
        if let Some(first) = grants.first() {
            let home = place::home(tx, first.held.over).await?;
            rehome(tx, account.id, home).await?;
        }
        let detail = json!({ "granted": described(&new), "ended": described(&gone) });
        record(tx, by, "access.change_account", account.id, account.unit, detail).await?;
    } else {
        record(tx, by, "access.change_account", account.id, account.unit, json!({ "name": name.is_some() }))
            .await?;
    }
    accounts::get(tx, account.id).await
}

/// Who moved to another unit is looked after by its administrators.
async fn rehome(tx: &mut Tx, id: AccountId, unit: UnitId) -> Result<()> {
    let moved =
        sqlx::query!("update account set unit = $2 where id = $1", id.0, unit.0).execute(tx.conn()).await?;
    expect_rows("account", moved.rows_affected(), 1)
}

async fn rename(tx: &mut Tx, id: AccountId, name: &str) -> Result<()> {
    let sealed =
        sqlx::query_scalar!("select sealed from account where id = $1", id.0).fetch_one(tx.conn()).await?;
    let old: Sealed = tx.keys.open(SEALED, id.0.as_bytes(), &sealed)?;
    let sealed = tx.keys.seal(SEALED, id.0.as_bytes(), &Sealed { name: name.to_owned(), ..old });
    let keys = crate::crypt::name_row_keys(&tx.keys, &text::fold(name));
    let renamed =
        sqlx::query!("update account set sealed = $2, name_keys = $3 where id = $1", id.0, sealed, &keys)
            .execute(tx.conn())
            .await?;
    expect_rows("account", renamed.rows_affected(), 1)
}

/// The version read is the version changed.
async fn bump(tx: &mut Tx, account: &Account) -> Result<()> {
    let bumped = sqlx::query!(
        "update account set version = version + 1 where id = $1 and version = $2",
        account.id.0,
        account.version
    )
    .execute(tx.conn())
    .await?;
    if bumped.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("account")) }
}

/// Nobody signs in with it until it is resumed; its sessions end at once.
///
/// # Errors
/// [`StoreError::Conflict`] when it was changed since it was read.
pub async fn suspend(tx: &mut Tx, account: &Account, reason: &str, by: AccountId) -> Result<Account> {
    bump(tx, account).await?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "update account set suspended_at = coalesce(suspended_at, $2), suspended_reason = $3 where id = $1",
        account.id.0,
        now as _,
        reason
    )
    .execute(tx.conn())
    .await?;
    let ended = session::end_all(tx, account.id).await?;
    let detail = json!({ "sessions_ended": ended });
    record(tx, by, "access.suspend_account", account.id, account.unit, detail).await?;
    accounts::get(tx, account.id).await
}

/// # Errors
/// [`StoreError::Conflict`] when it was changed since it was read.
pub async fn resume(tx: &mut Tx, account: &Account, by: AccountId) -> Result<Account> {
    bump(tx, account).await?;
    sqlx::query!(
        "update account set suspended_at = null, suspended_reason = null where id = $1",
        account.id.0
    )
    .execute(tx.conn())
    .await?;
    record(tx, by, "access.resume_account", account.id, account.unit, json!({})).await?;
    accounts::get(tx, account.id).await
}

/// Forgets password and code, strikes off the badge, ends the sessions; a new link sets a new password.
///
/// # Errors
/// [`StoreError::Conflict`] when it was changed since it was read.
pub async fn reset(tx: &mut Tx, account: &Account, by: AccountId) -> Result<Invitation> {
    bump(tx, account).await?;
    sqlx::query!(
        "update account set password_hash = null, totp_sealed = null, totp_step = null where id = $1",
        account.id.0
    )
    .execute(tx.conn())
    .await?;
    badges::strike_off(tx, account.id).await?;
    session::end_all(tx, account.id).await?;
    record(tx, by, "access.reset_account", account.id, account.unit, json!({})).await?;
    invitations::invite(tx, account.id, by).await
}

/// Ends it for good: nobody signs in with it, its badge opens nothing, its roles are taken away. The row stays: the audit
/// names it.
///
/// # Errors
/// [`StoreError::Conflict`] when it was changed since it was read.
pub async fn end(tx: &mut Tx, account: &Account, by: AccountId) -> Result<Account> {
    bump(tx, account).await?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!("update account set ends_at = least(ends_at, $2) where id = $1", account.id.0, now as _)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update account_grant set ended_at = $2 where account = $1 and ended_at is null",
        account.id.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    badges::strike_off(tx, account.id).await?;
    let ended = session::end_all(tx, account.id).await?;
    let detail = json!({ "sessions_ended": ended });
    record(tx, by, "access.end_account", account.id, account.unit, detail).await?;
    accounts::get(tx, account.id).await
}

pub(super) async fn record(
    tx: &mut Tx,
    by: AccountId,
    action: &str,
    id: AccountId,
    unit: Option<UnitId>,
    detail: Value,
) -> Result<()> {
    let entry = Entry {
        actor: Actor::Account(by),
        action,
        object_kind: "account",
        object_id: id.to_string(),
        unit,
        detail,
    };
    audit::record(tx, entry).await.map(drop)
}
