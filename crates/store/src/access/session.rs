//! Signed-in browsers.

use super::accounts::{self, Account};
use super::place;
use super::secret::{self, Token};
use crate::audit::{self, Actor, Entry};
use crate::registry::{PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::{Held, SessionKind};
use greenfort_kernel::{AccountId, DeviceId, PersonId, Relation, Role, SessionId, text};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// What a cookie stands for.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub session: SessionId,
    pub account: AccountId,
    pub citizen: bool,
    pub grants: Vec<Held>,
    pub persons: Vec<PersonId>,
}

/// A new session; the token goes into the cookie.
#[derive(Debug)]
pub struct Opened {
    pub token: Token,
    pub session: SessionId,
    pub expires_at: Timestamp,
}

/// Opens a session and writes it to the audit. Who calls this has proved who they are.
///
/// # Errors
/// When the database refuses.
pub async fn open(
    tx: &mut Tx,
    account: AccountId,
    kind: SessionKind,
    device: Option<DeviceId>,
) -> Result<Opened> {
    let now = tx.world.now();
    let life = kind.lifetime();
    let expires_at = now.saturating_add(life.absolute).unwrap_or(Timestamp::MAX);
    let opened = Opened { token: Token::generate(&tx.world), session: tx.world.id(), expires_at };
    sqlx::query!(
        "insert into session (id, token_hash, account, kind, device, signed_in_at, last_seen_at, idle_s, expires_at)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8)",
        opened.session.0,
        opened.token.hash(),
        account.0,
        kind.as_str(),
        device.map(|d| d.0),
        jiff_sqlx::Timestamp::from(now) as _,
        i32::try_from(life.idle.as_secs()).unwrap_or(i32::MAX),
        jiff_sqlx::Timestamp::from(expires_at) as _
    )
    .execute(tx.conn())
    .await?;
    let citizen = matches!(kind, SessionKind::Phone | SessionKind::Card);
    let actor = if citizen { Actor::Citizen(account) } else { Actor::Account(account) };
    audit::record(
        tx,
        Entry {
            actor,
            action: "access.sign_in",
            object_kind: "session",
            object_id: opened.session.to_string(),
            unit: None,
            detail: json!({ "kind": kind.as_str() }),
        },
    )
    .await?;
    Ok(opened)
}

/// The live session of a cookie's token, in one statement: account, grants in force, linked persons. Seen once a minute.
///
/// # Errors
/// When the database refuses.
pub async fn resolve(tx: &mut Tx, token: &str) -> Result<Option<Resolved>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let row = sqlx::query!(
        r#"with live as (
               select s.id, s.account, s.last_seen_at from session s join account a on a.id = s.account
               where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2
                 and s.last_seen_at + make_interval(secs => s.idle_s) > $2
                 and a.suspended_at is null and (a.ends_at is null or a.ends_at > $2)
           ), seen as (
               update session s set last_seen_at = $2 from live
               where s.id = live.id and live.last_seen_at < $2 - interval '1 minute'
           )
           select live.id as "id!", live.account as "account!", a.kind as "kind!",
               coalesce(array_agg(g.role order by g.id) filter (where g.id is not null), '{}') as "roles!",
               coalesce(array_agg(g.unit order by g.id) filter (where g.id is not null), '{}')
                   as "units!: Vec<Option<i32>>",
               coalesce(array_agg(g.organisation order by g.id) filter (where g.id is not null), '{}')
                   as "organisations!: Vec<Option<Uuid>>",
               coalesce(array_agg(g.laboratory order by g.id) filter (where g.id is not null), '{}')
                   as "laboratories!: Vec<Option<Uuid>>",
               (select coalesce(array_agg(p.person order by p.at, p.person), '{}') from account_person p
                where p.account = live.account and p.ended_at is null) as "persons!"
           from live join account a on a.id = live.account
           left join account_grant g on g.account = live.account and g.from_at <= $2
               and (g.until is null or g.until > $2) and (g.ended_at is null or g.ended_at > $2)
           group by live.id, live.account, a.kind"#,
        secret::hash(token),
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let grants = row
        .roles
        .iter()
        .zip(row.units.into_iter().zip(row.organisations.into_iter().zip(row.laboratories)))
        .map(|(role, (unit, (organisation, laboratory)))| {
            let role: Role = role.parse().map_err(StoreError::Inconsistent)?;
            Ok(Held { role, over: place::of_columns(unit, organisation, laboratory) })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(Resolved {
        session: SessionId(row.id),
        account: AccountId(row.account),
        citizen: row.kind == "citizen",
        grants,
        persons: row.persons.into_iter().map(PersonId).collect(),
    }))
}

/// What the signed-in person is shown of the own session.
#[derive(Debug)]
pub struct Details {
    pub account: Account,
    pub language: String,
    pub signed_in_at: Timestamp,
    pub expires_at: Timestamp,
    pub persons: Vec<Linked>,
}

/// A person the account is linked to.
#[derive(Debug)]
pub struct Linked {
    pub id: PersonId,
    pub initials: String,
    /// What the account's owner is to the person.
    pub relation: Relation,
}

/// # Errors
/// [`StoreError::NotFound`] when there is no such session.
pub async fn details(tx: &mut Tx, session: SessionId) -> Result<Details> {
    let row = sqlx::query!(
        "select s.account, s.signed_in_at, s.expires_at, a.language
         from session s join account a on a.id = s.account where s.id = $1",
        session.0
    )
    .fetch_one(tx.conn())
    .await?;
    let account = accounts::get(tx, AccountId(row.account)).await?;
    let persons = sqlx::query!(
        "select p.id, p.sealed, l.relation from account_person l join person p on p.id = l.person
         where l.account = $1 and l.ended_at is null order by l.at, p.id",
        row.account
    )
    .fetch_all(tx.conn())
    .await?;
    let persons = persons
        .into_iter()
        .map(|p| {
            let secret: Option<PersonSecret> = match p.sealed {
                Some(sealed) => Some(tx.keys.open(PERSON_SEALED, p.id.as_bytes(), &sealed)?),
                None => None,
            };
            Ok(Linked {
                id: PersonId(p.id),
                initials: secret.map(|s| text::initials(&s.name)).unwrap_or_default(),
                relation: p.relation.parse().map_err(StoreError::Inconsistent)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Details {
        account,
        language: row.language,
        signed_in_at: row.signed_in_at.to_jiff(),
        expires_at: row.expires_at.to_jiff(),
        persons,
    })
}

/// Ends a session.
///
/// # Errors
/// [`StoreError::NotFound`] when it has ended already.
pub async fn end(tx: &mut Tx, session: SessionId, actor: Actor) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let ended = sqlx::query!(
        "update session set ended_at = $2 where id = $1 and ended_at is null",
        session.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("session", ended.rows_affected(), 1)?;
    audit::record(
        tx,
        Entry {
            actor,
            action: "access.sign_out",
            object_kind: "session",
            object_id: session.to_string(),
            unit: None,
            detail: json!({}),
        },
    )
    .await?;
    Ok(())
}

/// A live session, as a list shows it.
#[derive(Debug)]
pub struct SessionLine {
    pub id: SessionId,
    pub kind: String,
    /// Label of the enrolled device it runs on.
    pub device: Option<String>,
    pub signed_in_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Where an account is signed in now, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn live(tx: &mut Tx, account: AccountId) -> Result<Vec<SessionLine>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let rows = sqlx::query!(
        r#"select s.id, s.kind, d.label as "device?", s.signed_in_at, s.last_seen_at, s.expires_at
           from session s left join device d on d.id = s.device
           where s.account = $1 and s.ended_at is null and s.expires_at > $2
             and s.last_seen_at + make_interval(secs => s.idle_s) > $2
           order by s.signed_in_at desc, s.id desc limit 200"#,
        account.0,
        now as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SessionLine {
            id: SessionId(r.id),
            kind: r.kind,
            device: r.device,
            signed_in_at: r.signed_in_at.to_jiff(),
            last_seen_at: r.last_seen_at.to_jiff(),
            expires_at: r.expires_at.to_jiff(),
        })
        .collect())
}

/// Signs an account out everywhere, at somebody's wish.
///
/// # Errors
/// When the database refuses.
pub async fn sign_out_everywhere(tx: &mut Tx, account: AccountId, by: Actor) -> Result<()> {
    let ended = end_all(tx, account).await?;
    let entry = Entry {
        actor: by,
        action: "access.sign_out_everywhere",
        object_kind: "account",
        object_id: account.to_string(),
        unit: None,
        detail: json!({ "sessions_ended": ended }),
    };
    audit::record(tx, entry).await.map(drop)
}

/// Ends every session of an account: suspension, reset, changed grants.
///
/// # Errors
/// When the database refuses.
pub async fn end_all(tx: &mut Tx, account: AccountId) -> Result<u64> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let ended = sqlx::query!(
        "update session set ended_at = $2 where account = $1 and ended_at is null",
        account.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(ended.rows_affected())
}
