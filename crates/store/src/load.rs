//! Progress of long loads, for the banner on every page.

use crate::{Result, Tx};
use std::collections::HashSet;

/// A load that has not finished.
#[derive(Debug)]
pub struct Running {
    pub step: String,
    pub done: i64,
    pub total: i64,
}

/// # Errors
/// When the database refuses.
pub async fn running(tx: &mut Tx) -> Result<Option<Running>> {
    Ok(sqlx::query_as!(
        Running,
        "select step, done, total from load_progress where finished_at is null order by started_at limit 1"
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Begins or moves on a load.
///
/// # Errors
/// When the database refuses.
pub async fn report(tx: &mut Tx, id: &str, step: &str, done: i64, total: i64) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "insert into load_progress (id, step, done, total, started_at) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set step = $2, done = $3, total = $4, finished_at = null",
        id,
        step,
        done,
        total,
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// # Errors
/// When the database refuses.
pub async fn finish(tx: &mut Tx, id: &str) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!("update load_progress set finished_at = $2, done = total where id = $1", id, now as _)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The load whose id begins with `prefix`, if one was ever begun.
///
/// # Errors
/// When the database refuses.
pub async fn begun(tx: &mut Tx, prefix: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select id from load_progress where starts_with(id, $1) limit 1", prefix)
        .fetch_optional(tx.conn())
        .await?)
}

/// The completed loads whose id begins with `prefix`, without it.
///
/// # Errors
/// When the database refuses.
pub async fn finished(tx: &mut Tx, prefix: &str) -> Result<HashSet<String>> {
    let ids = sqlx::query_scalar!(
        r#"select substr(id, length($1) + 1) as "id!" from load_progress
           where starts_with(id, $1) and finished_at is not null"#,
        prefix
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().collect())
}

/// True when the load was once completed.
///
/// # Errors
/// When the database refuses.
pub async fn is_finished(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from load_progress where id = $1 and finished_at is not null) as "is!""#,
        id
    )
    .fetch_one(tx.conn())
    .await?)
}
