//! `greenfort web`: answers requests; holds no signing key.

use super::CliResult;
use super::child::{Handover, told_to_stop, world};
use super::installation::Installation;
use crate::access::Access;
use crate::app::App;
use crate::config::Config;
use crate::http;
use axum_server::Handle;
use clap::Args;
use greenfort_store::DbRole;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct WebArgs {
    /// Address to listen on, over the configuration's.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Started by `greenfort serve`.
    #[arg(long, hide = true)]
    supervised: bool,
}

/// Time given to requests in flight when stopping.
const GRACE: Duration = Duration::from_secs(20);

pub(super) fn run(read: impl FnOnce() -> Result<Config, String>, args: &WebArgs) -> CliResult {
    let handover = if args.supervised {
        Handover::read()?
    } else {
        let mut config = read()?;
        config.listen = args.listen.unwrap_or(config.listen);
        Handover { config, socket: None }
    };
    super::start_logging(&handover.config);
    super::runtime()?.block_on(async {
        let world = world(&handover.config)?;
        let installation = Installation::attach(handover.config, world, handover.socket.as_deref(), "web")?;
        answer(&installation, args.supervised).await
    })
}

async fn answer(installation: &Installation, supervised: bool) -> CliResult {
    let config = &installation.config;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&http::health::BUCKETS)
        .map_err(|e| format!("measuring: {e}"))?;
    let access = Access::new(config, &installation.world)?;
    let app = App {
        access: std::sync::Arc::new(access),
        db: installation.db(DbRole::App, config.database.connections.unwrap_or(40)),
        config: std::sync::Arc::clone(config),
        metrics: recorder.install_recorder().ok(),
    };
    // The demonstration has accounts of its own.
    if !config.demo
        && let Some(link) = http::first_run::link(&app).await.map_err(|e| e.to_string())?
    {
        // On the standard error: what `serve` reads from us is the line that says we are ready.
        eprintln!("No administrator yet. Open this link once, within 24 hours:\n{link}");
    }
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            told_to_stop(supervised).await;
            tracing::info!("web stops: no new requests, those in flight are finished");
            handle.graceful_shutdown(Some(GRACE));
        }
    });
    tokio::spawn({
        let handle = handle.clone();
        async move {
            if let Some(listen) = handle.listening().await {
                tracing::info!(%listen, "serving");
                super::print(&format!("ready {listen}\n"));
            }
        }
    });
    let listen = config.listen;
    let service = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let served = match &config.tls {
        None => axum_server::bind(listen).handle(handle).serve(service).await,
        Some(tls) => {
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let tls = axum_server::tls_rustls::RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
                .await
                .map_err(|e| format!("reading the TLS certificate and key: {e}"))?;
            axum_server::bind_rustls(listen, tls).handle(handle).serve(service).await
        }
    };
    app.db.close().await;
    served.map_err(|e| format!("listening on {listen}: {e}"))
}
