//! `greenfort backup` and `greenfort restore`: database, keys and configuration in one file.
//!
//! The file is a tar: `manifest.json` first, with the SHA-256 of everything behind it. It holds the keys beside what
//! they encrypt, so it is as secret as the data folder.

use super::CliResult;
use super::child::world;
use super::installation::{DATABASE, Installation, RESTORING};
use crate::config::Config;
use aws_lc_rs::digest::{Context, SHA256};
use clap::Args;
use greenfort_kernel::World;
use greenfort_store::cluster::{Cluster, ClusterOptions, find_binaries};
use greenfort_store::migrate;
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// File to write; must not exist.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// File that `greenfort backup` wrote. The data folder (--data) must be empty or absent.
    file: PathBuf,
}

const MANIFEST: &str = "manifest.json";
const DUMP: &str = "database.dump";
/// What of the data folder goes along; the rest is the database itself or can be made again.
const KEPT: [&str; 3] = ["keys/ring.json", "keys/seal.json", "demo-clock"];
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    program: String,
    made_at: jiff::Timestamp,
    /// SHA-256 of each file, hexadecimal.
    files: BTreeMap<String, String>,
}

fn fail<E: std::fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> String {
    let what = what.into();
    move |e| format!("{what}: {e}")
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex::encode(context.finish()));
        }
        context.update(&buffer[..n]);
    }
}

fn program(config: &Config, name: &str) -> Result<Command, String> {
    let folder =
        find_binaries(config.database.bin.as_deref()).ok_or("PostgreSQL's programs were not found")?;
    Ok(Command::new(folder.join(name)))
}

fn run_quietly(mut command: Command, what: &str) -> CliResult {
    let output = command.output().map_err(fail(format!("starting {what}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

pub(super) fn run(config: Config, args: &BackupArgs) -> CliResult {
    if config.database.url.is_some() {
        return Err(
            "this installation uses a PostgreSQL server of its own: back that up with its own tools, \
                    and copy the folder `keys` of the data folder to another place"
                .into(),
        );
    }
    super::runtime()?.block_on(async {
        let world = world(&config)?;
        let data = config.data.clone();
        let installation = Installation::join(config, world).await?;
        let done = write(&installation, &data, &args.file);
        installation.close().await?;
        done
    })
}

fn write(installation: &Installation, data: &Path, target: &Path) -> CliResult {
    let folder = target.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let work = tempfile::Builder::new()
        .prefix(".greenfort-backup-")
        .tempdir_in(folder)
        .map_err(fail("making a folder beside the backup"))?;
    let dump = work.path().join(DUMP);
    let owner = &installation.address.owner;
    let mut pg_dump = program(&installation.config, "pg_dump")?;
    pg_dump.args(["--format=custom", "--no-owner", "--username=postgres", "--dbname", DATABASE, "--host"]);
    pg_dump.arg(owner.get_socket().ok_or("the private cluster has no socket")?);
    pg_dump.arg("--file").arg(&dump);
    run_quietly(pg_dump, "pg_dump")?;

    let mut files = BTreeMap::from([(DUMP.to_owned(), dump)]);
    for name in KEPT {
        let path = data.join(name);
        if path.exists() {
            files.insert(name.to_owned(), path);
        }
    }
    let settings = work.path().join("config.json");
    let text = serde_json::to_vec_pretty(&*installation.config).map_err(fail("writing the configuration"))?;
    fs::write(&settings, text).map_err(fail("writing the configuration"))?;
    files.insert("config.json".into(), settings);

    let mut sums = BTreeMap::new();
    for (name, path) in &files {
        sums.insert(name.clone(), sha256(path).map_err(fail(format!("reading {}", path.display())))?);
    }
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").into(),
        made_at: World::system().now(),
        files: sums,
    };
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(fail("writing the manifest"))?;
    let out = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(target)
        .map_err(fail(format!("making {}", target.display())))?;
    let packed = pack(&out, &manifest, &files).map_err(fail(format!("writing {}", target.display())));
    if packed.is_err() {
        let _ = fs::remove_file(target);
    }
    packed?;
    super::print(&format!(
        "{} files in {}; keep it as secret as the data folder\n",
        files.len(),
        target.display()
    ));
    Ok(())
}

fn pack(out: &File, manifest: &[u8], files: &BTreeMap<String, PathBuf>) -> io::Result<()> {
    let mut archive = tar::Builder::new(io::BufWriter::new(out));
    let mut header = tar::Header::new_gnu();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    archive.append_data(&mut header, MANIFEST, manifest)?;
    for (name, path) in files {
        archive.append_file(name, &mut File::open(path)?)?;
    }
    archive.into_inner()?.flush()?;
    out.sync_all()
}

pub(super) fn restore(config: &Config, args: &RestoreArgs) -> CliResult {
    let data = config.data.clone();
    let marker = data.join(RESTORING);
    if marker.exists() {
        // A restore that was killed: what it left is no installation, and its PostgreSQL may still run.
        greenfort_store::cluster::stop_left_behind(&data).map_err(|e| e.to_string())?;
        fs::remove_dir_all(&data).map_err(fail(format!("removing the cut restore in {}", data.display())))?;
    }
    if fs::read_dir(&data).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty; give an empty or new folder with --data", data.display()));
    }
    fs::create_dir_all(&data).map_err(fail(format!("making {}", data.display())))?;
    fs::write(&marker, b"").map_err(fail(format!("writing {}", marker.display())))?;
    let outcome = restore_into(config, &data, &args.file)
        .and_then(|()| fs::remove_file(&marker).map_err(fail(format!("removing {}", marker.display()))));
    if outcome.is_err() {
        // It was empty before; nothing half-restored may look like an installation.
        let _ = fs::remove_dir_all(&data);
        return outcome;
    }
    super::print(&format!("restored into {}; start it with `greenfort serve`\n", data.display()));
    Ok(())
}

fn restore_into(config: &Config, data: &Path, file: &Path) -> CliResult {
    let unpacked = unpack(data, file)?;
    super::runtime()?.block_on(async {
        let options = ClusterOptions { binaries: config.database.bin.clone(), ..ClusterOptions::default() };
        let cluster = Cluster::start(data, &options).await.map_err(|e| e.to_string())?;
        let done = fill(config, &cluster, &unpacked).await;
        cluster.stop().await.map_err(|e| e.to_string())?;
        done
    })?;
    fs::remove_file(unpacked).map_err(fail("removing the unpacked dump"))
}

/// Unpacks and checks everything; answers where the dump lies.
fn unpack(data: &Path, file: &Path) -> Result<PathBuf, String> {
    let open = File::open(file).map_err(fail(format!("opening {}", file.display())))?;
    let broken = |e: io::Error| format!("{} is no backup or is damaged: {e}", file.display());
    let mut archive = tar::Archive::new(io::BufReader::new(open));
    let mut manifest: Option<Manifest> = None;
    let mut seen = 0;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        let Some(manifest) = &manifest else {
            if name != MANIFEST {
                return Err(format!("{} is no backup: it does not begin with a manifest", file.display()));
            }
            let read: Manifest =
                serde_json::from_reader(&mut entry).map_err(fail("the manifest cannot be read"))?;
            if read.format > FORMAT {
                return Err(format!("the backup was made by a newer program ({})", read.program));
            }
            manifest = Some(read);
            continue;
        };
        // Only names from the manifest, and those only from our own list: an archive cannot write anywhere else.
        let expected = manifest.files.get(&name).ok_or_else(|| format!("{name} is not in the manifest"))?;
        if name != DUMP && name != "config.json" && !KEPT.contains(&name.as_str()) {
            return Err(format!("{name} does not belong in a backup"));
        }
        let path = data.join(if name == "config.json" { "config-of-backup.json" } else { &name });
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(fail(format!("making {}", folder.display())))?;
        }
        let mut out = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(fail(format!("making {}", path.display())))?;
        io::copy(&mut entry, &mut out).and_then(|_| out.sync_all()).map_err(broken)?;
        let found = sha256(&path).map_err(broken)?;
        if found != *expected {
            return Err(format!("{name} is damaged: its checksum is not the one of the manifest"));
        }
        seen += 1;
    }
    match manifest {
        Some(manifest) if manifest.files.len() == seen => Ok(data.join(DUMP)),
        _ => Err(format!("{} is cut: files of its manifest are missing", file.display())),
    }
}

async fn fill(config: &Config, cluster: &Cluster, dump: &Path) -> CliResult {
    cluster.ensure_database(DATABASE).await.map_err(fail("making the database"))?;
    let address = cluster.address(DATABASE);
    let mut conn = PgConnection::connect_with(&address.owner).await.map_err(fail("connecting"))?;
    migrate::make_roles(&mut conn).await.map_err(fail("making the roles"))?;
    conn.close().await.map_err(fail("closing"))?;
    let mut pg_restore = program(config, "pg_restore")?;
    pg_restore.args(["--no-owner", "--exit-on-error", "--single-transaction", "--username=postgres"]);
    pg_restore.args(["--dbname", DATABASE, "--host"]).arg(cluster.socket()).arg(dump);
    run_quietly(pg_restore, "pg_restore")?;
    // A backup of an older program is brought up to date at once.
    migrate::migrate(&address).await.map_err(fail("bringing the database up to date"))
}
