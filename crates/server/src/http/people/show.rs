//! `GET /people/{id}`: one person with the household. Every read is in the audit log.

use super::list::PersonItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_kernel::personal_id::PersonalId;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{HouseholdId, PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::people;
use greenfort_store::tx;
use serde::Serialize;
use utoipa::ToSchema;

/// A person as the page shows one; numbers are masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    #[serde(flatten)]
    pub person: PersonItem,
    #[schema(example = "******012345")]
    pub id_masked: Option<String>,
    pub phone_masked: Option<String>,
    pub address: Option<String>,
    pub household: Option<Household>,
}

/// Everybody who lives there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Household {
    pub id: HouseholdId,
    pub members: Vec<PersonItem>,
}

/// One person with the household. Every read is in the audit log.
#[utoipa::path(
    get,
    path = "/people/{id}",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, body = Person),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<Person>, Refusal> {
    let scope = caller.scope_of_persons()?;
    let person = tx!(app.db, "show_person", scope, |tx| -> Result<Person, Refusal> {
        let line = people::find(tx, id).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.read_person",
            object_kind: "person",
            object_id: id.to_string(),
            unit: Some(UnitId(line.unit)),
            detail: serde_json::json!({}),
        };
        record(tx, entry).await?;
        let home = match line.household {
            Some(household) => Some((household, people::household(tx, household).await?)),
            None => None,
        };
        let secret = line.secret.clone();
        let (address, household) = match home {
            Some((id, (place, members))) => (
                Some(place.address),
                Some(Household { id, members: members.into_iter().map(Into::into).collect() }),
            ),
            None => (None, None),
        };
        Ok(Person {
            person: line.into(),
            id_masked: secret.id_number.and_then(|n| PersonalId::parse(&n).ok()).map(|n| n.masked()),
            phone_masked: secret
                .phone
                .and_then(|n| Phone::parse_or_demonstration(&n).ok())
                .map(|n| n.masked()),
            address,
            household,
        })
    })?;
    Ok(Json(person))
}
