//! One-time links: the first administrator's, and those that set a password.

use super::accounts::{self, NewAccount};
use super::secret::{self, Token};
use super::{challenge, unit_ref};
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Held;
use greenfort_kernel::{AccountId, InvitationId, Role};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Time to print or hand over a link.
const LIFE: SignedDuration = SignedDuration::from_hours(72);
/// The administrator's link is made anew at each start, so it may be short-lived.
const FIRST_RUN_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A link for its holder.
#[derive(Debug)]
pub struct Invitation {
    pub token: Token,
    pub expires_at: Timestamp,
}

async fn insert(
    tx: &mut Tx,
    account: Option<AccountId>,
    by: Option<AccountId>,
    life: SignedDuration,
) -> Result<Invitation> {
    let now = tx.world.now();
    let invitation = Invitation { token: Token::generate(&tx.world), expires_at: now + life };
    let id: InvitationId = tx.world.id();
    sqlx::query!(
        "update invitation set revoked_at = $2
         where account is not distinct from $1 and used_at is null and revoked_at is null",
        account.map(|a| a.0),
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into invitation (id, token_hash, account, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        id.0,
        invitation.token.hash(),
        account.map(|a| a.0),
        by.map(|a| a.0),
        jiff_sqlx::Timestamp::from(now) as _,
        jiff_sqlx::Timestamp::from(invitation.expires_at) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(invitation)
}

/// A link that sets the password of an account; earlier ones of it are worthless from now on.
///
/// # Errors
/// When the database refuses.
pub async fn invite(tx: &mut Tx, account: AccountId, by: AccountId) -> Result<Invitation> {
    insert(tx, Some(account), Some(by), LIFE).await
}

/// The link that makes the first administrator, or None once there is one. Each call makes the one before worthless, so a
/// link in an old log opens nothing.
///
/// # Errors
/// When the database refuses.
pub async fn first_run_token(tx: &mut Tx) -> Result<Option<Invitation>> {
    if has_administrator(tx).await? {
        return Ok(None);
    }
    Ok(Some(insert(tx, None, None, FIRST_RUN_LIFE).await?))
}

/// True once somebody can administer this installation. Accounts of the demonstration count only as such.
async fn has_administrator(tx: &mut Tx) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from account a join account_grant g on g.account = a.id
                          where g.role = 'administrator' and g.ended_at is null) as "exists!""#
    )
    .fetch_one(tx.conn())
    .await?)
}

/// A link that may be used now, held until the end of the transaction.
#[derive(Debug)]
pub struct Open {
    pub id: InvitationId,
    /// None: the first administrator's link.
    pub account: Option<AccountId>,
    /// Login of that account, which its password must not contain.
    pub login: Option<String>,
}

/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, token: &str) -> Result<Option<Open>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let row = sqlx::query!(
        r#"select i.id, i.account, a.login as "login?" from invitation i left join account a on a.id = i.account
           where i.token_hash = $1 and i.used_at is null and i.revoked_at is null and i.expires_at > $2
             and (a.id is null or (a.suspended_at is null and (a.ends_at is null or a.ends_at > $2)))
           for update of i"#,
        secret::hash(token),
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| Open { id: InvitationId(r.id), account: r.account.map(AccountId), login: r.login }))
}

async fn spend(tx: &mut Tx, id: InvitationId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let used =
        sqlx::query!("update invitation set used_at = $2 where id = $1 and used_at is null", id.0, now as _)
            .execute(tx.conn())
            .await?;
    expect_rows("invitation", used.rows_affected(), 1)
}

/// Sets the password of the invited account; the next step enrols the code.
///
/// # Errors
/// [`StoreError::NotFound`] when the link is used meanwhile.
pub async fn accept(
    tx: &mut Tx,
    id: InvitationId,
    account: AccountId,
    password_hash: &str,
) -> Result<challenge::Next> {
    spend(tx, id).await?;
    challenge::set_password(tx, account, password_hash).await?;
    record(tx, account, "access.accept_invitation").await?;
    challenge::begin(tx, account).await
}

/// Makes the first administrator over every tree there is.
///
/// # Errors
/// [`StoreError::Conflict`] while no units are loaded, or when the login is taken.
pub async fn make_first_administrator(
    tx: &mut Tx,
    id: InvitationId,
    login: &str,
    name: &str,
    password_hash: &str,
) -> Result<challenge::Next> {
    spend(tx, id).await?;
    if has_administrator(tx).await? {
        return Err(StoreError::Conflict("administrator"));
    }
    let roots = unit_ref::roots(tx).await?;
    let home = *roots.first().ok_or(StoreError::Conflict("units"))?;
    let account = accounts::create(tx, &NewAccount::office(login, name, Some(home))).await?;
    for root in roots {
        let held = Held::area(Role::Administrator, root);
        accounts::grant(tx, account, held, None, None).await?;
    }
    challenge::set_password(tx, account, password_hash).await?;
    record(tx, account, "access.first_run").await?;
    challenge::begin(tx, account).await
}

async fn record(tx: &mut Tx, account: AccountId, action: &str) -> Result<()> {
    let entry = Entry {
        actor: Actor::Account(account),
        action,
        object_kind: "account",
        object_id: account.to_string(),
        unit: None,
        detail: json!({}),
    };
    audit::record(tx, entry).await.map(drop)
}
