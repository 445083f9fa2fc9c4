//! `POST /rounds/{id}/intake`: events of an enrolled device, signed with its key. No session is asked for: a shift outlasts
//! it, and what was swabbed must arrive.

use super::sealed::SealKey;
use crate::app::App;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use crate::http::rounds::round_in;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::sampling::Event;
use greenfort_kernel::{DeviceId, IntakeId, RoundId};
use greenfort_store::access::devices;
use greenfort_store::audit::{Actor, Entry, record};
use greenfort_store::sampling::intake::{How, Sender, take};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Events to a request: half a morning of one phone.
const MOST_EVENTS: usize = 500;
const DEVICE: &str = "greenfort-device";
const SIGNATURE: &str = "greenfort-signature";

/// What a phone sends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Upload {
    /// The device's clock when it sends.
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    /// At most 500. Each an event, or a text: an event sealed to the `seal_key` of `GET /sampling/work`.
    #[schema(value_type = Vec<SentEvent>)]
    pub events: Vec<Value>,
}

/// An event in the open, or sealed: `1.` and base64url of an ephemeral P-256 point, a nonce and AES-256-GCM of its JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = "1.BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW…")]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes the body; each event is read by itself, so that a wrong one is named"
)]
pub enum SentEvent {
    Open(Box<Event>),
    Sealed(String),
}

/// What became of an event. The phone forgets it unless it is a clash.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventAnswer {
    pub id: IntakeId,
    /// `new`, `repeated` (had arrived before), or `clash` (the device used its number for another event)
    #[schema(example = "new")]
    pub how: &'static str,
    /// What about it cannot be so; somebody has to look. Empty: all is well.
    #[schema(example = json!(["tube_twice"]))]
    pub problems: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UploadAnswer {
    /// In the order sent.
    pub events: Vec<EventAnswer>,
    /// The server's clock, from which the phone corrects its own.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
}

/// Take in events of an enrolled device, signed with its key. No session is asked for.
#[utoipa::path(
    post,
    path = "/rounds/{id}/intake",
    tag = "sampling",
    params(
        ("id" = RoundId, Path),
        ("Greenfort-Device" = DeviceId, Header, description = "The enrolled device"),
        ("Greenfort-Signature" = String, Header, description = "ES256 over the body as sent: r‖s, base64url without padding"),
    ),
    request_body = Upload,
    responses(
        (status = 200, description = "All taken in one transaction; sending again changes nothing", body = UploadAnswer),
        (status = 401, description = "Unknown or revoked device, or a wrong signature", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round where the device works", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "An event does not read; nothing was taken", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn take_events(
    State(app): State<App>,
    Path(id): Path<RoundId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<UploadAnswer>, Refusal> {
    let sender = sender(&app, &headers, &body).await?;
    let (sent_at, events) = read(&app, sender.device, &body)?;
    let now = app.world().now();
    // The round's whole province: people of other communes are swabbed at a market, and two phones of two communes may have
    // filled the same tube. What is answered names nobody.
    let round =
        tx!(app.db, "find_round_of_device", Scope::nobody(), |tx| round_in(tx, id, &[sender.unit]).await)?;
    let taken = tx!(app.db, "take_events", Scope::area([round.province]), |tx| -> Result<_, Refusal> {
        let taken = take(tx, &round, sender, sent_at, &events).await?;
        let new = taken.iter().filter(|t| t.how == How::New).count();
        if new > 0 {
            let entry = Entry {
                actor: events.first().map_or(Actor::System, |e| Actor::Account(e.account)),
                action: "sampling.take_events",
                object_kind: "device",
                object_id: sender.device.to_string(),
                unit: Some(sender.unit),
                detail: json!({ "round": id, "new": new }),
            };
            record(tx, entry).await?;
        }
        Ok(taken)
    })?;
    let events = taken
        .into_iter()
        .map(|t| EventAnswer {
            id: t.id,
            how: match t.how {
                How::New => "new",
                How::Repeated => "repeated",
                How::Clash => "clash",
            },
            problems: t.problems,
        })
        .collect();
    Ok(Json(UploadAnswer { events, now }))
}

/// The device whose key signed the body.
async fn sender(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Sender, Refusal> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let device: DeviceId = header(DEVICE).and_then(|v| v.parse().ok()).ok_or_else(unknown_device)?;
    let signature =
        header(SIGNATURE).and_then(|v| URL_SAFE_NO_PAD.decode(v).ok()).ok_or_else(unknown_device)?;
    let key = tx!(app.db, "find_device_key", Scope::nobody(), |tx| devices::key(tx, device).await)?;
    let key = key.ok_or_else(unknown_device)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public_key)
        .verify(body, &signature)
        .map_err(|_| unknown_device())?;
    Ok(Sender { device, unit: key.unit })
}

fn unknown_device() -> Box<Problem> {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "device",
        text("Máy chưa được nhận", "Device not recognised"),
        text(
            "Máy này chưa đăng ký hoặc đã bị thu hồi. Đưa máy cho trưởng điểm; các mẫu trong máy vẫn còn.",
            "This device is not enrolled or was revoked. Hand it to the site lead; what it holds is kept.",
        ),
    )
}

/// Reads the events one by one, so that a wrong one is named.
fn read(app: &App, device: DeviceId, body: &[u8]) -> Result<(Timestamp, Vec<Event>), Box<Problem>> {
    let upload: Upload = serde_json::from_slice(body).map_err(|e| {
        Problem::field(
            "body",
            "json",
            text("Dữ liệu gửi lên không đọc được.", format!("The upload does not read: {e}.")),
        )
    })?;
    if upload.events.len() > MOST_EVENTS {
        return Err(Problem::field(
            "events",
            "too-many",
            text(
                format!("Mỗi lần gửi tối đa {MOST_EVENTS} sự kiện."),
                format!("At most {MOST_EVENTS} events to a request."),
            ),
        ));
    }
    let seal_key = SealKey::of(app.db.keys());
    let mut events = Vec::with_capacity(upload.events.len());
    let mut errors = Vec::new();
    for (at, value) in upload.events.into_iter().enumerate() {
        let read = match value {
            Value::String(sealed) => match seal_key.as_ref().and_then(|key| key.open(device, &sealed)) {
                Some(json) => serde_json::from_slice::<Event>(&json),
                None => {
                    errors.push(wrong(at, "it was not sealed to this server by this device"));
                    continue;
                }
            },
            open => serde_json::from_value::<Event>(open),
        };
        match read {
            Ok(event) if event.seq > 0 => events.push(event),
            Ok(event) => errors.push(wrong(at, &format!("seq is {}, it counts from 1", event.seq))),
            Err(error) => errors.push(wrong(at, &error.to_string())),
        }
    }
    if errors.is_empty() { Ok((upload.sent_at, events)) } else { Err(Problem::invalid(errors)) }
}

fn wrong(at: usize, why: &str) -> FieldError {
    FieldError {
        field: format!("events[{at}]"),
        code: "event",
        message: text(
            format!("Sự kiện thứ {} không đọc được: {why}.", at + 1),
            format!("Event {}: {why}.", at + 1),
        ),
    }
}
