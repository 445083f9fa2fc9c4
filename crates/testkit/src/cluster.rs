//! One PostgreSQL for all tests of a run, whichever process they run in. It outlives them; `scripts/test-cluster stop`
//! ends it, and the next run finds and uses it as it is.

use greenfort_store::cluster::{Cluster, ClusterOptions, address, connect_options, find_binaries};
use greenfort_store::migrate;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static NEXT: AtomicU32 = AtomicU32::new(0);

fn folder() -> PathBuf {
    std::env::var_os("GREENFORT_TEST_CLUSTER").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-cluster"),
        PathBuf::from,
    )
}

async fn connect(socket: &Path, database: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&connect_options(socket, database, "postgres")).await
}

/// Settings that trade safety for speed: nothing here has to survive.
fn options() -> ClusterOptions {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    ClusterOptions {
        settings: vec![
            set("fsync", "off"),
            set("synchronous_commit", "off"),
            set("full_page_writes", "off"),
            set("shared_buffers", "128MB"),
            set("max_connections", "200"),
            set("autovacuum", "off"),
            set("jit", "off"),
        ],
        ..ClusterOptions::default()
    }
}

/// The socket of the running cluster and the name of a new database made from the template.
pub(crate) async fn fresh_database() -> (PathBuf, String) {
    let folder = folder();
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let template = format!("template_{}", migrate::fingerprint());
    let socket = ready(&folder, &template).await;
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = connect(&socket, "postgres").await.expect("the test cluster answers");
    let drop = format!("drop database if exists \"{name}\" with (force)");
    conn.execute(sqlx::AssertSqlSafe(drop)).await.expect("an old database of this name goes");
    let create = format!("create database \"{name}\" template \"{template}\" strategy wal_log");
    conn.execute(sqlx::AssertSqlSafe(create)).await.expect("the template is there");
    (socket, name)
}

/// Starts the cluster and makes the template where they are missing; one process at a time.
async fn ready(folder: &Path, template: &str) -> PathBuf {
    let lock = File::create(folder.join("tests.lock")).expect("the lock file can be made");
    lock.lock().expect("the lock can be taken");
    let known = folder.join("socket");
    let running = match fs::read_to_string(&known) {
        Ok(socket) if connect(Path::new(&socket), "postgres").await.is_ok() => Some(PathBuf::from(socket)),
        _ => None,
    };
    let socket = match running {
        Some(socket) => socket,
        None => {
            let cluster = Cluster::start(folder, &options()).await.unwrap_or_else(|e| panic!("{e}"));
            let socket = cluster.socket().to_path_buf();
            fs::write(&known, socket.as_os_str().as_encoded_bytes()).expect("the socket can be noted");
            cluster.leave_running();
            socket
        }
    };
    let mut conn = connect(&socket, "postgres").await.expect("the test cluster answers");
    let exists: Option<i32> = sqlx::query_scalar("select 1 from pg_database where datname = $1")
        .bind(template)
        .fetch_optional(&mut conn)
        .await
        .expect("the catalogue can be read");
    if exists.is_none() {
        let half = format!("{template}_new");
        for sql in [format!("drop database if exists {half}"), format!("create database {half}")] {
            conn.execute(sqlx::AssertSqlSafe(sql)).await.expect("a database can be made");
        }
        migrate::migrate(&address(&socket, &half)).await.expect("the migrations apply");
        // Sessions of the migration may take a moment to leave.
        for attempt in 0.. {
            let rename = format!("alter database {half} rename to {template}");
            match conn.execute(sqlx::AssertSqlSafe(rename)).await {
                Ok(_) => break,
                Err(_) if attempt < 50 => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(error) => panic!("{error}"),
            }
        }
    }
    socket
}

/// Drops a database from a destructor, where nothing can be awaited.
pub(crate) fn drop_database(socket: &Path, name: &str) {
    let Some(bin) = find_binaries(None) else { return };
    let _ = std::process::Command::new(bin.join("dropdb"))
        .args(["-U", "postgres", "--if-exists", "--force", "-h"])
        .arg(socket)
        .arg(name)
        .output();
}
