//! From events to specimens: loads every event about some tubes, applies the pure rule, saves what became different.

use super::INTAKE_SEALED;
use super::known::{gather, lock_tubes};
use super::save::save;
use crate::campaign::Round;
use crate::{Result, StoreError, Tx};
use greenfort_domain::sampling::{Event, Issuer, Received, Tube, What, reduce};
use greenfort_kernel::{DeviceId, IntakeId, UnitId};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Derives anew what follows from all events about these tubes, and from the events `also`, which may be about none.
/// Answers the words of the problems of every event looked at.
pub(super) async fn derive(
    tx: &mut Tx,
    round: &Round,
    issuers: &[Issuer],
    tubes: &BTreeSet<Tube>,
    also: impl Iterator<Item = IntakeId>,
) -> Result<BTreeMap<IntakeId, Vec<String>>> {
    let also: Vec<Uuid> = also.map(|id| id.0).collect();
    if tubes.is_empty() && also.is_empty() {
        return Ok(BTreeMap::new());
    }
    let locked = lock_tubes(tx, round, issuers, tubes).await?;
    let events = load(tx, round, tubes, &also).await?;
    let known = gather(tx, round, &events, locked).await?;
    let truth = reduce(&events, &known);
    save(tx, round, tubes, &events, &known, &truth).await?;
    let mut problems: BTreeMap<IntakeId, Vec<String>> =
        events.iter().map(|e| (e.event.id, Vec::new())).collect();
    for (id, problem, _) in &truth.problems {
        problems.entry(*id).or_default().push(problem.as_str().to_owned());
    }
    for words in problems.values_mut() {
        words.sort_unstable();
        words.dedup();
    }
    Ok(problems)
}

async fn load(tx: &mut Tx, round: &Round, tubes: &BTreeSet<Tube>, also: &[Uuid]) -> Result<Vec<Received>> {
    let codes: Vec<String> = tubes.iter().map(|t| t.issuer.clone()).collect();
    let barcodes: Vec<String> = tubes.iter().map(|t| t.barcode.clone()).collect();
    let rows = sqlx::query!(
        r#"select id as "id!", device as "device!", unit as "unit!", issuer, barcode, received_at as "received_at!",
                  received_offset_ms as "received_offset_ms!", sealed as "sealed!"
           from intake where province = $1 and round = $2
             and (issuer, barcode) in (select * from unnest($3::text[], $4::text[]))
           union all
           select id, device, unit, issuer, barcode, received_at, received_offset_ms, sealed
           from intake where province = $1 and round = $2 and id = any ($5) and barcode is null"#,
        round.province.0,
        round.id.0,
        &codes,
        &barcodes,
        also
    )
    .fetch_all(tx.conn())
    .await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let json = tx.keys.open_bytes(INTAKE_SEALED, row.id.as_bytes(), &row.sealed)?;
        let mut event: Event = serde_json::from_slice(&json)
            .map_err(|e| StoreError::Inconsistent(format!("intake {}: {e}", row.id)))?;
        if let (Some(issuer), Some(barcode)) = (row.issuer, row.barcode) {
            set_tube(&mut event, Tube { issuer, barcode });
        }
        events.push(Received {
            device: DeviceId(row.device),
            unit: UnitId(row.unit),
            event,
            received_at: row.received_at.to_jiff(),
            received_offset_ms: row.received_offset_ms,
        });
    }
    Ok(events)
}

/// The label as the office read it at arrival takes the place of what the phone believed.
fn set_tube(event: &mut Event, read: Tube) {
    match &mut event.what {
        What::Collected(c) => c.tube = read,
        What::Voided { tube, .. } | What::CassetteRead { tube, .. } => *tube = read,
        What::Visited(_) => {}
    }
}
