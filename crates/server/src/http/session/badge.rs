//! Field staff: an enrolled device signs a nonce, the badge's QR and the PIN say who holds it.

use super::show::{Session, signed_in};
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, Guess, locked};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::{Code, SessionKind};
use greenfort_kernel::DeviceId;
use greenfort_store::access::badges::{self, Badge};
use greenfort_store::access::{devices, session, throttle, unit_ref};
use greenfort_store::{Scope, StoreError, Tx, tx};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use utoipa::{IntoParams, ToSchema};

/// Time to scan the badge and type the PIN.
const NONCE_LIFE: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChallengeQuery {
    device: DeviceId,
}

/// What the device signs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceChallenge {
    #[schema(example = "q83v…")]
    nonce: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A nonce that an enrolled device signs to sign in with a badge.
#[utoipa::path(
    get,
    path = "/session/device-challenge",
    tag = "session",
    params(ChallengeQuery),
    responses((status = 200, description = "A nonce, whether the device is known or not", body = DeviceChallenge))
)]
pub async fn challenge_device(
    State(app): State<App>,
    Query(query): Query<ChallengeQuery>,
) -> Json<DeviceChallenge> {
    let expires_at = app.world().now() + NONCE_LIFE;
    let random = URL_SAFE_NO_PAD.encode(app.world().bytes::<16>());
    let body = format!("{random}.{}", expires_at.as_second());
    let nonce = format!("{body}.{}", seal(&app, query.device, &body));
    Json(DeviceChallenge { nonce, expires_at })
}

/// Binds a nonce to its device and time with the ring's key, so that asking for one stores nothing.
fn seal(app: &App, device: DeviceId, body: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.db.keys().search_key("device.nonce", &format!("{device}:{body}")))
}

/// When the nonce ends, if it is one of ours for this device and still good.
fn nonce_expiry(app: &App, device: DeviceId, nonce: &str) -> Option<Timestamp> {
    let (body, tag) = nonce.rsplit_once('.')?;
    let expected = seal(app, device, body);
    if !bool::from(expected.as_bytes().ct_eq(tag.as_bytes())) {
        return None;
    }
    let expires_at = Timestamp::from_second(body.rsplit_once('.')?.1.parse().ok()?).ok()?;
    (expires_at > app.world().now()).then_some(expires_at)
}

#[derive(Deserialize, ToSchema)]
pub struct BadgeSignIn {
    device: DeviceId,
    #[schema(example = "q83v…")]
    nonce: String,
    /// ES256 over the nonce's UTF-8 bytes: r‖s, 64 bytes, base64url without padding.
    #[schema(example = "MEUCIQ…")]
    signature: String,
    /// Text of the badge's QR.
    #[schema(example = "GF1-…")]
    badge: String,
    #[schema(example = "483920")]
    pin: String,
}

/// Sign in on an enrolled device with a badge and its PIN.
#[utoipa::path(
    post,
    path = "/session/badge",
    tag = "session",
    request_body = BadgeSignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 401, description = "Device, badge or PIN not right", body = ProblemBody, content_type = "application/problem+json",
            example = json!({ "type": "urn:greenfort:problem:badge", "title": "Not signed in", "status": 401, "detail": "Scan the badge again and type the PIN again. If that fails ask the site lead: badge or device may have ended." })),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in_with_badge(
    State(app): State<App>,
    from: Address,
    Json(given): Json<BadgeSignIn>,
) -> Result<(HeaderMap, Json<Session>), Refusal> {
    let secret = Code::parse(&given.badge, Code::BADGE).map(|c| c.as_str().to_owned()).unwrap_or_default();
    let guess = Guess::new(&app, "badge.secret", &secret, from, "badge.address");
    let scope = Scope::nobody();
    let allowed = tx!(app.db, "attempt_badge", scope, |tx| -> Result<_, StoreError> {
        match throttle::attempt(tx, &guess.both()).await? {
            Ok(()) => Ok(Ok(look_up(tx, &app, &given, &secret).await?)),
            Err(wait) => Ok(Err(wait)),
        }
    })?;
    let found = allowed.map_err(locked)?;
    let stored = found.as_ref().map(|badge| badge.pin_hash.as_str());
    let right = app.access.hasher.verify_pin(app.db.keys(), &secret, given.pin.trim(), stored).await?;
    let badge = match found {
        Some(badge) if right => badge,
        _ => return Err(wrong().into()),
    };
    let opened = tx!(app.db, "sign_in_with_badge", scope, |tx| -> Result<_, StoreError> {
        throttle::forgive(tx, &guess.secret).await?;
        throttle::take_back(tx, &guess.address).await?;
        badges::activate(tx, badge.account).await?;
        devices::seen(tx, given.device).await?;
        session::open(tx, badge.account, SessionKind::Field, Some(given.device)).await
    })?;
    signed_in(&app, &opened).await
}

/// The badge, when device, nonce, signature and places fit; which of them did not is nobody's business.
async fn look_up(
    tx: &mut Tx,
    app: &App,
    given: &BadgeSignIn,
    secret: &str,
) -> Result<Option<Badge>, StoreError> {
    let Some(expires_at) = nonce_expiry(app, given.device, &given.nonce) else { return Ok(None) };
    let Some(key) = devices::key(tx, given.device).await? else { return Ok(None) };
    let signature = URL_SAFE_NO_PAD.decode(&given.signature).unwrap_or_default();
    let verified = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public_key)
        .verify(given.nonce.as_bytes(), &signature);
    if verified.is_err() || !devices::spend_nonce(tx, &given.nonce, expires_at).await? {
        return Ok(None);
    }
    let Some(badge) = badges::find(tx, secret).await? else { return Ok(None) };
    // The device's place and the owner's areas must meet: a stolen badge opens nothing in another district.
    let units: Vec<_> = badge.areas.iter().copied().chain([key.unit]).collect();
    let inside = unit_ref::inside(tx, &units, &units).await?;
    let meets = badge.areas.iter().any(|a| inside.holds(*a, key.unit) || inside.holds(key.unit, *a));
    Ok(meets.then_some(badge))
}

fn wrong() -> Box<Problem> {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "badge",
        text("Chưa đăng nhập được", "Not signed in"),
        text(
            "Quét lại thẻ và nhập lại mã PIN. Nếu vẫn không được, hỏi trưởng điểm: thẻ hoặc máy có thể đã hết hạn.",
            "Scan the badge again and type the PIN again. If that fails ask the site lead: badge or device may have ended.",
        ),
    )
}
