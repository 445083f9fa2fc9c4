//! What is to be done in a laboratory today, oldest first.

use super::Laboratory;
use crate::{Result, Tx};
use greenfort_kernel::{RoundId, SchemeId, SpecimenId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

/// Rows of a list at a time.
const MOST: i64 = 500;

/// How many of each kind wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Received and in no scheme: to be pooled, or run alone.
    pub received: i64,
    /// First tests to be run.
    pub waiting: i64,
    /// Later tests to be run: positive pools taken apart, repeats.
    pub retest: i64,
    /// On lists, swabbed long enough ago, and not seen at a laboratory.
    pub missing: i64,
    /// Without a list.
    pub parked: i64,
}

/// A tube that was received and stands in no scheme.
#[derive(Debug, Clone)]
pub struct Tube {
    pub specimen: SpecimenId,
    pub round: RoundId,
    pub barcode: String,
    pub donors: i16,
    pub sampled_at: Timestamp,
    pub received_at: Timestamp,
}

/// A pool or tube to be run.
#[derive(Debug, Clone)]
pub struct DuePool {
    pub round: RoundId,
    pub scheme: SchemeId,
    pub label: String,
    pub stage: i16,
    pub tubes: i32,
    pub due_at: Timestamp,
}

/// # Errors
/// When the database refuses.
pub async fn counts(tx: &mut Tx, laboratory: &Laboratory, missing_since: Timestamp) -> Result<Counts> {
    let row = sqlx::query!(
        r#"select
             (select count(*) from accession a
              where a.laboratory = $1 and a.outcome = 'received'
                and not exists (select from accession b where (b.province, b.round, b.specimen) = (a.province, a.round, a.specimen)
                                and b.version > a.version)
                and not exists (select from scheme_specimen m
                                where (m.province, m.round, m.specimen) = (a.province, a.round, a.specimen) and m.live))
                 as "received!",
             (select count(*) from pool where laboratory = $1 and due_at is not null and stage = 0) as "waiting!",
             (select count(*) from pool where laboratory = $1 and due_at is not null and stage > 0) as "retest!",
             (select count(*) from consignment_item i join consignment c on c.id = i.consignment
              where c.laboratory = $1 and i.received_at is null and i.sent_at < $2) as "missing!",
             (select count(*) from parked_tube where laboratory = $1 and matched_at is null) as "parked!""#,
        laboratory.id.0,
        missing_since.to_sqlx() as _
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Counts {
        received: row.received,
        waiting: row.waiting,
        retest: row.retest,
        missing: row.missing,
        parked: row.parked,
    })
}

/// Received tubes in no scheme, oldest swab first.
///
/// # Errors
/// When the database refuses.
pub async fn received(tx: &mut Tx, laboratory: &Laboratory) -> Result<Vec<Tube>> {
    let rows = sqlx::query!(
        "select s.id, s.round, s.barcode, s.donors, s.sampled_at, a.at from accession a
         join specimen s on (s.province, s.round, s.id) = (a.province, a.round, a.specimen)
         where a.laboratory = $1 and a.outcome = 'received'
           and not exists (select from accession b where (b.province, b.round, b.specimen) = (a.province, a.round, a.specimen)
                           and b.version > a.version)
           and not exists (select from scheme_specimen m
                           where (m.province, m.round, m.specimen) = (a.province, a.round, a.specimen) and m.live)
         order by s.sampled_at, s.id limit $2",
        laboratory.id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Tube {
            specimen: SpecimenId(r.id),
            round: RoundId(r.round),
            barcode: r.barcode,
            donors: r.donors,
            sampled_at: r.sampled_at.to_jiff(),
            received_at: r.at.to_jiff(),
        })
        .collect())
}

/// Pools and tubes to be run, retests before first tests, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn due(tx: &mut Tx, laboratory: &Laboratory) -> Result<Vec<DuePool>> {
    let rows = sqlx::query!(
        r#"select round, scheme, label, stage, cardinality(positions) as "tubes!", due_at as "due_at!" from pool
           where laboratory = $1 and due_at is not null order by (stage = 0), due_at, label limit $2"#,
        laboratory.id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| DuePool {
            round: RoundId(r.round),
            scheme: SchemeId(r.scheme),
            label: r.label,
            stage: r.stage,
            tubes: r.tubes,
            due_at: r.due_at.to_jiff(),
        })
        .collect())
}

/// Barcodes that wait for a list, with when it is too late for one.
///
/// # Errors
/// When the database refuses.
pub async fn parked(tx: &mut Tx, laboratory: &Laboratory) -> Result<Vec<(String, Timestamp)>> {
    let rows = sqlx::query!(
        "select barcode, due_at from parked_tube where laboratory = $1 and matched_at is null order by due_at, id limit $2",
        laboratory.id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|r| (r.barcode, r.due_at.to_jiff())).collect())
}
