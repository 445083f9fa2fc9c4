//! The form of every answer: refusals are problems in two languages whoever refuses, and what is known is not sent again.

use crate::stage::{Answer, Stage, request};
use axum::body::Body;
use axum::http::{Request, Response, header};
use greenfort_kernel::Role;

async fn refused(stage: &Stage, request: Request<Body>, status: u16, kind: &str) -> serde_json::Value {
    let response = stage.send(request).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let answer = Answer::of(response).await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), body["status"].as_u64()),
        (status, Some(u64::from(status))),
        "{body}"
    );
    assert_eq!(body["type"], format!("urn:greenfort:problem:{kind}"));
    body
}

#[tokio::test]
async fn what_the_framework_refuses_is_a_problem_like_any_other() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::Administrator).await;
    let cookie = Some(cookie.as_str());

    let query = request("GET", "/api/v1/units?on=yesterday", cookie, None);
    let body = refused(&stage, query, 400, "unreadable").await;
    assert!(body["detail"].as_str().unwrap().starts_with("Sửa chỗ được nêu"), "{body}");
    assert!(body["detail"].as_str().unwrap().contains("on"), "the field is named: {body}");

    let mut path = request("GET", "/api/v1/people/nobody", cookie, None);
    path.headers_mut().insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
    let body = refused(&stage, path, 400, "unreadable").await;
    assert!(body["detail"].as_str().unwrap().starts_with("Mend what is named"), "{body}");

    let mut body = request("POST", "/api/v1/tokens", cookie, Some(serde_json::json!({ "label": 1 })));
    refused(&stage, body, 422, "unreadable").await;
    body = request("POST", "/api/v1/tokens", cookie, Some(serde_json::json!({})));
    body.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    refused(&stage, body, 415, "media-type").await;
    let large = serde_json::json!({ "label": "x".repeat(3 * 1024 * 1024) });
    refused(&stage, request("POST", "/api/v1/tokens", cookie, Some(large)), 413, "too-large").await;

    refused(&stage, request("PUT", "/api/v1/units", cookie, None), 405, "method-not-allowed").await;
    refused(&stage, request("GET", "/api/v1/nothing-here", cookie, None), 404, "not-found").await;
}

/// The layer that keeps answers of repeatable writes has written the problem already.
#[tokio::test]
async fn a_refused_repeatable_write_keeps_its_own_problem_at_once_and_again() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::CommuneStation).await;
    for _ in 0..2 {
        let change = serde_json::json!({ "name": "Nguyễn Thị Khác" });
        let path = format!("/api/v1/people/{}", stage.own.person);
        let mut write = request("PATCH", &path, Some(&cookie), Some(change));
        write.headers_mut().insert(header::IF_MATCH, "\"99\"".parse().unwrap());
        write
            .headers_mut()
            .insert("idempotency-key", "018f0000-0000-7000-8000-000000000002".parse().unwrap());
        let body = refused(&stage, write, 412, "changed-meanwhile").await;
        assert!(body["detail"].as_str().unwrap().starts_with("Mục này vừa được"), "{body}");
    }
}

fn tag(response: &Response<Body>) -> String {
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

async fn figures(stage: &Stage, cookie: &str, known: Option<&str>) -> Response<Body> {
    let path = format!("/api/v1/units/{}/figures", stage.own.commune);
    let mut request = request("GET", &path, Some(cookie), None);
    if let Some(known) = known {
        request.headers_mut().insert(header::IF_NONE_MATCH, known.parse().unwrap());
    }
    stage.send(request).await
}

#[tokio::test]
async fn figures_that_did_not_change_are_not_sent_again_and_changed_ones_are() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::Leader).await;
    let first = figures(&stage, &cookie, None).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()[header::CACHE_CONTROL]),
        (200, &"private, no-cache".parse().unwrap())
    );
    let known = tag(&first);

    let again = figures(&stage, &cookie, Some(&known)).await;
    assert_eq!((again.status().as_u16(), tag(&again)), (304, known.clone()));
    assert!(Answer::of(again).await.text().is_empty());

    let gone = stage.own.person;
    stage
        .db
        .execute(&format!(
            "update person set removed = 'moved', removed_on = '2021-09-08' where id = '{gone}'"
        ))
        .await;
    let changed = figures(&stage, &cookie, Some(&known)).await;
    assert_eq!(changed.status(), 200);
    assert_ne!(tag(&changed), known);

    // Who may not see them is refused, whatever he knows already.
    let stranger = figures(&stage, "", Some(&known)).await;
    assert_eq!(stranger.status(), 401);
    let people = request(
        "GET",
        &format!("/api/v1/people/{}", stage.own.person),
        Some(&stage.sign_in_as(Role::CommuneStation).await),
        None,
    );
    let person = stage.send(people).await;
    assert_eq!(
        (person.status().as_u16(), &person.headers()[header::CACHE_CONTROL]),
        (200, &"no-store".parse().unwrap())
    );
}
