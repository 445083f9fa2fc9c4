//! Organisations, groups and vehicles as they are kept by hand.

use crate::register::{Office, fields};
use crate::stage::{Answer, request};
use axum::http::header;
use serde_json::{Value, json};

async fn made(office: &Office, path: &str, body: Value) -> String {
    let answer = office.ask("POST", path, body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn names(office: &Office, path: &str) -> Vec<String> {
    let list = office.get(path).await;
    list["items"].as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_organisation_is_found_without_diacritics_by_place_and_by_kind() {
    let office = Office::new().await;
    let (commune, hamlet) = (office.stage.own.commune, office.stage.own.hamlet);
    for (kind, name, unit) in [
        ("park", "Khu công nghiệp Giao Long", commune),
        ("market", "Chợ Giao Long", hamlet),
        ("enterprise", "Công ty Dừa Xanh", hamlet),
    ] {
        made(&office, "/organisations", json!({ "kind": kind, "name": name, "unit_id": unit })).await;
    }
    let all = ["Chợ Giao Long", "Công ty Dừa Xanh", "Khu công nghiệp Giao Long"];
    assert_eq!(names(&office, "/organisations").await, all);
    assert_eq!(office.get("/organisations?limit=2").await["total"], 3);
    for q in ["giao%20long%20ch%E1%BB%A3", "chowj", "CHO%20GIAO"] {
        assert_eq!(names(&office, &format!("/organisations?q={q}")).await, ["Chợ Giao Long"], "{q}");
    }
    assert_eq!(names(&office, "/organisations?q=.*").await.len(), 3, "signs mean nothing");
    assert_eq!(names(&office, "/organisations?kind=park").await, ["Khu công nghiệp Giao Long"]);
    assert_eq!(names(&office, &format!("/organisations?unit={hamlet}")).await, all[..2]);
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = office.get(&format!("/organisations?limit=1{after}")).await;
        seen.push(page["items"][0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, all, "page by page");
}

#[tokio::test]
async fn every_wrong_field_of_an_organisation_is_named() {
    let office = Office::new().await;
    let unit = office.stage.own.commune;
    let wrong = json!({ "kind": "shop", "name": "=1+1", "tax_code": "12" });
    let answer = office.ask("POST", "/organisations", wrong).await;
    assert_eq!(
        (answer.status.as_u16(), fields(&answer)),
        (422, ["kind", "name", "tax_code", "unit_id"].map(String::from).to_vec())
    );
    let body = json!({ "kind": "carrier", "name": "Vận tải Hàm Luông", "unit_id": unit, "tax_code": "1300 123 456" });
    let id = made(&office, "/organisations", body.clone()).await;
    assert_eq!(
        fields(&office.ask("POST", "/organisations", body).await),
        ["tax_code"],
        "one code, one organisation"
    );
    let park = json!({ "parent_id": id });
    let other =
        made(&office, "/organisations", json!({ "kind": "market", "name": "Chợ", "unit_id": unit })).await;
    let answer = office.ask("PATCH", &format!("/organisations/{other}"), park).await;
    assert_eq!(fields(&answer), ["parent_id"], "a carrier is no park");
    let hamlet = office.stage.other.hamlet;
    let away = json!({ "kind": "market", "name": "Chợ Vĩnh Bình", "unit_id": hamlet });
    assert_eq!(office.ask("POST", "/organisations", away).await.status, 404);
}

#[tokio::test]
async fn two_who_edit_one_organisation_do_not_overwrite_each_other() {
    let office = Office::new().await;
    let unit = office.stage.own.commune;
    let id =
        made(&office, "/organisations", json!({ "kind": "market", "name": "Chợ", "unit_id": unit })).await;
    let path = format!("/organisations/{id}");
    let tag = office.ask("GET", &path, Value::Null).await.headers[header::ETAG].clone();
    let change = |body: Value| {
        let mut request = request("PATCH", &format!("/api/v1{path}"), Some(&office.cookie), Some(body));
        request.headers_mut().insert(header::IF_MATCH, tag.clone());
        request
    };
    let first = Answer::of(office.stage.send(change(json!({ "address": "Đường 1" }))).await).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let second = Answer::of(office.stage.send(change(json!({ "address": "Đường 2" }))).await).await;
    assert_eq!(second.status, 412);
    let shown = office.get(&path).await;
    assert_eq!((&shown["address"], &shown["name"]), (&json!("Đường 1"), &json!("Chợ")));
}

#[tokio::test]
async fn a_worker_joins_a_shift_leaves_and_comes_back_but_never_twice_on_one_day() {
    let office = Office::new().await;
    let own = office.stage.own;
    let id = made(
        &office,
        "/organisations",
        json!({ "kind": "enterprise", "name": "Xí nghiệp", "unit_id": own.commune }),
    )
    .await;
    let part = made(
        &office,
        &format!("/organisations/{id}/parts"),
        json!({ "kind": "shift", "name": "Ca 1", "from": "2021-01-01" }),
    )
    .await;
    let path = format!("/organisations/{id}/members");
    let join = |from: &str| json!({ "person_id": own.person, "part_id": part, "from": from });
    assert_eq!(
        fields(
            &office
                .ask("POST", &path, json!({ "person_id": own.person, "part_id": part, "from": "2020-12-31" }))
                .await
        ),
        ["part_id"]
    );
    assert_eq!(office.ask("POST", &path, join("2021-02-01")).await.status, 204);
    assert_eq!(
        fields(&office.ask("POST", &path, join("2021-03-01")).await),
        ["person_id"],
        "a member already"
    );
    let end = format!("{path}/{}/end", own.person);
    assert_eq!(
        fields(&office.ask("POST", &end, json!({ "on": "2021-01-31" })).await),
        ["on"],
        "not before joining"
    );
    assert_eq!(office.ask("POST", &end, json!({ "on": "2021-06-30" })).await.status, 204);
    assert_eq!(office.ask("POST", &end, json!({})).await.status, 404, "has left");
    assert_eq!(fields(&office.ask("POST", &path, join("2021-06-30")).await), ["from"]);
    assert_eq!(office.ask("POST", &path, join("2021-07-01")).await.status, 204);

    let shown = office.get(&format!("/organisations/{id}")).await;
    assert_eq!(
        (&shown["members"], &shown["members_elsewhere"], &shown["parts"][0]["members"]),
        (&json!(1), &json!(0), &json!(1))
    );
    assert_eq!(office.get(&path).await["items"][0]["part"], "Ca 1");
    assert_eq!(office.get(&format!("{path}?all=true")).await["items"].as_array().unwrap().len(), 2);
    let timeline = office.get(&format!("/people/{}/timeline", own.person)).await;
    let kinds: Vec<&str> = timeline.as_array().unwrap().iter().map(|l| l["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["works", "worked", "works"]);
    let kinds: Vec<&str> =
        shown["history"].as_array().unwrap().iter().map(|l| l["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["registered", "joined", "left", "joined", "part"]);

    // The shift ends: its people stay, without it. The enterprise ends: nobody stays.
    assert_eq!(
        office
            .ask("POST", &format!("/organisations/{id}/parts/{part}/end"), json!({ "on": "2021-08-01" }))
            .await
            .status,
        204
    );
    let members = office.get(&path).await;
    assert_eq!(
        (&members["items"][0]["part"], &members["items"][0]["from"]),
        (&Value::Null, &json!("2021-08-02"))
    );
    assert_eq!(
        office.ask("POST", &format!("/organisations/{id}/end"), json!({ "on": "2021-09-01" })).await.status,
        204
    );
    assert_eq!(office.get(&path).await["items"], json!([]));
    assert_eq!(office.ask("POST", &path, join("2021-09-02")).await.status, 409);
    assert_eq!(
        office.ask("PATCH", &format!("/organisations/{id}"), json!({ "name": "Khác" })).await.status,
        409
    );
    assert_eq!(names(&office, "/organisations").await, [""; 0]);
    assert_eq!(names(&office, "/organisations?ended=true").await, ["Xí nghiệp"]);
}

#[tokio::test]
async fn who_lives_beyond_the_area_is_counted_and_not_named() {
    let office = Office::new().await;
    let (own, other) = (office.stage.own, office.stage.other);
    let id = made(
        &office,
        "/organisations",
        json!({ "kind": "enterprise", "name": "Xí nghiệp", "unit_id": own.commune }),
    )
    .await;
    for person in [own.person, other.person] {
        office.stage.db.execute(&format!("insert into organisation_member (organisation, person, from_date) values ('{id}', '{person}', '2021-01-01')")).await;
    }
    let shown = office.get(&format!("/organisations/{id}")).await;
    assert_eq!((&shown["members"], &shown["members_elsewhere"]), (&json!(2), &json!(1)));
    let members = office.get(&format!("/organisations/{id}/members?all=true")).await;
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    assert!(!members.to_string().contains(&other.person.to_string()));
    let stranger = json!({ "person_id": other.person });
    assert_eq!(office.ask("POST", &format!("/organisations/{id}/members"), stranger).await.status, 404);
    // Its end ends the work of everybody, also of who is not seen here.
    assert_eq!(
        office.ask("POST", &format!("/organisations/{id}/end"), json!({ "on": "2021-09-01" })).await.status,
        204
    );
    let open: i64 = sqlx::query_scalar("select count(*) from organisation_member where to_date is null")
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    assert_eq!(open, 0);
}

#[tokio::test]
async fn a_park_with_enterprises_in_it_does_not_end() {
    let office = Office::new().await;
    let unit = office.stage.own.commune;
    let park = made(
        &office,
        "/organisations",
        json!({ "kind": "park", "name": "Khu công nghiệp", "unit_id": unit }),
    )
    .await;
    let tenant = made(
        &office,
        "/organisations",
        json!({ "kind": "enterprise", "name": "Nhà máy", "unit_id": unit, "parent_id": park }),
    )
    .await;
    assert_eq!(names(&office, &format!("/organisations?parent={park}")).await, ["Nhà máy"]);
    assert_eq!(office.ask("POST", &format!("/organisations/{park}/end"), json!({})).await.status, 409);
    assert_eq!(
        fields(&office.ask("PATCH", &format!("/organisations/{park}"), json!({ "kind": "market" })).await),
        ["kind"]
    );
    assert_eq!(
        office.ask("PATCH", &format!("/organisations/{tenant}"), json!({ "parent_id": "" })).await.status,
        200
    );
    assert_eq!(office.ask("POST", &format!("/organisations/{park}/end"), json!({})).await.status, 204);
}

#[tokio::test]
async fn a_group_has_an_owner_a_share_and_members() {
    let office = Office::new().await;
    let own = office.stage.own;
    let body = json!({ "kind": "boarding_row", "name": "Dãy trọ Bà Năm", "unit_id": own.hamlet, "owner_id": own.person, "sample_percent": 25 });
    let id = made(&office, "/groups", body).await;
    let path = format!("/groups/{id}");
    assert_eq!(
        office.ask("POST", &format!("{path}/members"), json!({ "person_id": own.person })).await.status,
        204
    );
    let shown = office.get(&path).await;
    assert_eq!(
        (&shown["owner"]["name"], &shown["sample_percent"], &shown["members"]),
        (&json!("Nguyễn Thị Chủ Hộ"), &json!(25), &json!(1))
    );
    assert_eq!(names(&office, "/groups?q=day%20tro").await, ["Dãy trọ Bà Năm"]);
    assert_eq!(fields(&office.ask("PATCH", &path, json!({ "sample_percent": 0 })).await), ["sample_percent"]);
    assert_eq!(
        office.ask("PATCH", &path, json!({ "owner_id": office.stage.other.person })).await.status,
        404
    );
    assert_eq!(
        office.ask("PATCH", &path, json!({ "owner_id": "", "name": "Dãy trọ" })).await.json()["owner"],
        Value::Null
    );
    assert_eq!(office.ask("POST", &format!("{path}/end"), json!({})).await.status, 204);
    assert_eq!(office.get(&path).await["members"], 1, "today is the last day");
}

#[tokio::test]
async fn one_plate_is_one_vehicle_however_it_is_written() {
    let office = Office::new().await;
    let own = office.stage.own;
    let body = |plate: &str| json!({ "kind": "truck", "plate": plate, "unit_id": own.commune });
    let id = made(&office, "/vehicles", body("71c-123.45")).await;
    assert_eq!(fields(&office.ask("POST", "/vehicles", body("71C 12345")).await), ["plate"]);
    let path = format!("/vehicles/{id}");
    assert_eq!(
        office
            .ask("POST", &format!("{path}/drivers"), json!({ "person_id": own.person, "from": "2021-01-01" }))
            .await
            .status,
        204
    );
    let list = office.get("/vehicles?plate=c123.4").await;
    assert_eq!((&list["items"][0]["plate"], &list["items"][0]["drivers"]), (&json!("71C-123.45"), &json!(1)));
    assert_eq!(office.get(&format!("{path}/drivers")).await["items"][0]["role"], "driver");
    assert_eq!(
        office.ask("POST", &format!("{path}/drivers/{}/end", own.person), json!({})).await.status,
        204
    );
    assert_eq!(office.ask("POST", &format!("{path}/end"), json!({})).await.status, 204);
    made(&office, "/vehicles", body("71C-123.45")).await;
}
