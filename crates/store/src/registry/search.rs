//! Finding people by what is typed: words, the end of a number, a number, a tube. Only inside the transaction's area.

use super::people::{MOST_HITS, PersonLine, Row, matches_words, open, sort_as_people_do};
use crate::crypt::name_query_keys;
use crate::{Result, Tx};
use greenfort_domain::registry::Query;
use greenfort_kernel::{PersonId, text};
use uuid::Uuid;

/// What a search found, by given name. `cut`: there are more than [`MOST_HITS`]; a further word narrows it.
#[derive(Debug, Default)]
pub struct Hits {
    pub people: Vec<PersonLine>,
    pub cut: bool,
}

/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn search(tx: &mut Tx, query: &Query, unit: Option<i32>) -> Result<Hits> {
    let mut reading = 0;
    loop {
        let Some(words) = query.reading(reading) else { return Ok(Hits::default()) };
        let folded = words.join(" ");
        let ids = candidates(tx, query, &folded, unit).await?;
        let cut = ids.len() > usize::try_from(MOST_HITS).unwrap_or(0);
        let mut people = by_ids(tx, &ids, unit).await?;
        // The hashes know four letters of the last word; the whole of it is compared here.
        people.retain(|p| folded.is_empty() || matches_words(&text::fold(&p.secret.name), &folded));
        people.truncate(usize::try_from(MOST_HITS).unwrap_or(0));
        // Readings as keystrokes are tried only when the plain one finds nobody.
        if !people.is_empty() {
            sort_as_people_do(&mut people);
            return Ok(Hits { people, cut });
        }
        reading += 1;
    }
}

async fn candidates(tx: &mut Tx, query: &Query, folded: &str, unit: Option<i32>) -> Result<Vec<Uuid>> {
    let most = MOST_HITS + 1;
    let keys = name_query_keys(&tx.keys, folded);
    if let Some(number) = &query.number {
        let key = |purpose, value: Option<&str>| value.map(|v| tx.keys.search_key(purpose, v).to_vec());
        let id = key("person.id", number.id.as_deref());
        let phone = key("person.phone", number.phone.as_deref());
        let insurance = key("person.insurance", number.insurance.as_deref());
        return Ok(sqlx::query_scalar!(
            r#"select id as "id!" from (
                   select id from person where id_key = $1 and removed is null
                   union select id from person where phone_key = $2 and removed is null
                   union select id from person where insurance_key = $3 and removed is null
                   union select d.person from tube_issuer i join tube t on t.issuer = i.code and t.barcode = $4
                         join specimen_donor d on d.province = t.province and d.round = t.round and d.specimen = t.specimen) f limit $5"#,
            id,
            phone,
            insurance,
            number.barcode,
            most
        )
        .fetch_all(tx.conn())
        .await?);
    }
    let mut ids = Vec::new();
    if let Some(four) = &query.four {
        let tail = tx.keys.search_key("person.id_tail", four).to_vec();
        ids = sqlx::query_scalar!(
            "select id from person where id_tail_key = $1 and removed is null and name_keys @> $2 limit $3",
            tail,
            &keys,
            most
        )
        .fetch_all(tx.conn())
        .await?;
    }
    if !keys.is_empty() && (query.four.is_none() || query.year().is_some()) {
        let named = sqlx::query_scalar!(
            r#"select n as "id!" from people_named($1, $2, $3, $4) n"#,
            &keys,
            unit,
            query.year(),
            i32::try_from(most).unwrap_or(i32::MAX)
        )
        .fetch_all(tx.conn())
        .await?;
        ids.extend(named.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    Ok(ids)
}

/// The people with these ids, under the transaction's policies, and inside `unit`.
async fn by_ids(tx: &mut Tx, ids: &[Uuid], unit: Option<i32>) -> Result<Vec<PersonLine>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: greenfort_kernel::HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit
           where p.id = any ($1) and p.removed is null
             and ($2::int is null or p.unit in (
                 select descendant from unit_ancestor where ancestor = $2 and $3 between valid_from and valid_to))"#,
        ids,
        unit,
        today as _
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// People of a hamlet as its list has them – by given name, in the order of the alphabet with its tones – behind `after`.
/// None: the unit is larger than a hamlet, and its list goes by id.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn hamlet_page(
    tx: &mut Tx,
    unit: i32,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Option<Vec<PersonLine>>> {
    let level =
        sqlx::query_scalar!("select level from unit where id = $1", unit).fetch_optional(tx.conn()).await?;
    if level.as_deref() != Some("hamlet") {
        return Ok(None);
    }
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id: PersonId", p.unit, u.name as unit_name, p.household as "household: greenfort_kernel::HouseholdId",
                  p.birth_year, p.sex, p.relation, p.sealed
           from person p join unit u on u.id = p.unit where p.unit = $1 and p.removed is null"#,
        unit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut people = rows.into_iter().map(|row| open(tx, row)).collect::<Result<Vec<_>>>()?;
    sort_as_people_do(&mut people);
    let from = after.and_then(|after| people.iter().position(|p| p.id == after)).map_or(0, |at| at + 1);
    let limit = usize::try_from(limit).unwrap_or(0);
    Ok(Some(people.into_iter().skip(from).take(limit).collect()))
}
