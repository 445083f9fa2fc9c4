//! Taking in what a phone sends: every event once, whatever the network does.

use super::INTAKE_SEALED;
use super::derive::derive;
use super::known::issuers;
use crate::campaign::Round;
use crate::{Result, StoreError, Tx, conclusions};
use greenfort_domain::sampling::{
    Event, Issuer, OWN_ISSUER, Tube, UNKNOWN_ISSUER, own_label, own_number, read_tube,
};
use greenfort_kernel::{DeviceId, IntakeId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// The device that sends.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    pub device: DeviceId,
    /// Where it works.
    pub unit: UnitId,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub id: IntakeId,
    pub how: How,
    /// Words of what about it cannot be so.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Written down now.
    New,
    /// Had arrived before; the first arrival counts.
    Repeated,
    /// The device used this number, or this id, for another event: its memory was copied or set back.
    Clash,
}

/// Takes events in and derives what follows from them, in one transaction.
///
/// # Errors
/// When the database refuses; nothing is taken then.
pub async fn take(
    tx: &mut Tx,
    round: &Round,
    sender: Sender,
    sent_at: Timestamp,
    events: &[Event],
) -> Result<Vec<Taken>> {
    let issuers = issuers(tx).await?;
    let how = claim(tx, sender.device, events).await?;
    let new: Vec<(&Event, Option<Tube>)> = events
        .iter()
        .filter(|e| how.get(&e.id) == Some(&How::New))
        .map(|e| (e, e.tube().map(|t| normal(t, &issuers))))
        .collect();
    write_down(tx, round, sender, sent_at, &new).await?;
    let concerned = concerned(tx, round, sender.device, &new).await?;
    let found = derive(tx, round, &issuers, &concerned, new.iter().map(|(e, _)| e.id)).await?;
    let arrived: Vec<&Event> = new.iter().map(|(e, _)| *e).collect();
    conclusions::enqueue(tx, round, &arrived).await?;
    let known = open_problems(tx, round, events).await?;
    Ok(events
        .iter()
        .map(|e| Taken {
            id: e.id,
            how: how.get(&e.id).copied().unwrap_or(How::Clash),
            problems: found.get(&e.id).or_else(|| known.get(&e.id)).cloned().unwrap_or_default(),
        })
        .collect())
}

/// The tube that a label means, whoever the phone believes printed it.
fn normal(tube: &Tube, issuers: &[Issuer]) -> Tube {
    read_tube(&tube.barcode, issuers).unwrap_or_else(|_| Tube {
        issuer: UNKNOWN_ISSUER.to_owned(),
        barcode: match tube.barcode.trim() {
            "" => "?".to_owned(),
            text => text.chars().take(64).collect(),
        },
    })
}

/// Claims the numbers of the events: the unique keys decide between two uploads of the same event.
async fn claim(tx: &mut Tx, device: DeviceId, events: &[Event]) -> Result<HashMap<IntakeId, How>> {
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_unstable_by_key(|e| (e.seq, e.id));
    let seqs: Vec<i64> = sorted.iter().map(|e| e.seq).collect();
    let ids: Vec<Uuid> = sorted.iter().map(|e| e.id.0).collect();
    let new: HashSet<Uuid> = sqlx::query_scalar!(
        "insert into intake_key (device, seq, id) select $1, k.seq, k.id from unnest($2::bigint[], $3::uuid[]) k (seq, id)
         on conflict do nothing returning id",
        device.0,
        &seqs,
        &ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .collect();
    let before: HashSet<(Uuid, i64)> =
        sqlx::query!("select id, seq from intake_key where device = $1 and id = any ($2)", device.0, &ids)
            .fetch_all(tx.conn())
            .await?
            .into_iter()
            .map(|r| (r.id, r.seq))
            .collect();
    Ok(sorted
        .into_iter()
        .map(|e| {
            let how = match (before.contains(&(e.id.0, e.seq)), new.contains(&e.id.0)) {
                (true, true) => How::New,
                (true, false) => How::Repeated,
                (false, _) => How::Clash,
            };
            (e.id, how)
        })
        .collect())
}

async fn write_down(
    tx: &mut Tx,
    round: &Round,
    sender: Sender,
    sent_at: Timestamp,
    new: &[(&Event, Option<Tube>)],
) -> Result<()> {
    let now = tx.world.now();
    let offset_ms = i64::try_from(now.duration_since(sent_at).as_millis()).unwrap_or(i64::MAX);
    let mut sealed = Vec::with_capacity(new.len());
    for (event, _) in new {
        let json = serde_json::to_vec(event).map_err(|e| StoreError::Inconsistent(format!("event: {e}")))?;
        sealed.push(tx.keys.seal_bytes(INTAKE_SEALED, event.id.0.as_bytes(), &json));
    }
    let ids: Vec<Uuid> = new.iter().map(|(e, _)| e.id.0).collect();
    let seqs: Vec<i64> = new.iter().map(|(e, _)| e.seq).collect();
    let accounts: Vec<Uuid> = new.iter().map(|(e, _)| e.account.0).collect();
    let kinds: Vec<String> = new.iter().map(|(e, _)| e.kind().to_owned()).collect();
    let issuers: Vec<Option<String>> =
        new.iter().map(|(_, t)| t.as_ref().map(|t| t.issuer.clone())).collect();
    let barcodes: Vec<Option<String>> =
        new.iter().map(|(_, t)| t.as_ref().map(|t| t.barcode.clone())).collect();
    let specimens: Vec<Option<Uuid>> = new.iter().map(|(e, _)| e.specimen().map(|s| s.0)).collect();
    let occurred: Vec<_> = new.iter().map(|(e, _)| e.occurred_at().to_sqlx()).collect();
    let device_at: Vec<_> = new.iter().map(|(e, _)| e.device_at.to_sqlx()).collect();
    let written = sqlx::query!(
        "insert into intake (province, round, id, device, seq, account, unit, kind, issuer, barcode, specimen, occurred_at,
             device_at, received_at, received_offset_ms, sealed)
         select $1, $2, e.id, $3, e.seq, a.id, $4, e.kind, e.issuer, e.barcode, e.specimen, e.occurred_at, e.device_at, $5, $6,
                e.sealed
         from unnest($7::uuid[], $8::bigint[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::uuid[],
                     $14::timestamptz[], $15::timestamptz[], $16::bytea[])
              e (id, seq, account, kind, issuer, barcode, specimen, occurred_at, device_at, sealed)
         left join account a on a.id = e.account",
        round.province.0,
        round.id.0,
        sender.device.0,
        sender.unit.0,
        now.to_sqlx() as _,
        offset_ms,
        &ids,
        &seqs,
        &accounts,
        &kinds,
        &issuers as _,
        &barcodes as _,
        &specimens as _,
        &occurred as _,
        &device_at as _,
        &sealed
    )
    .execute(tx.conn())
    .await?;
    crate::expect_rows("intake", written.rows_affected(), u64::try_from(new.len()).unwrap_or(0))
        .or_else(|e| if new.is_empty() { Ok(()) } else { Err(e) })
}

/// Tubes whose truth may have changed: those of the new events, and those of later events of the device, whose time an
/// earlier event that comes late can cast doubt on.
async fn concerned(
    tx: &mut Tx,
    round: &Round,
    device: DeviceId,
    new: &[(&Event, Option<Tube>)],
) -> Result<BTreeSet<Tube>> {
    let mut tubes: BTreeSet<Tube> = new.iter().filter_map(|(_, tube)| tube.clone()).collect();
    let (Some(lowest), Some(highest)) =
        (new.iter().map(|(e, _)| e.seq).min(), new.iter().map(|(e, _)| e.seq).max())
    else {
        return Ok(tubes);
    };
    let later = sqlx::query!(
        r#"select distinct issuer as "issuer!", barcode as "barcode!" from intake
           where province = $1 and round = $2 and device = $3 and seq between $4 and greatest($5, (
               select max(seq) from intake_key where device = $3)) and barcode is not null"#,
        round.province.0,
        round.id.0,
        device.0,
        lowest,
        highest
    )
    .fetch_all(tx.conn())
    .await?;
    tubes.extend(later.into_iter().map(|r| Tube { issuer: r.issuer, barcode: r.barcode }));
    Ok(tubes)
}

/// Problems of events that had arrived before.
async fn open_problems(
    tx: &mut Tx,
    round: &Round,
    events: &[Event],
) -> Result<BTreeMap<IntakeId, Vec<String>>> {
    let ids: Vec<Uuid> = events.iter().map(|e| e.id.0).collect();
    let rows = sqlx::query!(
        "select intake, code from intake_problem
         where province = $1 and round = $2 and intake = any ($3) and gone_at is null and settled_at is null
         order by intake, code",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found: BTreeMap<IntakeId, Vec<String>> = BTreeMap::new();
    for row in rows {
        let codes = found.entry(IntakeId(row.intake)).or_default();
        if codes.last() != Some(&row.code) {
            codes.push(row.code);
        }
    }
    Ok(found)
}

/// New labels of this installation, in the order of their numbers.
///
/// # Errors
/// When the database refuses.
pub async fn print_labels(tx: &mut Tx, count: u32) -> Result<Vec<String>> {
    let now = tx.world.now();
    // Printing takes turns, so that two sheets never carry the same number.
    sqlx::query!("select code from tube_issuer where code = $1 for update", OWN_ISSUER)
        .fetch_one(tx.conn())
        .await?;
    let last = sqlx::query_scalar!(
        "select barcode from tube where issuer = $1 and printed order by barcode desc limit 1",
        OWN_ISSUER
    )
    .fetch_optional(tx.conn())
    .await?;
    let first = last.as_deref().and_then(own_number).unwrap_or(0) + 1;
    let labels: Vec<String> = (first..first + count).map(own_label).collect();
    sqlx::query!(
        "insert into tube (issuer, barcode, printed, created_at) select $1, b, true, $3 from unnest($2::text[]) b",
        OWN_ISSUER,
        &labels,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(labels)
}
