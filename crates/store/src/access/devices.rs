//! Enrolled devices: a short code once, then a key that never leaves the device.

use super::secret;
use super::unit_ref::{self, UnitRef};
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Code;
use greenfort_kernel::{AccountId, DeviceId, UnitId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// Time to walk to the device and type the code.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(30);
const PURPOSE: &str = "device.code";

#[derive(Debug, Clone)]
pub struct Device {
    pub id: DeviceId,
    pub label: String,
    pub unit: Option<UnitRef>,
    pub enrolled_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// A code that enrols one device.
///
/// # Errors
/// When the database refuses.
pub async fn make_code(tx: &mut Tx, label: &str, unit: UnitId, by: AccountId) -> Result<(Code, Timestamp)> {
    let code = Code::generate(&tx.world, Code::DEVICE);
    let now = tx.world.now();
    let id: Uuid = tx.world.id();
    sqlx::query!(
        "insert into device_code (id, code_key, label, unit, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        secret::keyed(&tx.keys, PURPOSE, code.as_str()),
        label,
        unit.0,
        by.0,
        jiff_sqlx::Timestamp::from(now) as _,
        jiff_sqlx::Timestamp::from(now + CODE_LIFE) as _
    )
    .execute(tx.conn())
    .await?;
    record(tx, Actor::Account(by), "access.make_device_code", id.to_string(), unit).await?;
    Ok((code, now + CODE_LIFE))
}

/// Enrols a device under the code's label and unit. None when the code is unknown, used or too old.
///
/// # Errors
/// When the database refuses.
pub async fn enrol(tx: &mut Tx, code: &Code, public_key: &[u8; 65]) -> Result<Option<Device>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let used = sqlx::query!(
        "update device_code set used_at = $2 where code_key = $1 and used_at is null and expires_at > $2
         returning label, unit, created_by",
        secret::keyed(&tx.keys, PURPOSE, code.as_str()),
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(used) = used else { return Ok(None) };
    let id: DeviceId = tx.world.id();
    sqlx::query!(
        "insert into device (id, label, unit, public_key, enrolled_by, enrolled_at) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        used.label,
        used.unit,
        public_key.as_slice(),
        used.created_by,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let by = Actor::Account(AccountId(used.created_by));
    record(tx, by, "access.enrol_device", id.to_string(), UnitId(used.unit)).await?;
    let filter = DeviceFilter { id: Some(id), limit: 1, ..DeviceFilter::default() };
    Ok(list(tx, &filter).await?.pop())
}

#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// Roots of the areas whose devices are seen; None: whatever area.
    pub area: Option<Vec<UnitId>>,
    pub id: Option<DeviceId>,
    pub after: Option<DeviceId>,
    pub limit: i64,
}

/// Devices, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &DeviceFilter) -> Result<Vec<Device>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let area: Option<Vec<i32>> = filter.area.as_ref().map(|roots| roots.iter().map(|u| u.0).collect());
    let rows = sqlx::query!(
        "select id, label, unit, enrolled_at, last_seen_at, revoked_at from device
         where ($1::int[] is null or unit_lies_in(unit, $1, $2)) and ($3::uuid is null or id = $3)
           and ($4::uuid is null or id < $4)
         order by id desc limit $5",
        area.as_deref() as _,
        today as _,
        filter.id.map(|d| d.0),
        filter.after.map(|d| d.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    let units = unit_ref::by_ids(tx, rows.iter().map(|r| UnitId(r.unit))).await?;
    Ok(rows
        .into_iter()
        .map(|r| Device {
            id: DeviceId(r.id),
            label: r.label,
            unit: units.get(&UnitId(r.unit)).cloned(),
            enrolled_at: r.enrolled_at.to_jiff(),
            last_seen_at: r.last_seen_at.map(jiff_sqlx::Timestamp::to_jiff),
            revoked_at: r.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

/// Strikes a device of the area off; what is signed in on it is signed out.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not there, elsewhere, or struck off already.
pub async fn revoke(tx: &mut Tx, id: DeviceId, area: &[UnitId], by: AccountId) -> Result<Device> {
    let filter =
        DeviceFilter { id: Some(id), area: Some(area.to_vec()), limit: 1, ..DeviceFilter::default() };
    let device = list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("device"))?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let revoked = sqlx::query!(
        "update device set revoked_at = $2 where id = $1 and revoked_at is null",
        id.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("device", revoked.rows_affected(), 1)?;
    sqlx::query!("update session set ended_at = $2 where device = $1 and ended_at is null", id.0, now as _)
        .execute(tx.conn())
        .await?;
    if let Some(unit) = &device.unit {
        record(tx, Actor::Account(by), "access.revoke_device", id.to_string(), unit.id).await?;
    }
    Ok(Device { revoked_at: Some(tx.world.now()), ..device })
}

/// What a device's signature is checked with, and where it works.
#[derive(Debug)]
pub struct Key {
    pub public_key: Vec<u8>,
    pub unit: UnitId,
}

/// The key of a device that is not struck off.
///
/// # Errors
/// When the database refuses.
pub async fn key(tx: &mut Tx, id: DeviceId) -> Result<Option<Key>> {
    let row = sqlx::query!("select public_key, unit from device where id = $1 and revoked_at is null", id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|r| Key { public_key: r.public_key, unit: UnitId(r.unit) }))
}

/// The key of a device, struck off or not: what it recorded before is still its own.
///
/// # Errors
/// When the database refuses.
pub async fn key_even_struck_off(tx: &mut Tx, id: DeviceId) -> Result<Option<Key>> {
    let row = sqlx::query!("select public_key, unit from device where id = $1", id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|r| Key { public_key: r.public_key, unit: UnitId(r.unit) }))
}

/// Spends a nonce; false when it was answered before.
///
/// # Errors
/// When the database refuses.
pub async fn spend_nonce(tx: &mut Tx, nonce: &str, expires_at: Timestamp) -> Result<bool> {
    let spent = sqlx::query!(
        "insert into spent_nonce (nonce_hash, expires_at) values ($1, $2) on conflict do nothing",
        secret::hash(nonce),
        jiff_sqlx::Timestamp::from(expires_at) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// # Errors
/// When the database refuses.
pub async fn seen(tx: &mut Tx, id: DeviceId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let seen = sqlx::query!("update device set last_seen_at = $2 where id = $1", id.0, now as _)
        .execute(tx.conn())
        .await?;
    expect_rows("device", seen.rows_affected(), 1)
}

async fn record(tx: &mut Tx, actor: Actor, action: &str, id: String, unit: UnitId) -> Result<()> {
    let entry =
        Entry { actor, action, object_kind: "device", object_id: id, unit: Some(unit), detail: json!({}) };
    audit::record(tx, entry).await.map(drop)
}
