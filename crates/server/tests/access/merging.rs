//! Two records of one person: found, merged, unmerged; two people who only look alike.

use crate::register::{Office, fields};
use greenfort_server::http::duplicates::find;
use greenfort_server::worker::Context;
use greenfort_store::{DbRole, Scope, jobs, tx};
use serde_json::{Value, json};
use std::sync::Arc;

impl Office {
    /// Asks for a search of the own commune and lets the worker carry it out.
    async fn search(&self) -> Value {
        let unit = json!({ "unit_id": self.stage.own.commune });
        let asked = self.ask("POST", "/duplicates/search", unit).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        let db = self.stage.db.db(DbRole::Worker);
        let kinds = [greenfort_server::http::duplicates::FIND_DUPLICATES.to_owned()];
        let leased = tx!(db, "lease", Scope::nobody(), |tx| jobs::lease(
            tx,
            &kinds,
            10,
            jiff::SignedDuration::from_mins(5)
        )
        .await)
        .unwrap();
        for job in leased {
            let context = Context { db: db.clone(), config: Arc::clone(&self.stage.state.config) };
            // Twice: a worker may die after the work and before saying so.
            find(context.clone(), job.clone()).await.unwrap();
            find(context, job).await.unwrap();
        }
        self.get("/duplicates").await
    }

    async fn namesake(&self, more: Value) -> String {
        let mut body = json!({ "name": "Nguyễn Văn Hùng", "birth": "1970", "sex": "male",
            "household_id": self.stage.own.household });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.enter(body).await["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn namesakes_of_one_year_are_never_asked_about_and_a_double_entry_is() {
    let office = Office::new().await;
    let elsewhere = office
        .ask("POST", "/households", json!({ "unit_id": office.stage.own.hamlet, "address": "Số 8" }))
        .await;
    let elsewhere = elsewhere.json()["id"].clone();
    let one = office.namesake(json!({})).await;
    office.namesake(json!({ "household_id": elsewhere })).await;
    let before = office.search().await;
    assert_eq!(
        before["items"],
        json!([]),
        "same name, year and hamlet are two people until more speaks for one"
    );
    assert_eq!((&before["last_search"]["compared"], &before["last_search"]["found"]), (&json!(1), &json!(0)));

    // Written without diacritics, in the same household: the clerk entered him again.
    let twice = office.namesake(json!({ "name": "Nguyen Van Hung" })).await;
    let found = office.search().await;
    let pairs = found["items"].as_array().unwrap();
    assert_eq!(pairs.len(), 1);
    let ids = [pairs[0]["a"]["id"].as_str().unwrap(), pairs[0]["b"]["id"].as_str().unwrap()];
    assert!(ids.contains(&one.as_str()) && ids.contains(&twice.as_str()));
    assert!(pairs[0]["evidence"].as_array().unwrap().contains(&json!("same_household")));

    // Two people: nobody is asked again, until somebody opens the question.
    let path = format!("/duplicates/{twice}/{one}/apart");
    for _ in 0..2 {
        assert_eq!(office.ask("PUT", &path, Value::Null).await.status, 204);
    }
    assert_eq!(office.search().await["items"], json!([]));
    assert_eq!(office.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(office.get("/duplicates").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_merge_moves_what_hangs_on_a_record_and_undoing_it_puts_everything_back() {
    let office = Office::new().await;
    let kept = office.namesake(json!({})).await;
    let dropped = office.namesake(json!({ "name": "Nguyen Van Hung", "phone": "0912345678" })).await;
    let dose = json!({ "given_on": "2021-08-01", "product": "Vero Cell" });
    office.ask("PUT", &format!("/people/{dropped}/doses/1"), dose).await;
    let restriction = json!({ "unit_id": office.stage.own.commune, "kind": "quarantine", "document": "1/QĐ",
        "signer": "Chủ tịch xã", "persons": [dropped] });
    assert_eq!(office.ask("POST", "/restrictions", restriction).await.status, 201);
    office.search().await;
    let before =
        (office.get(&format!("/people/{kept}")).await, office.get(&format!("/people/{dropped}")).await);

    let wrong = json!({ "kept": kept, "dropped": kept, "take": [] });
    assert_eq!(fields(&office.ask("POST", "/merges", wrong).await), ["dropped"]);
    let body = json!({ "kept": kept, "dropped": dropped, "take": ["phone"] });
    let made = office.ask("POST", "/merges", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(office.ask("POST", "/merges", body).await.status, 409, "merged once");
    let merged = office.get(&format!("/people/{kept}")).await;
    assert_eq!(merged["phone_masked"], "*******678");
    assert_eq!(merged["doses"].as_array().unwrap().len(), 1);
    assert_eq!(merged["restrictions"].as_array().unwrap().len(), 1, "a quarantine is not lost by a merge");
    let gone = office.get(&format!("/people/{dropped}")).await;
    assert_eq!((&gone["removed"], &gone["merged_into"]), (&json!("merged"), &json!(kept)));
    assert_eq!(office.get("/duplicates").await["items"], json!([]));
    assert_eq!(merged["household"]["members"].as_array().unwrap().len(), 3, "counted once");

    let undo = format!("/merges/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(office.ask("DELETE", &undo, Value::Null).await.status, 204);
    assert_eq!(office.ask("DELETE", &undo, Value::Null).await.status, 409);
    let after =
        (office.get(&format!("/people/{kept}")).await, office.get(&format!("/people/{dropped}")).await);
    assert_eq!(after, before, "everything is as it was");
    assert_eq!(
        office.get("/duplicates").await["items"].as_array().unwrap().len(),
        1,
        "the question is open again"
    );
    assert_eq!(office.get("/merges").await["items"][0]["undone"], json!(true));
}

#[tokio::test]
async fn what_was_changed_after_a_merge_stays_when_it_is_undone() {
    let office = Office::new().await;
    let kept = office.namesake(json!({})).await;
    let dropped = office.namesake(json!({ "phone": "0912345678", "insurance_number": "8323456789" })).await;
    let body = json!({ "kept": kept, "dropped": dropped, "take": ["phone", "insurance_number"] });
    let id = office.ask("POST", "/merges", body).await.json()["id"].as_str().unwrap().to_owned();
    office.ask("PATCH", &format!("/people/{kept}"), json!({ "phone": "0987654321" })).await;
    assert_eq!(office.ask("DELETE", &format!("/merges/{id}"), Value::Null).await.status, 204);
    let person = office.get(&format!("/people/{kept}")).await;
    assert_eq!((&person["phone_masked"], &person["insurance_masked"]), (&json!("*******321"), &Value::Null));
}

#[tokio::test]
async fn nobody_merges_across_the_border_of_the_area() {
    let office = Office::new().await;
    let body = json!({ "kept": office.stage.own.person, "dropped": office.stage.other.person });
    assert_eq!(office.ask("POST", "/merges", body).await.status, 404);
    let elsewhere = json!({ "unit_id": office.stage.other.commune });
    assert_eq!(office.ask("POST", "/duplicates/search", elsewhere).await.status, 404);
}
