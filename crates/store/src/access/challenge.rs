//! Office sign-in: the password first, then a code from the phone.

use super::secret::{self, Token};
use crate::{Result, Tx, expect_rows};
use greenfort_kernel::AccountId;
use jiff::SignedDuration;

/// Time to open the authenticator.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
const SEALED_TOTP: &str = "account.totp_sealed";
const SEALED_ENROLMENT: &str = "sign_in_challenge.sealed";

/// What the password of a login is checked against.
#[derive(Debug)]
pub struct Credentials {
    pub account: AccountId,
    pub password_hash: String,
}

/// None for a login that is unknown, invited, suspended or ended: the caller must not tell these apart.
///
/// # Errors
/// When the database refuses.
pub async fn credentials(tx: &mut Tx, login: &str) -> Result<Option<Credentials>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let row = sqlx::query!(
        r#"select id, password_hash as "password_hash!" from account
           where login = lower($1) and password_hash is not null and suspended_at is null
             and (ends_at is null or ends_at > $2)"#,
        login,
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| Credentials { account: AccountId(r.id), password_hash: r.password_hash }))
}

/// What the browser does next.
#[derive(Debug)]
pub enum Next {
    /// A code of the secret enrolled.
    Code { challenge: Token },
    /// Enrol this secret, then a code of it.
    Enrol { challenge: Token, secret: Vec<u8> },
}

/// Begins the second step for somebody whose password was right. The secret to be enrolled is fresh each time.
///
/// # Errors
/// When the database refuses.
pub async fn begin(tx: &mut Tx, account: AccountId) -> Result<Next> {
    let enrolled = sqlx::query_scalar!(
        r#"select totp_sealed is not null as "enrolled!" from account where id = $1"#,
        account.0
    )
    .fetch_one(tx.conn())
    .await?;
    let challenge = Token::generate(&tx.world);
    let hash = challenge.hash();
    let secret = (!enrolled).then(|| tx.world.bytes::<20>().to_vec());
    let sealed = secret.as_ref().map(|s| tx.keys.seal_bytes(SEALED_ENROLMENT, &hash, s));
    let now = tx.world.now();
    sqlx::query!(
        "insert into sign_in_challenge (token_hash, account, sealed, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        hash,
        account.0,
        sealed,
        jiff_sqlx::Timestamp::from(now) as _,
        jiff_sqlx::Timestamp::from(now + LIFE) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(match secret {
        None => Next::Code { challenge },
        Some(secret) => Next::Enrol { challenge, secret },
    })
}

/// A challenge waiting for its code.
#[derive(Debug)]
pub struct Waiting {
    pub account: AccountId,
    /// The secret whose code is awaited.
    pub secret: Vec<u8>,
    pub enrolling: bool,
    /// Codes of this step and earlier ones were used.
    pub last_step: Option<u64>,
    hash: Vec<u8>,
}

/// None when it is unknown, used, too old, or its account may no longer sign in. Holds the account until the end of the
/// transaction, so that one code cannot open two sessions.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(tx: &mut Tx, challenge: &str) -> Result<Option<Waiting>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let hash = secret::hash(challenge);
    let row = sqlx::query!(
        "select c.account, c.sealed, a.totp_sealed, a.totp_step
         from sign_in_challenge c join account a on a.id = c.account
         where c.token_hash = $1 and c.used_at is null and c.expires_at > $2
           and a.suspended_at is null and (a.ends_at is null or a.ends_at > $2)
         for update",
        hash,
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let secret = match (&row.totp_sealed, &row.sealed) {
        (Some(sealed), _) => tx.keys.open_bytes(SEALED_TOTP, row.account.as_bytes(), sealed)?,
        (None, Some(sealed)) => tx.keys.open_bytes(SEALED_ENROLMENT, &hash, sealed)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Waiting {
        account: AccountId(row.account),
        secret,
        enrolling: row.totp_sealed.is_none(),
        last_step: row.totp_step.and_then(|s| u64::try_from(s).ok()),
        hash,
    }))
}

/// The code was right: the challenge is used, its step is spent, a new secret is kept.
///
/// # Errors
/// When the database refuses.
pub async fn complete(tx: &mut Tx, waiting: &Waiting, step: u64) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let used = sqlx::query!(
        "update sign_in_challenge set used_at = $2 where token_hash = $1 and used_at is null",
        waiting.hash,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("challenge", used.rows_affected(), 1)?;
    let sealed = waiting
        .enrolling
        .then(|| tx.keys.seal_bytes(SEALED_TOTP, waiting.account.0.as_bytes(), &waiting.secret));
    let kept = sqlx::query!(
        "update account set totp_sealed = coalesce($2, totp_sealed), totp_step = $3,
             activated_at = coalesce(activated_at, $4) where id = $1",
        waiting.account.0,
        sealed,
        i64::try_from(step).unwrap_or(i64::MAX),
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("account", kept.rows_affected(), 1)
}

/// Sets the password and forgets the TOTP secret, which is enrolled anew at the next sign-in.
///
/// # Errors
/// [`crate::StoreError::NotFound`] when there is no such account.
pub async fn set_password(tx: &mut Tx, account: AccountId, password_hash: &str) -> Result<()> {
    let set = sqlx::query!(
        "update account set password_hash = $2, totp_sealed = null, totp_step = null, version = version + 1
         where id = $1",
        account.0,
        password_hash
    )
    .execute(tx.conn())
    .await?;
    expect_rows("account", set.rows_affected(), 1)
}
