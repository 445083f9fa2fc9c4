//! The first start: a one-time link makes the first administrator. There is no default password.

use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::session::SecondStep;
use crate::http::throttle::{Address, locked};
use axum::Json;
use axum::extract::State;
use greenfort_domain::access::{Lockout, PasswordError, check_password};
use greenfort_store::access::throttle::{self, Counter};
use greenfort_store::access::{first_run_token, invitations};
use greenfort_store::{Scope, StoreError, tx};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(first_run))
}

/// The link to print while nobody administers this installation. The token stands behind `#`, which browsers send to
/// no server and write to no log.
///
/// # Errors
/// When the database refuses.
pub async fn link(app: &App) -> Result<Option<String>, StoreError> {
    let made = tx!(app.db, "first_run_token", Scope::nobody(), |tx| first_run_token(tx).await)?;
    Ok(made.map(|i| format!("{}/first-run#{}", app.config.public_url, i.token.reveal())))
}

#[derive(Deserialize, ToSchema)]
pub struct FirstRun {
    /// From the link.
    #[schema(example = "K3J9…")]
    token: String,
    #[schema(example = "lan.tran")]
    login: String,
    #[schema(example = "Trần Thị Lan")]
    name: String,
    #[schema(example = "mật khẩu dài mười hai")]
    password: String,
}

/// The first administrator, with the one-time link of the first start.
#[utoipa::path(
    post,
    path = "/first-run",
    tag = "session",
    request_body = FirstRun,
    responses(
        (status = 200, description = "The account is there; enrol its code", body = SecondStep),
        (status = 404, description = "The link is used, too old, or there is an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "No units are loaded yet", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Login, name or password cannot be used", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn first_run(
    State(app): State<App>,
    from: Address,
    Json(given): Json<FirstRun>,
) -> Result<Json<SecondStep>, Refusal> {
    let login = check_login("login", &given.login)?;
    let name = check_name("name", &given.name)?;
    check(&given.password, &login)?;
    attempt_link(&app, from).await?;
    let hash = app.access.hasher.hash_password(&given.password).await?;
    let next = tx!(app.db, "first_run", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let open = invitations::open(tx, &given.token).await?.filter(|o| o.account.is_none());
        let open = open.ok_or_else(stale)?;
        match invitations::make_first_administrator(tx, open.id, &login, &name, &hash).await {
            Err(StoreError::Conflict("administrator")) => Err(stale().into()),
            Err(StoreError::Conflict("units")) => Err(Problem::conflict(text(
                "Chưa có danh mục đơn vị hành chính. Nạp danh mục rồi mở lại đường dẫn này.",
                "No administrative units are loaded yet. Load them, then open this link again.",
            ))
            .into()),
            next => Ok(next?),
        }
    })?;
    Ok(Json(SecondStep::of(next, &login)))
}

/// A link's token cannot be guessed, but each try costs a slow hash: they are counted by address.
pub(super) async fn attempt_link(app: &App, from: Address) -> Result<(), Refusal> {
    let counter = [Counter::new(app.db.keys(), "link.address", &from.0.to_string(), Lockout::ADDRESS)];
    let allowed = tx!(app.db, "attempt_link", Scope::nobody(), |tx| throttle::attempt(tx, &counter).await)?;
    Ok(allowed.map_err(locked)?)
}

/// The link is no good; which way is not said.
pub(super) fn stale() -> Box<Problem> {
    let mut problem = Problem::not_found();
    problem.detail = text(
        "Đường dẫn này đã dùng, đã hết hạn hoặc đã có đường dẫn mới hơn. Xin quản trị viên cấp lại.",
        "This link was used, is too old, or a newer one took its place. Ask your administrator for another.",
    );
    problem
}

/// # Errors
/// What is wrong with the password, as a field error.
pub(super) fn check(password: &str, login: &str) -> Result<(), Box<Problem>> {
    check_password(password, login).map_err(|error| {
        let vi = match error {
            PasswordError::Short => "Cần ít nhất 12 ký tự; vài từ ghép lại thì dễ nhớ.",
            PasswordError::Long => "Dài quá 256 ký tự.",
            PasswordError::ContainsLogin => "Mật khẩu chứa tên đăng nhập. Chọn mật khẩu khác.",
            PasswordError::Common => "Mật khẩu quá phổ biến. Chọn mật khẩu khác.",
        };
        Problem::field("password", "password", text(vi, error.to_string()))
    })
}

/// A login as it is kept: small letters, 3 to 64 of a–z, digits and `. _ - @`.
///
/// # Errors
/// A field error.
pub(super) fn check_login(field: &str, login: &str) -> Result<String, Box<Problem>> {
    let login = login.trim().to_lowercase();
    let fits = (3..=64).contains(&login.len())
        && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b));
    if fits {
        return Ok(login);
    }
    Err(Problem::field(
        field,
        "login",
        text(
            "Tên đăng nhập gồm 3 đến 64 chữ không dấu, số hoặc . _ - @, không có khoảng trắng.",
            "A login has 3 to 64 letters without marks, digits or . _ - @, and no spaces.",
        ),
    ))
}

/// A name, or any other short text people give: not empty, one line.
///
/// # Errors
/// A field error.
pub(super) fn check_name(field: &str, name: &str) -> Result<String, Box<Problem>> {
    let name = greenfort_kernel::text::nfc(name);
    if !name.is_empty() && name.chars().count() <= 120 && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(Problem::field(
        field,
        "text",
        text("Nhập từ 1 đến 120 ký tự trên một dòng.", "Type 1 to 120 characters on one line."),
    ))
}
