//! `greenfort demo`: the synthetic province, served on localhost.

use super::CliResult;
use super::installation::Installation;
use super::serve::serve;
use super::start_logging;
use crate::config::Config;
use crate::demo::clock;
use crate::demo::load::{DemoProvince, load_province};
use clap::Args;
use greenfort_kernel::{SystemEntropy, World};
use greenfort_store::DbRole;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Port on localhost.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Only this district's people, e.g. 831 (Châu Thành).
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// Seed of the synthetic province.
    #[arg(long, default_value_t = 2021)]
    seed: u64,
    /// Load, then stop.
    #[arg(long)]
    load_only: bool,
}

pub(super) fn run(mut config: Config, args: &DemoArgs) -> CliResult {
    config.demo = true;
    config.listen = SocketAddr::from(([127, 0, 0, 1], args.port));
    config.public_url = format!("http://localhost:{}", args.port);
    start_logging(&config);
    let world = World::new(Arc::new(clock::of(&config.data)?), Arc::new(SystemEntropy));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let installation = Installation::open(config, world).await?;
        let done = work(&installation, args).await;
        installation.close().await?;
        done
    })
}

async fn work(installation: &Installation, args: &DemoArgs) -> CliResult {
    let owner = installation.db(DbRole::Owner, 4);
    let province = DemoProvince { seed: args.seed, district: args.district.clone() };
    let load = async move {
        let loaded = load_province(&owner, &province, |what| tracing::info!("demonstration: {what}")).await;
        owner.close().await;
        loaded
    };
    if args.load_only {
        return load.await;
    }
    let port = args.port;
    let loading = tokio::spawn(async move {
        match load.await {
            Ok(()) => tracing::info!("demonstration: the province stands; open http://localhost:{port}"),
            Err(error) => tracing::error!("demonstration: loading stopped: {error}; start again to go on"),
        }
    });
    super::print(&format!("Greenfort demonstration: http://localhost:{}\n", args.port));
    let served = serve(installation).await;
    loading.abort();
    served
}
