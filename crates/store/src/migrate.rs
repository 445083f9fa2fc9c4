//! Bringing a database to the schema of this program.

use crate::db::{DbAddress, DbRole};
use crate::error::Result;
use sqlx::{Connection, Executor, PgConnection};

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Makes the two working roles where they are missing and applies all migrations not yet applied, under a lock:
/// two processes that start together do not collide.
///
/// # Errors
/// When the database cannot be reached, was migrated by a newer program, or a migration fails (it is rolled back).
pub async fn migrate(address: &DbAddress) -> Result<()> {
    let mut conn = PgConnection::connect_with(&address.owner).await?;
    make_roles(&mut conn).await?;
    MIGRATOR.run(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// Makes the working roles where they are missing: a restored dump grants rights to them.
///
/// # Errors
/// When the database refuses.
pub async fn make_roles(conn: &mut PgConnection) -> Result<()> {
    for role in [DbRole::App, DbRole::Worker].into_iter().filter_map(DbRole::name) {
        // Roles are shared by all databases of a cluster; another database's migration may be making them now.
        conn.execute(sqlx::AssertSqlSafe(format!(
            "do $$ begin
                perform pg_advisory_xact_lock(7083001);
                if not exists (select from pg_roles where rolname = '{role}') then create role {role} login; end if;
                execute format('grant {role} to %I', current_user);
            exception when duplicate_object then null;
            end $$"
        )))
        .await?;
    }
    Ok(())
}

/// Migrations of this program, and those of them that the database has not seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn pending(address: &DbAddress) -> Result<(usize, Vec<String>)> {
    let mut conn = PgConnection::connect_with(&address.owner).await?;
    let applied: Vec<i64> =
        sqlx::query_scalar("select version from _sqlx_migrations where success").fetch_all(&mut conn).await?;
    conn.close().await?;
    let missing = MIGRATOR
        .iter()
        .filter(|m| !applied.contains(&m.version))
        .map(|m| format!("{:04} {}", m.version, m.description))
        .collect();
    Ok((applied.len(), missing))
}

/// A short hash of all migrations: names the template database of the tests.
pub fn fingerprint() -> String {
    let mut all = Vec::new();
    for migration in MIGRATOR.iter() {
        all.extend_from_slice(&migration.checksum);
    }
    hex::encode(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &all).as_ref()[..6])
}
