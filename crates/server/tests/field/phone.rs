//! What a phone carries, and what happens to what it reports when something is wrong with it.

use crate::round::{event, planned};
use crate::stage::{COMMUNE, HAMLET, OTHER_COMMUNE, Stage};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_kernel::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn the_register_knows_a_card_by_its_hash_and_carries_no_number() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let id = stage.people[1];
    let sealed = stage.db.keys.seal(
        "person.sealed",
        id.0.as_bytes(),
        &json!({ "n": "Lê Thị Bưởi", "i": "083162001234" }),
    );
    stage
        .db
        .execute(&format!("update person set sealed = '\\x{}' where id = '{id}'", hex::encode(sealed)))
        .await;
    let sampler = stage.sign_in(Role::Sampler, COMMUNE).await;
    let path = format!("/sampling/register?round={round}&unit={HAMLET}");
    let (status, register) = stage.ask("GET", &path, &sampler, None).await;
    assert_eq!(status, 200, "{register}");
    assert!(!register.to_string().contains("083162001234"));
    let key = URL_SAFE_NO_PAD.decode(register["card_key"].as_str().unwrap()).unwrap();
    let hash = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), b"083162001234");
    let card = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]);
    let people = register["people"].as_array().unwrap();
    let found: Vec<&Value> = people.iter().filter(|p| p["cards"] == json!([card])).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["person_id"], &found[0]["id_tail"]), (&json!(id), &json!("234")));
    let (_, again) = stage.ask("GET", &path, &sampler, None).await;
    assert_ne!(again["card_key"], register["card_key"], "a key of its own for every answer");
}

#[tokio::test]
async fn whoever_a_decision_keeps_apart_is_barred_on_the_phone_and_not_represented_on_the_server() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let now = stage.db.world.now();
    stage
        .db
        .execute(&format!(
            "insert into restriction (id, unit, kind, starts_at, document, signer, at)
             values ('00000000-0000-7000-8000-0000000000aa', 2, 'quarantine', '{now}', '12/QĐ', 'CT', '{now}');
             insert into restriction_target (restriction, person)
             values ('00000000-0000-7000-8000-0000000000aa', '{}')",
            stage.people[2]
        ))
        .await;
    let sampler = stage.sign_in(Role::Sampler, COMMUNE).await;
    let (_, register) =
        stage.ask("GET", &format!("/sampling/register?round={round}&unit={HAMLET}"), &sampler, None).await;
    let barred = |n: usize| {
        let people = register["people"].as_array().unwrap();
        people.iter().find(|p| p["person_id"] == json!(stage.people[n])).unwrap()["barred"].clone()
    };
    assert_eq!((barred(2), barred(1)), (json!("contact"), Value::Null));
    let (_, answer) = stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1, 2])]), false).await;
    assert_eq!(answer["events"][0]["problems"], json!(["member_barred_contact"]));
    let (_, list) =
        stage.ask("GET", &format!("/rounds/{round}/subjects?unit={HAMLET}"), &sampler, None).await;
    let reach = |n: usize| {
        let people = list["items"].as_array().unwrap();
        people.iter().find(|p| p["person_id"] == json!(stage.people[n])).unwrap()["reach"].clone()
    };
    assert_eq!((reach(1), reach(2)), (json!("represented"), Value::Null));
}

#[tokio::test]
async fn a_doubt_is_settled_once_by_the_site_lead_of_the_place() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let mut day_off = event(&stage, 1, 1, 0, &[1, 2]);
    day_off["device_at"] = json!(stage.db.world.now() + jiff::SignedDuration::from_hours(24));
    stage.upload(&round, json!([day_off]), false).await;
    let list = format!("/rounds/{round}/problems?unit={COMMUNE}");
    let neighbour = stage.sign_in(Role::SiteLead, OTHER_COMMUNE).await;
    assert_eq!(stage.ask("GET", &list, &neighbour, None).await.0, 404);
    let lead = stage.sign_in(Role::SiteLead, COMMUNE).await;
    let (status, open) = stage.ask("GET", &list, &lead, None).await;
    assert_eq!(status, 200, "{open}");
    let item = &open["items"][0];
    let codes: Vec<&str> =
        item["problems"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["time_ahead"]);
    assert_eq!(item["donors"][0]["name"], "Nguyễn Văn An");
    let path = format!("/rounds/{round}/problems/{}/settle", item["intake_id"].as_str().unwrap());
    let decide = |word: &str| Some(json!({ "decision": word }));
    assert_eq!(stage.ask("POST", &path, &lead, decide("whatever")).await.0, 422);
    assert_eq!(stage.ask("POST", &path, &neighbour, decide("time_confirmed")).await.0, 404);
    let (status, settled) = stage.ask("POST", &path, &lead, decide("time_confirmed")).await;
    assert_eq!((status, &settled["problems"]), (200, &json!(["time_ahead"])));
    assert_eq!(stage.ask("POST", &path, &lead, decide("time_confirmed")).await.0, 404, "only once");
    let (_, open) = stage.ask("GET", &list, &lead, None).await;
    assert_eq!(open["items"], json!([]));
}

#[tokio::test]
async fn what_a_struck_off_phone_holds_is_handed_in_by_the_site_lead_and_by_nobody_else() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let events = json!([event(&stage, 1, 1, 0, &[1])]);
    stage.db.execute("update device set revoked_at = now()").await;
    assert_eq!(stage.upload(&round, events.clone(), false).await.0, 401);
    let sampler = stage.sign_in(Role::Sampler, COMMUNE).await;
    assert_eq!(stage.hand_in(&round, events.clone(), &sampler).await.0, 403);
    let neighbour = stage.sign_in(Role::SiteLead, OTHER_COMMUNE).await;
    assert_eq!(stage.hand_in(&round, events.clone(), &neighbour).await.0, 404);
    let lead = stage.sign_in(Role::SiteLead, COMMUNE).await;
    let (status, answer) = stage.hand_in(&round, events.clone(), &lead).await;
    assert_eq!((status, &answer["events"][0]["how"]), (200, &json!("new")), "{answer}");
    let (_, again) = stage.hand_in(&round, events, &lead).await;
    assert_eq!(again["events"][0]["how"], "repeated");
}

#[tokio::test]
async fn a_market_at_two_in_the_night_lies_inside_a_round_that_crosses_midnight() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    // Whatever the hour is now, the next two o'clock in the night of Viet Nam is less than a day away.
    let now = stage.db.world.now();
    let night = (0..24)
        .map(|h| now + jiff::SignedDuration::from_hours(h))
        .find(|t| t.in_tz("Asia/Ho_Chi_Minh").unwrap().hour() == 2)
        .unwrap();
    stage.db.clock.set(night);
    let mut trader = event(&stage, 1, 1, 0, &[]);
    trader["device_at"] = json!(night);
    let (status, answer) = stage.upload(&round, json!([trader]), false).await;
    assert_eq!((status, &answer["events"][0]["problems"]), (200, &json!([])), "{answer}");
}
