//! Saving what became different: a new version beside the old ones, and the head moved to it. Figures follow by trigger.

use super::gather::Gathered;
use super::row::{ConclusionRow, Subject};
use super::{Concluded, clocks};
use crate::campaign::Round;
use crate::{Result, StoreError, Tx};
use greenfort_domain::conclusions::{Change, Conclusion, Derived, Head, PlaceConclusion, PlaceId, changes};
use greenfort_kernel::{OutcomeKind, PersonId, ReachKind};
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One new version to write.
struct Version {
    subject: Subject,
    version: i32,
    row: ConclusionRow,
    takes_back: bool,
    assay: Option<Uuid>,
}

pub(super) async fn conclusions(
    tx: &mut Tx,
    round: &Round,
    gathered: &Gathered,
    derived: &Derived,
    policy_version: i32,
) -> Result<Concluded> {
    let people: Vec<(PersonId, Conclusion)> =
        derived.people.iter().filter(|(id, _)| gathered.people.contains(id)).copied().collect();
    let places: Vec<PlaceConclusion> =
        derived.places.iter().filter(|p| gathered.places.contains(&p.place)).copied().collect();
    give_places_heads(tx, round, &places).await?;
    let subjects: Vec<Uuid> = people
        .iter()
        .map(|(id, _)| id.0)
        .chain(places.iter().map(|p| Subject::Place(p.place).id()))
        .collect();
    let heads = load_heads(tx, round, &subjects).await?;
    let changed = changed_people(&heads, &people)?;
    let mut versions: Vec<Version> = changed
        .iter()
        .map(|change| Version {
            subject: Subject::Person(change.person),
            version: i32::try_from(change.version).unwrap_or(i32::MAX),
            row: ConclusionRow::from(&change.after),
            takes_back: change.takes_back(),
            assay: change.after.assay().map(|a| a.0),
        })
        .collect();
    for place in &places {
        versions.extend(changed_place(&heads, place)?);
    }
    write(tx, round, &versions, policy_version).await?;
    let changed_ids: BTreeSet<PersonId> = changed.iter().map(|c| c.person).collect();
    clocks::people(tx, round, &people, &changed_ids, &derived.steps).await?;
    Ok(Concluded {
        people: people.len(),
        places: places.len(),
        changed: changed.len(),
        taken_back: changed.iter().filter(|c| c.takes_back()).count(),
    })
}

/// The head of somebody, with the newest version it points at.
struct Known {
    version: i32,
    reach: String,
    newest: Option<ConclusionRow>,
}

fn changed_people(heads: &BTreeMap<Uuid, Known>, people: &[(PersonId, Conclusion)]) -> Result<Vec<Change>> {
    let mut before = BTreeMap::new();
    let mut derived = Vec::with_capacity(people.len());
    for (id, conclusion) in people {
        // Whoever is on no list of the round has no head; intake puts everybody who gave or was ticked on it.
        let Some(head) = heads.get(&id.0) else { continue };
        match &head.newest {
            Some(row) => {
                let version = u32::try_from(head.version).unwrap_or(0);
                before.insert(*id, Head { version, conclusion: row.conclusion()? });
            }
            // Nothing is known yet, and nothing new is said: the plan's own word stands.
            None if conclusion.outcome.kind() == OutcomeKind::None
                && head.reach == conclusion.reach.kind().as_str() =>
            {
                continue;
            }
            None => {}
        }
        derived.push((*id, *conclusion));
    }
    Ok(changes(&before, &derived))
}

fn changed_place(heads: &BTreeMap<Uuid, Known>, place: &PlaceConclusion) -> Result<Option<Version>> {
    let subject = Subject::Place(place.place);
    let Some(head) = heads.get(&subject.id()) else { return Ok(None) };
    let before = head.newest.as_ref().map(|row| row.place(place.place)).transpose()?;
    let nothing = before.is_none() && place.outcome.kind() == OutcomeKind::None;
    if nothing || before == Some(*place) {
        return Ok(None);
    }
    Ok(Some(Version {
        subject,
        version: head.version + 1,
        row: ConclusionRow::from(place),
        takes_back: before.is_some_and(|b| b.is_taken_back_by(place)),
        assay: None,
    }))
}

/// A household or group gets its head when something is first said of it.
async fn give_places_heads(tx: &mut Tx, round: &Round, places: &[PlaceConclusion]) -> Result<()> {
    let (mut households, mut groups) = (Vec::new(), Vec::new());
    for place in places {
        match place.place {
            PlaceId::Household(id) => households.push(id.0),
            PlaceId::Group(id) => groups.push(id.0),
        }
    }
    sqlx::query!(
        "insert into conclusion_head (province, round, subject, household, unit, outcome)
         select $1, $2, id, id, unit, 'none' from household where id = any ($3) order by id on conflict do nothing",
        round.province.0,
        round.id.0,
        &households
    )
    .execute(tx.conn())
    .await?;
    if !groups.is_empty() {
        sqlx::query!(
            "insert into conclusion_head (province, round, subject, resident_group, unit, outcome)
             select $1, $2, id, id, unit, 'none' from resident_group where id = any ($3) order by id on conflict do nothing",
            round.province.0,
            round.id.0,
            &groups
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

async fn load_heads(tx: &mut Tx, round: &Round, subjects: &[Uuid]) -> Result<BTreeMap<Uuid, Known>> {
    let rows = sqlx::query!(
        r#"select h.subject, h.version, h.reach, c.subject as "known?", c.exempt_reason as "exempt_reason?",
                  c.outcome as "outcome?", c.withheld as "withheld?", c.basis as "basis?", c.specimen as "specimen?",
                  c.release as "release?", c.assay as "assay?", c.method as "method?", c.sampled_at as "sampled_at?",
                  c.repeat_from as "repeat_from?", c.posterior as "posterior?", c.again as "again?", c.fate as "fate?",
                  c.was as "was?", c.listed as "listed?", c.covered as "covered?"
           from conclusion_head h
           left join conclusion c on (c.province, c.round, c.subject, c.version) = (h.province, h.round, h.subject, h.version)
           where h.province = $1 and h.round = $2 and h.subject = any ($3)"#,
        round.province.0,
        round.id.0,
        subjects
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let newest = r.known.is_some().then(|| ConclusionRow {
                reach: r.reach.clone(),
                exempt_reason: r.exempt_reason,
                outcome: r.outcome.unwrap_or_default(),
                withheld: r.withheld,
                basis: r.basis,
                specimen: r.specimen,
                release: r.release,
                assay: r.assay,
                method: r.method,
                sampled_at: r.sampled_at.map(|t| t.to_jiff()),
                repeat_from: r.repeat_from.map(|t| t.to_jiff()),
                posterior: r.posterior,
                again: r.again,
                fate: r.fate,
                was: r.was,
                listed: r.listed,
                covered: r.covered,
            });
            (r.subject, Known { version: r.version, reach: r.reach, newest })
        })
        .collect())
}

async fn write(tx: &mut Tx, round: &Round, versions: &[Version], policy_version: i32) -> Result<()> {
    if versions.is_empty() {
        return Ok(());
    }
    let now = tx.world.now();
    let column = |of: fn(&ConclusionRow) -> &Option<String>| -> Vec<Option<String>> {
        versions.iter().map(|v| of(&v.row).clone()).collect()
    };
    let time = |of: fn(&ConclusionRow) -> Option<jiff::Timestamp>| -> Vec<Option<jiff_sqlx::Timestamp>> {
        versions.iter().map(|v| of(&v.row).map(Into::into)).collect()
    };
    let subject: Vec<Uuid> = versions.iter().map(|v| v.subject.id()).collect();
    let version: Vec<i32> = versions.iter().map(|v| v.version).collect();
    let is_person: Vec<bool> = versions.iter().map(|v| matches!(v.subject, Subject::Person(_))).collect();
    let reach: Vec<String> = versions.iter().map(|v| v.row.reach.clone()).collect();
    let outcome: Vec<String> = versions.iter().map(|v| v.row.outcome.clone()).collect();
    let takes_back: Vec<bool> = versions.iter().map(|v| v.takes_back).collect();
    let head_assay: Vec<Option<Uuid>> = versions.iter().map(|v| v.assay).collect();
    let specimen: Vec<Option<Uuid>> = versions.iter().map(|v| v.row.specimen).collect();
    let release: Vec<Option<Uuid>> = versions.iter().map(|v| v.row.release).collect();
    let assay: Vec<Option<Uuid>> = versions.iter().map(|v| v.row.assay).collect();
    let posterior: Vec<Option<i32>> = versions.iter().map(|v| v.row.posterior).collect();
    let again: Vec<Option<bool>> = versions.iter().map(|v| v.row.again).collect();
    let listed: Vec<Option<i32>> = versions.iter().map(|v| v.row.listed).collect();
    let covered: Vec<Option<i32>> = versions.iter().map(|v| v.row.covered).collect();
    let written = sqlx::query!(
        "insert into conclusion (province, round, subject, version, person, unit, reach, exempt_reason, outcome, withheld,
             takes_back, basis, specimen, release, assay, method, sampled_at, repeat_from, posterior, again, fate, was, listed,
             covered, policy_version, at)
         select $1, $2, v.subject, v.version, case when v.is_person then v.subject end, h.unit, v.reach, v.exempt_reason,
                v.outcome, v.withheld, v.takes_back, v.basis, v.specimen, v.release, v.assay, v.method, v.sampled_at,
                v.repeat_from, v.posterior, v.again, v.fate, v.was, v.listed, v.covered, $3, $4
         from unnest($5::uuid[], $6::int[], $7::bool[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bool[],
                     $13::text[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::timestamptz[], $19::timestamptz[],
                     $20::int[], $21::bool[], $22::text[], $23::text[], $24::int[], $25::int[])
              v (subject, version, is_person, reach, exempt_reason, outcome, withheld, takes_back, basis, specimen, release,
                 assay, method, sampled_at, repeat_from, posterior, again, fate, was, listed, covered)
         join conclusion_head h on (h.province, h.round, h.subject) = ($1, $2, v.subject)",
        round.province.0,
        round.id.0,
        policy_version,
        now.to_sqlx() as _,
        &subject,
        &version,
        &is_person,
        &reach,
        &column(|r| &r.exempt_reason) as _,
        &outcome,
        &column(|r| &r.withheld) as _,
        &takes_back,
        &column(|r| &r.basis) as _,
        &specimen as _,
        &release as _,
        &assay as _,
        &column(|r| &r.method) as _,
        &time(|r| r.sampled_at) as _,
        &time(|r| r.repeat_from) as _,
        &posterior as _,
        &again as _,
        &column(|r| &r.fate) as _,
        &column(|r| &r.was) as _,
        &listed as _,
        &covered as _
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    let wanted = u64::try_from(versions.len()).unwrap_or(u64::MAX);
    crate::expect_rows("conclusion", written.rows_affected(), wanted)?;
    let moved = sqlx::query!(
        "update conclusion_head h set version = v.version, reach = v.reach, outcome = v.outcome, assay = v.assay
         from unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::uuid[]) v (subject, version, reach, outcome, assay)
         where h.province = $1 and h.round = $2 and h.subject = v.subject and h.version = v.version - 1",
        round.province.0,
        round.id.0,
        &subject,
        &version,
        &reach,
        &outcome,
        &head_assay as _
    )
    .execute(tx.conn())
    .await?;
    crate::expect_rows("conclusion_head", moved.rows_affected(), wanted)
}

/// Turns are taken by round, so nobody can have written the same version; if one did, nothing is half-applied.
fn taken(error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        taken if taken.is_unique_violation() => StoreError::Conflict("conclusion was just derived"),
        other => other,
    }
}

/// True for what somebody is told by a person, never by a page alone.
pub(super) fn told_by_a_person(kind: OutcomeKind) -> bool {
    matches!(kind, OutcomeKind::Held | OutcomeKind::Presumptive | OutcomeKind::Positive)
}

/// Nobody looks for whoever moved away or is not to be swabbed.
pub(super) fn is_looked_for(reach: ReachKind) -> bool {
    !matches!(reach, ReachKind::Removed | ReachKind::Exempt)
}
