//! The tree of units.

pub mod figures;
pub mod load;

use crate::{Result, StoreError, Tx};
use greenfort_kernel::UnitId;
use jiff::civil::Date;

/// A unit of the tree of a date.
#[derive(Debug, Clone)]
pub struct UnitRow {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub level: String,
    pub parent_id: Option<i32>,
    pub valid_from: jiff_sqlx::Date,
    pub valid_to: Option<jiff_sqlx::Date>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub area_km2: Option<f64>,
    pub child_count: i64,
}

/// Which units to list.
#[derive(Debug, Clone, Default)]
pub struct UnitFilter {
    pub parent: Option<i32>,
    pub level: Option<String>,
    /// Folded words; matches anywhere in the name.
    pub query: Option<String>,
    /// Only units that lie in these areas on the date.
    pub inside: Option<Vec<UnitId>>,
    /// Last (code, id) of the page before.
    pub after: Option<(String, i32)>,
    pub limit: i64,
}

/// Units that exist on `on`, by code.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, on: Date, filter: &UnitFilter) -> Result<Vec<UnitRow>> {
    let (after_code, after_id) = filter.after.clone().unzip();
    let inside: Option<Vec<i32>> = filter.inside.as_ref().map(|roots| roots.iter().map(|u| u.0).collect());
    Ok(sqlx::query_as!(
        UnitRow,
        r#"select u.id, u.code, u.name, u.kind, u.level, e.parent as "parent_id?", u.valid_from, u.valid_to, u.lon, u.lat,
                  u.area_km2, (select count(*) from unit_edge c where c.parent = u.id
                               and $1 between c.valid_from and coalesce(c.valid_to, 'infinity')) as "child_count!"
           from unit u
           left join unit_edge e on e.child = u.id and $1 between e.valid_from and coalesce(e.valid_to, 'infinity')
           where $1 between u.valid_from and coalesce(u.valid_to, 'infinity')
             and ($2::int is null or e.parent = $2)
             and ($3::text is null or u.level = $3)
             and ($4::text is null or u.folded_name like '%' || $4 || '%')
             and ($5::text is null or (u.code, u.id) > ($5, $6))
             and ($8::int[] is null or exists (select from unit_ancestor a where a.descendant = u.id
                  and a.ancestor = any ($8) and $1 between a.valid_from and a.valid_to))
           order by u.code, u.id
           limit $7"#,
        jiff_sqlx::Date::from(on) as _,
        filter.parent,
        filter.level.as_deref(),
        filter.query.as_deref(),
        after_code,
        after_id,
        filter.limit,
        inside.as_deref() as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The unit of that id if it exists on `on`.
///
/// # Errors
/// `NotFound` when there is none on that date.
pub async fn find(tx: &mut Tx, id: i32, on: Date) -> Result<UnitRow> {
    sqlx::query_as!(
        UnitRow,
        r#"select u.id, u.code, u.name, u.kind, u.level, e.parent as "parent_id?", u.valid_from, u.valid_to, u.lon, u.lat,
                  u.area_km2, (select count(*) from unit_edge c where c.parent = u.id
                               and $1 between c.valid_from and coalesce(c.valid_to, 'infinity')) as "child_count!"
           from unit u
           left join unit_edge e on e.child = u.id and $1 between e.valid_from and coalesce(e.valid_to, 'infinity')
           where u.id = $2 and $1 between u.valid_from and coalesce(u.valid_to, 'infinity')"#,
        jiff_sqlx::Date::from(on) as _,
        id
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("unit"))
}

/// A unit by name only.
#[derive(Debug)]
pub struct UnitName {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub level: String,
}

/// The units above, from the top down.
///
/// # Errors
/// When the database refuses.
pub async fn path(tx: &mut Tx, id: i32, on: Date) -> Result<Vec<UnitName>> {
    Ok(sqlx::query_as!(
        UnitName,
        "select u.id, u.code, u.name, u.level from unit_ancestor a join unit u on u.id = a.ancestor
         where a.descendant = $1 and a.distance > 0 and $2 between a.valid_from and a.valid_to order by a.distance desc",
        id,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The units that took over from an abolished one.
///
/// # Errors
/// When the database refuses.
pub async fn successors(tx: &mut Tx, id: i32) -> Result<Vec<UnitName>> {
    Ok(sqlx::query_as!(
        UnitName,
        "select u.id, u.code, u.name, u.level from unit_succession s join unit u on u.id = s.to_unit
         where s.from_unit = $1 order by u.code",
        id
    )
    .fetch_all(tx.conn())
    .await?)
}

/// True when the unit lies in one of the areas. Authority follows the tree of `today`; a unit of another tree lies in the
/// area when, on its own date `on`, all hamlets below it lie in the area today.
///
/// # Errors
/// When the database refuses.
pub async fn is_within(tx: &mut Tx, id: i32, roots: &[UnitId], today: Date, on: Date) -> Result<bool> {
    let roots: Vec<i32> = roots.iter().map(|u| u.0).collect();
    Ok(sqlx::query_scalar!(
        r#"with inside as (
               select descendant from unit_ancestor where ancestor = any ($2) and $3 between valid_from and valid_to),
           leaf as (
               select a.descendant from unit_ancestor a join unit u on u.id = a.descendant
               where a.ancestor = $1 and $4 between a.valid_from and a.valid_to and u.level = 'hamlet')
           select exists (select from inside where descendant = $1)
               or (exists (select from leaf)
                   and not exists (select from leaf where descendant not in (select descendant from inside))) as "is!""#,
        id,
        &roots,
        jiff_sqlx::Date::from(today) as _,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_one(tx.conn())
    .await?)
}
