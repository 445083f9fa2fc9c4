//! `greenfort serve`: answer requests until told to stop.

use super::CliResult;
use super::installation::Installation;
use crate::access::Access;
use crate::app::App;
use crate::config::{Config, LogFormat};
use crate::http;
use axum_server::Handle;
use clap::Args;
use greenfort_kernel::World;
use greenfort_store::DbRole;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address to listen on, over the configuration's.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

/// Time given to requests in flight when stopping.
const GRACE: Duration = Duration::from_secs(20);

pub(super) fn run(mut config: Config, args: &ServeArgs) -> CliResult {
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    start_logging(&config);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let installation = Installation::open(config, World::system()).await?;
        let served = serve(&installation).await;
        installation.close().await?;
        served
    })
}

pub(super) async fn serve(installation: &Installation) -> CliResult {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new();
    let access = Access::new(&installation.config, &installation.world)?;
    let app = App {
        access: std::sync::Arc::new(access),
        db: installation.db(DbRole::App, installation.config.database.connections.unwrap_or(40)),
        config: std::sync::Arc::clone(&installation.config),
        metrics: recorder.install_recorder().ok(),
    };
    // The demonstration has accounts of its own.
    if !app.config.demo
        && let Some(link) = http::first_run::link(&app).await.map_err(|e| e.to_string())?
    {
        super::print(&format!("No administrator yet. Open this link once, within 24 hours:\n{link}\n"));
    }
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let listen = installation.config.listen;
    let service = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tracing::info!(%listen, "serving");
    let served = match &installation.config.tls {
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

/// Ctrl-C or SIGTERM: take no more, finish what is in flight.
async fn stop_on_signal(handle: Handle<SocketAddr>) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(GRACE));
}

pub(super) fn start_logging(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
