//! What happened to other systems, tried on this one. The numbers are those of the table of abuse cases; 2 stands in
//! `sign_in.rs`, 5 in `authorisation/mod.rs`.

use crate::stage::{Answer, Stage, request};
use axum::http::header;
use greenfort_domain::access::SessionKind;
use greenfort_domain::registry::Query;
use greenfort_kernel::{PersonId, Role};
use greenfort_store::access::{cards, citizens, secret, session};
use greenfort_store::registry::{people, search};
use greenfort_store::{Scope, StoreError, tx};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn abuse_1_a_million_neighbours_of_a_valid_token_open_nothing() {
    let stage = Stage::new().await;
    let token = stage.sign_in_as(Role::Administrator).await;
    let known: i64 = sqlx::query_scalar("select count(*) from session where token_hash = $1")
        .bind(secret::hash(&token))
        .fetch_one(&mut stage.db.owner().await)
        .await
        .unwrap();
    assert_eq!(known, 1, "the hash alone is kept, and this is how it is found");
    // The tokens that differ in the last four signs only: what a guesser of numbers in a row would try.
    let stem = &token[..token.len() - 4];
    let near = |n: usize| {
        const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let end: String = (0..4).map(|at| char::from(SIGNS[n >> (6 * at) & 63])).collect();
        format!("{stem}{end}")
    };
    let mut tried = 0;
    for chunk in 0..10 {
        let hashes: Vec<Vec<u8>> = (chunk * 100_000..(chunk + 1) * 100_000)
            .map(near)
            .filter(|other| *other != token)
            .map(|other| secret::hash(&other))
            .collect();
        tried += hashes.len();
        let hits: i64 = sqlx::query_scalar(
            "select count(*) from session s join unnest($1::bytea[]) as g (h) on g.h = s.token_hash",
        )
        .bind(&hashes)
        .fetch_one(&mut stage.db.owner().await)
        .await
        .unwrap();
        assert_eq!(hits, 0);
    }
    assert!(tried >= 999_999);
    let ask = async |cookie: &str| stage.ask("GET", "/api/v1/session", Some(cookie), None).await;
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    let near = ask(&format!("{}{last}", &token[..token.len() - 1])).await;
    let far = ask("nonsense").await;
    assert_eq!((near.status, near.text()), (far.status, far.text()), "near and far are answered alike");
}

/// The keys of all objects in a document.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            into.insert(key.clone());
            keys(value, into);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[tokio::test]
async fn abuse_3_answers_about_people_hold_the_fields_agreed_on_and_no_number_in_clear() {
    const AGREED: &[&str] = &[
        "address",
        "birth_date",
        "birth_year",
        "code",
        "doses",
        "exposure",
        "household",
        "household_id",
        "id",
        "id_masked",
        "insurance_masked",
        "items",
        "members",
        "merged_into",
        "name",
        "next",
        "phone_masked",
        "relation",
        "removed",
        "removed_on",
        "restricted_on",
        "restrictions",
        "sex",
        "total",
        "unit",
        "vaccine_doses",
    ];
    let stage = Stage::new().await;
    let person = format!("/api/v1/people/{}", stage.own.person);
    let list = format!("/api/v1/people?unit={}", stage.own.commune);
    let mut read = 0;
    for role in Role::ALL {
        let cookie = stage.sign_in_as(*role).await;
        for path in [&person, &list] {
            let answer = stage.ask("GET", path, Some(&cookie), None).await;
            if answer.status != 200 {
                continue;
            }
            let mut found = BTreeSet::new();
            keys(&answer.json(), &mut found);
            let more: Vec<_> = found.iter().filter(|key| !AGREED.contains(&key.as_str())).collect();
            assert!(more.is_empty(), "{role} reads {more:?} at {path}");
            read += 1;
        }
    }
    assert!(read > 10);
}

#[tokio::test]
async fn abuse_4_a_citizen_walks_through_every_neighbours_things_and_finds_none() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in(stage.accounts[&Role::Citizen], SessionKind::Phone).await;
    let others: Vec<PersonId> =
        stage.persons_of(stage.other).await.into_iter().chain([stage.neighbour]).collect();
    for person in others {
        for (method, path) in [
            ("GET", format!("/api/v1/people/{person}")),
            ("POST", format!("/api/v1/session/persons/{person}/links")),
        ] {
            let body = (method == "POST").then(|| json!({ "phone": "0912345678", "relation": "family" }));
            let theirs = stage.ask(method, &path, Some(&cookie), body.clone()).await;
            let nobodys: PersonId = stage.world().id();
            let nothing = path.replace(&person.to_string(), &nobodys.to_string());
            let nothing = stage.ask(method, &nothing, Some(&cookie), body).await;
            assert_eq!(theirs.status, 404, "{method} {path}");
            assert_eq!(theirs.text(), nothing.text(), "what is another's and what is not there look alike");
        }
    }
}

#[tokio::test]
async fn abuse_13_the_101st_search_of_a_day_is_refused_and_written_down() {
    let stage = Stage::new().await;
    let account = stage.office_account(stage.own, Role::CommuneStation).await;
    let cookie = stage.sign_in(account, SessionKind::Office).await;
    let search = async || {
        stage.ask("POST", "/api/v1/people/search", Some(&cookie), Some(json!({ "q": "chu ho" }))).await
    };
    for n in 1..=100 {
        assert_eq!(search().await.status, 200, "search {n}");
    }
    let refused = search().await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["type"], "urn:greenfort:problem:search-quota");
    let wait = refused.json()["retry_after_s"].as_i64().unwrap();
    assert!((1..=86_400).contains(&wait), "until the day is over: {wait}");
    let alarms: i64 = sqlx::query_scalar("select count(*) from audit where action = 'registry.search_quota'")
        .fetch_one(&mut stage.db.owner().await)
        .await
        .unwrap();
    assert_eq!(alarms, 1);
    let list = format!("/api/v1/people?unit={}", stage.own.hamlet);
    assert_eq!(stage.ask("GET", &list, Some(&cookie), None).await.status, 200, "lists remain");

    stage.db.clock.advance(jiff::SignedDuration::from_secs(wait));
    let cookie = stage.sign_in(account, SessionKind::Office).await;
    let tomorrow =
        stage.ask("POST", "/api/v1/people/search", Some(&cookie), Some(json!({ "q": "chu ho" }))).await;
    assert_eq!(tomorrow.status, 200, "waiting as told is enough: {}", tomorrow.text());
}

#[test]
fn abuse_13_no_address_carries_a_phone_number() {
    let document: Value =
        serde_json::from_str(&greenfort_server::http::openapi::document().unwrap()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                let name = parameter["name"].as_str().unwrap();
                assert!(!name.contains("phone"), "{method} {path} is asked by {name}");
            }
        }
    }
}

#[tokio::test]
async fn abuse_19_nothing_personal_stays_in_a_cache_or_behind_the_back_button() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in(stage.accounts[&Role::Citizen], SessionKind::Phone).await;
    let person = format!("/api/v1/people/{}", stage.own.person);
    for path in ["/api/v1/session", "/api/v1/session/all", &person] {
        let answer = stage.ask("GET", path, Some(&cookie), None).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
    // The next reader of a shared phone: the same cookie, sent once more.
    assert_eq!(stage.ask("DELETE", "/api/v1/session", Some(&cookie), None).await.status, 204);
    let mut again = request("GET", &person, Some(&cookie), None);
    again.headers_mut().insert(header::IF_NONE_MATCH, "*".parse().unwrap());
    assert_eq!(Answer::of(stage.send(again).await).await.status, 401);
}

/// Row security under every statement about persons: called with another area's eyes, each sees nothing. A handler that
/// forgot its check calls nothing else.
#[tokio::test]
async fn every_read_and_write_about_a_person_is_blind_in_another_area() {
    let stage = Stage::new().await;
    let (own, other) = (stage.own, stage.other);
    let on = stage.world().today();
    let by = stage.accounts[&Role::CommuneStation];
    let key = vec![7; 32];
    let citizen =
        tx!(stage.app, "phone", Scope::nobody(), |tx| citizens::by_phone(tx, &key).await).unwrap().unwrap();
    let code = tx!(stage.app, "card", Scope::area([other.commune]), |tx| cards::issue(tx, other.person, by)
        .await)
    .unwrap();
    let head = stage.accounts[&Role::HouseholdHead];
    for scope in [Scope::area([own.commune]), Scope::persons([own.person]), Scope::nobody()] {
        let blind = |name: &str, found: Result<usize, StoreError>| match found {
            Ok(0) | Err(StoreError::NotFound(_)) => {}
            Ok(n) => panic!("{name} shows {n} of another area to {scope:?}"),
            Err(error) => panic!("{name}: {error}"),
        };
        let (words, unit) = (Query::read("chu ho"), Some(other.commune.0));
        let found = tx!(stage.app, "search", scope, |tx| search::search(tx, &words, unit).await);
        blind("search", found.map(|f| f.people.len()));
        let found = tx!(stage.app, "page", scope, |tx| people::page(tx, other.commune.0, on, None, 50).await);
        blind("page", found.map(|f| f.len()));
        let found = tx!(stage.app, "find", scope, |tx| people::find(tx, other.person).await);
        blind("find", found.map(|_| 1));
        let found = tx!(stage.app, "household", scope, |tx| people::household(tx, other.household).await);
        blind("household", found.map(|(_, members)| members.len() + 1));
        let found = tx!(stage.app, "links", scope, |tx| citizens::links(tx, other.person).await);
        blind("links", found.map(|_| 1));
        let relation = citizens::Relation::Family;
        let found = tx!(stage.app, "link", scope, |tx| {
            citizens::link_by_staff(tx, citizen, other.person, relation, by).await
        });
        blind("link_by_staff", found.map(|()| 1));
        let found = tx!(stage.app, "link", scope, |tx| {
            citizens::link_by_head(tx, citizen, other.person, relation, head).await
        });
        blind("link_by_head", found.map(|()| 1));
        let found = tx!(stage.app, "issue", scope, |tx| cards::issue(tx, other.person, by).await);
        blind("issue", found.map(|_| 1));
        let found = tx!(stage.app, "answer", scope, |tx| -> Result<usize, StoreError> {
            let card = cards::find(tx, &code).await?.unwrap();
            cards::answer(tx, card, 1960).await.map(|_| 1)
        });
        blind("answer", found);
    }
    // A citizen's session opened under somebody else's eyes names nobody.
    let opened = tx!(stage.app, "open", Scope::nobody(), |tx| {
        session::open(tx, head, SessionKind::Phone, None).await
    })
    .unwrap();
    let seen = tx!(stage.app, "details", Scope::area([other.commune]), |tx| {
        session::details(tx, opened.session).await
    })
    .unwrap();
    assert!(seen.persons.is_empty());
    let own_eyes = tx!(stage.app, "details", Scope::area([own.commune]), |tx| {
        session::details(tx, opened.session).await
    })
    .unwrap();
    assert_eq!(own_eyes.persons.len(), 2, "the same statement does see");
}
