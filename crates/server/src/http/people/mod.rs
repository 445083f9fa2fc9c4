//! People of the register.

mod card;
mod change;
mod create;
mod doses;
mod fields;
mod links;
mod list;
mod removal;
mod residence;
mod results;
mod scan;
mod search;
mod show;
mod slip;
mod timeline;

pub use list::{PersonItem, UnitOfPerson};
pub use timeline::TimelineLine;

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Refusal;
use greenfort_kernel::{PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::{Scope, Tx};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_people, create::create_person))
        .routes(routes!(search::search_people))
        .routes(routes!(show::show_person, change::change_person))
        .routes(routes!(timeline::show_timeline))
        .routes(routes!(results::list_results))
        .routes(routes!(slip::print_slip))
        .routes(routes!(scan::scan_card))
        .routes(routes!(residence::move_person))
        .routes(routes!(removal::remove_person, removal::return_person))
        .routes(routes!(doses::record_dose, doses::withdraw_dose))
        .routes(routes!(card::issue_card))
        .routes(routes!(links::list_links, links::link_phone))
        .routes(routes!(links::unlink_phone))
}

/// What a change of the register may see: the area of those who edit, and nobody through a link of their own.
pub(super) fn scope_of_edits(caller: &Caller) -> Result<Scope, Refusal> {
    Ok(Scope::area(caller.area(greenfort_domain::access::Permission::EditPeople)?))
}

/// Writes an act about a person into the audit trail: ids and names of fields, never a value.
pub(super) async fn audited(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    id: PersonId,
    unit: i32,
    detail: Value,
) -> Result<(), Refusal> {
    let entry = Entry {
        actor: caller.actor(),
        action,
        object_kind: "person",
        object_id: id.to_string(),
        unit: Some(UnitId(unit)),
        detail,
    };
    record(tx, entry).await?;
    Ok(())
}
