//! Finding and reading people, inside the area that the transaction was given.

use super::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{HouseholdId, PersonId, text};
use jiff::civil::Date;

/// A person as lists show one.
#[derive(Debug, Clone)]
pub struct PersonLine {
    pub id: PersonId,
    pub unit: i32,
    pub unit_name: String,
    pub household: Option<HouseholdId>,
    pub birth_year: i16,
    pub sex: String,
    pub relation: String,
    pub secret: PersonSecret,
}

pub(super) struct Row {
    pub id: PersonId,
    pub unit: i32,
    pub unit_name: String,
    pub household: Option<HouseholdId>,
    pub birth_year: i16,
    pub sex: String,
    pub relation: String,
    pub sealed: Option<Vec<u8>>,
}

pub(super) fn open(tx: &Tx, row: Row) -> Result<PersonLine> {
    let secret = match &row.sealed {
        Some(sealed) => tx.keys.open(PERSON_SEALED, row.id.0.as_bytes(), sealed)?,
        None => PersonSecret::default(),
    };
    Ok(PersonLine {
        id: row.id,
        unit: row.unit,
        unit_name: row.unit_name,
        household: row.household,
        birth_year: row.birth_year,
        sex: row.sex,
        relation: row.relation,
        secret,
    })
}

/// Where somebody stands in a list: by given name, then year of birth.
pub(super) fn list_order(person: &PersonLine) -> (Vec<u8>, i16, PersonId) {
    (text::given_name_sort_key(&person.secret.name), person.birth_year, person.id)
}

pub(super) fn sort_as_people_do(lines: &mut [PersonLine]) {
    lines.sort_by_cached_key(list_order);
}

/// Most hits a search returns; further words narrow it.
pub const MOST_HITS: i64 = 200;

pub(super) fn matches_words(name: &str, query: &str) -> bool {
    let words: Vec<&str> = query.split(' ').collect();
    let Some((last, whole)) = words.split_last() else { return false };
    whole.iter().all(|word| name.split(' ').any(|n| n == *word))
        && name.split(' ').any(|n| n.starts_with(last))
}

/// People of a unit page by page, in the order of their ids.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn page(
    tx: &mut Tx,
    unit: i32,
    on: Date,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonLine>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit
           where p.removed is null and ($3::uuid is null or p.id > $3)
             and p.unit in (select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
           order by p.id limit $4"#,
        unit,
        jiff_sqlx::Date::from(on) as _,
        after.map(|p| p.0),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// One person.
///
/// # Errors
/// `NotFound` when there is none in the area.
pub async fn find(tx: &mut Tx, id: PersonId) -> Result<PersonLine> {
    let row = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit where p.id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("person"))?;
    open(tx, row)
}

/// A household's address and present members, in the order they were registered.
///
/// # Errors
/// `NotFound` when there is none in the area.
pub async fn household(tx: &mut Tx, id: HouseholdId) -> Result<(HouseholdSecret, Vec<PersonLine>)> {
    let sealed = sqlx::query_scalar!("select sealed from household where id = $1", id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(StoreError::NotFound("household"))?;
    let secret = match sealed {
        Some(sealed) => tx.keys.open(HOUSEHOLD_SEALED, id.0.as_bytes(), &sealed)?,
        None => HouseholdSecret::default(),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit where p.household = $1 and p.removed is null order by p.id"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok((secret, rows.into_iter().map(|row| open(tx, row)).collect::<Result<Vec<_>>>()?))
}
