//! `POST /accounts/{id}/badge`: a badge for one account; the lost one opens nothing any more.

use super::batches::{Pdf, attachment, printed};
use super::temporary::fresh_secrets;
use super::to_manage;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::print::badges;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, AccountKind};
use greenfort_store::access::badges::replace;
use greenfort_store::access::batch::Printable;
use greenfort_store::{Scope, tx};

/// A badge for one account; the lost one opens nothing any more.
#[utoipa::path(
    post,
    path = "/accounts/{id}/badge",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "The new badge with its PIN, to print now: it is kept nowhere", content_type = "application/pdf", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff, or this account reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "An office account, one without role, or the caller's own", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn make_badge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<Pdf, Refusal> {
    caller.must(Permission::ManageFieldStaff)?;
    let (secret, pin) = fresh_secrets(app.world());
    let pins = [(secret.clone(), pin.clone())];
    let pin_hash = app.access.hasher.hash_pins(app.db.keys(), &pins).await?.pop().unwrap_or_default();
    let badge = tx!(app.db, "make_badge", Scope::nobody(), |tx| -> Result<Printable, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageFieldStaff).await?;
        let grant = account.grants.first().and_then(|g| Some((g.role, g.place.name()?.to_owned())));
        let (AccountKind::Field, Some((role, place))) = (account.kind, grant) else {
            return Err(Problem::conflict(text(
                "Chỉ tài khoản hiện trường đang có vai trò mới có thẻ.",
                "Only field accounts that hold a role have a badge.",
            ))
            .into());
        };
        replace(tx, &account, &secret, &pin_hash, caller.account).await?;
        Ok(Printable {
            name: account.name,
            role,
            place,
            secret: secret.clone(),
            pin: pin.clone(),
            ends_at: account.ends_at,
        })
    })?;
    let hotline = app.config.hotline.clone();
    let pdf =
        tokio::task::spawn_blocking(move || badges::pdf(&badge.name, std::slice::from_ref(&badge), &hotline))
            .await;
    Ok(attachment("badge.pdf", printed(pdf)?))
}
