//! Handing out roles, badges by the sheet, and taking them back.

use crate::stage::{Answer, Stage, request};
use axum::body::Body;
use axum::http::header;
use greenfort_domain::access::rank;
use greenfort_kernel::{Over, Role};
use serde_json::{Value, json};

async fn create(stage: &Stage, cookie: &str, role: Role, over: Over) -> Answer {
    let login = format!("x{}", stage.world().id::<uuid::Uuid>().simple());
    let grants = json!([{ "role": role, "over": over }]);
    let body = json!({ "login": login, "name": "Lê Thị Bé", "kind": "office", "grants": grants });
    stage.ask("POST", "/api/v1/accounts", Some(cookie), Some(body)).await
}

#[tokio::test]
async fn nobody_hands_out_more_than_he_holds() {
    let stage = Stage::new().await;
    let administrator = stage.sign_in_as(Role::Administrator).await;
    for role in Role::ALL {
        let expected = if rank(*role) == 0 { 422 } else { 201 };
        let made = create(&stage, &administrator, *role, stage.own.over(*role)).await;
        assert_eq!(made.status, expected, "{role}: {}", made.text());
        let elsewhere = create(&stage, &administrator, *role, stage.other.over(*role)).await;
        assert_eq!(elsewhere.status, 422, "{role} elsewhere");
    }
    for role in Role::ALL.iter().filter(|r| **r != Role::Administrator) {
        let cookie = stage.sign_in_as(*role).await;
        let refused = create(&stage, &cookie, Role::Sampler, stage.own.over(Role::Sampler)).await;
        assert_eq!(refused.status, 403, "{role}");
    }
}

#[tokio::test]
async fn a_manager_is_given_his_organisation_and_is_looked_after_where_it_lies() {
    let stage = Stage::new().await;
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let own = stage.own.over(Role::OrganisationManager);
    let over_commune =
        create(&stage, &administrator, Role::OrganisationManager, stage.own.over(Role::Sampler)).await;
    assert_eq!(over_commune.status, 422);
    assert_eq!(over_commune.json()["errors"][0]["field"], "grants[0].over");
    let made = create(&stage, &administrator, Role::OrganisationManager, own).await.json();
    let grant = &made["account"]["grants"][0];
    assert_eq!(
        grant["over"],
        json!({ "kind": "organisation", "id": stage.own.organisation, "name": "Xí nghiệp Dừa" })
    );
    let id = made["account"]["id"].as_str().unwrap();

    // Found among the accounts of the hamlet, changed to another place, and back.
    let path = format!("/api/v1/accounts?unit={}", stage.own.hamlet);
    let found = stage.ask("GET", &path, Some(&administrator), None).await.text();
    assert!(found.contains(id), "{found}");
    let path = format!("/api/v1/accounts/{id}");
    for (role, over) in
        [(Role::OutsideLab, stage.own.over(Role::OutsideLab)), (Role::OrganisationManager, own)]
    {
        let body = json!({ "grants": [{ "role": role, "over": over }] });
        let changed = stage.ask("PATCH", &path, Some(&administrator), Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(changed.json()["grants"][0]["role"], json!(role));
        assert_eq!(changed.json()["grants"].as_array().unwrap().len(), 1);
    }
    let gone = json!({ "grants": [{ "role": "outside_lab", "over": { "kind": "laboratory", "id": stage.own.organisation } }] });
    assert_eq!(
        stage.ask("PATCH", &path, Some(&administrator), Some(gone)).await.status,
        422,
        "no such laboratory"
    );
}

#[tokio::test]
async fn places_to_choose_from_are_those_of_the_own_area() {
    let stage = Stage::new().await;
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let offered = async |query: &str| {
        let path = format!("/api/v1/accounts/places?{query}");
        let answer = stage.ask("GET", &path, Some(&administrator), None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("kind=organisation").await, [stage.own.organisation.to_string()]);
    assert_eq!(offered("kind=organisation&q=nghiep+dua").await, [stage.own.organisation.to_string()]);
    assert_eq!(offered("kind=organisation&q=ca+phe").await, [""; 0]);
    assert_eq!(offered("kind=laboratory&q=xet+nghiem").await, [stage.own.laboratory.to_string()]);
    let units = stage.ask("GET", "/api/v1/units?own=true", Some(&administrator), None).await.json();
    let codes: Vec<&str> =
        units["items"].as_array().unwrap().iter().map(|u| u["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["28807", "28807-01"], "units too");
}

#[tokio::test]
async fn a_site_lead_touches_field_staff_and_nobody_above() {
    let stage = Stage::new().await;
    let lead = stage.sign_in_as(Role::SiteLead).await;
    let reason = || Some(json!({ "reason": "Mất thẻ" }));
    let sampler = stage.field_account(stage.own, Role::Sampler).await;
    let path = |id| format!("/api/v1/accounts/{id}/suspend");
    assert_eq!(stage.ask("POST", &path(sampler), Some(&lead), reason()).await.status, 200);
    for role in [Role::CommuneStation, Role::Administrator] {
        let above = stage.office_account(stage.own, role).await;
        assert_eq!(stage.ask("POST", &path(above), Some(&lead), reason()).await.status, 403, "{role}");
    }
    let own = stage.ask("POST", &path(stage.accounts[&Role::SiteLead]), Some(&lead), reason()).await;
    assert_eq!(own.status, 409, "not his own account");
}

#[tokio::test]
async fn a_change_to_an_account_that_somebody_changed_meanwhile_is_refused() {
    let stage = Stage::new().await;
    let administrator = stage.sign_in_as(Role::Administrator).await;
    let path = format!("/api/v1/accounts/{}", stage.office_account(stage.own, Role::CommuneStation).await);
    let read = stage.ask("GET", &path, Some(&administrator), None).await;
    let tag = read.headers[header::ETAG].clone();
    let patch = async |name: &str| {
        let mut request = request("PATCH", &path, Some(&administrator), Some(json!({ "name": name })));
        request.headers_mut().insert(header::IF_MATCH, tag.clone());
        stage.send(request).await.status()
    };
    assert_eq!(patch("Tên một").await, 200);
    assert_eq!(patch("Tên hai").await, 412);
    assert_eq!(stage.ask("GET", &path, Some(&administrator), None).await.json()["name"], "Tên một");
}

fn sheet(rows: &[Value]) -> Option<Value> {
    Some(json!({ "label": "Tăng cường", "ends_at": "2021-09-30T16:59:59Z", "rows": rows }))
}

fn row(name: &str, role: &str, unit_code: &str, phone: &str) -> Value {
    json!({ "name": name, "role": role, "unit_code": unit_code, "phone": phone })
}

#[tokio::test]
async fn five_hundred_accounts_are_made_from_one_sheet_and_none_while_a_row_is_wrong() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::Administrator).await;
    let mut rows: Vec<Value> =
        (1..=500).map(|n| row(&format!("Nguyễn Văn {n}"), "Nhân viên lấy mẫu", "28807-01", "")).collect();
    rows[7] = row("", "sampler", "28807", "");
    rows[11] = row("Lê Thị Bé", "province_officer", "28870", "12");
    rows[20] = row("Trần Văn Đực", "courier", "28807", "0912345678");
    rows[499] = row("Phạm Thị Út", "courier", "28807", "+84 912 345 678");
    let refused = stage.ask("POST", "/api/v1/accounts/temporary", Some(&cookie), sheet(&rows)).await;
    assert_eq!(refused.status, 422);
    let refused = refused.json();
    let mut wrong: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, ["rows[11].phone", "rows[11].role", "rows[499].phone", "rows[7].name"]);
    let batches = stage.ask("GET", "/api/v1/accounts/batches", Some(&cookie), None).await.json();
    assert_eq!(batches["items"], json!([]), "nothing half-made");

    rows[7] = row("Võ Thị Bảy", "sampler", "28807", "");
    rows[11] = row("Lê Thị Bé", "Người giao mẫu", "28807", "");
    rows[499] = row("Phạm Thị Út", "courier", "28807", "");
    let made = stage.ask("POST", "/api/v1/accounts/temporary", Some(&cookie), sheet(&rows)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["batch"]["created"], 500);

    let url = made.json()["badges_url"].as_str().unwrap().to_owned();
    let pdf = stage.ask("GET", &url, Some(&cookie), None).await;
    assert_eq!(pdf.status, 200);
    assert_eq!(pdf.headers[header::CONTENT_TYPE], "application/pdf");
    assert!(pdf.body.starts_with(b"%PDF-"));
    stage.db.clock.advance(jiff::SignedDuration::from_hours(25));
    let cookie = stage.sign_in_as(Role::Administrator).await;
    assert_eq!(
        stage.ask("GET", &url, Some(&cookie), None).await.status,
        404,
        "the PINs are gone a day later"
    );
}

#[tokio::test]
async fn a_sheet_is_looked_at_before_anything_is_made() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::Administrator).await;
    let rows = [
        row("Lê Thị Bé", "Nhân viên lấy mẫu", "28807", ""),
        row("Võ Thị Bảy", "sampler", "28807", ""),
        row("Trần Văn Đực", "courier", "28807-01", ""),
        row("Phạm Thị Út", "leader", "99999", ""),
    ];
    let check = async |rows: &[Value]| {
        let body = Some(json!({ "rows": rows }));
        stage.ask("POST", "/api/v1/accounts/temporary/check", Some(&cookie), body).await
    };
    let checked = check(&rows).await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    let checked = checked.json();
    assert_eq!(checked["rows"].as_array().unwrap().len(), 4, "what was typed comes back, to be mended");
    let groups = checked["groups"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["count"], &groups[0]["role"]), (2, &json!(2), &json!("sampler")));
    let errors = checked["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["rows[3].role", "rows[3].unit_code"]);
    assert_eq!(check(&[]).await.status, 422);
    let batches = stage.ask("GET", "/api/v1/accounts/batches", Some(&cookie), None).await.json();
    assert_eq!(batches["items"], json!([]), "nothing was made");
}

#[tokio::test]
async fn a_sheet_arrives_as_a_file_too() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in_as(Role::SiteLead).await;
    let csv = "\u{feff}Họ tên;Vai trò;Mã đơn vị;Điện thoại\r\nLê Thị Bé;sampler;28807;\r\n";
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\nĐợt 1\r\n\
         --b\r\nContent-Disposition: form-data; name=\"ends_at\"\r\n\r\n2021-09-30T16:59:59Z\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let mut request = request("POST", "/api/v1/accounts/temporary", Some(&cookie), None);
    request.headers_mut().insert(header::CONTENT_TYPE, "multipart/form-data; boundary=b".parse().unwrap());
    *request.body_mut() = Body::from(form);
    assert_eq!(stage.send(request).await.status(), 201);
}
