//! The register as it is kept by hand: people and households entered, changed, moved, restricted.

use crate::stage::{Answer, Stage, request};
use axum::http::{StatusCode, header};
use greenfort_kernel::Role;
use serde_json::{Value, json};

pub struct Office {
    pub stage: Stage,
    pub cookie: String,
}

impl Office {
    pub async fn new() -> Self {
        let stage = Stage::new().await;
        let cookie = stage.sign_in_as(Role::CommuneStation).await;
        Self { stage, cookie }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = (!body.is_null()).then_some(body);
        self.stage.ask(method, &format!("/api/v1{path}"), Some(&self.cookie), body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub async fn enter(&self, body: Value) -> Value {
        let answer = self.ask("POST", "/people", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// What the audit trail holds about an object, by action: the clock of a test stands still.
    async fn trail(&self, object: &str) -> Vec<String> {
        sqlx::query_scalar("select action from audit where object_id = $1 order by action")
            .bind(object)
            .fetch_all(&mut self.stage.db.owner().await)
            .await
            .unwrap()
    }
}

pub fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_person_is_entered_masked_and_found_by_name() {
    let office = Office::new().await;
    let home = office.stage.own.household;
    let made = office
        .enter(json!({ "name": " Lê  Thị Hồng Đào", "birth": "1995-03-02", "sex": "female", "id_number": "083 195 001234",
            "phone": "0912 345 678", "insurance_number": "GD4838323456789", "relation": "child", "exposure": "trader",
            "vaccine_doses": 1, "household_id": home }))
        .await;
    assert_eq!(made["name"], "Lê Thị Hồng Đào");
    assert_eq!((&made["birth_year"], &made["birth_date"]), (&json!(1995), &json!("1995-03-02")));
    assert_eq!(
        (&made["id_masked"], &made["insurance_masked"]),
        (&json!("******001234"), &json!("******6789"))
    );
    assert_eq!(made["code"], Value::Null, "who has papers needs no code");
    let id = made["id"].as_str().unwrap();
    let found = office.ask("POST", "/people/search", json!({ "q": "hong dao" })).await.json();
    assert_eq!(found["items"][0]["id"], made["id"]);
    assert_eq!(office.trail(id).await, ["registry.create_person"]);
    office.get(&format!("/people/{id}")).await;
    let timeline = office.get(&format!("/people/{id}/timeline")).await;
    assert_eq!((&timeline[0]["kind"], &timeline[0]["detail"]["to"]), (&json!("registered"), &json!("Ấp 1")));
    assert_eq!(
        office.trail(id).await,
        ["registry.create_person", "registry.read_person", "registry.read_timeline"]
    );

    let again = office
        .ask(
            "POST",
            "/people",
            json!({ "name": "Lê Thị Đào", "birth": "1995", "sex": "female",
            "id_number": "083195001234", "household_id": home }),
        )
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains(id), "the answer leads to the record: {}", again.text());
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_saved() {
    let office = Office::new().await;
    let wrong = json!({ "name": "=1+1", "birth": "2035", "sex": "other", "phone": "12", "insurance_number": "x",
        "exposure": "sky", "vaccine_doses": 12, "household_id": office.stage.own.household });
    let answer = office.ask("POST", "/people", wrong).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        fields(&answer),
        ["name", "birth", "sex", "phone", "insurance_number", "exposure", "vaccine_doses"]
    );
    let answer = office
        .ask(
            "POST",
            "/people",
            json!({ "name": "Lê Thị Đào", "birth": "1995", "sex": "male",
            "id_number": "083195001234", "household_id": office.stage.own.household }),
        )
        .await;
    assert_eq!(fields(&answer), ["id_number"]);
    assert!(answer.text().contains("của nữ"), "{}", answer.text());
    let nowhere =
        office.ask("POST", "/people", json!({ "name": "Lê Văn An", "birth": "1995", "sex": "male" })).await;
    assert_eq!(fields(&nowhere), ["unit_id"]);
    assert_eq!(office.stage.persons_of(office.stage.own).await.len(), 2);
}

#[tokio::test]
async fn who_has_no_papers_gets_a_code_of_the_commune_each_another() {
    let office = Office::new().await;
    let mut codes = Vec::new();
    for name in ["Bé Thơ", "Ông Ba"] {
        let made = office
            .enter(
                json!({ "name": name, "birth": "2021", "sex": "male", "relation": "newborn", "reason": "born",
                "on": "2021-09-01", "household_id": office.stage.own.household }),
            )
            .await;
        let code = made["code"].as_str().unwrap().to_owned();
        assert!(code.starts_with("28807-") && greenfort_domain::registry::is_person_code(&code), "{code}");
        codes.push(code);
    }
    assert_ne!(codes[0], codes[1]);
}

#[tokio::test]
async fn two_who_edit_the_same_person_do_not_overwrite_each_other() {
    let office = Office::new().await;
    let path = format!("/people/{}", office.stage.own.person);
    let read = office.ask("GET", &path, Value::Null).await;
    let tag = read.headers[header::ETAG].clone();
    let with_tag = |body: Value| {
        let mut request = request("PATCH", &format!("/api/v1{path}"), Some(&office.cookie), Some(body));
        request.headers_mut().insert(header::IF_MATCH, tag.clone());
        request
    };
    let first = Answer::of(office.stage.send(with_tag(json!({ "phone": "0912345678" }))).await).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_ne!(first.headers[header::ETAG], tag);
    let second = Answer::of(office.stage.send(with_tag(json!({ "phone": "" }))).await).await;
    assert_eq!(second.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(office.get(&path).await["phone_masked"], "*******678");
    // An empty text takes the number away; what is left out stays.
    let cleared = office.ask("PATCH", &path, json!({ "phone": "" })).await.json();
    assert_eq!((&cleared["phone_masked"], &cleared["name"]), (&Value::Null, &json!("Nguyễn Thị Chủ Hộ")));
}

#[tokio::test]
async fn a_move_inside_the_commune_is_dated_and_both_households_know() {
    let office = Office::new().await;
    let (own, child) = (office.stage.own, office.stage.persons_of(office.stage.own).await);
    let child = child.into_iter().find(|p| *p != own.person).unwrap();
    let made =
        office.ask("POST", "/households", json!({ "unit_id": own.hamlet, "address": "Số 7, Ấp 1" })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let new = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/people/{child}/residence");
    let moved = office
        .ask("POST", &path, json!({ "household_id": new, "relation": "lodger", "on": "2021-09-02" }))
        .await;
    assert_eq!(moved.status, 204, "{}", moved.text());
    let old = office.get(&format!("/households/{}", own.household)).await;
    assert_eq!(old["members"].as_array().unwrap().len(), 1);
    assert_eq!((&old["former"][0]["id"], &old["former"][0]["since"]), (&json!(child), &json!("2021-09-02")));
    let there = office.get(&format!("/households/{new}")).await;
    assert_eq!(
        (&there["members"][0]["relation"], &there["members"][0]["since"]),
        (&json!("lodger"), &json!("2021-09-02"))
    );
    let again = office.ask("POST", &path, json!({ "household_id": new })).await;
    assert_eq!((again.status.as_u16(), fields(&again)), (422, vec!["household_id".to_owned()]));
    assert_eq!(office.ask("DELETE", &format!("/households/{new}"), Value::Null).await.status, 409);
    let head = office.ask("PUT", &format!("/households/{new}/head"), json!({ "person_id": child })).await;
    assert_eq!(head.status, 204);
    let list = office.get(&format!("/households?unit={}", own.commune)).await;
    let line = list["items"].as_array().unwrap().iter().find(|h| h["id"] == json!(new)).unwrap().clone();
    assert_eq!((&line["head"], &line["members"]), (&json!("Nguyễn Văn Con"), &json!(1)));
}

#[tokio::test]
async fn a_move_to_another_commune_takes_the_person_out_of_sight_and_only_ones_own_can_be_moved() {
    let office = Office::new().await;
    let (own, other) = (office.stage.own, office.stage.other);
    let to_other = json!({ "unit_id": other.hamlet });
    let moved = office.ask("POST", &format!("/people/{}/residence", own.person), to_other.clone()).await;
    assert_eq!(moved.status, 204, "{}", moved.text());
    assert_eq!(office.ask("GET", &format!("/people/{}", own.person), Value::Null).await.status, 404);
    let pulled = json!({ "unit_id": own.hamlet });
    let answer = office.ask("POST", &format!("/people/{}/residence", other.person), pulled).await;
    assert_eq!(answer.status, 404, "nobody pulls people over from another commune");
    let into_theirs = json!({ "household_id": other.household });
    let child = office.stage.persons_of(own).await[0];
    assert_eq!(office.ask("POST", &format!("/people/{child}/residence"), into_theirs).await.status, 404);
}

#[tokio::test]
async fn a_death_is_dated_once_and_a_mistake_can_be_taken_back() {
    let office = Office::new().await;
    let path = format!("/people/{}/removal", office.stage.own.person);
    assert_eq!(office.ask("PUT", &path, json!({ "reason": "died", "on": "2031-01-01" })).await.status, 422);
    assert_eq!(office.ask("PUT", &path, json!({ "reason": "died", "on": "2021-09-01" })).await.status, 204);
    assert_eq!(office.ask("PUT", &path, json!({ "reason": "died" })).await.status, 409);
    let person = office.get(&format!("/people/{}", office.stage.own.person)).await;
    assert_eq!((&person["removed"], &person["removed_on"]), (&json!("died"), &json!("2021-09-01")));
    assert_eq!(office.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(office.ask("DELETE", &path, Value::Null).await.status, 409);
    let timeline = office.get(&format!("/people/{}/timeline", office.stage.own.person)).await;
    let kinds: Vec<&str> = timeline.as_array().unwrap().iter().map(|l| l["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["returned", "died"]);
}

#[tokio::test]
async fn nobody_leaves_before_having_come() {
    let office = Office::new().await;
    let own = office.stage.own;
    let body = json!({ "name": "Lê Văn Đến", "birth": "1990", "sex": "male", "household_id": own.household,
        "reason": "arrived", "on": "2021-08-10" });
    let id = office.enter(body).await["id"].as_str().unwrap().to_owned();
    let gone = |on: &str| json!({ "reason": "moved", "on": on });
    let path = format!("/people/{id}/removal");
    let early = office.ask("PUT", &path, gone("2021-08-09")).await;
    assert_eq!((early.status.as_u16(), fields(&early)), (422, vec!["on".to_owned()]));
    assert!(early.text().contains("10/08/2021"), "the day is named: {}", early.text());
    let moved = json!({ "unit_id": own.hamlet, "on": "2021-08-09" });
    assert_eq!(fields(&office.ask("POST", &format!("/people/{id}/residence"), moved).await), ["on"]);
    assert_eq!(office.ask("PUT", &path, gone("2021-08-10")).await.status, 204);
    let unborn = format!("/people/{}/removal", own.person);
    assert_eq!(fields(&office.ask("PUT", &unborn, gone("1959-12-31")).await), ["on"]);
}

#[tokio::test]
async fn doses_come_in_order_and_the_last_can_be_taken_back() {
    let office = Office::new().await;
    let path = |n: i16| format!("/people/{}/doses/{n}", office.stage.own.person);
    let dose = |on: &str| json!({ "given_on": on, "product": "Vero Cell" });
    assert_eq!(office.ask("PUT", &path(2), dose("2021-08-20")).await.status, 204);
    assert_eq!(office.ask("PUT", &path(1), dose("2021-08-30")).await.status, 422);
    assert_eq!(office.ask("PUT", &path(1), dose("2021-07-20")).await.status, 204);
    assert_eq!(office.ask("PUT", &path(1), dose("2021-07-21")).await.status, 204);
    assert_eq!(office.ask("PUT", &path(10), dose("2021-08-30")).await.status, 422);
    let person = office.get(&format!("/people/{}", office.stage.own.person)).await;
    assert_eq!(
        (&person["vaccine_doses"], &person["doses"][0]["given_on"]),
        (&json!(2), &json!("2021-07-21"))
    );
    assert_eq!(office.ask("DELETE", &path(1), Value::Null).await.status, 409);
    assert_eq!(office.ask("DELETE", &path(2), Value::Null).await.status, 204);
    assert_eq!(office.ask("DELETE", &path(2), Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_lockdown_of_a_hamlet_holds_who_lives_there_until_it_is_lifted() {
    let office = Office::new().await;
    let (own, other) = (office.stage.own, office.stage.other);
    let lockdown = |places: Value, households: Value| {
        json!({ "unit_id": own.commune, "kind": "lockdown", "document": "12/QĐ-UBND", "signer": "Chủ tịch xã",
            "places": places, "households": households })
    };
    let reaching = lockdown(json!([own.hamlet]), json!([other.household]));
    assert_eq!(office.ask("POST", "/restrictions", reaching).await.status, 404, "all or nothing");
    assert_eq!(
        fields(&office.ask("POST", "/restrictions", lockdown(json!([]), json!([]))).await),
        ["targets"]
    );
    let made = office.ask("POST", "/restrictions", lockdown(json!([own.hamlet]), json!([]))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let held = office.get(&format!("/people/{}", own.person)).await;
    assert_eq!(
        (&held["restrictions"][0]["kind"], &held["restrictions"][0]["places"][0]),
        (&json!("lockdown"), &json!("Ấp 1"))
    );
    assert_eq!(office.get("/restrictions").await["items"].as_array().unwrap().len(), 1);
    let shown = office.get(&format!("/restrictions/{id}")).await;
    assert_eq!((&shown["named"][0]["kind"], &shown["named"][0]["name"]), (&json!("place"), &json!("Ấp 1")));
    let home = office.get(&format!("/households/{}", own.household)).await;
    assert_eq!(home["restrictions"][0]["document"], "12/QĐ-UBND");
    for (query, count) in [
        (format!("unit={}", own.commune), 1),
        (format!("unit={}", other.commune), 0),
        ("kind=lockdown".to_owned(), 1),
        ("kind=isolation".to_owned(), 0),
    ] {
        let list = office.get(&format!("/restrictions?{query}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
    for _ in 0..2 {
        assert_eq!(office.ask("POST", &format!("/restrictions/{id}/lift"), Value::Null).await.status, 204);
    }
    let free = office.get(&format!("/people/{}", own.person)).await;
    assert_eq!(free["restrictions"], json!([]));
    assert_eq!(office.get("/restrictions?all=true").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_of_another_commune_is_listed() {
    let office = Office::new().await;
    let other = office.get(&format!("/households?unit={}", office.stage.other.commune)).await;
    assert_eq!(other["items"], json!([]));
    let path = format!("/households/{}", office.stage.other.household);
    assert_eq!(office.ask("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_scanned_card_fills_the_form_and_then_finds_the_person() {
    let office = Office::new().await;
    let card = "083195001234|321234567|Nguyễn Thị Bích Ngọc|02031995|Nữ|Ấp 3, Giao Long|15042021";
    let scanned = office.ask("POST", "/people/scan", json!({ "text": card })).await.json();
    assert_eq!((&scanned["source"], &scanned["people"]), (&json!("id_card"), &json!([])));
    let made = office
        .enter(json!({ "name": scanned["name"], "birth": scanned["birth"], "sex": scanned["sex"],
            "id_number": scanned["id_number"], "insurance_number": "8323456789",
            "household_id": office.stage.own.household }))
        .await;
    let id = made["id"].as_str().unwrap();
    let hex: String = "Nguyễn Thị Bích Ngọc".bytes().map(|b| format!("{b:02x}")).collect();
    for text in [
        card.to_owned(),
        "083195001234".to_owned(),
        format!("GD4838323456789|{hex}|02/03/1995|2|"),
        "******001234|NGUYEN THI BICH NGOC|1995-**-**|0|Q1|".to_owned(),
    ] {
        let found = office.ask("POST", "/people/scan", json!({ "text": text })).await.json();
        assert_eq!(found["people"][0]["id"], made["id"], "{text}");
    }
    assert_eq!(office.trail(id).await.iter().filter(|a| *a == "registry.find_by_card").count(), 4);
    // The tail alone, or with another's name, finds nobody.
    let other = "******001234|TRAN THI HOA|1995-**-**|0|Q1|";
    assert_eq!(
        office.ask("POST", "/people/scan", json!({ "text": other })).await.json()["people"],
        json!([])
    );
    let tube = office.ask("POST", "/people/scan", json!({ "text": "GF0000012345" })).await;
    assert_eq!((tube.status.as_u16(), fields(&tube)), (422, vec!["text".to_owned()]));
}

#[tokio::test]
async fn a_card_of_somebody_of_another_commune_finds_nobody() {
    let office = Office::new().await;
    let other = office.stage.other.person;
    let key = office.stage.db.keys.search_key("person.id", "083195001234");
    sqlx::query("update person set id_key = $1 where id = $2")
        .bind(key.as_slice())
        .bind(other.0)
        .execute(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    let found = office.ask("POST", "/people/scan", json!({ "text": "083195001234" })).await;
    assert_eq!((found.status.as_u16(), &found.json()["people"]), (200, &json!([])));
}
