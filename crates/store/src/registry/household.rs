//! Households: listed along the walking route, shown with who left, made, changed, dissolved.

use super::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{HouseholdId, PersonId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use std::collections::HashMap;

/// A household as lists show one.
#[derive(Debug)]
pub struct Line {
    pub id: HouseholdId,
    pub unit: i32,
    pub unit_name: String,
    pub walk_order: i32,
    pub members: i32,
    pub address: String,
    /// Name of its head, if one is named.
    pub head: Option<String>,
}

/// A household's own record.
#[derive(Debug)]
pub struct Record {
    pub id: HouseholdId,
    pub unit: i32,
    pub unit_name: String,
    pub walk_order: i32,
    pub version: i32,
    pub ended: bool,
    pub address: String,
}

/// Somebody who lives or lived there.
#[derive(Debug)]
pub struct Member {
    pub id: PersonId,
    pub name: String,
    pub birth_year: i16,
    pub sex: String,
    pub relation: String,
    pub unit: i32,
    pub unit_name: String,
    pub household: Option<HouseholdId>,
    /// Since when, where it is known.
    pub since: Option<Date>,
    /// Why the person no longer counts: moved, died, merged, erased.
    pub removed: Option<String>,
}

fn address(tx: &Tx, id: HouseholdId, sealed: Option<&[u8]>) -> Result<String> {
    Ok(match sealed {
        Some(sealed) => tx.keys.open::<HouseholdSecret>(HOUSEHOLD_SEALED, id.0.as_bytes(), sealed)?.address,
        None => String::new(),
    })
}

/// Households of a unit in walking order, from behind `after` on.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn page(
    tx: &mut Tx,
    unit: i32,
    on: Date,
    after: Option<(i32, i32, HouseholdId)>,
    limit: i64,
) -> Result<Vec<Line>> {
    let (after_unit, after_order, after_id) = after.unwrap_or((0, 0, HouseholdId(uuid::Uuid::nil())));
    let rows = sqlx::query!(
        r#"select h.id as "id: HouseholdId", h.unit, u.name as unit_name, h.walk_order, h.members, h.sealed,
                  head.id as "head: Option<PersonId>", head.sealed as "head_sealed?"
           from household h join unit u on u.id = h.unit
           left join lateral (select p.id, p.sealed from person p
               where p.household = h.id and p.relation = 'head' and p.removed is null limit 1) head on true
           where h.ended_at is null
             and h.unit in (select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
             and (not $3 or (h.unit, h.walk_order, h.id) > ($4, $5, $6))
           order by h.unit, h.walk_order, h.id limit $7"#,
        unit,
        on.to_sqlx() as _,
        after.is_some(),
        after_unit,
        after_order,
        after_id.0,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            let head = match (r.head, r.head_sealed) {
                (Some(id), Some(sealed)) => {
                    Some(tx.keys.open::<PersonSecret>(PERSON_SEALED, id.0.as_bytes(), &sealed)?.name)
                }
                _ => None,
            };
            Ok(Line {
                address: address(tx, r.id, r.sealed.as_deref())?,
                id: r.id,
                unit: r.unit,
                unit_name: r.unit_name,
                walk_order: r.walk_order,
                members: r.members,
                head,
            })
        })
        .collect()
}

/// # Errors
/// `NotFound` when there is none in the area.
pub async fn get(tx: &mut Tx, id: HouseholdId) -> Result<Record> {
    let row = sqlx::query!(
        "select h.unit, u.name as unit_name, h.walk_order, h.version, h.ended_at is not null as \"ended!\", h.sealed
         from household h join unit u on u.id = h.unit where h.id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("household"))?;
    Ok(Record {
        address: address(tx, id, row.sealed.as_deref())?,
        id,
        unit: row.unit,
        unit_name: row.unit_name,
        walk_order: row.walk_order,
        version: row.version,
        ended: row.ended,
    })
}

/// Addresses of households of the area.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn addresses(tx: &mut Tx, ids: &[HouseholdId]) -> Result<HashMap<HouseholdId, String>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|h| h.0).collect();
    let rows =
        sqlx::query!(r#"select id as "id: HouseholdId", sealed from household where id = any ($1)"#, &ids)
            .fetch_all(tx.conn())
            .await?;
    rows.into_iter().map(|r| Ok((r.id, address(tx, r.id, r.sealed.as_deref())?))).collect()
}

/// Who lives there, the head first, and who once lived there, newest first; of the latter only people of the area.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn members(tx: &mut Tx, id: HouseholdId) -> Result<(Vec<Member>, Vec<Member>)> {
    let rows = sqlx::query!(
        r#"select p.id as "id: PersonId", p.birth_year, p.sex, p.relation, p.unit, u.name as unit_name,
                  p.household as "household: HouseholdId", p.removed, p.sealed,
                  coalesce(p.household = $1 and p.removed is null, false) as "present!",
                  (select max(e.on_date) from person_event e where e.person = p.id
                       and (e.to_household = $1 or e.from_household = $1)) as "since: jiff_sqlx::Date"
           from person p join unit u on u.id = p.unit
           where p.household = $1 or p.id in (select person from person_event where from_household = $1)
           order by (p.relation = 'head') desc, p.birth_year, p.id"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let (mut present, mut former) = (Vec::new(), Vec::new());
    for r in rows {
        let name = match &r.sealed {
            Some(sealed) => tx.keys.open::<PersonSecret>(PERSON_SEALED, r.id.0.as_bytes(), sealed)?.name,
            None => String::new(),
        };
        let member = Member {
            id: r.id,
            name,
            birth_year: r.birth_year,
            sex: r.sex,
            relation: r.relation,
            unit: r.unit,
            unit_name: r.unit_name,
            household: r.household,
            since: r.since.map(jiff_sqlx::Date::to_jiff),
            removed: r.removed,
        };
        if r.present { present.push(member) } else { former.push(member) }
    }
    former.sort_by_key(|m| std::cmp::Reverse(m.since));
    Ok((present, former))
}

/// Makes a household at the end of its hamlet's walking route.
///
/// # Errors
/// When the database refuses.
pub async fn create(tx: &mut Tx, unit: i32, address: &str) -> Result<HouseholdId> {
    let id: HouseholdId = tx.world.id();
    let sealed =
        tx.keys.seal(HOUSEHOLD_SEALED, id.0.as_bytes(), &HouseholdSecret { address: address.to_owned() });
    let now = tx.world.now();
    sqlx::query!(
        "insert into household (id, unit, walk_order, sealed, created_at)
         select $1, $2, coalesce(max(walk_order), 0) + 1, $3, $4 from household where unit = $2",
        id.0,
        unit,
        sealed,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Writes a household's record anew, if it still has the version that was read.
///
/// # Errors
/// `Conflict` when somebody else was quicker.
pub async fn update(tx: &mut Tx, record: &Record, address: &str, walk_order: i32) -> Result<()> {
    let id = record.id;
    let sealed =
        tx.keys.seal(HOUSEHOLD_SEALED, id.0.as_bytes(), &HouseholdSecret { address: address.to_owned() });
    let done = sqlx::query!(
        "update household set sealed = $3, walk_order = $4 where id = $1 and version = $2",
        id.0,
        record.version,
        sealed,
        walk_order
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("household")),
    }
}

/// Who heads the household now.
///
/// # Errors
/// When the database refuses.
pub async fn head(tx: &mut Tx, id: HouseholdId) -> Result<Option<PersonId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PersonId" from person where household = $1 and relation = 'head' and removed is null limit 1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Names the head; who was it before becomes a member.
///
/// # Errors
/// `NotFound` when the person does not live there.
pub async fn set_head(tx: &mut Tx, id: HouseholdId, head: PersonId) -> Result<()> {
    let done = sqlx::query!(
        "update person set relation = 'head' where id = $2 and household = $1 and removed is null",
        id.0,
        head.0
    )
    .execute(tx.conn())
    .await?;
    expect_rows("member", done.rows_affected(), 1)?;
    sqlx::query!(
        "update person set relation = 'member' where household = $1 and relation = 'head' and id <> $2",
        id.0,
        head.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Dissolves a household in which nobody lives.
///
/// # Errors
/// `Conflict` when somebody does, or when it was dissolved before.
pub async fn dissolve(tx: &mut Tx, id: HouseholdId) -> Result<()> {
    let now = tx.world.now();
    let done = sqlx::query!(
        "update household set ended_at = $2 where id = $1 and ended_at is null and members = 0",
        id.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("household")),
    }
}

/// True when people can be entered in a unit: a hamlet or commune of the area, standing today.
///
/// # Errors
/// When the database refuses.
pub async fn may_live_in(tx: &mut Tx, unit: i32, anywhere: bool) -> Result<bool> {
    let on = tx.world.today();
    Ok(sqlx::query_scalar!(
        r#"select exists (select from unit where id = $1 and level in ('hamlet', 'commune')
               and valid_from <= $2 and (valid_to is null or valid_to >= $2)
               and ($3 or id in (select area_units()))) as "may!""#,
        unit,
        on.to_sqlx() as _,
        anywhere
    )
    .fetch_one(tx.conn())
    .await?)
}
