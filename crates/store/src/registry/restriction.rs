//! Restrictions: whom a decision holds, from when to when.

use super::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
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

/// Which restrictions to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in force at this instant; none: all.
    pub in_force: Option<Timestamp>,
    /// Kept by this unit or one below it.
    pub unit: Option<i32>,
    pub kind: Option<String>,
    pub only: Option<RestrictionId>,
}

/// Whom a restriction names, as far as the transaction may see them.
#[derive(Debug)]
pub struct Named {
    /// person, household, part, place.
    pub kind: String,
    pub id: String,
    /// Of the person, the part with its organisation, or the place; a household's address.
    pub name: String,
    pub unit_name: Option<String>,
}

/// Restrictions of the area, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    before: Option<(Timestamp, RestrictionId)>,
    limit: i64,
) -> Result<Vec<Row>> {
    let (before_at, before_id) = before.unzip();
    let on = tx.world.today();
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
             and ($5::int is null or r.unit in (select descendant from unit_ancestor
                                                where ancestor = $5 and $6 between valid_from and valid_to))
             and ($7::text is null or r.kind = $7)
             and ($8::uuid is null or r.id = $8)
           order by r.starts_at desc, r.id desc limit $4"#,
        filter.in_force.map(|t| t.to_sqlx()) as _,
        before_at.map(|t| t.to_sqlx()) as _,
        before_id.map(|id| id.0),
        limit,
        filter.unit,
        on.to_sqlx() as _,
        filter.kind.as_deref(),
        filter.only.map(|id| id.0)
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

/// What holds a whole household at an instant: what names it, or a unit around it.
///
/// # Errors
/// When the database refuses.
pub async fn of_household(tx: &mut Tx, id: HouseholdId, at: Timestamp) -> Result<Vec<Row>> {
    let on = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).date();
    Ok(sqlx::query_as!(
        Row,
        r#"select r.id as "id: RestrictionId", r.unit, u.name as unit_name, r.kind, r.starts_at, r.ends_at, r.document,
                  r.signer, count(t.person) as "persons!", count(t.household) as "households!", count(t.part) as "parts!",
                  coalesce(array_agg(place.name) filter (where place.id is not null), '{}') as "places!"
           from household h
           join restriction_target t on t.household = h.id
               or t.place in (select a.ancestor from unit_ancestor a
                              where a.descendant = h.unit and $3 between a.valid_from and a.valid_to)
           join restriction r on r.id = t.restriction
           join unit u on u.id = r.unit left join unit place on place.id = t.place
           where h.id = $1 and r.starts_at <= $2 and (r.ends_at is null or r.ends_at > $2)
           group by r.id, u.name order by r.starts_at desc"#,
        id.0,
        at.to_sqlx() as _,
        on.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whom a restriction names. Who lives beyond the area is left out.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn named(tx: &mut Tx, id: RestrictionId) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select t.person as "person: PersonId", p.sealed as "person_sealed?", t.household as "household: HouseholdId",
                  h.sealed as "household_sealed?", t.part as "part: PartId", op.name as "part_name?", o.name as "organisation?",
                  t.place, place.name as "place_name?", home.name as "home?"
           from restriction_target t
           left join person p on p.id = t.person left join household h on h.id = t.household
           left join organisation_part op on op.id = t.part left join organisation o on o.id = op.organisation
           left join unit place on place.id = t.place
           left join unit home on home.id = coalesce(p.unit, h.unit, o.unit)
           where t.restriction = $1"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut named = Vec::with_capacity(rows.len());
    for r in rows {
        let (kind, id, name) = if let Some(person) = r.person {
            let Some(sealed) = r.person_sealed else { continue };
            let secret: PersonSecret = tx.keys.open(PERSON_SEALED, person.0.as_bytes(), &sealed)?;
            ("person", person.to_string(), secret.name)
        } else if let Some(home) = r.household {
            let Some(sealed) = r.household_sealed else { continue };
            let secret: HouseholdSecret = tx.keys.open(HOUSEHOLD_SEALED, home.0.as_bytes(), &sealed)?;
            ("household", home.to_string(), secret.address)
        } else if let (Some(part), Some(name)) = (r.part, r.part_name) {
            ("part", part.to_string(), format!("{name}, {}", r.organisation.unwrap_or_default()))
        } else if let (Some(place), Some(name)) = (r.place, r.place_name) {
            ("place", place.to_string(), name)
        } else {
            continue;
        };
        named.push(Named { kind: kind.to_owned(), id, name, unit_name: r.home });
    }
    named.sort_by(|a, b| (&a.kind, &a.unit_name, &a.name).cmp(&(&b.kind, &b.unit_name, &b.name)));
    Ok(named)
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
