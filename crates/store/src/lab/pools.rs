//! Schemes: which tubes share which reactions. All pools a scheme can need are written with it; what is due is marked.

use super::Laboratory;
use super::accession::{Listed, listed};
use super::rules;
use crate::campaign::Round;
use crate::{Result, StoreError, Tx};
use greenfort_domain::lab::{Candidate, Remark, check_pool};
use greenfort_kernel::{
    AccountId, HouseholdId, LaboratoryId, PersonId, RoundId, SchemeId, SpecimenId, UnitId,
};
use greenfort_pooling::decode::{Material, Scheme};
use greenfort_pooling::{Algorithm, Array, Design, Hierarchy};
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The scheme as the decoder knows it.
///
/// # Errors
/// `Inconsistent` when the words name no design.
pub fn scheme_of(algorithm: &str, design: &str, material: &str) -> Result<Scheme> {
    let algorithm: Algorithm =
        algorithm.parse().map_err(|e| StoreError::Inconsistent(format!("scheme: {e}")))?;
    let unreadable = |e: greenfort_pooling::Error| StoreError::Inconsistent(format!("scheme {design}: {e}"));
    let design = if algorithm.is_array() {
        Design::Array(Array::parse(design, algorithm == Algorithm::A2M).map_err(unreadable)?)
    } else {
        Design::Hierarchy(Hierarchy::parse(design).map_err(unreadable)?)
    };
    let material = if material == "swab" { Material::Swab } else { Material::Media };
    Ok(Scheme::new(&design, material))
}

/// A scheme somebody wants to make of tubes, in the order scanned.
#[derive(Debug, Clone)]
pub struct NewScheme {
    pub algorithm: Algorithm,
    pub design: Design,
    pub tubes: Vec<SpecimenId>,
    pub barcodes: Vec<String>,
    /// What is written on the pool; none: a label is made.
    pub label: Option<String>,
}

impl NewScheme {
    /// Everybody together first, then each alone; one tube: alone.
    ///
    /// # Errors
    /// `Inconsistent` for no tube, or more than a design holds.
    pub fn dorfman(tubes: Vec<SpecimenId>, barcodes: Vec<String>, label: Option<String>) -> Result<Self> {
        let design =
            Design::dorfman(tubes.len()).map_err(|e| StoreError::Inconsistent(format!("scheme: {e}")))?;
        Ok(Self { algorithm: Algorithm::D2, design, tubes, barcodes, label })
    }
}

/// Tubes with what the guards look at, in the order scanned; barcodes no list names are left out.
#[derive(Debug)]
pub struct Checked {
    pub tubes: Vec<Listed>,
    pub candidates: Vec<Candidate>,
    pub unknown: Vec<String>,
    pub remarks: Vec<Remark>,
}

/// Checks tubes before they are pooled. `validated`: the most tubes that may share a reaction.
///
/// # Errors
/// When the database refuses.
pub async fn check(
    tx: &mut Tx,
    laboratory: &Laboratory,
    barcodes: &[String],
    validated: u16,
) -> Result<Checked> {
    let known = listed(tx, laboratory, barcodes).await?;
    let mut by_barcode: BTreeMap<&str, &Listed> = BTreeMap::new();
    for tube in &known {
        by_barcode.insert(&tube.barcode, tube);
    }
    let unknown: Vec<String> =
        barcodes.iter().filter(|b| !by_barcode.contains_key(b.as_str())).cloned().collect();
    let tubes: Vec<Listed> =
        barcodes.iter().filter_map(|b| by_barcode.get(b.as_str()).map(|t| (*t).clone())).collect();
    // The round of most of them is the pool's; the guard names the others.
    let mut rounds: BTreeMap<RoundId, usize> = BTreeMap::new();
    for tube in &tubes {
        *rounds.entry(tube.round).or_default() += 1;
    }
    let round = rounds.iter().max_by_key(|(_, n)| **n).map(|(r, _)| *r);
    let Some(round) = round else {
        return Ok(Checked { tubes, candidates: Vec::new(), unknown, remarks: Vec::new() });
    };
    let content = content(tx, laboratory.province, round, &tubes).await?;
    let elsewhere = pooled_households(tx, laboratory.province, round).await?;
    let guards = rules::guards(tx).await?;
    let candidates: Vec<Candidate> = tubes
        .iter()
        .map(|tube| {
            let held = content.get(&tube.specimen);
            Candidate {
                specimen: tube.specimen,
                donors: held.map(|c| c.donors.clone()).unwrap_or_default(),
                households: held.map(|c| c.households.clone()).unwrap_or_default(),
                in_round: tube.round == round,
                received: tube.accession.is_some(),
                rejected: matches!(tube.accession.as_deref(), Some("rejected" | "lost")),
                already_pooled: tube.pooled,
                lot_expired: held.is_some_and(|c| c.lot_expired),
            }
        })
        .collect();
    let remarks = check_pool(&candidates, validated, &elsewhere, &guards);
    Ok(Checked { tubes, candidates, unknown, remarks })
}

#[derive(Default)]
struct Content {
    donors: Vec<PersonId>,
    households: Vec<HouseholdId>,
    lot_expired: bool,
}

async fn content(
    tx: &mut Tx,
    province: UnitId,
    round: RoundId,
    tubes: &[Listed],
) -> Result<BTreeMap<SpecimenId, Content>> {
    let ids: Vec<Uuid> = tubes.iter().map(|t| t.specimen.0).collect();
    let today = tx.world.today();
    let rows = sqlx::query!(
        r#"select s.id, coalesce(l.expires_on < $4, false) as "expired!",
                  array(select d.person from specimen_donor d
                        where (d.province, d.round, d.specimen) = (s.province, s.round, s.id)) as "donors!",
                  array(select r.household from specimen_represents r
                        where (r.province, r.round, r.specimen) = (s.province, s.round, s.id)
                          and r.household is not null) as "households!"
           from specimen s join tube t on (t.issuer, t.barcode) = (s.issuer, s.barcode)
           left join lot l on l.id = coalesce(s.lot, t.lot)
           where s.province = $1 and s.round = $2 and s.id = any ($3)"#,
        province.0,
        round.0,
        &ids,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let content = Content {
                donors: r.donors.into_iter().map(PersonId).collect(),
                households: r.households.into_iter().map(HouseholdId).collect(),
                lot_expired: r.expired,
            };
            (SpecimenId(r.id), content)
        })
        .collect())
}

/// Households that stand in a live scheme of the round already.
async fn pooled_households(tx: &mut Tx, province: UnitId, round: RoundId) -> Result<BTreeSet<HouseholdId>> {
    let ids = sqlx::query_scalar!(
        r#"select distinct r.household as "household!" from specimen_represents r
           join scheme_specimen m on (m.province, m.round, m.specimen) = (r.province, r.round, r.specimen) and m.live
           where r.province = $1 and r.round = $2 and r.household is not null
             and r.household in (select household from specimen_represents
                                 where province = $1 and round = $2 group by household having count(*) > 1)"#,
        province.0,
        round.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(HouseholdId).collect())
}

/// Writes schemes with all pools they can need, as sets; their first tests are due.
///
/// # Errors
/// `Conflict` when a tube was put into another scheme meanwhile.
pub async fn make(
    tx: &mut Tx,
    round: &Round,
    laboratory: Option<LaboratoryId>,
    unit: UnitId,
    new: &[NewScheme],
    by: Option<AccountId>,
) -> Result<Vec<SchemeId>> {
    let now = tx.world.now();
    let ids: Vec<SchemeId> = new.iter().map(|_| tx.world.id()).collect();
    let mut rows = PoolRows::default();
    for (scheme, id) in new.iter().zip(&ids) {
        rows.push(*id, scheme);
    }
    let scheme_ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let algorithms: Vec<String> = new.iter().map(|s| s.algorithm.to_string()).collect();
    let designs: Vec<String> = new.iter().map(|s| s.design.to_string()).collect();
    sqlx::query!(
        "insert into scheme (province, round, id, laboratory, unit, algorithm, design, material, created_by, created_at)
         select $1, $2, s.id, $3, $4, s.algorithm, s.design, 'media', $5, $6
         from unnest($7::uuid[], $8::text[], $9::text[]) s (id, algorithm, design)",
        round.province.0,
        round.id.0,
        laboratory.map(|l| l.0),
        unit.0,
        by.map(|a| a.0),
        now.to_sqlx() as _,
        &scheme_ids,
        &algorithms,
        &designs
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into scheme_specimen (province, round, scheme, position, specimen)
         select $1, $2, * from unnest($3::uuid[], $4::int2[], $5::uuid[])",
        round.province.0,
        round.id.0,
        &rows.tube_scheme,
        &rows.tube_position,
        &rows.tube
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        taken if taken.is_unique_violation() => StoreError::Conflict("tube stands in another scheme"),
        other => other,
    })?;
    sqlx::query!(
        "insert into pool (province, round, scheme, test, stage, positions, label, laboratory, due_at, created_at)
         select $1, $2, p.scheme, p.test, p.stage, string_to_array(p.positions, ',')::int2[], p.label, $3,
                case when p.stage = 0 and $3::uuid is not null then $4::timestamptz end, $4
         from unnest($5::uuid[], $6::int2[], $7::int2[], $8::text[], $9::text[]) p (scheme, test, stage, positions, label)",
        round.province.0,
        round.id.0,
        laboratory.map(|l| l.0) as _,
        now.to_sqlx() as _,
        &rows.scheme,
        &rows.test,
        &rows.stage,
        &rows.positions,
        &rows.label
    )
    .execute(tx.conn())
    .await?;
    Ok(ids)
}

#[derive(Default)]
struct PoolRows {
    tube_scheme: Vec<Uuid>,
    tube_position: Vec<i16>,
    tube: Vec<Uuid>,
    scheme: Vec<Uuid>,
    test: Vec<i16>,
    stage: Vec<i16>,
    positions: Vec<String>,
    label: Vec<String>,
}

impl PoolRows {
    fn push(&mut self, id: SchemeId, new: &NewScheme) {
        for (at, tube) in (0_i16..).zip(&new.tubes) {
            self.tube_scheme.push(id.0);
            self.tube_position.push(at);
            self.tube.push(tube.0);
        }
        let scheme = Scheme::new(&new.design, Material::Media);
        let made = made_label(id);
        let base = new.label.as_deref().unwrap_or(&made);
        for test in 0..scheme.tests() {
            let inside: Vec<usize> = scheme.specimens_in(test).collect();
            let label = match inside.as_slice() {
                [one] => new.barcodes.get(*one).cloned().unwrap_or_default(),
                _ if test == 0 => base.to_owned(),
                _ => format!("{base}.{test}"),
            };
            self.scheme.push(id.0);
            self.test.push(i16::try_from(test).unwrap_or(i16::MAX));
            self.stage.push(i16::try_from(scheme.stage(test).unwrap_or(0)).unwrap_or(i16::MAX));
            self.positions.push(inside.iter().map(usize::to_string).collect::<Vec<_>>().join(","));
            self.label.push(label);
        }
    }
}

/// Short enough to write on a tube: P and eight signs of the random end of the id.
fn made_label(id: SchemeId) -> String {
    let hex = id.0.simple().to_string();
    format!("P{}", hex[hex.len() - 8..].to_uppercase())
}

/// Marks tests as due, unless they stand in a run that is still to be released.
///
/// # Errors
/// When the database refuses.
pub async fn want(tx: &mut Tx, round: &Round, scheme: &[Uuid], test: &[i16]) -> Result<()> {
    let now = tx.world.now();
    sqlx::query!(
        "update pool p set due_at = $3
         from unnest($4::uuid[], $5::int2[]) w (scheme, test)
         where (p.province, p.round, p.scheme, p.test) = ($1, $2, w.scheme, w.test) and p.due_at is null
           and p.laboratory is not null
           and not exists (
               select from reaction r join run u on u.id = r.run
               where (r.province, r.round, r.scheme, r.test) = (p.province, p.round, p.scheme, p.test) and u.void_at is null
                 and not exists (select from released_reading v
                                 where (v.province, v.round, v.reaction) = (r.province, r.round, r.id)))",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        scheme,
        test
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
