//! `greenfort doctor`: what it found, what is wrong, what to do.

use super::CliResult;
use super::child::world;
use super::installation::Installation;
use crate::config::Config;
use crate::http::assets;
use greenfort_kernel::World;
use greenfort_store::cluster::{find_binaries, running_socket};
use greenfort_store::crypt::{RingFile, SEALED};
use greenfort_store::{DbRole, Scope, jobs, load, migrate, tx};
use sqlx::{Connection as _, PgConnection};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;

/// One thing looked at.
enum Finding {
    Fine(String),
    /// It works, but not for long or not everywhere.
    Look(String),
    Wrong(String),
}
use Finding::{Fine, Look, Wrong};

/// Less free space than this is a warning: a round of the whole province needs about this much.
const SPACE_MIB: u64 = 10 * 1024;

pub(super) fn run(config: Config) -> CliResult {
    let mut findings = vec![binaries(&config), web_pages()];
    findings.extend(data_folder(&config));
    let running = is_locked(&config.data);
    findings.push(port(&config, running));
    findings.push(clock(&config)?);
    findings.push(ring(&config));
    findings.extend(tls(&config));
    findings.extend(super::runtime()?.block_on(database(config, running))?);
    let mut wrong = 0;
    for finding in &findings {
        match finding {
            Fine(text) => super::print(&format!("ok     {text}\n")),
            Look(text) => super::print(&format!("look   {text}\n")),
            Wrong(text) => {
                wrong += 1;
                super::print(&format!("WRONG  {text}\n"));
            }
        }
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} things are wrong; what to do stands beside each")) }
}

fn binaries(config: &Config) -> Finding {
    match find_binaries(config.database.bin.as_deref()) {
        Some(folder) => Fine(format!("PostgreSQL's programs are in {}", folder.display())),
        None if config.database.url.is_some() => {
            Look("no PostgreSQL programs here; the configured server does the work".into())
        }
        None => Wrong("PostgreSQL 15 or newer was not found: apt-get install postgresql".into()),
    }
}

fn web_pages() -> Finding {
    if assets::are_built_in() {
        Fine("the web pages are built in".into())
    } else {
        Look("the web pages are not built in: `make web`, then build again; the API works without".into())
    }
}

fn data_folder(config: &Config) -> Vec<Finding> {
    let data = &config.data;
    if !data.exists() {
        return vec![Look(format!(
            "the data folder {} does not exist yet; the first start makes it",
            data.display()
        ))];
    }
    let mut findings = Vec::new();
    let probe = data.join(".doctor");
    findings.push(match File::create(&probe).and_then(|_| fs::remove_file(&probe)) {
        Ok(()) => Fine(format!("the data folder {} can be written", data.display())),
        Err(e) => {
            Wrong(format!("the data folder {} cannot be written ({e}): start as its owner", data.display()))
        }
    });
    if let Ok(space) = nix::sys::statvfs::statvfs(data) {
        let free = space.blocks_available().saturating_mul(space.fragment_size()) / (1024 * 1024);
        findings.push(if free >= SPACE_MIB {
            Fine(format!("{free} MiB free"))
        } else {
            Look(format!("only {free} MiB free: make room before the next round"))
        });
    }
    findings
}

/// True when a server has the folder. Looks without waiting and lets go at once.
fn is_locked(data: &Path) -> bool {
    File::open(data.join("greenfort.lock")).is_ok_and(|lock| lock.try_lock().is_err())
}

fn port(config: &Config, running: bool) -> Finding {
    let listen = config.listen;
    match (TcpListener::bind(listen), running) {
        (Ok(_), false) => Fine(format!("{listen} is free")),
        (Ok(_), true) => Look(format!("a server has the data folder, but nothing listens on {listen}")),
        (Err(_), true) => Fine(format!("a server is running and {listen} is taken")),
        (Err(e), false) => {
            Wrong(format!("{listen} cannot be used ({e}): stop the other program or set `listen`"))
        }
    }
}

/// A clock behind the files of the installation was set back: passes would be dated wrongly.
fn clock(config: &Config) -> Result<Finding, String> {
    let now = World::system().now();
    let made = fs::metadata(config.ring_path()).and_then(|m| m.modified()).ok();
    let made = made.and_then(|at| jiff::Timestamp::try_from(at).ok());
    Ok(match made {
        Some(made) if made > now => {
            Wrong(format!("the clock reads {now}, before the key ring was made ({made}): set the clock"))
        }
        _ if config.demo => {
            Fine(format!("the clock reads {now}; the demonstration reads {}", world(config)?.now()))
        }
        _ => Fine(format!("the clock reads {now}")),
    })
}

fn ring(config: &Config) -> Finding {
    let path = config.ring_path();
    if !path.exists() {
        return Look(format!("there is no key ring {} yet; the first start makes it", path.display()));
    }
    match RingFile::read(&path).and_then(|file| file.load(World::system()).map(|_| file)) {
        Err(e) => Wrong(e.to_string()),
        Ok(file) => match file.numbers() {
            (current, all) if all.len() == 1 => Fine(format!("key ring with key {current}")),
            (current, all) => Look(format!(
                "the ring has {} keys, {current} is current: a rotation was cut; `greenfort key rotate` goes on",
                all.len()
            )),
        },
    }
}

fn tls(config: &Config) -> Option<Finding> {
    let tls = config.tls.as_ref()?;
    for path in [&tls.certificate, &tls.key] {
        match fs::read_to_string(path) {
            Ok(text) if text.contains("-----BEGIN ") => {}
            Ok(_) => return Some(Wrong(format!("{} is no PEM file", path.display()))),
            Err(e) => return Some(Wrong(format!("{} cannot be read ({e})", path.display()))),
        }
    }
    Some(Fine("TLS certificate and key are there".into()))
}

async fn database(config: Config, running: bool) -> Result<Vec<Finding>, String> {
    let world = world(&config)?;
    let socket = if config.database.url.is_some() { None } else { running_socket(&config.data) };
    if config.database.url.is_none() && !running {
        return Ok(vec![Look(
            "the database is not running; run the doctor again beside `greenfort serve` to have it looked at"
                .into(),
        )]);
    }
    if !config.ring_path().exists() {
        return Ok(vec![Wrong(
            "a server is running without a key ring: stop it and restore `keys` from the backup".into(),
        )]);
    }
    let installation = match Installation::attach(config, world, socket.as_deref(), "doctor") {
        Ok(installation) => installation,
        Err(e) => return Ok(vec![Wrong(e)]),
    };
    let mut findings = Vec::new();
    let reached = PgConnection::connect_with(&installation.address.owner).await;
    let mut conn = match reached {
        Ok(conn) => conn,
        Err(e) => {
            return Ok(vec![Wrong(format!(
                "the database does not answer ({e}); see postgres.log in the data folder"
            ))]);
        }
    };
    findings.push(match migrate::pending(&installation.address).await {
        Ok((applied, missing)) if missing.is_empty() => {
            Fine(format!("the database answers; {applied} migrations, none missing"))
        }
        Ok((_, missing)) => {
            Wrong(format!("migrations are missing ({}): `greenfort migrate`", missing.join(", ")))
        }
        Err(e) => Wrong(format!("the database has no schema ({e}): `greenfort migrate`")),
    });
    findings.push(canary(&installation, &mut conn).await);
    let db = installation.db(DbRole::Worker, 1);
    if let Ok(backlog) = tx!(db, "backlog", Scope::nobody(), |tx| jobs::backlog(tx).await) {
        findings.push(if backlog.given_up > 0 {
            Wrong(format!(
                "{} jobs were given up: `greenfort jobs list`, mend the cause, set them back",
                backlog.given_up
            ))
        } else if backlog.oldest_s > 300.0 {
            Wrong(format!(
                "{} jobs wait, the oldest for {:.0} s: is the worker running?",
                backlog.due, backlog.oldest_s
            ))
        } else {
            Fine(format!("{} jobs due, none given up", backlog.due))
        });
    }
    if let Ok(Some(load)) = tx!(db, "load", Scope::nobody(), |tx| load::running(tx).await) {
        findings.push(Look(format!(
            "the province is loaded in part ({}: {} of {}); `greenfort demo` goes on with it whenever it runs",
            load.step, load.done, load.total
        )));
    }
    db.close().await;
    let _ = conn.close().await;
    Ok(findings)
}

/// Opens one stored value of each column: the ring must belong to this database.
async fn canary(installation: &Installation, conn: &mut PgConnection) -> Finding {
    let mut opened = 0;
    for column in SEALED {
        let value: Result<Option<(Vec<u8>, Vec<u8>)>, _> =
            sqlx::query_as(sqlx::AssertSqlSafe(column.one_value())).fetch_optional(&mut *conn).await;
        match value {
            Ok(None) => {}
            Ok(Some((row, sealed))) => match installation.keys.open_bytes(column.name, &row, &sealed) {
                Ok(_) => opened += 1,
                Err(e) => {
                    return Wrong(format!("{e}: restore the `keys` folder that belongs to this database"));
                }
            },
            Err(e) => return Wrong(format!("{} cannot be read ({e})", column.name)),
        }
    }
    Fine(format!(
        "the key ring opens what the database holds ({opened} of {} columns hold something)",
        SEALED.len()
    ))
}
