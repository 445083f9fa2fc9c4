//! Exports of people: what was asked for, the file in sealed parts, and the reading of the register hamlet by hamlet.

use super::people::{PersonLine, list_order};
use super::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED};
use crate::jobs::{self, NewJob};
use crate::{Result, Scope, StoreError, Tx, expect_rows};
use greenfort_kernel::{AccountId, ExportId, HouseholdId, Language, PersonId, UnitId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub const JOB: &str = "registry.export";
const PART_SEALED: &str = "person_export_part.sealed";
/// Hours a file is kept.
const KEPT_HOURS: i64 = 24;

#[derive(Debug, Clone)]
pub struct Export {
    pub id: ExportId,
    pub account: AccountId,
    pub unit: UnitId,
    pub unit_name: String,
    pub area: Vec<UnitId>,
    pub language: Language,
    pub format: String,
    pub purpose: String,
    pub full_numbers: bool,
    pub status: String,
    pub people: i64,
    pub bytes: Option<i64>,
    pub sha256: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    account: Uuid,
    unit: i32,
    unit_name: String,
    area: Vec<i32>,
    language: String,
    format: String,
    purpose: String,
    full_numbers: bool,
    status: String,
    people: i64,
    bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
    created_at: jiff_sqlx::Timestamp,
    finished_at: Option<jiff_sqlx::Timestamp>,
    expires_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for Export {
    fn from(row: Row) -> Self {
        Self {
            id: ExportId(row.id),
            account: AccountId(row.account),
            unit: UnitId(row.unit),
            unit_name: row.unit_name,
            area: row.area.into_iter().map(UnitId).collect(),
            language: if row.language == "en" { Language::En } else { Language::Vi },
            format: row.format,
            purpose: row.purpose,
            full_numbers: row.full_numbers,
            status: row.status,
            people: row.people,
            bytes: row.bytes,
            sha256: row.sha256,
            created_at: row.created_at.to_jiff(),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

/// What is asked for.
#[derive(Debug)]
pub struct NewExport<'a> {
    pub account: AccountId,
    pub unit: UnitId,
    pub language: Language,
    pub format: &'a str,
    pub purpose: &'a str,
    pub full_numbers: bool,
}

/// Asks for an export: enqueues the job that writes it.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &mut Tx, new: &NewExport<'_>, scope: &Scope) -> Result<ExportId> {
    let id: ExportId = tx.world.id();
    let now = tx.world.now();
    let area: Vec<i32> = scope.area.iter().map(|u| u.0).collect();
    sqlx::query!(
        "insert into person_export (id, account, unit, area, language, format, purpose, full_numbers, status, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9)",
        id.0,
        new.account.0,
        new.unit.0,
        &area,
        new.language.code(),
        new.format,
        new.purpose,
        new.full_numbers,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    let payload = serde_json::json!({ "export": id });
    jobs::enqueue(tx, NewJob { kind: JOB, unique_key: id.to_string(), payload, run_at: now }).await?;
    Ok(id)
}

/// An export by its id; `account` none: whoever's it is, for the worker.
///
/// # Errors
/// `NotFound` when it is nobody's or another's.
pub async fn find(tx: &mut Tx, id: ExportId, account: Option<AccountId>) -> Result<Export> {
    sqlx::query_as!(
        Row,
        "select e.id, e.account, e.unit, u.name as unit_name, e.area, e.language, e.format, e.purpose, e.full_numbers,
                e.status, e.people, e.bytes, e.sha256, e.created_at, e.finished_at, e.expires_at
         from person_export e join unit u on u.id = e.unit where e.id = $1 and ($2::uuid is null or e.account = $2)",
        id.0,
        account.map(|a| a.0)
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Into::into)
    .ok_or(StoreError::NotFound("export"))
}

/// Exports of an account, newest first; `before` is the last of the page before.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    tx: &mut Tx,
    account: AccountId,
    before: Option<(Timestamp, ExportId)>,
    limit: i64,
) -> Result<Vec<Export>> {
    let (at, id) = before.map(|(at, id)| (jiff_sqlx::Timestamp::from(at), id.0)).unzip();
    let rows = sqlx::query_as!(
        Row,
        "select e.id, e.account, e.unit, u.name as unit_name, e.area, e.language, e.format, e.purpose, e.full_numbers,
                e.status, e.people, e.bytes, e.sha256, e.created_at, e.finished_at, e.expires_at
         from person_export e join unit u on u.id = e.unit
         where e.account = $1 and ($2::timestamptz is null or (e.created_at, e.id) < ($2, $3))
         order by e.created_at desc, e.id desc limit $4",
        account.0,
        at as _,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Begins (again): what an attempt that was cut has written is dropped. False when the file is there already.
///
/// # Errors
/// When the database refuses.
pub async fn set_running(tx: &mut Tx, id: ExportId) -> Result<bool> {
    let open = sqlx::query!(
        "update person_export set status = 'running', people = 0 where id = $1 and status in ('waiting', 'running')",
        id.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from person_export_part where export = $1 and $2", id.0, open.rows_affected() == 1)
        .execute(tx.conn())
        .await?;
    Ok(open.rows_affected() == 1)
}

/// Keeps a part of the file.
///
/// # Errors
/// When the database refuses.
pub async fn add_part(tx: &mut Tx, export: ExportId, number: i32, bytes: &[u8]) -> Result<()> {
    let id: Uuid = tx.world.id();
    let sealed = tx.keys.seal_bytes(PART_SEALED, id.as_bytes(), bytes);
    sqlx::query!(
        "insert into person_export_part (id, export, number, sealed) values ($1, $2, $3, $4)",
        id,
        export.0,
        number,
        sealed
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Says how many people are written.
///
/// # Errors
/// When the database refuses.
pub async fn set_people(tx: &mut Tx, export: ExportId, people: i64) -> Result<()> {
    let done = sqlx::query!("update person_export set people = $2 where id = $1", export.0, people)
        .execute(tx.conn())
        .await?;
    expect_rows("export", done.rows_affected(), 1)
}

/// A part of the file; none behind the last, and none once it has expired.
///
/// # Errors
/// When the database refuses or the part does not open.
pub async fn part(tx: &mut Tx, export: ExportId, number: i32) -> Result<Option<Vec<u8>>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let row = sqlx::query!(
        "select p.id, p.sealed from person_export_part p join person_export e on e.id = p.export
         where p.export = $1 and p.number = $2 and e.status = 'ready' and e.expires_at > $3",
        export.0,
        number,
        now as _
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| tx.keys.open_bytes(PART_SEALED, r.id.as_bytes(), &r.sealed)).transpose()?)
}

/// The file is whole.
///
/// # Errors
/// When the database refuses.
pub async fn ready(tx: &mut Tx, export: ExportId, people: i64, bytes: i64, sha256: &[u8]) -> Result<()> {
    let now = tx.world.now();
    let until = now.saturating_add(SignedDuration::from_hours(KEPT_HOURS)).unwrap_or(now);
    let done = sqlx::query!(
        "update person_export set status = 'ready', people = $2, bytes = $3, sha256 = $4, finished_at = $5, expires_at = $6
         where id = $1 and status = 'running'",
        export.0,
        people,
        bytes,
        sha256,
        jiff_sqlx::Timestamp::from(now) as _,
        jiff_sqlx::Timestamp::from(until) as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("export", done.rows_affected(), 1)
}

/// Destroys files whose time is over.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old(tx: &mut Tx) -> Result<u64> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let gone = sqlx::query!(
        "delete from person_export_part p using person_export e where e.id = p.export and e.expires_at <= $1",
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Binds a transaction of the worker to the export's area and to one moment.
///
/// # Errors
/// When the database refuses.
pub async fn bind(tx: &mut Tx, export: &Export) -> Result<()> {
    sqlx::query("set transaction isolation level repeatable read, read only").execute(tx.conn()).await?;
    let area: Vec<String> = export.area.iter().map(ToString::to_string).collect();
    let today = tx.world.today().to_string();
    sqlx::query(
        "select set_config('greenfort.bound', 'on', true), set_config('greenfort.area', $1, true),
                set_config('greenfort.today', $2, true)",
    )
    .bind(format!("{{{}}}", area.join(",")))
    .bind(today)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A unit in which people of an export live.
#[derive(Debug, Clone)]
pub struct Place {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub commune: Option<String>,
}

/// Units of the export with people in them, by code.
///
/// # Errors
/// When the database refuses.
pub async fn places(tx: &mut Tx, export: &Export) -> Result<Vec<Place>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    Ok(sqlx::query_as!(
        Place,
        r#"select u.id, u.code, u.name,
                  (select k.name from unit_ancestor c join unit k on k.id = c.ancestor and k.level = 'commune'
                   where c.descendant = u.id and c.distance > 0 and $2 between c.valid_from and c.valid_to limit 1) as commune
           from unit_ancestor a join unit u on u.id = a.descendant
           where a.ancestor = $1 and $2 between a.valid_from and a.valid_to and u.id in (select area_units())
             and exists (select from person p where p.unit = u.id)
           order by u.code"#,
        export.unit.0,
        today as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Somebody with the doses and the home.
#[derive(Debug)]
pub struct Listed {
    pub person: PersonLine,
    pub doses: i16,
    pub address: String,
    /// Number of the household inside the hamlet: its place on the walking route.
    pub household_number: Option<i32>,
}

/// Present people of one unit, by given name.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn people_of(tx: &mut Tx, place: &Place) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"select p.id, p.household, p.birth_year, p.sex, p.relation, p.vaccine_doses, p.sealed, h.sealed as "home?",
                h.walk_order as "number?"
         from person p left join household h on h.id = p.household
         where p.unit = $1 and p.removed is null"#,
        place.id
    )
    .fetch_all(tx.conn())
    .await?;
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        let secret = match &row.sealed {
            Some(sealed) => tx.keys.open(PERSON_SEALED, row.id.as_bytes(), sealed)?,
            None => super::PersonSecret::default(),
        };
        let home = match (row.household, &row.home) {
            (Some(home), Some(sealed)) => tx.keys.open(HOUSEHOLD_SEALED, home.as_bytes(), sealed)?,
            _ => HouseholdSecret::default(),
        };
        let person = PersonLine {
            id: PersonId(row.id),
            unit: place.id,
            unit_name: place.name.clone(),
            household: row.household.map(HouseholdId),
            birth_year: row.birth_year,
            sex: row.sex,
            relation: row.relation,
            secret,
        };
        people.push(Listed {
            person,
            doses: row.vaccine_doses,
            address: home.address,
            household_number: row.number,
        });
    }
    people.sort_by_cached_key(|listed| list_order(&listed.person));
    Ok(people)
}
