//! Runs: a plate with its map, and everything its wells have shown so far.

use super::Laboratory;
use super::accession::listed;
use super::pools::{self, NewScheme};
use crate::campaign;
use crate::{Result, StoreError, Tx};
use greenfort_domain::lab::{
    Assay, ControlKind, ControlRule, Ct, Grey, GreyRule, InternalControl, Plate, Target, Well,
};
use greenfort_kernel::{AccountId, AssayId, LaboratoryId, LotId, Method, RoundId, RunId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What somebody puts into a well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A pool or tube by what is written on it.
    Label(String),
    Control(ControlKind),
}

/// A plate to be run.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub assay: AssayId,
    pub name: String,
    pub plate: Plate,
    pub wells: Vec<(Well, Content)>,
    pub lots: Vec<LotId>,
    pub extraction: Option<Uuid>,
}

/// What does not fit about a plate map. Nothing of it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    OffPlate(Well),
    WellTwice(Well),
    LabelTwice(Well, String),
    /// Nothing here is called so.
    Unknown(Well, String),
    /// Never scanned in, rejected or lost.
    NotReceived(Well, String),
    /// It is not to be run now: read already, or in another run.
    NotDue(Well, String),
    MissingControl {
        kind: ControlKind,
        wanted: u8,
        found: u8,
    },
    NoSample,
}

pub fn control_word(kind: ControlKind) -> &'static str {
    match kind {
        ControlKind::NoTemplate => "no_template",
        ControlKind::ExtractionBlank => "extraction_blank",
        ControlKind::Positive => "positive",
    }
}

pub fn control_kind(word: &str) -> Option<ControlKind> {
    [ControlKind::NoTemplate, ControlKind::ExtractionBlank, ControlKind::Positive]
        .into_iter()
        .find(|k| control_word(*k) == word)
}

/// The assay as the rules read it.
///
/// # Errors
/// `NotFound`; `Inconsistent` when its data does not read.
pub async fn assay(tx: &mut Tx, id: AssayId) -> Result<Assay> {
    let row = sqlx::query!(
        "select code, version, method, sensitivity, targets, internal_control, internal_cutoff, least_targets, grey_from,
                grey_until, grey_rule, controls, most_donors, read_after_s, read_until_s
         from assay where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("assay"))?;
    let wrong = |what: &str| StoreError::Inconsistent(format!("assay {}: {what}", row.code));
    let ct = |value: f64, what: &str| {
        // Thousandths of a cycle, inside 1 to 60.
        let thousandths = (value * 1_000.0).round().clamp(0.0, 1e9) as u32;
        Ct::from_thousandths(thousandths).ok_or_else(|| wrong(what))
    };
    let mut targets = Vec::new();
    for target in row.targets.as_array().into_iter().flatten() {
        let name = target["name"].as_str().ok_or_else(|| wrong("a target without a name"))?;
        let cut_off = target["cutoff"].as_f64().ok_or_else(|| wrong("a target without a cutoff"))?;
        targets.push(Target { name: name.to_owned(), cut_off: ct(cut_off, "cutoff")? });
    }
    let internal_control = match &row.internal_control {
        Some(name) => Some(InternalControl {
            name: name.clone(),
            cut_off: ct(f64::from(row.internal_cutoff.unwrap_or(40.0)), "internal_cutoff")?,
        }),
        None => None,
    };
    let grey = match (row.grey_from, row.grey_until) {
        (Some(from), Some(to)) => Some(Grey {
            from: ct(f64::from(from), "grey_from")?,
            to: ct(f64::from(to), "grey_until")?,
            rule: if row.grey_rule == "positive" {
                GreyRule::CountsWithOthers
            } else {
                GreyRule::Inconclusive
            },
        }),
        _ => None,
    };
    let mut controls = Vec::new();
    for word in &row.controls {
        let kind = match word.as_str() {
            "negative" => ControlKind::NoTemplate,
            "extraction" => ControlKind::ExtractionBlank,
            "positive" => ControlKind::Positive,
            other => return Err(wrong(&format!("`{other}` is no control"))),
        };
        controls.push(ControlRule { kind, wells: 1, window: None });
    }
    let minutes = |s: Option<i32>| s.and_then(|s| u16::try_from(s / 60).ok());
    Ok(Assay {
        name: row.code.clone(),
        version: u16::try_from(row.version).unwrap_or(u16::MAX),
        method: row.method.parse::<Method>().map_err(StoreError::Inconsistent)?,
        sensitivity: u8::try_from(row.sensitivity).unwrap_or(1),
        targets,
        minimum_targets: u8::try_from(row.least_targets).unwrap_or(1),
        internal_control,
        grey,
        controls,
        largest_pool: u16::try_from(row.most_donors).unwrap_or(1),
        read_from_minute: minutes(row.read_after_s),
        read_until_minute: minutes(row.read_until_s),
    })
}

/// Starts a run. Tubes that stand in no scheme yet are run alone.
///
/// # Errors
/// `Ok(Err(…))`: everything that does not fit, nothing taken. `Conflict` when a tube was pooled meanwhile.
pub async fn start(
    tx: &mut Tx,
    laboratory: &Laboratory,
    new: &NewRun,
    by: AccountId,
) -> Result<std::result::Result<RunId, Vec<Misfit>>> {
    let assay = assay(tx, new.assay).await?;
    let mut misfits = shape(new, &assay);
    let labels: Vec<String> = new
        .wells
        .iter()
        .filter_map(|(_, c)| if let Content::Label(label) = c { Some(label.clone()) } else { None })
        .collect();
    let fresh = alone(tx, laboratory, &labels, by).await?;
    let due = due_pools(tx, laboratory.id, &labels).await?;
    let known: BTreeMap<String, Option<String>> =
        fresh.into_iter().map(|t| (t.barcode.clone(), t.accession)).collect();
    let mut reactions = Vec::new();
    for (well, content) in &new.wells {
        let Content::Label(label) = content else { continue };
        match due.get(label) {
            Some(pool) if pool.due => reactions.push((*well, pool)),
            Some(_) => misfits.push(Misfit::NotDue(*well, label.clone())),
            None => match known.get(label).map(Option::as_deref) {
                Some(Some("received")) => misfits.push(Misfit::NotDue(*well, label.clone())),
                Some(_) => misfits.push(Misfit::NotReceived(*well, label.clone())),
                None => misfits.push(Misfit::Unknown(*well, label.clone())),
            },
        }
    }
    if !misfits.is_empty() {
        return Ok(Err(misfits));
    }
    let id: RunId = tx.world.id();
    let now = tx.world.now();
    sqlx::query!(
        "insert into run (id, province, laboratory, unit, extraction, assay, name, plate, authorised, started_by, started_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        laboratory.province.0,
        laboratory.id.0,
        laboratory.unit.0,
        new.extraction,
        new.assay.0,
        new.name,
        i16::try_from(new.plate.size()).unwrap_or(0),
        laboratory.confirms,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    let lots: Vec<Uuid> = new.lots.iter().map(|l| l.0).collect();
    sqlx::query!(
        "insert into run_lot (run, lot) select distinct $1::uuid, l from unnest($2::uuid[]) l",
        id.0,
        &lots
    )
    .execute(tx.conn())
    .await?;
    write_wells(tx, laboratory, id, new, &reactions).await?;
    Ok(Ok(id))
}

/// What is wrong with the map before anything is looked up.
fn shape(new: &NewRun, assay: &Assay) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let (mut wells, mut labels) = (BTreeSet::new(), BTreeSet::new());
    for (well, content) in &new.wells {
        if !new.plate.holds(*well) {
            misfits.push(Misfit::OffPlate(*well));
        }
        if !wells.insert(*well) {
            misfits.push(Misfit::WellTwice(*well));
        }
        if let Content::Label(label) = content
            && !labels.insert(label)
        {
            misfits.push(Misfit::LabelTwice(*well, label.clone()));
        }
    }
    for rule in &assay.controls {
        let of_kind = new.wells.iter().filter(|(_, c)| *c == Content::Control(rule.kind)).count();
        let found = u8::try_from(of_kind).unwrap_or(u8::MAX);
        if found < rule.wells {
            misfits.push(Misfit::MissingControl { kind: rule.kind, wanted: rule.wells, found });
        }
    }
    if labels.is_empty() {
        misfits.push(Misfit::NoSample);
    }
    misfits
}

/// Gives received tubes that stand in no scheme one of their own; answers all tubes that lists name.
async fn alone(
    tx: &mut Tx,
    laboratory: &Laboratory,
    labels: &[String],
    by: AccountId,
) -> Result<Vec<super::accession::Listed>> {
    let known = listed(tx, laboratory, labels).await?;
    let mut by_round: BTreeMap<RoundId, Vec<NewScheme>> = BTreeMap::new();
    for tube in known.iter().filter(|t| !t.pooled && t.accession.as_deref() == Some("received")) {
        let scheme = NewScheme::dorfman(vec![tube.specimen], vec![tube.barcode.clone()], None)?;
        by_round.entry(tube.round).or_default().push(scheme);
    }
    for (round, schemes) in by_round {
        let round = campaign::round(tx, round).await?;
        pools::make(tx, &round, Some(laboratory.id), laboratory.unit, &schemes, Some(by)).await?;
    }
    Ok(known)
}

struct DuePool {
    round: Uuid,
    scheme: Uuid,
    test: i16,
    due: bool,
}

/// Pools by label: of several so called the one that is due.
async fn due_pools(
    tx: &mut Tx,
    laboratory: LaboratoryId,
    labels: &[String],
) -> Result<BTreeMap<String, DuePool>> {
    let rows = sqlx::query!(
        r#"select distinct on (label) label, round, scheme, test, due_at is not null as "due!" from pool
           where laboratory = $1 and label = any ($2) order by label, due_at desc nulls last"#,
        laboratory.0,
        labels
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| (r.label, DuePool { round: r.round, scheme: r.scheme, test: r.test, due: r.due }))
        .collect())
}

async fn write_wells(
    tx: &mut Tx,
    laboratory: &Laboratory,
    run: RunId,
    new: &NewRun,
    reactions: &[(Well, &DuePool)],
) -> Result<()> {
    let controls: Vec<(String, String)> = new
        .wells
        .iter()
        .filter_map(|(well, c)| match c {
            Content::Control(kind) => Some((well.to_string(), control_word(*kind).to_owned())),
            Content::Label(_) => None,
        })
        .collect();
    let (control_well, kind): (Vec<String>, Vec<String>) = controls.into_iter().unzip();
    sqlx::query!(
        "insert into control_well (run, well, kind) select $1, * from unnest($2::text[], $3::text[])",
        run.0,
        &control_well,
        &kind
    )
    .execute(tx.conn())
    .await?;
    let ids: Vec<Uuid> = reactions.iter().map(|_| tx.world.id::<greenfort_kernel::ReactionId>().0).collect();
    let well: Vec<String> = reactions.iter().map(|(w, _)| w.to_string()).collect();
    let round: Vec<Uuid> = reactions.iter().map(|(_, p)| p.round).collect();
    let scheme: Vec<Uuid> = reactions.iter().map(|(_, p)| p.scheme).collect();
    let test: Vec<i16> = reactions.iter().map(|(_, p)| p.test).collect();
    sqlx::query!(
        "insert into reaction (province, round, id, run, well, scheme, test)
         select $1, r.round, r.id, $2, r.well, r.scheme, r.test
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::int2[]) r (id, round, well, scheme, test)",
        laboratory.province.0,
        run.0,
        &ids,
        &round,
        &well,
        &scheme,
        &test
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update pool p set due_at = null from unnest($2::uuid[], $3::uuid[], $4::int2[]) r (round, scheme, test)
         where (p.province, p.round, p.scheme, p.test) = ($1, r.round, r.scheme, r.test)",
        laboratory.province.0,
        &round,
        &scheme,
        &test
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A run as its list shows it.
#[derive(Debug, Clone)]
pub struct RunRow {
    pub id: RunId,
    pub laboratory: Option<LaboratoryId>,
    pub province: UnitId,
    pub unit: UnitId,
    pub assay: AssayId,
    pub kit: String,
    pub method: Method,
    pub name: String,
    /// 0: cassettes.
    pub plate: i16,
    pub authorised: bool,
    pub started_at: Timestamp,
    pub void_at: Option<Timestamp>,
    pub void_reason: Option<String>,
    pub reactions: i64,
    pub read: i64,
    pub released: i64,
}

/// Runs of a laboratory, newest first; `id`: that one alone, wherever it was done.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    tx: &mut Tx,
    laboratory: Option<LaboratoryId>,
    id: Option<RunId>,
    since: Timestamp,
) -> Result<Vec<RunRow>> {
    let rows = sqlx::query!(
        r#"select u.id, u.laboratory, u.province, u.unit, u.assay, a.kit, a.method, u.name, u.plate, u.authorised, u.started_at,
                  u.void_at, u.void_reason, n.reactions as "reactions!", n.read as "read!", n.released as "released!"
           from run u join assay a on a.id = u.assay
           cross join lateral (
               select count(*) as reactions,
                      count(*) filter (where exists (select from reading g
                          where (g.province, g.round, g.reaction) = (r.province, r.round, r.id))) as read,
                      count(*) filter (where exists (select from released_reading g
                          where (g.province, g.round, g.reaction) = (r.province, r.round, r.id))) as released
               from reaction r where r.run = u.id) n
           where (u.id = $2 or (u.laboratory = $1 and u.started_at >= $3)) order by u.started_at desc, u.id desc limit 200"#,
        laboratory.map(|l| l.0),
        id.map(|i| i.0),
        since.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(RunRow {
                id: RunId(r.id),
                laboratory: r.laboratory.map(LaboratoryId),
                province: UnitId(r.province),
                unit: UnitId(r.unit),
                assay: AssayId(r.assay),
                kit: r.kit,
                method: r.method.parse().map_err(StoreError::Inconsistent)?,
                name: r.name,
                plate: r.plate,
                authorised: r.authorised,
                started_at: r.started_at.to_jiff(),
                void_at: r.void_at.map(|t| t.to_jiff()),
                void_reason: r.void_reason,
                reactions: r.reactions,
                read: r.read,
                released: r.released,
            })
        })
        .collect()
}

/// # Errors
/// `NotFound`.
pub async fn find(tx: &mut Tx, id: RunId) -> Result<RunRow> {
    let now = tx.world.now();
    list(tx, None, Some(id), now).await?.pop().ok_or(StoreError::NotFound("run"))
}

/// Gives a run up: what is in it is due again, and nothing of it is ever released.
///
/// # Errors
/// `Conflict` when something of it was released (that is recalled instead), or it was given up before.
pub async fn give_up(tx: &mut Tx, id: RunId, reason: &str) -> Result<()> {
    let now = tx.world.now();
    let done = sqlx::query!(
        "update run set void_at = $2, void_reason = $3
         where id = $1 and void_at is null and not exists (select from release where run = $1)",
        id.0,
        now.to_sqlx() as _,
        reason
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict("run was released or given up"));
    }
    sqlx::query!(
        "update pool p set due_at = $2 from reaction r
         where r.run = $1 and (p.province, p.round, p.scheme, p.test) = (r.province, r.round, r.scheme, r.test)
           and p.laboratory is not null",
        id.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
