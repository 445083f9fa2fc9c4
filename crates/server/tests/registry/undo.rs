//! An import is undone: as before, except who was touched since.

use crate::office::{Office, counts};
use jiff::SignedDuration;
use serde_json::{Value, json};

const HEAD: &str =
    "STT;Họ và tên;Ngày sinh;Giới tính;Số CCCD;Điện thoại;Số hộ;Quan hệ với chủ hộ;Địa chỉ\r\n";
const FIRST: &str = "1;NGUYỄN VĂN AN;05/03/1985;Nam;083085012345;0912345678;1;Chủ hộ;Số 12 ấp 1\r\n\
    2;TRẦN THỊ BÍCH;1987;Nữ;083187000002;;1;Vợ;\r\n\
    3;LÊ VĂN DŨNG;1990;Nam;083090000001;;2;Chủ hộ;Số 14 ấp 1\r\n";

impl Office {
    async fn sheet(&self, rows: &str) -> (String, Value) {
        let id = self.upload(self.stage.own.commune, format!("{HEAD}{rows}").as_bytes()).await;
        let done = self.run(&id, false).await;
        assert_eq!(done["status"], "applied", "{done:#}");
        (id, done)
    }

    async fn undo(&self, id: &str) -> Value {
        let asked = self.ask("POST", &format!("/imports/{id}/undo"), None).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        assert_eq!(asked.json()["status"], "undoing");
        self.worker().run_due().await.unwrap();
        self.stage.db.assert_no_job_left().await;
        self.ask("GET", &format!("/imports/{id}"), None).await.json()
    }

    async fn person(&self, q: &str) -> Value {
        let found = self.ask("POST", "/people/search", Some(json!({ "q": q }))).await.json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{q}: {found:#}");
        let id = found["items"][0]["id"].as_str().unwrap().to_owned();
        self.ask("GET", &format!("/people/{id}"), None).await.json()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_a_sheet_entered_is_gone_and_leaves_nothing_that_names_anybody() {
    let office = Office::new().await;
    let before = office.names().await;
    let figures = "select coalesce(sum(persons), 0)::bigint from (select persons from register_figure
                   union all select persons from register_figure_delta) f";
    let counted = office.count(figures).await;
    let (id, _) = office.sheet(FIRST).await;
    assert_eq!(office.count(figures).await, counted + 3);
    let undone = office.undo(&id).await;
    assert_eq!(
        (&undone["status"], &undone["undone"]),
        (&json!("undone"), &json!({ "put_back": 3, "left_alone": 0 }))
    );
    assert_eq!(undone["undo_until"], Value::Null);
    assert_eq!(office.names().await, before);
    assert_eq!(office.count(figures).await, counted, "figures move with the fact");
    let traces = "select count(*) from person p where p.import is not null and (p.sealed is not null or p.name_keys <> '{}'
                  or p.id_key is not null or p.id_tail_key is not null or p.phone_key is not null)";
    assert_eq!(office.count(traces).await, 0);
    let homes = "select count(*) from household where import is not null and (ended_at is null or sealed is not null)";
    assert_eq!(office.count(homes).await, 0);
    assert_eq!(office.count("select count(*) from audit where action = 'registry.undo_import'").await, 1);
    // Twice is once, and the sheet may come again.
    assert_eq!(office.ask("POST", &format!("/imports/{id}/undo"), None).await.status, 409);
    let (_, again) = office.sheet(FIRST).await;
    assert_eq!(counts(&again), [3, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_a_sheet_changed_is_as_before_with_address_and_household() {
    let office = Office::new().await;
    office.sheet(FIRST).await;
    let was = office.person("nguyen van an 2345").await;
    let changed = FIRST
        .replace("NGUYỄN VĂN AN", "NGUYỄN VĂN ÂN")
        .replace("0912345678", "0987654321")
        .replace("Số 12 ấp 1", "Số 99 ấp 1");
    let (id, done) = office.sheet(&changed).await;
    assert_eq!(counts(&done), [0, 1, 2, 0], "{done:#}");
    let is = office.person("nguyen van an 2345").await;
    assert_eq!((&is["name"], &is["address"]), (&json!("Nguyễn Văn Ân"), &json!("Số 99 ấp 1")));
    let timeline =
        office.ask("GET", &format!("/people/{}/timeline", is["id"].as_str().unwrap()), None).await.json();
    assert_eq!(
        (&timeline[0]["kind"], &timeline[0]["detail"]["fields"]),
        (&json!("corrected"), &json!(["name", "phone"]))
    );
    assert_eq!(timeline[0]["detail"]["import"], json!(id));
    assert!(
        timeline.as_array().unwrap().iter().any(|l| l["kind"] == "registered"),
        "where he came from: {timeline:#}"
    );

    let undone = office.undo(&id).await;
    assert_eq!(undone["undone"]["left_alone"], 0, "{undone:#}");
    let again = office.person("nguyen van an 2345").await;
    for field in
        ["name", "birth_date", "phone_masked", "id_masked", "address", "household_id", "relation", "unit"]
    {
        assert_eq!(again[field], was[field], "{field}");
    }
    assert_eq!(office.people().await, 3, "nobody who was there before is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_touched_since_stays_and_is_named() {
    let office = Office::new().await;
    office.sheet(FIRST).await;
    let changed = FIRST
        .replace("0912345678", "0987654321")
        .replace("083187000002;", "083187000002;0911111111")
        + "4;PHẠM THỊ MỚI;1970;Nữ;083170000003;;3;Chủ hộ;Số 16 ấp 1\r\n5;PHẠM VĂN LẠ;1971;Nam;083071000004;;3;;\r\n";
    let (id, _) = office.sheet(&changed).await;
    let touched = office.person("nguyen van an 2345").await["id"].as_str().unwrap().to_owned();
    let edit = json!({ "exposure": "trader" });
    assert_eq!(office.ask("PATCH", &format!("/people/{touched}"), Some(edit)).await.status, 200);
    let dosed = office.person("pham thi moi 0003").await["id"].as_str().unwrap().to_owned();
    let dose = json!({ "given_on": "2021-08-01", "product": "Vero Cell" });
    assert_eq!(office.ask("PUT", &format!("/people/{dosed}/doses/1"), Some(dose)).await.status, 204);

    let undone = office.undo(&id).await;
    assert_eq!(undone["undone"], json!({ "put_back": 2, "left_alone": 2 }), "{undone:#}");
    let left = office.ask("GET", &format!("/imports/{id}/left"), None).await.json();
    let mut names: Vec<&str> =
        left["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Nguyễn Văn An", "Phạm Thị Mới"]);
    let kept = office.person("nguyen van an 2345").await;
    assert_eq!((&kept["exposure"], &kept["phone_masked"]), (&json!("trader"), &json!("*******321")));
    assert_eq!(office.person("pham thi moi 0003").await["vaccine_doses"], 1);
    assert!(!office.names().await.contains(&"Phạm Văn Lạ".to_owned()));
    // Another office's import is nobody's to undo.
    let stage = &office.stage;
    let other = stage.office_account(stage.own, greenfort_kernel::Role::CommuneStation).await;
    let cookie = stage.sign_in(other, greenfort_domain::access::SessionKind::Office).await;
    let path = format!("/api/v1/imports/{id}/undo");
    assert_eq!(stage.ask("POST", &path, Some(&cookie), None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_last_week_is_not_undone_any_more() {
    let office = Office::new().await;
    let (id, _) = office.sheet(FIRST).await;
    office.stage.db.clock.advance(SignedDuration::from_hours(24 * 7 + 1));
    let cookie = office.stage.sign_in_as(greenfort_kernel::Role::CommuneStation).await;
    let path = format!("/api/v1/imports/{id}/undo");
    assert_eq!(office.stage.ask("POST", &path, Some(&cookie), None).await.status, 409);
    assert_eq!(office.people().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_about_somebody_whose_record_stands_still_comes_back() {
    let office = Office::new().await;
    office.sheet(FIRST).await;
    let id = office.person("nguyen van an 2345").await["id"].as_str().unwrap().to_owned();
    office
        .stage
        .db
        .execute(&format!("update person set restricted_on = '2021-09-01' where id = '{id}'"))
        .await;
    let changed = format!("{HEAD}{}", FIRST.replace("0912345678", "0987654321"));
    let sheet = office.upload(office.stage.own.commune, changed.as_bytes()).await;
    let refused = office.run(&sheet, false).await;
    assert_eq!(
        (&refused["status"], &refused["faults"][0]["code"]),
        (&json!("refused"), &json!("row.stands_still"))
    );
    let same = office.upload(office.stage.own.commune, format!("{HEAD}{FIRST}").as_bytes()).await;
    assert_eq!(counts(&office.run(&same, false).await), [0, 0, 3, 0], "what changes nothing is no change");
}
