//! Every way in, from end to end: the first link, password and code, badge on its device, code to a phone.

use crate::stage::Stage;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::Code;
use greenfort_kernel::Role;
use greenfort_server::config::GatewayKind;
use greenfort_server::http::first_run;
use greenfort_store::access::batch;
use greenfort_store::{Scope, tx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use tokio::sync::mpsc;
use totp_rs::{Builder, Secret};

/// The code an authenticator shows now.
fn totp(stage: &Stage, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    totp.generate(u64::try_from(stage.world().now().as_second()).unwrap()).to_string()
}

#[tokio::test]
async fn the_first_link_makes_one_administrator_and_then_opens_nothing() {
    let stage = Stage::new().await;
    assert_eq!(first_run::link(&stage.state).await.unwrap(), None, "there is an administrator");
    stage.db.execute("update account_grant set ended_at = now() where role = 'administrator'").await;
    let before = first_run::link(&stage.state).await.unwrap().unwrap();
    let link = first_run::link(&stage.state).await.unwrap().unwrap();
    let ask = async |link: &str, login: &str| {
        let token = link.split_once('#').unwrap().1;
        let password = "bốn nhánh sông ra biển";
        let body = json!({ "token": token, "login": login, "name": "Trần Thị Lan", "password": password });
        stage.ask("POST", "/api/v1/first-run", None, Some(body)).await
    };
    assert_eq!(ask(&before, "lan.tran").await.status, 404, "the newest link alone opens");
    let step = ask(&link, "lan.tran").await;
    assert_eq!(step.status, 200, "{}", step.text());
    assert_eq!(ask(&link, "other.one").await.status, 404, "once");
    assert_eq!(first_run::link(&stage.state).await.unwrap(), None);

    let step = step.json();
    let code = totp(&stage, step["secret"].as_str().unwrap());
    let confirm = |code: &str| Some(json!({ "challenge": step["challenge"], "code": code }));
    let wrong = if code == "000000" { "111111" } else { "000000" };
    assert_eq!(stage.ask("POST", "/api/v1/session/totp", None, confirm(wrong)).await.status, 401);
    let opened = stage.ask("POST", "/api/v1/session/totp", None, confirm(&code)).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["grants"][0]["role"], "administrator");

    // The same code does not work twice, the next one does.
    let password = json!({ "login": "lan.tran", "password": "bốn nhánh sông ra biển" });
    let again = stage.ask("POST", "/api/v1/session/password", None, Some(password)).await.json();
    assert_eq!(again["state"], "totp_needed");
    let answer = async |code: String| {
        let body = json!({ "challenge": again["challenge"], "code": code });
        stage.ask("POST", "/api/v1/session/totp", None, Some(body)).await.status
    };
    assert_eq!(answer(code).await, 401, "a code seen over a shoulder is worth nothing");
    stage.db.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(answer(totp(&stage, step["secret"].as_str().unwrap())).await, 200);
}

#[tokio::test]
async fn no_account_begins_with_a_password() {
    let stage = Stage::new().await;
    let sql = "select count(*) from account where password_hash is not null";
    let with: i64 = sqlx::query_scalar(sql).fetch_one(&mut stage.db.owner().await).await.unwrap();
    assert_eq!(with, 0);
    for password in ["", "admin", "administrator", "greenfort", "stage.administrator"] {
        let body = json!({ "login": "stage.administrator", "password": password });
        let answer = stage.ask("POST", "/api/v1/session/password", None, Some(body)).await;
        assert_eq!(answer.status, 401, "`{password}`");
    }
}

/// An enrolled device: its id and its key.
async fn enrol(stage: &Stage) -> (String, EcdsaKeyPair) {
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let body = json!({ "label": "Giao Long 03", "unit_id": stage.own.commune });
    let made = stage.ask("POST", "/api/v1/devices/codes", Some(&administrator), Some(body)).await.json();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) });
    let body = || Some(json!({ "code": made["code"], "public_key": jwk }));
    let device = stage.ask("POST", "/api/v1/devices/enrol", None, body()).await;
    assert!(device.status.is_success(), "{}", device.text());
    let again = stage.ask("POST", "/api/v1/devices/enrol", None, body()).await;
    assert_eq!(again.status, 404, "a code enrols one device");
    (device.json()["device"]["id"].as_str().unwrap().to_owned(), key)
}

/// A badge of a temporary account: code and PIN, as they are printed.
async fn badge(stage: &Stage) -> (String, String) {
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let row = json!({ "name": "Lê Thị Bé", "role": "sampler", "unit_code": "28807", "phone": "" });
    let body = json!({ "label": "Đợt 1", "ends_at": "2021-09-30T16:59:59Z", "rows": [row] });
    let made = stage.ask("POST", "/api/v1/accounts/temporary", Some(&administrator), Some(body)).await;
    let id = made.json()["batch"]["id"].as_str().unwrap().parse().unwrap();
    let (area, by) = ([stage.own.commune], stage.accounts[&Role::Administrator]);
    let (_, mut printed) =
        tx!(stage.app, "print", Scope::nobody(), |tx| batch::print(tx, id, &area, by).await).unwrap();
    let printed = printed.pop().unwrap();
    (printed.secret, printed.pin)
}

#[tokio::test]
async fn a_badge_opens_on_an_enrolled_device_with_its_pin_until_its_last_day() {
    let stage = Stage::new().await;
    let (device, key) = enrol(&stage).await;
    let (secret, pin) = badge(&stage).await;
    let challenge = async || {
        let path = format!("/api/v1/session/device-challenge?device={device}");
        stage.ask("GET", &path, None, None).await.json()["nonce"].as_str().unwrap().to_owned()
    };
    let sign = |nonce: &str| {
        let signature = key.sign(&SystemRandom::new(), nonce.as_bytes()).unwrap();
        URL_SAFE_NO_PAD.encode(signature.as_ref())
    };
    let ask = async |nonce: &str, signature: String, badge: &str, pin: &str| {
        let body =
            json!({ "device": device, "nonce": nonce, "signature": signature, "badge": badge, "pin": pin });
        stage.ask("POST", "/api/v1/session/badge", None, Some(body)).await
    };
    let nonce = challenge().await;
    let opened = ask(&nonce, sign(&nonce), &secret, &pin).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["grants"][0]["role"], "sampler");
    assert_eq!(ask(&nonce, sign(&nonce), &secret, &pin).await.status, 401, "a challenge is answered once");

    let nonce = challenge().await;
    let typed = Code::parse(&secret, Code::BADGE).unwrap().printed().to_lowercase();
    assert_eq!(ask(&nonce, sign(&nonce), &typed, &pin).await.status, 200, "typed as printed");
    let nonce = challenge().await;
    assert_eq!(ask(&nonce, sign("another"), &secret, &pin).await.status, 401, "without the device's key");
    let nonce = challenge().await;
    let wrong = if pin == "000000" { "111111" } else { "000000" };
    assert_eq!(ask(&nonce, sign(&nonce), &secret, wrong).await.status, 401);

    stage.db.clock.set("2021-09-30T17:00:00Z".parse().unwrap());
    let nonce = challenge().await;
    assert_eq!(ask(&nonce, sign(&nonce), &secret, &pin).await.status, 401, "its last day is over");
    let cookie = opened.cookie().unwrap();
    assert_eq!(stage.ask("GET", "/api/v1/session", Some(&cookie), None).await.status, 401);
}

/// Six digits in a row.
fn code_in(text: &str) -> String {
    let digits = |part: &&str| part.len() == 6 && part.bytes().all(|b| b.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_digit()).find(digits).unwrap().to_owned()
}

async fn verify(stage: &Stage, code: &str) -> u16 {
    let body = json!({ "phone": "0912345678", "code": code });
    stage.ask("POST", "/api/v1/session/otp/verify", None, Some(body)).await.status.as_u16()
}

#[tokio::test]
async fn a_code_goes_through_an_operators_interface_and_opens() {
    // A little operator that really listens: what it gets is what phones would get.
    let (sent, mut messages) = mpsc::channel::<Value>(4);
    let operator = Router::new().route(
        "/send",
        post(move |Json(message): Json<Value>| async move {
            sent.send(message).await.unwrap();
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, operator).await });
    let stage = Stage::with(|config| {
        config.messages.gateway = GatewayKind::Http;
        config.messages.url = url;
    })
    .await;
    let asked =
        stage.ask("POST", "/api/v1/session/otp", None, Some(json!({ "phone": "0912 345 678" }))).await;
    assert_eq!(asked.status, 202);
    let message = messages.recv().await.unwrap();
    assert_eq!(message["to"], "+84912345678");
    assert_eq!(verify(&stage, &code_in(message["text"].as_str().unwrap())).await, 200);
    serving.abort();
}

#[tokio::test]
async fn without_an_operator_codes_go_into_a_file_that_only_this_user_reads() {
    let stage = Stage::new().await;
    let body = json!({ "phone": "0912 345 678" });
    assert_eq!(stage.ask("POST", "/api/v1/session/otp", None, Some(body)).await.status, 202);
    let path = stage.state.config.data.join("messages.log");
    // Sent behind the answer: there once the file has its line.
    let line = loop {
        match tokio::fs::read_to_string(&path).await {
            Ok(line) if line.ends_with('\n') => break line,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = line.split_once("0912345678").unwrap().1;
    assert_eq!(verify(&stage, &code_in(text)).await, 200);
    std::fs::remove_dir_all(&stage.state.config.data).unwrap();
}
