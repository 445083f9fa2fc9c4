//! What people ask about their own data, and what follows.

use crate::register::{Office, fields};
use greenfort_domain::access::SessionKind;
use greenfort_kernel::Role;
use serde_json::{Value, json};

impl Office {
    async fn request(&self, kind: &str) -> String {
        let body = json!({ "person_id": self.stage.own.person, "kind": kind, "asked": "Bà Chủ Hộ, tại trạm, có CCCD" });
        let made = self.ask("POST", "/data-requests", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn close(&self, id: &str, outcome: &str) -> u16 {
        let body = json!({ "outcome": outcome, "answered": "Đã kiểm tra giấy tờ" });
        self.ask("POST", &format!("/data-requests/{id}/close"), body).await.status.as_u16()
    }
}

#[tokio::test]
async fn a_request_has_a_deadline_is_late_behind_it_and_is_answered_once() {
    let office = Office::new().await;
    let id = office.request("access").await;
    let open = office.get("/data-requests").await;
    assert_eq!((&open["items"][0]["id"], &open["items"][0]["late"]), (&json!(id), &json!(false)));
    office.stage.db.clock.advance(jiff::SignedDuration::from_hours(73));
    let cookie = office.stage.sign_in_as(Role::CommuneStation).await;
    let late = office.stage.ask("GET", "/api/v1/data-requests", Some(&cookie), None).await.json();
    assert_eq!(late["items"][0]["late"], json!(true));
    let office = Office { cookie, ..office };
    let refused =
        office.ask("POST", &format!("/data-requests/{id}/close"), json!({ "outcome": "refused" })).await;
    assert_eq!(fields(&refused), ["answered"]);
    assert_eq!(office.close(&id, "fulfilled").await, 204);
    assert_eq!(office.close(&id, "fulfilled").await, 409);
    assert_eq!(office.get("/data-requests").await["items"], json!([]));
    let all = office.get(&format!("/data-requests?person={}", office.stage.own.person)).await;
    assert_eq!(all["items"][0]["answered"], "Đã kiểm tra giấy tờ");
    let wrong = json!({ "person_id": office.stage.own.person, "kind": "sing", "asked": " " });
    assert_eq!(fields(&office.ask("POST", "/data-requests", wrong).await), ["kind", "asked"]);
}

#[tokio::test]
async fn the_copy_has_everything_in_clear_and_says_who_looked() {
    let office = Office::new().await;
    let id = office.stage.own.person;
    office.ask("PATCH", &format!("/people/{id}"), json!({ "phone": "0912345678" })).await;
    let copy = office.ask("GET", &format!("/people/{id}/data"), Value::Null).await;
    assert!(copy.headers["content-disposition"].to_str().unwrap().contains("attachment"));
    let data = copy.json();
    assert_eq!((&data["phone"], &data["timeline"][0]["kind"]), (&json!("0912345678"), &json!("corrected")));
    let actions: Vec<&str> =
        data["readings"].as_array().unwrap().iter().map(|r| r["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"registry.copy_data") && actions.contains(&"registry.change_person"));

    // The citizen linked to the record reads the same, with the office that looked and no name of staff.
    let stage = &office.stage;
    let citizen = stage.sign_in(stage.accounts[&Role::Citizen], SessionKind::Phone).await;
    let seen = stage.ask("GET", &format!("/api/v1/people/{id}/readings"), Some(&citizen), None).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    let seen = seen.json();
    let looked =
        seen["items"].as_array().unwrap().iter().find(|r| r["action"] == "registry.change_person").unwrap();
    assert_eq!((&looked["office"], &looked["roles"]), (&json!("Xã Giao Long"), &json!(["commune_station"])));
    let neighbour = format!("/api/v1/people/{}/readings", stage.neighbour);
    assert_eq!(stage.ask("GET", &neighbour, Some(&citizen), None).await.status, 404);
}

#[tokio::test]
async fn an_erased_person_leaves_a_tombstone_that_nothing_finds() {
    let office = Office::new().await;
    let id = office.stage.own.person;
    office
        .ask(
            "PATCH",
            &format!("/people/{id}"),
            json!({ "birth": "1960", "sex": "female", "id_number": "083160001234" }),
        )
        .await;
    let request = office.request("erase").await;
    assert_eq!(office.close(&request, "fulfilled").await, 204);
    let person = office.get(&format!("/people/{id}")).await;
    assert_eq!(
        (&person["name"], &person["id_masked"], &person["removed"]),
        (&json!(""), &Value::Null, &json!("erased"))
    );
    let found = office.ask("POST", "/people/search", json!({ "q": "chu ho" })).await.json();
    assert_eq!(found["items"], json!([]));
    let scanned = office.ask("POST", "/people/scan", json!({ "text": "083160001234" })).await.json();
    assert_eq!(scanned["people"], json!([]));
    assert_eq!(office.ask("PATCH", &format!("/people/{id}"), json!({ "name": "Ai Đó" })).await.status, 409);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from person p left join data_request r on r.person = p.id
         where p.id = $1 and (p.sealed is not null or p.name_keys <> '{}' or p.id_key is not null or p.id_tail_key is not null
             or p.phone_key is not null or p.insurance_key is not null or r.sealed is not null)",
    )
    .bind(id.0)
    .fetch_one(&mut office.stage.db.owner().await)
    .await
    .unwrap();
    assert_eq!(left, 0);
    let citizen = office.stage.sign_in(office.stage.accounts[&Role::Citizen], SessionKind::Phone).await;
    let gone = office.stage.ask("GET", &format!("/api/v1/people/{id}"), Some(&citizen), None).await;
    assert_eq!(gone.status, 404, "the link of the phone ended with the record");
}

#[tokio::test]
async fn a_restricted_record_is_kept_and_not_changed() {
    let office = Office::new().await;
    let id = office.stage.own.person;
    let request = office.request("restrict").await;
    assert_eq!(office.close(&request, "fulfilled").await, 204);
    let child = office.stage.persons_of(office.stage.own).await.into_iter().find(|p| *p != id).unwrap();
    let (own, home) = (office.stage.own, office.stage.own.household);
    let group = json!({ "kind": "block", "name": "Tổ 1", "unit_id": own.hamlet });
    let group = office.ask("POST", "/groups", group).await.json()["id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        ("PATCH", format!("/people/{id}"), json!({ "phone": "" })),
        ("POST", format!("/people/{id}/residence"), json!({ "unit_id": own.hamlet })),
        ("PUT", format!("/people/{id}/removal"), json!({ "reason": "moved" })),
        ("PUT", format!("/people/{id}/doses/1"), json!({ "given_on": "2021-08-01", "product": "Vero Cell" })),
        ("PUT", format!("/households/{home}/head"), json!({ "person_id": child })),
        ("POST", "/merges".to_owned(), json!({ "kept": child, "dropped": id })),
        ("POST", format!("/groups/{group}/members"), json!({ "person_id": id })),
    ] {
        let answer = office.ask(method, &path, body).await;
        assert_eq!(answer.status, 409, "{method} {path}: {}", answer.text());
    }
    assert!(office.get(&format!("/people/{id}")).await["restricted_on"].is_string());
    let again = office.request("resume").await;
    assert_eq!(office.close(&again, "fulfilled").await, 204);
    assert_eq!(office.ask("PATCH", &format!("/people/{id}"), json!({ "phone": "" })).await.status, 200);
    let other = json!({ "person_id": office.stage.other.person, "kind": "erase", "asked": "x" });
    assert_eq!(office.ask("POST", "/data-requests", other).await.status, 404);
}
