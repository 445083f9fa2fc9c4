//! What follows from released readings, written down: facts are gathered as sets, the pure rule decides, sets are saved.

mod clocks;
pub mod closing;
mod gather;
pub mod history;
pub mod recall_list;
mod row;
mod save;

pub use gather::reading;
pub use row::{ConclusionRow, Subject};

use crate::campaign::Round;
use crate::jobs::{NewJob, enqueue_all};
use crate::lab::rules;
use crate::{Result, StoreError, Tx};
use greenfort_domain::conclusions::{Derived, conclude as derive};
use greenfort_domain::sampling::Event;
use greenfort_kernel::{IntakeId, PersonId, RoundId, SpecimenId};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;

/// Job that derives again what events of phones may have changed. Payload: `round`, `events`.
pub const JOB: &str = "conclusions.derive";

/// What changed: everybody these concern is derived again.
#[derive(Debug, Clone, Default)]
pub struct Seeds {
    pub specimens: BTreeSet<SpecimenId>,
    pub people: BTreeSet<PersonId>,
}

impl Seeds {
    pub fn specimens(specimens: impl IntoIterator<Item = SpecimenId>) -> Self {
        Self { specimens: specimens.into_iter().collect(), people: BTreeSet::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.specimens.is_empty() && self.people.is_empty()
    }
}

/// How much a derivation looked at, and how much of it was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Concluded {
    pub people: usize,
    pub places: usize,
    /// New versions of people's conclusions.
    pub changed: usize,
    /// Of these: passes to be taken back.
    pub taken_back: usize,
}

/// Takes turns: whoever derives conclusions of a round waits for whoever is at it, and then sees all they wrote.
///
/// # Errors
/// When the database refuses.
pub async fn take_turn(tx: &mut Tx, round: RoundId) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 4107))", round.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Derives again everybody the seeds concern and writes what became different. Running it twice writes nothing new.
///
/// # Errors
/// `Inconsistent` when the facts contradict themselves; nothing is written then.
pub async fn conclude(tx: &mut Tx, round: &Round, seeds: &Seeds) -> Result<Concluded> {
    if seeds.is_empty() {
        return Ok(Concluded::default());
    }
    take_turn(tx, round.id).await?;
    let (gathered, derived, version) = look(tx, round, seeds).await?;
    let concluded = save::conclusions(tx, round, &gathered, &derived, version).await?;
    clocks::pools(tx, round, &derived.steps).await?;
    Ok(concluded)
}

/// Whom events of phones concern: the specimens they are about, whatever their tubes hold now, and whoever was visited.
///
/// # Errors
/// When the database refuses.
pub async fn seeds_of_events(tx: &mut Tx, round: &Round, events: &[IntakeId]) -> Result<Seeds> {
    let ids: Vec<uuid::Uuid> = events.iter().map(|e| e.0).collect();
    let specimens = sqlx::query_scalar!(
        r#"select s.id as "id!" from intake i
           join specimen s on s.province = i.province and s.round = i.round
                and (s.id = i.specimen or (s.issuer, s.barcode) = (i.issuer, i.barcode))
           where i.province = $1 and i.round = $2 and i.id = any ($3)"#,
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let people = sqlx::query_scalar!(
        "select person from visit where province = $1 and round = $2 and id = any ($3)",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Seeds {
        specimens: specimens.into_iter().map(SpecimenId).collect(),
        people: people.into_iter().map(PersonId).collect(),
    })
}

/// What follows from events is derived by the worker, and cassettes are read once their window has closed.
pub(crate) async fn enqueue(tx: &mut Tx, round: &Round, events: &[&Event]) -> Result<()> {
    let Some(first) = events.first() else { return Ok(()) };
    let now = tx.world.now();
    let ids: Vec<IntakeId> = events.iter().map(|e| e.id).collect();
    let mut jobs = vec![NewJob {
        kind: JOB,
        unique_key: first.id.to_string(),
        payload: json!({ "round": round.id, "events": ids }),
        run_at: now,
    }];
    if events.iter().any(|e| e.kind() == "cassette_read") {
        // The longest window of the assays in force, so that one job finds all of them closed.
        let window_s =
            sqlx::query_scalar!("select max(read_until_s) from assay").fetch_one(tx.conn()).await?;
        jobs.push(NewJob {
            kind: crate::lab::cassettes::JOB,
            unique_key: first.id.to_string(),
            payload: json!({ "round": round.id }),
            run_at: now + SignedDuration::from_secs(i64::from(window_s.unwrap_or(0))),
        });
    }
    enqueue_all(tx, jobs).await?;
    Ok(())
}

/// Derives without writing: what would be said now.
pub(crate) async fn look(
    tx: &mut Tx,
    round: &Round,
    seeds: &Seeds,
) -> Result<(gather::Gathered, Derived, i32)> {
    let (policy, version) = rules::conclusions(tx).await?;
    let gathered = gather::gather(tx, round, seeds).await?;
    let derived = derive(&gathered.facts, &policy)
        .map_err(|e| StoreError::Inconsistent(format!("facts of round {}: {e}", round.id)))?;
    Ok((gathered, derived, version))
}
