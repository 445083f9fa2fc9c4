//! `POST /people/scan`: a card's QR is read, and the person it means is looked for. In the body, never in the address:
//! addresses are kept in histories and logs.

use super::audited;
use super::list::{PersonItem, UnitOfPerson};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use greenfort_domain::access::Permission;
use greenfort_domain::registry::scan;
use greenfort_kernel::UnitId;
use greenfort_store::registry::person;
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a camera or a keyboard wedge gave.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Scan {
    /// At most 1,500 bytes.
    #[schema(example = "083195001234|321234567|Nguyễn Thị Bích Ngọc|02031995|Nữ|Ấp 3, Giao Long|15042021")]
    pub text: String,
}

/// A card: what fills a form, and who of the area it means. Fields that did not pass their check are left out. A card's QR
/// is not signed and proves nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Card {
    /// id_card, insurance_card, personal_qr, commune_code, number.
    #[schema(example = "id_card")]
    pub source: &'static str,
    pub name: Option<String>,
    /// `YYYY` or `YYYY-MM-DD`.
    #[schema(example = "1995-03-02")]
    pub birth: Option<String>,
    #[schema(example = "female")]
    pub sex: Option<String>,
    pub id_number: Option<String>,
    pub insurance_number: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// Nobody, one, or more where the list holds somebody twice.
    pub people: Vec<PersonItem>,
}

/// Reads a scanned card and finds whose it is.
#[utoipa::path(
    post,
    path = "/people/scan",
    tag = "people",
    request_body = Scan,
    responses(
        (status = 200, body = Card),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "None of the known cards", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn scan_card(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<Scan>,
) -> Result<Json<Card>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let card = scan::read(&given.text, app.world().today())
        .map_err(|e| Problem::field("text", "card", text(e.vi(), e.to_string())))?;
    let people = tx!(app.db, "scan_card", scope, |tx| -> Result<Vec<person::Record>, Refusal> {
        let found = person::by_card(tx, &card).await?;
        for person in &found {
            let detail = serde_json::json!({ "card": card.source.as_str() });
            audited(tx, &caller, "registry.find_by_card", person.id, person.unit, detail).await?;
        }
        Ok(found)
    })?;
    Ok(Json(Card {
        source: card.source.as_str(),
        name: card.name,
        birth: card.birth.map(|b| match b.day {
            Some((month, day)) => format!("{:04}-{month:02}-{day:02}", b.year),
            None => b.year.to_string(),
        }),
        sex: card.sex.map(|s| s.to_string()),
        id_number: card.id_number,
        insurance_number: card.insurance,
        phone: card.phone,
        address: card.address,
        people: people.into_iter().map(Into::into).collect(),
    }))
}

impl From<person::Record> for PersonItem {
    fn from(record: person::Record) -> Self {
        Self {
            id: record.id,
            name: record.secret.name,
            birth_year: record.birth_year,
            sex: record.sex,
            relation: record.relation,
            unit: UnitOfPerson { id: UnitId(record.unit), name: record.unit_name },
            household_id: record.household,
        }
    }
}
