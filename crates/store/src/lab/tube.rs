//! The life of a tube: from the swab to what it said, without a name.

use super::Laboratory;
use crate::{Result, Tx};
use greenfort_kernel::{RoundId, SchemeId, SpecimenId};
use jiff::Timestamp;

/// What happened to a tube, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub at: Timestamp,
    /// swabbed, received, rejected, lost, pooled, run, read, released, recalled
    pub what: String,
    /// Name of the laboratory, label of the pool, run and well, reading …
    pub detail: Option<String>,
    pub scheme: Option<SchemeId>,
}

/// A tube as it stands.
#[derive(Debug, Clone)]
pub struct Life {
    pub specimen: SpecimenId,
    pub round: RoundId,
    pub barcode: String,
    pub donors: i16,
    /// Several swabs in one tube: nothing of one person remains.
    pub swab_pool: bool,
    pub unit_name: String,
    pub flags: Vec<String>,
    pub sound: bool,
    pub voided: bool,
    pub steps: Vec<Step>,
}

/// Lives of the tubes with this barcode in the laboratory's province; more than one when two lists claim it.
///
/// # Errors
/// When the database refuses.
pub async fn lives(tx: &mut Tx, laboratory: &Laboratory, barcode: &str) -> Result<Vec<Life>> {
    let rows = sqlx::query!(
        r#"select s.id, s.round, s.barcode, s.donors, s.pooling, u.name as unit_name, s.flags, s.sound as "sound!", s.voided_at
           from tube t join specimen s on (s.issuer, s.barcode) = (t.issuer, t.barcode) join unit u on u.id = s.unit
           where t.barcode = $1 and s.province = $2 order by s.created_at, s.id limit 20"#,
        barcode,
        laboratory.province.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut lives = Vec::with_capacity(rows.len());
    for r in rows {
        lives.push(Life {
            specimen: SpecimenId(r.id),
            round: RoundId(r.round),
            barcode: r.barcode,
            donors: r.donors,
            swab_pool: r.pooling == "swab",
            unit_name: r.unit_name,
            flags: r.flags,
            sound: r.sound,
            voided: r.voided_at.is_some(),
            steps: steps(tx, RoundId(r.round), SpecimenId(r.id)).await?,
        });
    }
    Ok(lives)
}

async fn steps(tx: &mut Tx, round: RoundId, specimen: SpecimenId) -> Result<Vec<Step>> {
    let rows = sqlx::query!(
        r#"with own as (
               select r.province, r.round, r.id, r.run, r.well, r.scheme, p.label from scheme_specimen m
               join pool p on (p.province, p.round, p.scheme) = (m.province, m.round, m.scheme) and m.position = any (p.positions)
               join reaction r on (r.province, r.round, r.scheme, r.test) = (p.province, p.round, p.scheme, p.test)
               where m.round = $1 and m.specimen = $2)
           select at as "at!", what as "what!", detail, scheme from (
               select sampled_at as at, 1 as nth, 'swabbed' as what, null as detail, null::uuid as scheme
               from specimen where round = $1 and id = $2
               union all
               select voided_at, 9, 'voided', null, null from specimen where round = $1 and id = $2 and voided_at is not null
               union all
               select a.at, 2, a.outcome, concat_ws(' · ', l.name, a.reason), null from accession a
               left join laboratory l on l.id = a.laboratory where a.round = $1 and a.specimen = $2
               union all
               select c.created_at, 3, 'pooled', p.label, c.id from scheme_specimen m
               join scheme c on (c.province, c.round, c.id) = (m.province, m.round, m.scheme)
               join pool p on (p.province, p.round, p.scheme, p.test) = (c.province, c.round, c.id, 0)
               where m.round = $1 and m.specimen = $2
               union all
               select u.started_at, 4, 'run', concat_ws(' · ', u.name, case when u.plate > 0 then o.well end, o.label), o.scheme
               from own o join run u on u.id = o.run
               union all
               select g.at, 5, 'read', g.reading, o.scheme from own o
               join reading g on (g.province, g.round, g.reaction) = (o.province, o.round, o.id)
               union all
               select e.at, 6, 'released', g.reading, o.scheme from own o
               join released_reading v on (v.province, v.round, v.reaction) = (o.province, o.round, o.id)
               join reading g on (g.province, g.round, g.reaction, g.version) = (v.province, v.round, v.reaction, v.version)
               join release e on e.id = v.release
               union all
               select c.at, 7, 'recalled', c.scope || ': ' || c.reason, o.scheme from own o
               join result_recall c on c.reaction = o.id or c.run = o.run
                    or c.lot in (select lot from run_lot x where x.run = o.run)) step
           order by at, nth, detail"#,
        round.0,
        specimen.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Step {
            at: r.at.to_jiff(),
            what: r.what,
            detail: r.detail.filter(|d| !d.is_empty()),
            scheme: r.scheme.map(SchemeId),
        })
        .collect())
}
