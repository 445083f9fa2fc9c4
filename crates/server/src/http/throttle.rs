//! Limits: how many requests an address may make, and how often somebody may guess.

use crate::access::HashError;
use crate::app::App;
use crate::http::problem::{Problem, Refusal, text};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use greenfort_domain::access::{Locked, Lockout};
use greenfort_store::access::throttle::Counter;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a request comes from: the peer, or what a believed proxy says. IPv6 by its /64, which one subscriber has whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl FromRequestParts<App> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(address(&parts.extensions, &parts.headers, &app.config.access.proxies))
    }
}

fn address(extensions: &Extensions, headers: &HeaderMap, proxies: &[IpAddr]) -> Address {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    // Each proxy appends the peer it saw: read from the right, the first that is no proxy of ours is the client.
    let mut address = peer.to_canonical();
    let mut said = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect::<Vec<_>>();
    while proxies.contains(&address) {
        let Some(before) = said.pop().and_then(|s| s.trim().parse::<IpAddr>().ok()) else { break };
        address = before.to_canonical();
    }
    Address(match address {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    })
}

/// Turns a flood from one address away before it costs a query.
pub async fn requests(State(app): State<App>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let from = address(request.extensions(), request.headers(), &app.config.access.proxies);
    match app.access.limiter.check(from.0) {
        Ok(()) => next.run(request).await,
        Err(retry_after_s) => Refusal(Problem::too_many_requests(retry_after_s)).into_response(),
    }
}

/// What a guess counts against: the thing guessed at, and the address it comes from.
pub(crate) struct Guess {
    pub secret: [Counter; 1],
    pub address: [Counter; 1],
}

impl Guess {
    pub fn new(app: &App, kind: &'static str, at: &str, from: Address, by_address: &'static str) -> Self {
        let keys = app.db.keys();
        Self {
            secret: [Counter::new(keys, kind, at, Lockout::SECRET)],
            address: [Counter::new(keys, by_address, &from.0.to_string(), Lockout::ADDRESS)],
        }
    }

    pub fn both(&self) -> Vec<Counter> {
        self.secret.iter().chain(&self.address).cloned().collect()
    }
}

/// The answer while something is locked.
pub(crate) fn locked(locked: Locked) -> Box<Problem> {
    let minutes = locked.retry_after_s.div_ceil(60);
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-attempts",
        text("Thử quá nhiều lần", "Too many attempts"),
        text(
            format!("Chờ {minutes} phút rồi thử lại. Nếu quên, hỏi quản trị viên hoặc trạm y tế."),
            format!("Wait {minutes} minutes and try again. If you forgot it, ask your administrator or the health station."),
        ),
    )
    .retry_after(locked.retry_after_s)
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        tracing::error!(%error, "hashing failed");
        Problem::internal().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(peer: &str, forwarded: Option<&'static str>, proxies: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        if let Some(value) = forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static(value));
        }
        let proxies: Vec<IpAddr> = proxies.iter().map(|p| p.parse().unwrap()).collect();
        address(&extensions, &headers, &proxies).0.to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_may_say_who_asks() {
        assert_eq!(seen("1.2.3.4", Some("9.9.9.9"), &[]), "1.2.3.4");
        assert_eq!(seen("127.0.0.1", Some("9.9.9.9"), &["127.0.0.1"]), "9.9.9.9");
        assert_eq!(
            seen("127.0.0.1", Some("6.6.6.6, 9.9.9.9"), &["127.0.0.1"]),
            "9.9.9.9",
            "forged on the left"
        );
        assert_eq!(seen("127.0.0.1", None, &["127.0.0.1"]), "127.0.0.1");
    }

    #[test]
    fn a_subscribers_whole_ipv6_network_is_one_address() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", None, &[]), seen("2001:db8:1:2:ffff::1", None, &[]));
        assert_ne!(seen("2001:db8:1:2::1", None, &[]), seen("2001:db8:1:3::1", None, &[]));
        assert_eq!(seen("::ffff:1.2.3.4", None, &[]), "1.2.3.4");
    }
}
