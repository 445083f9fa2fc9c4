//! `GET /people`: the people of a unit, page by page: a hamlet's by given name, a larger unit's by id.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::people::{self, PersonLine};
use greenfort_store::registry::search;
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A person as lists show one.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonItem {
    pub id: PersonId,
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: String,
    pub birth_year: i16,
    #[schema(example = "female")]
    pub sex: String,
    /// Relation to the head of the household.
    #[schema(example = "head")]
    pub relation: String,
    pub unit: UnitOfPerson,
    pub household_id: Option<HouseholdId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UnitOfPerson {
    pub id: UnitId,
    #[schema(example = "Xã An Phước")]
    pub name: String,
}

impl From<PersonLine> for PersonItem {
    fn from(person: PersonLine) -> Self {
        Self {
            id: person.id,
            name: person.secret.name,
            birth_year: person.birth_year,
            sex: person.sex,
            relation: person.relation,
            unit: UnitOfPerson { id: UnitId(person.unit), name: person.unit_name },
            household_id: person.household,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// The unit whose people, and of the units below, are listed.
    unit: Option<UnitId>,
}

/// Search by name inside the area, or page through a unit.
#[utoipa::path(
    get,
    path = "/people",
    tag = "people",
    params(PeopleQuery, PageQuery),
    responses(
        (status = 200, description = "A hamlet in the order of given names, a larger unit by id", body = Page<PersonItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No unit", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_people(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PeopleQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<PersonItem>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let unit = query.unit.map(|u| u.0);
    let Some(unit) = unit else {
        return Err(Problem::field(
            "unit",
            "required",
            text("Chọn một ấp, một xã.", "Choose a hamlet or commune."),
        )
        .into());
    };
    let after: Option<PersonId> = page.cursor()?;
    let rows = tx!(app.db, "list_people", scope, |tx| -> Result<Vec<PersonLine>, Refusal> {
        let rows = match search::hamlet_page(tx, unit, after, page.limit() + 1).await? {
            Some(rows) => rows,
            None => people::page(tx, unit, on, after, page.limit() + 1).await?,
        };
        audit_list(tx, &caller, "registry.list_people", query.unit, rows.len()).await?;
        Ok(rows)
    })?;
    Ok(Json(Page::of(rows, page.limit(), |p| p.id, Into::into)))
}

pub(super) async fn audit_list(
    tx: &mut greenfort_store::Tx,
    caller: &Caller,
    action: &str,
    unit: Option<UnitId>,
    shown: usize,
) -> Result<(), Refusal> {
    let entry = Entry {
        actor: caller.actor(),
        action,
        object_kind: "person",
        object_id: "list".to_owned(),
        // A unit in which nobody was shown may be none at all.
        unit: unit.filter(|_| shown > 0),
        detail: serde_json::json!({ "shown": shown, "asked": unit }),
    };
    record(tx, entry).await?;
    Ok(())
}
