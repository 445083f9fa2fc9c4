//! A pool's tree: its tubes, every test it can need, and what each said.

use super::pools::scheme_of;
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{RoundId, RunId, SchemeId, SpecimenId, UnitId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A tube of a scheme with what its people are now.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub position: i16,
    pub specimen: SpecimenId,
    pub barcode: String,
    pub donors: i16,
    /// Outcomes of its donors, each once.
    pub donor_outcomes: Vec<String>,
    /// How many are represented by it, …
    pub represented: i64,
    /// … and their outcomes, each once.
    pub represented_outcomes: Vec<String>,
}

/// One released or waiting reading of a test.
#[derive(Debug, Clone)]
pub struct Reaction {
    pub run: RunId,
    pub run_name: String,
    pub well: String,
    /// None: not read yet.
    pub reading: Option<String>,
    pub released: bool,
    pub recalled: bool,
    pub at: Option<Timestamp>,
}

/// A test of the scheme.
#[derive(Debug, Clone)]
pub struct Test {
    pub test: i16,
    pub stage: i16,
    pub label: String,
    pub positions: Vec<i16>,
    pub due_at: Option<Timestamp>,
    pub reactions: Vec<Reaction>,
}

#[derive(Debug, Clone)]
pub struct Tree {
    pub scheme: SchemeId,
    pub round: RoundId,
    pub unit: UnitId,
    pub province: UnitId,
    pub algorithm: String,
    pub design: String,
    pub live: bool,
    pub created_at: Timestamp,
    pub judged: Option<String>,
    pub tubes: Vec<Leaf>,
    /// Tests that were run or are due, stage by stage.
    pub tests: Vec<Test>,
}

/// # Errors
/// `NotFound`.
pub async fn tree(tx: &mut Tx, round: RoundId, scheme: SchemeId) -> Result<Tree> {
    let head = sqlx::query!(
        r#"select c.province, c.unit, c.algorithm, c.design, c.material, c.live, c.created_at, j.reason as "judged?"
           from scheme c
           left join lateral (select reason from judgement j
                              where (j.province, j.round, j.scheme) = (c.province, c.round, c.id) order by at desc limit 1) j on true
           where c.round = $1 and c.id = $2"#,
        round.0,
        scheme.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("scheme"))?;
    scheme_of(&head.algorithm, &head.design, &head.material)?;
    Ok(Tree {
        scheme,
        round,
        unit: UnitId(head.unit),
        province: UnitId(head.province),
        algorithm: head.algorithm,
        design: head.design,
        live: head.live,
        created_at: head.created_at.to_jiff(),
        judged: head.judged,
        tubes: leaves(tx, round, scheme).await?,
        tests: tests(tx, round, scheme).await?,
    })
}

async fn leaves(tx: &mut Tx, round: RoundId, scheme: SchemeId) -> Result<Vec<Leaf>> {
    let rows = sqlx::query!(
        r#"select m.position, s.id, s.barcode, s.donors,
                  array(select distinct h.outcome from specimen_donor d
                        join conclusion_head h on (h.province, h.round, h.subject) = (d.province, d.round, d.person)
                        where (d.province, d.round, d.specimen) = (s.province, s.round, s.id) order by 1) as "donor_outcomes!",
                  (select count(*) from specimen_represents r
                   join represented_member x on (x.province, x.round, x.represents) = (r.province, r.round, r.id)
                   where (r.province, r.round, r.specimen) = (s.province, s.round, s.id)) as "represented!",
                  array(select distinct h.outcome from specimen_represents r
                        join represented_member x on (x.province, x.round, x.represents) = (r.province, r.round, r.id)
                        join conclusion_head h on (h.province, h.round, h.subject) = (x.province, x.round, x.person)
                        where (r.province, r.round, r.specimen) = (s.province, s.round, s.id) order by 1)
                      as "represented_outcomes!"
           from scheme_specimen m join specimen s on (s.province, s.round, s.id) = (m.province, m.round, m.specimen)
           where m.round = $1 and m.scheme = $2 order by m.position"#,
        round.0,
        scheme.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Leaf {
            position: r.position,
            specimen: SpecimenId(r.id),
            barcode: r.barcode,
            donors: r.donors,
            donor_outcomes: r.donor_outcomes,
            represented: r.represented,
            represented_outcomes: r.represented_outcomes,
        })
        .collect())
}

async fn tests(tx: &mut Tx, round: RoundId, scheme: SchemeId) -> Result<Vec<Test>> {
    let rows = sqlx::query!(
        r#"select p.test, p.stage, p.label, p.positions, p.due_at, r.run as "run?", u.name as "run_name?", r.well as "well?",
                  g.reading as "reading?", g.at as "at?", (v.release is not null) as "released!",
                  exists (select from result_recall c where c.reaction = r.id or c.run = r.run
                          or c.lot in (select lot from run_lot x where x.run = r.run)) as "recalled!"
           from pool p
           left join reaction r on (r.province, r.round, r.scheme, r.test) = (p.province, p.round, p.scheme, p.test)
           left join run u on u.id = r.run
           left join lateral (select * from reading g where (g.province, g.round, g.reaction) = (r.province, r.round, r.id)
                              order by version desc limit 1) g on true
           left join released_reading v
               on (v.province, v.round, v.reaction, v.version) = (g.province, g.round, g.reaction, g.version)
           where p.round = $1 and p.scheme = $2 and (p.due_at is not null or r.id is not null or p.stage = 0)
           order by p.test, u.started_at, r.id"#,
        round.0,
        scheme.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut tests: BTreeMap<i16, Test> = BTreeMap::new();
    for r in rows {
        let test = tests.entry(r.test).or_insert_with(|| Test {
            test: r.test,
            stage: r.stage,
            label: r.label,
            positions: r.positions,
            due_at: r.due_at.map(|t| t.to_jiff()),
            reactions: Vec::new(),
        });
        if let (Some(run), Some(run_name), Some(well)) = (r.run, r.run_name, r.well) {
            test.reactions.push(Reaction {
                run: RunId(run),
                run_name,
                well,
                reading: r.reading,
                released: r.released,
                recalled: r.recalled,
                at: r.at.map(|t| t.to_jiff()),
            });
        }
    }
    Ok(tests.into_values().collect())
}
