//! Temporary accounts by the sheet, and their badges until they are printed.

use super::accounts::{SEALED, Sealed};
use super::secret;
use super::unit_ref;
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_kernel::{AccountId, BadgeBatchId, Role, UnitId, text};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// Clear secrets outlive the first print by so much, for a paper jam.
const PRINT_LIFE: SignedDuration = SignedDuration::from_hours(24);
const PRINT: &str = "badge_print.sealed";

/// One row of the sheet, checked, with its fresh secrets.
#[derive(Debug)]
pub struct NewBadge {
    pub name: String,
    pub role: Role,
    pub unit: UnitId,
    pub phone: Option<String>,
    /// In the QR.
    pub secret: String,
    pub pin: String,
    pub pin_hash: String,
}

#[derive(Debug, Clone)]
pub struct Batch {
    pub id: BadgeBatchId,
    pub label: String,
    pub ends_at: Timestamp,
    pub created: i64,
    pub created_at: Timestamp,
    pub printed_at: Option<Timestamp>,
    pub badges_available: bool,
}

#[derive(Serialize, Deserialize)]
struct Print {
    secret: String,
    pin: String,
}

/// Makes all accounts of a sheet in one go, each with its grant and badge.
///
/// # Errors
/// When the database refuses; then none is made.
pub async fn create(
    tx: &mut Tx,
    label: &str,
    ends_at: Timestamp,
    rows: &[NewBadge],
    by: AccountId,
) -> Result<Batch> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let batch: BadgeBatchId = tx.world.id();
    let ends = jiff_sqlx::Timestamp::from(ends_at);
    sqlx::query!(
        "insert into badge_batch (id, label, ends_at, created_by, created_at) values ($1, $2, $3, $4, $5)",
        batch.0,
        label,
        ends as _,
        by.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let ids = |tx: &Tx| -> Vec<Uuid> { rows.iter().map(|_| tx.world.id()).collect() };
    let (accounts, grants, badges) = (ids(tx), ids(tx), ids(tx));
    let units: Vec<i32> = rows.iter().map(|r| r.unit.0).collect();
    let roles: Vec<String> = rows.iter().map(|r| r.role.to_string()).collect();
    let sealed: Vec<Vec<u8>> = rows
        .iter()
        .zip(&accounts)
        .map(|(r, id)| {
            let value = Sealed { name: r.name.clone(), phone: r.phone.clone() };
            tx.keys.seal(SEALED, id.as_bytes(), &value)
        })
        .collect();
    // UNNEST knows no ragged arrays: the keys travel as text.
    let name_keys: Vec<String> = rows
        .iter()
        .map(|r| {
            let keys = crate::crypt::name_row_keys(&tx.keys, &text::fold(&r.name));
            format!("{{{}}}", keys.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
        })
        .collect();
    let made = sqlx::query!(
        "insert into account (id, kind, unit, sealed, name_keys, batch, created_by, created_at, ends_at)
         select r.id, 'field', r.unit, r.sealed, r.name_keys::bigint[], $5, $6, $7, $8
         from unnest($1::uuid[], $2::int[], $3::bytea[], $4::text[]) as r (id, unit, sealed, name_keys)",
        &accounts,
        &units,
        &sealed,
        &name_keys,
        batch.0,
        by.0,
        now as _,
        ends as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("accounts", made.rows_affected(), rows.len() as u64)?;
    sqlx::query!(
        "insert into account_grant (id, account, role, unit, from_at, until, granted_by)
         select r.id, r.account, r.role, r.unit, $5, $6, $7
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) as r (id, account, role, unit)",
        &grants,
        &accounts,
        &roles,
        &units,
        now as _,
        ends as _,
        by.0
    )
    .execute(tx.conn())
    .await?;
    let hashes: Vec<Vec<u8>> = rows.iter().map(|r| secret::hash(&r.secret)).collect();
    let pins: Vec<String> = rows.iter().map(|r| r.pin_hash.clone()).collect();
    sqlx::query!(
        "insert into badge (id, account, secret_hash, pin_hash, created_at)
         select r.id, r.account, r.secret_hash, r.pin_hash, $5
         from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) as r (id, account, secret_hash, pin_hash)",
        &badges,
        &accounts,
        &hashes,
        &pins,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let prints: Vec<Vec<u8>> = rows
        .iter()
        .zip(&badges)
        .map(|(r, id)| {
            tx.keys.seal(PRINT, id.as_bytes(), &Print { secret: r.secret.clone(), pin: r.pin.clone() })
        })
        .collect();
    let positions: Vec<i32> = (0..).take(rows.len()).collect();
    sqlx::query!(
        "insert into badge_print (badge, batch, position, sealed)
         select r.badge, $4, r.position, r.sealed
         from unnest($1::uuid[], $2::int[], $3::bytea[]) as r (badge, position, sealed)",
        &badges,
        &positions,
        &prints,
        batch.0
    )
    .execute(tx.conn())
    .await?;
    record(tx, by, "access.create_batch", batch, rows.len()).await?;
    let filter = BatchFilter { id: Some(batch), limit: 1, ..BatchFilter::default() };
    list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("batch"))
}

#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Roots of the areas; a batch is seen by whom all its accounts belong to.
    pub area: Option<Vec<UnitId>>,
    pub id: Option<BadgeBatchId>,
    pub after: Option<BadgeBatchId>,
    pub limit: i64,
}

/// Batches, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &BatchFilter) -> Result<Vec<Batch>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let today = jiff_sqlx::Date::from(tx.world.today());
    let area: Option<Vec<i32>> = filter.area.as_ref().map(|roots| roots.iter().map(|u| u.0).collect());
    let rows = sqlx::query!(
        r#"select b.id, b.label, b.ends_at, b.created_at, b.printed_at,
               (select count(*) from account a where a.batch = b.id) as "created!",
               (b.printed_at is null or b.printed_at > $1::timestamptz - interval '24 hours')
                   and exists (select from badge_print p where p.batch = b.id) as "available!"
           from badge_batch b
           where ($2::int[] is null or not exists (select from account a
                  where a.batch = b.id and not unit_lies_in(a.unit, $2, $3)))
             and ($4::uuid is null or b.id = $4) and ($5::uuid is null or b.id < $5)
           order by b.id desc limit $6"#,
        now as _,
        area.as_deref() as _,
        today as _,
        filter.id.map(|b| b.0),
        filter.after.map(|b| b.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Batch {
            id: BadgeBatchId(r.id),
            label: r.label,
            ends_at: r.ends_at.to_jiff(),
            created: r.created,
            created_at: r.created_at.to_jiff(),
            printed_at: r.printed_at.map(jiff_sqlx::Timestamp::to_jiff),
            badges_available: r.available,
        })
        .collect())
}

/// A badge as it is printed.
#[derive(Debug, Clone)]
pub struct Printable {
    pub name: String,
    pub role: Role,
    /// Name of what the role is held over.
    pub place: String,
    pub secret: String,
    pub pin: String,
    /// None: until the account is ended.
    pub ends_at: Option<Timestamp>,
}

/// The badges of a batch in the order of its sheet; the first call starts the 24 hours after which they are gone. Badges
/// struck off meanwhile are left out.
///
/// # Errors
/// [`StoreError::NotFound`] when the batch is elsewhere or its secrets are gone.
pub async fn print(
    tx: &mut Tx,
    id: BadgeBatchId,
    area: &[UnitId],
    by: AccountId,
) -> Result<(Batch, Vec<Printable>)> {
    let filter = BatchFilter { id: Some(id), area: Some(area.to_vec()), limit: 1, ..BatchFilter::default() };
    let batch = list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("batch"))?;
    if !batch.badges_available {
        return Err(StoreError::NotFound("badges"));
    }
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "update badge_batch set printed_at = coalesce(printed_at, $2) where id = $1",
        id.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select p.badge, p.sealed, a.id, a.sealed as account_sealed, g.role, g.unit
         from badge_print p join badge b on b.id = p.badge join account a on a.id = b.account
              join account_grant g on g.account = a.id and g.ended_at is null
         where p.batch = $1 and b.revoked_at is null and a.suspended_at is null
         order by p.position",
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let units = unit_ref::by_ids(tx, rows.iter().filter_map(|r| r.unit.map(UnitId))).await?;
    let mut badges = Vec::with_capacity(rows.len());
    for row in rows {
        let print: Print = tx.keys.open(PRINT, row.badge.as_bytes(), &row.sealed)?;
        let account: Sealed = tx.keys.open(SEALED, row.id.as_bytes(), &row.account_sealed)?;
        let unit = row.unit.and_then(|u| units.get(&UnitId(u)));
        badges.push(Printable {
            name: account.name,
            role: row.role.parse().map_err(StoreError::Inconsistent)?,
            place: unit.ok_or_else(|| StoreError::Inconsistent("a badge without unit".into()))?.name.clone(),
            secret: print.secret,
            pin: print.pin,
            ends_at: Some(batch.ends_at),
        });
    }
    record(tx, by, "access.print_badges", id, badges.len()).await?;
    Ok((batch, badges))
}

/// Deletes clear secrets whose time is over: 24 hours after the first print, or with the end of the accounts. For the
/// worker, every hour.
///
/// # Errors
/// When the database refuses.
pub async fn forget_printed(tx: &mut Tx) -> Result<u64> {
    let now = tx.world.now();
    let gone = sqlx::query!(
        "delete from badge_print p using badge_batch b
         where b.id = p.batch and (b.printed_at <= $1 or b.ends_at <= $2)",
        jiff_sqlx::Timestamp::from(now - PRINT_LIFE) as _,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

async fn record(tx: &mut Tx, by: AccountId, action: &str, id: BadgeBatchId, badges: usize) -> Result<()> {
    let entry = Entry {
        actor: Actor::Account(by),
        action,
        object_kind: "badge_batch",
        object_id: id.to_string(),
        unit: None,
        detail: json!({ "badges": badges }),
    };
    audit::record(tx, entry).await.map(drop)
}

/// The units valid today with these codes.
///
/// # Errors
/// When the database refuses.
pub async fn units_by_code(tx: &mut Tx, codes: &[String]) -> Result<Vec<(String, UnitId)>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let rows = sqlx::query!(
        "select code, id from unit where code = any ($1) and $2 between valid_from and coalesce(valid_to, 'infinity')",
        codes,
        today as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, UnitId(r.id))).collect())
}
