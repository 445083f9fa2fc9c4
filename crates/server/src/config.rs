//! One configuration: defaults, then `greenfort.toml`, then `GREENFORT_…` variables (`__` between levels), then flags.

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Every setting. Each says what it is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address to listen on; loopback unless a proxy or TLS stands before it.
    pub listen: SocketAddr,
    /// Everything this installation owns: database cluster, keys, uploads, logs.
    pub data: PathBuf,
    /// Address people use, for links and QR codes, without a trailing slash.
    pub public_url: String,
    /// Number printed where people need help.
    pub hotline: String,
    pub database: DatabaseConfig,
    pub tls: Option<TlsConfig>,
    pub log: LogConfig,
    /// Secret with which a monitor on another machine may read /metrics; without it only this machine may.
    pub monitor_token: Option<String>,
    pub access: AccessConfig,
    pub messages: MessagesConfig,
    /// Demonstration: synthetic province, one-click sign-in, labelled everywhere. Never with real people.
    pub demo: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// A server of your own, as its owner; without it a private cluster runs in the data folder.
    pub url: Option<String>,
    /// The same as `greenfort_app` (requests).
    pub app_url: Option<String>,
    /// The same as `greenfort_worker` (jobs).
    pub worker_url: Option<String>,
    /// Folder of PostgreSQL's programs, when they are not found.
    pub bin: Option<PathBuf>,
    /// Connections for requests.
    pub connections: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// As `RUST_LOG`.
    pub filter: String,
}

/// Signing in: what it costs to guess, and how many requests one address may make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// Argon2id memory of a password, KiB.
    pub password_memory_kib: u32,
    /// Argon2id passes over it.
    pub password_iterations: u32,
    /// The same for badge PINs, which are keyed with the ring besides, so that five hundred take seconds.
    pub pin_memory_kib: u32,
    pub pin_iterations: u32,
    /// Passwords and PINs hashed at the same time; more wait.
    pub hashes_at_once: usize,
    /// Requests a second from one address in the long run; a whole sampling site may stand behind one.
    pub requests_per_second: NonZeroU32,
    /// Requests at once before that counts.
    pub request_burst: NonZeroU32,
    /// Searches for people by one account on one day, before it has to go by the lists.
    pub searches_per_day: NonZeroU32,
    /// Addresses of the proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self {
            password_memory_kib: 19_456,
            password_iterations: 2,
            pin_memory_kib: 4_096,
            pin_iterations: 1,
            hashes_at_once: 2,
            requests_per_second: NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN),
            request_burst: NonZeroU32::new(1_000).unwrap_or(NonZeroU32::MIN),
            searches_per_day: NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN),
            proxies: Vec::new(),
        }
    }
}

/// How messages reach phones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessagesConfig {
    pub gateway: GatewayKind,
    /// Where a POST goes for each message.
    pub url: String,
    /// Headers of that POST, for instance the operator's key.
    pub headers: BTreeMap<String, String>,
    /// JSON body of that POST; `{phone}` (0912…), `{phone_e164}` (+84912…) and `{text}` are filled in.
    pub body: String,
    pub timeout_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    /// Lines in `messages.log` of the data folder: for trying out, and where an operator reads codes aloud.
    Log,
    /// An SMS operator's HTTP interface.
    Http,
}

impl Default for MessagesConfig {
    fn default() -> Self {
        Self {
            gateway: GatewayKind::Log,
            url: String::new(),
            headers: BTreeMap::new(),
            body: r#"{"to":"{phone_e164}","text":"{text}"}"#.into(),
            timeout_s: 10,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info,sqlx=warn".into() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: "data".into(),
            public_url: "http://localhost:8080".into(),
            hotline: "1900 9095".into(),
            database: DatabaseConfig::default(),
            tls: None,
            log: LogConfig::default(),
            monitor_token: None,
            access: AccessConfig::default(),
            messages: MessagesConfig::default(),
            demo: false,
        }
    }
}

impl Config {
    /// Reads defaults, file and environment. `DATABASE_URL` is taken for `database.url`.
    ///
    /// # Errors
    /// Which setting is wrong and where it came from; unknown settings are refused.
    pub fn read(file: Option<&Path>) -> Result<Self, Box<figment::Error>> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        figment = match file {
            Some(path) => figment.merge(Toml::file_exact(path)),
            None => figment.merge(Toml::file("greenfort.toml")),
        };
        figment = figment.merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()));
        figment
            .merge(Env::prefixed("GREENFORT_").ignore(&["bin", "test_cluster", "interop"]).split("__"))
            .extract()
            .map_err(Box::new)
    }

    /// The key ring lies beside the database, never in it.
    pub fn ring_path(&self) -> PathBuf {
        self.data.join("keys").join("ring.json")
    }

    /// Signs the audit trail; only the worker reads it.
    pub fn seal_key_path(&self) -> PathBuf {
        self.data.join("keys").join("seal.json")
    }
}
