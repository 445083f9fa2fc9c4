//! What has to be done because of what was concluded: pools to run (again), people to call and to swab again.

use super::save::{is_looked_for, told_by_a_person};
use crate::campaign::Round;
use crate::lab::{pools, rules};
use crate::{Result, Tx};
use greenfort_domain::conclusions::{Conclusion, NextSteps, Outcome};
use greenfort_kernel::{OutcomeKind, PersonId, SpecimenId};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Marks what each scheme asks for as due, and takes the mark off what it no longer asks for. What stands in an open run
/// waits for that run.
pub(super) async fn pools(tx: &mut Tx, round: &Round, steps: &[NextSteps]) -> Result<()> {
    let schemes: Vec<Uuid> = steps.iter().map(|s| s.scheme.0).collect();
    let wanted: Vec<(Uuid, usize)> =
        steps.iter().flat_map(|s| s.run.iter().map(|test| (s.scheme.0, *test))).collect();
    let scheme: Vec<Uuid> = wanted.iter().map(|(s, _)| *s).collect();
    let test: Vec<i16> = wanted.iter().map(|(_, t)| i16::try_from(*t).unwrap_or(i16::MAX)).collect();
    pools::want(tx, round, &scheme, &test).await?;
    sqlx::query!(
        "update pool p set due_at = null
         where p.province = $1 and p.round = $2 and p.scheme = any ($3) and p.due_at is not null
           and not exists (select from unnest($4::uuid[], $5::int2[]) w (scheme, test)
                           where w.scheme = p.scheme and w.test = p.test)",
        round.province.0,
        round.id.0,
        &schemes,
        &scheme,
        &test
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Somebody to be called, and to be swabbed again or only told.
struct Wanted {
    person: Uuid,
    cause: &'static str,
    swab: bool,
    specimen: Option<Uuid>,
    due_at: Timestamp,
    /// The conclusion is new.
    changed: bool,
}

/// Keeps the recall list: new entries, changed causes, and an end to those no longer asked for.
pub(super) async fn people(
    tx: &mut Tx,
    round: &Round,
    people: &[(PersonId, Conclusion)],
    changed: &BTreeSet<PersonId>,
    steps: &[NextSteps],
) -> Result<()> {
    let reswab: BTreeSet<SpecimenId> = steps.iter().flat_map(|s| s.reswab.iter().copied()).collect();
    let due = rules::clocks(tx).await?.recall_due();
    let now = tx.world.now();
    let wanted: Vec<Wanted> =
        people.iter().filter_map(|(id, c)| wanted(*id, c, &reswab, now, due, changed.contains(id))).collect();
    let looked_at: Vec<Uuid> = people.iter().map(|(id, _)| id.0).collect();
    let person: Vec<Uuid> = wanted.iter().map(|w| w.person).collect();
    let cause: Vec<String> = wanted.iter().map(|w| w.cause.to_owned()).collect();
    let action: Vec<String> =
        wanted.iter().map(|w| if w.swab { "swab" } else { "tell" }.to_owned()).collect();
    let specimen: Vec<Option<Uuid>> = wanted.iter().map(|w| w.specimen).collect();
    let due_at: Vec<jiff_sqlx::Timestamp> = wanted.iter().map(|w| w.due_at.into()).collect();
    let is_new: Vec<bool> = wanted.iter().map(|w| w.changed || w.swab).collect();
    sqlx::query!(
        "update person_recall set ended_at = $3
         where province = $1 and round = $2 and person = any ($4) and ended_at is null and person <> all ($5)",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &looked_at,
        &person
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update person_recall r set cause = w.cause, action = w.action, specimen = w.specimen
         from unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[]) w (person, cause, action, specimen)
         where r.province = $1 and r.round = $2 and r.person = w.person and r.ended_at is null
           and (r.cause, r.action, r.specimen) is distinct from (w.cause, w.action, w.specimen)",
        round.province.0,
        round.id.0,
        &person,
        &cause,
        &action,
        &specimen as _
    )
    .execute(tx.conn())
    .await?;
    let ids: Vec<Uuid> = wanted.iter().map(|_| tx.world.id::<greenfort_kernel::IntakeId>().0).collect();
    sqlx::query!(
        "insert into person_recall (province, round, id, person, unit, household, cause, action, specimen, since, due_at)
         select $1, $2, w.id, w.person, h.unit, s.household, w.cause, w.action, w.specimen, $3, w.due_at
         from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::timestamptz[], $10::bool[])
              w (id, person, cause, action, specimen, due_at, is_new)
         join conclusion_head h on (h.province, h.round, h.subject) = ($1, $2, w.person)
         left join round_subject s on (s.province, s.round, s.person) = ($1, $2, w.person)
         where w.is_new and not exists (select from person_recall r where r.province = $1 and r.round = $2
                                          and r.person = w.person and r.ended_at is null)",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &ids,
        &person,
        &cause,
        &action,
        &specimen as _,
        &due_at as _,
        &is_new
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn wanted(
    id: PersonId,
    c: &Conclusion,
    reswab: &BTreeSet<SpecimenId>,
    now: Timestamp,
    due: SignedDuration,
    changed: bool,
) -> Option<Wanted> {
    if !is_looked_for(c.reach.kind()) {
        return None;
    }
    let kind = c.outcome.kind();
    let (specimen, repeat_from) = match c.outcome {
        Outcome::Held { by, repeat_from } => (by.specimen, repeat_from),
        Outcome::Discordant { by, repeat_from, .. } => (by.specimen, Some(repeat_from)),
        Outcome::Presumptive { by }
        | Outcome::Positive { by, .. }
        | Outcome::Inconclusive { by }
        | Outcome::Invalid { by } => (by.specimen, None),
        Outcome::Resample { specimen, .. } | Outcome::Opened { by: specimen, .. } => (specimen, None),
        _ => return None,
    };
    let swab = match kind {
        OutcomeKind::Opened | OutcomeKind::Discordant | OutcomeKind::Resample => true,
        // The PCR tube of the same visit is on its way; a person calls.
        OutcomeKind::Presumptive | OutcomeKind::Positive => false,
        _ => repeat_from.is_some() || reswab.contains(&specimen),
    };
    // The laboratory repeats what is inconclusive or invalid without anybody being called.
    if !swab && !told_by_a_person(kind) {
        return None;
    }
    let due_at = repeat_from.unwrap_or(now).max(now) + due;
    Some(Wanted { person: id.0, cause: kind.as_str(), swab, specimen: Some(specimen.0), due_at, changed })
}
