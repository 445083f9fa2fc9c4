//! Failed attempts, counted before they are judged.

use crate::{Result, Tx};
use greenfort_domain::access::{Attempts, Locked, Lockout};
use jiff::Timestamp;

/// What attempts are counted against.
#[derive(Debug, Clone)]
pub struct Counter {
    pub kind: &'static str,
    key: Vec<u8>,
    rule: Lockout,
}

impl Counter {
    /// `what` is hashed with the ring's key, so the table tells no login, address or phone.
    pub fn new(keys: &crate::crypt::KeyRing, kind: &'static str, what: &str, rule: Lockout) -> Self {
        Self { kind, key: keys.search_key(kind, what).to_vec(), rule }
    }
}

/// Counts one attempt against all of `counters`, or none of them when one is locked: the longest wait is given back.
/// Rows are taken in a fixed order, so attempts from everywhere wait for each other and never deadlock.
///
/// # Errors
/// When the database refuses.
pub async fn attempt(tx: &mut Tx, counters: &[Counter]) -> Result<Result<(), Locked>> {
    let now = tx.world.now();
    let mut ordered: Vec<&Counter> = counters.iter().collect();
    ordered.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    let mut next = Vec::with_capacity(ordered.len());
    let mut locked: Option<Locked> = None;
    for counter in ordered {
        match counter.rule.attempt(read(tx, counter, now).await?, now) {
            Ok(state) => next.push((counter, state)),
            Err(wait) => locked = locked.filter(|l| l.retry_after_s >= wait.retry_after_s).or(Some(wait)),
        }
    }
    if let Some(locked) = locked {
        return Ok(Err(locked));
    }
    for (counter, state) in next {
        write(tx, counter, state, now).await?;
    }
    Ok(Ok(()))
}

async fn read(tx: &mut Tx, counter: &Counter, now: Timestamp) -> Result<Attempts> {
    let row = sqlx::query!(
        "insert into throttle (kind, key, failures, last_at) values ($1, $2, 0, $3)
         on conflict (kind, key) do update set failures = throttle.failures
         returning failures, last_at, locked_until",
        counter.kind,
        counter.key,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Attempts {
        failures: u32::try_from(row.failures).unwrap_or(0),
        last_at: Some(row.last_at.to_jiff()),
        locked_until: row.locked_until.map(jiff_sqlx::Timestamp::to_jiff),
    })
}

async fn write(tx: &mut Tx, counter: &Counter, state: Attempts, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update throttle set failures = $3, last_at = $4, locked_until = $5 where kind = $1 and key = $2",
        counter.kind,
        counter.key,
        i32::try_from(state.failures).unwrap_or(i32::MAX),
        jiff_sqlx::Timestamp::from(now) as _,
        state.locked_until.map(jiff_sqlx::Timestamp::from) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The secret was right: its own counters start afresh.
///
/// # Errors
/// When the database refuses.
pub async fn forgive(tx: &mut Tx, counters: &[Counter]) -> Result<()> {
    for counter in counters {
        sqlx::query!(
            "update throttle set failures = 0, locked_until = null where kind = $1 and key = $2",
            counter.kind,
            counter.key
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// A good attempt from a shared address is taken back: only failures count against an office of forty people.
///
/// # Errors
/// When the database refuses.
pub async fn take_back(tx: &mut Tx, counters: &[Counter]) -> Result<()> {
    for counter in counters {
        sqlx::query!(
            "update throttle set failures = greatest(failures - 1, 0) where kind = $1 and key = $2",
            counter.kind,
            counter.key
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}
