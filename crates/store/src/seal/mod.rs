//! Sealing the audit trail: entries are bound in batches by a Merkle root, batches by a chain, the chain by a signature.
//!
//! An entry that was changed, removed or slipped in afterwards is found by [`verify`], which names it. The signing key
//! lies with the worker, outside the database: whoever owns the database alone cannot make a new chain.

mod key;
mod list;
mod merkle;
mod verify;

pub use key::{SealKey, SealVerifier};
pub use list::{SealRow, list};
pub use verify::{Finding, Report, verify};

use crate::{Result, StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use merkle::{Hash, chain, root};

/// Advisory lock of the sealer: the chain has one end.
const LOCK: i64 = 7_083_004;
/// Entries bound by one seal.
const BATCH: i64 = 10_000;
/// The chain is signed at least so often, as long as there is anything to seal.
const SIGN_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Seals waiting entries, at most one batch; answers how many were sealed.
///
/// # Errors
/// When the database refuses.
pub async fn seal_batch(tx: &mut Tx, key: &SealKey) -> Result<usize> {
    let mine = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "mine!""#, LOCK)
        .fetch_one(tx.conn())
        .await?;
    if !mine {
        return Ok(0);
    }
    let entries = sqlx::query_as!(
        EntryRow,
        r#"with taken as (
               delete from audit_pending where audit in (select audit from audit_pending order by audit limit $1)
               returning audit)
           select a.id, a.at, a.actor, a.actor_kind, a.action, a.object_kind, a.object_id, a.unit,
                  a.detail::text as "detail!"
           from audit a join taken t on t.audit = a.id order by a.id"#,
        BATCH
    )
    .fetch_all(tx.conn())
    .await?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(0) };
    let previous = sqlx::query!("select seq, chain from audit_seal order by seq desc limit 1")
        .fetch_optional(tx.conn())
        .await?;
    let (seq, before) = match previous {
        Some(row) => (row.seq + 1, hash(&row.chain)?),
        None => (1, [0; 32]),
    };
    let now = tx.world.now();
    let leaves: Vec<Hash> = entries.iter().map(EntryRow::leaf).collect();
    let root = root(&leaves);
    let chain = chain(&before, seq, &root);
    let signature = if is_signature_due(tx, now).await? { Some(key.sign(seq, now, &chain)) } else { None };
    sqlx::query!(
        "insert into audit_seal (seq, sealed_at, first_id, last_id, entries, root, chain, signature)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        seq,
        jiff_sqlx::Timestamp::from(now) as _,
        first.id,
        last.id,
        i32::try_from(entries.len()).unwrap_or(i32::MAX),
        root.as_slice(),
        chain.as_slice(),
        signature
    )
    .execute(tx.conn())
    .await?;
    let ids: Vec<uuid::Uuid> = entries.iter().map(|e| e.id).collect();
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|l| l.to_vec()).collect();
    sqlx::query!(
        "insert into audit_seal_entry (audit, seq, leaf)
         select u.id, $2, u.leaf from unnest($1::uuid[], $3::bytea[]) as u (id, leaf)",
        &ids,
        seq,
        &leaves
    )
    .execute(tx.conn())
    .await?;
    Ok(entries.len())
}

async fn is_signature_due(tx: &mut Tx, now: Timestamp) -> Result<bool> {
    let last = sqlx::query_scalar!(
        r#"select max(sealed_at) as "at?: jiff_sqlx::Timestamp" from audit_seal where signature is not null"#
    )
    .fetch_one(tx.conn())
    .await?;
    // A clock set back must not leave the chain unsigned.
    Ok(last.is_none_or(|at| {
        let since = now.duration_since(at.to_jiff());
        since >= SIGN_EVERY || since.is_negative()
    }))
}

/// A stored hash.
fn hash(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| StoreError::Inconsistent("a stored hash is not 32 bytes".into()))
}

/// An entry as it is bound.
#[derive(Debug)]
struct EntryRow {
    id: uuid::Uuid,
    at: jiff_sqlx::Timestamp,
    actor: Option<uuid::Uuid>,
    actor_kind: String,
    action: String,
    object_kind: String,
    object_id: String,
    unit: Option<i32>,
    /// As PostgreSQL writes it: `jsonb` has one text for one value.
    detail: String,
}

impl EntryRow {
    fn leaf(&self) -> Hash {
        let actor = self.actor.map(|a| a.into_bytes());
        let unit = self.unit.map(i32::to_be_bytes);
        merkle::leaf(&[
            Some(self.id.as_bytes()),
            Some(&self.at.to_jiff().as_microsecond().to_be_bytes()),
            actor.as_ref().map(<[u8; 16]>::as_slice),
            Some(self.actor_kind.as_bytes()),
            Some(self.action.as_bytes()),
            Some(self.object_kind.as_bytes()),
            Some(self.object_id.as_bytes()),
            unit.as_ref().map(<[u8; 4]>::as_slice),
            Some(self.detail.as_bytes()),
        ])
    }
}
