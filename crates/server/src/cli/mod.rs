//! The command line.

mod demo;
mod installation;
mod pass;
mod pooling;
mod serve;

use clap::{Parser, Subcommand};
use greenfort_kernel::{Entropy as _, SystemEntropy};
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Serve everything in one process group: web and worker.
    Serve(serve::ServeArgs),
    /// Serve a synthetic province in September 2021: nobody in it is real.
    Demo(demo::DemoArgs),
    /// Group testing: pool sizes, plans, simulations.
    Pooling(Box<pooling::PoolingArgs>),
    /// Signed passes: show, verify, keys, codes, conformance.
    #[command(subcommand)]
    Pass(Box<pass::PassCommand>),
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
    print!("{text}");
}
