//! Closing a round: it adds up, every specimen is accounted for or its unit is named, and the record is kept with its hash.

use super::{Concluded, Seeds, conclude, take_turn};
use crate::campaign::Round;
use crate::{Result, StoreError, Tx};
use aws_lc_rs::digest::{SHA256, digest};
use greenfort_kernel::{AccountId, PersonId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::{Deserialize, Serialize};

/// People of a hamlet by reach and outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub unit: UnitId,
    pub unit_name: String,
    pub reach: String,
    pub outcome: String,
    pub persons: i64,
}

/// Tubes of a hamlet that nothing was concluded from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTubes {
    pub unit: UnitId,
    pub unit_name: String,
    /// not_arrived, waiting, parked … : how far they got.
    pub stands: String,
    pub tubes: i64,
}

/// What the record says; counts by hamlet, never a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Expected and added on the spot.
    pub expected: i64,
    pub removed: i64,
    /// Sum over reaches and outcomes without the removed.
    pub counted: i64,
    pub cells: Vec<Cell>,
    pub open_tubes: Vec<OpenTubes>,
}

impl Record {
    /// Expected + added − removed = Σ reach = Σ outcomes.
    pub fn adds_up(&self) -> bool {
        self.expected - self.removed == self.counted
    }
}

/// A round that was closed.
#[derive(Debug, Clone)]
pub struct Closed {
    pub record: Record,
    pub sha256: Vec<u8>,
    pub by: Option<AccountId>,
    pub at: Timestamp,
}

/// What a closing would say now.
///
/// # Errors
/// When the database refuses.
pub async fn preview(tx: &mut Tx, round: &Round) -> Result<Record> {
    let totals = sqlx::query!(
        r#"select (select count(*) from round_subject where province = $1 and round = $2) as "expected!",
                  (select count(*) from conclusion_head where province = $1 and round = $2 and reach = 'removed') as "removed!""#,
        round.province.0,
        round.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    // From the figures: that they equal the facts is what the closing checks.
    let cells: Vec<Cell> = sqlx::query!(
        r#"select f.unit as "unit!", u.name as "unit_name!", f.reach as "reach!", f.outcome as "outcome!",
                  sum(f.persons)::bigint as "persons!"
           from (select unit, reach, outcome, persons from outcome_figure where round = $1
                 union all select unit, reach, outcome, persons from outcome_figure_delta where round = $1) f
           join unit u on u.id = f.unit
           group by f.unit, u.name, u.folded_name, f.reach, f.outcome having sum(f.persons) <> 0
           order by u.folded_name, f.unit, f.reach, f.outcome"#,
        round.id.0
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|r| Cell {
        unit: UnitId(r.unit),
        unit_name: r.unit_name,
        reach: r.reach,
        outcome: r.outcome,
        persons: r.persons,
    })
    .collect();
    let counted = cells.iter().filter(|c| c.reach != "removed").map(|c| c.persons).sum();
    Ok(Record {
        expected: totals.expected,
        removed: totals.removed,
        counted,
        cells,
        open_tubes: open_tubes(tx, round).await?,
    })
}

async fn open_tubes(tx: &mut Tx, round: &Round) -> Result<Vec<OpenTubes>> {
    let rows = sqlx::query!(
        r#"select s.unit, u.name as unit_name,
                  case when a.outcome is null and y.method = 'pcr' then 'not_arrived' else 'waiting' end as "stands!",
                  count(*) as "tubes!"
           from specimen s join unit u on u.id = s.unit join assay y on y.id = s.assay
           left join lateral (select outcome from accession a
                              where (a.province, a.round, a.specimen) = (s.province, s.round, s.id)
                              order by version desc limit 1) a on true
           where s.province = $1 and s.round = $2 and s.voided_at is null and a.outcome is distinct from 'rejected'
             and a.outcome is distinct from 'lost'
             and not exists (
                 select from scheme_specimen m
                 join pool p on (p.province, p.round, p.scheme) = (m.province, m.round, m.scheme) and m.position = any (p.positions)
                 join reaction r on (r.province, r.round, r.scheme, r.test) = (p.province, p.round, p.scheme, p.test)
                 join released_reading v on (v.province, v.round, v.reaction) = (r.province, r.round, r.id)
                 where (m.province, m.round, m.specimen) = (s.province, s.round, s.id))
           group by s.unit, u.name, u.folded_name, 3 order by u.folded_name, s.unit, 3"#,
        round.province.0,
        round.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| OpenTubes { unit: UnitId(r.unit), unit_name: r.unit_name, stands: r.stands, tubes: r.tubes })
        .collect())
}

/// Closes a round: tubes nobody has seen are lost, what no further material will settle is unresolved, and the record is
/// written. Its hash goes into the audit trail, whose seals sign it.
///
/// # Errors
/// `Conflict` when it was closed before; `Inconsistent` when it does not add up (nothing is closed then).
pub async fn close(tx: &mut Tx, round: &Round, by: AccountId) -> Result<(Closed, Concluded)> {
    take_turn(tx, round.id).await?;
    let now = tx.world.now();
    let closed = sqlx::query!(
        "update round set closed_by = $2, closed_at = $3 where id = $1 and closed_at is null",
        round.id.0,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if closed.rows_affected() != 1 {
        return Err(StoreError::Conflict("round was closed before"));
    }
    sqlx::query!(
        "insert into accession (province, round, specimen, version, outcome, reason, by, at)
         select s.province, s.round, s.id, 1, 'lost', 'not_arrived', $3, $4 from specimen s join assay y on y.id = s.assay
         where s.province = $1 and s.round = $2 and s.voided_at is null and y.method = 'pcr'
           and not exists (select from accession a where (a.province, a.round, a.specimen) = (s.province, s.round, s.id))",
        round.province.0,
        round.id.0,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    let round = Round { closed_at: Some(now), ..round.clone() };
    let everybody = everybody(tx, &round).await?;
    let concluded = conclude(tx, &round, &everybody).await?;
    let record = preview(tx, &round).await?;
    if !record.adds_up() {
        return Err(StoreError::Inconsistent(format!(
            "round {}: {} expected − {} removed, but {} counted",
            round.id, record.expected, record.removed, record.counted
        )));
    }
    let body = serde_json::to_value(&record).map_err(|e| StoreError::Inconsistent(format!("record: {e}")))?;
    let sha256 = digest(&SHA256, body.to_string().as_bytes()).as_ref().to_vec();
    sqlx::query!(
        "insert into round_closing (round, province, record, sha256, by, at) values ($1, $2, $3, $4, $5, $6)",
        round.id.0,
        round.province.0,
        body,
        &sha256,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok((Closed { record, sha256, by: Some(by), at: now }, concluded))
}

async fn everybody(tx: &mut Tx, round: &Round) -> Result<Seeds> {
    let people = sqlx::query_scalar!(
        "select person from round_subject where province = $1 and round = $2",
        round.province.0,
        round.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Seeds { people: people.into_iter().map(PersonId).collect(), ..Seeds::default() })
}

/// The record of a closed round; none: it is open.
///
/// # Errors
/// When the database refuses or the record does not read.
pub async fn find(tx: &mut Tx, round: &Round) -> Result<Option<Closed>> {
    let row = sqlx::query!("select record, sha256, by, at from round_closing where round = $1", round.id.0)
        .fetch_optional(tx.conn())
        .await?;
    row.map(|r| {
        Ok(Closed {
            record: serde_json::from_value(r.record)
                .map_err(|e| StoreError::Inconsistent(format!("record of a closing: {e}")))?,
            sha256: r.sha256,
            by: r.by.map(AccountId),
            at: r.at.to_jiff(),
        })
    })
    .transpose()
}
