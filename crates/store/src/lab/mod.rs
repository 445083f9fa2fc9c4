//! The laboratory: tubes come in, share reactions, are read, and released.

pub mod accession;
pub mod board;
pub mod cassettes;
pub mod pools;
pub mod readings;
pub mod recall;
pub mod release;
pub mod rules;
pub mod runs;
pub mod tree;
pub mod tube;

use crate::{Result, StoreError, Tx};
use greenfort_kernel::{LaboratoryId, UnitId};
use jiff_sqlx::ToSqlx as _;

/// Column name that photos of rejected tubes are bound to.
pub const ACCESSION_PHOTO: &str = "accession_photo.sealed";
/// Column name that result files are bound to.
pub const RUN_FILE_SEALED: &str = "run_file.sealed";

/// A place where specimens are tested.
#[derive(Debug, Clone)]
pub struct Laboratory {
    pub id: greenfort_kernel::LaboratoryId,
    pub unit: UnitId,
    pub unit_name: String,
    pub province: UnitId,
    pub name: String,
    pub outside: bool,
    /// Authorised to confirm a case.
    pub confirms: bool,
}

/// Laboratories that lie in the areas, by name.
///
/// # Errors
/// When the database refuses.
pub async fn laboratories(tx: &mut Tx, areas: &[UnitId]) -> Result<Vec<Laboratory>> {
    let areas: Vec<i32> = areas.iter().map(|u| u.0).collect();
    let today = tx.world.today();
    let rows = sqlx::query!(
        r#"select l.id, l.unit, u.name as unit_name, p.id as province, l.name, l.outside, l.confirms
           from laboratory l join unit u on u.id = l.unit
           join unit_ancestor a on a.descendant = l.unit and $2 between a.valid_from and a.valid_to
           join unit p on p.id = a.ancestor and p.level = 'province'
           where unit_lies_in(l.unit, $1, $2) and (l.ended_at is null or l.ended_at > $3)
           order by l.name, l.id limit 200"#,
        &areas,
        today.to_sqlx() as _,
        tx.world.now().to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Laboratory {
            id: LaboratoryId(r.id),
            unit: UnitId(r.unit),
            unit_name: r.unit_name,
            province: UnitId(r.province),
            name: r.name,
            outside: r.outside,
            confirms: r.confirms,
        })
        .collect())
}

/// One of them.
///
/// # Errors
/// `NotFound` when it lies in none of the areas.
pub async fn laboratory(tx: &mut Tx, id: LaboratoryId, areas: &[UnitId]) -> Result<Laboratory> {
    laboratories(tx, areas).await?.into_iter().find(|l| l.id == id).ok_or(StoreError::NotFound("laboratory"))
}

/// Enters a laboratory.
///
/// # Errors
/// When the database refuses.
pub async fn create_laboratory(
    tx: &mut Tx,
    unit: UnitId,
    name: &str,
    outside: bool,
    confirms: bool,
) -> Result<LaboratoryId> {
    let id: LaboratoryId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into laboratory (id, unit, name, outside, confirms, created_at) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        unit.0,
        name,
        outside,
        confirms,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}
