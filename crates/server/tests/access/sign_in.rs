//! Getting in, staying in, guessing, and being signed out.

use crate::stage::{Answer, Stage, request};
use axum::http::header;
use greenfort_domain::access::{Code, SessionKind};
use greenfort_kernel::Role;
use greenfort_kernel::phone::Phone;
use greenfort_store::access::{cards, change, otp};
use greenfort_store::{Scope, tx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::num::NonZeroU32;

const PHONE: &str = "0912345678";

async fn card(stage: &Stage) -> Code {
    let scope = Scope::area([stage.own.commune]);
    let by = stage.accounts[&Role::CommuneStation];
    tx!(stage.app, "issue", scope, |tx| cards::issue(tx, stage.own.person, by).await).unwrap()
}

fn with_card(code: &Code, birth_year: i16) -> Option<Value> {
    Some(json!({ "card": code.printed(), "birth_year": birth_year }))
}

fn retry_after(answer: &Answer) -> i64 {
    let header: i64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert_eq!(answer.json()["retry_after_s"], header, "the body says the same");
    header
}

#[tokio::test]
async fn a_card_and_the_year_open_one_persons_page_and_nobody_elses() {
    let stage = Stage::new().await;
    let code = card(&stage).await;
    let opened = stage.ask("POST", "/api/v1/session/card", None, with_card(&code, 1960)).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["persons"][0]["id"], stage.own.person.to_string());
    let cookie = opened.cookie().unwrap();
    let own = format!("/api/v1/people/{}", stage.own.person);
    assert_eq!(stage.ask("GET", &own, Some(&cookie), None).await.status, 200);
    let next_door = format!("/api/v1/people/{}", stage.neighbour);
    assert_eq!(stage.ask("GET", &next_door, Some(&cookie), None).await.status, 404);

    // A second card makes the first worthless and ends what it opened.
    card(&stage).await;
    assert_eq!(stage.ask("GET", &own, Some(&cookie), None).await.status, 401);
    assert_eq!(stage.ask("POST", "/api/v1/session/card", None, with_card(&code, 1960)).await.status, 401);
}

#[tokio::test]
async fn abuse_2_guessing_the_year_of_a_card_locks_it_whatever_the_address() {
    let stage = Stage::new().await;
    let code = card(&stage).await;
    let mut guesses = 0;
    for year in 1900.. {
        // Every request of the stage comes from an address of its own.
        let answer = stage.ask("POST", "/api/v1/session/card", None, with_card(&code, year)).await;
        match answer.status.as_u16() {
            401 => guesses += 1,
            429 if answer.text().contains("ạm y tế") && retry_after(&answer) > 3600 => break,
            429 => stage.db.clock.advance(SignedDuration::from_secs(retry_after(&answer))),
            other => panic!("{other}: {}", answer.text()),
        }
        assert!(guesses <= 10, "the card took {guesses} guesses");
    }
    assert_eq!(guesses, 10);
    let right = stage.ask("POST", "/api/v1/session/card", None, with_card(&code, 1960)).await;
    assert_eq!(right.status, 429, "locked for the right year as well: staff issue another");
}

#[tokio::test]
async fn abuse_2_a_code_to_a_phone_bears_five_guesses_whatever_the_address() {
    let stage = Stage::new().await;
    let phone = Phone::parse(PHONE).unwrap();
    let code = tx!(stage.app, "otp", Scope::nobody(), |tx| otp::make(tx, &phone).await).unwrap();
    let other = |n: u32| format!("{:06}", (code.parse::<u32>().unwrap() + n) % 1_000_000);
    let verify = async |code: &str| {
        let body = Some(json!({ "phone": PHONE, "code": code }));
        stage.ask("POST", "/api/v1/session/otp/verify", None, body).await
    };
    for n in 1..=5 {
        assert_eq!(verify(&other(n)).await.status, 401);
    }
    let locked = verify(&code).await;
    assert_eq!(locked.status, 429, "the right code, too late");
    assert!(retry_after(&locked) > 0);
    stage.db.clock.advance(SignedDuration::from_secs(retry_after(&locked)));
    assert_eq!(verify(&code).await.status, 401, "after the wait this code is spent");
    let fresh = tx!(stage.app, "otp", Scope::nobody(), |tx| otp::make(tx, &phone).await).unwrap();
    stage.db.clock.advance(SignedDuration::from_mins(2));
    let opened = verify(&fresh).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["persons"], json!([]), "a phone by itself sees nobody");
    assert_eq!(verify(&fresh).await.status, 401, "a code opens once");
}

#[tokio::test]
async fn codes_asked_for_again_and_again_are_refused_with_the_time_to_wait() {
    let stage = Stage::new().await;
    let body = || Some(json!({ "phone": PHONE }));
    for _ in 0..3 {
        assert_eq!(stage.ask("POST", "/api/v1/session/otp", None, body()).await.status, 202);
    }
    let refused = stage.ask("POST", "/api/v1/session/otp", None, body()).await;
    assert_eq!(refused.status, 429);
    assert!(retry_after(&refused) >= 300);
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_are_answered_alike_and_lock_alike() {
    let stage = Stage::new().await;
    let hash = stage.state.access.hasher.hash_password("trái dừa xiêm ngọt").await.unwrap();
    let set = format!("update account set password_hash = '{hash}' where login = 'stage.leader'");
    stage.db.execute(&set).await;
    let ask = async |login: &str| {
        let body = json!({ "login": login, "password": "bốn nhánh sông ra biển" });
        let answer = stage.ask("POST", "/api/v1/session/password", None, Some(body)).await;
        (answer.status.as_u16(), answer.text())
    };
    for _ in 0..5 {
        let (known, unknown) = (ask("stage.leader").await, ask("nobody.here").await);
        assert_eq!(known, unknown);
        assert_eq!(known.0, 401);
    }
    let (known, unknown) = (ask("stage.leader").await, ask("nobody.here").await);
    assert_eq!((known.0, unknown.0), (429, 429));
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_other_sites_and_plain_connections() {
    let stage = Stage::with(|config| config.public_url = "https://greenfort.example".into()).await;
    let code = card(&stage).await;
    let opened = stage.ask("POST", "/api/v1/session/card", None, with_card(&code, 1960)).await;
    let cookie = opened.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(cookie.split("; ").any(|part| part == flag), "{flag} in {cookie}");
    }
    assert_eq!(opened.headers[header::CACHE_CONTROL], "no-store");
    let left = stage.ask("DELETE", "/api/v1/session", opened.cookie().as_deref(), None).await;
    assert!(left.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(stage.ask("GET", "/api/v1/session", opened.cookie().as_deref(), None).await.status, 401);
}

#[tokio::test]
async fn a_write_that_another_site_sends_with_the_cookie_is_refused() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::Administrator).await;
    let forged = |name: &'static str, value: &'static str| {
        let mut request = request("DELETE", "/api/v1/session/all", Some(&cookie), None);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (name, value) in
        [("x-greenfort", "0"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        let answer = Answer::of(stage.send(forged(name, value)).await).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(answer.text().contains("urn:greenfort:problem:csrf"));
    }
    let own = Answer::of(stage.send(forged("sec-fetch-site", "same-origin")).await).await;
    assert_eq!(own.status, 204);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_in_any_case_after_its_time() {
    let stage = Stage::new().await;
    let account = stage.accounts[&Role::Leader];
    for kind in SessionKind::ALL {
        let life = kind.lifetime();
        let alive =
            async |cookie: &str| stage.ask("GET", "/api/v1/session", Some(cookie), None).await.status == 200;
        let idle = stage.sign_in(account, *kind).await;
        assert!(alive(&idle).await);
        stage.db.clock.advance(life.idle);
        assert!(!alive(&idle).await, "{kind:?} outlives its idle time");

        let busy = stage.sign_in(account, *kind).await;
        let (step, mut passed) = (life.idle / 2, SignedDuration::ZERO);
        while passed + step < life.absolute {
            stage.db.clock.advance(step);
            passed += step;
            assert!(alive(&busy).await, "{kind:?} ends at work after {passed}");
        }
        stage.db.clock.advance(life.absolute - passed);
        assert!(!alive(&busy).await, "{kind:?} outlives its time");
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_suspending_does_too() {
    let stage = Stage::new().await;
    let leader = stage.accounts[&Role::Leader];
    let (here, there) =
        (stage.sign_in(leader, SessionKind::Office).await, stage.sign_in(leader, SessionKind::Office).await);
    let list = stage.ask("GET", "/api/v1/session/all", Some(&here), None).await.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list.as_array().unwrap().iter().filter(|s| s["current"] == true).count(), 1);
    assert_eq!(stage.ask("DELETE", "/api/v1/session/all", Some(&here), None).await.status, 204);
    for cookie in [&here, &there] {
        assert_eq!(stage.ask("GET", "/api/v1/session", Some(cookie), None).await.status, 401);
    }
    let again = stage.sign_in(leader, SessionKind::Office).await;
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let path = format!("/api/v1/accounts/{leader}/suspend");
    let reason = Some(json!({ "reason": "Máy bị mất" }));
    assert_eq!(stage.ask("POST", &path, Some(&administrator), reason).await.status, 200);
    assert_eq!(stage.ask("GET", "/api/v1/session", Some(&again), None).await.status, 401);
}

#[tokio::test]
async fn a_flood_from_one_address_is_turned_away_with_the_time_to_wait() {
    let stage = Stage::with(|config| {
        config.access.requests_per_second = NonZeroU32::new(1).unwrap();
        config.access.request_burst = NonZeroU32::new(3).unwrap();
    })
    .await;
    let ask = async |from: &str| {
        let mut request = request("GET", "/api/v1/about", None, None);
        request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
        Answer::of(stage.send(request).await).await
    };
    for _ in 0..3 {
        assert_eq!(ask("203.0.113.7").await.status, 200);
    }
    let refused = ask("203.0.113.7").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["type"], "urn:greenfort:problem:too-many-requests");
    let wait = retry_after(&refused);
    assert_eq!(ask("203.0.113.8").await.status, 200, "others are not in its way");
    stage.db.clock.advance(SignedDuration::from_secs(wait));
    assert_eq!(ask("203.0.113.7").await.status, 200, "waiting as told is enough");
}

#[tokio::test]
async fn a_programs_key_does_what_it_says_in_its_area_until_it_ends_or_its_maker_goes() {
    let stage = Stage::new().await;
    let ask = async |key: &str, path: &str| {
        let mut request = request("GET", path, None, None);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        Answer::of(stage.send(request).await).await
    };
    let figures = format!("/api/v1/units/{}/figures", stage.own.commune);
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let body = json!({ "label": "Cổng thông tin", "scopes": ["figures:read"], "unit_id": stage.own.commune,
                       "until": "2021-10-01T00:00:00Z" });
    let made = stage.ask("POST", "/api/v1/tokens", Some(&administrator), Some(body.clone())).await.json();
    let key = made["token"].as_str().unwrap().to_owned();
    assert!(key.starts_with("gft_"));
    assert_eq!(ask(&key, &figures).await.status, 200);
    assert_eq!(ask(&key, "/api/v1/people?unit=1").await.status, 403, "not among its permissions");
    assert_eq!(ask(&key, &format!("/api/v1/units/{}/figures", stage.other.commune)).await.status, 404);
    assert_eq!(ask("gft_wrong", &figures).await.status, 401);

    let path = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(stage.ask("DELETE", &path, Some(&administrator), None).await.status, 204);
    assert_eq!(ask(&key, &figures).await.status, 401, "struck off");

    let made = stage.ask("POST", "/api/v1/tokens", Some(&administrator), Some(body)).await.json();
    let key = made["token"].as_str().unwrap().to_owned();
    let by = stage.accounts[&Role::Administrator];
    tx!(stage.owner, "suspend", Scope::nobody(), |tx| {
        let account = greenfort_store::access::accounts::get(tx, by).await?;
        change::suspend(tx, &account, "Nghỉ việc", by).await
    })
    .unwrap();
    assert_eq!(ask(&key, &figures).await.status, 401, "its maker is gone");
}
