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

pub(super) use fields::past_day;
pub use list::{PersonItem, UnitOfPerson};
pub use timeline::TimelineLine;

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, Refusal, text};
use greenfort_kernel::{HouseholdId, PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::{household, person};
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

/// Refuses a change of a record that stands still: merged into another, erased, or kept unchanged at the person's request.
pub(super) fn must_be_open(record: &person::Record) -> Result<(), Refusal> {
    if matches!(record.removed.as_deref(), Some("merged" | "erased")) {
        return Err(Problem::conflict(text(
            "Hồ sơ này đã gộp hoặc đã xóa, không sửa được.",
            "This record was merged or erased and cannot be changed.",
        ))
        .into());
    }
    if record.restricted_on.is_some() {
        return Err(Problem::conflict(text(
            "Người này đã yêu cầu hạn chế xử lý dữ liệu: hồ sơ được giữ, không sửa.",
            "At the person's request this record is kept and not changed.",
        ))
        .into());
    }
    Ok(())
}

/// Names the head of a household. Both records change, so neither may stand still.
pub(super) async fn set_head(tx: &mut Tx, home: HouseholdId, head: PersonId) -> Result<(), Refusal> {
    let before = household::head(tx, home).await?;
    for record in person::many(tx, &before.into_iter().chain([head]).collect::<Vec<_>>()).await? {
        must_be_open(&record)?;
    }
    Ok(household::set_head(tx, home, head).await?)
}

/// Refuses a day of leaving before the day on which the person came, as far as that is known: the last move or
/// arrival, else the birth.
pub(super) async fn must_not_precede(
    tx: &mut Tx,
    record: &person::Record,
    on: jiff::civil::Date,
) -> Result<(), Refusal> {
    let (month, day) = record.secret.birthday.unwrap_or((1, 1));
    let born = jiff::civil::Date::new(record.birth_year, month, day).ok();
    let came = person::came_on(tx, record.id).await?;
    match came.max(born) {
        Some(since) => Ok(greenfort_domain::registry::organisation::may_leave(on, since)?),
        None => Ok(()),
    }
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
