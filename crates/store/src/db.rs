//! Connections and transactions. Every read and write goes through [`tx!`](crate::tx).

use crate::crypt::KeyRing;
use crate::error::{Result, StoreError};
use greenfort_kernel::{LaboratoryId, OrganisationId, PersonId, UnitId, World};
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
    /// Organisations whose people may be seen, with those that belong to them.
    pub organisations: Vec<OrganisationId>,
    /// Laboratories whose consignments may be seen.
    pub laboratories: Vec<LaboratoryId>,
}

impl Scope {
    /// Sees no person at all: sign-in, figures, units.
    pub fn nobody() -> Self {
        Self::default()
    }

    pub fn area(roots: impl IntoIterator<Item = UnitId>) -> Self {
        Self { area: roots.into_iter().collect(), ..Self::default() }
    }

    pub fn persons(persons: impl IntoIterator<Item = PersonId>) -> Self {
        Self { persons: persons.into_iter().collect(), ..Self::default() }
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

/// Runs a block in one transaction named `name` (for logs and metrics), seeing what `scope` may see.
///
/// ```ignore
/// let units = tx!(app.db, "list_units", Scope::nobody(), |tx| units::list(tx, on, &filter).await)?;
/// tx!(app.db, "end_grant", scope, |tx| -> Result<(), Refusal> { …; Ok(()) })?;
/// ```
///
/// The block may run up to five times: serialization failures and deadlocks are tried again, so it must do nothing
/// outside the transaction. An error rolls everything back. (A macro, because a closure over borrowed values cannot
/// yet promise a `Send` future: see docs/decisions.)
#[macro_export]
macro_rules! tx {
    ($db:expr, $name:literal, $scope:expr, |$tx:ident| $body:expr) => {
        $crate::tx!(@run $db, $name, $scope, $tx, async { $body })
    };
    ($db:expr, $name:literal, $scope:expr, |$tx:ident| -> $result:ty $body:block) => {
        $crate::tx!(@run $db, $name, $scope, $tx, async { let done: $result = async { $body }.await; done })
    };
    (@run $db:expr, $name:literal, $scope:expr, $tx:ident, $work:expr) => {{
        let db: &$crate::Db = &$db;
        let scope: &$crate::Scope = &$scope;
        let mut attempts = $crate::Attempts::of($name);
        loop {
            let mut running = match db.begin(scope).await {
                Ok(running) => running,
                Err(error) => break Err(error.into()),
            };
            let outcome = {
                let $tx = &mut running;
                $work.await
            };
            if let Some(done) = attempts.end(running, outcome).await {
                break done;
            }
        }
    }};
}

/// Ends transactions and counts how often the same work was tried.
#[doc(hidden)]
pub struct Attempts {
    name: &'static str,
    made: u32,
}

impl Attempts {
    const MOST: u32 = 5;

    pub fn of(name: &'static str) -> Self {
        Self { name, made: 0 }
    }

    /// Commits or rolls back. None: try again.
    pub async fn end<T, E>(&mut self, tx: Tx, outcome: Result<T, E>) -> Option<Result<T, E>>
    where
        E: From<StoreError> + Retryable,
    {
        let outcome = match outcome {
            Ok(value) => tx.inner.commit().await.map(|()| value).map_err(|e| E::from(StoreError::Sql(e))),
            Err(error) => {
                // A rollback that fails closes the connection, which rolls back as well.
                let _ = tx.inner.rollback().await;
                Err(error)
            }
        };
        self.made += 1;
        let name = self.name;
        if outcome.as_ref().is_err_and(E::is_retryable) && self.made < Self::MOST {
            metrics::counter!("greenfort_tx_retries", "tx" => name).increment(1);
            tracing::debug!(tx = name, made = self.made, "transaction tried again");
            return None;
        }
        let result = if outcome.is_ok() { "ok" } else { "error" };
        metrics::counter!("greenfort_tx", "tx" => name, "result" => result).increment(1);
        Some(outcome)
    }
}

impl Db {
    /// Opens a pool. Connections are made on demand; the first use reports an unreachable database.
    pub fn open(
        address: &DbAddress,
        role: DbRole,
        connections: u32,
        world: World,
        keys: Arc<KeyRing>,
    ) -> Self {
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

    /// Begins a transaction that sees what `scope` may see. Use [`tx!`](crate::tx), which also ends and retries it.
    ///
    /// # Errors
    /// When no connection is to be had.
    #[doc(hidden)]
    #[expect(clippy::disallowed_methods, reason = "this is what the lint points to")]
    pub async fn begin(&self, scope: &Scope) -> Result<Tx> {
        let mut inner = self.pool.begin().await?;
        if self.role == DbRole::App {
            sqlx::query(
                "select set_config('greenfort.area', $1, true), set_config('greenfort.persons', $2, true),
                        set_config('greenfort.organisations', $3, true),
                        set_config('greenfort.laboratories', $4, true), set_config('greenfort.today', $5, true)",
            )
            .bind(array(&scope.area))
            .bind(array(&scope.persons))
            .bind(array(&scope.organisations))
            .bind(array(&scope.laboratories))
            .bind(self.world.today().to_string())
            .execute(&mut *inner)
            .await?;
        }
        Ok(Tx { inner, world: self.world.clone(), keys: Arc::clone(&self.keys) })
    }

    /// A connection that hears what commits announce.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub(crate) async fn listener(&self) -> Result<sqlx::postgres::PgListener> {
        Ok(sqlx::postgres::PgListener::connect_with(&self.pool).await?)
    }

    /// True when the database answers.
    pub async fn is_reachable(&self) -> bool {
        sqlx::query("select 1").execute(&self.pool).await.is_ok()
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Ids as the text of an array of PostgreSQL.
fn array(ids: &[impl ToString]) -> String {
    format!("{{{}}}", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
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
