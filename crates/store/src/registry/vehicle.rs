//! Vehicles with their plates: listed, shown, made, changed, taken off the register.

use super::membership::{self, Body};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{OrganisationId, VehicleId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// A vehicle as lists show one.
#[derive(Debug)]
pub struct Line {
    pub id: VehicleId,
    pub plate: String,
    pub plate_key: String,
    pub kind: String,
    pub unit: i32,
    pub unit_name: String,
    pub organisation: Option<OrganisationId>,
    pub organisation_name: Option<String>,
    pub ended: bool,
    /// Present drivers, wherever they live.
    pub drivers: i64,
}

/// Which vehicles to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub unit: Option<i32>,
    pub kind: Option<String>,
    pub organisation: Option<OrganisationId>,
    /// Letters and digits somewhere in the plate.
    pub plate: Option<String>,
    /// Also those taken off the register.
    pub ended: bool,
    pub after: Option<(String, VehicleId)>,
    pub limit: i64,
}

/// What is typed about a vehicle.
#[derive(Debug, Clone)]
pub struct Content {
    pub plate: String,
    pub kind: String,
    pub unit: i32,
    pub organisation: Option<OrganisationId>,
}

/// A vehicle's own record.
#[derive(Debug)]
pub struct Record {
    pub id: VehicleId,
    pub content: Content,
    pub unit_name: String,
    pub organisation_name: Option<String>,
    pub version: i32,
    pub ended_on: Option<Date>,
}

/// Vehicles of the area by plate.
///
/// # Errors
/// When the database refuses.
pub async fn page(tx: &mut Tx, on: Date, filter: &Filter) -> Result<Vec<Line>> {
    let (after_plate, after_id) = filter.after.clone().unzip();
    let rows = sqlx::query!(
        r#"select v.id as "id: VehicleId", v.plate, v.plate_key, v.kind, v.unit, u.name as unit_name,
                  v.organisation as "organisation: OrganisationId", o.name as "organisation_name?",
                  v.ended_at is not null as "ended!"
           from vehicle v join unit u on u.id = v.unit left join organisation o on o.id = v.organisation
           where v.unit in (select area_units())
             and ($1::int is null or v.unit in (select descendant from unit_ancestor
                                                where ancestor = $1 and $2 between valid_from and valid_to))
             and ($3::text is null or v.kind = $3) and ($4::uuid is null or v.organisation = $4)
             and ($5::text is null or strpos(v.plate_key, $5) > 0) and ($6 or v.ended_at is null)
             and ($7::text is null or (v.plate_key, v.id) > ($7, $8))
           order by v.plate_key, v.id limit $9"#,
        filter.unit,
        on.to_sqlx() as _,
        filter.kind.as_deref(),
        filter.organisation.map(|o| o.0),
        filter.plate.as_deref(),
        filter.ended,
        after_plate,
        after_id.map(|id| id.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|r| r.id.0).collect();
    let counts = membership::counts(tx, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|r| Line {
            drivers: counts.get(&r.id.0).copied().unwrap_or(0),
            id: r.id,
            plate: r.plate,
            plate_key: r.plate_key,
            kind: r.kind,
            unit: r.unit,
            unit_name: r.unit_name,
            organisation: r.organisation,
            organisation_name: r.organisation_name,
            ended: r.ended,
        })
        .collect())
}

/// # Errors
/// `NotFound` when there is none in the area.
pub async fn get(tx: &mut Tx, id: VehicleId) -> Result<Record> {
    let row = sqlx::query!(
        r#"select v.plate, v.kind, v.unit, u.name as unit_name, v.organisation as "organisation: OrganisationId",
                  o.name as "organisation_name?", v.version, v.ended_on as "ended_on: jiff_sqlx::Date"
           from vehicle v join unit u on u.id = v.unit left join organisation o on o.id = v.organisation
           where v.id = $1 and v.unit in (select area_units())"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("vehicle"))?;
    Ok(Record {
        id,
        content: Content { plate: row.plate, kind: row.kind, unit: row.unit, organisation: row.organisation },
        unit_name: row.unit_name,
        organisation_name: row.organisation_name,
        version: row.version,
        ended_on: row.ended_on.map(jiff_sqlx::Date::to_jiff),
    })
}

/// Turns the refusal of a plate that another vehicle bears into a conflict.
fn one_plate(error: sqlx::Error) -> StoreError {
    let error = StoreError::from(error);
    if error.is_unique_violation() { StoreError::Conflict("plate") } else { error }
}

/// # Errors
/// `Conflict` when a vehicle of the register bears the plate.
pub async fn create(tx: &mut Tx, content: &Content) -> Result<VehicleId> {
    let id: VehicleId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into vehicle (id, organisation, unit, plate, kind, created_at) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        content.organisation.map(|o| o.0),
        content.unit,
        content.plate,
        content.kind,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await
    .map_err(one_plate)?;
    Ok(id)
}

/// Writes a record anew, if it still has the version that was read.
///
/// # Errors
/// `Conflict("vehicle")` when somebody else was quicker, `Conflict("plate")` when another bears the plate.
pub async fn update(tx: &mut Tx, record: &Record, content: &Content) -> Result<()> {
    let done = sqlx::query!(
        "update vehicle set organisation = $3, unit = $4, plate = $5, kind = $6 where id = $1 and version = $2",
        record.id.0,
        record.version,
        content.organisation.map(|o| o.0),
        content.unit,
        content.plate,
        content.kind
    )
    .execute(tx.conn())
    .await
    .map_err(one_plate)?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("vehicle")),
    }
}

/// Takes a vehicle off the register, and its drivers from it; its history stays.
///
/// # Errors
/// `Conflict` when that was done before.
pub async fn end(tx: &mut Tx, id: VehicleId, last: Date) -> Result<()> {
    let now = tx.world.now();
    let done = sqlx::query!(
        "update vehicle set ended_at = $2, ended_on = $3 where id = $1 and ended_at is null",
        id.0,
        now.to_sqlx() as _,
        last.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("vehicle"));
    }
    membership::end_all(tx, Body::Vehicle(id), last).await
}
