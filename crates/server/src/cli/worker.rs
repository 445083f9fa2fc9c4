//! `greenfort worker`: jobs, figures, seals; no HTTP.

use super::CliResult;
use super::child::{Handover, told_to_stop, world};
use super::installation::Installation;
use crate::config::Config;
use crate::worker::{Context, Registry, Worker};
use clap::Args;
use greenfort_store::DbRole;
use greenfort_store::seal::SealKey;
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Debug, Args)]
pub(super) struct WorkerArgs {
    /// Started by `greenfort serve`.
    #[arg(long, hide = true)]
    supervised: bool,
}

pub(super) fn run(read: impl FnOnce() -> Result<Config, String>, args: &WorkerArgs) -> CliResult {
    let handover =
        if args.supervised { Handover::read()? } else { Handover { config: read()?, socket: None } };
    super::start_logging(&handover.config);
    super::runtime()?.block_on(async {
        let world = world(&handover.config)?;
        let installation =
            Installation::attach(handover.config, world, handover.socket.as_deref(), "worker")?;
        let path = installation.config.seal_key_path();
        let key = SealKey::open_or_make(&path, &installation.world).map_err(|e| e.to_string())?;
        tracing::info!(seal_key = key.verifier().fingerprint(), "worker at work");
        let db = installation.db(DbRole::Worker, 16);
        let context = Context { db: db.clone(), config: Arc::clone(&installation.config) };
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(Worker::new(context, Registry::of_this_program(), key).run(stopped));
        super::print("ready\n");
        told_to_stop(args.supervised).await;
        tracing::info!("worker stops: running jobs are finished");
        let _ = stop.send(true);
        let done = working.await.map_err(|e| format!("the worker broke: {e}"));
        db.close().await;
        done
    })
}
