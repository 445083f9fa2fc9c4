//! The two districts of the issue, with people of the synthetic province: an officer of Ba Tri and somebody of Châu Thành.

use crate::office::Office;
use greenfort_kernel::Role;
use serde_json::{Value, json};

/// Everything an officer can ask for about the other side of the border.
#[tokio::test(flavor = "multi_thread")]
async fn a_health_officer_of_ba_tri_finds_nobody_of_chau_thanh() {
    let mut office = Office::new().await;
    office
        .stage
        .db
        .execute(&format!(
            "update unit set name = 'Huyện Châu Thành' where id = (select parent from unit_edge where child = {});
             update unit set name = 'Huyện Ba Tri' where id = (select parent from unit_edge where child = {})",
            office.stage.own.commune, office.stage.other.commune
        ))
        .await;
    // Somebody of Châu Thành with every number there is.
    let sheet = "Họ tên,Ngày sinh,Giới tính,CCCD,BHYT,SĐT\r\nHuỳnh Thị Mỹ Duyên,05/03/1985,Nữ,083185012345,8321234567,0912345678\r\n";
    office.import(sheet.as_bytes(), false).await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from person where insurance_key is not null")
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    let (there, here) = (office.stage.own, office.stage.other);
    let district: i32 = sqlx::query_scalar("select parent from unit_edge where child = $1")
        .bind(here.commune.0)
        .fetch_one(&mut office.stage.db.owner().await)
        .await
        .unwrap();
    let account = office.stage.office_account(here, Role::DistrictOfficer).await;
    office
        .stage
        .db
        .execute(&format!("update account_grant set unit = {district} where account = '{account}'"))
        .await;
    let own_cookie = office.cookie.clone();
    office.cookie = office.stage.sign_in(account, greenfort_domain::access::SessionKind::Office).await;

    let nobody = |v: &Value| assert_eq!(v["items"], json!([]), "{v:#}");
    for unit in [there.commune, there.hamlet] {
        nobody(&office.ask("GET", &format!("/people?unit={unit}"), None).await.json());
        assert_eq!(office.ask("GET", &format!("/units/{unit}/figures"), None).await.status, 404);
        let body = json!({ "unit_id": unit, "format": "csv", "purpose": "report" });
        assert_eq!(office.ask("POST", "/exports", Some(body)).await.status, 404);
        assert_eq!(
            office.ask("POST", "/imports", Some(json!({ "unit_id": unit, "size": 9 }))).await.status,
            404
        );
    }
    for q in ["huynh my duyen", "duyen", "2345", "duyen 1985", "083185012345", "8321234567", "0912345678"] {
        nobody(&office.ask("POST", "/people/search", Some(json!({ "q": q }))).await.json());
        nobody(
            &office
                .ask("POST", "/people/search", Some(json!({ "q": q, "unit": there.commune })))
                .await
                .json(),
        );
    }
    assert_eq!(office.ask("GET", &format!("/people/{id}"), None).await.status, 404);

    // The export of the whole district of Ba Tri has its own people and no other.
    let body = json!({ "unit_id": district, "format": "csv", "purpose": "report", "full_numbers": true });
    let asked = office.ask("POST", "/exports", Some(body)).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    office.worker().run_due().await.unwrap();
    let file = office
        .ask("GET", &format!("/exports/{}/file", asked.json()["id"].as_str().unwrap()), None)
        .await
        .text();
    assert!(!file.contains("Duyên") && !file.contains("083185012345"), "{file}");
    assert!(file.lines().count() > 1, "Ba Tri's own people are there");

    // Who may, finds her by each of them: what was searched for is really there.
    office.cookie = own_cookie;
    for q in ["huynh my duyen", "2345", "083185012345", "8321234567", "0912345678"] {
        let found = office.ask("POST", "/people/search", Some(json!({ "q": q }))).await.json();
        assert_eq!(found["items"][0]["id"], json!(id), "{q}");
    }
}
