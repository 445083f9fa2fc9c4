//! What every handler may use.

use crate::access::Access;
use crate::config::Config;
use greenfort_kernel::World;
use greenfort_store::Db;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// Shared by all requests. Cheap to clone. Holds no signing key: the process that faces the web has none.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub config: Arc<Config>,
    /// Password hashing, request limits, the way to phones.
    pub access: Arc<Access>,
    /// Renders what has been counted; absent where nobody asked for metrics.
    pub metrics: Option<PrometheusHandle>,
}

impl App {
    pub fn world(&self) -> &World {
        self.db.world()
    }
}
