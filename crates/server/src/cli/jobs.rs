//! `greenfort jobs`: what waits, what was given up, and trying it again.

use super::CliResult;
use super::child::world;
use super::installation::Installation;
use crate::config::Config;
use clap::Subcommand;
use greenfort_kernel::JobId;
use greenfort_store::{DbRole, Result, Scope, jobs, tx};

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// Jobs that are not done.
    List,
    /// Try a job again that was given up.
    SetBack { job: JobId },
}

pub(super) fn run(config: Config, command: &JobsCommand) -> CliResult {
    super::runtime()?.block_on(async {
        let world = world(&config)?;
        let installation = Installation::join(config, world).await?;
        let done = work(&installation, command).await.map_err(|e| e.to_string());
        installation.close().await?;
        done
    })
}

async fn work(installation: &Installation, command: &JobsCommand) -> Result<()> {
    let db = installation.db(DbRole::Worker, 2);
    match command {
        JobsCommand::List => {
            for job in tx!(db, "list_jobs", Scope::nobody(), |tx| jobs::unfinished(tx, false).await)? {
                let state = if job.given_up { "given up" } else { "waiting" };
                let error = job.last_error.as_deref().unwrap_or("-");
                super::print(&format!(
                    "{}  {state}  {} {}  tried {} times  {error}\n",
                    job.id, job.kind, job.unique_key, job.attempts
                ));
            }
        }
        JobsCommand::SetBack { job } => {
            tx!(db, "set_back_job", Scope::nobody(), |tx| jobs::set_back(tx, *job).await)?;
        }
    }
    db.close().await;
    Ok(())
}
