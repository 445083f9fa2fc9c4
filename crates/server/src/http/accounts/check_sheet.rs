//! `POST /accounts/temporary/check`: what a sheet would make, and what is wrong with it. Nothing is made.

use super::field_area;
use super::temporary::{check, fits};
use super::temporary_form::{SheetFile, SheetRows, TemporaryRow};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldErrorBody, ProblemBody, Refusal, language_of};
use crate::http::units::UnitRef;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use greenfort_kernel::Role;
use greenfort_store::access::unit_ref;
use greenfort_store::{Scope, tx};
use serde::Serialize;
use utoipa::ToSchema;

/// A sheet as it was understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetChecked {
    /// Every row as it was typed, in the order of the sheet.
    pub rows: Vec<TemporaryRow>,
    /// How many accounts each role and unit would get, rows that are right only; largest first.
    pub groups: Vec<SheetGroup>,
    /// What is wrong, as `rows[0].role`; none: the sheet may be sent.
    pub errors: Vec<FieldErrorBody>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SheetGroup {
    pub role: Role,
    pub unit: UnitRef,
    pub count: usize,
}

/// Looks at a sheet of temporary accounts, before any is made.
#[utoipa::path(
    post,
    path = "/accounts/temporary/check",
    tag = "accounts",
    request_body(content(
        (SheetRows = "application/json"),
        (SheetFile = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The rows, what they would make, and what is wrong with them", body = SheetChecked),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No sheet, an empty one, or more than 500 rows", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn check_temporary_accounts(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    given: SheetRows,
) -> Result<Json<SheetChecked>, Refusal> {
    field_area(&caller)?;
    fits(&given.rows)?;
    let (groups, errors) = tx!(app.db, "check_sheet", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let (checked, errors) = check(tx, &app, &caller, &given.rows).await?;
        let units = unit_ref::by_ids(tx, checked.iter().map(|row| row.unit)).await?;
        let mut groups: Vec<SheetGroup> = Vec::new();
        for row in checked {
            let same = |group: &&mut SheetGroup| group.role == row.role && group.unit.id == row.unit;
            if let Some(group) = groups.iter_mut().find(same) {
                group.count += 1;
            } else if let Some(unit) = units.get(&row.unit) {
                groups.push(SheetGroup { role: row.role, unit: unit.clone().into(), count: 1 });
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        Ok((groups, errors))
    })?;
    let language = language_of(&headers);
    let errors = errors.iter().map(|error| error.body(language)).collect();
    Ok(Json(SheetChecked { rows: given.rows, groups, errors }))
}
