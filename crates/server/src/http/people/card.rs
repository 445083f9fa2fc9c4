//! `POST /people/{id}/card`: a printed card for a person without a phone of their own.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::print::cards::{self, Printable};
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use greenfort_domain::access::Permission;
use greenfort_kernel::PersonId;
use greenfort_store::access::cards::issue;
use greenfort_store::registry::people;
use greenfort_store::{StoreError, tx};

/// Prints a new card for a person.
#[utoipa::path(
    post,
    path = "/people/{id}/card",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, description = "The card to print now: its code is kept nowhere. Earlier cards of the person open nothing any more.", content_type = "application/pdf", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Keeps no register", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn issue_card(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<([(HeaderName, String); 2], Vec<u8>), Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    // A program's key may edit the register; a card is handed to somebody who stands there.
    caller.session()?;
    let card = tx!(app.db, "issue_card", scope, |tx| -> Result<Printable, StoreError> {
        let person = people::find(tx, id).await?;
        let code = issue(tx, id, caller.account).await?;
        Ok(Printable { name: person.secret.name, unit: person.unit_name, code })
    })?;
    let (hotline, address) = (app.config.hotline.clone(), app.config.public_url.clone());
    let drawn = tokio::task::spawn_blocking(move || cards::pdf(&card, &address, &hotline)).await;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a card could not be drawn");
        Problem::internal()
    };
    let pdf = drawn.map_err(|e| failed(&e))?.map_err(|e| failed(&e))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"card.pdf\"".to_owned()),
    ];
    Ok((headers, pdf))
}
