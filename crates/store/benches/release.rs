//! What a release costs, durably: a plate of 380 ten-fold pools, each tube standing for a household of four, released as one act;
//! then the recall of ten thousand readings. `cargo bench --bench release -- FOLDER` leaves rows in FOLDER/laboratory.json.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot set itself up must stop loudly, and says what it measured"
)]

use greenfort_domain::lab::{ControlKind, Ct, Plate, Releaser, Well};
use greenfort_kernel::{
    AccountId, AssayId, LotId, Role, RoundId, RunId, SpecimenId, SystemClock, SystemEntropy, UnitId, World,
};
use greenfort_store::cluster::{Cluster, ClusterOptions};
use greenfort_store::crypt::RingFile;
use greenfort_store::lab::pools::{self, NewScheme};
use greenfort_store::lab::readings::{self, Cts, Evidence};
use greenfort_store::lab::runs::{self, Content, NewRun};
use greenfort_store::lab::{self, Laboratory, recall, release};
use greenfort_store::{Db, DbRole, Result, Scope, campaign, migrate, tx};
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

const PCR: &str = "00000000-0000-7000-8000-000000000001";
/// Wells of samples on a plate.
const WELLS: usize = 380;
const POOL: usize = 10;
/// Plates of pools that are released one after another; the median counts.
const PLATES: usize = 5;
/// Plates of single tubes that a lot is recalled from: 27 × 380 = 10,260 readings.
const RECALLED: usize = 27;

struct Bench {
    db: Db,
    owner: PgConnection,
    laboratory: Laboratory,
    technician: AccountId,
    lead: AccountId,
    round: RoundId,
    lot: LotId,
    made: usize,
}

impl Bench {
    /// Households of four with a tube each, received; their specimens with barcodes.
    async fn tubes(&mut self, count: usize) -> Vec<(SpecimenId, String)> {
        let (from, to) = (self.made, self.made + count);
        self.made = to;
        let round = self.round;
        // Ids are made of numbers, so that every table finds its rows without asking.
        let id = |kind: &str, n: &str| {
            format!("(lpad(to_hex({n}), 8, '0') || '-{kind}-7000-8000-000000000000')::uuid")
        };
        let sql = format!(
            "insert into household (id, unit, walk_order, created_at) select {home}, 3 + n % 40, n, now()
                 from generate_series({from}, {to} - 1) n;
             insert into person (id, unit, household, birth_year, sex, created_at)
                 select {person}, 3 + n % 40, {home}, 1950 + m * 15, case when m % 2 = 0 then 'male' else 'female' end, now()
                 from generate_series({from}, {to} - 1) n, generate_series(0, 3) m;
             insert into round_subject (province, round, person, unit, household, expected, choice, planned_at)
                 select 1, '{round}', {person}, 3 + n % 40, {home}, case when m = 0 then 'swab' else 'represented' end, m, now()
                 from generate_series({from}, {to} - 1) n, generate_series(0, 3) m;
             insert into tube (issuer, barcode, printed, province, round, specimen, used_at, created_at)
                 select 'own', 'B' || n, true, 1, '{round}', {tube}, now(), now() from generate_series({from}, {to} - 1) n;
             insert into specimen (province, round, id, issuer, barcode, unit, assay, pooling, donors, sampled_at, device, created_at)
                 select 1, '{round}', {tube}, 'own', 'B' || n, 3 + n % 40, '{PCR}', 'none', 1, now(), (select id from device), now()
                 from generate_series({from}, {to} - 1) n;
             insert into specimen_donor (province, round, specimen, person, unit, position, identified_by)
                 select 1, '{round}', {tube}, {donor}, 3 + n % 40, 1, 'list' from generate_series({from}, {to} - 1) n;
             insert into specimen_represents (province, round, id, specimen, representative, household, unit, present)
                 select 1, '{round}', {stands}, {tube}, {donor}, {home}, 3 + n % 40, 4 from generate_series({from}, {to} - 1) n;
             insert into represented_member (province, round, represents, person, unit)
                 select 1, '{round}', {stands}, {person}, 3 + n % 40
                 from generate_series({from}, {to} - 1) n, generate_series(1, 3) m;
             insert into accession (province, round, specimen, version, laboratory, outcome, at)
                 select 1, '{round}', {tube}, 1, '{lab}', 'received', now() from generate_series({from}, {to} - 1) n",
            home = id("0001", "n"),
            person = "(lpad(to_hex(n), 8, '0') || '-0002-7000-8000-00000000000' || m)::uuid",
            donor = id("0002", "n"),
            tube = id("0003", "n"),
            stands = id("0004", "n"),
            lab = self.laboratory.id,
        );
        self.owner.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        (from..to)
            .map(|n| {
                let id = format!("{n:08x}-0003-7000-8000-000000000000").parse().unwrap();
                (id, format!("B{n}"))
            })
            .collect()
    }

    /// A plate with all its readings negative out of a file, ready to be released.
    async fn plate(&mut self, pool: usize) -> RunId {
        let tubes = self.tubes(WELLS * pool).await;
        let (db, lab, round, by) = (self.db.clone(), self.laboratory.clone(), self.round, self.technician);
        let schemes: Vec<NewScheme> = tubes
            .chunks(pool)
            .enumerate()
            .map(|(n, tubes)| {
                let (ids, barcodes): (Vec<_>, Vec<_>) = tubes.iter().cloned().unzip();
                let label = (pool > 1).then(|| format!("P{}-{n}", self.made));
                NewScheme::dorfman(ids, barcodes, label).unwrap()
            })
            .collect();
        let labels: Vec<String> = schemes
            .iter()
            .map(|s| s.label.clone().unwrap_or_else(|| s.barcodes.first().cloned().unwrap()))
            .collect();
        let mut wells: Vec<(Well, Content)> =
            Plate::Wells384.wells().zip(&labels).map(|(w, l)| (w, Content::Label(l.clone()))).collect();
        wells.push(("O24".parse().unwrap(), Content::Control(ControlKind::NoTemplate)));
        wells.push(("P24".parse().unwrap(), Content::Control(ControlKind::Positive)));
        let new = NewRun {
            assay: PCR.parse::<AssayId>().unwrap(),
            name: format!("plate {}", self.made),
            plate: Plate::Wells384,
            wells,
            lots: vec![self.lot],
            extraction: None,
        };
        let scope = Scope::area([UnitId(1)]);
        tx!(db, "bench_plate", scope, |tx| -> Result<RunId> {
            let round = campaign::round(tx, round).await?;
            pools::make(tx, &round, Some(lab.id), lab.unit, &schemes, Some(by)).await?;
            let run = runs::start(tx, &lab, &new, by).await?.expect("the plate fits");
            let found = runs::find(tx, run).await?;
            let sheet = readings::sheet(tx, found).await?;
            let ct = |text: &str| Ct::read(text).unwrap();
            let cts = |target: &str, control: &str| -> Cts {
                [("E", target), ("RdRP", target), ("IC", control)].map(|(t, c)| (t.to_owned(), ct(c))).into()
            };
            let mut shown: BTreeMap<String, Cts> =
                sheet.samples.iter().map(|s| (s.well.clone(), cts("-", "27"))).collect();
            shown.insert("O24".into(), cts("-", "-"));
            shown.insert("P24".into(), cts("26", "27"));
            let file =
                Evidence { sha256: [7; 32], name: "bench.csv", instrument: "QuantStudio", bytes: b"bench" };
            readings::enter(tx, &sheet, &shown, Some(file), by).await?.expect("the readings fit");
            Ok(run)
        })
        .unwrap()
    }

    /// Releases a run as its lead; seconds, and people concluded.
    async fn release(&self, run: RunId) -> (f64, usize) {
        let (db, lead) = (&self.db, self.lead);
        let began = Instant::now();
        let done = tx!(db, "bench_release", Scope::area([UnitId(1)]), |tx| -> Result<_> {
            // A quiet plate goes by rule; the lead's word is the slower way, with the same work behind it.
            let by_rule = release::release(tx, run, Releaser::Rule, None).await?;
            match by_rule {
                Ok(done) => Ok(done),
                Err(_) => {
                    let roles = [Role::LabLead];
                    let releaser = Releaser::Person { account: lead, roles: &roles };
                    Ok(release::release(tx, run, releaser, None).await?.expect("the policy lets it through"))
                }
            }
        })
        .unwrap();
        (began.elapsed().as_secs_f64(), done.concluded.people)
    }
}

async fn prepare(cluster: &Cluster) -> Bench {
    cluster.ensure_database("bench").await.unwrap();
    let address = cluster.address("bench");
    let world = World::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
    let ring = RingFile::generate(&world);
    let keys = Arc::new(ring.load(world.clone()).unwrap());
    migrate::migrate(&address).await.unwrap();
    let db = Db::open(&address, DbRole::App, 4, world.clone(), keys);
    let mut owner = PgConnection::connect_with(&address.owner).await.unwrap();
    let (technician, lead): (AccountId, AccountId) = (world.id(), world.id());
    let (round, lot): (RoundId, LotId) = (world.id(), world.id());
    let sql = format!(
        "insert into unit (code, valid_from, level, kind, name, folded_name)
             select n::text, '2020-01-01', case n when 1 then 'province' when 2 then 'commune' else 'hamlet' end, 'x', 'x' || n, 'x' || n
             from generate_series(1, 42) n;
         insert into unit_ancestor select n, 1, case n when 1 then 0 when 2 then 1 else 2 end, '2020-01-01', 'infinity' from generate_series(1, 42) n;
         insert into unit_ancestor select n, 2, case n when 2 then 0 else 1 end, '2020-01-01', 'infinity' from generate_series(2, 42) n;
         insert into unit_ancestor select n, n, 0, '2020-01-01', 'infinity' from generate_series(3, 42) n;
         insert into account (id, kind, sealed, created_at) values ('{technician}', 'office', '\\x', now()), ('{lead}', 'office', '\\x', now());
         insert into device (id, label, unit, public_key, enrolled_by, enrolled_at)
             values ('{}', 'x', 2, decode(repeat('04', 65), 'hex'), '{lead}', now());
         insert into lot (id, kind, product, number, expires_on, created_at) values ('{lot}', 'pcr_mix', 'x', '1', '2099-01-01', now());
         insert into round (id, province, kind, starts_at, ends_at, created_at)
             values ('{round}', 1, 'standing', now() - interval '1 hour', now() + interval '30 days', now())",
        world.id::<uuid::Uuid>(),
    );
    owner.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    let laboratory = tx!(db, "bench_laboratory", Scope::nobody(), |tx| -> Result<Laboratory> {
        let id = lab::create_laboratory(tx, UnitId(2), "bench", false, true).await?;
        lab::laboratory(tx, id, &[UnitId(1)]).await
    })
    .unwrap();
    Bench { db, owner, laboratory, technician, lead, round, lot, made: 0 }
}

#[tokio::main]
async fn main() {
    // Cargo passes --bench; the folder is what is left.
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let data = std::env::temp_dir().join(format!("greenfort-bench-{}", std::process::id()));
    std::fs::create_dir_all(&data).unwrap();
    // The product's own settings: every commit is on disk before it is answered.
    let cluster = Cluster::start(&data, &ClusterOptions::default()).await.unwrap();
    let mut bench = prepare(&cluster).await;
    let mut rows = Vec::new();

    let mut seconds = Vec::new();
    let mut people = 0;
    for _ in 0..PLATES {
        let run = bench.plate(POOL).await;
        bench.owner.execute("analyze").await.unwrap();
        let (took, concluded) = bench.release(run).await;
        assert_eq!(concluded, WELLS * POOL * 4, "everybody is concluded");
        println!("released {concluded} people in {took:.3} s");
        seconds.push(took);
        people = concluded;
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[PLATES / 2];
    rows.push(json!({
        "id": "release of a plate", "what": "380 ten-fold pools, each tube standing for four: people concluded per second, durable",
        "value": (people as f64 / median).round(), "unit": "people/s", "data_size": people, "higher_is_better": true,
        "floor": 1216, "aim": 5000,
    }));
    rows.push(json!({
        "id": "release of a plate, time", "what": format!("median of {PLATES}; all in one transaction"), "value": median, "unit": "s",
        "data_size": people, "aim": 1.0, "floor": 12.5,
    }));

    for _ in 0..RECALLED {
        let run = bench.plate(1).await;
        bench.release(run).await;
    }
    bench.owner.execute("analyze").await.unwrap();
    let (db, lot, lead) = (bench.db.clone(), bench.lot, bench.lead);
    let began = Instant::now();
    let done = tx!(db, "bench_recall", Scope::area([UnitId(1)]), |tx| -> Result<_> {
        recall::recall(tx, UnitId(1), recall::Scope::Lot(lot), "bench", lead).await
    })
    .unwrap();
    let took = began.elapsed().as_secs_f64();
    println!("recalled {} readings, {} people in {took:.3} s", done.readings, done.concluded.changed);
    rows.push(json!({
        "id": "recall of a lot", "what": format!("{} readings, {} people derived again", done.readings, done.concluded.people),
        "value": took, "unit": "s", "data_size": done.readings, "aim": 15.0, "floor": 60.0,
    }));
    drop(bench);
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    if let Some(folder) = folder {
        let path = std::path::Path::new(&folder).join("laboratory.json");
        std::fs::write(path, serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
    }
}
