//! What people ask about their own data: requests with deadlines, who looked, erasure.

use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, PersonId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the sealed column is bound to.
pub const REQUEST_SEALED: &str = "data_request.sealed";

/// Free text of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestText {
    /// Who asked, how, and what exactly.
    pub asked: String,
    /// Why it was answered as it was.
    #[serde(default)]
    pub answered: String,
}

/// A request as it is read.
#[derive(Debug)]
pub struct Request {
    pub id: Uuid,
    pub person: PersonId,
    pub kind: String,
    pub received_at: Timestamp,
    pub due_at: Timestamp,
    pub outcome: Option<String>,
    pub closed_at: Option<Timestamp>,
    pub text: RequestText,
}

/// Enters a request.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    tx: &mut Tx,
    person: PersonId,
    kind: &str,
    asked: &str,
    (received_at, due_at): (Timestamp, Timestamp),
    by: AccountId,
) -> Result<Uuid> {
    let (id, now): (Uuid, _) = (tx.world.id(), tx.world.now());
    let text = RequestText { asked: asked.to_owned(), answered: String::new() };
    let sealed = tx.keys.seal(REQUEST_SEALED, id.as_bytes(), &text);
    sqlx::query!(
        "insert into data_request (id, person, kind, sealed, received_at, due_at, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        person.0,
        kind,
        sealed,
        received_at.to_sqlx() as _,
        due_at.to_sqlx() as _,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Requests of the area: the open ones by deadline, or all of one person, or one alone.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn requests(
    tx: &mut Tx,
    only: Option<Uuid>,
    person: Option<PersonId>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Request>> {
    let (after_at, after_id) = after.unzip();
    let rows = sqlx::query!(
        r#"select id, person as "person: PersonId", kind, sealed, received_at as "received_at: jiff_sqlx::Timestamp",
                  due_at as "due_at: jiff_sqlx::Timestamp", outcome, closed_at as "closed_at: jiff_sqlx::Timestamp"
           from data_request
           where ($1::uuid is null or id = $1) and ($2::uuid is null or person = $2)
             and ($1 is not null or $2 is not null or outcome is null)
             and ($3::timestamptz is null or (due_at, id) > ($3, $4))
           order by due_at, id limit $5"#,
        only,
        person.map(|p| p.0),
        after_at.map(|t| t.to_sqlx()) as _,
        after_id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            let text = match &r.sealed {
                Some(sealed) => tx.keys.open(REQUEST_SEALED, r.id.as_bytes(), sealed)?,
                None => RequestText::default(),
            };
            Ok(Request {
                id: r.id,
                person: r.person,
                kind: r.kind,
                received_at: r.received_at.to_jiff(),
                due_at: r.due_at.to_jiff(),
                outcome: r.outcome,
                closed_at: r.closed_at.map(jiff_sqlx::Timestamp::to_jiff),
                text,
            })
        })
        .collect()
}

/// Answers a request.
///
/// # Errors
/// `Conflict` when it was answered before.
pub async fn close(
    tx: &mut Tx,
    request: &Request,
    outcome: &str,
    answered: &str,
    by: AccountId,
) -> Result<()> {
    let now = tx.world.now();
    let text = RequestText { asked: request.text.asked.clone(), answered: answered.to_owned() };
    let sealed = tx.keys.seal(REQUEST_SEALED, request.id.as_bytes(), &text);
    let done = sqlx::query!(
        "update data_request set outcome = $2, closed_by = $3, closed_at = $4, sealed = $5 where id = $1 and outcome is null",
        request.id,
        outcome,
        by.0,
        now.to_sqlx() as _,
        sealed
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("request")) }
}

/// From now on the record is kept and not changed.
///
/// # Errors
/// `NotFound` when there is no such person in the area.
pub async fn restrict(tx: &mut Tx, id: PersonId) -> Result<()> {
    let today = tx.world.today();
    let done = sqlx::query!(
        "update person set restricted_on = coalesce(restricted_on, $2) where id = $1",
        id.0,
        today.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("person", done.rows_affected(), 1)
}

/// From now on the record may be changed again.
///
/// # Errors
/// `NotFound` when there is no such person in the area.
pub async fn resume(tx: &mut Tx, id: PersonId) -> Result<()> {
    let done =
        sqlx::query!("update person set restricted_on = null where id = $1", id.0).execute(tx.conn()).await?;
    expect_rows("person", done.rows_affected(), 1)
}

/// Destroys what names a person: the sealed columns and every hash that would find them, also of records merged into this
/// one. What stays is a tombstone: an id, a hamlet, a year of birth and a sex, without which figures would not add up.
///
/// # Errors
/// `Conflict` when it was erased before.
pub async fn erase(tx: &mut Tx, id: PersonId) -> Result<()> {
    let (now, today) = (tx.world.now(), tx.world.today());
    let erased = sqlx::query_scalar!(
        r#"update person set sealed = null, name_keys = '{}', id_key = null, id_tail_key = null, phone_key = null,
               insurance_key = null, code = null, relation = 'member', removed = 'erased', removed_on = $2, merged_into = null
           where (id = $1 or merged_into = $1) and removed is distinct from 'erased' returning id"#,
        id.0,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    if !erased.contains(&id.0) {
        return Err(StoreError::Conflict("person"));
    }
    sqlx::query("update person set sheet_key = null where id = any ($1)")
        .bind(&erased)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update person_merge set sealed = null where kept = any ($1) or dropped = any ($1)",
        &erased
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("update data_request set sealed = null where person = any ($1)", &erased)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update account_person set ended_at = $2 where person = any ($1) and ended_at is null",
        &erased,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update person_card set revoked_at = $2 where person = any ($1) and revoked_at is null",
        &erased,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One reading or change of a person's record.
#[derive(Debug)]
pub struct Reading {
    pub id: Uuid,
    pub at: jiff_sqlx::Timestamp,
    pub action: String,
    pub actor_kind: String,
    /// Where the account that looked belongs.
    pub office: Option<String>,
    /// Roles it holds now.
    pub roles: Vec<String>,
}

/// Who looked at a person's record or changed it, newest first. The person must be visible to the transaction.
///
/// # Errors
/// `NotFound` otherwise.
pub async fn readings(
    tx: &mut Tx,
    id: PersonId,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Reading>> {
    super::person::get(tx, id).await?;
    let (before_at, before_id) = before.unzip();
    Ok(sqlx::query_as!(
        Reading,
        r#"select a.id, a.at, a.action, a.actor_kind, u.name as "office?",
                  coalesce(array(select distinct g.role from account_grant g
                                 where g.account = c.id and g.ended_at is null order by 1), '{}') as "roles!"
           from audit a left join account c on c.id = a.actor left join unit u on u.id = c.unit
           where a.object_kind = 'person' and a.object_id = $1
             and ($2::timestamptz is null or (a.at, a.id) < ($2, $3))
           order by a.at desc, a.id desc limit $4"#,
        id.to_string(),
        before_at.map(|t| t.to_sqlx()) as _,
        before_id,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
