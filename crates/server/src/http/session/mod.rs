//! Signing in and out.

mod all;
mod badge;
mod card;
mod demo;
mod end;
mod otp;
mod password;
mod persons;
mod shares;
mod show;
mod totp;

pub(crate) use otp::read_phone;
pub(crate) use password::SecondStep;

use crate::app::App;
use crate::http::auth::COOKIE;
use axum::http::{HeaderMap, HeaderValue, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::show_session, end::end_session))
        .routes(routes!(all::list_own_sessions, all::end_own_sessions))
        .routes(routes!(password::give_password))
        .routes(routes!(totp::give_code))
        .routes(routes!(badge::challenge_device))
        .routes(routes!(badge::sign_in_with_badge))
        .routes(routes!(otp::send_otp))
        .routes(routes!(otp::sign_in_with_otp))
        .routes(routes!(card::sign_in_with_card))
        .routes(routes!(persons::add_person))
        .routes(routes!(shares::list_shares, shares::share_person))
        .routes(routes!(shares::unshare_person))
        .routes(routes!(demo::list_demo_roles, demo::sign_in_as_demo_role))
}

/// The header that sets the session's cookie, or clears it when `token` is empty.
fn cookie_header(app: &App, token: &str) -> HeaderMap {
    let secure =
        if app.config.tls.is_some() || app.config.public_url.starts_with("https:") { "; Secure" } else { "" };
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{COOKIE}={token}; HttpOnly; SameSite=Lax; Path=/{secure}{age}");
    let mut headers = HeaderMap::new();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    headers
}
