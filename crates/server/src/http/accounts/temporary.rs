//! `POST /accounts/temporary`: up to 500 accounts from one sheet, all or none, with badges to be printed.

use super::field_area;
use super::grants::{describe, places};
use super::temporary_form::{TemporaryAccounts, TemporaryFile, TemporaryRow};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, Text, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::{Code, Held, may_grant, read_role, works_with_badge};
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{BadgeBatchId, Over, Role, UnitId, World};
use greenfort_store::access::batch::{self, NewBadge};
use greenfort_store::{Scope, Tx, tx};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Accounts a sheet may hold: one large reinforcement, and a page of errors that can still be read.
const MOST_ROWS: usize = 500;

/// Accounts made from one sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadgeBatch {
    pub id: BadgeBatchId,
    #[schema(example = "Đợt 1, điểm Giao Long")]
    pub label: String,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Accounts it holds.
    pub created: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// First time the badges were fetched.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub printed_at: Option<Timestamp>,
    /// False 24 hours after the first print: the clear PINs are gone.
    pub badges_available: bool,
}

impl From<batch::Batch> for BadgeBatch {
    fn from(batch: batch::Batch) -> Self {
        Self {
            id: batch.id,
            label: batch.label,
            ends_at: batch.ends_at,
            created: batch.created,
            created_at: batch.created_at,
            printed_at: batch.printed_at,
            badges_available: batch.badges_available,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchCreated {
    pub batch: BadgeBatch,
    /// Path of the PDF.
    #[schema(example = "/api/v1/accounts/batches/018f…/badges.pdf")]
    pub badges_url: String,
}

/// Up to 500 accounts from one sheet, all or none, with badges to be printed.
#[utoipa::path(
    post,
    path = "/accounts/temporary",
    tag = "accounts",
    request_body(content(
        (TemporaryAccounts = "application/json"),
        (TemporaryFile = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "All accounts are made; print their badges", body = BatchCreated),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Rows to be mended, as `rows[0].role`; no account is made", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_temporary_accounts(
    State(app): State<App>,
    caller: Caller,
    given: TemporaryAccounts,
) -> Result<(StatusCode, Json<BatchCreated>), Refusal> {
    field_area(&caller)?;
    let label = check_name("label", &given.label)?;
    if given.ends_at <= app.world().now() {
        return Err(Problem::field(
            "ends_at",
            "past",
            text("Ngày hết hạn đã qua.", "The end lies in the past."),
        )
        .into());
    }
    fits(&given.rows)?;
    let (checked, errors) =
        tx!(app.db, "check_sheet", Scope::nobody(), |tx| check(tx, &app, &caller, &given.rows).await)?;
    if !errors.is_empty() {
        return Err(Problem::invalid(errors).into());
    }
    let badges = with_secrets(&app, checked).await?;
    let made = tx!(app.db, "create_batch", Scope::nobody(), |tx| {
        batch::create(tx, &label, given.ends_at, &badges, caller.account).await
    })?;
    let badges_url = format!("/api/v1/accounts/batches/{}/badges.pdf", made.id);
    Ok((StatusCode::CREATED, Json(BatchCreated { batch: made.into(), badges_url })))
}

/// # Errors
/// 422 for an empty sheet and for one that is too long.
pub(super) fn fits(rows: &[TemporaryRow]) -> Result<(), Box<Problem>> {
    if (1..=MOST_ROWS).contains(&rows.len()) {
        return Ok(());
    }
    let message = text(
        format!("Bảng có {} dòng; cần từ 1 đến {MOST_ROWS}.", rows.len()),
        format!("The sheet has {} rows; 1 to {MOST_ROWS} fit.", rows.len()),
    );
    Err(Problem::field("file", "rows", message))
}

/// A row that is right.
pub(super) struct Checked {
    name: String,
    pub role: Role,
    pub unit: UnitId,
    phone: Option<String>,
}

/// The rows that are right, and everything that is wrong with the others.
pub(super) async fn check(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    rows: &[TemporaryRow],
) -> Result<(Vec<Checked>, Vec<FieldError>), Refusal> {
    let codes: Vec<String> = rows.iter().map(|r| r.unit_code.trim().to_owned()).collect();
    let units: HashMap<String, UnitId> = batch::units_by_code(tx, &codes).await?.into_iter().collect();
    let places = places(tx, caller, units.values().copied().map(Over::Area)).await?;
    let mut errors: Vec<FieldError> = Vec::new();
    let mut phones: HashMap<String, usize> = HashMap::new();
    let mut checked = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let before = errors.len();
        let mut wrong = |column: &str, code: &'static str, message: Text| {
            errors.push(FieldError { field: format!("rows[{at}].{column}"), code, message });
        };
        let name = check_name("name", &row.name);
        if name.is_err() {
            wrong(
                "name",
                "text",
                text("Thiếu họ tên, hoặc dài quá 120 ký tự.", "The name is missing, or over 120 characters."),
            );
        }
        let role = read_role(&row.role).filter(|role| works_with_badge(*role));
        if role.is_none() {
            wrong(
                "role",
                "role",
                text(
                    "Vai trò này không vào bằng thẻ. Ghi ví dụ: sampler, courier, community_team.",
                    "No role that signs in with a badge. Write for instance: sampler, courier, community_team.",
                ),
            );
        }
        let unit = units.get(row.unit_code.trim()).copied();
        match (unit, role) {
            (None, _) => wrong(
                "unit_code",
                "unit",
                text("Không có đơn vị nào mang mã này hôm nay.", "No unit has this code today."),
            ),
            (Some(unit), Some(role)) => {
                let wanted = Held::area(role, unit);
                if let Err(refusal) =
                    may_grant(&caller.grants, wanted, |over, root| places.lies_in(over, root))
                {
                    let (column, message) = describe(refusal);
                    wrong(if column == "over" { "unit_code" } else { column }, "grant", message);
                }
            }
            (Some(_), None) => {}
        }
        let phone = match row.phone.trim() {
            "" => None,
            typed => match read_phone(app, typed) {
                Some(phone) => {
                    if let Some(first) = phones.insert(phone.clone(), at) {
                        let row = first + 1;
                        wrong(
                            "phone",
                            "twice",
                            text(
                                format!("Số này đã ghi ở dòng {row}."),
                                format!("This number stands in row {row} already."),
                            ),
                        );
                    }
                    Some(phone)
                }
                None => {
                    wrong(
                        "phone",
                        "phone",
                        text(
                            "Số điện thoại chưa đúng. Ví dụ: 0912 345 678.",
                            "Wrong phone number. Example: 0912 345 678.",
                        ),
                    );
                    None
                }
            },
        };
        if errors.len() == before
            && let (Ok(name), Some(role), Some(unit)) = (name, role, unit)
        {
            checked.push(Checked { name, role, unit, phone });
        }
    }
    Ok((checked, errors))
}

fn read_phone(app: &App, typed: &str) -> Option<String> {
    let read = if app.config.demo { Phone::parse_or_demonstration(typed) } else { Phone::parse(typed) };
    read.ok().map(|phone| phone.as_str().to_owned())
}

/// A badge's secret and PIN.
pub(super) fn fresh_secrets(world: &World) -> (String, String) {
    (Code::generate(world, Code::BADGE).as_str().to_owned(), format!("{:06}", world.below(1_000_000)))
}

async fn with_secrets(app: &App, rows: Vec<Checked>) -> Result<Vec<NewBadge>, Refusal> {
    let secrets: Vec<(String, String)> = rows.iter().map(|_| fresh_secrets(app.world())).collect();
    let hashes = app.access.hasher.hash_pins(app.db.keys(), &secrets).await?;
    Ok(rows
        .into_iter()
        .zip(secrets)
        .zip(hashes)
        .map(|((row, (secret, pin)), pin_hash)| NewBadge {
            name: row.name,
            role: row.role,
            unit: row.unit,
            phone: row.phone,
            secret,
            pin,
            pin_hash,
        })
        .collect())
}
