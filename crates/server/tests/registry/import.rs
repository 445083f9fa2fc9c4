//! A sheet of people from upload to register.

use crate::office::{Office, counts};
use calamine::{Reader as _, Xlsx};
use greenfort_server::registry::import::carry_out;
use greenfort_server::worker::Context;
use greenfort_store::DbRole;
use greenfort_store::jobs::Leased;
use jiff::SignedDuration;
use rust_xlsxwriter::Workbook;
use serde_json::json;
use std::io::Cursor;
use std::sync::Arc;

const SHEET: &str = "XÃ GIAO LONG;;;;;;;\r\nDANH SÁCH NHÂN KHẨU;;;;;;;\r\n\r\n\
    STT;Họ và tên;Ngày sinh;Giới tính;Số CCCD;Điện thoại;Số hộ;Quan hệ với chủ hộ;Địa chỉ\r\n\
    1;NGUYỄN VĂN AN;05/03/1985;Nam;083085012345;0912345678;1;Chủ hộ;Số 12 ấp 1\r\n\
    2;TRẦN THỊ BÍCH;1987;Nữ;;;1;Vợ;\r\n\
    3;NGUYỄN THỊ CÚC;2015;Nữ;;;1;Con;\r\n\
    4;LÊ VĂN DŨNG;1990;Nam;083090000001;;2;Chủ hộ;Số 14 ấp 1\r\n\
    ;Tổng cộng: 4 người;;;;;;;\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_communes_sheet_is_taken_in_once_and_later_sheets_change_what_they_say() {
    let office = Office::new().await;
    let first = office.import(SHEET.as_bytes(), false).await;
    assert_eq!(first["status"], "applied", "{first:#}");
    assert_eq!(counts(&first), [4, 0, 0, 0]);
    assert_eq!(first["counts"]["other_lines"], 1);
    assert_eq!(first["sha256"].as_str().unwrap().len(), 64);
    let names = office.names().await;
    for name in ["Nguyễn Văn An", "Trần Thị Bích", "Nguyễn Thị Cúc", "Lê Văn Dũng"] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    let homes = "select count(distinct household) from person p where exists (select from household h
                 where h.id = p.household and h.sheet_key is not null)";
    assert_eq!(office.count(homes).await, 2);

    let again = office.import(SHEET.as_bytes(), false).await;
    assert_eq!(counts(&again), [0, 0, 4, 0], "the same sheet changes nothing");

    let changed = SHEET.replace("0912345678", "0987654321").replace("2015", "2016");
    let later = office.import(changed.as_bytes(), false).await;
    // The child without a number was born in another year: nobody is taken for her by name alone.
    assert_eq!(counts(&later), [1, 1, 2, 0]);
    assert_eq!(office.people().await, 5);
    let audited = "select count(*) from audit where action = 'registry.import'";
    assert_eq!(office.count(audited).await, 3);
    assert_eq!(office.count("select count(*) from person_import_part").await, 0, "sheets are not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_says_what_columns_hold_and_remembers_what_was_chosen() {
    let office = Office::new().await;
    let commune = office.stage.own.commune;
    let sheet = "TT;Tên người;NS;Phái;Cột lạ\r\n1;Lê Văn A;1990;Nam;0912345678\r\n";
    let id = office.upload(commune, sheet.as_bytes()).await;
    let preview = office.ask("GET", &format!("/imports/{id}/preview"), None).await.json();
    assert_eq!(preview["head_rows"], 1, "{preview:#}");
    let fields: Vec<_> = preview["columns"].as_array().unwrap().iter().map(|c| c["field"].clone()).collect();
    assert_eq!(json!(fields), json!([null, "name", "birth", "sex", null]));
    assert_eq!(preview["rows"][0][1], "Lê Văn A");
    assert_eq!(preview["remembered"], false);

    let run = json!({ "fields": [null, "name", "birth", "sex", "phone"] });
    assert_eq!(office.ask("POST", &format!("/imports/{id}/run"), Some(run)).await.status, 202);
    office.worker().run_due().await.unwrap();
    let again = office.upload(commune, sheet.as_bytes()).await;
    let preview = office.ask("GET", &format!("/imports/{again}/preview"), None).await.json();
    assert_eq!(preview["remembered"], true);
    assert_eq!(preview["columns"][4]["field"], "phone");

    let missing = json!({ "fields": [null, null, "birth", "sex", "sex"] });
    let refused = office.ask("POST", &format!("/imports/{again}/run"), Some(missing)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2, "no names, and a field twice");
}

/// 70,000 people; the one in the middle was born in month 13.
fn seventy_thousand() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    sheet.write_string(0, 0, "DANH SÁCH").unwrap();
    for (column, head) in (0..).zip(["STT", "Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "Ấp"]) {
        sheet.write_string(1, column, head).unwrap();
    }
    for n in 0..70_000_u32 {
        let row = n + 2;
        sheet.write_number(row, 0, n + 1).unwrap();
        sheet.write_string(row, 1, "NGUYỄN VĂN AN").unwrap();
        sheet.write_string(row, 2, if n == 35_000 { "05/13/1985" } else { "05/03/1985" }).unwrap();
        sheet.write_string(row, 3, "Nam").unwrap();
        // As Excel keeps a number that was typed into a cell of numbers: without its zero.
        sheet.write_number(row, 4, 83_085_000_000_f64 + f64::from(n)).unwrap();
        sheet.write_string(row, 5, "Ấp 1").unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_row_of_seventy_thousand_stops_all_until_told_to_accept_the_rest() {
    let office = Office::new().await;
    let id = office.upload(office.stage.own.commune, &seventy_thousand()).await;
    let refused = office.run(&id, false).await;
    assert_eq!(refused["status"], "refused", "{refused:#}");
    assert_eq!(counts(&refused), [69_999, 0, 0, 1], "what would have become of the rows");
    assert_eq!(office.people().await, 0, "nothing is applied");
    let fault = &refused["faults"][0];
    assert_eq!((fault["row"].as_i64(), fault["column"].as_str()), (Some(35_003), Some("C")));
    assert_eq!(fault["code"], "birth.month");
    assert!(fault["message"].as_str().unwrap().contains("tháng 13"), "{fault}");

    let applied = office.run(&id, true).await;
    assert_eq!(applied["status"], "applied");
    assert_eq!(counts(&applied), [69_999, 0, 0, 1]);
    assert_eq!(office.people().await, 69_999);
    let back = office.ask("GET", &format!("/imports/{id}/rejected"), None).await;
    assert_eq!(back.status, 200);
    let mut book = Xlsx::new(Cursor::new(back.body)).unwrap();
    let rows = book.worksheet_range_at(0).unwrap().unwrap();
    let row = |at: usize| rows.rows().nth(at).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(rows.height(), 3, "title, head, the row");
    assert_eq!(row(1)[6], "Lý do");
    assert_eq!(row(2)[..3], ["35001", "NGUYỄN VĂN AN", "05/13/1985"]);
    assert!(row(2)[6].contains("C (Ngày sinh)"), "{:?}", row(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_of_the_same_people_at_once_make_them_once() {
    let office = Office::new().await;
    let commune = office.stage.own.commune;
    let ids =
        [office.upload(commune, SHEET.as_bytes()).await, office.upload(commune, SHEET.as_bytes()).await];
    for id in &ids {
        assert_eq!(office.ask("POST", &format!("/imports/{id}/run"), Some(json!({}))).await.status, 202);
    }
    office.worker().run_due().await.unwrap();
    let mut became = Vec::new();
    for id in &ids {
        became.push(counts(&office.ask("GET", &format!("/imports/{id}"), None).await.json()));
    }
    became.sort_unstable();
    assert_eq!(became, [[0, 0, 4, 0], [4, 0, 0, 0]]);
    assert_eq!(office.people().await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_killed_in_the_middle_leaves_nothing_and_is_done_again() {
    let office = Office::new().await;
    let id = office.upload(office.stage.own.commune, SHEET.as_bytes()).await;
    assert_eq!(office.ask("POST", &format!("/imports/{id}/run"), Some(json!({}))).await.status, 202);
    // The run waits for another import here, all its rows staged: there it is cut.
    let mut other = office.stage.db.owner().await;
    sqlx::query("select pg_advisory_lock(hashtext('person_import'))").execute(&mut other).await.unwrap();
    let context =
        Context { db: office.stage.db.db(DbRole::Worker), config: Arc::clone(&office.stage.state.config) };
    let job = Leased {
        id: office.stage.world().id(),
        kind: "registry.import".into(),
        unique_key: id.clone(),
        payload: json!({ "import": id }),
        attempt: 1,
    };
    let running = tokio::spawn(carry_out(context, job));
    loop {
        let shown = office.ask("GET", &format!("/imports/{id}"), None).await.json();
        if shown["progress"]["phase"] == "matching" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    sqlx::query("select pg_advisory_unlock_all()").execute(&mut other).await.unwrap();
    assert_eq!(office.people().await, 0);
    assert_eq!(office.count("select count(*) from household where sheet_key is not null").await, 0);

    office.stage.db.clock.advance(SignedDuration::from_mins(10));
    office.worker().run_due().await.unwrap();
    let done = office.ask("GET", &format!("/imports/{id}"), None).await.json();
    assert_eq!((done["status"].as_str(), counts(&done)), (Some("applied"), [4, 0, 0, 0]));
    assert_eq!(office.people().await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_sees_and_touches_nobody_of_another_area() {
    let office = Office::new().await;
    let other = office.stage.other;
    // Somebody across the border has the number that the sheet gives to somebody here.
    let key = office.stage.db.keys.search_key("person.id", "083085012345");
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    office
        .stage
        .db
        .execute(&format!("update person set id_key = '\\x{hex}' where id = '{}'", other.person))
        .await;
    let there = format!(
        "select md5(string_agg(p::text, '' order by id)) from person p where unit = {}",
        other.hamlet
    );
    let before: String = sqlx::query_scalar(sqlx::AssertSqlSafe(there.clone()))
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    let done = office.import(SHEET.as_bytes(), false).await;
    assert_eq!(counts(&done), [4, 0, 0, 0], "the number is nobody's here");
    let code: String = sqlx::query_scalar("select code from unit where id = $1")
        .bind(other.hamlet.0)
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    let sheet = format!("Họ tên,Năm sinh,Giới tính,Mã đơn vị\r\nLê Văn A,1990,Nam,{code}\r\n");
    let refused = office.import(sheet.as_bytes(), true).await;
    assert_eq!(counts(&refused), [0, 0, 0, 1]);
    assert_eq!(refused["faults"][0]["code"], "unit.unknown");
    let after: String = sqlx::query_scalar(sqlx::AssertSqlSafe(there))
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    assert_eq!(before, after);
    let begun = office.ask("POST", "/imports", Some(json!({ "unit_id": other.commune, "size": 10 }))).await;
    assert_eq!(begun.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheets_own_code_finds_the_person_again_and_only_in_its_commune() {
    let office = Office::new().await;
    let head = "Mã hồ sơ,Họ tên,Năm sinh,Giới tính,Điện thoại\r\n";
    let first = format!("{head}HS-01,Nguyễn Văn An,1985,Nam,\r\nHS-02,Nguyễn Văn An,1985,Nam,\r\n");
    assert_eq!(counts(&office.import(first.as_bytes(), false).await), [2, 0, 0, 0], "namesakes with codes");
    let again = format!("{head}hs-01,NGUYỄN VĂN ÂN,1985,Nam,0912345678\r\nHS-02,Nguyễn Văn An,1985,Nam,\r\n");
    assert_eq!(
        counts(&office.import(again.as_bytes(), false).await),
        [0, 1, 1, 0],
        "the code tells them apart"
    );
    let taken = format!("{head}HS-02,Trần Thị Bé,1990,Nữ,\r\n");
    let wrong = office.import(taken.as_bytes(), false).await;
    assert_eq!(
        wrong["faults"][0]["code"], "row.somebody_else",
        "the code was given to somebody else: {wrong:#}"
    );
    let twice = format!("{head}HS-03,Lê A,1990,Nam,\r\nHS-03,Lê B,1991,Nam,\r\n");
    assert_eq!(counts(&office.import(twice.as_bytes(), true).await), [1, 0, 0, 1]);
    let keys = "select count(distinct sheet_key) from person where sheet_key is not null";
    assert_eq!(office.count(keys).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_apart_by_numbers_and_households_never_by_name_and_year() {
    let office = Office::new().await;
    let head = "Họ tên,Năm sinh,Giới tính,CCCD,Số hộ\r\n";
    let one = format!("{head}Nguyễn Văn An,1985,Nam,,1\r\nNguyễn Văn An,1985,Nam,,2\r\n");
    assert_eq!(
        counts(&office.import(one.as_bytes(), false).await),
        [2, 0, 0, 0],
        "namesakes of two households"
    );
    // A number is added to the one of household 2.
    let two = format!("{head}NGUYỄN VĂN AN,1985,Nam,083085012345,2\r\n");
    assert_eq!(counts(&office.import(two.as_bytes(), false).await), [0, 1, 0, 0]);
    // The number is found in another household; somebody else's number is named.
    let three = format!("{head}Nguyễn Văn An,1985,Nam,083085012345,\r\n");
    assert_eq!(counts(&office.import(three.as_bytes(), false).await), [0, 0, 1, 0]);
    let four = "Họ tên,Năm sinh,Giới tính,Số thẻ BHYT,Số hộ\r\nNguyễn Văn An,1985,Nam,GD4838321234567,2\r\n";
    assert_eq!(counts(&office.import(four.as_bytes(), false).await), [0, 1, 0, 0]);
    let five = "Họ tên,Năm sinh,Giới tính,Số thẻ BHYT\r\nTrần Thị Bé,1990,Nữ,8321234567\r\n";
    let wrong = office.import(five.as_bytes(), false).await;
    assert_eq!(
        (counts(&wrong), wrong["faults"][0]["code"].as_str()),
        ([0, 0, 0, 1], Some("row.somebody_else"))
    );
    // The same person twice in a sheet: exactly so is one person, otherwise a question.
    let six = format!(
        "{head}Lê A,1990,Nam,083090000001,5\r\nLê A,1990,Nam,083090000001,5\r\nLê B,1990,Nam,083090000001,5\r\n"
    );
    let twice = office.import(six.as_bytes(), true).await;
    assert_eq!(counts(&twice), [1, 0, 1, 1]);
    assert_eq!((&twice["faults"][0]["row"], &twice["faults"][0]["code"]), (&json!(4), &json!("row.differs")));
}
