//! Restrictions: whom a decision holds, from when to when.

use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, HouseholdId, PartId, PersonId, RestrictionId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// Whom a restriction holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Person(PersonId),
    Household(HouseholdId),
    Part(PartId),
    Place(UnitId),
}

/// A restriction as it is entered.
#[derive(Debug)]
pub struct New<'a> {
    pub unit: i32,
    pub kind: &'a str,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub document: &'a str,
    pub signer: &'a str,
    pub by: AccountId,
}

/// A restriction as it is read.
#[derive(Debug)]
pub struct Row {
    pub id: RestrictionId,
    pub unit: i32,
    pub unit_name: String,
    pub kind: String,
    pub starts_at: jiff_sqlx::Timestamp,
    pub ends_at: Option<jiff_sqlx::Timestamp>,
    pub document: String,
    pub signer: String,
    pub persons: i64,
    pub households: i64,
    pub parts: i64,
    /// Names of the places held.
    pub places: Vec<String>,
}

/// # Errors
/// When the database refuses.
pub async fn create(tx: &mut Tx, new: &New<'_>, targets: &[Target]) -> Result<RestrictionId> {
    let id: RestrictionId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into restriction (id, unit, kind, starts_at, ends_at, document, signer, at, by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        new.unit,
        new.kind,
        new.starts_at.to_sqlx() as _,
        new.ends_at.map(|t| t.to_sqlx()) as _,
        new.document,
        new.signer,
        now.to_sqlx() as _,
        new.by.0
    )
    .execute(tx.conn())
    .await?;
    let mut columns: [Vec<Option<Uuid>>; 3] = Default::default();
    let mut places: Vec<Option<i32>> = Vec::new();
    for target in targets {
        let (person, household, part, place) = match *target {
            Target::Person(p) => (Some(p.0), None, None, None),
            Target::Household(h) => (None, Some(h.0), None, None),
            Target::Part(p) => (None, None, Some(p.0), None),
            Target::Place(u) => (None, None, None, Some(u.0)),
        };
        columns[0].push(person);
        columns[1].push(household);
        columns[2].push(part);
        places.push(place);
    }
    let [persons, households, parts] = columns;
    sqlx::query!(
        "insert into restriction_target (restriction, person, household, part, place)
         select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[]) on conflict do nothing",
        id.0,
        &persons as _,
        &households as _,
        &parts as _,
        &places as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// True when every target is one the transaction may see; places and parts must lie in the area.
///
/// # Errors
/// When the database refuses.
pub async fn all_visible(tx: &mut Tx, targets: &[Target]) -> Result<bool> {
    let (mut persons, mut households, mut parts, mut places) = (vec![], vec![], vec![], vec![]);
    for target in targets {
        match *target {
            Target::Person(p) => persons.push(p.0),
            Target::Household(h) => households.push(h.0),
            Target::Part(p) => parts.push(p.0),
            Target::Place(u) => places.push(u.0),
        }
    }
    Ok(sqlx::query_scalar!(
        r#"select not exists (select from unnest($1::uuid[]) t where t not in (select id from person where id = any ($1)))
              and not exists (select from unnest($2::uuid[]) t where t not in (select id from household where id = any ($2)))
              and not exists (select from unnest($3::uuid[]) t where t not in (
                  select p.id from organisation_part p join organisation o on o.id = p.organisation
                  where p.id = any ($3) and o.unit in (select area_units())))
              and not exists (select from unnest($4::int[]) t where t not in (select area_units())) as "all!""#,
        &persons,
        &households,
        &parts,
        &places
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Restrictions of the area, newest first: those in force at `at`, or all.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    tx: &mut Tx,
    in_force: Option<Timestamp>,
    before: Option<(Timestamp, RestrictionId)>,
    limit: i64,
) -> Result<Vec<Row>> {
    let (before_at, before_id) = before.unzip();
    Ok(sqlx::query_as!(
        Row,
        r#"select r.id as "id: RestrictionId", r.unit, u.name as unit_name, r.kind, r.starts_at, r.ends_at, r.document,
                  r.signer, t.persons as "persons!", t.households as "households!", t.parts as "parts!", t.places as "places!"
           from restriction r join unit u on u.id = r.unit
           cross join lateral (
               select count(t.person) persons, count(t.household) households, count(t.part) parts,
                      coalesce(array_agg(place.name) filter (where place.id is not null), '{}') places
               from restriction_target t left join unit place on place.id = t.place where t.restriction = r.id) t
           where ($1::timestamptz is null or (r.starts_at <= $1 and (r.ends_at is null or r.ends_at > $1)))
             and ($2::timestamptz is null or (r.starts_at, r.id) < ($2, $3))
           order by r.starts_at desc, r.id desc limit $4"#,
        in_force.map(|t| t.to_sqlx()) as _,
        before_at.map(|t| t.to_sqlx()) as _,
        before_id.map(|id| id.0),
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// What holds a person at an instant: what names the person, the household, a part of where the person works, or a unit
/// around the home.
///
/// # Errors
/// When the database refuses.
pub async fn in_force(tx: &mut Tx, id: PersonId, at: Timestamp) -> Result<Vec<Row>> {
    let on = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).date();
    Ok(sqlx::query_as!(
        Row,
        r#"select r.id as "id: RestrictionId", r.unit, u.name as unit_name, r.kind, r.starts_at, r.ends_at, r.document,
                  r.signer, count(t.person) as "persons!", count(t.household) as "households!", count(t.part) as "parts!",
                  coalesce(array_agg(place.name) filter (where place.id is not null), '{}') as "places!"
           from person p
           join restriction_target t on t.person = p.id or t.household = p.household
               or t.part in (select m.part from organisation_member m
                             where m.person = p.id and m.from_date <= $3 and (m.to_date is null or m.to_date >= $3))
               or t.place in (select a.ancestor from unit_ancestor a
                              where a.descendant = p.unit and $3 between a.valid_from and a.valid_to)
           join restriction r on r.id = t.restriction
           join unit u on u.id = r.unit left join unit place on place.id = t.place
           where p.id = $1 and r.starts_at <= $2 and (r.ends_at is null or r.ends_at > $2)
           group by r.id, u.name order by r.starts_at desc"#,
        id.0,
        at.to_sqlx() as _,
        on.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Ends a restriction of the area before its time; ending it twice is no error. Answers its unit.
///
/// # Errors
/// `NotFound` when there is none in the area.
pub async fn lift(tx: &mut Tx, id: RestrictionId, at: Timestamp, by: AccountId) -> Result<UnitId> {
    let unit = sqlx::query_scalar!(
        "update restriction set ends_at = case when ends_at <= $2 then ends_at else greatest($2, starts_at) end,
             lifted_by = case when ends_at <= $2 then lifted_by else $3 end
         where id = $1 and unit in (select area_units()) returning unit",
        id.0,
        at.to_sqlx() as _,
        by.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("restriction"))?;
    Ok(UnitId(unit))
}
