//! Records that may be one person: searched for in sets, listed, decided about.

use super::{PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx};
use greenfort_domain::registry::duplicate::{Pair, THRESHOLD, evidence, score};
use greenfort_kernel::{AccountId, PersonId, UnitId};
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// Two records that may be one person.
#[derive(Debug)]
pub struct Candidate {
    pub a: PersonId,
    pub b: PersonId,
    pub score: i16,
    pub evidence: Vec<String>,
}

/// What a search came to.
#[derive(Debug)]
pub struct Search {
    pub unit: UnitId,
    pub requested_at: jiff_sqlx::Timestamp,
    pub finished_at: Option<jiff_sqlx::Timestamp>,
    pub compared: Option<i64>,
    pub found: Option<i64>,
}

/// Asks for a search of a unit; answers its id, which the job carries.
///
/// # Errors
/// When the database refuses.
pub async fn request(tx: &mut Tx, unit: UnitId, by: AccountId) -> Result<Uuid> {
    let (id, now): (Uuid, _) = (tx.world.id(), tx.world.now());
    sqlx::query!(
        "insert into duplicate_search (id, unit, requested_by, requested_at) values ($1, $2, $3, $4)",
        id,
        unit.0,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The last search of the caller's area.
///
/// # Errors
/// When the database refuses.
pub async fn last_search(tx: &mut Tx) -> Result<Option<Search>> {
    Ok(sqlx::query_as!(
        Search,
        r#"select unit as "unit: UnitId", requested_at, finished_at, compared, found from duplicate_search
           where unit in (select area_units()) order by requested_at desc limit 1"#
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Carries a search out: pairs that share a blocking key are compared, those at the threshold kept. Decisions stay; a pair
/// that is no longer alike is closed. Running twice finds the same.
///
/// Blocking keys, all keyed hashes or ids: identity number; insurance number; phone with name; household with name; hamlet
/// with name and year of birth. Names are compared by their words' hashes: no name is opened to find a pair.
///
/// # Errors
/// When the database refuses, a sealed row does not open, or there is no such search.
pub async fn search(tx: &mut Tx, id: Uuid) -> Result<()> {
    let (now, on) = (tx.world.now(), tx.world.today());
    let unit = sqlx::query_scalar!("select unit from duplicate_search where id = $1", id)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(StoreError::NotFound("search"))?;
    let pairs = sqlx::query!(
        r#"with here as materialized (
               select p.id, p.unit, p.household, p.birth_year, p.sex, p.id_key, p.insurance_key, p.phone_key,
                      case when p.name_keys <> '{}' then hash_array_extended(p.name_keys, 0) end as name
               from person p
               where p.removed is null and p.unit in (
                   select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)),
           pairs as (
               select a.id a, b.id b from here a join here b on b.id_key = a.id_key and a.id < b.id
               union
               select a.id, b.id from here a join here b on b.insurance_key = a.insurance_key and a.id < b.id
               union
               select a.id, b.id from here a join here b on b.phone_key = a.phone_key and b.name = a.name and a.id < b.id
               union
               select a.id, b.id from here a join here b on b.household = a.household and b.name = a.name and a.id < b.id
               union
               select a.id, b.id from here a join here b
                   on b.unit = a.unit and b.name = a.name and b.birth_year = a.birth_year and a.id < b.id)
           select a.id as "a: PersonId", b.id as "b: PersonId", p.sealed as a_sealed, q.sealed as b_sealed,
                  a.id_key = b.id_key as same_id, a.insurance_key = b.insurance_key as same_insurance,
                  coalesce(a.phone_key = b.phone_key, false) as "same_phone!",
                  coalesce(a.name = b.name, false) as "same_name!",
                  abs(a.birth_year - b.birth_year) as "years_apart!", a.sex = b.sex as "same_sex!",
                  coalesce(a.household = b.household, false) as "same_household!", a.unit = b.unit as "same_hamlet!"
           from pairs join here a on a.id = pairs.a join here b on b.id = pairs.b
           join person p on p.id = a.id join person q on q.id = b.id"#,
        unit,
        on.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    let compared = i64::try_from(pairs.len()).unwrap_or(i64::MAX);
    let birthday = |id: PersonId, sealed: Option<&[u8]>| -> Result<Option<(i8, i8)>> {
        let Some(sealed) = sealed else { return Ok(None) };
        Ok(tx.keys.open::<PersonSecret>(PERSON_SEALED, id.0.as_bytes(), sealed)?.birthday)
    };
    let (mut a, mut b, mut scores, mut reasons) = (vec![], vec![], vec![], vec![]);
    for row in &pairs {
        let days = birthday(row.a, row.a_sealed.as_deref())?.zip(birthday(row.b, row.b_sealed.as_deref())?);
        let why = evidence(&Pair {
            same_id: row.same_id,
            same_insurance: row.same_insurance,
            same_phone: row.same_phone,
            same_name: row.same_name,
            years_apart: u16::try_from(row.years_apart).unwrap_or(u16::MAX),
            same_birthday: days.map(|(one, other)| one == other),
            same_sex: row.same_sex,
            same_household: row.same_household,
            same_hamlet: row.same_hamlet,
        });
        let points = score(&why);
        if points >= THRESHOLD {
            a.push(row.a.0);
            b.push(row.b.0);
            scores.push(points);
            reasons.push(why.iter().map(|e| e.as_str()).collect::<Vec<_>>().join(","));
        }
    }
    sqlx::query!(
        "delete from duplicate_candidate c using person p, person q
         where c.decided is null and p.id = c.a and q.id = c.b and (c.a, c.b) not in (select * from unnest($3::uuid[], $4::uuid[]))
           and p.unit in (select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
           and q.unit in (select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)",
        unit,
        on.to_sqlx() as _,
        &a,
        &b
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into duplicate_candidate (a, b, score, evidence, found_at)
         select a, b, score, string_to_array(why, ','), $5
         from unnest($1::uuid[], $2::uuid[], $3::int2[], $4::text[]) found (a, b, score, why)
         on conflict (a, b) do update set score = excluded.score, evidence = excluded.evidence, found_at = excluded.found_at",
        &a,
        &b,
        &scores,
        &reasons,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update duplicate_search set finished_at = $2, compared = $3, found = $4 where id = $1",
        id,
        now.to_sqlx() as _,
        compared,
        i64::try_from(a.len()).unwrap_or(i64::MAX)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Open candidates of the area, the surest first, from behind `after` on.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    tx: &mut Tx,
    after: Option<(i16, PersonId, PersonId)>,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let (score, a, b) = after.unwrap_or((0, PersonId(Uuid::nil()), PersonId(Uuid::nil())));
    Ok(sqlx::query_as!(
        Candidate,
        r#"select a as "a: PersonId", b as "b: PersonId", score, evidence from duplicate_candidate
           where decided is null and (not $1 or (-score, a, b) > (-$2::int2, $3, $4))
             and exists (select from person p where p.id = a and p.removed is null)
             and exists (select from person p where p.id = b and p.removed is null)
           order by -score, a, b limit $5"#,
        after.is_some(),
        score,
        a.0,
        b.0,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Decides about a pair, or opens it again; deciding twice the same is no error.
///
/// # Errors
/// `NotFound` when there is no such candidate in the area.
pub async fn decide(
    tx: &mut Tx,
    one: PersonId,
    other: PersonId,
    decided: Option<&str>,
    by: AccountId,
) -> Result<()> {
    let now = tx.world.now();
    let done = sqlx::query!(
        "update duplicate_candidate set decided = $3, decided_by = case when $3::text is not null then $4::uuid end,
             decided_at = case when $3::text is not null then $5::timestamptz end
         where a = least($1::uuid, $2::uuid) and b = greatest($1::uuid, $2::uuid)",
        one.0,
        other.0,
        decided,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound("candidate")) }
}
