//! Tubes at the door: received, rejected with the reason, or parked until their list comes.

use super::{ACCESSION_PHOTO, Laboratory, rules};
use crate::campaign;
use crate::conclusions::{self, Seeds};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, RoundId, SpecimenId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A tube that some list names.
#[derive(Debug, Clone)]
pub struct Listed {
    pub barcode: String,
    pub specimen: SpecimenId,
    pub round: RoundId,
    pub sampled_at: Timestamp,
    /// received, rejected or lost; none: not seen at a laboratory yet.
    pub accession: Option<String>,
    /// In a live scheme.
    pub pooled: bool,
}

/// What becomes of a scanned tube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    Received,
    /// It had been received before; nothing was written.
    Again,
    Rejected,
    /// No list names it: it waits for one.
    Parked,
    /// Two lists name it: a site lead settles whose it is.
    TwoLists,
}

/// Why a tube is rejected at the door.
#[derive(Debug, Clone, Copy)]
pub struct Rejection<'a> {
    /// As the table words it: leak, volume, label …
    pub reason: &'a str,
    pub photo: Option<&'a [u8]>,
}

/// The live specimens of these barcodes in the province.
///
/// # Errors
/// When the database refuses.
pub async fn listed(tx: &mut Tx, laboratory: &Laboratory, barcodes: &[String]) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"select s.barcode, s.id, s.round, s.sampled_at, a.outcome as "outcome?",
                  exists (select from scheme_specimen m
                          where (m.province, m.round, m.specimen) = (s.province, s.round, s.id) and m.live) as "pooled!"
           from tube t join specimen s on (s.issuer, s.barcode) = (t.issuer, t.barcode)
           left join lateral (select outcome from accession a
                              where (a.province, a.round, a.specimen) = (s.province, s.round, s.id)
                              order by version desc limit 1) a on true
           where t.barcode = any ($1) and s.province = $2 and s.voided_at is null and s.donors > 0
           order by s.barcode, s.id"#,
        barcodes,
        laboratory.province.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Listed {
            barcode: r.barcode,
            specimen: SpecimenId(r.id),
            round: RoundId(r.round),
            sampled_at: r.sampled_at.to_jiff(),
            accession: r.outcome,
            pooled: r.pooled,
        })
        .collect())
}

/// Takes scanned tubes in, or rejects them. Scanning again changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn scan(
    tx: &mut Tx,
    laboratory: &Laboratory,
    barcodes: &[String],
    rejection: Option<Rejection<'_>>,
    by: AccountId,
) -> Result<Vec<(String, Scanned)>> {
    let mut known: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
    for tube in listed(tx, laboratory, barcodes).await? {
        known.entry(tube.barcode.clone()).or_default().push(tube);
    }
    let outcome = if rejection.is_some() { "rejected" } else { "received" };
    let mut seen = BTreeSet::new();
    let mut answers = Vec::with_capacity(barcodes.len());
    let (mut writes, mut parked, mut seeds) = (Vec::new(), Vec::new(), BTreeMap::<RoundId, Vec<_>>::new());
    for barcode in barcodes.iter().filter(|b| seen.insert(b.as_str())) {
        let scanned = match known.get(barcode).map(Vec::as_slice) {
            None => {
                parked.push(barcode.clone());
                Scanned::Parked
            }
            Some([tube]) if tube.accession.as_deref() == Some(outcome) => Scanned::Again,
            Some([tube]) => {
                // A first plain receipt says nothing new about anybody; a rejection or its reversal does.
                if outcome == "rejected" || tube.accession.is_some() {
                    seeds.entry(tube.round).or_default().push(tube.specimen);
                }
                writes.push((tube.round, tube.specimen));
                if outcome == "rejected" { Scanned::Rejected } else { Scanned::Received }
            }
            Some(_) => Scanned::TwoLists,
        };
        answers.push((barcode.clone(), scanned));
    }
    write(tx, laboratory, &writes, outcome, rejection, by).await?;
    park(tx, laboratory, &parked, by).await?;
    for (round, specimens) in seeds {
        let round = campaign::round(tx, round).await?;
        conclusions::conclude(tx, &round, &Seeds::specimens(specimens)).await?;
    }
    Ok(answers)
}

async fn write(
    tx: &mut Tx,
    laboratory: &Laboratory,
    tubes: &[(RoundId, SpecimenId)],
    outcome: &str,
    rejection: Option<Rejection<'_>>,
    by: AccountId,
) -> Result<()> {
    let now = tx.world.now();
    let rounds: Vec<Uuid> = tubes.iter().map(|(r, _)| r.0).collect();
    let specimens: Vec<Uuid> = tubes.iter().map(|(_, s)| s.0).collect();
    let photo = match rejection.and_then(|r| r.photo) {
        Some(bytes) => Some(keep_photo(tx, bytes).await?),
        None => None,
    };
    sqlx::query!(
        "insert into accession (province, round, specimen, version, laboratory, outcome, reason, photo, by, at)
         select $1, t.round, t.specimen,
                1 + coalesce((select max(a.version) from accession a
                              where (a.province, a.round, a.specimen) = ($1, t.round, t.specimen)), 0),
                $2, $3, $4, $5, $6, $7
         from unnest($8::uuid[], $9::uuid[]) t (round, specimen)",
        laboratory.province.0,
        laboratory.id.0,
        outcome,
        rejection.map(|r| r.reason),
        photo,
        by.0,
        now.to_sqlx() as _,
        &rounds,
        &specimens
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        twice if twice.is_unique_violation() => StoreError::Conflict("tube was just scanned"),
        other => other,
    })?;
    sqlx::query!(
        "update consignment_item i set received_at = $4
         from unnest($2::uuid[], $3::uuid[]) t (round, specimen)
         where (i.province, i.round, i.specimen) = ($1, t.round, t.specimen) and i.received_at is null",
        laboratory.province.0,
        &rounds,
        &specimens,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    // A parked tube whose list has come is parked no more.
    sqlx::query!(
        "update parked_tube p set matched_at = $3
         from specimen s where s.id = any ($2) and s.barcode = p.barcode and p.laboratory = $1 and p.matched_at is null",
        laboratory.id.0,
        &specimens,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn keep_photo(tx: &mut Tx, bytes: &[u8]) -> Result<Uuid> {
    let id = tx.world.id::<SpecimenId>().0;
    let now = tx.world.now();
    let sealed = tx.keys.seal_bytes(ACCESSION_PHOTO, id.as_bytes(), bytes);
    sqlx::query!(
        "insert into accession_photo (id, sealed, at) values ($1, $2, $3)",
        id,
        sealed,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

async fn park(tx: &mut Tx, laboratory: &Laboratory, barcodes: &[String], by: AccountId) -> Result<()> {
    if barcodes.is_empty() {
        return Ok(());
    }
    let now = tx.world.now();
    let due = now + rules::clocks(tx).await?.parked_due();
    let ids: Vec<Uuid> = barcodes.iter().map(|_| tx.world.id::<SpecimenId>().0).collect();
    sqlx::query!(
        "insert into parked_tube (id, laboratory, barcode, parked_by, parked_at, due_at)
         select p.id, $1, p.barcode, $2, $3, $4 from unnest($5::uuid[], $6::text[]) p (id, barcode) on conflict do nothing",
        laboratory.id.0,
        by.0,
        now.to_sqlx() as _,
        due.to_sqlx() as _,
        &ids,
        barcodes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
