//! `GET /people/{id}/data`: all that is held about a person, for the person. The one answer with whole numbers.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::people::{TimelineLine, audited};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::restrictions::Restriction;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use greenfort_domain::access::Permission;
use greenfort_kernel::PersonId;
use greenfort_store::registry::{household, person, restriction, subject, timeline};
use greenfort_store::tx;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// All that is held about somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataCopy {
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
    pub id: PersonId,
    pub name: String,
    pub birth_year: i16,
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    pub sex: String,
    pub id_number: Option<String>,
    pub insurance_number: Option<String>,
    pub phone: Option<String>,
    pub code: Option<String>,
    pub unit: String,
    pub address: Option<String>,
    pub relation: String,
    pub exposure: String,
    pub vaccine_doses: i16,
    pub removed: Option<String>,
    /// What holds the person now.
    pub restrictions: Vec<Restriction>,
    /// Everything that happened, newest first: residence, vaccinations, swabs, work, groups, vehicles.
    pub timeline: Vec<TimelineLine>,
    /// What was asked about this data before.
    pub requests: Vec<RequestCopy>,
    /// Who looked or changed, newest first; at most 5,000.
    pub readings: Vec<super::readings::Reading>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RequestCopy {
    pub kind: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    pub asked: String,
    pub outcome: Option<String>,
    pub answered: String,
}

/// All that is held about the person who asks.
#[utoipa::path(
    get,
    path = "/people/{id}/data",
    tag = "data requests",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, body = DataCopy, description = "As a file to save"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area, or linked to the citizen", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn copy_of_data(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<(HeaderMap, Json<DataCopy>), Refusal> {
    // A copy in clear goes to a person who signed in, never to a program with a token: staff who edit the register, and
    // citizens about the persons linked to them.
    caller.session()?;
    let scope = match caller.scope(Permission::EditPeople) {
        Ok(scope) => scope,
        Err(_) if caller.citizen => caller.scope_of_persons()?,
        Err(refused) => return Err(refused.into()),
    };
    let copy = tx!(app.db, "copy_of_data", scope, |tx| -> Result<DataCopy, Refusal> {
        let record = person::get(tx, id).await?;
        audited(tx, &caller, "registry.copy_data", id, record.unit, serde_json::json!({})).await?;
        let address = match record.household {
            Some(home) => Some(household::get(tx, home).await?.address),
            None => None,
        };
        let made_at = tx.world.now();
        let restrictions = restriction::in_force(tx, id, made_at).await?;
        let timeline = timeline::of(tx, id).await?;
        let requests = subject::requests(tx, None, Some(id), None, 1_000).await?;
        let readings = subject::readings(tx, id, None, 5_000).await?;
        let secret = record.secret;
        Ok(DataCopy {
            made_at,
            id,
            name: secret.name,
            birth_year: record.birth_year,
            birth_date: secret
                .birthday
                .and_then(|(month, day)| Date::new(record.birth_year, month, day).ok()),
            sex: record.sex,
            id_number: secret.id_number,
            insurance_number: secret.insurance,
            phone: secret.phone,
            code: record.code,
            unit: record.unit_name,
            address,
            relation: record.relation,
            exposure: record.exposure,
            vaccine_doses: record.vaccine_doses,
            removed: record.removed,
            restrictions: restrictions.into_iter().map(Into::into).collect(),
            timeline: timeline.into_iter().map(Into::into).collect(),
            requests: requests
                .into_iter()
                .map(|r| RequestCopy {
                    kind: r.kind,
                    received_at: r.received_at,
                    asked: r.text.asked,
                    outcome: r.outcome,
                    answered: r.text.answered,
                })
                .collect(),
            readings: readings.into_iter().map(Into::into).collect(),
        })
    })?;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"greenfort-data.json\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, Json(copy)))
}
