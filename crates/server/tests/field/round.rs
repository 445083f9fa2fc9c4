use crate::stage::{COMMUNE, HAMLET, OTHER_COMMUNE, PROVINCE, Stage, label};
use greenfort_kernel::Role;
use serde_json::{Value, json};

const PCR: &str = "00000000-0000-7000-8000-000000000001";

/// A campaign with a round that began an hour ago, planned in the hamlet; the round's id.
pub async fn planned(stage: &Stage) -> String {
    let officer = stage.sign_in(Role::ProvinceOfficer, PROVINCE).await;
    let campaign = json!({ "unit_id": PROVINCE, "name": "Tháng 9", "purpose": "Tìm người nhiễm" });
    let (status, made) = stage.ask("POST", "/campaigns", &officer, Some(campaign)).await;
    assert_eq!(status, 201, "{made}");
    let starts_at = stage.db.world.now() - jiff::SignedDuration::from_hours(1);
    let round = json!({ "campaign_id": made["id"], "starts_at": starts_at });
    let (status, opened) = stage.ask("POST", "/rounds", &officer, Some(round.clone())).await;
    assert_eq!(status, 201, "{opened}");
    let (status, overlap) = stage.ask("POST", "/rounds", &officer, Some(round)).await;
    assert_eq!(status, 422);
    assert!(overlap["errors"][0]["message"].as_str().unwrap().contains("round 1"), "{overlap}");
    let id = opened["id"].as_str().unwrap().to_owned();
    let plan = json!({ "unit_id": COMMUNE, "whom": "household_representatives", "assay_id": PCR, "pool_size": 10,
        "pooling": "media" });
    let (status, outcome) = stage.ask("POST", &format!("/rounds/{id}/plan"), &officer, Some(plan)).await;
    assert_eq!(status, 200, "{outcome}");
    assert_eq!(outcome["swabs"], 1);
    assert_eq!(outcome["represented"], 2);
    id
}

pub fn event(stage: &Stage, seq: i64, tube: u32, first: usize, members: &[usize]) -> Value {
    let members: Vec<Value> = members.iter().map(|m| json!({ "person": stage.people[*m] })).collect();
    json!({
        "id": format!("00000000-0000-7000-9000-{seq:012}"), "seq": seq, "device_at": stage.db.world.now(), "offset_ms": 0,
        "account": stage.account,
        "what": {
            "kind": "collected", "tube": { "issuer": "own", "barcode": label(tube) }, "unit": HAMLET, "assay": PCR,
            "donors": [{
                "person": stage.people[first], "identified_by": "list",
                "stands_for": { "household": stage.home, "unit": HAMLET, "present": members.len() + 1, "members": members },
            }],
        },
    })
}

#[tokio::test]
async fn a_household_goes_from_the_plan_through_a_phone_to_the_list_of_its_hamlet() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let sampler = stage.sign_in(Role::Sampler, COMMUNE).await;

    let (status, work) = stage.ask("GET", "/sampling/work", &sampler, None).await;
    assert_eq!(status, 200, "{work}");
    assert_eq!(work["rounds"][0]["round"]["id"], round.as_str());
    assert_eq!(work["rounds"][0]["hamlets"][0]["unit_name"], "Ấp 3");
    let (_, list) =
        stage.ask("GET", &format!("/rounds/{round}/subjects?unit={HAMLET}"), &sampler, None).await;
    let chosen = list["items"][0]["person_id"].as_str().unwrap();
    let first = stage.people.iter().position(|p| p.to_string() == chosen).unwrap();
    let others: Vec<usize> = (0..3).filter(|n| *n != first).collect();

    let events = json!([event(&stage, 1, 1, first, &others)]);
    let (status, answer) = stage.upload(&round, events.clone(), false).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["events"][0], json!({ "id": events[0]["id"], "how": "new", "problems": [] }));
    let (_, again) = stage.upload(&round, events, false).await;
    assert_eq!(again["events"][0]["how"], "repeated");

    let (_, list) =
        stage.ask("GET", &format!("/rounds/{round}/subjects?unit={HAMLET}"), &sampler, None).await;
    let reach: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|s| s["reach"].as_str().unwrap()).collect();
    assert_eq!(reach, ["collected", "represented", "represented"]);
    let (_, progress) =
        stage.ask("GET", &format!("/rounds/{round}/progress?unit={COMMUNE}"), &sampler, None).await;
    let hamlet = &progress["items"][0];
    assert_eq!(
        (&hamlet["expected"], &hamlet["collected"], &hamlet["represented"]),
        (&json!(3), &json!(1), &json!(2))
    );
}

#[tokio::test]
async fn only_the_key_of_an_enrolled_device_may_send() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let events = json!([event(&stage, 1, 1, 0, &[1, 2])]);
    let (status, _) = stage.upload(&round, events.clone(), true).await;
    assert_eq!(status, 401, "a changed body");
    stage.db.execute("update device set revoked_at = now()").await;
    let (status, answer) = stage.upload(&round, events, false).await;
    assert_eq!(status, 401, "a revoked device");
    assert!(answer["detail"].as_str().unwrap().contains("what it holds is kept"));
}

#[tokio::test]
async fn an_event_that_does_not_read_is_named_and_nothing_is_taken() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let mut wrong = event(&stage, 2, 2, 1, &[]);
    wrong["what"]["donors"][0]["person"] = json!("somebody");
    let (status, answer) = stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1]), wrong]), false).await;
    assert_eq!(status, 422);
    assert_eq!(answer["errors"][0]["field"], "events[1]");
    let (status, _) = stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1])]), false).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn each_wrong_input_says_its_word_and_keeps_the_tube() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let mut twice = event(&stage, 2, 2, 1, &[]);
    let donor = twice["what"]["donors"][0].clone();
    twice["what"]["donors"].as_array_mut().unwrap().push(donor);
    let mut day_off = event(&stage, 5, 99, 2, &[]);
    day_off["device_at"] = json!(stage.db.world.now() + jiff::SignedDuration::from_hours(24));
    let quarantined = json!({
        "id": "00000000-0000-7000-9000-000000000003", "seq": 3, "device_at": stage.db.world.now(), "offset_ms": 0,
        "account": stage.account,
        "what": { "kind": "visited", "person": stage.people[2], "unit": HAMLET, "reach": "exempt", "reason": "in_quarantine" },
    });
    let (_, first) =
        stage.upload(&round, json!([event(&stage, 1, 1, 0, &[]), twice, quarantined]), false).await;
    assert_eq!(first["events"][1]["problems"], json!(["donor_twice"]));
    let (_, second) = stage.upload(&round, json!([event(&stage, 4, 1, 1, &[2]), day_off]), false).await;
    assert_eq!(second["events"][0]["problems"], json!(["member_barred_contact", "tube_twice"]));
    let words = second["events"][1]["problems"].as_array().unwrap();
    for word in ["tube_unknown", "time_ahead"] {
        assert!(words.contains(&json!(word)), "{words:?}");
    }
}

#[tokio::test]
async fn another_commune_sees_neither_the_list_nor_the_progress_and_a_leader_sees_no_name() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let neighbour = stage.sign_in(Role::Sampler, OTHER_COMMUNE).await;
    for path in ["subjects", "progress", "plan"] {
        let (status, _) =
            stage.ask("GET", &format!("/rounds/{round}/{path}?unit={HAMLET}"), &neighbour, None).await;
        assert_eq!(status, 404, "{path}");
    }
    let leader = stage.sign_in(Role::Leader, PROVINCE).await;
    let (status, _) =
        stage.ask("GET", &format!("/rounds/{round}/subjects?unit={HAMLET}"), &leader, None).await;
    assert_eq!(status, 403);
    let (status, _) =
        stage.ask("GET", &format!("/rounds/{round}/progress?unit={HAMLET}"), &leader, None).await;
    assert_eq!(status, 200);
    let plan =
        json!({ "unit_id": HAMLET, "whom": "everyone", "assay_id": PCR, "pool_size": 1, "pooling": "none" });
    let (status, _) = stage.ask("POST", &format!("/rounds/{round}/plan"), &leader, Some(plan)).await;
    assert_eq!(status, 403);
}
