//! Accounts and their grants: making, reading, finding.

use super::place::{self, Place};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Held;
use greenfort_kernel::{
    AccountId, AccountKind, AccountStatus, BadgeBatchId, GrantId, Over, Role, UnitId, text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A grant in force, with the name of what it is held over.
#[derive(Debug, Clone)]
pub struct GrantRow {
    pub role: Role,
    pub place: Place,
    pub until: Option<Timestamp>,
}

impl GrantRow {
    pub fn held(&self) -> Held {
        Held { role: self.role, over: self.place.over() }
    }
}

#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub login: Option<String>,
    pub name: String,
    pub kind: AccountKind,
    pub status: AccountStatus,
    pub unit: Option<UnitId>,
    pub grants: Vec<GrantRow>,
    pub last_seen_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub version: i32,
}

/// What stands sealed in an account's row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sealed {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

pub(super) const SEALED: &str = "account.sealed";

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub login: Option<String>,
    pub name: String,
    pub kind: AccountKind,
    pub unit: Option<UnitId>,
    pub phone_key: Option<Vec<u8>>,
    pub demo_role: Option<Role>,
    /// Active from the start: its owner has proved to have it.
    pub active: bool,
    pub ends_at: Option<Timestamp>,
    pub batch: Option<BadgeBatchId>,
    pub created_by: Option<AccountId>,
}

impl NewAccount {
    pub fn office(login: &str, name: &str, unit: Option<UnitId>) -> Self {
        Self {
            login: Some(login.to_owned()),
            name: name.to_owned(),
            kind: AccountKind::Office,
            unit,
            phone_key: None,
            demo_role: None,
            active: false,
            ends_at: None,
            batch: None,
            created_by: None,
        }
    }

    pub fn citizen(phone_key: Option<Vec<u8>>) -> Self {
        Self {
            kind: AccountKind::Citizen,
            login: None,
            phone_key,
            active: true,
            ..Self::office("", "", None)
        }
    }
}

/// # Errors
/// [`StoreError::Conflict`] when the login is taken.
pub async fn create(tx: &mut Tx, new: &NewAccount) -> Result<AccountId> {
    let id: AccountId = tx.world.id();
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let sealed = tx.keys.seal(SEALED, id.0.as_bytes(), &Sealed { name: new.name.clone(), phone: None });
    let name_keys = crate::crypt::name_row_keys(&tx.keys, &text::fold(&new.name));
    sqlx::query!(
        "insert into account (id, kind, login, unit, sealed, name_keys, phone_key, demo_role, batch, created_by,
                              created_at, activated_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id.0,
        new.kind.as_str(),
        new.login.as_ref().map(|l| l.to_lowercase()),
        new.unit.map(|u| u.0),
        sealed,
        &name_keys,
        new.phone_key,
        new.demo_role.map(Role::as_str),
        new.batch.map(|b| b.0),
        new.created_by.map(|a| a.0),
        now as _,
        new.active.then_some(now) as _,
        new.ends_at.map(jiff_sqlx::Timestamp::from) as _
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match StoreError::from(error) {
        e if e.constraint() == Some("account_login_key") => StoreError::Conflict("login"),
        e => e,
    })?;
    Ok(id)
}

/// Gives a role over an area or a place.
///
/// # Errors
/// [`StoreError::Conflict`] when it is held already.
pub async fn grant(
    tx: &mut Tx,
    account: AccountId,
    held: Held,
    until: Option<Timestamp>,
    by: Option<AccountId>,
) -> Result<GrantId> {
    let id: GrantId = tx.world.id();
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let (unit, organisation, laboratory) = place::columns(held.over);
    sqlx::query!(
        "insert into account_grant (id, account, role, unit, organisation, laboratory, from_at, until, granted_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        account.0,
        held.role.as_str(),
        unit,
        organisation,
        laboratory,
        now as _,
        until.map(jiff_sqlx::Timestamp::from) as _,
        by.map(|a| a.0)
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match StoreError::from(error) {
        e if e.is_unique_violation() => StoreError::Conflict("grant"),
        e => e,
    })?;
    Ok(id)
}

/// Takes a role away.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not held.
pub async fn end_grant(tx: &mut Tx, account: AccountId, held: Held) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let (unit, organisation, laboratory) = place::columns(held.over);
    let ended = sqlx::query!(
        "update account_grant set ended_at = $6
         where account = $1 and role = $2 and unit is not distinct from $3 and organisation is not distinct from $4
           and laboratory is not distinct from $5 and ended_at is null",
        account.0,
        held.role.as_str(),
        unit,
        organisation,
        laboratory,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("grant", ended.rows_affected(), 1)
}

/// Which accounts to list; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Roots of the areas whose accounts are seen; None: whatever area (for one account by id).
    pub area: Option<Vec<UnitId>>,
    pub id: Option<AccountId>,
    /// Folded words of the name, or the beginning of the login.
    pub query: Option<String>,
    pub role: Option<Role>,
    pub unit: Option<UnitId>,
    pub status: Option<AccountStatus>,
    pub after: Option<AccountId>,
    pub limit: i64,
}

/// Staff accounts, newest first. (Citizens have no unit and are in nobody's list.)
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &AccountFilter) -> Result<Vec<Account>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let today = jiff_sqlx::Date::from(tx.world.today());
    let area: Option<Vec<i32>> = filter.area.as_ref().map(|roots| roots.iter().map(|u| u.0).collect());
    let name_keys: Vec<i64> = filter
        .query
        .as_deref()
        .map(|query| crate::crypt::name_query_keys(&tx.keys, query))
        .unwrap_or_default();
    let rows = sqlx::query!(
        r#"select a.id, a.login, a.kind, a.unit, a.sealed, a.ends_at, a.version, v.status as "status!",
                  (select max(s.last_seen_at) from session s where s.account = a.id)
                      as "last_seen_at?: jiff_sqlx::Timestamp"
           from account a cross join lateral (select case
               when a.ends_at <= $1 then 'ended' when a.suspended_at is not null then 'suspended'
               when a.activated_at is null then 'invited' else 'active' end as status) v
           where ($2::int[] is null or unit_lies_in(a.unit, $2, $3))
             and ($4::uuid is null or a.id = $4)
             and ($5::text is null or a.login like replace(replace($5, '%', ''), '_', '\_') || '%'
                  or (cardinality($6::bigint[]) > 0 and a.name_keys @> $6))
             and ($7::text is null and $8::int is null or exists (select from account_grant g
                  where g.account = a.id and g.ended_at is null and (g.until is null or g.until > $1)
                    and ($7::text is null or g.role = $7) and ($8::int is null or unit_lies_in(unit_of_grant(g), array[$8], $3))))
             and ($9::text is null or v.status = $9)
             and ($10::uuid is null or a.id < $10)
           order by a.id desc limit $11"#,
        now as _,
        area.as_deref() as _,
        today as _,
        filter.id.map(|a| a.0),
        filter.query,
        &name_keys,
        filter.role.map(Role::as_str),
        filter.unit.map(|u| u.0),
        filter.status.map(AccountStatus::as_str),
        filter.after.map(|a| a.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let sealed: Sealed = tx.keys.open(SEALED, row.id.as_bytes(), &row.sealed)?;
        accounts.push(Account {
            id: AccountId(row.id),
            login: row.login,
            name: sealed.name,
            kind: row.kind.parse().map_err(StoreError::Inconsistent)?,
            status: row.status.parse().map_err(StoreError::Inconsistent)?,
            unit: row.unit.map(UnitId),
            grants: Vec::new(),
            last_seen_at: row.last_seen_at.map(jiff_sqlx::Timestamp::to_jiff),
            ends_at: row.ends_at.map(jiff_sqlx::Timestamp::to_jiff),
            version: row.version,
        });
    }
    add_grants(tx, &mut accounts).await?;
    Ok(accounts)
}

/// One account, whatever its area.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub async fn get(tx: &mut Tx, id: AccountId) -> Result<Account> {
    let filter = AccountFilter { id: Some(id), limit: 1, ..AccountFilter::default() };
    list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("account"))
}

/// One account of these areas, or nothing that tells it from none.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not there or elsewhere.
pub async fn get_in_area(tx: &mut Tx, id: AccountId, area: &[UnitId]) -> Result<Account> {
    let filter =
        AccountFilter { id: Some(id), area: Some(area.to_vec()), limit: 1, ..AccountFilter::default() };
    list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("account"))
}

async fn add_grants(tx: &mut Tx, accounts: &mut [Account]) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let ids: Vec<uuid::Uuid> = accounts.iter().map(|a| a.id.0).collect();
    let rows = sqlx::query!(
        "select account, role, unit, organisation, laboratory, until from account_grant
         where account = any ($1) and from_at <= $2 and (until is null or until > $2)
           and (ended_at is null or ended_at > $2)
         order by id",
        &ids,
        now as _
    )
    .fetch_all(tx.conn())
    .await?;
    let overs: Vec<Over> =
        rows.iter().map(|r| place::of_columns(r.unit, r.organisation, r.laboratory)).collect();
    let places = place::by_over(tx, &overs).await?;
    for (row, over) in rows.into_iter().zip(overs) {
        let grant = GrantRow {
            role: row.role.parse().map_err(StoreError::Inconsistent)?,
            place: places.get(&over).cloned().ok_or_else(|| missing(over))?,
            until: row.until.map(jiff_sqlx::Timestamp::to_jiff),
        };
        if let Some(account) = accounts.iter_mut().find(|a| a.id.0 == row.account) {
            account.grants.push(grant);
        }
    }
    Ok(())
}

fn missing(over: Over) -> StoreError {
    StoreError::Inconsistent(format!("a role is held over {over:?}, which is not there"))
}
