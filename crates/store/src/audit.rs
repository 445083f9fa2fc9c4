//! Who did or read what: written in the transaction of the act itself.

use crate::{Result, Tx};
use greenfort_kernel::{AccountId, AuditId, UnitId};
use serde_json::Value;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Account(AccountId),
    Citizen(AccountId),
    Worker,
    System,
}

impl Actor {
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) | Self::Citizen(id) => Some(id),
            Self::Worker | Self::System => None,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Citizen(_) => "citizen",
            Self::Worker => "worker",
            Self::System => "system",
        }
    }
}

/// One entry: ids and facts, never a name.
#[derive(Debug)]
pub struct Entry<'a> {
    pub actor: Actor,
    /// `room.verb`, e.g. `registry.read_person`.
    pub action: &'a str,
    pub object_kind: &'a str,
    pub object_id: String,
    pub unit: Option<UnitId>,
    pub detail: Value,
}

/// # Errors
/// When the database refuses.
pub async fn record(tx: &mut Tx, entry: Entry<'_>) -> Result<AuditId> {
    let id: AuditId = tx.world.id();
    let at = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "insert into audit (id, at, actor, actor_kind, action, object_kind, object_id, unit, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        at as _,
        entry.actor.account().map(|a| a.0),
        entry.actor.kind(),
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.unit.map(|u| u.0),
        entry.detail
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}
