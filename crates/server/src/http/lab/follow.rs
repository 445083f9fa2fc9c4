//! What the worker does for the laboratory: conclusions after events of phones, cassettes, releases by rule.

use crate::worker::{Context, JobFailed};
use greenfort_domain::lab::Releaser;
use greenfort_kernel::{IntakeId, RoundId, RunId};
use greenfort_store::audit::{Actor, Entry, record};
use greenfort_store::jobs::Leased;
use greenfort_store::lab::release::{Held, Released};
use greenfort_store::lab::{cassettes, release};
use greenfort_store::{Result, Scope, Tx, campaign, conclusions, tx};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Events {
    round: RoundId,
    events: Vec<IntakeId>,
}

#[derive(Deserialize)]
struct OfRound {
    round: RoundId,
}

#[derive(Deserialize)]
struct OfRun {
    run: RunId,
}

fn payload<T: serde::de::DeserializeOwned>(job: &Leased) -> Result<T, JobFailed> {
    serde_json::from_value(job.payload.clone()).map_err(|e| JobFailed(format!("payload: {e}")))
}

/// Derives again whomever events of phones concern.
pub async fn derive(context: Context, job: Leased) -> Result<(), JobFailed> {
    let events: Events = payload(&job)?;
    tx!(context.db, "derive_conclusions", Scope::nobody(), |tx| -> Result<()> {
        let round = campaign::round(tx, events.round).await?;
        let seeds = conclusions::seeds_of_events(tx, &round, &events.events).await?;
        conclusions::conclude(tx, &round, &seeds).await?;
        Ok(())
    })?;
    Ok(())
}

/// Turns cassettes whose window has closed into readings, and releases those the rule lets out.
pub async fn read_cassettes(context: Context, job: Leased) -> Result<(), JobFailed> {
    let OfRound { round } = payload(&job)?;
    let runs = tx!(context.db, "read_cassettes", Scope::nobody(), |tx| -> Result<_> {
        let round = campaign::round(tx, round).await?;
        cassettes::read(tx, &round).await
    })?;
    for run in runs {
        let outcome = tx!(context.db, "release_cassettes", Scope::nobody(), |tx| by_rule(tx, run).await)?;
        note(run, &outcome);
    }
    Ok(())
}

/// Releases a plate that the rule lets out; whatever stands against it waits for a person.
pub async fn release_by_rule(context: Context, job: Leased) -> Result<(), JobFailed> {
    let OfRun { run } = payload(&job)?;
    let outcome = tx!(context.db, "release_by_rule", Scope::nobody(), |tx| by_rule(tx, run).await)?;
    note(run, &outcome);
    Ok(())
}

/// What a rule does not let out is no failure of the job.
fn note(run: RunId, outcome: &std::result::Result<Released, Held>) {
    match outcome {
        Ok(done) => tracing::info!(%run, readings = done.readings, "released by rule"),
        Err(held) => tracing::info!(%run, ?held, "waits for a person"),
    }
}

async fn by_rule(tx: &mut Tx, run: RunId) -> Result<std::result::Result<Released, Held>> {
    let outcome = release::release(tx, run, Releaser::Rule, None).await?;
    if let Ok(done) = &outcome {
        let entry = Entry {
            actor: Actor::System,
            action: "lab.release",
            object_kind: "release",
            object_id: done.id.to_string(),
            unit: None,
            detail: json!({ "run": run, "readings": done.readings, "changed": done.concluded.changed }),
        };
        record(tx, entry).await?;
    }
    Ok(outcome)
}
