//! Two records become one: what hangs on the dropped record and may move is moved and noted, the record itself points to the
//! kept one, and all of it goes back when the merge is undone. Facts of rounds (swabs, readings, conclusions) stay where they
//! were recorded: whoever reads a person's history follows the pointer.

use super::person::{Content, Record};
use super::{PersonSecret, person};
use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, PersonId};
use jiff_sqlx::ToSqlx as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the sealed column is bound to.
pub const MERGE_SEALED: &str = "person_merge.sealed";

/// Fields the kept record can take from the other.
pub const FIELDS: [&str; 8] =
    ["name", "birth", "sex", "id_number", "phone", "insurance_number", "relation", "vaccine_doses"];

/// What can be moved: table, the columns that name a row beside the person, and those in which the other record may have a
/// row already: then both stay where they are.
const MOVABLE: [(&str, &str, &str); 7] = [
    ("organisation_member", "organisation, from_date", "organisation, from_date"),
    ("resident_group_member", "resident_group, from_date", "resident_group, from_date"),
    ("vehicle_driver", "vehicle, from_date", "vehicle, from_date"),
    ("vaccination", "dose", "dose"),
    ("restriction_target", "restriction", "restriction"),
    ("account_person", "account, at", "account"),
    ("person_card", "id", "id"),
];

/// The kept record as it was before.
#[derive(Serialize, Deserialize)]
struct Before {
    year: i16,
    female: bool,
    relation: String,
    doses: i16,
    secret: PersonSecret,
}

/// A merge as lists show it.
#[derive(Debug)]
pub struct Merge {
    pub id: Uuid,
    pub kept: PersonId,
    pub dropped: PersonId,
    pub at: jiff_sqlx::Timestamp,
    pub undone: bool,
}

fn static_sex(sex: &str) -> &'static str {
    if sex == "female" { "female" } else { "male" }
}

fn content(record: &Record) -> Content {
    Content {
        birth_year: record.birth_year,
        sex: static_sex(&record.sex),
        relation: record.relation.clone(),
        vaccine_doses: record.vaccine_doses,
        exposure: record.exposure.clone(),
        secret: record.secret.clone(),
    }
}

/// Copies a field from one content into another.
fn copy(field: &str, from: &Content, to: &mut Content) {
    match field {
        "name" => to.secret.name.clone_from(&from.secret.name),
        "birth" => {
            to.birth_year = from.birth_year;
            to.secret.birthday = from.secret.birthday;
        }
        "sex" => to.sex = from.sex,
        "id_number" => to.secret.id_number.clone_from(&from.secret.id_number),
        "phone" => to.secret.phone.clone_from(&from.secret.phone),
        "insurance_number" => to.secret.insurance.clone_from(&from.secret.insurance),
        "relation" => to.relation.clone_from(&from.relation),
        _ => to.vaccine_doses = from.vaccine_doses,
    }
}

fn same(field: &str, one: &Content, other: &Content) -> bool {
    match field {
        "name" => one.secret.name == other.secret.name,
        "birth" => (one.birth_year, one.secret.birthday) == (other.birth_year, other.secret.birthday),
        "sex" => one.sex == other.sex,
        "id_number" => one.secret.id_number == other.secret.id_number,
        "phone" => one.secret.phone == other.secret.phone,
        "insurance_number" => one.secret.insurance == other.secret.insurance,
        "relation" => one.relation == other.relation,
        _ => one.vaccine_doses == other.vaccine_doses,
    }
}

/// Merges `dropped` into `kept`, which takes the named fields from it.
///
/// # Errors
/// `Conflict` when somebody changed one of them meanwhile.
pub async fn merge(
    tx: &mut Tx,
    kept: &Record,
    dropped: &Record,
    taken: &[String],
    by: AccountId,
) -> Result<Uuid> {
    let (id, now, today): (Uuid, _, _) = (tx.world.id(), tx.world.now(), tx.world.today());
    let before = Before {
        year: kept.birth_year,
        female: kept.sex == "female",
        relation: kept.relation.clone(),
        doses: kept.vaccine_doses,
        secret: kept.secret.clone(),
    };
    let sealed = tx.keys.seal(MERGE_SEALED, id.as_bytes(), &before);
    let mut moved = serde_json::Map::new();
    for (table, key, like) in MOVABLE {
        moved.insert(table.to_owned(), move_rows(tx, (table, key, like), dropped.id, kept.id).await?);
    }
    // Records that the dropped one stood for now point to the kept one: a history is one step away.
    let chained = sqlx::query_scalar!(
        "update person set merged_into = $2 where merged_into = $1 returning id",
        dropped.id.0,
        kept.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    moved.insert("person".to_owned(), json!(chained));
    let done = sqlx::query!(
        "update person set removed = 'merged', removed_on = $2, merged_into = $3
         where id = $1 and removed is null and version = $4",
        dropped.id.0,
        today.to_sqlx() as _,
        kept.id.0,
        dropped.version
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("person"));
    }
    let (mut wanted, other) = (content(kept), content(dropped));
    for field in taken {
        copy(field, &other, &mut wanted);
    }
    person::update(tx, kept.id, kept.version, &wanted).await?;
    sqlx::query!(
        "insert into person_merge (id, kept, dropped, taken, sealed, moved, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        kept.id.0,
        dropped.id.0,
        taken,
        sealed,
        Value::Object(moved),
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Moves the rows of one table that have no like at the other record. Answers their keys.
async fn move_rows(
    tx: &mut Tx,
    (table, key, like): (&str, &str, &str),
    from: PersonId,
    to: PersonId,
) -> Result<Value> {
    let same = like.split(", ").map(|c| format!("o.{c} = t.{c}")).collect::<Vec<_>>().join(" and ");
    // Only the names of the constant above reach this text; ids are bound.
    let sql = format!(
        "with moved as (update {table} t set person = $2 where person = $1
             and not exists (select from {table} o where o.person = $2 and {same}) returning {key})
         select coalesce(jsonb_agg(to_jsonb(moved)), '[]') from moved"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(from.0).bind(to.0).fetch_one(tx.conn()).await?)
}

/// Puts everything back: rows that were moved, the dropped record, and of the fields taken those that nobody has changed
/// since. Answers both records' ids.
///
/// # Errors
/// `NotFound` when there is no such merge in the area, `Conflict` when it was undone before or a record was erased since.
pub async fn undo(tx: &mut Tx, id: Uuid, by: AccountId) -> Result<(PersonId, PersonId)> {
    let row = sqlx::query!(
        r#"select kept as "kept: PersonId", dropped as "dropped: PersonId", taken, sealed, moved, undone_at is not null as "undone!"
           from person_merge where id = $1 for update"#,
        id
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("merge"))?;
    let Some(sealed) = row.sealed.filter(|_| !row.undone) else { return Err(StoreError::Conflict("merge")) };
    let before: Before = tx.keys.open(MERGE_SEALED, id.as_bytes(), &sealed)?;
    let mut both = person::many(tx, &[row.kept, row.dropped]).await?;
    both.sort_by_key(|p| p.id != row.kept);
    let [kept, dropped] = both.as_slice() else { return Err(StoreError::NotFound("person")) };
    if kept.removed.as_deref() == Some("merged") {
        // The kept record was merged further: that merge is undone first.
        return Err(StoreError::Conflict("merge"));
    }
    for (table, key, _) in MOVABLE {
        let keys = row.moved.get(table).cloned().unwrap_or_else(|| json!([]));
        return_rows(tx, table, key, row.kept, row.dropped, &keys).await?;
    }
    let chained: Vec<Uuid> =
        serde_json::from_value(row.moved.get("person").cloned().unwrap_or_else(|| json!([])))
            .map_err(|e| StoreError::Inconsistent(format!("moved of merge {id}: {e}")))?;
    sqlx::query!("update person set merged_into = $2 where id = any ($1)", &chained, row.dropped.0)
        .execute(tx.conn())
        .await?;
    let done = sqlx::query!(
        "update person set removed = null, removed_on = null, merged_into = null where id = $1 and removed = 'merged'",
        row.dropped.0
    )
    .execute(tx.conn())
    .await?;
    expect_rows("person", done.rows_affected(), 1)?;
    let was = Content {
        birth_year: before.year,
        sex: if before.female { "female" } else { "male" },
        relation: before.relation,
        vaccine_doses: before.doses,
        exposure: kept.exposure.clone(),
        secret: before.secret,
    };
    let (mut wanted, other) = (content(kept), content(dropped));
    for field in row.taken.iter().filter(|field| same(field, &content(kept), &other)) {
        copy(field, &was, &mut wanted);
    }
    person::update(tx, row.kept, kept.version, &wanted).await?;
    let now = tx.world.now();
    sqlx::query!(
        "update person_merge set undone_by = $2, undone_at = $3 where id = $1",
        id,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok((row.kept, row.dropped))
}

async fn return_rows(
    tx: &mut Tx,
    table: &str,
    key: &str,
    from: PersonId,
    to: PersonId,
    keys: &Value,
) -> Result<()> {
    let sql = format!(
        "update {table} t set person = $2
         where person = $1 and ({key}) in (select {key} from jsonb_populate_recordset(null::{table}, $3))"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from.0).bind(to.0).bind(keys).execute(tx.conn()).await?;
    Ok(())
}

/// Standing and undone merges of the area, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn page(tx: &mut Tx, before: Option<(jiff::Timestamp, Uuid)>, limit: i64) -> Result<Vec<Merge>> {
    let (at, id) = before.unzip();
    Ok(sqlx::query_as!(
        Merge,
        r#"select id, kept as "kept: PersonId", dropped as "dropped: PersonId", at, undone_at is not null as "undone!"
           from person_merge where ($1::timestamptz is null or (at, id) < ($1, $2)) order by at desc, id desc limit $3"#,
        at.map(|t| t.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
