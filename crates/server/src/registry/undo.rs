//! The job that undoes an import, in one transaction.

use crate::worker::{Context, JobFailed};
use greenfort_kernel::ImportId;
use greenfort_store::audit::{Actor, Entry, record};
use greenfort_store::jobs::Leased;
use greenfort_store::registry::import::undo;
use greenfort_store::{Scope, StoreError, tx};

/// # Errors
/// When the database fails; the job is then tried again from the beginning.
pub async fn carry_out(context: Context, job: Leased) -> Result<(), JobFailed> {
    let id: ImportId = serde_json::from_value(job.payload["import"].clone())
        .map_err(|e| JobFailed(format!("no import: {e}")))?;
    tx!(context.db, "undo_import", Scope::nobody(), |tx| -> Result<(), StoreError> {
        let Some((import, put_back, left)) = undo::carry_out(tx, id).await? else { return Ok(()) };
        let entry = Entry {
            actor: Actor::Account(import.account),
            action: "registry.undo_import",
            object_kind: "import",
            object_id: id.to_string(),
            unit: Some(import.unit),
            detail: serde_json::json!({ "put_back": put_back, "left_alone": left }),
        };
        record(tx, entry).await.map(drop)
    })?;
    Ok(())
}
