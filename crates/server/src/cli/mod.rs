//! The command line.

mod audit;
mod backup;
mod child;
mod demo;
mod doctor;
mod installation;
mod jobs;
mod key;
mod migrate;
mod pass;
mod pass_key;
mod pooling;
mod serve;
mod web;
mod worker;

use crate::config::{Config, LogFormat};
use clap::{Parser, Subcommand};
use greenfort_kernel::{Entropy as _, SystemEntropy};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Greenfort – Pháo Đài Xanh: mass testing of a province, from swab to signed pass.
#[derive(Debug, Parser)]
#[command(name = "greenfort", version, about)]
struct Args {
    /// Configuration file; `greenfort.toml` in the current folder unless told.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder, over the configuration's.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything: the database cluster, web and worker.
    Serve(serve::ServeArgs),
    /// Answer requests only; needs database.url.
    Web(web::WebArgs),
    /// Carry out jobs only; needs database.url.
    Worker(worker::WorkerArgs),
    /// Serve a synthetic province in September 2021: nobody in it is real.
    Demo(demo::DemoArgs),
    /// Group testing: pool sizes, plans, simulations.
    Pooling(Box<pooling::PoolingArgs>),
    /// Signed passes: show, verify, keys, codes, conformance.
    #[command(subcommand)]
    Pass(Box<pass::PassCommand>),
    /// Bring the database to the schema of this program.
    Migrate,
    /// Say what is wrong with this installation and what to do.
    Doctor,
    /// The sealed audit trail.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The keys that encrypt personal data.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Jobs that wait or were given up.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Write database, keys and configuration into one file.
    Backup(backup::BackupArgs),
    /// Make an installation from a backup, in an empty folder.
    Restore(backup::RestoreArgs),
    /// Print the OpenAPI document.
    Openapi,
}

/// What went wrong, in words for the person at the terminal.
pub(crate) type CliResult = Result<(), String>;

pub fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
            {
                eprintln!("greenfort: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> CliResult {
    let read = || installation::read_config(args.config.as_deref(), args.data.clone());
    match args.command {
        Command::Serve(serve) => serve::run(read()?, &serve),
        Command::Web(web) => web::run(read, &web),
        Command::Worker(worker) => worker::run(read, &worker),
        Command::Migrate => migrate::run(read()?),
        Command::Doctor => doctor::run(read()?),
        Command::Audit(audit) => audit::run(read()?, &audit),
        Command::Key(key) => key::run(read()?, &key),
        Command::Jobs(jobs) => jobs::run(read()?, &jobs),
        Command::Backup(backup) => backup::run(read()?, &backup),
        Command::Restore(restore) => backup::restore(&read()?, &restore),
        Command::Demo(demo) => demo::run(read()?, &demo),
        Command::Pooling(pooling) => pooling::run(*pooling),
        Command::Pass(pass) => {
            let world = greenfort_kernel::World::system();
            let report = pass::run(*pass, world.now().as_second(), &mut |bytes| {
                SystemEntropy.fill(bytes);
                true
            })
            .map_err(|e| e.to_string())?;
            print(&report.text);
            if report.ok { Ok(()) } else { Err("not everything passed".to_owned()) }
        }
        Command::Openapi => {
            let document = crate::http::openapi::document().map_err(|e| e.to_string())?;
            print(&document);
            Ok(())
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub(crate) fn print(text: &str) {
    use std::io::Write as _;
    print!("{text}");
    // A parent or a pipe waits for it.
    let _ = std::io::stdout().flush();
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())
}

pub(crate) fn start_logging(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
