//! Connections and transactions. Every read and write goes through [`Db::tx`].

use crate::crypt::KeyRing;
use crate::error::{Result, StoreError};
use greenfort_kernel::{PersonId, UnitId, World};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{PgConnection, Postgres, Transaction};
use std::sync::Arc;
use std::time::Duration;

/// Whose eyes a transaction has: row-level security shows it nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Roots of the units whose people may be seen.
    pub area: Vec<UnitId>,
    /// Persons linked to a signed-in citizen.
    pub persons: Vec<PersonId>,
}

impl Scope {
    /// Sees no person at all: sign-in, figures, units.
    pub fn nobody() -> Self {
        Self::default()
    }

    pub fn area(roots: impl IntoIterator<Item = UnitId>) -> Self {
        Self { area: roots.into_iter().collect(), persons: Vec::new() }
    }

    pub fn persons(persons: impl IntoIterator<Item = PersonId>) -> Self {
        Self { area: Vec::new(), persons: persons.into_iter().collect() }
    }
}

/// The database role a process works as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbRole {
    /// Migrations, bulk loads, retention. Not subject to row-level security.
    Owner,
    /// Requests.
    App,
    /// Jobs.
    Worker,
}

impl DbRole {
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Owner => None,
            Self::App => Some("greenfort_app"),
            Self::Worker => Some("greenfort_worker"),
        }
    }
}

/// Where the database is.
#[derive(Debug, Clone)]
pub struct DbAddress {
    /// Connects as the owner of the schema.
    pub owner: PgConnectOptions,
    /// Connects as `greenfort_app`; without it the owner's connection steps down with `SET ROLE`.
    pub app: Option<PgConnectOptions>,
    /// Connects as `greenfort_worker`; without it the owner's connection steps down with `SET ROLE`.
    pub worker: Option<PgConnectOptions>,
}

impl DbAddress {
    pub fn owner_only(owner: PgConnectOptions) -> Self {
        Self { owner, app: None, worker: None }
    }
}

/// A pool of connections under one role. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    role: DbRole,
    world: World,
    keys: Arc<KeyRing>,
}

/// A running transaction with the tools that its statements need.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    pub world: World,
    pub keys: Arc<KeyRing>,
}

impl Tx {
    /// The connection, for `sqlx` queries: `.execute(tx.conn())`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

const ATTEMPTS: u32 = 5;

impl Db {
    /// Opens a pool. Connections are made on demand; the first use reports an unreachable database.
    pub fn open(address: &DbAddress, role: DbRole, connections: u32, world: World, keys: Arc<KeyRing>) -> Self {
        let (options, step_down) = match role {
            DbRole::Owner => (address.owner.clone(), None),
            DbRole::App => match &address.app {
                Some(own) => (own.clone(), None),
                None => (address.owner.clone(), role.name()),
            },
            DbRole::Worker => match &address.worker {
                Some(own) => (own.clone(), None),
                None => (address.owner.clone(), role.name()),
            },
        };
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |conn, _| {
                Box::pin(async move {
                    if let Some(role) = step_down {
                        sqlx::query("select set_config('role', $1, false)").bind(role).execute(conn).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(options.application_name("greenfort"));
        Self { pool, role, world, keys }
    }

    pub fn role(&self) -> DbRole {
        self.role
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// Runs `work` in one transaction named `name` (for logs and metrics), seeing what `scope` may see.
    ///
    /// `work` may run several times: serialization failures and deadlocks are tried again up to five times,
    /// so it must do nothing outside the transaction.
    ///
    /// # Errors
    /// What `work` returned, or the database's error when it could not begin or commit.
    pub async fn tx<T, E, F>(&self, name: &'static str, scope: &Scope, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E>,
        E: From<StoreError> + Retryable,
    {
        let mut attempt = 1;
        loop {
            let mut tx = self.begin(scope).await.map_err(E::from)?;
            let outcome = match work(&mut tx).await {
                Ok(value) => match tx.inner.commit().await {
                    Ok(()) => Ok(value),
                    Err(error) => Err(E::from(StoreError::Sql(error))),
                },
                Err(error) => {
                    // A failed rollback closes the connection, which rolls back as well.
                    let _ = tx.inner.rollback().await;
                    Err(error)
                }
            };
            match outcome {
                Err(error) if attempt < ATTEMPTS && error.is_retryable() => {
                    metrics::counter!("greenfort_tx_retries", "tx" => name).increment(1);
                    tracing::debug!(tx = name, attempt, "transaction tried again");
                    attempt += 1;
                }
                done => {
                    let result = if done.is_ok() { "ok" } else { "error" };
                    metrics::counter!("greenfort_tx", "tx" => name, "result" => result).increment(1);
                    return done;
                }
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "Db::tx is what the lint points to")]
    async fn begin(&self, scope: &Scope) -> Result<Tx> {
        let mut inner = self.pool.begin().await?;
        if self.role == DbRole::App {
            let area: Vec<String> = scope.area.iter().map(UnitId::to_string).collect();
            let persons: Vec<String> = scope.persons.iter().map(PersonId::to_string).collect();
            sqlx::query(
                "select set_config('greenfort.area', $1, true), set_config('greenfort.persons', $2, true),
                        set_config('greenfort.today', $3, true)",
            )
            .bind(format!("{{{}}}", area.join(",")))
            .bind(format!("{{{}}}", persons.join(",")))
            .bind(self.world.today().to_string())
            .execute(&mut *inner)
            .await?;
        }
        Ok(Tx { inner, world: self.world.clone(), keys: Arc::clone(&self.keys) })
    }

    /// True when the database answers.
    pub async fn is_reachable(&self) -> bool {
        sqlx::query("select 1").execute(&self.pool).await.is_ok()
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Errors that say whether the whole transaction is worth another attempt.
pub trait Retryable {
    fn is_retryable(&self) -> bool;
}

impl Retryable for StoreError {
    fn is_retryable(&self) -> bool {
        StoreError::is_retryable(self)
    }
}
