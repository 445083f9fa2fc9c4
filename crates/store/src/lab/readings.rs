//! What the wells showed: typed, or out of the instrument's file. Never edited; a correction is a higher version.

use super::RUN_FILE_SEALED;
use super::runs::{RunRow, assay, control_kind};
use crate::conclusions::reading;
use crate::{Result, StoreError, Tx};
use greenfort_domain::lab::{
    Anomaly, Assay, ControlKind, ControlResult, Ct, Plate, RunVerdict, SampleWell, Signal, Well, anomalies,
    judge_run,
};
use greenfort_kernel::{AccountId, ReactionId, ReleaseId, RoundId, SchemeId};
use greenfort_pooling::decode::Reading;
use jiff_sqlx::ToSqlx as _;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Ct by target; none: it never rose.
pub type Cts = BTreeMap<String, Option<Ct>>;

/// A sample well with its newest reading.
#[derive(Debug, Clone)]
pub struct Sample {
    pub round: RoundId,
    pub reaction: ReactionId,
    pub well: String,
    pub label: String,
    pub scheme: SchemeId,
    pub test: i16,
    pub stage: i16,
    /// Tubes in it.
    pub tubes: usize,
    pub newest: Option<Newest>,
    pub released: Option<ReleaseId>,
}

#[derive(Debug, Clone)]
pub struct Newest {
    pub version: i16,
    pub reading: Reading,
    pub cts: Cts,
    pub verified: bool,
    pub by: Option<AccountId>,
    /// This version was released.
    pub released: bool,
}

/// A control well with what it showed last.
#[derive(Debug, Clone)]
pub struct Control {
    pub well: String,
    pub kind: ControlKind,
    pub version: i16,
    pub cts: Option<Cts>,
    pub by: Option<AccountId>,
}

/// A run with all its wells, and what follows for it as a whole.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub run: RunRow,
    pub assay: Assay,
    pub samples: Vec<Sample>,
    pub controls: Vec<Control>,
    /// Every well has a reading.
    pub complete: bool,
    pub verdict: RunVerdict,
    pub anomalies: Vec<Anomaly>,
}

pub fn word(reading: Reading) -> &'static str {
    match reading {
        Reading::Detected => "detected",
        Reading::NotDetected => "not_detected",
        Reading::Inconclusive => "inconclusive",
        Reading::Invalid => "invalid",
    }
}

fn cts_of(value: &Value) -> Cts {
    let ct = |v: &Value| v.as_u64().and_then(|n| u32::try_from(n).ok()).and_then(Ct::from_thousandths);
    value.as_object().into_iter().flatten().map(|(name, v)| (name.clone(), ct(v))).collect()
}

/// Thousandths of a cycle by target.
fn json_of(cts: &Cts) -> Value {
    let map: Map<String, Value> =
        cts.iter().map(|(name, ct)| (name.clone(), json!(ct.map(Ct::thousandths)))).collect();
    Value::Object(map)
}

pub fn signals(cts: &Cts) -> Vec<Signal<'_>> {
    cts.iter().map(|(target, ct)| Signal { target, ct: *ct }).collect()
}

/// Everything about a run.
///
/// # Errors
/// `Inconsistent` when its data does not read.
pub async fn sheet(tx: &mut Tx, run: RunRow) -> Result<Sheet> {
    let assay = assay(tx, run.assay).await?;
    let samples = samples(tx, &run).await?;
    let controls = controls(tx, &run).await?;
    let complete = samples.iter().all(|s| s.newest.is_some()) && controls.iter().all(|c| c.cts.is_some());
    let plate = Plate::of_size(u16::try_from(run.plate).unwrap_or(0));
    let (verdict, anomalies) = match plate {
        Some(plate) => (judge(&assay, &controls)?, remarkable(&assay, plate, &samples)),
        // A cassette's control line is part of its reading.
        None => (RunVerdict::Valid, Vec::new()),
    };
    Ok(Sheet { run, assay, samples, controls, complete, verdict, anomalies })
}

fn well_of(text: &str) -> Result<Well> {
    text.parse().map_err(|e| StoreError::Inconsistent(format!("{e}")))
}

fn judge(assay: &Assay, controls: &[Control]) -> Result<RunVerdict> {
    let mut results = Vec::with_capacity(controls.len());
    for control in controls {
        if let Some(cts) = &control.cts {
            let well = well_of(&control.well)?;
            results.push(ControlResult { well, kind: control.kind, signals: signals(cts) });
        }
    }
    Ok(judge_run(assay, &results))
}

fn remarkable(assay: &Assay, plate: Plate, samples: &[Sample]) -> Vec<Anomaly> {
    let typed = samples.iter().filter(|s| s.newest.as_ref().is_some_and(|n| !n.verified)).count();
    let wells: Vec<SampleWell<'_>> = samples
        .iter()
        .filter_map(|s| {
            let newest = s.newest.as_ref()?;
            Some(SampleWell {
                well: s.well.parse().ok()?,
                reading: newest.reading,
                signals: signals(&newest.cts),
            })
        })
        .collect();
    anomalies(assay, plate, &wells, typed)
}

async fn samples(tx: &mut Tx, run: &RunRow) -> Result<Vec<Sample>> {
    let rows = sqlx::query!(
        r#"select r.round, r.id, r.well, r.scheme, r.test, p.label, p.stage, cardinality(p.positions) as "tubes!",
                  g.version as "version?", g.reading as "reading?", g.cts as "cts?", g.verified as "verified?", g.by as "by?",
                  v.release as "release?", l.release as "last_release?"
           from reaction r
           join pool p on (p.province, p.round, p.scheme, p.test) = (r.province, r.round, r.scheme, r.test)
           left join lateral (select * from reading g
                              where (g.province, g.round, g.reaction) = (r.province, r.round, r.id)
                              order by version desc limit 1) g on true
           left join released_reading v
               on (v.province, v.round, v.reaction, v.version) = (r.province, r.round, r.id, g.version)
           left join lateral (select release from released_reading l
                              where (l.province, l.round, l.reaction) = (r.province, r.round, r.id)
                              order by version desc limit 1) l on true
           where r.run = $1"#,
        run.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut samples = Vec::with_capacity(rows.len());
    for r in rows {
        let newest = match (r.version, r.reading, r.verified) {
            (Some(version), Some(word), Some(verified)) => Some(Newest {
                version,
                reading: reading(&word)?,
                cts: r.cts.as_ref().map(cts_of).unwrap_or_default(),
                verified,
                by: r.by.map(AccountId),
                released: r.release.is_some(),
            }),
            _ => None,
        };
        samples.push(Sample {
            round: RoundId(r.round),
            reaction: ReactionId(r.id),
            well: r.well,
            label: r.label,
            scheme: SchemeId(r.scheme),
            test: r.test,
            stage: r.stage,
            tubes: usize::try_from(r.tubes).unwrap_or(0),
            newest,
            released: r.last_release.map(ReleaseId),
        });
    }
    samples.sort_by_cached_key(|s| (s.well.parse::<Well>().ok(), s.well.clone()));
    Ok(samples)
}

async fn controls(tx: &mut Tx, run: &RunRow) -> Result<Vec<Control>> {
    let rows = sqlx::query!(
        r#"select c.well, c.kind, g.version as "version?", g.cts as "cts?", g.by as "by?" from control_well c
           left join lateral (select * from control_reading g where (g.run, g.well) = (c.run, c.well)
                              order by version desc limit 1) g on true
           where c.run = $1"#,
        run.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut controls = Vec::with_capacity(rows.len());
    for r in rows {
        controls.push(Control {
            kind: control_kind(&r.kind)
                .ok_or_else(|| StoreError::Inconsistent(format!("`{}` is no control", r.kind)))?,
            well: r.well,
            version: r.version.unwrap_or(0),
            cts: r.cts.as_ref().map(cts_of),
            by: r.by.map(AccountId),
        });
    }
    controls.sort_by_cached_key(|c| c.well.parse::<Well>().ok());
    Ok(controls)
}

/// A result file, kept as evidence.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub sha256: [u8; 32],
    pub name: &'a str,
    pub instrument: &'a str,
    pub bytes: &'a [u8],
}

/// Why readings are not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untaken {
    /// Nothing was put into this well.
    NoSuchWell(String),
    /// A half-read plate is not taken: these wells have no result yet.
    Missing(Vec<String>),
}

/// Writes what wells showed; unchanged wells are left as they are. Answers how many readings are new.
///
/// # Errors
/// `Ok(Err(…))`: what does not fit, nothing written.
pub async fn enter(
    tx: &mut Tx,
    sheet: &Sheet,
    wells: &BTreeMap<String, Cts>,
    evidence: Option<Evidence<'_>>,
    by: AccountId,
) -> Result<std::result::Result<usize, Vec<Untaken>>> {
    let mut untaken: Vec<Untaken> = wells
        .keys()
        .filter(|w| {
            !sheet.samples.iter().any(|s| s.well == **w) && !sheet.controls.iter().any(|c| c.well == **w)
        })
        .map(|w| Untaken::NoSuchWell(w.clone()))
        .collect();
    let unread_samples = sheet.samples.iter().filter(|s| s.newest.is_none()).map(|s| &s.well);
    let unread_controls = sheet.controls.iter().filter(|c| c.cts.is_none()).map(|c| &c.well);
    let missing: Vec<String> =
        unread_samples.chain(unread_controls).filter(|w| !wells.contains_key(*w)).cloned().collect();
    if !missing.is_empty() {
        untaken.push(Untaken::Missing(missing));
    }
    if !untaken.is_empty() {
        return Ok(Err(untaken));
    }
    let file = match evidence {
        Some(evidence) => Some(keep_file(tx, sheet, evidence, by).await?),
        None => None,
    };
    let verified = file.is_some();
    let mut rows = Rows::default();
    for sample in &sheet.samples {
        let Some(cts) = wells.get(&sample.well) else { continue };
        let same = |n: &Newest| n.cts == *cts && (n.verified || !verified);
        if sample.newest.as_ref().is_some_and(same) {
            continue;
        }
        rows.round.push(sample.round.0);
        rows.reaction.push(sample.reaction.0);
        rows.version.push(sample.newest.as_ref().map_or(0, |n| n.version) + 1);
        rows.reading.push(word(sheet.assay.read(&signals(cts))).to_owned());
        rows.cts.push(json_of(cts));
    }
    write_samples(tx, sheet, &rows, verified, file, by).await?;
    write_controls(tx, sheet, wells, by).await?;
    Ok(Ok(rows.reaction.len()))
}

#[derive(Default)]
struct Rows {
    round: Vec<Uuid>,
    reaction: Vec<Uuid>,
    version: Vec<i16>,
    reading: Vec<String>,
    cts: Vec<Value>,
}

async fn keep_file(tx: &mut Tx, sheet: &Sheet, evidence: Evidence<'_>, by: AccountId) -> Result<Uuid> {
    let id = tx.world.id::<ReleaseId>().0;
    let now = tx.world.now();
    let sealed = tx.keys.seal_bytes(RUN_FILE_SEALED, id.as_bytes(), evidence.bytes);
    let kept = sqlx::query_scalar!(
        "with new as (
             insert into run_file (id, run, sha256, name, instrument, sealed, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (run, sha256) do nothing returning id)
         select id from new union all select id from run_file where run = $2 and sha256 = $3",
        id,
        sheet.run.id.0,
        &evidence.sha256[..],
        evidence.name,
        evidence.instrument,
        sealed,
        by.0,
        now.to_sqlx() as _
    )
    .fetch_one(tx.conn())
    .await?;
    kept.ok_or(StoreError::NotFound("run file"))
}

async fn write_samples(
    tx: &mut Tx,
    sheet: &Sheet,
    rows: &Rows,
    verified: bool,
    file: Option<Uuid>,
    by: AccountId,
) -> Result<()> {
    let now = tx.world.now();
    sqlx::query!(
        "insert into reading (province, round, reaction, version, reading, cts, verified, file, by, at)
         select $1, r.round, r.reaction, r.version, r.reading, r.cts, $2, $3, $4, $5
         from unnest($6::uuid[], $7::uuid[], $8::int2[], $9::text[], $10::jsonb[]) r (round, reaction, version, reading, cts)",
        sheet.run.province.0,
        verified,
        file,
        by.0,
        now.to_sqlx() as _,
        &rows.round,
        &rows.reaction,
        &rows.version,
        &rows.reading,
        &rows.cts
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        taken if taken.is_unique_violation() => StoreError::Conflict("well was just read"),
        other => other,
    })?;
    Ok(())
}

async fn write_controls(
    tx: &mut Tx,
    sheet: &Sheet,
    wells: &BTreeMap<String, Cts>,
    by: AccountId,
) -> Result<()> {
    let now = tx.world.now();
    let (mut well, mut version, mut cts) = (Vec::new(), Vec::new(), Vec::new());
    for control in &sheet.controls {
        let Some(shown) = wells.get(&control.well) else { continue };
        if control.cts.as_ref() != Some(shown) {
            well.push(control.well.clone());
            version.push(control.version + 1);
            cts.push(json_of(shown));
        }
    }
    sqlx::query!(
        "insert into control_reading (run, well, version, cts, by, at)
         select $1, r.well, r.version, r.cts, $2, $3
         from unnest($4::text[], $5::int2[], $6::jsonb[]) r (well, version, cts)",
        sheet.run.id.0,
        by.0,
        now.to_sqlx() as _,
        &well,
        &version,
        &cts
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
