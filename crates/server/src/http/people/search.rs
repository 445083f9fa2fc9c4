//! `POST /people/search`: finding people by what is typed. A POST, so that no name or number stands in an address or a log.

use super::list::{PersonItem, audit_list};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::{Lockout, Permission};
use greenfort_domain::registry::Query;
use greenfort_kernel::{TIME_ZONE, UnitId, local_date};
use greenfort_store::access::throttle::{self, Counter};
use greenfort_store::registry::search::{self, Hits};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is looked for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PeopleSearch {
    /// Words of a name (without or with wrong marks; the last may be cut), the last four of an ID number or the year of
    /// birth beside them; or a whole ID, phone or insurance number, or the barcode of a tube.
    #[schema(example = "nguyen an 2345")]
    pub q: String,
    /// Only people of this unit and below; the whole area unless told.
    #[serde(default)]
    pub unit: Option<UnitId>,
}

/// Everybody found, by given name: at most 200.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleFound {
    pub items: Vec<PersonItem>,
    /// True: there are more; a further word narrows it.
    pub more: bool,
}

const LONGEST: usize = 200;

/// Search for people.
#[utoipa::path(
    post,
    path = "/people/search",
    tag = "people",
    request_body = PeopleSearch,
    responses(
        (status = 200, body = PeopleFound),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "More searches on one day than the office allows: 100 unless set otherwise", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Nothing to search by", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn search_people(
    State(app): State<App>,
    caller: Caller,
    Json(asked): Json<PeopleSearch>,
) -> Result<Json<PeopleFound>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let query = Query::read(&asked.q);
    if query == Query::default() || asked.q.len() > LONGEST {
        let why = text(
            "Nhập tên, 4 số cuối CCCD, số điện thoại hoặc mã ống mẫu.",
            "Type a name, the last four of an ID, a phone number or the barcode of a tube.",
        );
        return Err(Problem::field("q", "required", why).into());
    }
    let day = format!("{} {}", caller.account, app.world().today());
    let most = app.config.access.searches_per_day.get();
    let quota = [Counter::new(app.db.keys(), "people.search", &day, Lockout::searches(most))];
    let hits = tx!(app.db, "search_people", scope, |tx| -> Result<Option<Hits>, Refusal> {
        if throttle::attempt(tx, &quota).await?.is_err() {
            // Kept though the search is refused: this is what an auditor looks for.
            audit_list(tx, &caller, "registry.search_quota", asked.unit, 0).await?;
            return Ok(None);
        }
        let hits = search::search(tx, &query, asked.unit.map(|u| u.0)).await?;
        audit_list(tx, &caller, "registry.search_people", asked.unit, hits.people.len()).await?;
        Ok(Some(hits))
    })?
    .ok_or_else(|| {
        metrics::counter!("greenfort_search_quota").increment(1);
        quota_spent(most, app.world().now())
    })?;
    Ok(Json(PeopleFound { items: hits.people.into_iter().map(Into::into).collect(), more: hits.cut }))
}

/// The day's searches are spent. Until tomorrow the lists of hamlets remain.
fn quota_spent(most: u32, now: jiff::Timestamp) -> Box<Problem> {
    let midnight = local_date(now).tomorrow().map(|day| TIME_ZONE.to_timestamp(day.at(0, 0, 0, 0)));
    let wait = midnight.and_then(|at| at).map_or(86_400, |at| at.duration_since(now).as_secs());
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "search-quota",
        text("Hôm nay đã tìm quá nhiều lần", "Too many searches today"),
        text(
            format!("Tài khoản này đã tìm {most} lần trong ngày, và việc này đã ghi vào nhật ký. Mở danh sách theo ấp, hoặc chờ tới ngày mai. Nếu cần tìm thêm ngay, gọi cán bộ y tế huyện."),
            format!("This account has made {most} searches today, and the audit log says so. Open the list of a hamlet, or wait until tomorrow. If more searches cannot wait, call the district's health officer."),
        ),
    )
    .retry_after(u64::try_from(wait).unwrap_or(1))
}
