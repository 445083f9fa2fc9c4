//! The chain as auditors read it.

use super::verify::{Report, check_batch};
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
    /// The entries are the ones that were sealed, and the chain value follows from the one before.
    pub verified: bool,
}

/// Seals, newest first, before `before`.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, before: Option<i64>, limit: i64) -> Result<Vec<SealRow>> {
    let seals = sqlx::query!(
        r#"select s.seq, s.sealed_at as "sealed_at: jiff_sqlx::Timestamp", s.entries, s.root, s.chain,
                  s.signature is not null as "signed!", p.chain as "before?",
                  t.first_at as "first_at!: jiff_sqlx::Timestamp", t.last_at as "last_at!: jiff_sqlx::Timestamp"
           from audit_seal s left join audit_seal p on p.seq = s.seq - 1
           cross join lateral (select coalesce(min(a.at), s.sealed_at) as first_at,
                                      coalesce(max(a.at), s.sealed_at) as last_at
                               from audit_seal_entry e join audit a on a.id = e.audit where e.seq = s.seq) t
           where $1::bigint is null or s.seq < $1 order by s.seq desc limit $2"#,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut rows = Vec::with_capacity(seals.len());
    for seal in seals {
        let mut report = Report::default();
        check_batch(tx, seal.seq, seal.entries, &seal.root, &seal.chain, seal.before.as_deref(), &mut report)
            .await?;
        rows.push(SealRow {
            seq: seal.seq,
            sealed_at: seal.sealed_at,
            first_at: seal.first_at,
            last_at: seal.last_at,
            entries: seal.entries,
            root: seal.root,
            chain: seal.chain,
            signed: seal.signed,
            verified: report.findings.is_empty(),
        });
    }
    Ok(rows)
}
