//! `POST /devices/enrol`: the device itself, with a code from its site lead and a key it has just made.

use super::list::Device;
use crate::app::App;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::throttle::{Address, locked};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::{Code, Lockout};
use greenfort_store::access::devices;
use greenfort_store::access::throttle::{self, Counter};
use greenfort_store::{Scope, StoreError, tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct Enrolment {
    #[schema(example = "7KQ2M-XR4TA")]
    pub code: String,
    pub public_key: PublicKey,
}

/// P-256 as a JSON Web Key (RFC 7517); the private key never leaves the device.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PublicKey {
    #[schema(example = "EC")]
    pub kty: String,
    #[schema(example = "P-256")]
    pub crv: String,
    /// 32 bytes, base64url without padding.
    #[schema(example = "f83OJ3D2…")]
    pub x: String,
    #[schema(example = "x_FEzRu9…")]
    pub y: String,
}

impl PublicKey {
    /// The uncompressed point: 0x04, x, y.
    fn point(&self) -> Option<[u8; 65]> {
        let coordinate =
            |text: &str| -> Option<[u8; 32]> { URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok() };
        if self.kty != "EC" || self.crv != "P-256" {
            return None;
        }
        let (x, y) = (coordinate(&self.x)?, coordinate(&self.y)?);
        let point: Vec<u8> = [4].into_iter().chain(x).chain(y).collect();
        // Refuses what does not lie on the curve.
        aws_lc_rs::agreement::UnparsedPublicKey::new(&aws_lc_rs::agreement::ECDH_P256, &point)
            .try_into()
            .ok()
            .and_then(|_: aws_lc_rs::agreement::ParsedPublicKey| point.try_into().ok())
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolledDevice {
    pub device: Device,
}

/// The device itself, with a code from its site lead and a key it has just made.
#[utoipa::path(
    post,
    path = "/devices/enrol",
    tag = "devices",
    request_body = Enrolment,
    responses(
        (status = 201, description = "Enrolled under the label and unit of its code", body = EnrolledDevice),
        (status = 404, description = "The code is unknown, used or too old", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A slip in the code, or no P-256 key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn enrol_device(
    State(app): State<App>,
    from: Address,
    Json(given): Json<Enrolment>,
) -> Result<(StatusCode, Json<EnrolledDevice>), Refusal> {
    let code = Code::parse(&given.code, Code::DEVICE).map_err(|error| {
        Problem::field(
            "code",
            "code",
            text("Mã gõ chưa đúng. So lại từng ký tự.", format!("The code has a slip: {error}.")),
        )
    })?;
    let point = given.public_key.point().ok_or_else(|| {
        Problem::field(
            "public_key",
            "key",
            text(
                "Khóa của máy không dùng được. Tải lại trang rồi thử lại.",
                "No P-256 key. Reload the page and try again.",
            ),
        )
    })?;
    // A code lives half an hour and holds 2^44: from one address, forty guesses and then ever longer waits.
    let counter = [Counter::new(app.db.keys(), "device.address", &from.0.to_string(), Lockout::ADDRESS)];
    let enrolled = tx!(app.db, "enrol_device", Scope::nobody(), |tx| -> Result<_, StoreError> {
        if let Err(wait) = throttle::attempt(tx, &counter).await? {
            return Ok(Err(wait));
        }
        let device = devices::enrol(tx, &code, &point).await?;
        if device.is_some() {
            throttle::take_back(tx, &counter).await?;
        }
        Ok(Ok(device))
    })?;
    let device = enrolled.map_err(locked)?.ok_or_else(|| {
        let mut problem = Problem::not_found();
        problem.detail = text(
            "Mã này không có, đã dùng hoặc đã hết hạn. Xin mã mới từ trưởng điểm.",
            "This code is unknown, used or too old. Ask the site lead for a new one.",
        );
        problem
    })?;
    Ok((StatusCode::CREATED, Json(EnrolledDevice { device: device.into() })))
}
