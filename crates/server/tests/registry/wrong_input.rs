//! What goes wrong with sheets in life: each right, or a clear error with row and column.

use crate::office::{Office, counts};
use rust_xlsxwriter::{Format, Workbook};

const HEAD: &str = "Họ và tên,Ngày sinh,Giới tính,CCCD,Địa chỉ\r\n";

async fn fault_of(office: &Office, row: &str) -> (i64, String, String) {
    let import = office.import(format!("{HEAD}{row}\r\n").as_bytes(), false).await;
    assert_eq!(import["status"], "refused", "{row}: {import:#}");
    let fault = &import["faults"][0];
    (
        fault["row"].as_i64().unwrap(),
        fault["column"].as_str().unwrap_or_default().to_owned(),
        fault["code"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn telex_slips_lost_letters_formulas_and_lost_digits_are_named_by_row_and_column() {
    let office = Office::new().await;
    for (row, column, code) in [
        ("Nguyeenx Vawn An,1985,Nam,,", "A", "name.telex"),
        ("Nguy?n V?n An,1985,Nam,,", "A", "name.letters_lost"),
        ("\"=HYPERLINK(\"\"http://x\"\")\",1985,Nam,,", "A", "name.character"),
        ("Nguyễn Văn An,31/02/1985,Nam,,", "B", "birth.day"),
        ("Nguyễn Văn An,02/13/1985,Nam,,", "B", "birth.month"),
        ("Nguyễn Văn An,1985,không rõ,,", "C", "sex.unknown"),
        ("Nguyễn Văn An,1985,Nam,8.3E+10,", "D", "id.digits_lost"),
        ("Nguyễn Văn An,1985,Nam,083185012345,", "D", "id.wrong"),
    ] {
        assert_eq!(fault_of(&office, row).await, (2, column.into(), code.into()), "{row}");
    }
    assert_eq!(office.people().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_encoding_of_a_csv_is_read_or_refused() {
    let office = Office::new().await;
    let text = "Họ và tên,Năm sinh,Giới tính\r\nNguyễn Văn NAME,1985,Nam\r\n";
    let with = |name: &str| text.replace("NAME", name);
    let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let files: [(Vec<u8>, &str); 6] = [
        (with("Một").into(), "Nguyễn Văn Một"),
        (format!("\u{feff}{}", with("Hai")).into(), "Nguyễn Văn Hai"),
        (
            [0xff, 0xfe].into_iter().chain(with("Ba").encode_utf16().flat_map(u16::to_le_bytes)).collect(),
            "Nguyễn Văn Ba",
        ),
        (latin("Hä vµ tªn,N¨m sinh,Giíi tÝnh\r\nNguyÔn V¨n Bèn,1985,Nam\r\n"), "Nguyễn Văn Bốn"),
        (latin("Hoï vaø teân,Naêm sinh,Giôùi tính\r\nNguyeãn Vaên Naêm,1985,Nam\r\n"), "Nguyễn Văn Năm"),
        (
            b"H\xf2o t\xean,N\xe3m sinh,Gi\xf5i t\xedn\r\nNguy\xea\xden V\xe3n S\xe1u,1985,Nam\r\n".to_vec(),
            "Nguyễn Văn Sáu",
        ),
    ];
    for (file, name) in files {
        let id = office.upload(office.stage.own.commune, &file).await;
        let run = serde_json::json!({ "fields": ["name", "birth", "sex"], "head_rows": 1 });
        let started = office.ask("POST", &format!("/imports/{id}/run"), Some(run)).await;
        assert_eq!(started.status, 202, "{name}: {}", started.text());
        office.worker().run_due().await.unwrap();
        let import = office.ask("GET", &format!("/imports/{id}"), None).await.json();
        assert_eq!(counts(&import), [1, 0, 0, 0], "{name}: {import:#}");
        assert!(office.names().await.iter().any(|n| n == name), "{name}: {:?}", office.names().await);
    }
    let id = office
        .upload(office.stage.own.commune, b"\xd0\xd5\xc3\xfb,\xb3\xf6\xc9\xfa\r\n\xcd\xf5,1985\r\n")
        .await;
    let refused = office.ask("GET", &format!("/imports/{id}/preview"), None).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("UTF-8"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_dates_of_a_workbook_come_out_right_and_formulas_stay_text() {
    let office = Office::new().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in (0..).zip(["Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "Địa chỉ", "SĐT"])
    {
        sheet.write_string(0, column, head).unwrap();
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_string(1, 0, "LÊ THỊ BÉ").unwrap();
    sheet.write_number_with_format(1, 1, 31_111.0, &day).unwrap();
    sheet.write_string(1, 2, "Nữ").unwrap();
    sheet.write_number(1, 3, 83_185_012_345_f64).unwrap();
    sheet.write_string(1, 4, "=cmd|' /C calc'!A0").unwrap();
    sheet.write_number(1, 5, 912_345_678_f64).unwrap();
    let import = office.import(&book.save_to_buffer().unwrap(), false).await;
    assert_eq!(counts(&import), [1, 0, 0, 0], "{import:#}");
    let list =
        office.ask("GET", &format!("/people?unit={}&limit=500", office.stage.own.commune), None).await.json();
    let person = list["items"].as_array().unwrap().iter().find(|p| p["name"] == "Lê Thị Bé").unwrap().clone();
    assert_eq!(person["birth_year"], 1985);
    let page = office.ask("GET", &format!("/people/{}", person["id"].as_str().unwrap()), None).await.json();
    assert_eq!(page["id_masked"], "******012345");
    assert_eq!(page["phone_masked"], "*******678");
    assert_eq!(page["address"], "=cmd|' /C calc'!A0");

    // Rejected beside it: the sheet that comes back runs nothing either.
    let csv = format!("{HEAD}Nguyễn Văn 5,1985,Nam,,=1+1\r\n");
    let import = office.import(csv.as_bytes(), true).await;
    let id = import["id"].as_str().unwrap();
    let back = office.ask("GET", &format!("/imports/{id}/rejected"), None).await.text();
    assert!(back.starts_with('\u{feff}') && back.contains(",'=1+1,"), "{back}");
    let again = office.import(back.replace("Văn 5", "Văn Năm").as_bytes(), false).await;
    assert_eq!(counts(&again), [1, 0, 0, 0], "mended, it goes in as it came back: {again:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sheet_is_refused_and_what_did_not_arrive_is_named() {
    let office = Office::new().await;
    let commune = office.stage.own.commune;
    let id = office.upload(commune, b"PK\x03\x04 this is no workbook").await;
    assert_eq!(office.ask("GET", &format!("/imports/{id}/preview"), None).await.status, 422);
    let begun =
        office.ask("POST", "/imports", Some(serde_json::json!({ "unit_id": commune, "size": 9 }))).await;
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    let early = office.ask("GET", &format!("/imports/{id}/preview"), None).await;
    assert_eq!(early.status, 422);
    assert!(early.text().contains("0 / 1"), "{}", early.text());
    for size in [0, 300 << 20] {
        let body = serde_json::json!({ "unit_id": commune, "size": size });
        assert_eq!(office.ask("POST", "/imports", Some(body)).await.status, 422);
    }
}
