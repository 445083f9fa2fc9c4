//! Errors as `application/problem+json` (RFC 9457): a stable type, and a text that says what to do.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
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
    title: String,
    #[schema(example = 404)]
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldErrorBody {
    field: String,
    code: String,
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

    pub fn conflict(detail: Text) -> Box<Self> {
        Self::new(StatusCode::CONFLICT, "conflict", text("Bị trùng hoặc đã thay đổi", "Conflict"), detail)
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
            errors: self
                .errors
                .iter()
                .map(|e| FieldErrorBody {
                    field: e.field.clone(),
                    code: e.code.to_owned(),
                    message: e.message.pick(language).to_owned(),
                })
                .collect(),
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

/// Writes the body of a problem in the language the request asked for.
pub async fn write_problems(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    render(next.run(request).await, language)
}

/// Writes the body of a problem; any other answer stays as it is.
pub fn render(mut response: Response, language: Language) -> Response {
    let Some(problem) = response.extensions_mut().remove::<std::sync::Arc<Problem>>() else {
        return response;
    };
    let mut rendered = (problem.status, axum::Json(problem.body(language))).into_response();
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
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
