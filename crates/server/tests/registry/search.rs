//! Finding people by what is typed.

use crate::office::{Office, counts};
use serde_json::{Value, json};

const SHEET: &str = "Họ tên,Ngày sinh,Giới tính,CCCD,BHYT,SĐT,Ấp\r\n\
    Nguyễn Văn Ân,05/03/1985,Nam,083085012345,GD4838321234567,0912345678,Ấp 1\r\n\
    Nguyễn Văn An,1990,Nam,083090000001,,,Ấp 1\r\n\
    Trần Thị Hòa,1991,Nữ,083191000002,,,Ấp 1\r\n\
    Lê Thị Họa,1992,Nữ,083192002345,,,Ấp 1\r\n\
    Đặng Thị Đào,1993,Nữ,083193000003,,,Ấp 1\r\n\
    Bùi Văn Dũng,1994,Nam,083094000004,,,Ấp 1\r\n";

async fn office() -> Office {
    let office = Office::new().await;
    assert_eq!(counts(&office.import(SHEET.as_bytes(), false).await), [6, 0, 0, 0]);
    office
}

async fn found(office: &Office, q: &str) -> Vec<String> {
    let answer = office.ask("POST", "/people/search", Some(json!({ "q": q }))).await;
    assert_eq!(answer.status, 200, "{q}: {}", answer.text());
    let names = |v: &Value| {
        v["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    };
    names(&answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_names_numbers_and_ends_of_numbers() {
    let office = office().await;
    for (q, expected) in [
        ("nguyen an", vec!["Nguyễn Văn An", "Nguyễn Văn Ân"]),
        ("NGUYỄN VĂN ẤN", vec!["Nguyễn Văn An", "Nguyễn Văn Ân"]),
        ("Nguyeenx aan", vec!["Nguyễn Văn An", "Nguyễn Văn Ân"]),
        ("thi hoa", vec!["Trần Thị Hòa", "Lê Thị Họa"]),
        ("dang dao", vec!["Đặng Thị Đào"]),
        ("2345", vec!["Nguyễn Văn Ân", "Lê Thị Họa"]),
        ("hoa 2345", vec!["Lê Thị Họa"]),
        ("nguyen 1990", vec!["Nguyễn Văn An"]),
        ("083085012345", vec!["Nguyễn Văn Ân"]),
        ("0912 345 678", vec!["Nguyễn Văn Ân"]),
        ("+84912345678", vec!["Nguyễn Văn Ân"]),
        ("GD4838321234567", vec!["Nguyễn Văn Ân"]),
        ("8321234567", vec!["Nguyễn Văn Ân"]),
        ("khong co ai ten vay", vec![]),
    ] {
        assert_eq!(found(&office, q).await, expected, "{q}");
    }
    assert_eq!(office.ask("POST", "/people/search", Some(json!({ "q": " " }))).await.status, 422);
    let logged = "select count(*) from audit where action = 'registry.search_people'";
    assert_eq!(office.count(logged).await, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hamlets_list_is_in_the_order_of_given_names_page_by_page() {
    let office = office().await;
    let hamlet = office.stage.own.hamlet;
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let page = office.ask("GET", &format!("/people?unit={hamlet}&limit=2{after}"), None).await.json();
        names
            .extend(page["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let ours: Vec<&str> = names.iter().map(String::as_str).filter(|n| SHEET.contains(n)).collect();
    let sorted =
        ["Nguyễn Văn An", "Nguyễn Văn Ân", "Bùi Văn Dũng", "Đặng Thị Đào", "Trần Thị Hòa", "Lê Thị Họa"];
    assert_eq!(ours, sorted);
    assert_eq!(
        names.len() as i64,
        office.count(&format!("select count(*) from person where unit = {hamlet}")).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tube_leads_to_the_people_in_it_and_to_nobody_of_another_area() {
    let office = office().await;
    for (side, barcode) in [(office.stage.own, "GF1000001"), (office.stage.other, "GF1000002")] {
        // The tables are partitioned by round; what the search reads is tube and donor.
        let (unit, person, round) = (side.hamlet, side.person, office.stage.world().id::<uuid::Uuid>());
        let specimen = office.stage.world().id::<uuid::Uuid>();
        let partition = format!("donor_{}", round.simple());
        office
            .stage
            .db
            .execute(&format!(
                "set session_replication_role = replica;
                 create table {partition} partition of specimen_donor for values in ('{round}');
                 insert into specimen_donor (province, round, specimen, person, unit, position, identified_by)
                    values (1, '{round}', '{specimen}', '{person}', {unit}, 1, 'search');
                 insert into tube (issuer, barcode, printed, province, round, specimen, used_at, created_at)
                    values ('unknown', '{barcode}', true, 1, '{round}', '{specimen}', now(), now())"
            ))
            .await;
    }
    let answer = office.ask("POST", "/people/search", Some(json!({ "q": "gf1000001" }))).await.json();
    assert_eq!(answer["items"][0]["id"], json!(office.stage.own.person), "{answer:#}");
    let answer = office.ask("POST", "/people/search", Some(json!({ "q": "GF1000002" }))).await.json();
    assert_eq!(answer["items"], json!([]));
}
