//! Releasing readings, and what follows in the same transaction.

use super::readings::{Sample, Sheet, sheet};
use super::{rules, runs};
use crate::campaign;
use crate::conclusions::{self, Concluded, Seeds};
use crate::{Result, Tx};
use greenfort_domain::lab::{Batch, Permit, Refusal, Releaser, RunVerdict};
use greenfort_kernel::{AccountId, Method, ReleaseId, RoundId, RunId, SpecimenId};
use greenfort_pooling::decode::Reading;
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Job that releases what a rule lets out by itself. Payload: `run`.
pub const JOB: &str = "lab.release_by_rule";

/// What a release let out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    pub id: ReleaseId,
    pub readings: usize,
    pub concluded: Concluded,
}

/// Why nothing was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// By the policy.
    Policy(Refusal),
    /// Wells without a reading: a plate is released whole.
    Incomplete,
    GivenUp,
}

/// Releases all readings of a run that are not released yet, and concludes everybody they concern, in one transaction.
///
/// # Errors
/// `Ok(Err(…))`: what stands against it, nothing changed.
pub async fn release(
    tx: &mut Tx,
    run: RunId,
    releaser: Releaser<'_>,
    note: Option<&str>,
) -> Result<std::result::Result<Released, Held>> {
    // Turns first, facts after: whoever released in between is then seen.
    for round in rounds_of(tx, run).await? {
        conclusions::take_turn(tx, round).await?;
    }
    let row = runs::find(tx, run).await?;
    let sheet = sheet(tx, row).await?;
    if sheet.run.void_at.is_some() {
        return Ok(Err(Held::GivenUp));
    }
    let is_plate = sheet.run.plate > 0;
    if is_plate && !sheet.complete {
        return Ok(Err(Held::Incomplete));
    }
    let (policy, version) = rules::release(tx).await?;
    let by_rule = matches!(releaser, Releaser::Rule);
    let open: Vec<&Sample> = sheet
        .samples
        .iter()
        .filter(|s| s.newest.as_ref().is_some_and(|n| !n.released))
        // Each cassette stands for itself: a rule lets the negative ones out, a person decides on the others.
        .filter(|s| is_plate || !by_rule || reads(s) == Some(Reading::NotDetected))
        .collect();
    let readings: Vec<Reading> = open.iter().filter_map(|s| reads(s)).collect();
    let readers = readers(&sheet, &open);
    let batch = Batch {
        method: sheet.run.method,
        readings: &readings,
        run_valid: sheet.verdict == RunVerdict::Valid,
        anomalies: sheet.anomalies.len(),
        // A cassette becomes a reading only once its window has closed.
        windows_closed: true,
        readers: &readers,
    };
    let permit = match policy.permit(&batch, releaser) {
        Ok(permit) => permit,
        Err(refusal) => return Ok(Err(Held::Policy(refusal))),
    };
    let id = write(tx, &sheet, &open, permit, version, note).await?;
    let concluded = follow(tx, &open).await?;
    Ok(Ok(Released { id, readings: open.len(), concluded }))
}

fn reads(sample: &Sample) -> Option<Reading> {
    sample.newest.as_ref().map(|n| n.reading)
}

/// Everybody who read, imported or typed a sample or a control of it.
fn readers(sheet: &Sheet, open: &[&Sample]) -> Vec<AccountId> {
    let samples = open.iter().filter_map(|s| s.newest.as_ref().and_then(|n| n.by));
    samples.chain(sheet.controls.iter().filter_map(|c| c.by)).collect::<BTreeSet<_>>().into_iter().collect()
}

async fn rounds_of(tx: &mut Tx, run: RunId) -> Result<Vec<RoundId>> {
    let rounds =
        sqlx::query_scalar!("select distinct round from reaction where run = $1 order by round", run.0)
            .fetch_all(tx.conn())
            .await?;
    Ok(rounds.into_iter().map(RoundId).collect())
}

async fn write(
    tx: &mut Tx,
    sheet: &Sheet,
    open: &[&Sample],
    permit: Permit,
    rule_version: i32,
    note: Option<&str>,
) -> Result<ReleaseId> {
    let id: ReleaseId = tx.world.id();
    let now = tx.world.now();
    let anomalies = serde_json::to_value(&sheet.anomalies).unwrap_or_default();
    sqlx::query!(
        "insert into release (id, province, run, by, rule_version, anomalies, note, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        sheet.run.province.0,
        sheet.run.id.0,
        permit.by().map(|a| a.0),
        rule_version,
        anomalies,
        note,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    let round: Vec<Uuid> = open.iter().map(|s| s.round.0).collect();
    let reaction: Vec<Uuid> = open.iter().map(|s| s.reaction.0).collect();
    let version: Vec<i16> = open.iter().filter_map(|s| s.newest.as_ref().map(|n| n.version)).collect();
    let written = sqlx::query!(
        "insert into released_reading (province, round, reaction, version, release)
         select $1, r.round, r.reaction, r.version, $2 from unnest($3::uuid[], $4::uuid[], $5::int2[]) r (round, reaction, version)",
        sheet.run.province.0,
        id.0,
        &round,
        &reaction,
        &version
    )
    .execute(tx.conn())
    .await?;
    crate::expect_rows("released reading", written.rows_affected(), u64::try_from(open.len()).unwrap_or(0))?;
    Ok(id)
}

/// Concludes everybody the readings concern.
async fn follow(tx: &mut Tx, open: &[&Sample]) -> Result<Concluded> {
    let mut schemes: BTreeMap<RoundId, Vec<Uuid>> = BTreeMap::new();
    for sample in open {
        schemes.entry(sample.round).or_default().push(sample.scheme.0);
    }
    let mut total = Concluded::default();
    for (round, schemes) in schemes {
        let round = campaign::round(tx, round).await?;
        let specimens = sqlx::query_scalar!(
            "select distinct specimen from scheme_specimen where province = $1 and round = $2 and scheme = any ($3)",
            round.province.0,
            round.id.0,
            &schemes
        )
        .fetch_all(tx.conn())
        .await?;
        let seeds = Seeds::specimens(specimens.into_iter().map(SpecimenId));
        let concluded = conclusions::conclude(tx, &round, &seeds).await?;
        total.people += concluded.people;
        total.places += concluded.places;
        total.changed += concluded.changed;
        total.taken_back += concluded.taken_back;
    }
    Ok(total)
}

/// True where a rule might release it without a person.
pub fn might_go_by_rule(sheet: &Sheet) -> bool {
    let quiet = sheet.samples.iter().all(|s| reads(s).is_none_or(|r| r == Reading::NotDetected));
    sheet.complete && quiet && sheet.anomalies.is_empty() && sheet.run.method == Method::Pcr
}
