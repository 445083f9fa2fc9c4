//! `greenfort key`: the ring of keys that encrypt personal data.

use super::CliResult;
use super::child::world;
use super::installation::Installation;
use crate::config::Config;
use clap::Subcommand;
use greenfort_kernel::World;
use greenfort_store::crypt::{RingFile, SEALED, count_old, reseal_batch};
use greenfort_store::{Db, DbRole, Result, Scope, tx};
use sqlx::{Connection as _, PgConnection};
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// The numbers of the keys, never the keys.
    List,
    /// Make a new key, encrypt everything anew, then forget the old key. The server must not be running.
    /// Cut in the middle, it goes on where it was when called again.
    Rotate,
}

/// Values encrypted anew in one transaction.
const BATCH: i64 = 2000;
/// Times all columns are gone through: once is enough while nobody else writes.
const MOST_PASSES: u32 = 5;

pub(super) fn run(config: Config, command: &KeyCommand) -> CliResult {
    match command {
        KeyCommand::List => {
            let (current, all) = RingFile::read(&config.ring_path()).map_err(|e| e.to_string())?.numbers();
            for number in all {
                let note = if number == current { "current" } else { "old: `greenfort key rotate` goes on" };
                super::print(&format!("key {number}  {note}\n"));
            }
            Ok(())
        }
        KeyCommand::Rotate => super::runtime()?.block_on(async {
            let world = world(&config)?;
            // Opening takes the data folder's lock: a running server would go on sealing with the key that is to go.
            let installation = Installation::open(config, world.clone()).await?;
            let done = rotate(&installation, &world).await;
            installation.close().await?;
            done
        }),
    }
}

async fn rotate(installation: &Installation, world: &World) -> CliResult {
    refuse_while_others_work(installation).await?;
    let path = installation.config.ring_path();
    let mut file = RingFile::read(&path).map_err(|e| e.to_string())?;
    let (_, all) = file.numbers();
    if all.len() > 1 {
        super::print("going on with a rotation that was cut\n");
    } else {
        let number = file.rotate(world);
        // On disk before the first value is sealed with it.
        file.write(&path).map_err(|e| e.to_string())?;
        super::print(&format!("key {number} made\n"));
    }
    let keys = Arc::new(file.load(world.clone()).map_err(|e| e.to_string())?);
    let db = Db::open(&installation.address, DbRole::Owner, 2, world.clone(), keys);
    let outcome = reseal_everything(&db).await;
    db.close().await;
    outcome.map_err(|e| format!("{e}; nothing is lost, both keys are kept: call this again"))?;
    let retired = file.retire_old();
    file.write(&path).map_err(|e| e.to_string())?;
    let retired: Vec<String> = retired.iter().map(u32::to_string).collect();
    super::print(&format!(
        "everything is sealed with key {}; key {} forgotten\n",
        file.numbers().0,
        retired.join(", ")
    ));
    Ok(())
}

/// Goes through all columns until a whole pass finds nothing old; only then may the old key go.
async fn reseal_everything(db: &Db) -> Result<(), String> {
    let text = |e: greenfort_store::StoreError| e.to_string();
    for _ in 0..MOST_PASSES {
        for column in SEALED {
            let mut from = column.row_type.first_row();
            let mut done = 0;
            while let Some((last, count)) =
                tx!(db, "reseal", Scope::nobody(), |tx| reseal_batch(tx, *column, &from, BATCH).await)
                    .map_err(text)?
            {
                from = last;
                done += count;
                super::print(&format!("{}: {done}\n", column.name));
            }
        }
        let mut left = 0;
        for column in SEALED {
            left += tx!(db, "count_old", Scope::nobody(), |tx| count_old(tx, *column).await).map_err(text)?;
        }
        if left == 0 {
            return Ok(());
        }
    }
    Err("values with the old key keep appearing: somebody else is writing".into())
}

/// With a server of one's own the folder's lock says nothing about other machines; the database knows who is there.
async fn refuse_while_others_work(installation: &Installation) -> CliResult {
    let text = |e: sqlx::Error| format!("asking who is connected: {e}");
    let mut conn = PgConnection::connect_with(&installation.address.owner).await.map_err(text)?;
    let others: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and application_name = 'greenfort' and pid <> pg_backend_pid()",
    )
    .fetch_one(&mut conn)
    .await
    .map_err(text)?;
    conn.close().await.map_err(text)?;
    if others > 0 {
        return Err(format!("web or worker is still running ({others} connections): stop them first"));
    }
    Ok(())
}
