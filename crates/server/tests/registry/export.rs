//! Lists of people going out.

use crate::office::{Office, counts};
use crate::stage::Answer;
use aws_lc_rs::digest::{SHA256, digest};
use calamine::{Reader as _, Xlsx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::io::Cursor;

const SHEET: &str = "Họ tên,Ngày sinh,Giới tính,CCCD,Địa chỉ,Ấp\r\n\
    Nguyễn Văn Ân,05/03/1985,Nam,083085012345,=1+1,Ấp 1\r\n\
    Nguyễn Văn An,1990,Nam,083090000001,Số 2,Ấp 1\r\n";

async fn export(office: &Office, body: Value) -> (Value, Answer) {
    let asked = office.ask("POST", "/exports", Some(body)).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(office.ask("GET", &format!("/exports/{id}/file"), None).await.status, 409, "not ready yet");
    office.worker().run_due().await.unwrap();
    office.stage.db.assert_no_job_left().await;
    let item = office.ask("GET", &format!("/exports/{id}"), None).await.json();
    (item, office.ask("GET", &format!("/exports/{id}/file"), None).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_out_counted_hashed_marked_and_for_a_day() {
    let office = Office::new().await;
    assert_eq!(counts(&office.import(SHEET.as_bytes(), false).await), [2, 0, 0, 0]);
    let unit = office.stage.own.commune;
    let body = json!({ "unit_id": unit, "format": "csv", "purpose": "report" });
    let (item, file) = export(&office, body).await;
    assert_eq!(item["status"], "ready", "{item:#}");
    let there = office
        .count(
            "select count(*) from person p where removed is null and unit in
        (select descendant from unit_ancestor where ancestor = (select id from unit where code = '28807'))",
        )
        .await;
    assert_eq!(item["people"], there);
    assert_eq!(item["sha256"], hex::encode(digest(&SHA256, &file.body)));
    assert_eq!(item["bytes"], file.body.len());
    let text = file.text();
    assert!(text.starts_with('\u{feff}'));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len() as i64, there + 1);
    let mark = item["watermark"].as_str().unwrap();
    assert!(lines[1..].iter().all(|l| l.ends_with(mark)), "every row carries the mark");
    let row = lines.iter().find(|l| l.starts_with("Nguyễn Văn Ân")).unwrap();
    assert!(row.contains("05/03/1985") && row.contains("******012345"), "{row}");
    assert!(row.contains(",'=1+1,"), "a formula goes out as text: {row}");
    let at = |name: &str| lines.iter().position(|l| l.starts_with(name)).unwrap();
    assert!(at("Nguyễn Văn An,") < at("Nguyễn Văn Ân,"));
    for action in ["registry.export", "registry.fetch_export"] {
        assert_eq!(
            office.count(&format!("select count(*) from audit where action = '{action}'")).await,
            1,
            "{action}"
        );
    }

    office.stage.db.clock.advance(SignedDuration::from_hours(25));
    let cookie = office.stage.sign_in_as(greenfort_kernel::Role::CommuneStation).await;
    let path = format!("/api/v1/exports/{}/file", item["id"].as_str().unwrap());
    assert_eq!(office.stage.ask("GET", &path, Some(&cookie), None).await.status, 410);
    office.worker().keep_house().await.unwrap();
    assert_eq!(office.count("select count(*) from person_export_part").await, 0, "the file is destroyed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_holds_whole_numbers_when_asked_and_its_people_are_known_when_it_comes_back() {
    let office = Office::new().await;
    assert_eq!(counts(&office.import(SHEET.as_bytes(), false).await), [2, 0, 0, 0]);
    let hamlet = office.stage.own.hamlet;
    let body = json!({ "unit_id": hamlet, "format": "xlsx", "purpose": "handover", "full_numbers": true });
    let (item, file) = export(&office, body).await;
    let mut book = Xlsx::new(Cursor::new(file.body.clone())).unwrap();
    let rows = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(rows.height() as i64, item["people"].as_i64().unwrap() + 1);
    let cells: Vec<String> = rows.used_cells().map(|(_, _, c)| c.to_string()).collect();
    assert!(cells.iter().any(|c| c == "083085012345") && cells.iter().any(|c| c == "=1+1"));
    let again = office.import(&file.body, true).await;
    // Two of them have numbers; the others' households were never in a sheet, so nothing tells who they are.
    let people = item["people"].as_i64().unwrap();
    assert_eq!(counts(&again)[0], people - 2, "who has a number is known again: {again:#}");
}
