//! Verifying the trail: every entry against its leaf, every batch against its root, the chain, and its signatures.

use super::merkle::{Hash, chain, root};
use super::{EntryRow, SealVerifier, hash};
use crate::{Result, Tx};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Something that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The entry says something else than when it was sealed.
    Changed { entry: Uuid, seq: i64 },
    /// The entry was sealed and is gone.
    Removed { entry: Uuid, seq: i64 },
    /// The batch is not the one that was sealed: entries were taken out, put in, or leaves rewritten.
    Batch { seq: i64, sealed: i32, found: usize },
    /// A position of the chain is missing.
    Gap { seq: i64 },
    /// The chain value does not follow from the one before.
    Chain { seq: i64 },
    /// The signature is not by our key.
    Signature { seq: i64 },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed { entry, seq } => {
                write!(f, "entry {entry} (seal {seq}) was changed after it was sealed")
            }
            Self::Removed { entry, seq } => write!(f, "entry {entry} (seal {seq}) was removed"),
            Self::Batch { seq, sealed, found } => {
                write!(f, "seal {seq} bound {sealed} entries; the {found} found now are not those")
            }
            Self::Gap { seq } => write!(f, "seal {seq} is missing"),
            Self::Chain { seq } => write!(f, "seal {seq} does not follow from the one before"),
            Self::Signature { seq } => {
                write!(f, "the signature of seal {seq} is not by this installation's key")
            }
        }
    }
}

/// What a verification found.
#[derive(Debug, Default)]
pub struct Report {
    pub seals: i64,
    pub entries: u64,
    pub signatures: u64,
    /// Highest signed position: everything up to it is bound by a signature.
    pub signed_up_to: i64,
    /// Entries waiting for the sealer; more than a few seconds old is a worker that stands still.
    pub unsealed: Vec<Uuid>,
    pub findings: Vec<Finding>,
}

/// Entries named one by one; more are counted by the seals that hold them.
const NAMED: i64 = 1000;

/// Verifies the whole trail, seal by seal.
///
/// # Errors
/// When the database refuses or holds what is no hash.
pub async fn verify(tx: &mut Tx, verifier: &SealVerifier) -> Result<Report> {
    let mut report = Report::default();
    let mut before: Hash = [0; 32];
    let mut expected = 1;
    loop {
        let seals = sqlx::query!(
            r#"select seq, sealed_at as "sealed_at: jiff_sqlx::Timestamp", entries, root, chain, signature
               from audit_seal where seq >= $1 order by seq limit 500"#,
            expected
        )
        .fetch_all(tx.conn())
        .await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            while expected < seal.seq {
                report.findings.push(Finding::Gap { seq: expected });
                expected += 1;
            }
            let stored_chain = hash(&seal.chain)?;
            check_batch(tx, seal.seq, seal.entries, &seal.root, &seal.chain, Some(&before), &mut report)
                .await?;
            if let Some(signature) = &seal.signature {
                report.signatures += 1;
                if verifier.verifies(seal.seq, seal.sealed_at.to_jiff(), &stored_chain, signature) {
                    report.signed_up_to = seal.seq;
                } else {
                    report.findings.push(Finding::Signature { seq: seal.seq });
                }
            }
            before = stored_chain;
            expected = seal.seq + 1;
            report.seals += 1;
        }
    }
    report.unsealed = sqlx::query_scalar!(
        "select a.id from audit a left join audit_seal_entry e on e.audit = a.id
         where e.audit is null order by a.id limit $1",
        NAMED
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(report)
}

/// Compares one batch with its root and its place in the chain. Without a seal before it only the first may stand.
pub(super) async fn check_batch(
    tx: &mut Tx,
    seq: i64,
    sealed: i32,
    stored_root: &[u8],
    stored_chain: &[u8],
    before: Option<&[u8]>,
    report: &mut Report,
) -> Result<()> {
    let stored_root = hash(stored_root)?;
    let leaves = check_entries(tx, seq, report).await?;
    if leaves.len() != usize::try_from(sealed).unwrap_or(0) || root(&leaves) != stored_root {
        report.findings.push(Finding::Batch { seq, sealed, found: leaves.len() });
    }
    let before = before.map_or(Ok([0; 32]), hash)?;
    if chain(&before, seq, &stored_root) != stored_chain {
        report.findings.push(Finding::Chain { seq });
    }
    Ok(())
}

/// Compares the entries of one seal with their leaves; answers the leaves as stored, in order.
async fn check_entries(tx: &mut Tx, seq: i64, report: &mut Report) -> Result<Vec<Hash>> {
    let leaves = sqlx::query!("select audit, leaf from audit_seal_entry where seq = $1 order by audit", seq)
        .fetch_all(tx.conn())
        .await?;
    let entries: BTreeMap<Uuid, EntryRow> = sqlx::query_as!(
        EntryRow,
        r#"select a.id, a.at, a.actor, a.actor_kind, a.action, a.object_kind, a.object_id, a.unit,
                  a.detail::text as "detail!"
           from audit a join audit_seal_entry e on e.audit = a.id where e.seq = $1"#,
        seq
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|entry| (entry.id, entry))
    .collect();
    let mut stored = Vec::with_capacity(leaves.len());
    for row in leaves {
        let leaf = hash(&row.leaf)?;
        match entries.get(&row.audit) {
            None => report.findings.push(Finding::Removed { entry: row.audit, seq }),
            Some(entry) if entry.leaf() != leaf => {
                report.findings.push(Finding::Changed { entry: row.audit, seq });
            }
            Some(_) => {}
        }
        stored.push(leaf);
        report.entries += 1;
    }
    Ok(stored)
}
