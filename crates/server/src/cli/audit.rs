//! `greenfort audit verify`: is the trail as it was sealed?

use super::CliResult;
use super::child::world;
use super::installation::Installation;
use crate::config::Config;
use clap::Subcommand;
use greenfort_store::seal::{self, Report, SealVerifier};
use greenfort_store::{DbRole, Scope, tx};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Verify every entry, seal and signature; name what was changed and what is not sealed yet.
    Verify,
}

pub(super) fn run(config: Config, command: &AuditCommand) -> CliResult {
    let AuditCommand::Verify = command;
    super::runtime()?.block_on(async {
        let world = world(&config)?;
        let installation = Installation::join(config, world).await?;
        let done = verify(&installation).await;
        installation.close().await?;
        done
    })
}

async fn verify(installation: &Installation) -> CliResult {
    let path = installation.config.seal_key_path();
    if !path.exists() {
        return Err(format!("there is no {}: the worker makes it when it first runs", path.display()));
    }
    let verifier = SealVerifier::read(&path).map_err(|e| e.to_string())?;
    let db = installation.db(DbRole::Worker, 2);
    let report = tx!(db, "verify_audit", Scope::nobody(), |tx| seal::verify(tx, &verifier).await)
        .map_err(|e: greenfort_store::StoreError| e.to_string())?;
    db.close().await;
    super::print(&describe(&report, &verifier.fingerprint()));
    match report.findings.len() {
        0 => Ok(()),
        found => Err(format!("the audit trail does not verify: {found} findings, named above")),
    }
}

fn describe(report: &Report, fingerprint: &str) -> String {
    let mut text = format!(
        "{} entries in {} seals, {} of them signed by key {fingerprint}, the last signed one is {}\n",
        report.entries, report.seals, report.signatures, report.signed_up_to
    );
    for finding in &report.findings {
        text.push_str(&format!("WRONG  {finding}\n"));
    }
    for entry in &report.unsealed {
        text.push_str(&format!("not sealed yet  {entry}\n"));
    }
    text
}
