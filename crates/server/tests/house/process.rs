//! Start, kill, start again, stop.

use crate::server::{Server, is_alive, postmaster, run, signal, text};
use nix::sys::signal::Signal;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub async fn connect(data: &Path) -> PgConnection {
    let socket = greenfort_store::cluster::running_socket(data).expect("a socket");
    let options = greenfort_store::cluster::connect_options(&socket, "greenfort", "postgres");
    PgConnection::connect_with(&options).await.expect("the database answers")
}

#[test]
fn a_data_folder_that_only_its_owner_may_enter_is_enough() {
    let data = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    let server = Server::start(data.path());
    server.until("/readyz", 200);
    let mode = std::fs::metadata(data.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o066, 0, "nobody else may list it or write there: {mode:o}");
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());
}

#[test]
fn a_server_survives_the_death_of_each_of_its_processes_and_stops_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    server.until("/readyz", 200);
    assert_eq!(server.get("/healthz").unwrap().1, "ok\n");
    assert!(server.get("/metrics").unwrap().1.contains("greenfort_jobs_due 0"));

    let second = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(text(&second).contains("is in use by process"), "{}", text(&second));

    let doctor = run(&data, &["doctor"]);
    assert!(text(&doctor).contains("none missing"), "{}", text(&doctor));

    signal(server.worker, Signal::SIGKILL);
    let worker: i32 = server.wait_for("started child=\"worker\" pid=").parse().unwrap();
    assert_ne!(worker, server.worker);

    signal(server.web, Signal::SIGKILL);
    let web: i32 = server.wait_for("started child=\"web\" pid=").parse().unwrap();
    server.until("/readyz", 200);

    let database = postmaster(&data);
    signal(database, Signal::SIGKILL);
    server.wait_for("PostgreSQL is back");
    server.until("/readyz", 200);

    let database = postmaster(&data);
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());
    assert!(![worker, web, database].into_iter().any(is_alive), "everything has stopped");
    assert!(!data.join("pg/postmaster.pid").exists(), "PostgreSQL stopped by itself, not by a kill");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_9_of_everything_during_writes_loses_nothing_that_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let committed = Arc::new(AtomicI64::new(0));
    let mut conn = connect(&data).await;
    let writer = tokio::spawn({
        let committed = Arc::clone(&committed);
        async move {
            conn.execute("create table written (n bigint primary key)").await.unwrap();
            for n in 1.. {
                let insert = sqlx::query("insert into written values ($1)").bind(n).execute(&mut conn).await;
                if insert.is_err() {
                    return;
                }
                committed.store(n, Ordering::SeqCst);
            }
        }
    });
    while committed.load(Ordering::SeqCst) < 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (web, worker, database) = (server.web, server.worker, postmaster(&data));
    server.signal(Signal::SIGKILL);
    signal(database, Signal::SIGKILL);
    writer.await.unwrap();
    assert!(!server.wait().success());
    for _ in 0..600 {
        if !is_alive(web) && !is_alive(worker) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!is_alive(web) && !is_alive(worker), "children end when their parent is gone");

    let server = Server::start(&data);
    server.until("/readyz", 200);
    let mut conn = connect(&data).await;
    let (count, highest): (i64, i64) =
        sqlx::query_as("select count(*), max(n) from written").fetch_one(&mut conn).await.unwrap();
    let acknowledged = committed.load(Ordering::SeqCst);
    assert_eq!(count, highest, "no hole");
    assert!(highest >= acknowledged, "{acknowledged} acknowledged, {highest} there");
}

#[test]
fn a_server_that_cannot_listen_says_so_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&data, &["serve", "--listen", &address]);
    assert!(!output.status.success());
    assert!(text(&output).contains(&format!("listening on {address}")), "{}", text(&output));
    assert!(!data.join("pg/postmaster.pid").exists(), "the cluster is stopped again");
}
