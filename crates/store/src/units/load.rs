//! Loading a tree of units: units, dated edges, successions, and the closure made from them.

use crate::{Result, Tx};
use greenfort_kernel::text;
use jiff::civil::Date;
use std::collections::HashMap;

/// A unit to load; key (code, `valid_from`).
#[derive(Debug, Clone)]
pub struct NewUnit {
    pub code: String,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub level: String,
    pub kind: String,
    pub name: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub area_km2: Option<f64>,
}

/// Key of a unit in a file.
pub type UnitKey = (String, Date);

/// Parent of a unit between two days.
#[derive(Debug, Clone)]
pub struct NewEdge {
    pub child: UnitKey,
    pub parent: UnitKey,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

/// Which unit took over from which.
#[derive(Debug, Clone)]
pub struct NewSuccession {
    pub from: UnitKey,
    pub to: UnitKey,
    pub basis: String,
}

/// A figure about a unit from outside.
#[derive(Debug, Clone)]
pub struct NewIndicator {
    pub unit: UnitKey,
    pub indicator: &'static str,
    pub day: Date,
    pub value: f64,
    pub source: String,
}

/// A whole tree.
#[derive(Debug, Clone, Default)]
pub struct NewTree {
    pub units: Vec<NewUnit>,
    pub edges: Vec<NewEdge>,
    pub successions: Vec<NewSuccession>,
    pub indicators: Vec<NewIndicator>,
}

/// Ids by (code, `valid_from`).
///
/// # Errors
/// When the database refuses.
pub async fn ids(tx: &mut Tx) -> Result<HashMap<UnitKey, i32>> {
    let rows = sqlx::query!("select id, code, valid_from from unit").fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|r| ((r.code, r.valid_from.to_jiff()), r.id)).collect())
}

/// Adds what is not there yet; units already loaded stay as they are. Needs the owner's connection.
///
/// # Errors
/// When an edge, succession or indicator names a unit that is in neither the file nor the database.
pub async fn load(tx: &mut Tx, tree: &NewTree) -> Result<()> {
    for unit in &tree.units {
        sqlx::query!(
            "insert into unit (code, valid_from, valid_to, level, kind, name, folded_name, lon, lat, area_km2)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (code, valid_from) do nothing",
            unit.code,
            jiff_sqlx::Date::from(unit.valid_from) as _,
            unit.valid_to.map(jiff_sqlx::Date::from) as _,
            unit.level,
            unit.kind,
            unit.name,
            text::fold(&unit.name),
            unit.lon,
            unit.lat,
            unit.area_km2
        )
        .execute(tx.conn())
        .await?;
    }
    let ids = ids(tx).await?;
    let id = |key: &UnitKey| {
        ids.get(key).copied().ok_or_else(|| {
            crate::StoreError::Inconsistent(format!("unit {} of {} is named but not defined", key.0, key.1))
        })
    };
    for edge in &tree.edges {
        sqlx::query!(
            "insert into unit_edge (child, parent, valid_from, valid_to) values ($1, $2, $3, $4) on conflict do nothing",
            id(&edge.child)?,
            id(&edge.parent)?,
            jiff_sqlx::Date::from(edge.valid_from) as _,
            edge.valid_to.map(jiff_sqlx::Date::from) as _
        )
        .execute(tx.conn())
        .await?;
    }
    for succession in &tree.successions {
        sqlx::query!(
            "insert into unit_succession (from_unit, to_unit, basis) values ($1, $2, $3) on conflict do nothing",
            id(&succession.from)?,
            id(&succession.to)?,
            succession.basis
        )
        .execute(tx.conn())
        .await?;
    }
    for indicator in &tree.indicators {
        sqlx::query!(
            "insert into unit_indicator (unit, indicator, day, value, source) values ($1, $2, $3, $4, $5)
             on conflict do nothing",
            id(&indicator.unit)?,
            indicator.indicator,
            jiff_sqlx::Date::from(indicator.day) as _,
            indicator.value,
            indicator.source
        )
        .execute(tx.conn())
        .await?;
    }
    rebuild_closure(tx).await
}

/// Recomputes `unit_ancestor` from the edges: for every pair the days on which one lies in the other.
async fn rebuild_closure(tx: &mut Tx) -> Result<()> {
    sqlx::query!("delete from unit_ancestor").execute(tx.conn()).await?;
    sqlx::query!(
        "with recursive up (descendant, ancestor, distance, valid_from, valid_to) as (
             select id, id, 0, valid_from, coalesce(valid_to, 'infinity') from unit
             union all
             select up.descendant, e.parent, up.distance + 1, greatest(up.valid_from, e.valid_from),
                    least(up.valid_to, coalesce(e.valid_to, 'infinity'))
             from up join unit_edge e on e.child = up.ancestor
             where greatest(up.valid_from, e.valid_from) <= least(up.valid_to, coalesce(e.valid_to, 'infinity'))
         )
         insert into unit_ancestor (descendant, ancestor, distance, valid_from, valid_to)
         select descendant, ancestor, distance, valid_from, valid_to from up"
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
