//! Units as accounts name them.

use crate::{Result, StoreError, Tx};
use greenfort_kernel::{UnitId, UnitLevel};
use std::collections::{HashMap, HashSet};

/// A unit by name, whatever tree it belongs to.
#[derive(Debug, Clone)]
pub struct UnitRef {
    pub id: UnitId,
    pub code: String,
    pub name: String,
    pub level: UnitLevel,
}

/// The units with these ids.
///
/// # Errors
/// When the database refuses.
pub async fn by_ids(tx: &mut Tx, ids: impl IntoIterator<Item = UnitId>) -> Result<HashMap<UnitId, UnitRef>> {
    let ids: Vec<i32> = ids.into_iter().map(|u| u.0).collect::<HashSet<_>>().into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!("select id, code, name, level from unit where id = any ($1)", &ids)
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter()
        .map(|r| {
            let level = r.level.parse().map_err(StoreError::Inconsistent)?;
            Ok((UnitId(r.id), UnitRef { id: UnitId(r.id), code: r.code, name: r.name, level }))
        })
        .collect()
}

/// Which pairs (unit, root) of these units and roots hold today: the unit is the root or lies below it.
#[derive(Debug, Default)]
pub struct Inside(HashSet<(UnitId, UnitId)>);

impl Inside {
    pub fn holds(&self, unit: UnitId, root: UnitId) -> bool {
        self.0.contains(&(unit, root))
    }
}

/// # Errors
/// When the database refuses.
pub async fn inside(tx: &mut Tx, units: &[UnitId], roots: &[UnitId]) -> Result<Inside> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let units: Vec<i32> = units.iter().map(|u| u.0).collect();
    let roots: Vec<i32> = roots.iter().map(|u| u.0).collect();
    let rows = sqlx::query!(
        r#"select distinct u.id as "unit!", a.ancestor as "root!"
           from unit u join unit_ancestor a on a.descendant = u.id
           where u.id = any ($1) and a.ancestor = any ($2)
             and least($3::date, coalesce(u.valid_to, $3)) between a.valid_from and a.valid_to"#,
        &units,
        &roots,
        today as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Inside(rows.into_iter().map(|r| (UnitId(r.unit), UnitId(r.root))).collect()))
}

/// Units that never had a parent: the province of each tree.
///
/// # Errors
/// When the database refuses.
pub async fn roots(tx: &mut Tx) -> Result<Vec<UnitId>> {
    let ids = sqlx::query_scalar!(
        "select id from unit u where not exists (select from unit_edge e where e.child = u.id) order by code, valid_from"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(UnitId).collect())
}
