//! Repeatable writes under concurrency and after cuts.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::post;
use axum::{Json, Router};
use greenfort_server::access::Access;
use greenfort_server::app::App;
use greenfort_server::config::Config;
use greenfort_server::http::idempotency::{REPLAYED, once};
use greenfort_store::DbRole;
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tower::ServiceExt as _;

const KEY: &str = "018f0000-0000-7000-8000-000000000001";

#[derive(Clone, Default)]
struct Calls {
    made: Arc<AtomicU32>,
    fail_first: bool,
    panic_first: bool,
}

async fn handler(State(calls): State<Calls>, body: String) -> (StatusCode, Json<serde_json::Value>) {
    let n = calls.made.fetch_add(1, Ordering::SeqCst) + 1;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!(calls.panic_first && n == 1), "a handler that breaks");
    if calls.fail_first && n == 1 {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(serde_json::json!({})));
    }
    (StatusCode::CREATED, Json(serde_json::json!({ "call": n, "echo": body })))
}

fn site(db: &TestDb, calls: Calls) -> Router {
    let config = Config::default();
    let access = Access::new(&config, &db.world).expect("the defaults can be used");
    let app =
        App { db: db.db(DbRole::App), config: Arc::new(config), access: Arc::new(access), metrics: None };
    Router::new().route("/specimens", post(handler)).with_state(calls).layer(from_fn(
        move |request: Request, next: Next| {
            let app = app.clone();
            let (parts, body) = request.into_parts();
            once(app, "account:1".into(), parts, body, next)
        },
    ))
}

async fn send(site: &Router, body: &str) -> Response<Body> {
    let request =
        Request::post("/specimens").header("idempotency-key", KEY).body(Body::from(body.to_owned())).unwrap();
    site.clone().oneshot(request).await.unwrap()
}

async fn body(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_repeats_at_once_do_the_work_once_and_all_get_its_answer() {
    let db = TestDb::new().await;
    let calls = Calls::default();
    let site = site(&db, calls.clone());
    let repeats: Vec<_> = (0..20)
        .map(|_| {
            let site = site.clone();
            tokio::spawn(async move { body(send(&site, "tube 1").await).await })
        })
        .collect();
    for repeat in repeats {
        assert_eq!(repeat.await.unwrap(), r#"{"call":1,"echo":"tube 1"}"#);
    }
    assert_eq!(calls.made.load(Ordering::SeqCst), 1);
    let later = send(&site, "tube 1").await;
    assert_eq!(later.status(), StatusCode::CREATED);
    assert_eq!(later.headers()["content-type"], "application/json");
    assert!(later.headers().contains_key(REPLAYED));
}

#[tokio::test]
async fn the_same_key_for_another_request_is_refused() {
    let db = TestDb::new().await;
    let calls = Calls::default();
    let site = site(&db, calls.clone());
    send(&site, "tube 1").await;
    assert_eq!(send(&site, "tube 2").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(calls.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_error_or_a_broken_handler_leaves_the_key_for_a_true_second_try() {
    for calls in
        [Calls { fail_first: true, ..Calls::default() }, Calls { panic_first: true, ..Calls::default() }]
    {
        let db = TestDb::new().await;
        let site = site(&db, calls);
        assert!(send(&site, "tube 1").await.status().is_server_error());
        assert_eq!(body(send(&site, "tube 1").await).await, r#"{"call":2,"echo":"tube 1"}"#);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_drops_does_not_cut_the_work_and_the_repeat_gets_the_answer() {
    let db = TestDb::new().await;
    let calls = Calls::default();
    let site = site(&db, calls.clone());
    let dropped = tokio::spawn({
        let site = site.clone();
        async move { send(&site, "tube 1").await }
    });
    while calls.made.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dropped.abort();
    assert_eq!(body(send(&site, "tube 1").await).await, r#"{"call":1,"echo":"tube 1"}"#);
}

#[tokio::test]
async fn a_first_attempt_that_was_cut_is_never_done_twice() {
    let db = TestDb::new().await;
    let calls = Calls::default();
    let site = site(&db, calls.clone());
    send(&site, "tube 1").await;
    // As a program leaves it that dies between the work and the answer.
    db.execute("update idempotency_key set status = null, body = null").await;
    db.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(send(&site, "tube 1").await.status(), StatusCode::CONFLICT);
    assert_eq!(calls.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_form_sent_again_with_another_boundary_is_the_same_request() {
    let db = TestDb::new().await;
    let calls = Calls::default();
    let site = site(&db, calls.clone());
    for boundary in ["AaB03x", "Zz91"] {
        let form = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--{boundary}--\r\n"
        );
        let request = Request::post("/specimens")
            .header("idempotency-key", KEY)
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .body(Body::from(form))
            .unwrap();
        assert_eq!(site.clone().oneshot(request).await.unwrap().status(), StatusCode::CREATED);
    }
    assert_eq!(calls.made.load(Ordering::SeqCst), 1);
}
