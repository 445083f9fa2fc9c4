//! Staff accounts: who works here, in which role, over which area.

mod batches;
mod change;
mod check_sheet;
mod create;
mod end;
mod grants;
mod list;
mod new_badge;
mod places;
mod reset;
mod sessions;
mod show;
mod suspend;
mod temporary;
mod temporary_form;

pub use grants::{Grant, HeldOver, NewGrant};
pub use list::Account;
pub use sessions::SessionRow;

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, Refusal, text};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, UnitId};
use greenfort_store::Tx;
use greenfort_store::access::accounts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_accounts, create::create_account))
        .routes(routes!(temporary::create_temporary_accounts))
        .routes(routes!(check_sheet::check_temporary_accounts))
        .routes(routes!(batches::list_batches))
        .routes(routes!(places::list_places))
        .routes(routes!(batches::print_badges))
        .routes(routes!(show::show_account, change::change_account))
        .routes(routes!(suspend::suspend_account))
        .routes(routes!(suspend::resume_account))
        .routes(routes!(end::end_account))
        .routes(routes!(reset::reset_account))
        .routes(routes!(new_badge::make_badge))
        .routes(routes!(sessions::list_account_sessions, sessions::end_account_sessions))
}

/// An account of the caller's areas that he may change: all it holds he could have handed out himself, and it is not
/// his own.
///
/// # Errors
/// 403 for who manages nobody; 404 when it is elsewhere; 403 when it reaches further than the caller; 409 for his own.
async fn to_manage(
    tx: &mut Tx,
    caller: &Caller,
    id: AccountId,
    permission: Permission,
) -> Result<accounts::Account, Refusal> {
    let area = caller.area(permission)?;
    let account = accounts::get_in_area(tx, id, &area).await?;
    if account.id == caller.account {
        return Err(Problem::conflict(text(
            "Không tự làm việc này với tài khoản của mình được. Nhờ một quản trị viên khác.",
            "Nobody does this to his own account. Ask another administrator.",
        ))
        .into());
    }
    let held: Vec<_> = account.grants.iter().map(accounts::GrantRow::held).collect();
    grants::may_manage(tx, caller, &held).await?;
    Ok(account)
}

/// The roots of the areas in which the caller manages field staff: administrators, and site leads at their sites.
fn field_area(caller: &Caller) -> Result<Vec<UnitId>, Box<Problem>> {
    caller.area(Permission::ManageFieldStaff)
}
