//! The load of the synthetic province, cut by kill -9 of server and database at every stage.

use crate::process::connect;
use crate::server::{Process, Server, greenfort, postmaster, run, signal, text};
use greenfort_synth::{Options, PersonRef, Province};
use nix::sys::signal::Signal;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

/// The smallest district by people: Chợ Lách, 11 communes.
const DISTRICT: &str = "832";
const PEOPLE: i64 = 111_418;
const HOUSEHOLDS: i64 = 34_896;

/// Where a load is cut.
enum Cut {
    /// The cluster was just made; migrations run.
    Cluster,
    /// The log said this.
    Said(&'static str),
    /// So many communes were stored.
    Communes(i64),
}

const CUTS: [Cut; 6] = [
    Cut::Cluster,
    Cut::Said("units loaded"),
    Cut::Communes(3),
    Cut::Communes(7),
    Cut::Said("organisations, groups, vehicles"),
    Cut::Said("search index and accounts"),
];

fn start(data: &Path) -> Process {
    Process::start(greenfort(data).args(["demo", "--district", DISTRICT, "--port", "0"]))
}

async fn query(conn: &mut PgConnection, sql: &'static str) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(sql).fetch_one(conn).await
}

/// Communes that were stored, once the database answers and has its schema.
async fn stored(data: &Path) -> i64 {
    if !data.join("pg/postmaster.pid").exists() {
        return 0;
    }
    let Some(socket) = greenfort_store::cluster::running_socket(data) else { return 0 };
    let options = greenfort_store::cluster::connect_options(&socket, "greenfort", "postgres");
    let Ok(mut conn) = <PgConnection as sqlx::Connection>::connect_with(&options).await else { return 0 };
    // One statement sees one moment of the load, which goes on meanwhile.
    let counted = query(
        &mut conn,
        "with loaded as (
             select a.ancestor as unit, count(*) as people
             from person p
             join unit_ancestor a on a.descendant = p.unit and date '2021-09-10' between a.valid_from and a.valid_to
             join unit u on u.id = a.ancestor and u.level = 'commune'
             group by 1)
         select count(*) filter (where people = value), count(*) filter (where people is distinct from value)
         from loaded left join unit_indicator i on i.unit = loaded.unit and i.indicator = 'census_persons'",
    )
    .await;
    let (whole, half) = match counted {
        Ok(counted) => counted,
        // The schema is not there yet, or the connection went with a kill.
        Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42P01") => return 0,
        Err(sqlx::Error::Database(e)) => panic!("{e}"),
        Err(_) => return 0,
    };
    assert_eq!(half, 0, "a commune is half loaded");
    whole
}

fn distinct(people: impl Iterator<Item = PersonRef>) -> usize {
    people.map(|p| (p.commune, p.person)).collect::<HashSet<_>>().len()
}

async fn reach(cut: &Cut, process: &Process, data: &Path) {
    match cut {
        Cut::Cluster => {
            while !data.join("pg/postmaster.pid").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Cut::Said(what) => {
            process.wait_for(what);
        }
        Cut::Communes(n) => {
            while stored(data).await < *n {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_killed_at_any_stage_goes_on_and_leaves_nothing_half_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for cut in &CUTS {
        let process = start(&data);
        reach(cut, &process, &data).await;
        process.signal(Signal::SIGKILL);
        signal(postmaster(&data), Signal::SIGKILL);
        assert!(!process.wait().success());
    }
    let doctor = run(&data, &["doctor"]);
    assert!(doctor.status.success(), "a cut load is nothing wrong: {}", text(&doctor));

    let server = Server::of(start(&data));
    let status = run(&data, &["doctor"]);
    assert!(text(&status).contains("migrations, none missing"), "{}", text(&status));
    let mut conn = connect(&data).await;
    let finished = "select count(*), 0::bigint from load_progress where id = 'demo-province' and finished_at is not null";
    while query(&mut conn, finished).await.unwrap().0 == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(stored(&data).await, 11);
    let people = "select (select count(*) from person), (select count(*) from household)";
    assert_eq!(query(&mut conn, people).await.unwrap(), (PEOPLE, HOUSEHOLDS));
    let counted = "select (select sum(persons)::bigint from (select persons from register_figure
                       union all select persons from register_figure_delta) as counted),
                   (select sum(members)::bigint from household)";
    assert_eq!(
        query(&mut conn, counted).await.unwrap(),
        (PEOPLE, PEOPLE),
        "the counters were not added to twice"
    );

    let province =
        Province::generate(2021, &Options { district: Some(DISTRICT), ..Options::default() }).unwrap();
    let communes: Vec<_> = province.communes().collect();
    let rosters: Vec<_> = communes.iter().map(|c| c.roster.clone()).collect();
    let economy = province.economy(&rosters);
    let each = || communes.iter().flat_map(|c| &c.organisations).chain(&economy.organisations);
    let groups = || communes.iter().flat_map(|c| &c.groups).chain(&economy.groups);
    let expected = [
        ("organisation", each().count()),
        ("organisation_part", each().map(|o| o.parts.len()).sum()),
        ("organisation_member", each().map(|o| distinct(o.members.iter().map(|m| m.person))).sum()),
        ("resident_group", groups().count()),
        ("resident_group_member", groups().map(|g| distinct(g.members.iter().copied())).sum()),
        ("vehicle", economy.vehicles.len()),
        ("vehicle_driver", economy.vehicles.iter().map(|v| distinct(v.drivers.iter().copied())).sum()),
    ];
    for (table, count) in expected {
        let there: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(there, i64::try_from(count).unwrap(), "{table}");
        assert!(count > 0 || table == "organisation_part", "{table} is tested with nothing");
    }

    // Roles to look through, and the name index that is built last.
    let (status, roles) = server.get("/api/v1/session/demo").unwrap();
    assert!(status == 200 && roles.contains("\"leader\""), "{roles}");
    let index = "select count(*), 0::bigint from pg_indexes where indexname = 'person_name_keys'";
    assert_eq!(query(&mut conn, index).await.unwrap().0, 1);
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());

    // Two provinces are not mixed.
    let other = run(&data, &["demo", "--district", "831", "--load-only"]);
    assert!(!other.status.success());
    assert!(
        text(&other).contains("already holds the province of seed 2021, district 832"),
        "{}",
        text(&other)
    );
}
