//! The run of an import inside one transaction of the worker: staged by COPY, matched and applied in sets.
//!
//! The transaction binds itself to the area of whom it works for, so that row-level security shows it nobody else.
//! Staging tables are temporary: a run that is cut leaves nothing.

use super::merge::{Known, Said, merge};
use super::stage::SealedBatch;
use super::{CHANGE_SEALED, Counts, Import};
use crate::copy::CopyRows;
use crate::crypt::{id_tail, name_row_keys};
use crate::registry::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::{Result, Tx};
use greenfort_domain::registry::import::{Fault, Reason};
use greenfort_kernel::text::fold;
use sqlx::Row as _;
use uuid::Uuid;

/// What `change` holds: people as they are to be, how they were before, and what of that the history names.
const CHANGE: &str = "person uuid not null, unit int not null, household uuid, birth_year smallint not null,
     sex text not null, relation text not null, doses smallint not null, sealed bytea not null,
     name_keys bigint[] not null, id_key bytea, id_tail_key bytea, insurance_key bytea, phone_key bytea,
     event uuid not null, before bytea, fields text not null";
/// The same for addresses of households.
const CHANGE_ADDRESS: &str =
    "household uuid not null, sealed bytea not null, event uuid not null, before bytea";

/// Binds the transaction to the import's area, and makes the tables for what is to be changed.
///
/// # Errors
/// When the database refuses.
pub(super) async fn bind(tx: &mut Tx, import: &Import) -> Result<()> {
    let area: Vec<String> = import.area.iter().map(ToString::to_string).collect();
    let today = tx.world.today().to_string();
    sqlx::query(
        "select set_config('greenfort.bound', 'on', true), set_config('greenfort.area', $1, true),
                set_config('greenfort.today', $2, true), set_config('work_mem', '96MB', true),
                set_config('jit', 'off', true), set_config('gin_pending_list_limit', '64MB', true)",
    )
    .bind(format!("{{{}}}", area.join(",")))
    .bind(today)
    .execute(tx.conn())
    .await?;
    for (table, columns) in [("change", CHANGE), ("change_address", CHANGE_ADDRESS)] {
        let sql = format!("create temporary table {table} ({columns}) on commit drop");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Binds the transaction to the import's area and makes the staging tables.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, import: &Import) -> Result<()> {
    bind(tx, import).await?;
    for table in [
        "create temporary table stage (
             row int not null, id uuid not null, unit int not null, household_key bytea, birth_year smallint not null,
             sex text not null, relation text, doses smallint, sealed bytea not null, name_keys bigint[] not null,
             id_key bytea, id_tail_key bytea, insurance_key bytea, phone_key bytea, has_address smallint, code_key bytea
         ) on commit drop",
        "create temporary table stage_household (
             id uuid not null, key bytea not null, unit int not null, walk_order int not null, sealed bytea not null,
             has_address smallint
         ) on commit drop",
        "create temporary table found (row int not null, person uuid not null, kind int not null) on commit drop",
        "create temporary table refused (row int primary key) on commit drop",
    ] {
        sqlx::query(table).execute(tx.conn()).await?;
    }
    Ok(())
}

/// # Errors
/// When the database refuses.
pub async fn stage(tx: &mut Tx, batch: &SealedBatch) -> Result<()> {
    if batch.people.rows() > 0 {
        batch
            .people
            .send(
                tx.conn(),
                "stage (row, id, unit, household_key, birth_year, sex, relation, doses, sealed, name_keys, id_key, \
                 id_tail_key, insurance_key, phone_key, has_address, code_key)",
            )
            .await?;
    }
    Ok(())
}

/// # Errors
/// When the database refuses.
pub async fn stage_households(tx: &mut Tx, batch: &SealedBatch) -> Result<()> {
    batch.people.send(tx.conn(), "stage_household (id, key, unit, walk_order, sealed, has_address)").await?;
    Ok(())
}

/// Finds who is known: by ID number, by health-insurance number, by the code of the commune's own sheets, or by name,
/// birth and sex inside the household. Never by
/// name and year of birth alone. Adds to `counts` and answers the rows that cannot be taken in.
///
/// Imports wait for each other here, so that two sheets with the same people make them once.
///
/// # Errors
/// When the database refuses.
pub async fn resolve(tx: &mut Tx, counts: &mut Counts) -> Result<Vec<Fault>> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('person_import'))").execute(tx.conn()).await?;
    for statement in [
        "analyze stage",
        "analyze stage_household",
        "insert into found
         select s.row, p.id, 1 from stage s join person p on p.id_key = s.id_key
         where s.id_key is not null and p.removed is null
         union all
         select s.row, p.id, 2 from stage s join person p on p.insurance_key = s.insurance_key
         where s.insurance_key is not null and p.removed is null
         union all
         select s.row, p.id, 3 from stage s join person p on p.sheet_key = s.code_key
         where s.code_key is not null and p.removed is null",
        "analyze found",
        // A household is the one the last sheet made, or the one in which the first known member lives, or new.
        "create temporary table house on commit drop as
         select distinct on (sh.key) sh.key, sh.id as new_id, coalesce(h.id, m.household) as known
         from stage_household sh
         left join household h on h.sheet_key = sh.key and h.unit = sh.unit and h.ended_at is null
         left join (
             select distinct on (s.household_key) s.household_key, p.household
             from found f join stage s using (row) join person p on p.id = f.person
             join household k on k.id = p.household and k.unit = s.unit and k.ended_at is null
             where s.household_key is not null order by s.household_key, s.row
         ) m on m.household_key = sh.key
         order by sh.key, h.id",
        "analyze house",
        "insert into found
         select distinct on (s.row) s.row, p.id, 4
         from stage s join house o on o.key = s.household_key and o.known is not null
         join person p on p.household = o.known and p.birth_year = s.birth_year and p.sex = s.sex
                      and p.name_keys = s.name_keys and p.removed is null
         where (s.id_key is null or p.id_key is null) and (s.insurance_key is null or p.insurance_key is null)
           and (s.code_key is null or p.sheet_key is null)
           and not exists (select from found f where f.row = s.row)
           and not exists (select from found f where f.person = p.id)
         order by s.row, p.id",
    ] {
        sqlx::query(statement).execute(tx.conn()).await?;
    }
    let staged: i64 = sqlx::query_scalar("select count(*) from stage").fetch_one(tx.conn()).await?;
    let known: i64 = sqlx::query_scalar("select count(distinct row) from found").fetch_one(tx.conn()).await?;
    counts.created += staged - known;
    let mut faults = Vec::new();
    if known > 0 {
        sqlx::query("create index on stage (row)").execute(tx.conn()).await?;
        sqlx::query("create index on found (row)").execute(tx.conn()).await?;
        faults = ambiguous(tx).await?;
        faults.extend(compare(tx, counts).await?);
        refuse(tx, &faults).await?;
    }
    counts.rejected += i64::try_from(faults.len()).unwrap_or(i64::MAX);
    Ok(faults)
}

/// Rows whose numbers lead to several people, and people to whom several rows lead.
async fn ambiguous(tx: &mut Tx) -> Result<Vec<Fault>> {
    let rows = sqlx::query(
        "select row, bool_or(n > 1) as several from (
             select row, kind, count(distinct person) as n, min(person::text) as one from found group by row, kind) k
         group by row having bool_or(n > 1) or count(distinct one) > 1",
    )
    .fetch_all(tx.conn())
    .await?;
    let mut faults = Vec::new();
    for row in rows {
        let reason =
            if row.try_get("several")? { Reason::SeveralInRegister } else { Reason::NumbersOfTwoPeople };
        faults.push(fault(row.try_get("row")?, reason));
    }
    refuse(tx, &faults).await?;
    let rows = sqlx::query(
        "select row, first from (select row, person, min(row) over (partition by person) as first from found) f
         where row <> first group by row, first",
    )
    .fetch_all(tx.conn())
    .await?;
    let mut repeated = Vec::new();
    for row in rows {
        let first: i32 = row.try_get("first")?;
        let reason = Reason::DiffersFromRow(u32::try_from(first).unwrap_or(0));
        repeated.push(fault(row.try_get("row")?, reason));
    }
    refuse(tx, &repeated).await?;
    faults.append(&mut repeated);
    Ok(faults)
}

fn fault(row: i32, reason: Reason) -> Fault {
    Fault { row: u32::try_from(row).unwrap_or(0), column: None, reason }
}

/// Takes faulty rows out of what will be applied.
async fn refuse(tx: &mut Tx, faults: &[Fault]) -> Result<()> {
    let rows: Vec<i32> = faults.iter().map(|f| i32::try_from(f.row).unwrap_or(i32::MAX)).collect();
    for statement in [
        "insert into refused select unnest($1::int[]) on conflict do nothing",
        "delete from found where row = any ($1)",
        "delete from stage where row = any ($1)",
    ] {
        sqlx::query(statement).bind(&rows).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Rows compared at once: bounds the memory of a sheet that repeats the whole register.
const COMPARED: i64 = 4_000;

/// Opens both sides of everybody known, and stages what changes.
async fn compare(tx: &mut Tx, counts: &mut Counts) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut after = 0_i32;
    loop {
        let rows = sqlx::query(
            "select s.row, s.id, s.sealed, s.unit, s.birth_year, s.sex, s.relation, s.doses, s.has_address,
                    coalesce(o.known, o.new_id) as home, f.kind, p.id as person, p.sealed as known_sealed,
                    p.unit as known_unit, p.household as known_household, p.birth_year as known_birth_year,
                    p.sex as known_sex, p.relation as known_relation, p.vaccine_doses as known_doses,
                    p.restricted_on is not null as stands_still, h.sealed as known_home, sh.id as sheet_home, sh.sealed as sheet_home_sealed
             from (select distinct on (row) row, person, kind from found where row > $1 order by row, kind limit $2) f
             join stage s using (row) join person p on p.id = f.person
             left join house o on o.key = s.household_key
             left join household h on h.id = p.household
             left join stage_household sh on sh.key = s.household_key and s.has_address is not null
             order by s.row",
        )
        .bind(after)
        .bind(COMPARED)
        .fetch_all(tx.conn())
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("row")?;
        let (mut changes, mut addresses) = (CopyRows::new(), CopyRows::new());
        for row in &rows {
            let number: i32 = row.try_get("row")?;
            match compare_one(tx, row, &mut changes, &mut addresses)? {
                Compared::Same => counts.unchanged += 1,
                Compared::Changed => counts.updated += 1,
                Compared::SomebodyElse => faults.push(fault(number, Reason::NumberOfSomebodyElse)),
                Compared::StandsStill => faults.push(fault(number, Reason::StandsStill)),
            }
        }
        send_changes(tx, &changes, &addresses).await?;
    }
    Ok(faults)
}

enum Compared {
    Same,
    Changed,
    SomebodyElse,
    StandsStill,
}

fn compare_one(
    tx: &Tx,
    row: &sqlx::postgres::PgRow,
    changes: &mut CopyRows,
    addresses: &mut CopyRows,
) -> Result<Compared> {
    let (staged, person): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("person")?);
    let open = |id: Uuid, sealed: &[u8]| tx.keys.open::<PersonSecret>(PERSON_SEALED, id.as_bytes(), sealed);
    let known = Known {
        unit: row.try_get("known_unit")?,
        household: row.try_get("known_household")?,
        birth_year: row.try_get("known_birth_year")?,
        sex: row.try_get("known_sex")?,
        relation: row.try_get("known_relation")?,
        doses: row.try_get("known_doses")?,
        secret: match row.try_get::<Option<Vec<u8>>, _>("known_sealed")? {
            Some(sealed) => open(person, &sealed)?,
            None => PersonSecret::default(),
        },
    };
    let said = Said {
        unit: row.try_get("unit")?,
        household: row.try_get("home")?,
        birth_year: row.try_get("birth_year")?,
        sex: row.try_get("sex")?,
        relation: row.try_get("relation")?,
        doses: row.try_get("doses")?,
        secret: open(staged, row.try_get::<&[u8], _>("sealed")?)?,
    };
    let by_number = row.try_get::<i32, _>("kind")? < 4;
    let Some(new) = merge(&known, said, by_number) else { return Ok(Compared::SomebodyElse) };
    if new != known && row.try_get("stands_still")? {
        return Ok(Compared::StandsStill);
    }
    let moved_house = address_changes(tx, row, &known, &new, addresses)?;
    if new == known {
        return Ok(if moved_house { Compared::Changed } else { Compared::Same });
    }
    put_change(tx, changes, person, &new, Some(&known));
    Ok(Compared::Changed)
}

/// Sends what was gathered.
pub(super) async fn send_changes(tx: &mut Tx, changes: &CopyRows, addresses: &CopyRows) -> Result<()> {
    if changes.rows() > 0 {
        changes
            .send(
                tx.conn(),
                "change (person, unit, household, birth_year, sex, relation, doses, sealed, name_keys, id_key, \
                 id_tail_key, insurance_key, phone_key, event, before, fields)",
            )
            .await?;
    }
    if addresses.rows() > 0 {
        addresses.send(tx.conn(), "change_address (household, sealed, event, before)").await?;
    }
    Ok(())
}

/// Adds a person as he or she is to be; `before` is kept for an undo, where there may be one.
pub(super) fn put_change(tx: &Tx, changes: &mut CopyRows, person: Uuid, new: &Known, before: Option<&Known>) {
    let event: Uuid = tx.world.id();
    let key = |purpose, value: &str| tx.keys.search_key(purpose, value);
    let secret = &new.secret;
    changes
        .row(16)
        .uuid(person)
        .int4(new.unit)
        .option(new.household, CopyRows::uuid)
        .int2(new.birth_year)
        .text(&new.sex)
        .text(&new.relation)
        .int2(new.doses)
        .bytes(&tx.keys.seal(PERSON_SEALED, person.as_bytes(), secret))
        .int8_array(&name_row_keys(&tx.keys, &fold(&secret.name)))
        .option(secret.id_number.as_deref().map(|n| key("person.id", n)), |row, key| row.bytes(&key))
        .option(
            secret.id_number.as_deref().and_then(id_tail).map(|t| key("person.id_tail", t)),
            |row, key| row.bytes(&key),
        )
        .option(secret.insurance.as_deref().map(|n| key("person.insurance", n)), |row, key| row.bytes(&key))
        .option(secret.phone.as_deref().map(|n| key("person.phone", n)), |row, key| row.bytes(&key))
        .uuid(event)
        .option(before.map(|b| tx.keys.seal(CHANGE_SEALED, event.as_bytes(), b)), |row, sealed| {
            row.bytes(&sealed)
        })
        .text(&before.map_or_else(Vec::new, |b| b.differs(new)).join(","));
}

/// Stages the address that the sheet gives to a household that stays the same.
fn address_changes(
    tx: &Tx,
    row: &sqlx::postgres::PgRow,
    known: &Known,
    new: &Known,
    addresses: &mut CopyRows,
) -> Result<bool> {
    let Some(home) = known.household.filter(|_| known.household == new.household) else { return Ok(false) };
    let sheet: Option<Uuid> = row.try_get("sheet_home")?;
    let (Some(sheet), Some(said)) = (sheet, row.try_get::<Option<&[u8]>, _>("sheet_home_sealed")?) else {
        return Ok(false);
    };
    let open =
        |id: Uuid, sealed: &[u8]| tx.keys.open::<HouseholdSecret>(HOUSEHOLD_SEALED, id.as_bytes(), sealed);
    let said = open(sheet, said)?;
    let before = match row.try_get::<Option<&[u8]>, _>("known_home")? {
        Some(sealed) => open(home, sealed)?,
        None => HouseholdSecret::default(),
    };
    if said == before {
        return Ok(false);
    }
    put_address(tx, addresses, home, &said, Some(&before));
    Ok(true)
}

/// Adds a household with the address it is to have.
pub(super) fn put_address(
    tx: &Tx,
    addresses: &mut CopyRows,
    home: Uuid,
    new: &HouseholdSecret,
    before: Option<&HouseholdSecret>,
) {
    let event: Uuid = tx.world.id();
    addresses
        .row(4)
        .uuid(home)
        .bytes(&tx.keys.seal(HOUSEHOLD_SEALED, home.as_bytes(), new))
        .uuid(event)
        .option(before.map(|b| tx.keys.seal(CHANGE_SEALED, event.as_bytes(), b)), |row, sealed| {
            row.bytes(&sealed)
        });
}

/// Applies what was staged: new households, new people, changes. What was changed is kept as it was, for an undo.
///
/// # Errors
/// When the database refuses.
pub async fn apply(tx: &mut Tx, import: &Import) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query(
        "insert into household (id, unit, walk_order, sealed, sheet_key, import, created_at)
         select sh.id, sh.unit, coalesce(b.last, 0) + 1 + sh.walk_order, sh.sealed, sh.key, $2, $1
         from stage_household sh join house o on o.key = sh.key and o.known is null
         left join (select unit, max(walk_order) as last from household
                    where unit in (select distinct unit from stage_household) group by unit) b on b.unit = sh.unit
         where sh.key in (select s.household_key from stage s left join found f using (row) where f.row is null)
            or sh.id in (select household from change)",
    )
    .bind(now)
    .bind(import.id.0)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "update household h set sheet_key = o.key from house o where h.id = o.known and h.sheet_key is null",
    )
    .execute(tx.conn())
    .await?;
    // Where they came from is told by `import`: an event for each of a million people would say the same.
    sqlx::query(
        "insert into person (id, unit, household, birth_year, sex, relation, vaccine_doses, sealed, name_keys, id_key,
                             id_tail_key, insurance_key, phone_key, sheet_key, import, created_at)
         select s.id, s.unit, coalesce(o.known, o.new_id), s.birth_year, s.sex, coalesce(s.relation, 'member'),
                coalesce(s.doses, 0), s.sealed, s.name_keys, s.id_key, s.id_tail_key, s.insurance_key, s.phone_key, s.code_key, $2, $1
         from stage s left join found f using (row) left join house o on o.key = s.household_key
         where f.row is null",
    )
    .bind(now)
    .bind(import.id.0)
    .execute(tx.conn())
    .await?;
    apply_changes(tx, import, "import").await
}

/// Writes staged changes of people and addresses, with an event each that says by which import; `word` is `import` or
/// `undone_import`.
pub(super) async fn apply_changes(tx: &mut Tx, import: &Import, word: &str) -> Result<()> {
    let (now, today) = (jiff_sqlx::Timestamp::from(tx.world.now()), jiff_sqlx::Date::from(tx.world.today()));
    sqlx::query(
        "insert into person_event (id, person, kind, on_date, from_unit, from_household, to_unit, to_household, detail, at, by)
         select c.event, p.id, case when p.unit <> c.unit then 'moved' when m.moved then 'joined' else 'corrected' end, $1,
                case when m.moved then p.unit end, case when m.moved then p.household end,
                case when m.moved then c.unit end, case when m.moved then c.household end,
                jsonb_build_object($2::text, $3::text, 'fields', to_jsonb(string_to_array(nullif(c.fields, ''), ','))), $4, $5
         from change c join person p on p.id = c.person
         cross join lateral (select (p.unit, p.household) is distinct from (c.unit, c.household) as moved) m",
    )
    .bind(today)
    .bind(word)
    .bind(import.id.0.to_string())
    .bind(now)
    .bind(import.account.0)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "with done as (
             update person p set unit = c.unit, household = c.household, birth_year = c.birth_year, sex = c.sex,
                    relation = c.relation, vaccine_doses = c.doses, sealed = c.sealed, name_keys = c.name_keys,
                    id_key = c.id_key, id_tail_key = c.id_tail_key, insurance_key = c.insurance_key, phone_key = c.phone_key
             from change c where p.id = c.person returning p.id, p.version)
         insert into person_import_change (id, import, person, version, sealed)
         select c.event, $1, c.person, done.version, c.before
         from done join change c on c.person = done.id where c.before is not null",
    )
    .bind(import.id.0)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "with one as (select distinct on (household) * from change_address order by household, event),
              done as (update household h set sealed = one.sealed from one where h.id = one.household
                       returning h.id, h.version)
         insert into person_import_change (id, import, household, version, sealed)
         select one.event, $1, one.household, done.version, one.before
         from done join one on one.household = done.id where one.before is not null",
    )
    .bind(import.id.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}
