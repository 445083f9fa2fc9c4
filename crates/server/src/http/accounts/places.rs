//! `GET /accounts/places`: organisations and laboratories over which a role can be held.

use super::HeldOver;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{Over, text};
use greenfort_store::access::place::{self, PlaceFilter};
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What a role may be held over that is no unit.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    Organisation,
    Laboratory,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    #[param(inline)]
    kind: PlaceKind,
    /// Part of a name; diacritics do not matter.
    #[param(example = "giao long")]
    q: Option<String>,
}

/// Organisations or laboratories of the caller's areas over which a role can be held.
#[utoipa::path(
    get,
    path = "/accounts/places",
    tag = "accounts",
    params(PlaceQuery, PageQuery),
    responses(
        (status = 200, description = "Those that are still at work", body = Page<HeldOver>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_places(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PlaceQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<HeldOver>>, Refusal> {
    let filter = PlaceFilter {
        kind: match query.kind {
            PlaceKind::Organisation => place::PlaceKind::Organisation,
            PlaceKind::Laboratory => place::PlaceKind::Laboratory,
        },
        area: caller.area(Permission::ManageAccounts)?,
        query: query.q.as_deref().map(text::fold).filter(|q| !q.is_empty()),
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_places", Scope::nobody(), |tx| place::list(tx, &filter).await)?;
    let key = |place: &place::Place| match place.over() {
        Over::Organisation(id) => Some(id.0),
        Over::Laboratory(id) => Some(id.0),
        Over::LinkedPersons | Over::Area(_) => None,
    };
    Ok(Json(Page::of(rows, page.limit(), key, HeldOver::from)))
}
