//! Organisations with their parts: listed, shown, made, changed, ended.

use super::membership::{self, Body};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{OrganisationId, PartId, text};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// An organisation as lists show one.
#[derive(Debug)]
pub struct Line {
    pub id: OrganisationId,
    pub kind: String,
    pub name: String,
    pub folded_name: String,
    pub unit: i32,
    pub unit_name: String,
    pub parent: Option<OrganisationId>,
    pub parent_name: Option<String>,
    pub ended: bool,
    /// Present members, wherever they live.
    pub members: i64,
}

/// Which organisations to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// They lie in this unit or below it.
    pub unit: Option<i32>,
    pub kind: Option<String>,
    pub parent: Option<OrganisationId>,
    /// What the folded name has to match, a pattern a word.
    pub patterns: Vec<String>,
    /// Also those that ended.
    pub ended: bool,
    /// Last (folded name, id) of the page before.
    pub after: Option<(String, OrganisationId)>,
    pub limit: i64,
}

/// A part with its present members.
#[derive(Debug)]
pub struct Part {
    pub id: PartId,
    pub kind: String,
    pub name: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub members: i64,
}

/// What is typed about an organisation.
#[derive(Debug, Clone)]
pub struct Content {
    pub kind: String,
    pub name: String,
    pub tax_code: Option<String>,
    pub address: Option<String>,
    pub unit: i32,
    pub parent: Option<OrganisationId>,
}

/// An organisation's own record.
#[derive(Debug)]
pub struct Record {
    pub id: OrganisationId,
    pub content: Content,
    pub unit_name: String,
    pub parent_name: Option<String>,
    pub version: i32,
    pub ended_on: Option<Date>,
}

/// Organisations of the area by name.
///
/// # Errors
/// When the database refuses.
pub async fn page(tx: &mut Tx, on: Date, filter: &Filter) -> Result<Vec<Line>> {
    let (after_name, after_id) = filter.after.clone().unzip();
    let rows = sqlx::query!(
        r#"select o.id as "id: OrganisationId", o.kind, o.name, o.folded_name, o.unit, u.name as unit_name,
                  o.parent as "parent: OrganisationId", p.name as "parent_name?", o.ended_at is not null as "ended!"
           from organisation o join unit u on u.id = o.unit left join organisation p on p.id = o.parent
           where o.id in (select area_organisations())
             and ($1::int is null or o.unit in (select descendant from unit_ancestor
                                                where ancestor = $1 and $2 between valid_from and valid_to))
             and ($3::text is null or o.kind = $3) and ($4::uuid is null or o.parent = $4)
             and o.folded_name ~ all ($5::text[]) and ($6 or o.ended_at is null)
             and ($7::text is null or (o.folded_name, o.id) > ($7, $8))
           order by o.folded_name, o.id limit $9"#,
        filter.unit,
        on.to_sqlx() as _,
        filter.kind.as_deref(),
        filter.parent.map(|p| p.0),
        &filter.patterns,
        filter.ended,
        after_name,
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
            members: counts.get(&r.id.0).copied().unwrap_or(0),
            id: r.id,
            kind: r.kind,
            name: r.name,
            folded_name: r.folded_name,
            unit: r.unit,
            unit_name: r.unit_name,
            parent: r.parent,
            parent_name: r.parent_name,
            ended: r.ended,
        })
        .collect())
}

/// How many there are of them.
///
/// # Errors
/// When the database refuses.
pub async fn count(tx: &mut Tx, on: Date, filter: &Filter) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from organisation o
           where o.id in (select area_organisations())
             and ($1::int is null or o.unit in (select descendant from unit_ancestor
                                                where ancestor = $1 and $2 between valid_from and valid_to))
             and ($3::text is null or o.kind = $3) and ($4::uuid is null or o.parent = $4)
             and o.folded_name ~ all ($5::text[]) and ($6 or o.ended_at is null)"#,
        filter.unit,
        on.to_sqlx() as _,
        filter.kind.as_deref(),
        filter.parent.map(|p| p.0),
        &filter.patterns,
        filter.ended
    )
    .fetch_one(tx.conn())
    .await?)
}

/// # Errors
/// `NotFound` when there is none in the area.
pub async fn get(tx: &mut Tx, id: OrganisationId) -> Result<Record> {
    let row = sqlx::query!(
        r#"select o.kind, o.name, o.tax_code, o.address, o.unit, u.name as unit_name, o.parent as "parent: OrganisationId",
                  p.name as "parent_name?", o.version, o.ended_on as "ended_on: jiff_sqlx::Date"
           from organisation o join unit u on u.id = o.unit left join organisation p on p.id = o.parent
           where o.id = $1 and o.id in (select area_organisations())"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("organisation"))?;
    Ok(Record {
        id,
        content: Content {
            kind: row.kind,
            name: row.name,
            tax_code: row.tax_code,
            address: row.address,
            unit: row.unit,
            parent: row.parent,
        },
        unit_name: row.unit_name,
        parent_name: row.parent_name,
        version: row.version,
        ended_on: row.ended_on.map(jiff_sqlx::Date::to_jiff),
    })
}

/// Its parts, those that ended last.
///
/// # Errors
/// When the database refuses.
pub async fn parts(tx: &mut Tx, id: OrganisationId) -> Result<Vec<Part>> {
    let rows = sqlx::query!(
        r#"select id as "id: PartId", kind, name, from_date as "from: jiff_sqlx::Date", to_date as "to: jiff_sqlx::Date"
           from organisation_part where organisation = $1 order by to_date desc nulls first, name, id"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let counts = membership::counts_by_part(tx, Body::Organisation(id)).await?;
    Ok(rows
        .into_iter()
        .map(|r| Part {
            members: counts.get(&Some(r.id.0)).copied().unwrap_or(0),
            id: r.id,
            kind: r.kind,
            name: r.name,
            from: r.from.map(jiff_sqlx::Date::to_jiff),
            to: r.to.map(jiff_sqlx::Date::to_jiff),
        })
        .collect())
}

/// Turns the refusal of a tax code that another organisation has into a conflict.
fn one_tax_code(error: sqlx::Error) -> StoreError {
    let error = StoreError::from(error);
    if error.is_unique_violation() { StoreError::Conflict("tax_code") } else { error }
}

/// # Errors
/// `Conflict` when another organisation has the tax code.
pub async fn create(tx: &mut Tx, content: &Content) -> Result<OrganisationId> {
    let id: OrganisationId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into organisation (id, parent, unit, kind, name, folded_name, tax_code, address, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        content.parent.map(|p| p.0),
        content.unit,
        content.kind,
        content.name,
        text::fold(&content.name),
        content.tax_code,
        content.address,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await
    .map_err(one_tax_code)?;
    Ok(id)
}

/// Writes a record anew, if it still has the version that was read.
///
/// # Errors
/// `Conflict("organisation")` when somebody else was quicker, `Conflict("tax_code")` when another has the tax code.
pub async fn update(tx: &mut Tx, record: &Record, content: &Content) -> Result<()> {
    let done = sqlx::query!(
        "update organisation set parent = $3, unit = $4, kind = $5, name = $6, folded_name = $7, tax_code = $8, address = $9
         where id = $1 and version = $2",
        record.id.0,
        record.version,
        content.parent.map(|p| p.0),
        content.unit,
        content.kind,
        content.name,
        text::fold(&content.name),
        content.tax_code,
        content.address
    )
    .execute(tx.conn())
    .await
    .map_err(one_tax_code)?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("organisation")),
    }
}

/// True when an organisation may stand in a park: it is a park of the area that still works.
///
/// # Errors
/// When the database refuses.
pub async fn is_park(tx: &mut Tx, id: OrganisationId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from organisation where id = $1 and kind = 'park' and ended_at is null
               and id in (select area_organisations())) as "is!""#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// True when others that still work stand in it.
///
/// # Errors
/// When the database refuses.
pub async fn has_tenants(tx: &mut Tx, id: OrganisationId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from organisation where parent = $1 and ended_at is null) as "has!""#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Ends an organisation with its parts and memberships; its history stays.
///
/// # Errors
/// `Conflict` when it ended before.
pub async fn end(tx: &mut Tx, id: OrganisationId, last: Date) -> Result<()> {
    let (now, day) = (tx.world.now(), last.to_sqlx());
    let done = sqlx::query!(
        "update organisation set ended_at = $2, ended_on = $3 where id = $1 and ended_at is null",
        id.0,
        now.to_sqlx() as _,
        day as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("organisation"));
    }
    sqlx::query!(
        "update organisation_part set to_date = greatest($2, from_date)
         where organisation = $1 and (to_date is null or to_date > $2)",
        id.0,
        day as _
    )
    .execute(tx.conn())
    .await?;
    membership::end_all(tx, Body::Organisation(id), last).await
}

/// # Errors
/// When the database refuses.
pub async fn add_part(tx: &mut Tx, id: OrganisationId, kind: &str, name: &str, from: Date) -> Result<PartId> {
    let part: PartId = tx.world.id();
    sqlx::query!(
        "insert into organisation_part (id, organisation, kind, name, from_date) values ($1, $2, $3, $4, $5)",
        part.0,
        id.0,
        kind,
        name,
        from.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(part)
}

/// # Errors
/// `NotFound` when the organisation has no such part.
pub async fn part(tx: &mut Tx, id: OrganisationId, part: PartId) -> Result<Part> {
    let row = sqlx::query!(
        r#"select kind, name, from_date as "from: jiff_sqlx::Date", to_date as "to: jiff_sqlx::Date"
           from organisation_part where organisation = $1 and id = $2"#,
        id.0,
        part.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("part"))?;
    Ok(Part {
        id: part,
        kind: row.kind,
        name: row.name,
        from: row.from.map(jiff_sqlx::Date::to_jiff),
        to: row.to.map(jiff_sqlx::Date::to_jiff),
        members: 0,
    })
}

/// # Errors
/// `NotFound` when there is no such part.
pub async fn rename_part(tx: &mut Tx, part: PartId, kind: &str, name: &str) -> Result<()> {
    let done =
        sqlx::query!("update organisation_part set kind = $2, name = $3 where id = $1", part.0, kind, name)
            .execute(tx.conn())
            .await?;
    crate::error::expect_rows("part", done.rows_affected(), 1)
}

/// Ends a part; its people stay in the organisation without one.
///
/// # Errors
/// `Conflict` when it ended before.
pub async fn end_part(tx: &mut Tx, part: PartId, last: Date) -> Result<()> {
    let day = last.to_sqlx();
    let done = sqlx::query!(
        "update organisation_part set to_date = $2 where id = $1 and to_date is null",
        part.0,
        day as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("part"));
    }
    sqlx::query!("select end_part($1, $2)", part.0, day as _).fetch_one(tx.conn()).await?;
    Ok(())
}
