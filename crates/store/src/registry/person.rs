//! One person's record: read whole, entered, changed, moved, taken off the list.

use super::{PERSON_SEALED, PersonSecret};
use crate::crypt::{KeyRing, id_tail, name_row_keys};
use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_domain::registry::person_code;
use greenfort_domain::registry::scan::Scanned;
use greenfort_kernel::{AccountId, HouseholdId, PersonId, text};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use uuid::Uuid;

/// A person with everything the register holds in its own row.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: PersonId,
    pub unit: i32,
    pub unit_name: String,
    pub household: Option<HouseholdId>,
    pub birth_year: i16,
    pub sex: String,
    pub relation: String,
    pub vaccine_doses: i16,
    pub exposure: String,
    pub code: Option<String>,
    pub removed: Option<String>,
    pub removed_on: Option<Date>,
    /// The record that stands for this one since a merge.
    pub merged_into: Option<PersonId>,
    /// Kept but not changed since, at the request of the person.
    pub restricted_on: Option<Date>,
    pub version: i32,
    pub secret: PersonSecret,
}

/// What the register keeps of a person in clear, and what it seals.
#[derive(Debug, Clone)]
pub struct Content {
    pub birth_year: i16,
    pub sex: &'static str,
    pub relation: String,
    pub vaccine_doses: i16,
    pub exposure: String,
    pub secret: PersonSecret,
}

/// Where somebody lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    pub unit: i32,
    pub household: Option<HouseholdId>,
}

/// Something that happened to a person.
#[derive(Debug)]
pub struct Event<'a> {
    pub person: PersonId,
    pub kind: &'a str,
    pub on: Date,
    pub from: Option<Home>,
    pub to: Option<Home>,
    pub detail: Value,
    pub by: AccountId,
}

/// Keyed hashes that find a person again.
struct SearchKeys {
    name: Vec<i64>,
    id: Option<Vec<u8>>,
    id_tail: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    insurance: Option<Vec<u8>>,
}

impl SearchKeys {
    fn of(ring: &KeyRing, secret: &PersonSecret) -> Self {
        let key = |purpose, value: Option<&str>| value.map(|v| ring.search_key(purpose, v).to_vec());
        Self {
            name: name_row_keys(ring, &text::fold(&secret.name)),
            id: key("person.id", secret.id_number.as_deref()),
            id_tail: key("person.id_tail", secret.id_number.as_deref().and_then(id_tail)),
            phone: key("person.phone", secret.phone.as_deref()),
            insurance: key("person.insurance", secret.insurance.as_deref()),
        }
    }
}

/// # Errors
/// `NotFound` when there is none in the area.
pub async fn get(tx: &mut Tx, id: PersonId) -> Result<Record> {
    many(tx, &[id]).await?.pop().ok_or(StoreError::NotFound("person"))
}

/// Those of `ids` that are in the area, in the order of their ids.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn many(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<Record>> {
    let ids: Vec<Uuid> = ids.iter().map(|p| p.0).collect();
    let rows = sqlx::query!(
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: HouseholdId", p.birth_year,
                  p.sex, p.relation, p.vaccine_doses, p.exposure, p.code, p.removed,
                  p.removed_on as "removed_on: jiff_sqlx::Date", p.version, p.sealed,
                  p.merged_into as "merged_into: PersonId", p.restricted_on as "restricted_on: jiff_sqlx::Date"
           from person p join unit u on u.id = p.unit where p.id = any ($1) order by p.id"#,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let opened = |row_id: PersonId, sealed: Option<&[u8]>| match sealed {
        Some(sealed) => tx.keys.open(PERSON_SEALED, row_id.0.as_bytes(), sealed),
        None => Ok(PersonSecret::default()),
    };
    rows.into_iter()
        .map(|row| {
            Ok(Record {
                secret: opened(row.id, row.sealed.as_deref())?,
                id: row.id,
                unit: row.unit,
                unit_name: row.unit_name,
                household: row.household,
                birth_year: row.birth_year,
                sex: row.sex,
                relation: row.relation,
                vaccine_doses: row.vaccine_doses,
                exposure: row.exposure,
                code: row.code,
                removed: row.removed,
                removed_on: row.removed_on.map(jiff_sqlx::Date::to_jiff),
                merged_into: row.merged_into,
                restricted_on: row.restricted_on.map(jiff_sqlx::Date::to_jiff),
                version: row.version,
            })
        })
        .collect()
}

/// Present people of the area with this identity or social insurance number.
///
/// # Errors
/// When the database refuses.
pub async fn by_number(tx: &mut Tx, ids: &[String], insurance: Option<&str>) -> Result<Vec<PersonId>> {
    let ids: Vec<Vec<u8>> = ids.iter().map(|n| tx.keys.search_key("person.id", n).to_vec()).collect();
    let insurance = insurance.map(|n| tx.keys.search_key("person.insurance", n).to_vec());
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PersonId" from person
           where (id_key = any ($1) or insurance_key = $2) and removed is null order by id limit 20"#,
        &ids,
        insurance
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Present people of the area whom a scanned card means: by number or code; by a starred number only together with name
/// and year of birth.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn by_card(tx: &mut Tx, card: &Scanned) -> Result<Vec<Record>> {
    let numbers: Vec<String> = card.id_number.iter().chain(&card.former_id).cloned().collect();
    let mut ids = by_number(tx, &numbers, card.insurance.as_deref()).await?;
    if let Some(code) = &card.code {
        let found = sqlx::query_scalar!(
            r#"select id as "id: PersonId" from person where code = $1 and removed is null"#,
            code
        )
        .fetch_optional(tx.conn())
        .await?;
        ids.extend(found);
    }
    let starred = match (
        card.id_tail.as_deref().and_then(|t| id_tail(t).map(|last| (t, last))),
        &card.name,
        card.birth,
    ) {
        (Some((tail, last)), Some(name), Some(birth)) if ids.is_empty() => Some((tail, last, name, birth)),
        _ => None,
    };
    let Some((tail, last, name, birth)) = starred else { return many(tx, &ids).await };
    let folded = text::fold(name);
    let last = tx.keys.search_key("person.id_tail", last).to_vec();
    let words = crate::crypt::name_query_keys(&tx.keys, &folded);
    let ids = sqlx::query_scalar!(
        r#"select id as "id: PersonId" from person
           where id_tail_key = $1 and name_keys @> $2 and birth_year = $3 and removed is null limit 20"#,
        last,
        &words,
        birth.year
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = many(tx, &ids).await?;
    found.retain(|p| {
        text::fold(&p.secret.name) == folded
            && p.secret.id_number.as_deref().is_some_and(|n| n.ends_with(tail))
    });
    Ok(found)
}

/// Enters somebody. Who has no identity number gets a code of the commune.
///
/// # Errors
/// When the database refuses.
pub async fn create(tx: &mut Tx, content: &Content, home: Home) -> Result<PersonId> {
    let id: PersonId = tx.world.id();
    let keys = SearchKeys::of(&tx.keys, &content.secret);
    let sealed = tx.keys.seal(PERSON_SEALED, id.0.as_bytes(), &content.secret);
    let code = match content.secret.id_number {
        Some(_) => None,
        None => Some(new_code(tx, home.unit).await?),
    };
    let now = tx.world.now();
    let done = sqlx::query!(
        "insert into person (id, unit, household, birth_year, sex, relation, vaccine_doses, exposure, code, sealed, name_keys,
             id_key, id_tail_key, phone_key, insurance_key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        id.0,
        home.unit,
        home.household.map(|h| h.0),
        content.birth_year,
        content.sex,
        content.relation,
        content.vaccine_doses,
        content.exposure,
        code,
        sealed,
        &keys.name,
        keys.id,
        keys.id_tail,
        keys.phone,
        keys.insurance,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("person", done.rows_affected(), 1)?;
    Ok(id)
}

/// The next code of the commune that holds a unit.
async fn new_code(tx: &mut Tx, unit: i32) -> Result<String> {
    let on = tx.world.today();
    let commune = sqlx::query!(
        "select u.id, u.code from unit_ancestor a join unit u on u.id = a.ancestor
         where a.descendant = $1 and u.level = 'commune' and $2 between a.valid_from and a.valid_to",
        unit,
        on.to_sqlx() as _
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("commune"))?;
    let serial = sqlx::query_scalar!(
        "insert into person_code_serial (commune, last) values ($1, 1)
         on conflict (commune) do update set last = person_code_serial.last + 1 returning last",
        commune.id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(person_code(&commune.code, serial))
}

/// Writes a record anew, if it still has the version that was read.
///
/// # Errors
/// `Conflict` when somebody else was quicker.
pub async fn update(tx: &mut Tx, id: PersonId, version: i32, content: &Content) -> Result<()> {
    let keys = SearchKeys::of(&tx.keys, &content.secret);
    let sealed = tx.keys.seal(PERSON_SEALED, id.0.as_bytes(), &content.secret);
    let done = sqlx::query!(
        "update person set birth_year = $3, sex = $4, relation = $5, vaccine_doses = $6, exposure = $7, sealed = $8,
             name_keys = $9, id_key = $10, id_tail_key = $11, phone_key = $12, insurance_key = $13
         where id = $1 and version = $2",
        id.0,
        version,
        content.birth_year,
        content.sex,
        content.relation,
        content.vaccine_doses,
        content.exposure,
        sealed,
        &keys.name,
        keys.id,
        keys.id_tail,
        keys.phone,
        keys.insurance
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("person")),
    }
}

/// Writes down what happened. The current state is the caller's to change, after this: a move may take the person out of
/// sight.
///
/// # Errors
/// When the database refuses.
pub async fn record_event(tx: &mut Tx, event: &Event<'_>) -> Result<()> {
    let (id, now): (Uuid, _) = (tx.world.id(), tx.world.now());
    sqlx::query!(
        "insert into person_event (id, person, kind, on_date, from_unit, from_household, to_unit, to_household, detail, at, by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id,
        event.person.0,
        event.kind,
        event.on.to_sqlx() as _,
        event.from.map(|h| h.unit),
        event.from.and_then(|h| h.household).map(|h| h.0),
        event.to.map(|h| h.unit),
        event.to.and_then(|h| h.household).map(|h| h.0),
        event.detail,
        now.to_sqlx() as _,
        event.by.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last day on which a person came to where he or she lives: born, arrived, moved. A registration counts only
/// with a day of its own: who was entered today may have lived here for long.
///
/// # Errors
/// When the database refuses.
pub async fn came_on(tx: &mut Tx, id: PersonId) -> Result<Option<Date>> {
    let day = sqlx::query_scalar!(
        r#"select max(on_date) as "day: jiff_sqlx::Date" from person_event
           where person = $1 and (kind in ('born', 'arrived', 'joined', 'moved')
               or kind = 'registered' and on_date < (at at time zone 'Asia/Ho_Chi_Minh')::date)"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(day.map(jiff_sqlx::Date::to_jiff))
}

/// Moves somebody present, also across the border of the area.
///
/// # Errors
/// `NotFound` when the person is not in the area, or the household not in the unit.
pub async fn move_to(tx: &mut Tx, id: PersonId, home: Home, relation: &str) -> Result<()> {
    let moved = sqlx::query_scalar!(
        r#"select move_person($1, $2, $3, $4) as "moved!""#,
        id.0,
        home.unit,
        home.household.map(|h| h.0),
        relation
    )
    .fetch_one(tx.conn())
    .await?;
    if moved { Ok(()) } else { Err(StoreError::NotFound("person")) }
}

/// Takes somebody off the list, or puts back who was taken off by mistake or returned.
///
/// # Errors
/// `Conflict` when the person is not in the state it is taken from.
pub async fn set_removed(tx: &mut Tx, id: PersonId, removed: Option<(&str, Date)>) -> Result<()> {
    let done = sqlx::query!(
        "update person set removed = $2, removed_on = $3
         where id = $1 and case when $2::text is null then removed in ('moved', 'died') else removed is null end",
        id.0,
        removed.map(|(why, _)| why),
        removed.map(|(_, on)| on.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("person")),
    }
}
