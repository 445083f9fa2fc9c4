//! The chain as auditors read it.

use crate::{Result, Tx};

/// One link of the chain.
#[derive(Debug)]
pub struct SealRow {
    pub seq: i64,
    pub sealed_at: jiff_sqlx::Timestamp,
    /// Time of the earliest and latest entry.
    pub first_at: jiff_sqlx::Timestamp,
    pub last_at: jiff_sqlx::Timestamp,
    pub entries: i32,
    pub root: Vec<u8>,
    pub chain: Vec<u8>,
    pub signed: bool,
}

/// Seals, newest first, before `before`.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, before: Option<i64>, limit: i64) -> Result<Vec<SealRow>> {
    Ok(sqlx::query_as!(
        SealRow,
        r#"select s.seq, s.sealed_at, s.entries, s.root, s.chain, s.signature is not null as "signed!",
                  t.first_at as "first_at!", t.last_at as "last_at!"
           from audit_seal s
           cross join lateral (select coalesce(min(a.at), s.sealed_at) as first_at,
                                      coalesce(max(a.at), s.sealed_at) as last_at
                               from audit_seal_entry e join audit a on a.id = e.audit where e.seq = s.seq) t
           where $1::bigint is null or s.seq < $1 order by s.seq desc limit $2"#,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
