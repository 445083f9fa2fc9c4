//! `GET /people/{id}`: one person with the household. Every read is in the audit log.

use super::audited;
use super::list::{PersonItem, UnitOfPerson};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::restrictions::Restriction;
use crate::http::version::tagged;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::personal_id::PersonalId;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{HouseholdId, PersonId, UnitId};
use greenfort_store::registry::{dose, household, people, person, restriction};
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A person as the page shows one; numbers are masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    #[serde(flatten)]
    pub person: PersonItem,
    /// Day of birth, where it is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    #[schema(example = "******012345")]
    pub id_masked: Option<String>,
    pub phone_masked: Option<String>,
    /// Social insurance number, first six digits starred.
    #[schema(example = "******6789")]
    pub insurance_masked: Option<String>,
    /// Made by the commune for who has no papers.
    #[schema(example = "28807-000018")]
    pub code: Option<String>,
    pub address: Option<String>,
    pub exposure: String,
    /// Doses received; those with a known day are in `doses`.
    pub vaccine_doses: i16,
    pub doses: Vec<Dose>,
    /// Why the person no longer counts: moved, died, merged, erased.
    pub removed: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    pub removed_on: Option<Date>,
    /// The record that stands for this one since a merge.
    pub merged_into: Option<PersonId>,
    /// Kept but not changed since, at the request of the person.
    #[schema(value_type = Option<String>, format = Date)]
    pub restricted_on: Option<Date>,
    /// What holds the person now: own, of the household, the part of the workplace, the place.
    pub restrictions: Vec<Restriction>,
    pub household: Option<Household>,
}

/// A vaccination.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dose {
    pub dose: i16,
    #[schema(value_type = String, format = Date)]
    pub given_on: Date,
    #[schema(example = "Vero Cell")]
    pub product: String,
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
        (status = 200, body = Person, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<(HeaderMap, Json<Person>), Refusal> {
    let scope = caller.scope_of_persons()?;
    let (version, person) = tx!(app.db, "show_person", scope, |tx| -> Result<(i32, Person), Refusal> {
        let record = person::get(tx, id).await?;
        audited(tx, &caller, "registry.read_person", id, record.unit, serde_json::json!({})).await?;
        Ok((record.version, whole(tx, record).await?))
    })?;
    Ok(tagged(version, person))
}

/// A record with what hangs on it.
pub(super) async fn whole(tx: &mut Tx, record: person::Record) -> Result<Person, Refusal> {
    let now = tx.world.now();
    let doses = dose::list(tx, record.id).await?;
    let restrictions = restriction::in_force(tx, record.id, now).await?;
    let (address, home) = match record.household {
        Some(id) => {
            let (place, members) = people::household(tx, id).await?;
            let members = members.into_iter().map(Into::into).collect();
            (Some(place.address), Some(Household { id, members }))
        }
        None => (None, None),
    };
    let secret = record.secret;
    Ok(Person {
        person: PersonItem {
            id: record.id,
            name: secret.name,
            birth_year: record.birth_year,
            sex: record.sex,
            relation: record.relation,
            unit: UnitOfPerson { id: UnitId(record.unit), name: record.unit_name },
            household_id: record.household,
        },
        birth_date: secret.birthday.and_then(|(month, day)| Date::new(record.birth_year, month, day).ok()),
        id_masked: secret.id_number.and_then(|n| PersonalId::parse(&n).ok()).map(|n| n.masked()),
        phone_masked: secret.phone.and_then(|n| Phone::parse_or_demonstration(&n).ok()).map(|n| n.masked()),
        insurance_masked: secret.insurance.and_then(|n| n.get(6..).map(|tail| format!("******{tail}"))),
        code: record.code,
        address,
        exposure: record.exposure,
        vaccine_doses: record.vaccine_doses,
        doses: doses
            .into_iter()
            .map(|d| Dose { dose: d.dose, given_on: d.given_on, product: d.product })
            .collect(),
        removed: record.removed,
        removed_on: record.removed_on,
        merged_into: record.merged_into,
        restricted_on: record.restricted_on,
        restrictions: restrictions.into_iter().map(Into::into).collect(),
        household: home,
    })
}

/// As another room shows a household's members.
impl From<household::Member> for PersonItem {
    fn from(member: household::Member) -> Self {
        Self {
            id: member.id,
            name: member.name,
            birth_year: member.birth_year,
            sex: member.sex,
            relation: member.relation,
            unit: UnitOfPerson { id: UnitId(member.unit), name: member.unit_name },
            household_id: member.household,
        }
    }
}
