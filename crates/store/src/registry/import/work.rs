//! What the worker writes down of an import: that it runs, how far it is, how it ended.

use super::{Counts, FAULTS_SEALED, Import, ShownFault, find};
use crate::{Result, Tx, expect_rows};
use greenfort_kernel::ImportId;

/// Shows how far a run is.
///
/// # Errors
/// When the database refuses.
pub async fn set_progress(tx: &mut Tx, import: ImportId, phase: &str, done: i64, total: i64) -> Result<()> {
    sqlx::query!(
        "insert into person_import_progress (import, phase, done, total) values ($1, $2, $3, $4)
         on conflict (import) do update set phase = excluded.phase, done = excluded.done, total = excluded.total",
        import.0,
        phase,
        done,
        total
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended<'a> {
    /// `applied`, `refused` or `failed`.
    pub status: &'a str,
    pub sha256: Option<&'a [u8]>,
    pub counts: Option<Counts>,
    pub faults: &'a [ShownFault],
    pub failure: Option<&'a str>,
}

/// Writes down how a run ended, in the transaction that applied it.
///
/// # Errors
/// When the database refuses.
pub async fn end(tx: &mut Tx, import: ImportId, ended: &Ended<'_>) -> Result<()> {
    let faults =
        (!ended.faults.is_empty()).then(|| tx.keys.seal(FAULTS_SEALED, import.0.as_bytes(), &ended.faults));
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let c = ended.counts;
    let done = sqlx::query!(
        "update person_import set status = $2, sha256 = $3, faults = $4, failure = $5, rows = $6, other_lines = $7,
                created = $8, updated = $9, unchanged = $10, rejected = $11, finished_at = $12
         where id = $1",
        import.0,
        ended.status,
        ended.sha256,
        faults,
        ended.failure,
        c.map(|c| c.rows),
        c.map(|c| c.other_lines),
        c.map(|c| c.created),
        c.map(|c| c.updated),
        c.map(|c| c.unchanged),
        c.map(|c| c.rejected),
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("import", done.rows_affected(), 1)?;
    sqlx::query!("delete from person_import_progress where import = $1", import.0).execute(tx.conn()).await?;
    if ended.status == "applied" {
        // The sheet has done its work.
        sqlx::query!("delete from person_import_part where import = $1 and purpose = 'sheet'", import.0)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Claims an import for this run; none when another worker has it or it is done. The lock lets progress refer to the row.
///
/// # Errors
/// When the database refuses.
pub async fn claim(tx: &mut Tx, id: ImportId) -> Result<Option<Import>> {
    let free = sqlx::query_scalar!(
        "select id from person_import where id = $1 and status in ('waiting', 'running') for no key update skip locked",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    match free {
        Some(_) => Ok(Some(find(tx, id, None).await?)),
        None => Ok(None),
    }
}

/// Marks an import as running; false when it is neither waiting nor running.
///
/// # Errors
/// When the database refuses.
pub async fn set_running(tx: &mut Tx, id: ImportId) -> Result<bool> {
    let done = sqlx::query!(
        "update person_import set status = 'running' where id = $1 and status in ('waiting', 'running')",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from person_import_part where import = $1 and purpose = 'rejected'", id.0)
        .execute(tx.conn())
        .await?;
    Ok(true)
}
