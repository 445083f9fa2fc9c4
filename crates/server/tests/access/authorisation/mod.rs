//! Every route × everybody × own and other people's things, against a real database.
//!
//! What is expected stands in `contract/authorisation/ROOM.csv`. How to call a route stands in the room's file here. After
//! adding a route: `GREENFORT_UPDATE=1 cargo nextest run --workspace --test access authorisation`, then read what
//! it wrote: the table is the decision, not the server.

mod access;
mod call;
mod campaign;
mod contract;
mod house;
mod laboratory;
mod organisations;
mod planning;
mod register;
mod registry;
mod table;

use super::stage::Stage;
use axum::http::StatusCode;
use call::{At, Call, Case, Who};
use std::collections::BTreeSet;
use table::{Row, Table};

/// Answered without a session; everything else is 401.
const PUBLIC: &[&str] = &[
    "GET /api/v1/about",
    "GET /api/v1/session/demo",
    "GET /api/v1/session/device-challenge",
    "POST /api/v1/devices/enrol",
    "POST /api/v1/first-run",
    "POST /api/v1/invitations/accept",
    "POST /api/v1/session/badge",
    "POST /api/v1/session/card",
    "POST /api/v1/session/demo",
    "POST /api/v1/session/otp",
    "POST /api/v1/session/otp/verify",
    "POST /api/v1/session/password",
    "POST /api/v1/session/totp",
];

/// Reads as the id of anything, and is nothing's.
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Every room: its name, which is its table's, and how its routes are called.
fn rooms() -> Vec<(&'static str, Vec<Call>)> {
    vec![
        ("access", access::calls()),
        ("campaign", campaign::calls()),
        ("house", house::calls()),
        ("organisations", organisations::calls()),
        ("laboratory", laboratory::calls()),
        ("planning", planning::calls()),
        ("register", register::calls()),
        ("registry", registry::calls()),
    ]
}

#[test]
fn every_route_of_the_contract_is_called_and_stands_in_a_table() {
    let document: serde_json::Value =
        serde_json::from_str(&greenfort_server::http::openapi::document().unwrap()).unwrap();
    let mut served = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            served.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut called = BTreeSet::new();
    for (room, calls) in rooms() {
        let table = Table::read(room);
        for call in calls {
            let rows = table.rows.iter().filter(|r| r.route == call.route).count();
            assert!(
                rows > 0 || updating(),
                "contract/authorisation/{room}.csv has no row for {}",
                call.route
            );
            assert!(called.insert(call.route.clone()), "{} is called twice", call.route);
        }
        for row in &table.rows {
            assert!(called.contains(&row.route), "{room}.csv: {} is not called by its room", row.route);
        }
    }
    let missing: Vec<_> = served.difference(&called).collect();
    assert!(missing.is_empty(), "routes that nobody calls (see docs/adding-an-endpoint.md): {missing:#?}");
    let gone: Vec<_> = called.difference(&served).collect();
    assert!(gone.is_empty(), "called, but no longer in the contract: {gone:#?}");
}

#[tokio::test]
async fn abuse_5_a_crawl_without_a_session_finds_only_what_is_public() {
    let stage = Stage::new().await;
    for (room, calls) in rooms() {
        for call in calls {
            let (method, path) = call.route.split_once(' ').unwrap();
            let path: Vec<&str> =
                path.split('/').map(|p| if p.starts_with('{') { NOBODY } else { p }).collect();
            let answer = stage.ask(method, &path.join("/"), None, None).await;
            let public = PUBLIC.contains(&call.route.as_str());
            assert_eq!(answer.status != 401, public, "{room}: {} answers {}", call.route, answer.status);
        }
    }
    assert_eq!(stage.ask("GET", "/api/v1/no-such-thing", None, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_answers_everybody_as_its_table_says() {
    check("access", access::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_campaign_answers_everybody_as_its_table_says() {
    check("campaign", campaign::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_house_answers_everybody_as_its_table_says() {
    check("house", house::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organisations_answer_everybody_as_their_table_says() {
    check("organisations", organisations::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_laboratory_answers_everybody_as_its_table_says() {
    check("laboratory", laboratory::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_planner_answers_everybody_as_its_table_says() {
    check("planning", planning::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_answers_everybody_as_its_table_says() {
    check("register", register::calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sheets_answer_everybody_as_their_table_says() {
    check("registry", registry::calls()).await;
}

/// True when the tables are to be written from what the server answers.
fn updating() -> bool {
    std::env::var_os("GREENFORT_UPDATE").is_some_and(|v| !v.is_empty())
}

/// Calls every route as everybody and compares with the table; with `GREENFORT_UPDATE` writes the table instead.
async fn check(room: &str, calls: Vec<Call>) {
    let stage = Stage::new().await;
    let mut found = Table { rows: Vec::new() };
    let mut broken = Vec::new();
    for call in &calls {
        let mut cases = vec![Row::new(call, Case::Own)];
        if call.is_about_something() {
            cases.push(Row::new(call, Case::Other));
        }
        for row in &mut cases {
            for who in Who::all() {
                let answer = ask(&stage, call, row.case, who).await;
                row.set(who, answer.0);
                let name = format!("{} {} as {who}", call.route, row.case);
                if who == Who::Stranger && !PUBLIC.contains(&call.route.as_str()) && answer.0 != 401 {
                    broken.push(format!("{name}: {} without a session", answer.0));
                }
                if row.case == Case::Other {
                    if answer.0 < 300 && call.shown_to_all.is_none() {
                        broken.push(format!("{name}: {}, though it is not theirs", answer.0));
                    }
                    let nothing = ask(&stage, call, Case::Nothing, who).await;
                    if call.shown_to_all.is_none() && nothing != answer {
                        broken.push(format!(
                            "{name}: what is not theirs answers {answer:?}, what is not there {nothing:?}"
                        ));
                    }
                }
            }
        }
        found.rows.extend(cases);
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    if updating() {
        found.write(room);
        return;
    }
    let differences = Table::read(room).differences(&found);
    assert!(
        differences.is_empty(),
        "{}\nIf the server is right: GREENFORT_UPDATE=1, and read the difference.",
        differences.join("\n")
    );
}

/// Status and the words of the answer that say no.
async fn ask(stage: &Stage, call: &Call, case: Case, who: Who) -> (u16, String) {
    let request = call.request(&At { stage, case, who }, who).await;
    let answer = super::stage::Answer::of(stage.send(request).await).await;
    assert!(
        !answer.status.is_server_error(),
        "{} {case} as {who}: {} {}",
        call.route,
        answer.status,
        answer.text()
    );
    let no = answer.status.is_client_error() || answer.status == StatusCode::NOT_FOUND;
    (answer.status.as_u16(), if no { answer.text() } else { String::new() })
}
