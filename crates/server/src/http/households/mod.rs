//! Households of the register.

mod change;
mod create;
mod dissolve;
mod head;
mod list;
mod show;

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, Refusal, text};
use greenfort_kernel::{HouseholdId, UnitId};
use greenfort_store::Tx;
use greenfort_store::audit::{Entry, record};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_households, create::create_household))
        .routes(routes!(show::show_household, change::change_household, dissolve::dissolve_household))
        .routes(routes!(head::name_head))
}

/// Writes an act about a household into the audit trail.
async fn audited(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    id: HouseholdId,
    unit: i32,
    detail: Value,
) -> Result<(), Refusal> {
    let entry = Entry {
        actor: caller.actor(),
        action,
        object_kind: "household",
        object_id: id.to_string(),
        unit: Some(UnitId(unit)),
        detail,
    };
    record(tx, entry).await?;
    Ok(())
}

/// An address as it is stored.
fn check_address(typed: &str) -> Result<String, Refusal> {
    let address = greenfort_kernel::text::nfc(typed);
    if address.is_empty() || address.chars().count() > 200 || address.chars().any(char::is_control) {
        return Err(Problem::field(
            "address",
            "required",
            text("Nhập địa chỉ, tối đa 200 chữ.", "Type the address, at most 200 letters."),
        )
        .into());
    }
    Ok(address)
}
