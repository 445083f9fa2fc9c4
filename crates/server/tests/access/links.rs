//! Who sees a person through a phone: only through a link, made by staff who saw the paper, by a printed card, or by the
//! head of the household.

use crate::stage::{Answer, Stage};
use greenfort_domain::access::SessionKind;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{AccountId, PersonId, Role};
use greenfort_store::access::{cards, citizens, secret};
use greenfort_store::{Scope, tx};
use serde_json::{Value, json};

/// The account of a phone as after its first sign-in with a code.
async fn account(stage: &Stage, phone: &str) -> AccountId {
    let key = secret::phone_key(&stage.db.keys, &Phone::parse(phone).unwrap());
    tx!(stage.app, "phone", Scope::nobody(), |tx| citizens::by_phone(tx, &key).await).unwrap().unwrap()
}

async fn sees(stage: &Stage, phone: &str) -> Vec<String> {
    let cookie = stage.sign_in(account(stage, phone).await, SessionKind::Phone).await;
    let session = stage.ask("GET", "/api/v1/session", Some(&cookie), None).await.json();
    session["persons"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect()
}

fn links(person: PersonId) -> String {
    format!("/api/v1/people/{person}/links")
}

fn phone(number: &str, relation: &str) -> Option<Value> {
    Some(json!({ "phone": number, "relation": relation }))
}

#[tokio::test]
async fn staff_who_saw_the_paper_link_a_phone_and_end_the_link() {
    let stage = Stage::new().await;
    let station = stage.sign_in_as(Role::CommuneStation).await;
    let person = stage.own.person;
    assert!(sees(&stage, "0912345678").await.is_empty(), "a number in the register shows nobody");

    let made = stage.ask("POST", &links(person), Some(&station), phone("0912 345 678", "self")).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let again = stage.ask("POST", &links(person), Some(&station), phone("+84912345678", "self")).await;
    assert_eq!(again.json().as_array().unwrap().len(), made.json().as_array().unwrap().len());
    assert_eq!(sees(&stage, "0912345678").await, [person.to_string()]);

    let cookie = stage.sign_in(account(&stage, "0912345678").await, SessionKind::Phone).await;
    let own = format!("/api/v1/people/{person}");
    assert_eq!(stage.ask("GET", &own, Some(&cookie), None).await.status, 200);
    let link = format!("{}/{}", links(person), account(&stage, "0912345678").await);
    assert_eq!(stage.ask("DELETE", &link, Some(&station), None).await.status, 204);
    assert_eq!(stage.ask("GET", &own, Some(&cookie), None).await.status, 401, "signed out at once");
    assert!(sees(&stage, "0912345678").await.is_empty());
    assert_eq!(stage.ask("DELETE", &link, Some(&station), None).await.status, 404, "ended already");
}

#[tokio::test]
async fn a_head_lets_the_household_see_itself_and_nobody_else() {
    let stage = Stage::new().await;
    let head = stage.sign_in(stage.accounts[&Role::HouseholdHead], SessionKind::Phone).await;
    let child = *stage.persons_of(stage.own).await.iter().find(|p| **p != stage.own.person).unwrap();
    let share = |person: PersonId| format!("/api/v1/session/persons/{person}/links");
    let given = stage.ask("POST", &share(child), Some(&head), phone("0912345679", "self")).await;
    assert_eq!(given.status, 204, "{}", given.text());
    assert_eq!(sees(&stage, "0912345679").await, [child.to_string()]);
    for person in [stage.neighbour, stage.other.person] {
        let refused = stage.ask("POST", &share(person), Some(&head), phone("0912345679", "family")).await;
        assert_eq!(refused.status, 404);
    }
    for relation in ["household_head", "guardian"] {
        let refused = stage.ask("POST", &share(child), Some(&head), phone("0912345670", relation)).await;
        assert_eq!(refused.status, 404, "only staff and cards make a {relation}");
    }
    // He sees whom he let in, and takes it back; what staff made he leaves alone.
    let shown = stage.ask("GET", &share(child), Some(&head), None).await.json();
    let shared: Vec<&Value> = shown.as_array().unwrap().iter().filter(|l| l["shared"] == true).collect();
    let [link] = shared[..] else { panic!("{shown}") };
    let own = shown.as_array().unwrap().iter().find(|l| l["own"] == true).unwrap();
    let end = |link: &Value| format!("{}/{}", share(child), link["account_id"].as_str().unwrap());
    assert_eq!(stage.ask("DELETE", &end(own), Some(&head), None).await.status, 404, "made by staff");
    assert_eq!(stage.ask("DELETE", &end(link), Some(&head), None).await.status, 204);
    assert_eq!(stage.ask("DELETE", &end(link), Some(&head), None).await.status, 404);
    assert!(sees(&stage, "0912345679").await.is_empty());
    // Who is linked as himself only hands nobody on.
    let citizen = stage.sign_in(stage.accounts[&Role::Citizen], SessionKind::Phone).await;
    let refused =
        stage.ask("POST", &share(stage.own.person), Some(&citizen), phone("0912345679", "family")).await;
    assert_eq!(refused.status, 404);
}

#[tokio::test]
async fn a_phone_adds_a_relative_by_the_printed_card_and_the_year() {
    let stage = Stage::new().await;
    let by = stage.accounts[&Role::CommuneStation];
    let scope = Scope::area([stage.own.commune]);
    let code = tx!(stage.app, "issue", scope, |tx| cards::issue(tx, stage.neighbour, by).await).unwrap();
    let cookie = stage.sign_in(account(&stage, "0912345678").await, SessionKind::Phone).await;
    let add = async |card: String, year: i16| -> Answer {
        let body = json!({ "card": card, "birth_year": year });
        stage.ask("POST", "/api/v1/session/persons", Some(&cookie), Some(body)).await
    };
    assert_eq!(add(code.printed(), 1961).await.status, 401);
    let added = add(code.printed(), 1960).await;
    assert_eq!(added.status, 200, "{}", added.text());
    assert_eq!(added.json()["persons"][0]["id"], stage.neighbour.to_string());
    assert_eq!(sees(&stage, "0912345678").await, [stage.neighbour.to_string()]);
    let mut guesses = 1;
    while add(code.printed(), 1900).await.status == 401 {
        guesses += 1;
        assert!(guesses <= 10, "guessing a card through a phone is bounded like signing in with it");
    }
}

#[tokio::test]
async fn a_printed_card_is_a_pdf_that_opens_once_issued_anew_no_more() {
    let stage = Stage::new().await;
    let station = stage.sign_in_as(Role::CommuneStation).await;
    let path = format!("/api/v1/people/{}/card", stage.own.person);
    let pdf = stage.ask("POST", &path, Some(&station), None).await;
    assert_eq!(pdf.status, 200);
    assert!(pdf.body.starts_with(b"%PDF-"));
    let text = "select count(*) from person_card where revoked_at is null";
    for _ in 0..2 {
        assert_eq!(stage.ask("POST", &path, Some(&station), None).await.status, 200);
        let live: i64 = sqlx::query_scalar(text).fetch_one(&mut stage.db.owner().await).await.unwrap();
        assert_eq!(live, 1, "earlier cards are struck off");
    }
}
