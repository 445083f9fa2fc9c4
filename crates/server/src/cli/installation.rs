//! Opening the data folder: configuration, key ring, database.

use crate::config::Config;
use greenfort_kernel::World;
use greenfort_store::cluster::{Cluster, ClusterOptions, running_socket};
use greenfort_store::crypt::{KeyRing, RingFile};
use greenfort_store::{Db, DbAddress, DbRole, migrate};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Name of the database in the private cluster.
pub(crate) const DATABASE: &str = "greenfort";

/// Stands in a data folder while a backup is restored into it.
pub(crate) const RESTORING: &str = "restoring";

pub(crate) fn read_config(file: Option<&Path>, data: Option<PathBuf>) -> Result<Config, String> {
    let mut config = Config::read(file).map_err(|e| format!("configuration: {e}"))?;
    if let Some(data) = data {
        config.data = data;
    }
    Ok(config)
}

/// An open installation. Close it, so that PostgreSQL stops cleanly.
pub(crate) struct Installation {
    pub config: Arc<Config>,
    pub world: World,
    pub keys: Arc<KeyRing>,
    pub address: DbAddress,
    cluster: Option<Mutex<Cluster>>,
}

impl Installation {
    /// Starts the private cluster (or takes the configured server), migrates, and reads the key ring.
    pub(crate) async fn open(config: Config, world: World) -> Result<Self, String> {
        if config.data.join(RESTORING).exists() {
            return Err(format!(
                "{} holds a restore that is still running or was cut: give `greenfort restore` again",
                config.data.display()
            ));
        }
        let (address, cluster) = if let Some(address) = configured_address(&config)? {
            (address, None)
        } else {
            let options =
                ClusterOptions { binaries: config.database.bin.clone(), ..ClusterOptions::default() };
            let cluster = Cluster::start(&config.data, &options).await.map_err(|e| e.to_string())?;
            cluster.ensure_database(DATABASE).await.map_err(|e| format!("making the database: {e}"))?;
            (cluster.address(DATABASE), Some(Mutex::new(cluster)))
        };
        migrate::migrate(&address).await.map_err(|e| format!("bringing the database up to date: {e}"))?;
        let keys = Arc::new(open_ring(&config, &world)?);
        Ok(Self { config: Arc::new(config), world, keys, address, cluster })
    }

    /// The database of a server that is running, or else opens the installation itself: for commands that only read.
    pub(crate) async fn join(config: Config, world: World) -> Result<Self, String> {
        match running_socket(&config.data) {
            Some(socket) if config.database.url.is_none() && is_answering(&socket).await => {
                Self::attach(config, world, Some(&socket), "this command")
            }
            _ => Self::open(config, world).await,
        }
    }

    /// A database that somebody else runs: the parent's cluster behind `socket`, or the configured server.
    pub(crate) fn attach(
        config: Config,
        world: World,
        socket: Option<&Path>,
        who: &str,
    ) -> Result<Self, String> {
        let address = match (configured_address(&config)?, socket) {
            (Some(address), _) => address,
            (None, Some(socket)) => greenfort_store::cluster::address(socket, DATABASE),
            (None, None) => {
                return Err(format!(
                    "`{who}` alone needs database.url (or DATABASE_URL); `greenfort serve` runs everything by itself"
                ));
            }
        };
        let keys = Arc::new(open_ring(&config, &world)?);
        Ok(Self { config: Arc::new(config), world, keys, address, cluster: None })
    }

    pub(crate) fn db(&self, role: DbRole, connections: u32) -> Db {
        Db::open(&self.address, role, connections, self.world.clone(), Arc::clone(&self.keys))
    }

    /// Socket of the private cluster.
    pub(crate) async fn socket(&self) -> Option<PathBuf> {
        match &self.cluster {
            Some(cluster) => Some(cluster.lock().await.socket().to_path_buf()),
            None => None,
        }
    }

    /// Starts the private cluster again if it ended although nobody stopped it.
    pub(crate) async fn revive_cluster(&self) -> Result<(), String> {
        let Some(cluster) = &self.cluster else { return Ok(()) };
        let mut cluster = cluster.lock().await;
        if cluster.has_ended() {
            tracing::error!("PostgreSQL ended by itself; it is started again and recovers from its log");
            cluster.restart().await.map_err(|e| format!("PostgreSQL ended and did not come back: {e}"))?;
            tracing::info!("PostgreSQL is back");
        }
        Ok(())
    }

    pub(crate) async fn close(self) -> Result<(), String> {
        match self.cluster {
            Some(cluster) => cluster.into_inner().stop().await.map_err(|e| e.to_string()),
            None => Ok(()),
        }
    }
}

async fn is_answering(socket: &Path) -> bool {
    let options = greenfort_store::cluster::connect_options(socket, DATABASE, "postgres");
    match PgConnection::connect_with(&options).await {
        Ok(conn) => conn.close().await.is_ok(),
        Err(_) => false,
    }
}

fn configured_address(config: &Config) -> Result<Option<DbAddress>, String> {
    let parse = |name: &str, url: &String| {
        url.parse::<PgConnectOptions>().map_err(|e| format!("database.{name} is no PostgreSQL address: {e}"))
    };
    let database = &config.database;
    let Some(owner) = &database.url else { return Ok(None) };
    Ok(Some(DbAddress {
        owner: parse("url", owner)?,
        app: database.app_url.as_ref().map(|url| parse("app_url", url)).transpose()?,
        worker: database.worker_url.as_ref().map(|url| parse("worker_url", url)).transpose()?,
    }))
}

/// Reads the key ring, making it on the first start.
fn open_ring(config: &Config, world: &World) -> Result<KeyRing, String> {
    let path = config.ring_path();
    if !path.exists() {
        RingFile::generate(world).write(&path).map_err(|e| e.to_string())?;
    }
    RingFile::read(&path).and_then(|file| file.load(world.clone())).map_err(|e| e.to_string())
}
