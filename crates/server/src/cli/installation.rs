//! Opening the data folder: configuration, key ring, database.

use crate::config::Config;
use greenfort_kernel::World;
use greenfort_store::cluster::{Cluster, ClusterOptions};
use greenfort_store::crypt::{KeyRing, RingFile};
use greenfort_store::{Db, DbAddress, DbRole, migrate};
use sqlx::postgres::PgConnectOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the database in the private cluster.
pub(crate) const DATABASE: &str = "greenfort";

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
    cluster: Option<Cluster>,
}

impl Installation {
    /// Starts the private cluster (or takes the configured server), migrates, and reads the key ring.
    pub(crate) async fn open(config: Config, world: World) -> Result<Self, String> {
        let (address, cluster) = if let Some(address) = configured_address(&config)? {
            (address, None)
        } else {
            let options =
                ClusterOptions { binaries: config.database.bin.clone(), ..ClusterOptions::default() };
            let cluster = Cluster::start(&config.data, &options).await.map_err(|e| e.to_string())?;
            cluster.ensure_database(DATABASE).await.map_err(|e| format!("making the database: {e}"))?;
            (cluster.address(DATABASE), Some(cluster))
        };
        migrate::migrate(&address).await.map_err(|e| format!("bringing the database up to date: {e}"))?;
        let keys = Arc::new(open_ring(&config, &world)?);
        Ok(Self { config: Arc::new(config), world, keys, address, cluster })
    }

    pub(crate) fn db(&self, role: DbRole, connections: u32) -> Db {
        Db::open(&self.address, role, connections, self.world.clone(), Arc::clone(&self.keys))
    }

    pub(crate) async fn close(self) -> Result<(), String> {
        match self.cluster {
            Some(cluster) => cluster.stop().await.map_err(|e| e.to_string()),
            None => Ok(()),
        }
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
        let folder = path.parent().unwrap_or(&config.data);
        std::fs::create_dir_all(folder).map_err(|e| format!("making {}: {e}", folder.display()))?;
        RingFile::generate(world).write(&path).map_err(|e| e.to_string())?;
    }
    RingFile::read(&path).and_then(|file| file.load(world.clone())).map_err(|e| e.to_string())
}
