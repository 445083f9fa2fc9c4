//! `Idempotency-Key` on writes: a phone that repeats a request gets the first answer, whatever became of the first
//! connection.
//!
//! The key is claimed before the handler runs and the answer is kept after it. The handler runs in a task of its own, so
//! a connection that drops in between does not cut it. A program that dies in between leaves a claim without an answer:
//! the repeat is then told so instead of doing the work twice.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, Refusal, language_of, render, text};
use aws_lc_rs::digest::{Context, SHA256};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use greenfort_store::idempotency::{self, Answer, Claim};
use greenfort_store::{Scope, tx};
use jiff::SignedDuration;
use std::time::Duration;
use uuid::Uuid;

/// Says that an answer is the kept one.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEY: &str = "idempotency-key";
/// Headers that belong to an answer; cookies and dates do not.
const KEPT: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::CONTENT_LANGUAGE,
    header::CONTENT_DISPOSITION,
    header::ETAG,
    header::LOCATION,
];
/// A claim this old without an answer was cut: no request runs so long.
const CUT_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// How often and how long a repeat waits for the first to be answered.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 100;

/// The layer around the API. Requests without the header, reads, and strangers pass through.
pub async fn remember(State(app): State<App>, request: Request, next: Next) -> Result<Response, Refusal> {
    let write = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    if !write || !request.headers().contains_key(KEY) {
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = Caller::from_request_parts(&mut parts, &app).await else {
        // Sign-in itself, or somebody signed out: the handler says what is to be said.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    once(app, format!("account:{}", caller.account), parts, body, next).await
}

/// Runs a write once for (actor, key).
///
/// # Errors
/// When the key is no UUID, was used for another request, or the first attempt was cut.
pub async fn once(
    app: App,
    actor: String,
    parts: Parts,
    body: Body,
    next: Next,
) -> Result<Response, Refusal> {
    let key = parts.headers.get(KEY).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<Uuid>().ok());
    let Some(key) = key else {
        return Err(Problem::field(
            "Idempotency-Key",
            "uuid",
            text("Idempotency-Key phải là một UUID.", "Idempotency-Key must be a UUID."),
        )
        .into());
    };
    let body = to_bytes(body, super::BODY_LIMIT).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            text("Dữ liệu quá lớn", "Too large"),
            text("Chia nhỏ rồi gửi lại.", "Split it and send again."),
        )
    })?;
    let hash = request_hash(&parts, &body);
    match wait_for_claim(&app, &actor, key, &hash).await? {
        Claim::Mine => {}
        Claim::Answered(answer) => return Ok(replay(answer)),
        Claim::OtherRequest => return Err(reused()),
        Claim::Open(since) => return Err(still_open(since)),
    }
    let language = language_of(&parts.headers);
    let work = async move {
        // A task of its own: it goes on when the phone's connection drops.
        let handled = tokio::spawn(next.run(Request::from_parts(parts, Body::from(body)))).await;
        let response = match handled {
            Ok(response) => render(response, language),
            Err(panic) => {
                release(&app, &actor, key).await;
                tracing::error!(%panic, "the handler of a repeatable write broke");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let status = response.status();
        // Nothing was done, or only the caller's pace was wrong: the next attempt is a first one.
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            release(&app, &actor, key).await;
            return response;
        }
        keep(&app, &actor, key, response).await
    };
    tokio::spawn(work).await.map_err(|e| {
        tracing::error!(error = %e, "a repeatable write broke");
        Refusal(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            text("Lỗi máy chủ", "Server error"),
            text("Thử lại sau ít phút.", "Try again in some minutes."),
        ))
    })
}

async fn wait_for_claim(app: &App, actor: &str, key: Uuid, hash: &[u8; 32]) -> Result<Claim, Refusal> {
    let mut claim = Claim::Open(SignedDuration::ZERO);
    for look in 0..LOOKS {
        claim = tx!(app.db, "claim_key", Scope::nobody(), |tx| -> Result<Claim, Refusal> {
            Ok(idempotency::claim(tx, actor, key, hash).await?)
        })?;
        match claim {
            Claim::Open(since) if since < CUT_AFTER && look + 1 < LOOKS => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            _ => break,
        }
    }
    Ok(claim)
}

/// Keeps the answer; the phone gets it even if keeping fails, for the work is done.
async fn keep(app: &App, actor: &str, key: Uuid, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: KEPT
            .iter()
            .filter_map(|name| Some((name.to_string(), parts.headers.get(name)?.as_bytes().to_vec())))
            .collect(),
        body: body.to_vec(),
    };
    let kept =
        tx!(app.db, "keep_answer", Scope::nobody(), |tx| idempotency::answer(tx, actor, key, &answer).await);
    if let Err(error) = kept {
        tracing::error!(%error, "the answer to a repeatable write could not be kept");
    }
    Response::from_parts(parts, Body::from(body))
}

async fn release(app: &App, actor: &str, key: Uuid) {
    let released =
        tx!(app.db, "release_key", Scope::nobody(), |tx| idempotency::release(tx, actor, key).await);
    if let Err(error) = released {
        tracing::error!(%error, "a claimed idempotency key could not be released");
    }
}

fn replay(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// SHA-256 of method, address and body. A form is sent with another boundary each time, so that is left out.
fn request_hash(parts: &Parts, body: &Bytes) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in [parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default()] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let boundary = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("multipart/form-data;")?.trim().strip_prefix("boundary="))
        .map(|b| b.trim_matches('"').as_bytes())
        .filter(|b| !b.is_empty());
    let mut rest: &[u8] = body;
    if let Some(boundary) = boundary {
        while let Some(at) = rest.windows(boundary.len()).position(|w| w == boundary) {
            context.update(&rest[..at]);
            rest = &rest[at + boundary.len()..];
        }
    }
    context.update(rest);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn reused() -> Refusal {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        text("Khóa lặp đã dùng cho yêu cầu khác", "Idempotency key used for another request"),
        text(
            "Gửi yêu cầu mới với một Idempotency-Key mới.",
            "Send the new request with a new Idempotency-Key.",
        ),
    )
    .into()
}

fn still_open(since: SignedDuration) -> Refusal {
    if since < CUT_AFTER {
        return Problem::new(
            StatusCode::CONFLICT,
            "in-progress",
            text("Yêu cầu này đang được xử lý", "This request is being worked on"),
            text("Đợi vài giây rồi gửi lại y như cũ.", "Wait some seconds and send it again as it is."),
        )
        .retry_after(5)
        .into();
    }
    Problem::new(
        StatusCode::CONFLICT,
        "outcome-unknown",
        text("Không rõ lần gửi trước đã lưu chưa", "It is not known whether the first attempt was saved"),
        text(
            "Máy chủ bị ngắt giữa chừng. Mở danh sách xem đã có chưa; nếu chưa, gửi lại với khóa mới.",
            "The server was cut in the middle. Look whether it is there; if not, send it with a new key.",
        ),
    )
    .into()
}
