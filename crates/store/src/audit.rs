//! Who did or read what: written in the transaction of the act itself.

use crate::access::accounts::Sealed;
use crate::{Result, Tx};
use greenfort_kernel::{AccountId, AuditId, UnitId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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

/// An entry as it is read.
#[derive(Debug)]
pub struct EntryRow {
    pub id: AuditId,
    pub at: jiff_sqlx::Timestamp,
    pub actor: Option<AccountId>,
    pub actor_kind: String,
    /// Name of a staff account.
    pub actor_name: Option<String>,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub unit: Option<i32>,
    pub unit_name: Option<String>,
    pub detail: Value,
}

/// Which entries to read.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub actor: Option<AccountId>,
    /// The whole action, or a room followed by a dot.
    pub action: Option<String>,
    /// Id of the object.
    pub object: Option<String>,
    pub from: Option<jiff::Timestamp>,
    pub to: Option<jiff::Timestamp>,
    /// (time, id) of the last entry of the page before.
    pub before: Option<(jiff::Timestamp, AuditId)>,
    pub limit: i64,
}

/// Entries about units that ever lay in the transaction's area, newest first. Entries about no unit are the whole
/// province's: who has a province in the area sees them.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<EntryRow>> {
    let (before_at, before_id) = filter.before.unzip();
    let time = |at: Option<jiff::Timestamp>| at.map(jiff_sqlx::Timestamp::from);
    let mut rows = sqlx::query_as!(
        EntryRow,
        r#"select a.id as "id: AuditId", a.at, a.actor as "actor: AccountId", a.actor_kind, null as actor_name, a.action, a.object_kind,
                  a.object_id, a.unit, u.name as "unit_name?", a.detail
           from audit a left join unit u on u.id = a.unit
           where (a.unit in (select descendant from unit_ancestor where ancestor = any (area_roots()))
                  or (a.unit is null and exists
                      (select from unit p where p.id = any (area_roots()) and p.level = 'province')))
             and ($1::uuid is null or a.actor = $1)
             and ($2::text is null or a.action = $2 or (right($2, 1) = '.' and starts_with(a.action, $2)))
             and ($3::text is null or a.object_id = $3)
             and ($4::timestamptz is null or a.at >= $4)
             and ($5::timestamptz is null or a.at < $5)
             and ($6::timestamptz is null or (a.at, a.id) < ($6, $7))
           order by a.at desc, a.id desc limit $8"#,
        filter.actor.map(|a| a.0),
        filter.action.as_deref(),
        filter.object.as_deref(),
        time(filter.from) as _,
        time(filter.to) as _,
        time(before_at) as _,
        before_id.map(|id| id.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    let names = staff_names(tx, &rows).await?;
    for row in &mut rows {
        row.actor_name = row.actor.and_then(|id| names.get(&id.0).cloned());
    }
    Ok(rows)
}

/// Names of the staff accounts among the actors; a citizen's is nobody's business here.
async fn staff_names(tx: &mut Tx, rows: &[EntryRow]) -> Result<BTreeMap<uuid::Uuid, String>> {
    let ids: BTreeSet<uuid::Uuid> = rows.iter().filter_map(|r| r.actor.map(|a| a.0)).collect();
    let ids: Vec<uuid::Uuid> = ids.into_iter().collect();
    let accounts =
        sqlx::query!("select id, sealed from account where id = any ($1) and kind <> 'citizen'", &ids)
            .fetch_all(tx.conn())
            .await?;
    let mut names = BTreeMap::new();
    for account in accounts {
        let sealed: Sealed = tx.keys.open("account.sealed", account.id.as_bytes(), &account.sealed)?;
        names.insert(account.id, sealed.name);
    }
    Ok(names)
}
