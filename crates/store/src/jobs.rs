//! Side effects as jobs: enqueued in the transaction that causes them, carried out by the worker, once or again.
//!
//! A job is known by (kind, unique key): enqueueing it twice is enqueueing it once. It is leased, not locked: when a
//! worker dies, the lease runs out and another takes the job. Handlers therefore have to be idempotent.

use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_kernel::JobId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The channel on which commits of new jobs are announced.
pub const CHANNEL: &str = "greenfort_job";
/// Times a job is tried before it is given up: with doubling pauses about eight hours.
pub const MOST_ATTEMPTS: i32 = 12;
const FIRST_PAUSE_S: i64 = 15;
const LONGEST_PAUSE_S: i64 = 2 * 3600;

/// A job to be done, not before `run_at`.
#[derive(Debug)]
pub struct NewJob<'a> {
    pub kind: &'a str,
    pub unique_key: String,
    /// Ids the handler needs; no personal data.
    pub payload: Value,
    pub run_at: Timestamp,
}

/// A job this worker may carry out until the lease ends.
#[derive(Debug, Clone)]
pub struct Leased {
    pub id: JobId,
    pub kind: String,
    pub unique_key: String,
    pub payload: Value,
    /// Which attempt this is, from 1; also tells this lease from a later one.
    pub attempt: i32,
}

/// What became of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    AgainAt(Timestamp),
    GivenUp,
}

/// A job that stands in the way of "all done".
#[derive(Debug)]
pub struct Unfinished {
    pub id: JobId,
    pub kind: String,
    pub unique_key: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub given_up: bool,
}

/// Enqueues one job. False: the same job was enqueued before.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(tx: &mut Tx, job: NewJob<'_>) -> Result<bool> {
    Ok(enqueue_all(tx, vec![job]).await? == 1)
}

/// Enqueues a set in one statement; answers how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_all(tx: &mut Tx, jobs: Vec<NewJob<'_>>) -> Result<u64> {
    let ids: Vec<uuid::Uuid> = jobs.iter().map(|_| tx.world.id::<JobId>().0).collect();
    let kinds: Vec<String> = jobs.iter().map(|j| j.kind.to_owned()).collect();
    let times: Vec<jiff_sqlx::Timestamp> = jobs.iter().map(|j| j.run_at.into()).collect();
    let (keys, payloads): (Vec<String>, Vec<Value>) =
        jobs.into_iter().map(|j| (j.unique_key, j.payload)).unzip();
    let new = sqlx::query!(
        "insert into job (id, kind, unique_key, payload, run_at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[])
         on conflict (kind, unique_key) do nothing",
        &ids,
        &kinds,
        &keys,
        &payloads,
        &times as _
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if new > 0 {
        sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx.conn()).await?;
    }
    Ok(new)
}

/// Leases up to `limit` due jobs of the kinds this worker knows. Workers do not wait for each other.
///
/// # Errors
/// When the database refuses.
pub async fn lease(tx: &mut Tx, kinds: &[String], limit: i64, lease: SignedDuration) -> Result<Vec<Leased>> {
    let now = tx.world.now();
    let until = now.saturating_add(lease).unwrap_or(now);
    let rows = sqlx::query!(
        "update job set attempts = attempts + 1, leased_until = $4
         where id in (
             select id from job
             where finished_at is null and failed_at is null and run_at <= $2 and kind = any ($1)
               and (leased_until is null or leased_until <= $2)
             order by run_at limit $3 for update skip locked)
         returning id, kind, unique_key, payload, attempts",
        kinds,
        jiff_sqlx::Timestamp::from(now) as _,
        limit,
        jiff_sqlx::Timestamp::from(until) as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Leased {
            id: JobId(r.id),
            kind: r.kind,
            unique_key: r.unique_key,
            payload: r.payload,
            attempt: r.attempts,
        })
        .collect())
}

/// Marks a job as done.
///
/// # Errors
/// `NotFound` when the lease ran out and somebody else has the job now; the work was then done twice, which handlers bear.
pub async fn finish(tx: &mut Tx, job: &Leased) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let done = sqlx::query!(
        "update job set finished_at = $3, leased_until = null, last_error = null
         where id = $1 and attempts = $2 and finished_at is null",
        job.id.0,
        job.attempt,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("leased job", done.rows_affected(), 1)
}

/// Notes a failed attempt: again after a doubling pause, or given up after [`MOST_ATTEMPTS`].
///
/// # Errors
/// `NotFound` when the lease ran out and somebody else has the job now.
pub async fn fail(tx: &mut Tx, job: &Leased, error: &str) -> Result<AfterFailure> {
    let now = tx.world.now();
    let after = if job.attempt >= MOST_ATTEMPTS {
        AfterFailure::GivenUp
    } else {
        let doubled = FIRST_PAUSE_S << (job.attempt - 1).clamp(0, 20);
        let pause = SignedDuration::from_secs(doubled.min(LONGEST_PAUSE_S));
        AfterFailure::AgainAt(now.saturating_add(pause).unwrap_or(now))
    };
    let (run_at, failed_at) = match after {
        AfterFailure::AgainAt(at) => (at, None),
        AfterFailure::GivenUp => (now, Some(jiff_sqlx::Timestamp::from(now))),
    };
    let noted = sqlx::query!(
        "update job set leased_until = null, last_error = $3, run_at = $4, failed_at = $5
         where id = $1 and attempts = $2 and finished_at is null",
        job.id.0,
        job.attempt,
        error.chars().take(500).collect::<String>(),
        jiff_sqlx::Timestamp::from(run_at) as _,
        failed_at as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("leased job", noted.rows_affected(), 1)?;
    Ok(after)
}

/// An operator wants a job that was given up tried again, now.
///
/// # Errors
/// `NotFound` when there is no such job that was given up.
pub async fn set_back(tx: &mut Tx, id: JobId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let set = sqlx::query!(
        "update job set failed_at = null, attempts = 0, run_at = $2, leased_until = null
         where id = $1 and failed_at is not null",
        id.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("job that was given up", set.rows_affected(), 1)?;
    sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx.conn()).await?;
    Ok(())
}

/// Jobs neither finished nor due in the future: waiting, being tried, or given up. `due_only` leaves out what is still to come.
///
/// # Errors
/// When the database refuses.
pub async fn unfinished(tx: &mut Tx, due_only: bool) -> Result<Vec<Unfinished>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    Ok(sqlx::query_as!(
        Unfinished,
        r#"select id as "id: JobId", kind, unique_key, attempts, last_error, failed_at is not null as "given_up!" from job
           where finished_at is null and (not $1 or run_at <= $2) order by run_at limit 1000"#,
        due_only,
        now as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// How long the oldest due job has waited, and how many were given up: for metrics and the doctor.
#[derive(Debug, Default)]
pub struct Backlog {
    pub due: i64,
    pub given_up: i64,
    pub oldest_s: f64,
}

/// # Errors
/// When the database refuses.
pub async fn backlog(tx: &mut Tx) -> Result<Backlog> {
    let now = tx.world.now();
    let row = sqlx::query!(
        r#"select count(*) filter (where failed_at is null and run_at <= $1) as "due!",
                  count(*) filter (where failed_at is not null) as "given_up!",
                  min(run_at) filter (where failed_at is null and run_at <= $1) as oldest
           from job where finished_at is null"#,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .fetch_one(tx.conn())
    .await?;
    let oldest_s = row.oldest.map_or(0.0, |at| now.duration_since(at.to_jiff()).as_secs_f64());
    Ok(Backlog { due: row.due, given_up: row.given_up, oldest_s })
}

/// Listens for [`CHANNEL`] on a connection of its own.
///
/// # Errors
/// When the database cannot be reached.
pub async fn listen(db: &crate::Db) -> Result<sqlx::postgres::PgListener> {
    let mut listener = db.listener().await?;
    listener.listen(CHANNEL).await.map_err(StoreError::from)?;
    Ok(listener)
}
