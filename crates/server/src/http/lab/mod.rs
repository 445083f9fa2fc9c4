//! The laboratory: tubes come in, are pooled, run, read and released.

mod board;
mod closing;
mod file;
mod follow;
mod give_up;
mod laboratories;
mod pools;
mod readings;
mod recall_list;
mod recalls;
mod release;
mod runs;
mod scan;
mod show_run;
mod tree;
mod tube;
mod words;

pub use follow::{derive, read_cassettes, release_by_rule};

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, Refusal, text};
use greenfort_domain::access::Permission;
use greenfort_kernel::{LaboratoryId, RunId};
use greenfort_store::access::unit_ref;
use greenfort_store::audit::{Entry, record};
use greenfort_store::lab::runs::RunRow;
use greenfort_store::lab::{self, Laboratory};
use greenfort_store::{Scope, Tx, tx};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(laboratories::list_laboratories, laboratories::create_laboratory))
        .routes(routes!(board::show_board))
        .routes(routes!(scan::scan_tubes))
        .routes(routes!(pools::make_pool))
        .routes(routes!(runs::list_runs, runs::start_run))
        .routes(routes!(tube::show_tube))
        .routes(routes!(show_run::show_run))
        .routes(routes!(readings::enter_readings))
        .routes(routes!(file::import_file))
        .routes(routes!(release::release_run))
        .routes(routes!(give_up::give_up_run))
        .routes(routes!(tree::show_tree))
        .routes(routes!(tree::judge_pool))
        .routes(routes!(recalls::recall_results))
        .routes(routes!(recall_list::list_recalls))
        .routes(routes!(recall_list::record_contact))
        .routes(routes!(closing::show_closing, closing::close_round))
}

/// The laboratory, when it lies where the caller holds the permission; and what a transaction about its tubes may see:
/// tubes come from the whole province, and what is answered names nobody.
async fn laboratory_of(
    app: &App,
    caller: &Caller,
    permission: Permission,
    id: LaboratoryId,
) -> Result<(Laboratory, Scope), Refusal> {
    let areas = caller.area(permission)?;
    let laboratory =
        tx!(app.db, "find_laboratory", Scope::nobody(), |tx| lab::laboratory(tx, id, &areas).await)?;
    let scope = Scope::area([laboratory.province]);
    Ok((laboratory, scope))
}

/// The run, when it was done where the caller holds the permission; and the scope of its province.
async fn run_of(
    app: &App,
    caller: &Caller,
    permission: Permission,
    id: RunId,
) -> Result<(RunRow, Scope), Refusal> {
    let areas = caller.area(permission)?;
    let run = tx!(app.db, "find_run", Scope::nobody(), |tx| -> Result<RunRow, Refusal> {
        let run = lab::runs::find(tx, id).await?;
        let inside = unit_ref::inside(tx, &[run.unit], &areas).await?;
        if areas.iter().any(|a| inside.holds(run.unit, *a)) {
            Ok(run)
        } else {
            Err(Problem::not_found().into())
        }
    })?;
    let scope = Scope::area([run.province]);
    Ok((run, scope))
}

/// A reason somebody gave, in words.
fn reason(given: &str) -> Result<String, Refusal> {
    let reason = given.trim();
    if reason.is_empty() || reason.chars().count() > 300 {
        let why = text("Ghi lý do, tối đa 300 ký tự.", "Write the reason, at most 300 characters.");
        return Err(Problem::field("reason", "required", why).into());
    }
    Ok(reason.to_owned())
}

/// Writes an act of the laboratory into the audit trail: ids and counts, never a person.
async fn audited(
    tx: &mut Tx,
    caller: &Caller,
    action: &'static str,
    object: (&'static str, String),
    unit: greenfort_kernel::UnitId,
    detail: Value,
) -> Result<(), Refusal> {
    let entry = Entry {
        actor: caller.actor(),
        action,
        object_kind: object.0,
        object_id: object.1,
        unit: Some(unit),
        detail,
    };
    record(tx, entry).await?;
    Ok(())
}
