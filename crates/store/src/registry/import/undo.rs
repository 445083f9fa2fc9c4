//! Undoing an import: who was entered goes, who was changed becomes as before, as long as nobody touched them since.

use super::merge::Known;
use super::run::{apply_changes, bind, put_address, put_change, send_changes};
use super::{CHANGE_SEALED, Import, find};
use crate::copy::CopyRows;
use crate::jobs::{self, NewJob};
use crate::registry::HouseholdSecret;
use crate::registry::people::{PersonLine, Row, open};
use crate::{Result, Scope, StoreError, Tx, expect_rows};
use greenfort_kernel::{HouseholdId, ImportId, PersonId};
use jiff::SignedDuration;
use sqlx::Row as _;
use uuid::Uuid;

pub const JOB: &str = "registry.undo_import";
/// Days after its end in which an import can be undone.
pub const DAYS: i64 = 7;
/// Records put back at once: bounds the memory.
const AT_ONCE: i64 = 4_000;

/// Until when an import can be undone.
pub fn until(finished_at: jiff::Timestamp) -> jiff::Timestamp {
    finished_at.saturating_add(SignedDuration::from_hours(24 * DAYS)).unwrap_or(finished_at)
}

/// Has an import undone, as a job. `area` is what the caller may change now.
///
/// # Errors
/// `Conflict` when it was not applied, or too long ago.
pub async fn ask(tx: &mut Tx, import: &Import, area: &Scope) -> Result<()> {
    let now = tx.world.now();
    let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now);
    let area: Vec<i32> = area.area.iter().map(|u| u.0).collect();
    let done = sqlx::query!(
        "update person_import set status = 'undoing', area = $2 where id = $1 and status = 'applied' and finished_at >= $3",
        import.id.0,
        &area,
        jiff_sqlx::Timestamp::from(oldest) as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("import"));
    }
    let job = NewJob {
        kind: JOB,
        unique_key: format!("{}", import.id),
        payload: serde_json::json!({ "import": import.id }),
        run_at: now,
    };
    jobs::enqueue(tx, job).await?;
    Ok(())
}

/// Undoes an import in the running transaction; none when that was done before. Answers how many people were put back, and
/// how many were left as they are.
///
/// # Errors
/// When the database refuses.
pub async fn carry_out(tx: &mut Tx, id: ImportId) -> Result<Option<(Import, i64, i64)>> {
    let waiting = sqlx::query_scalar!(
        "select id from person_import where id = $1 and status = 'undoing' for no key update",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    if waiting.is_none() {
        return Ok(None);
    }
    let import = find(tx, id, None).await?;
    bind(tx, &import).await?;
    // As imports wait for each other, so does this for them.
    sqlx::query("select pg_advisory_xact_lock(hashtext('person_import'))").execute(tx.conn()).await?;
    let changed = put_back_people(tx, &import).await?;
    put_back_addresses(tx, &import).await?;
    apply_changes(tx, &import, "undone_import").await?;
    let entered = erase_entered(tx, &import).await?;
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from person where import = $1 and removed is distinct from 'erased')
              + (select count(*) from person_import_change where import = $1 and person is not null and left_alone)",
    )
    .bind(id.0)
    .fetch_one(tx.conn())
    .await?;
    let now = tx.world.now();
    let done = sqlx::query!(
        "update person_import set status = 'undone', put_back = $2, left_alone = $3, undone_at = $4 where id = $1",
        id.0,
        changed + entered,
        left,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("import", done.rows_affected(), 1)?;
    Ok(Some((import, changed + entered, left)))
}

/// Stages people as they were before, where nobody touched them since. Who was touched stays and is marked.
async fn put_back_people(tx: &mut Tx, import: &Import) -> Result<i64> {
    let (mut after, mut count) = (Uuid::nil(), 0_i64);
    loop {
        let rows = sqlx::query(
            "select c.id, c.person, c.sealed from person_import_change c
             join person p on p.id = c.person and p.version = c.version and p.removed is null and p.restricted_on is null
             where c.import = $1 and c.id > $2 and c.sealed is not null order by c.id limit $3",
        )
        .bind(import.id.0)
        .bind(after)
        .bind(AT_ONCE)
        .fetch_all(tx.conn())
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("id")?;
        let mut changes = CopyRows::new();
        for row in &rows {
            let (id, person): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("person")?);
            let before: Known = tx.keys.open(CHANGE_SEALED, id.as_bytes(), row.try_get("sealed")?)?;
            put_change(tx, &mut changes, person, &before, None);
            count += 1;
        }
        send_changes(tx, &changes, &CopyRows::new()).await?;
    }
    // A household dissolved since takes nobody back.
    for statement in [
        "update change c set household = null from household h where h.id = c.household and h.ended_at is not null",
        "delete from person_import_change where import = $1 and person in (select person from change)",
        "update person_import_change set left_alone = true, sealed = null where import = $1 and person is not null",
    ] {
        let query = sqlx::query(statement);
        let query = if statement.contains("$1") { query.bind(import.id.0) } else { query };
        query.execute(tx.conn()).await?;
    }
    Ok(count)
}

/// Stages addresses as they were before, where nobody touched the household since.
async fn put_back_addresses(tx: &mut Tx, import: &Import) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let rows = sqlx::query(
            "select c.id, c.household, c.sealed from person_import_change c
             join household h on h.id = c.household and h.version = c.version and h.ended_at is null
             where c.import = $1 and c.id > $2 and c.sealed is not null order by c.id limit $3",
        )
        .bind(import.id.0)
        .bind(after)
        .bind(AT_ONCE)
        .fetch_all(tx.conn())
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("id")?;
        let mut addresses = CopyRows::new();
        for row in &rows {
            let (id, home): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("household")?);
            let before: HouseholdSecret =
                tx.keys.open(CHANGE_SEALED, id.as_bytes(), row.try_get("sealed")?)?;
            put_address(tx, &mut addresses, home, &before, None);
        }
        send_changes(tx, &CopyRows::new(), &addresses).await?;
    }
    sqlx::query("delete from person_import_change where import = $1 and household is not null")
        .bind(import.id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Erases who was entered and not touched since, and dissolves the households that then stand empty.
async fn erase_entered(tx: &mut Tx, import: &Import) -> Result<i64> {
    let (now, today) = (jiff_sqlx::Timestamp::from(tx.world.now()), jiff_sqlx::Date::from(tx.world.today()));
    let erased = sqlx::query(
        "update person set sealed = null, name_keys = '{}', id_key = null, id_tail_key = null, phone_key = null,
                insurance_key = null, sheet_key = null, code = null, relation = 'member', removed = 'erased', removed_on = $2
         where id in (select untouched_of_import($1))",
    )
    .bind(import.id.0)
    .bind(today)
    .execute(tx.conn())
    .await?
    .rows_affected();
    sqlx::query(
        "update household set ended_at = $2, sealed = null, sheet_key = null
         where import = $1 and ended_at is null and members = 0 and version = 1",
    )
    .bind(import.id.0)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(i64::try_from(erased).unwrap_or(i64::MAX))
}

/// People that an undone import left as they are, because they were touched since.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn left(tx: &mut Tx, id: ImportId, after: Option<PersonId>, limit: i64) -> Result<Vec<PersonLine>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit
           where (p.import = $1 and p.removed is distinct from 'erased'
                  or p.id in (select person from person_import_change where import = $1 and left_alone))
             and ($2::uuid is null or p.id > $2)
           order by p.id limit $3"#,
        id.0,
        after.map(|p| p.0),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// Forgets how things were before imports that can no longer be undone.
pub(super) async fn forget_old(tx: &mut Tx) -> Result<()> {
    let now = tx.world.now();
    let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now);
    sqlx::query!(
        "delete from person_import_change c using person_import i
         where i.id = c.import and i.finished_at < $1 and i.status <> 'undoing'",
        jiff_sqlx::Timestamp::from(oldest) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
