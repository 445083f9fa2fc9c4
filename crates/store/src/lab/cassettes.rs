//! Rapid cassettes read at a site become reactions of a session once their window has closed.

use super::pools::{self, NewScheme};
use super::readings::word;
use crate::campaign::Round;
use crate::{Result, StoreError, Tx};
use greenfort_domain::lab::{Look, read_cassette};
use greenfort_kernel::{RunId, SpecimenId, UnitId};
use jiff_sqlx::ToSqlx as _;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Job that turns looks at cassettes into readings and releases the negative ones. Payload: `round`.
pub const JOB: &str = "lab.cassettes";

/// A look whose window has closed.
struct Due {
    id: Uuid,
    specimen: Uuid,
    barcode: String,
    in_scheme: bool,
    unit: i32,
    device: Uuid,
    account: Option<Uuid>,
    assay: Uuid,
    lot: Option<Uuid>,
    look: Look,
    from_s: i32,
    until_s: i32,
}

impl Due {
    /// One device, assay, lot and day: recalled together when the lot is.
    fn session(&self, round: &Round) -> String {
        let day = greenfort_kernel::local_date(self.look.read_at);
        let lot = self.lot.map_or_else(|| "-".to_owned(), |l| l.to_string());
        format!("{}/{}/{}/{lot}/{day}", round.id, self.device, self.assay)
    }
}

/// Turns looks whose window has closed into readings; answers the sessions that have new ones. Twice does nothing more.
///
/// # Errors
/// When the database refuses.
pub async fn read(tx: &mut Tx, round: &Round) -> Result<Vec<RunId>> {
    crate::conclusions::take_turn(tx, round.id).await?;
    let due = due(tx, round).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut fresh: BTreeMap<i32, BTreeMap<Uuid, NewScheme>> = BTreeMap::new();
    for d in due.iter().filter(|d| !d.in_scheme) {
        let scheme = NewScheme::dorfman(vec![SpecimenId(d.specimen)], vec![d.barcode.clone()], None)?;
        fresh.entry(d.unit).or_default().insert(d.specimen, scheme);
    }
    for (unit, schemes) in fresh {
        let schemes: Vec<NewScheme> = schemes.into_values().collect();
        pools::make(tx, round, None, UnitId(unit), &schemes, None).await?;
    }
    let sessions = sessions(tx, round, &due).await?;
    write(tx, round, &due, &sessions).await?;
    let mut runs: Vec<RunId> = sessions.into_values().collect();
    runs.sort_unstable();
    runs.dedup();
    Ok(runs)
}

async fn due(tx: &mut Tx, round: &Round) -> Result<Vec<Due>> {
    let now = tx.world.now();
    let rows = sqlx::query!(
        r#"select c.id, c.specimen, s.barcode, i.unit, i.device, i.account, s.assay, s.lot, c.drops_at, c.read_at,
                  c.control_line, c.test_line, a.read_after_s as "from_s!", a.read_until_s as "until_s!",
                  exists (select from scheme_specimen m
                          where (m.province, m.round, m.specimen) = (s.province, s.round, s.id) and m.live) as "in_scheme!"
           from cassette_reading c
           join intake i on (i.province, i.round, i.id) = (c.province, c.round, c.id)
           join specimen s on (s.province, s.round, s.id) = (c.province, c.round, c.specimen)
           join assay a on a.id = s.assay and a.method = 'rapid_antigen'
           where c.province = $1 and c.round = $2 and s.voided_at is null
             and c.drops_at + make_interval(secs => a.read_until_s) <= $3
             and not exists (select from reaction r where (r.province, r.round, r.id) = (c.province, c.round, c.id))
           order by c.id limit 5000"#,
        round.province.0,
        round.id.0,
        now.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Due {
            id: r.id,
            specimen: r.specimen,
            barcode: r.barcode,
            in_scheme: r.in_scheme,
            unit: r.unit,
            device: r.device,
            account: r.account,
            assay: r.assay,
            lot: r.lot,
            look: Look {
                drops_at: r.drops_at.to_jiff(),
                read_at: r.read_at.to_jiff(),
                control_line: r.control_line,
                test_line: r.test_line,
            },
            from_s: r.from_s,
            until_s: r.until_s,
        })
        .collect())
}

/// Sessions by name, made where they are new.
async fn sessions(tx: &mut Tx, round: &Round, due: &[Due]) -> Result<BTreeMap<String, RunId>> {
    let now = tx.world.now();
    let mut new: BTreeMap<String, &Due> = BTreeMap::new();
    for d in due {
        new.entry(d.session(round)).or_insert(d);
    }
    let names: Vec<String> = new.keys().cloned().collect();
    let ids: Vec<Uuid> = names.iter().map(|_| tx.world.id::<RunId>().0).collect();
    let unit: Vec<i32> = new.values().map(|d| d.unit).collect();
    let assay: Vec<Uuid> = new.values().map(|d| d.assay).collect();
    let lot: Vec<Option<Uuid>> = new.values().map(|d| d.lot).collect();
    sqlx::query!(
        "insert into run (id, province, unit, assay, name, plate, authorised, session, started_at)
         select s.id, $1, s.unit, s.assay, 'Test nhanh', 0, false, s.name, $2
         from unnest($3::uuid[], $4::int[], $5::uuid[], $6::text[]) s (id, unit, assay, name) on conflict do nothing",
        round.province.0,
        now.to_sqlx() as _,
        &ids,
        &unit,
        &assay,
        &names
    )
    .execute(tx.conn())
    .await?;
    let found: BTreeMap<String, RunId> =
        sqlx::query!(r#"select id, session as "session!" from run where session = any ($1)"#, &names)
            .fetch_all(tx.conn())
            .await?
            .into_iter()
            .map(|r| (r.session, RunId(r.id)))
            .collect();
    let runs: Vec<Option<Uuid>> = names.iter().map(|n| found.get(n).map(|r| r.0)).collect();
    sqlx::query!(
        "insert into run_lot (run, lot) select r.run, r.lot from unnest($1::uuid[], $2::uuid[]) r (run, lot)
         where r.run is not null and r.lot is not null on conflict do nothing",
        &runs as _,
        &lot as _
    )
    .execute(tx.conn())
    .await?;
    Ok(found)
}

async fn write(tx: &mut Tx, round: &Round, due: &[Due], sessions: &BTreeMap<String, RunId>) -> Result<()> {
    let id: Vec<Uuid> = due.iter().map(|d| d.id).collect();
    let specimen: Vec<Uuid> = due.iter().map(|d| d.specimen).collect();
    let mut run = Vec::with_capacity(due.len());
    for d in due {
        let session = sessions.get(&d.session(round)).ok_or(StoreError::NotFound("session of a cassette"))?;
        run.push(session.0);
    }
    // A specimen on a cassette is a scheme of one: its only test is test 0.
    let made = sqlx::query!(
        "insert into reaction (province, round, id, run, well, scheme, test)
         select $1, $2, r.id, r.run, r.id::text, m.scheme, 0 from unnest($3::uuid[], $4::uuid[], $5::uuid[]) r (id, specimen, run)
         join scheme_specimen m on (m.province, m.round, m.specimen) = ($1, $2, r.specimen) and m.live
         join scheme c on (c.province, c.round, c.id) = (m.province, m.round, m.scheme) and c.laboratory is null",
        round.province.0,
        round.id.0,
        &id,
        &specimen,
        &run
    )
    .execute(tx.conn())
    .await?;
    tracing::debug!(cassettes = made.rows_affected(), "cassettes read");
    let looks: Vec<_> = due.iter().map(|d| read_cassette(&d.look, d.from_s, d.until_s)).collect();
    let reading: Vec<String> = looks.iter().map(|(r, _)| word(*r).to_owned()).collect();
    let verified: Vec<bool> = looks.iter().map(|(_, inside)| *inside).collect();
    let by: Vec<Option<Uuid>> = due.iter().map(|d| d.account).collect();
    let at: Vec<jiff_sqlx::Timestamp> = due.iter().map(|d| d.look.read_at.into()).collect();
    sqlx::query!(
        "insert into reading (province, round, reaction, version, reading, verified, by, at)
         select $1, $2, r.id, 1, r.reading, r.verified, r.by, r.at
         from unnest($3::uuid[], $4::text[], $5::bool[], $6::uuid[], $7::timestamptz[]) r (id, reading, verified, by, at)
         join reaction x on (x.province, x.round, x.id) = ($1, $2, r.id)",
        round.province.0,
        round.id.0,
        &id,
        &reading,
        &verified,
        &by as _,
        &at as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
