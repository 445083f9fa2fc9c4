//! For tests only: a private database a test on one shared cluster, a clock that is moved by hand, seeded randomness.
#![expect(clippy::expect_used, reason = "a test that cannot set itself up must stop loudly")]

mod cluster;

use greenfort_kernel::{ManualClock, SeededEntropy, World};
use greenfort_store::crypt::{KeyRing, RingFile};
use greenfort_store::{Db, DbAddress, DbRole, Scope, jobs, tx};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::path::PathBuf;
use std::sync::Arc;

/// 8 September 2021, 06:00 in Bến Tre: the eve of the first deployment's reopening.
pub const START: &str = "2021-09-07T23:00:00Z";

/// A database of its own with all migrations, dropped at the end.
pub struct TestDb {
    pub name: String,
    pub address: DbAddress,
    pub world: World,
    pub clock: Arc<ManualClock>,
    pub keys: Arc<KeyRing>,
    /// What `keys` was loaded from, to rotate it.
    pub ring: RingFile,
    socket: PathBuf,
}

impl TestDb {
    pub async fn new() -> Self {
        let (socket, name) = cluster::fresh_database().await;
        let clock = Arc::new(ManualClock::new(START.parse().expect("a time")));
        let world = World::new(clock.clone(), Arc::new(SeededEntropy::new(2021)));
        let ring = RingFile::generate(&world);
        let keys = Arc::new(ring.load(world.clone()).expect("a fresh ring loads"));
        let address = greenfort_store::cluster::address(&socket, &name);
        Self { name, address, world, clock, keys, ring, socket }
    }

    /// A pool under a role.
    pub fn db(&self, role: DbRole) -> Db {
        Db::open(&self.address, role, 8, self.world.clone(), Arc::clone(&self.keys))
    }

    /// A plain connection as the owner, past row-level security: to look at what is really stored.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.address.owner).await.expect("the test cluster answers")
    }

    /// Runs SQL as the owner.
    pub async fn execute(&self, sql: &str) {
        self.owner().await.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.expect(sql);
    }

    /// Fails the test when a job that is due was not carried out, or was given up.
    pub async fn assert_no_job_left(&self) {
        let worker = self.db(DbRole::Worker);
        let left = tx!(worker, "unfinished", Scope::nobody(), |tx| jobs::unfinished(tx, true).await)
            .expect("the jobs can be read");
        let names: Vec<String> = left
            .iter()
            .map(|j| {
                format!("{} {} ({})", j.kind, j.unique_key, j.last_error.as_deref().unwrap_or("never tried"))
            })
            .collect();
        assert!(names.is_empty(), "jobs left unrun: {}", names.join(", "));
    }

    /// Everything stored, as a dump shows it.
    pub fn dump(&self) -> Vec<u8> {
        let bin = greenfort_store::cluster::find_binaries(None).expect("PostgreSQL is installed");
        let output = std::process::Command::new(bin.join("pg_dump"))
            .args(["-U", "postgres", "-h"])
            .arg(&self.socket)
            .arg(&self.name)
            .output()
            .expect("pg_dump starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        cluster::drop_database(&self.socket, &self.name);
    }
}
