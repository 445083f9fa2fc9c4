//! Groups of residents (nhóm cư dân): listed, shown, made, changed, ended.

use super::membership::{self, Body};
use super::{PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{GroupId, OrganisationId, PersonId, text};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// A group as lists show one.
#[derive(Debug)]
pub struct Line {
    pub id: GroupId,
    pub kind: String,
    pub name: String,
    pub folded_name: String,
    pub unit: i32,
    pub unit_name: String,
    pub organisation: Option<OrganisationId>,
    pub organisation_name: Option<String>,
    pub sample_share: f32,
    pub ended: bool,
    /// Present members, wherever they live.
    pub members: i64,
}

/// Which groups to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub unit: Option<i32>,
    pub kind: Option<String>,
    pub organisation: Option<OrganisationId>,
    pub patterns: Vec<String>,
    /// Also those that ended.
    pub ended: bool,
    pub after: Option<(String, GroupId)>,
    pub limit: i64,
}

/// What is typed about a group.
#[derive(Debug, Clone)]
pub struct Content {
    pub kind: String,
    pub name: String,
    pub unit: i32,
    pub organisation: Option<OrganisationId>,
    /// Who answers for the list.
    pub owner: Option<PersonId>,
    pub sample_share: f32,
}

/// A group's own record.
#[derive(Debug)]
pub struct Record {
    pub id: GroupId,
    pub content: Content,
    pub unit_name: String,
    pub organisation_name: Option<String>,
    /// Name of the owner; none when the owner lives beyond the area.
    pub owner_name: Option<String>,
    pub version: i32,
    pub ended_on: Option<Date>,
}

/// Groups of the area by name.
///
/// # Errors
/// When the database refuses.
pub async fn page(tx: &mut Tx, on: Date, filter: &Filter) -> Result<Vec<Line>> {
    let (after_name, after_id) = filter.after.clone().unzip();
    let rows = sqlx::query!(
        r#"select g.id as "id: GroupId", g.kind, g.name, g.folded_name, g.unit, u.name as unit_name,
                  g.organisation as "organisation: OrganisationId", o.name as "organisation_name?", g.sample_share,
                  g.ended_at is not null as "ended!"
           from resident_group g join unit u on u.id = g.unit left join organisation o on o.id = g.organisation
           where g.unit in (select area_units())
             and ($1::int is null or g.unit in (select descendant from unit_ancestor
                                                where ancestor = $1 and $2 between valid_from and valid_to))
             and ($3::text is null or g.kind = $3) and ($4::uuid is null or g.organisation = $4)
             and g.folded_name ~ all ($5::text[]) and ($6 or g.ended_at is null)
             and ($7::text is null or (g.folded_name, g.id) > ($7, $8))
           order by g.folded_name, g.id limit $9"#,
        filter.unit,
        on.to_sqlx() as _,
        filter.kind.as_deref(),
        filter.organisation.map(|o| o.0),
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
            organisation: r.organisation,
            organisation_name: r.organisation_name,
            sample_share: r.sample_share,
            ended: r.ended,
        })
        .collect())
}

/// # Errors
/// `NotFound` when there is none in the area.
pub async fn get(tx: &mut Tx, id: GroupId) -> Result<Record> {
    let row = sqlx::query!(
        r#"select g.kind, g.name, g.unit, u.name as unit_name, g.organisation as "organisation: OrganisationId",
                  o.name as "organisation_name?", g.owner as "owner: PersonId", p.sealed as "owner_sealed?", g.sample_share,
                  g.version, g.ended_on as "ended_on: jiff_sqlx::Date"
           from resident_group g join unit u on u.id = g.unit left join organisation o on o.id = g.organisation
           left join person p on p.id = g.owner
           where g.id = $1 and g.unit in (select area_units())"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("group"))?;
    let owner_name = match (row.owner, row.owner_sealed) {
        (Some(owner), Some(sealed)) => {
            Some(tx.keys.open::<PersonSecret>(PERSON_SEALED, owner.0.as_bytes(), &sealed)?.name)
        }
        _ => None,
    };
    Ok(Record {
        id,
        content: Content {
            kind: row.kind,
            name: row.name,
            unit: row.unit,
            organisation: row.organisation,
            owner: row.owner,
            sample_share: row.sample_share,
        },
        unit_name: row.unit_name,
        organisation_name: row.organisation_name,
        owner_name,
        version: row.version,
        ended_on: row.ended_on.map(jiff_sqlx::Date::to_jiff),
    })
}

/// # Errors
/// When the database refuses.
pub async fn create(tx: &mut Tx, content: &Content) -> Result<GroupId> {
    let id: GroupId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into resident_group (id, unit, organisation, kind, name, folded_name, owner, sample_share, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        content.unit,
        content.organisation.map(|o| o.0),
        content.kind,
        content.name,
        text::fold(&content.name),
        content.owner.map(|p| p.0),
        content.sample_share,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Writes a record anew, if it still has the version that was read.
///
/// # Errors
/// `Conflict` when somebody else was quicker.
pub async fn update(tx: &mut Tx, record: &Record, content: &Content) -> Result<()> {
    let done = sqlx::query!(
        "update resident_group set unit = $3, organisation = $4, kind = $5, name = $6, folded_name = $7, owner = $8,
             sample_share = $9
         where id = $1 and version = $2",
        record.id.0,
        record.version,
        content.unit,
        content.organisation.map(|o| o.0),
        content.kind,
        content.name,
        text::fold(&content.name),
        content.owner.map(|p| p.0),
        content.sample_share
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("group")),
    }
}

/// Ends a group with its memberships; its history stays.
///
/// # Errors
/// `Conflict` when it ended before.
pub async fn end(tx: &mut Tx, id: GroupId, last: Date) -> Result<()> {
    let now = tx.world.now();
    let done = sqlx::query!(
        "update resident_group set ended_at = $2, ended_on = $3 where id = $1 and ended_at is null",
        id.0,
        now.to_sqlx() as _,
        last.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("group"));
    }
    membership::end_all(tx, Body::Group(id), last).await
}
