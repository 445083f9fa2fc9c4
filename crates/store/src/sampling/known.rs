//! What the office knows, for deriving specimens from events.

use crate::campaign::Round;
use crate::{Result, Tx};
use greenfort_domain::sampling::{Bar, Issuer, Known, Received, Registered, Tube, What, backwards};
use greenfort_kernel::{AssayId, DeviceId, HouseholdId, LotId, PersonId, SiteId, UnitId};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who prints labels.
pub(super) async fn issuers(tx: &mut Tx) -> Result<Vec<Issuer>> {
    let rows = sqlx::query!(
        "select code, prefix, digits, listed from tube_issuer where ended_at is null order by code"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Issuer {
            code: r.code,
            prefix: r.prefix,
            digits: usize::try_from(r.digits).unwrap_or(0),
            listed: r.listed,
        })
        .collect())
}

/// Enters tubes seen for the first time and locks all of them, in one order, so that two phones' events about one tube are
/// derived one after the other. Answers which are known tubes, and which hold a specimen of another round.
pub(super) async fn lock_tubes(
    tx: &mut Tx,
    round: &Round,
    issuers: &[Issuer],
    tubes: &BTreeSet<Tube>,
) -> Result<(BTreeSet<Tube>, BTreeSet<Tube>)> {
    let codes: Vec<String> = tubes.iter().map(|t| t.issuer.clone()).collect();
    let barcodes: Vec<String> = tubes.iter().map(|t| t.barcode.clone()).collect();
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "insert into tube (issuer, barcode, printed, created_at)
         select t.issuer, t.barcode, false, $3 from unnest($1::text[], $2::text[]) t (issuer, barcode)
         on conflict do nothing",
        &codes,
        &barcodes,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select issuer, barcode, printed, round from tube
         where (issuer, barcode) in (select * from unnest($1::text[], $2::text[]))
         order by issuer, barcode for update",
        &codes,
        &barcodes
    )
    .fetch_all(tx.conn())
    .await?;
    let listed: BTreeSet<&str> = issuers.iter().filter(|i| i.listed).map(|i| i.code.as_str()).collect();
    let mut known = BTreeSet::new();
    let mut elsewhere = BTreeSet::new();
    for row in rows {
        let tube = Tube { issuer: row.issuer, barcode: row.barcode };
        if row.round.is_some_and(|r| r != round.id.0) {
            elsewhere.insert(tube.clone());
        }
        if row.printed || !listed.contains(tube.issuer.as_str()) {
            known.insert(tube);
        }
    }
    Ok((known, elsewhere))
}

/// Gathers all that the events touch.
pub(super) async fn gather(
    tx: &mut Tx,
    round: &Round,
    events: &[Received],
    tubes: (BTreeSet<Tube>, BTreeSet<Tube>),
) -> Result<Known> {
    let mut people: BTreeSet<Uuid> = BTreeSet::new();
    let mut assays: BTreeSet<Uuid> = BTreeSet::new();
    let mut sites: BTreeSet<Uuid> = BTreeSet::new();
    let mut lots: BTreeSet<Uuid> = BTreeSet::new();
    let mut units: BTreeSet<i32> = BTreeSet::new();
    for received in events {
        for whose in received.event.people() {
            people.insert(whose.person.0);
            units.extend(whose.added.as_ref().map(|a| a.unit.0));
        }
        match &received.event.what {
            What::Collected(c) => {
                assays.insert(c.assay.0);
                sites.extend(c.site.map(|s| s.0));
                lots.extend(c.lot.map(|l| l.0));
                units.insert(c.unit.0);
                units.extend(c.donors.iter().filter_map(|d| d.stands_for.as_ref()).map(|s| s.unit.0));
            }
            What::Visited(v) => {
                people.insert(v.person.0);
            }
            What::Voided { .. } | What::CassetteRead { .. } => {}
        }
    }
    let people: Vec<Uuid> = people.into_iter().collect();
    Ok(Known {
        window: round.window,
        tubes: tubes.0,
        used_elsewhere: tubes.1,
        register: register(tx, &people).await?,
        barred: barred(tx, round, &people).await?,
        assays: most_donors(tx, &assays.into_iter().collect::<Vec<_>>()).await?,
        units: existing_units(tx, &units.into_iter().collect::<Vec<_>>()).await?,
        sites: existing(tx, "site", sites).await?.into_iter().map(SiteId).collect(),
        lots: existing(tx, "lot", lots).await?.into_iter().map(LotId).collect(),
        backwards: jumped_back(tx, round, events).await?,
    })
}

async fn register(tx: &mut Tx, people: &[Uuid]) -> Result<BTreeMap<PersonId, Registered>> {
    let rows = sqlx::query!("select id, unit, household from person where id = any ($1)", people)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let registered = Registered { unit: UnitId(r.unit), household: r.household.map(HouseholdId) };
            (PersonId(r.id), registered)
        })
        .collect())
}

/// Who is never spoken for by another's swab: whoever a decision keeps apart, and whoever the latest visit that says so found
/// in quarantine or with symptoms.
pub(super) async fn barred(tx: &mut Tx, round: &Round, people: &[Uuid]) -> Result<BTreeMap<PersonId, Bar>> {
    let at = tx.world.now().min(round.window.ends_at);
    let kept_apart = sqlx::query!(
        r#"select p.id, bool_or(r.kind <> 'quarantine') as "case!"
           from person p
           join restriction_target t on t.person = p.id or t.household = p.household
           join restriction r on r.id = t.restriction
           where p.id = any ($1) and r.kind in ('isolation', 'quarantine', 'hold')
             and r.starts_at <= $2 and (r.ends_at is null or r.ends_at > $2)
           group by p.id"#,
        people,
        jiff_sqlx::Timestamp::from(at) as _
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select distinct on (person) person, reason from visit
         where province = $1 and round = $2 and person = any ($3) and reach in ('exempt', 'absent')
         order by person, occurred_at desc, id",
        round.province.0,
        round.id.0,
        people
    )
    .fetch_all(tx.conn())
    .await?;
    let mut barred: BTreeMap<PersonId, Bar> = rows
        .into_iter()
        .filter_map(|r| {
            let bar = match r.reason.as_str() {
                "in_quarantine" => Bar::Contact,
                "symptomatic" => Bar::Symptomatic,
                "away" => Bar::Away,
                "from_another_province" => Bar::FromAnotherProvince,
                "positive" => Bar::Positive,
                _ => return None,
            };
            Some((PersonId(r.person), bar))
        })
        .collect();
    // A decision on paper says more than a visit.
    for row in kept_apart {
        barred.insert(PersonId(row.id), if row.case { Bar::Positive } else { Bar::Contact });
    }
    Ok(barred)
}

async fn most_donors(tx: &mut Tx, assays: &[Uuid]) -> Result<BTreeMap<AssayId, u16>> {
    let rows = sqlx::query!("select id, most_donors from assay where id = any ($1)", assays)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|r| (AssayId(r.id), u16::try_from(r.most_donors).unwrap_or(1))).collect())
}

async fn existing_units(tx: &mut Tx, units: &[i32]) -> Result<BTreeSet<UnitId>> {
    let rows =
        sqlx::query_scalar!("select id from unit where id = any ($1)", units).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(UnitId).collect())
}

async fn existing(tx: &mut Tx, table: &'static str, ids: BTreeSet<Uuid>) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let sql = match table {
        "site" => "select id from site where id = any ($1)",
        _ => "select id from lot where id = any ($1)",
    };
    Ok(sqlx::query_scalar(sql).bind(ids).fetch_all(tx.conn()).await?)
}

/// Events of these devices recorded after a later time; as many rows as a device writes in a round.
async fn jumped_back(tx: &mut Tx, round: &Round, events: &[Received]) -> Result<BTreeSet<(DeviceId, i64)>> {
    let devices: BTreeSet<Uuid> = events.iter().map(|e| e.device.0).collect();
    let devices: Vec<Uuid> = devices.into_iter().collect();
    let rows = sqlx::query!(
        "select device, seq, occurred_at from intake
         where province = $1 and round = $2 and device = any ($3) order by device, seq",
        round.province.0,
        round.id.0,
        &devices
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .chunk_by(|a, b| a.device == b.device)
        .flat_map(|of_device| {
            let times = of_device.iter().map(|r| (r.seq, r.occurred_at.to_jiff()));
            let device = of_device.first().map(|r| DeviceId(r.device));
            device
                .into_iter()
                .flat_map(move |d| backwards(times.clone()).into_iter().map(move |seq| (d, seq)))
        })
        .collect())
}
