//! Errors as `application/problem+json` (RFC 9457): a stable type, and a text that says what to do.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use greenfort_domain::registry::person::Fault;
use greenfort_kernel::Language;
use greenfort_store::{Retryable, StoreError};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// A text in both languages.
#[derive(Debug, Clone)]
pub struct Text {
    pub vi: Cow<'static, str>,
    pub en: Cow<'static, str>,
}

/// `Text` of two literals or strings.
pub fn text(vi: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

impl Text {
    fn pick(&self, language: Language) -> &str {
        language.pick(&self.vi, &self.en)
    }
}

/// What is wrong with one field or row of the input.
#[derive(Debug, Clone)]
pub struct FieldError {
    /// JSON path or `row N, column NAME`.
    pub field: String,
    pub code: &'static str,
    pub message: Text,
}

impl FieldError {
    pub fn body(&self, language: Language) -> FieldErrorBody {
        FieldErrorBody {
            field: self.field.clone(),
            code: self.code.to_owned(),
            message: self.message.pick(language).to_owned(),
        }
    }
}

impl From<Fault> for FieldError {
    fn from(fault: Fault) -> Self {
        Self { field: fault.field.to_owned(), code: fault.code, message: text(fault.vi, fault.en) }
    }
}

/// An answer that says no, and what to do about it.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: &'static str,
    pub status: StatusCode,
    pub title: Text,
    pub detail: Text,
    pub errors: Vec<FieldError>,
    pub retry_after_s: Option<u64>,
    /// Boxed so that the ordinary `Result` stays small.
    retryable: bool,
}

/// The problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:greenfort:problem:` and a stable code.
    #[schema(example = "urn:greenfort:problem:not-found")]
    r#type: String,
    #[schema(example = "Not found")]
    title: String,
    #[schema(example = 404)]
    status: u16,
    #[schema(example = "There is no such thing in your area. Check the address or search again.")]
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldErrorBody {
    #[schema(example = "unit_id")]
    field: String,
    #[schema(example = "required")]
    code: String,
    #[schema(example = "Choose a unit.")]
    message: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: Text, detail: Text) -> Box<Self> {
        Box::new(Self {
            code,
            status,
            title,
            detail,
            errors: Vec::new(),
            retry_after_s: None,
            retryable: false,
        })
    }

    #[must_use]
    pub fn with_errors(mut self: Box<Self>, errors: Vec<FieldError>) -> Box<Self> {
        self.errors = errors;
        self
    }

    #[must_use]
    pub fn retry_after(mut self: Box<Self>, seconds: u64) -> Box<Self> {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Nothing there, or nothing the caller may know of: the two are not told apart.
    pub fn not_found() -> Box<Self> {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            text("Không tìm thấy", "Not found"),
            text(
                "Không có mục này trong khu vực của Anh/Chị. Kiểm tra lại đường dẫn hoặc tìm lại từ đầu.",
                "There is no such thing in your area. Check the address or search again.",
            ),
        )
    }

    pub fn signed_out() -> Box<Self> {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "signed-out",
            text("Chưa đăng nhập", "Not signed in"),
            text("Đăng nhập rồi thử lại.", "Sign in and try again."),
        )
    }

    pub fn forbidden() -> Box<Self> {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            text("Không có quyền", "Not allowed"),
            text(
                "Vai trò của Anh/Chị không làm được việc này. Hỏi quản trị viên nếu cần.",
                "Your role does not include this. Ask an administrator if you need it.",
            ),
        )
    }

    /// The input is understood but wrong; `errors` say where.
    pub fn invalid(errors: Vec<FieldError>) -> Box<Self> {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            text("Dữ liệu chưa đúng", "Invalid input"),
            text(
                "Sửa các ô được nêu rồi gửi lại. Chưa có gì được lưu.",
                "Mend the fields named and send again. Nothing was saved.",
            ),
        )
        .with_errors(errors)
    }

    /// One wrong field.
    pub fn field(field: impl Into<String>, code: &'static str, message: Text) -> Box<Self> {
        Self::invalid(vec![FieldError { field: field.into(), code, message }])
    }

    /// `If-Match` named an older state.
    pub fn changed_meanwhile() -> Box<Self> {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed-meanwhile",
            text("Vừa được người khác thay đổi", "Changed by somebody else"),
            text(
                "Mục này vừa được người khác thay đổi. Tải lại để xem, rồi sửa lần nữa. Chưa có gì được lưu.",
                "This was just changed by somebody else. Reload to see it, then change it once more. Nothing was saved.",
            ),
        )
    }

    pub fn too_many_requests(retry_after_s: u64) -> Box<Self> {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            text("Quá nhiều yêu cầu", "Too many requests"),
            text("Chờ vài giây rồi thử lại.", "Wait some seconds and try again."),
        )
        .retry_after(retry_after_s)
    }

    pub fn conflict(detail: Text) -> Box<Self> {
        Self::new(StatusCode::CONFLICT, "conflict", text("Bị trùng hoặc đã thay đổi", "Conflict"), detail)
    }

    /// What the framework refused before a handler saw it; `reason` is its own line, in English.
    fn of_framework(status: StatusCode, reason: &str) -> Box<Self> {
        let with_reason = |vi: &str, en: &str| {
            let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            text(format!("{vi}{reason}"), format!("{en}{reason}"))
        };
        match status {
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method-not-allowed",
                text("Không làm được ở địa chỉ này", "Not possible at this address"),
                text(
                    "Xem các lệnh của địa chỉ này ở /api/docs.",
                    "See at /api/docs what this address takes.",
                ),
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                status,
                "too-large",
                text("Quá lớn", "Too large"),
                text("Chia ra nhiều lần rồi gửi lại.", "Send it in several parts."),
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                status,
                "media-type",
                text("Sai định dạng gửi", "Wrong media type"),
                with_reason("Gửi bằng application/json.", "Send application/json."),
            ),
            StatusCode::NOT_FOUND => Self::not_found(),
            status if status.is_client_error() => Self::new(
                status,
                "unreadable",
                text("Không đọc được yêu cầu", "The request cannot be read"),
                with_reason(
                    "Sửa chỗ được nêu rồi gửi lại. Chưa có gì được lưu.",
                    "Mend what is named and send again. Nothing was saved.",
                ),
            ),
            _ => Self::internal(),
        }
    }

    /// What a refusal with this status looks like, for the OpenAPI document.
    pub(crate) fn example(status: u16) -> Box<Self> {
        match StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR) {
            StatusCode::UNAUTHORIZED => Self::signed_out(),
            StatusCode::FORBIDDEN => Self::forbidden(),
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::CONFLICT => Self::conflict(text(
                "Mục này vừa được người khác thay đổi. Tải lại rồi làm lại.",
                "This was just changed by somebody else. Reload and do it again.",
            )),
            StatusCode::PRECONDITION_FAILED => Self::changed_meanwhile(),
            StatusCode::UNPROCESSABLE_ENTITY => Self::field(
                "after",
                "cursor",
                text("Con trỏ trang không đúng.", "No cursor of this list. Open the list anew."),
            ),
            StatusCode::TOO_MANY_REQUESTS => Self::too_many_requests(1),
            StatusCode::BAD_REQUEST => Self::of_framework(
                StatusCode::BAD_REQUEST,
                "Failed to deserialize query string: on: invalid date",
            ),
            status => Self::of_framework(status, ""),
        }
    }

    pub(crate) fn internal() -> Box<Self> {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            text("Lỗi máy chủ", "Server error"),
            text(
                "Máy chủ gặp lỗi và đã ghi lại. Thử lại sau ít phút.",
                "The server met an error and has logged it. Try again in some minutes.",
            ),
        )
    }

    pub fn body(&self, language: Language) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:greenfort:problem:{}", self.code),
            title: self.title.pick(language).to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.pick(language).to_owned(),
            errors: self.errors.iter().map(|e| e.body(language)).collect(),
            retry_after_s: self.retry_after_s,
        }
    }
}

/// What handlers return when they say no.
#[derive(Debug)]
pub struct Refusal(pub Box<Problem>);

impl From<Box<Problem>> for Refusal {
    fn from(problem: Box<Problem>) -> Self {
        Self(problem)
    }
}

/// One wrong field.
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(Problem::invalid(vec![fault.into()]))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let retryable = error.is_retryable();
        let mut problem = match error {
            StoreError::NotFound(_) => Problem::not_found(),
            StoreError::Conflict(what) => Problem::conflict(text(
                format!("Mục này đã có hoặc vừa được người khác thay đổi ({what}). Tải lại rồi làm lại."),
                format!(
                    "This exists already or was just changed by somebody else ({what}). Reload and do it again."
                ),
            )),
            unknown => {
                tracing::error!(error = %unknown, "request failed");
                Problem::internal()
            }
        };
        problem.retryable = retryable;
        Self(problem)
    }
}

impl Retryable for Refusal {
    fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(std::sync::Arc::new(*self.0));
        response
    }
}

const PROBLEM_TYPE: &str = "application/problem+json";

/// Writes the body of a problem in the language the request asked for. What the framework refuses by itself – a path, a
/// query or a body that cannot be read, an unknown method, a body too large, a panic – is told in the same form.
pub async fn write_problems(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    // Answers kept for a repeated write are written already.
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_TYPE);
    let plain = !written && response.extensions().get::<std::sync::Arc<Problem>>().is_none();
    if api && plain && (response.status().is_client_error() || response.status().is_server_error()) {
        let (parts, body) = response.into_parts();
        let reason = axum::body::to_bytes(body, MOST_REASON).await.unwrap_or_default();
        let problem = Problem::of_framework(parts.status, String::from_utf8_lossy(&reason).trim());
        response = Response::from_parts(parts, axum::body::Body::empty());
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.extensions_mut().insert(std::sync::Arc::new(*problem));
    }
    render(response, language)
}

/// The framework's own reasons are a line.
const MOST_REASON: usize = 4096;

/// Writes the body of a problem; any other answer stays as it is.
pub fn render(mut response: Response, language: Language) -> Response {
    let Some(problem) = response.extensions_mut().remove::<std::sync::Arc<Problem>>() else {
        return response;
    };
    let mut rendered = (problem.status, axum::Json(problem.body(language))).into_response();
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && !headers.contains_key(name) {
            headers.append(name, value.clone());
        }
    }
    rendered
}

/// The language a request asks for.
pub fn language_of(headers: &axum::http::HeaderMap) -> Language {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .map_or(Language::Vi, Language::from_accept_language)
}
