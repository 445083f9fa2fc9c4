//! Mời lấy mẫu lại: who is to be called and swabbed again, by hamlet in walking order, with clocks.

use crate::registry::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, HouseholdId, IntakeId, PersonId, RoundId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// Somebody to be called.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: Uuid,
    pub round: RoundId,
    pub person: PersonId,
    pub household: Option<HouseholdId>,
    pub unit: UnitId,
    pub unit_name: String,
    pub name: String,
    pub phone: Option<String>,
    pub address: String,
    pub birth_year: i16,
    /// What was concluded of the person.
    pub cause: String,
    /// A new swab is due; otherwise the person is only told.
    pub swab: bool,
    pub since: Timestamp,
    pub due_at: Timestamp,
    /// reached, refused, absent or escalated; none: nobody has tried.
    pub last: Option<String>,
    pub last_at: Option<Timestamp>,
    pub tries: i64,
    /// Taken since, and awaiting its result.
    pub swabbed_again: bool,
}

/// The open entries of a unit: hamlet by hamlet, households in walking order.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn open(tx: &mut Tx, unit: UnitId) -> Result<Vec<Line>> {
    let today = tx.world.today();
    let rows = sqlx::query!(
        r#"select r.id, r.round, r.person, r.household, r.unit, u.name as unit_name, p.birth_year, p.sealed,
                  h.sealed as "home?", h.id as "home_id?", r.cause, r.action, r.since, r.due_at, c.outcome as "last?",
                  c.at as "last_at?", coalesce(n.tries, 0) as "tries!",
                  exists (select from specimen_donor d
                          join specimen s on (s.province, s.round, s.id) = (d.province, d.round, d.specimen)
                          where d.province = r.province and d.round = r.round and d.person = r.person
                            and s.voided_at is null and s.created_at > r.since) as "swabbed_again!"
           from person_recall r join person p on p.id = r.person join unit u on u.id = r.unit
           left join household h on h.id = r.household
           left join lateral (select outcome, at from recall_contact c
                              where (c.province, c.round, c.recall) = (r.province, r.round, r.id)
                              order by at desc, id desc limit 1) c on true
           left join lateral (select count(*) as tries from recall_contact c
                              where (c.province, c.round, c.recall) = (r.province, r.round, r.id)) n on true
           where r.ended_at is null and unit_lies_in(r.unit, array[$1::int], $2)
           order by u.folded_name, r.unit, h.walk_order nulls last, r.household, r.due_at, r.person limit 2000"#,
        unit.0,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            let secret: PersonSecret = match &r.sealed {
                Some(sealed) => tx.keys.open(PERSON_SEALED, r.person.as_bytes(), sealed)?,
                None => PersonSecret::default(),
            };
            let address = match (&r.home, r.home_id) {
                (Some(sealed), Some(id)) => {
                    tx.keys.open::<HouseholdSecret>(HOUSEHOLD_SEALED, id.as_bytes(), sealed)?.address
                }
                _ => String::new(),
            };
            Ok(Line {
                id: r.id,
                round: RoundId(r.round),
                person: PersonId(r.person),
                household: r.household.map(HouseholdId),
                unit: UnitId(r.unit),
                unit_name: r.unit_name,
                name: secret.name,
                phone: secret.phone,
                address,
                birth_year: r.birth_year,
                cause: r.cause,
                swab: r.action == "swab",
                since: r.since.to_jiff(),
                due_at: r.due_at.to_jiff(),
                last: r.last,
                last_at: r.last_at.map(|t| t.to_jiff()),
                tries: r.tries,
                swabbed_again: r.swabbed_again,
            })
        })
        .collect()
}

/// Writes down what came of looking for somebody. Who only had to be told is done with once reached. Answers the hamlet.
///
/// # Errors
/// `NotFound` when no such entry is open in the area.
pub async fn contact(
    tx: &mut Tx,
    round: RoundId,
    recall: Uuid,
    outcome: &str,
    by: AccountId,
) -> Result<(PersonId, UnitId)> {
    let now = tx.world.now();
    let entry = sqlx::query!(
        "select province, person, unit, action from person_recall where round = $1 and id = $2 and ended_at is null",
        round.0,
        recall
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("recall"))?;
    let id: IntakeId = tx.world.id();
    sqlx::query!(
        "insert into recall_contact (province, round, id, recall, unit, outcome, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.province,
        round.0,
        id.0,
        recall,
        entry.unit,
        outcome,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if entry.action == "tell" && outcome == "reached" {
        sqlx::query!(
            "update person_recall set ended_at = $3 where round = $1 and id = $2",
            round.0,
            recall,
            now.to_sqlx() as _
        )
        .execute(tx.conn())
        .await?;
    }
    Ok((PersonId(entry.person), UnitId(entry.unit)))
}
