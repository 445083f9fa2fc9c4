//! `GET /duplicates`: open pairs, the surest first, both records whole, so that they are compared without opening them.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::PersonItem;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::personal_id::PersonalId;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::person::{self, Record};
use greenfort_store::registry::{duplicate, household};
use greenfort_store::tx;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Pairs, and how the last search went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicates {
    #[serde(flatten)]
    pub page: Page<Duplicate>,
    /// None was ever asked for in this area.
    pub last_search: Option<LastSearch>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LastSearch {
    pub unit_id: UnitId,
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// Null while it waits or runs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Pairs that shared a blocking key.
    pub compared: Option<i64>,
    /// Pairs at the threshold.
    pub found: Option<i64>,
}

/// Two records that may be one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicate {
    pub a: DuplicateSide,
    pub b: DuplicateSide,
    /// Bits of evidence; 10 is the threshold.
    pub score: i16,
    /// same_id, other_id, same_insurance, other_insurance, same_name, other_name, same_year, year_apart, years_apart,
    /// same_birthday, other_birthday, other_sex, same_phone, same_household, same_hamlet.
    pub evidence: Vec<String>,
}

/// One of the two; numbers are masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateSide {
    #[serde(flatten)]
    pub person: PersonItem,
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    pub id_masked: Option<String>,
    pub phone_masked: Option<String>,
    pub insurance_masked: Option<String>,
    pub code: Option<String>,
    pub address: Option<String>,
    pub vaccine_doses: i16,
}

/// Suspected duplicates, likeliest first.
#[utoipa::path(
    get,
    path = "/duplicates",
    tag = "duplicates",
    params(PageQuery),
    responses(
        (status = 200, body = Duplicates),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_duplicates(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Duplicates>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let after: Option<(i16, PersonId, PersonId)> = page.cursor()?;
    let limit = page.limit().min(100);
    let (rows, people, addresses, last) =
        tx!(app.db, "list_duplicates", scope, |tx| -> Result<_, Refusal> {
            let rows = duplicate::page(tx, after, limit + 1).await?;
            let ids: Vec<PersonId> = rows.iter().flat_map(|c| [c.a, c.b]).collect();
            let people = person::many(tx, &ids).await?;
            let homes: Vec<_> = people.iter().filter_map(|p| p.household).collect();
            let addresses = household::addresses(tx, &homes).await?;
            let entry = Entry {
                actor: caller.actor(),
                action: "registry.list_duplicates",
                object_kind: "person",
                object_id: "list".to_owned(),
                unit: None,
                detail: serde_json::json!({ "shown": ids }),
            };
            record(tx, entry).await?;
            Ok((rows, people, addresses, duplicate::last_search(tx).await?))
        })?;
    let mut people: HashMap<PersonId, Record> = people.into_iter().map(|p| (p.id, p)).collect();
    // A person may stand in several pairs.
    let mut side = |id: PersonId| {
        let person = people.get_mut(&id)?.clone();
        let address = person.household.and_then(|h| addresses.get(&h).cloned());
        Some(DuplicateSide::of(person, address))
    };
    let next = Page::of(rows, limit, |c| (c.score, c.a, c.b), |c| c);
    let items = next
        .items
        .into_iter()
        .filter_map(|c| {
            Some(Duplicate { a: side(c.a)?, b: side(c.b)?, score: c.score, evidence: c.evidence })
        })
        .collect();
    Ok(Json(Duplicates {
        page: Page { items, next: next.next, total: next.total },
        last_search: last.map(|s| LastSearch {
            unit_id: s.unit,
            requested_at: s.requested_at.to_jiff(),
            finished_at: s.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            compared: s.compared,
            found: s.found,
        }),
    }))
}

impl DuplicateSide {
    fn of(record: Record, address: Option<String>) -> Self {
        let secret = &record.secret;
        Self {
            birth_date: secret
                .birthday
                .and_then(|(month, day)| Date::new(record.birth_year, month, day).ok()),
            id_masked: secret
                .id_number
                .as_deref()
                .and_then(|n| PersonalId::parse(n).ok())
                .map(|n| n.masked()),
            phone_masked: secret
                .phone
                .as_deref()
                .and_then(|n| Phone::parse_or_demonstration(n).ok())
                .map(|n| n.masked()),
            insurance_masked: secret
                .insurance
                .as_deref()
                .and_then(|n| n.get(6..))
                .map(|tail| format!("******{tail}")),
            code: record.code.clone(),
            address,
            vaccine_doses: record.vaccine_doses,
            person: record.into(),
        }
    }
}
