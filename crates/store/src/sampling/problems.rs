//! What phones reported that cannot be so: somebody looks, and says what is right.

use crate::campaign::Round;
use crate::registry::{PERSON_SEALED, PersonSecret};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, IntakeId, PersonId, SpecimenId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use std::collections::HashMap;
use uuid::Uuid;

/// Events to a page: more than a site lead settles in a day.
const MOST: i64 = 300;

/// An event that somebody has to look at.
#[derive(Debug, Clone)]
pub struct OpenProblem {
    pub intake: IntakeId,
    pub kind: String,
    pub barcode: Option<String>,
    pub specimen: Option<SpecimenId>,
    pub device: String,
    pub occurred_at: Timestamp,
    pub found_at: Timestamp,
    /// Word of the problem, and whom it is about.
    pub codes: Vec<(String, Option<Named>)>,
    /// Whose swabs the tube holds.
    pub donors: Vec<Named>,
}

#[derive(Debug, Clone)]
pub struct Named {
    pub person: PersonId,
    pub name: String,
    pub birth_year: i16,
}

/// Events of devices inside a unit with open problems, the oldest first.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn open(tx: &mut Tx, round: &Round, unit: UnitId) -> Result<Vec<OpenProblem>> {
    let today = tx.world.today();
    let rows = sqlx::query!(
        "select i.id, i.kind, i.barcode, i.specimen, i.occurred_at, d.label, p.code, p.person, p.found_at
         from (select p.intake, min(p.found_at) as first from intake_problem p
               where p.province = $1 and p.round = $2 and p.settled_at is null and p.gone_at is null and p.unit in (
                   select descendant from unit_ancestor where ancestor = $3 and $4 between valid_from and valid_to)
               group by p.intake order by first, p.intake limit $5) o
         join intake i on i.province = $1 and i.round = $2 and i.id = o.intake
         join device d on d.id = i.device
         join intake_problem p on p.province = $1 and p.round = $2 and p.intake = o.intake
             and p.settled_at is null and p.gone_at is null
         order by o.first, i.id, p.code",
        round.province.0,
        round.id.0,
        unit.0,
        today.to_sqlx() as _,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let about: Vec<Uuid> = rows.iter().filter_map(|r| r.person).collect();
    let specimens: Vec<Uuid> = rows.iter().filter_map(|r| r.specimen).collect();
    let donors = sqlx::query!(
        "select specimen, person from specimen_donor
         where province = $1 and round = $2 and specimen = any ($3) order by specimen, position",
        round.province.0,
        round.id.0,
        &specimens
    )
    .fetch_all(tx.conn())
    .await?;
    let people: Vec<Uuid> = about.into_iter().chain(donors.iter().map(|d| d.person)).collect();
    let named = names(tx, &people).await?;
    let mut found: Vec<OpenProblem> = Vec::new();
    for row in rows {
        let code = (row.code, row.person.and_then(|p| named.get(&p).cloned()));
        match found.last_mut().filter(|f| f.intake.0 == row.id) {
            Some(before) => before.codes.push(code),
            None => found.push(OpenProblem {
                intake: IntakeId(row.id),
                kind: row.kind,
                barcode: row.barcode,
                specimen: row.specimen.map(SpecimenId),
                device: row.label,
                occurred_at: row.occurred_at.to_jiff(),
                found_at: row.found_at.to_jiff(),
                codes: vec![code],
                donors: donors
                    .iter()
                    .filter(|d| Some(d.specimen) == row.specimen)
                    .filter_map(|d| named.get(&d.person).cloned())
                    .collect(),
            }),
        }
    }
    Ok(found)
}

async fn names(tx: &mut Tx, people: &[Uuid]) -> Result<HashMap<Uuid, Named>> {
    let rows = sqlx::query!("select id, birth_year, sealed from person where id = any ($1)", people)
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter()
        .map(|r| {
            let secret: PersonSecret = match &r.sealed {
                Some(sealed) => tx.keys.open(PERSON_SEALED, r.id.as_bytes(), sealed)?,
                None => PersonSecret::default(),
            };
            Ok((r.id, Named { person: PersonId(r.id), name: secret.name, birth_year: r.birth_year }))
        })
        .collect()
}

/// Settles every open problem of an event, and the doubts about the specimen it made. Answers the words of what was settled.
///
/// # Errors
/// [`StoreError::NotFound`] when nothing is open about it where the caller may look.
pub async fn settle(
    tx: &mut Tx,
    round: &Round,
    intake: IntakeId,
    decision: &str,
    by: AccountId,
) -> Result<Vec<String>> {
    let now = tx.world.now();
    let codes = sqlx::query_scalar!(
        "update intake_problem set settled_by = $4, settled_at = $5, decision = $6
         where province = $1 and round = $2 and intake = $3 and settled_at is null and gone_at is null returning code",
        round.province.0,
        round.id.0,
        intake.0,
        by.0,
        now.to_sqlx() as _,
        decision
    )
    .fetch_all(tx.conn())
    .await?;
    if codes.is_empty() {
        return Err(StoreError::NotFound("problem"));
    }
    sqlx::query!(
        "update specimen set settled_by = $4, settled_at = $5
         where province = $1 and round = $2 and id = $3 and flags <> '{}' and settled_at is null",
        round.province.0,
        round.id.0,
        intake.0,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(codes)
}
