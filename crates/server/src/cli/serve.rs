//! `greenfort serve`: owns the database cluster and watches two children, `web` and `worker`.

use super::CliResult;
use super::child::{Handover, told_to_stop};
use super::installation::Installation;
use crate::config::Config;
use clap::Args;
use greenfort_kernel::World;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address to listen on, over the configuration's.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

/// A child that has not said `ready` by then is broken.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// A child that has not stopped by then is killed: more than `web` gives its requests.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Restarts in a row before everything is given up.
const MOST_RESTARTS: u32 = 6;

pub(super) fn run(mut config: Config, args: &ServeArgs) -> CliResult {
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    super::start_logging(&config);
    super::runtime()?.block_on(async {
        let installation = Installation::open(config, World::system()).await?;
        let served = serve(&installation).await;
        let closed = installation.close().await;
        served.and(closed)
    })
}

/// Serves until told to stop. Stops in order: first `web`, so that nothing new begins, then `worker`.
pub(super) async fn serve(installation: &Installation) -> CliResult {
    let mut handover =
        Handover { config: Config::clone(&installation.config), socket: installation.socket().await };
    let (mut web, said) = Running::start("web", &handover).await?;
    // With port 0 the system chose one; a restarted child must come back to it.
    if let Some(listen) = said.and_then(|line| line.parse().ok()) {
        handover.config.listen = listen;
    }
    let mut worker = match Running::start("worker", &handover).await {
        Ok((worker, _)) => worker,
        Err(error) => {
            web.stop().await;
            return Err(error);
        }
    };
    let served = watch(installation, &handover, &mut web, &mut worker).await;
    tracing::info!("stopping");
    web.stop().await;
    worker.stop().await;
    served
}

async fn watch(
    installation: &Installation,
    handover: &Handover,
    web: &mut Running,
    worker: &mut Running,
) -> CliResult {
    let stop = told_to_stop(false);
    tokio::pin!(stop);
    loop {
        let broken = tokio::select! {
            () = &mut stop => return Ok(()),
            status = web.process.wait() => { report(web, status); &mut *web }
            status = worker.process.wait() => { report(worker, status); &mut *worker }
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    revived = installation.revive_cluster() => revived?,
                }
                continue;
            }
        };
        tokio::select! {
            () = &mut stop => return Ok(()),
            restarted = broken.restart(handover) => restarted?,
        }
    }
}

fn report(child: &Running, status: std::io::Result<std::process::ExitStatus>) {
    let status = status.map_or_else(|e| e.to_string(), |s| s.to_string());
    tracing::error!(child = child.name, status, "child ended by itself; it is started again");
}

struct Running {
    name: &'static str,
    process: Child,
    /// Held open: its end tells the child that we are gone.
    _input: ChildStdin,
}

impl Running {
    /// Starts a child and waits for its `ready`; answers what it said behind that word.
    async fn start(name: &'static str, handover: &Handover) -> Result<(Self, Option<String>), String> {
        let program = std::env::current_exe().map_err(|e| format!("finding this program: {e}"))?;
        let mut process = Command::new(program)
            .args([name, "--supervised"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own: Ctrl-C reaches us alone, and we stop the children in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("starting {name}: {e}"))?;
        let (Some(mut input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(format!("starting {name}: no pipe to it"));
        };
        let mut line = serde_json::to_vec(handover).map_err(|e| e.to_string())?;
        line.push(b'\n');
        input.write_all(&line).await.map_err(|e| format!("speaking to {name}: {e}"))?;
        let mut said = String::new();
        let ready = tokio::time::timeout(START_TIMEOUT, BufReader::new(output).read_line(&mut said)).await;
        match said.trim_end().strip_prefix("ready") {
            Some(rest) if matches!(ready, Ok(Ok(_))) => {
                tracing::info!(child = name, pid = process.id(), "started");
                let rest = rest.trim();
                let rest = (!rest.is_empty()).then(|| rest.to_owned());
                Ok((Self { name, process, _input: input }, rest))
            }
            _ => Err(format!("{name} did not start; what it said stands above")),
        }
    }

    /// Starts a child that ended again, with doubling pauses.
    async fn restart(&mut self, handover: &Handover) -> CliResult {
        for attempt in 0..MOST_RESTARTS {
            tokio::time::sleep(Duration::from_millis(500) * 2_u32.pow(attempt)).await;
            match Self::start(self.name, handover).await {
                Ok((running, _)) => {
                    *self = running;
                    return Ok(());
                }
                Err(error) => tracing::error!(child = self.name, error, "child could not be started again"),
            }
        }
        Err(format!("{} ended and could not be started again; see the log", self.name))
    }

    async fn stop(&mut self) {
        let Some(pid) = self.process.id().and_then(|id| i32::try_from(id).ok()) else { return };
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        if tokio::time::timeout(STOP_TIMEOUT, self.process.wait()).await.is_err() {
            tracing::warn!(child = self.name, "did not stop in time and is killed");
            let _ = self.process.kill().await;
        }
    }
}
