//! The processes and files behind the embedded PostgreSQL.

use super::{ClusterError, ClusterOptions, PORT, io};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The user PostgreSQL runs as.
#[derive(Debug, Clone, Copy)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

pub(super) fn unprivileged_user() -> Result<Option<User>, ClusterError> {
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
pub(super) fn lock(folder: &Path) -> Result<File, ClusterError> {
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
pub(super) fn socket_folder(folder: &Path) -> PathBuf {
    let inside = folder.join("pg-socket");
    if inside.as_os_str().len() < 80 {
        return inside;
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, folder.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("greenfort-{}", hex::encode(&digest.as_ref()[..6])))
}

pub(super) fn make_private_folder(path: &Path, user: Option<User>) -> Result<(), ClusterError> {
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

/// SIGINT asks PostgreSQL for a fast, clean shutdown.
pub(super) fn interrupt(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
    }
}

/// A data folder that is root's alone (as `mktemp -d` makes one) must be passed through by the user stepped down to; nobody
/// may list it for that.
fn let_pass_through(data: &Path) -> Result<(), ClusterError> {
    const PASS: u32 = 0o011;
    let Some(folder) = data.parent() else { return Ok(()) };
    let opening = io(format!("opening {}", folder.display()));
    let mode = fs::metadata(folder).map(|m| m.permissions().mode());
    match mode {
        Ok(mode) if mode & PASS == PASS => Ok(()),
        Ok(mode) => fs::set_permissions(folder, fs::Permissions::from_mode(mode | PASS)).map_err(opening),
        Err(error) => Err(opening(error)),
    }
}

pub(super) fn initialise(binaries: &Path, data: &Path, user: Option<User>) -> Result<(), ClusterError> {
    // initdb into a folder beside it and rename: a cut in between leaves no half-made cluster behind.
    let fresh = data.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(io(format!("removing {}", fresh.display())))?;
    }
    make_private_folder(&fresh, user)?;
    if user.is_some() {
        let_pass_through(data)?;
    }
    let mut initdb = command(&binaries.join("initdb"), user);
    initdb
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "-D"])
        .arg(&fresh);
    run(initdb, "initdb")?;
    fs::rename(&fresh, data).map_err(io(format!("moving {} into place", data.display())))
}

/// After kill -9 of this program PostgreSQL goes on alone; it is stopped cleanly before a new one starts. A pid file whose
/// process is another program (numbers are re-used) is left for PostgreSQL, which knows what to do with it.
pub(super) fn stop_orphan(data: &Path) -> Result<(), ClusterError> {
    let Some(pid) = orphan(data) else { return Ok(()) };
    let _ = kill(pid, Signal::SIGINT);
    for _ in 0..600 {
        if orphan(data).is_none() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(ClusterError::Failed {
        program: "postgres",
        output: format!("process {pid} did not stop within 60 s"),
    })
}

/// The PostgreSQL that runs in `data`, if one does.
fn orphan(data: &Path) -> Option<Pid> {
    let pid: i32 =
        fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()?;
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let ours = data.as_os_str().as_encoded_bytes();
    arguments.split(|byte| *byte == 0).any(|argument| argument == ours).then(|| Pid::from_raw(pid))
}

pub(super) fn spawn(
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
