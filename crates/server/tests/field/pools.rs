//! Pools: a positive one is held, opened, taken apart and cleared; discordant, recalled and corrected; a round is closed.

use crate::laboratory::{Laboratory, WELLS, file};
use crate::round::{event, planned};
use crate::stage::{COMMUNE, HAMLET, PROVINCE, Stage, label};
use greenfort_kernel::Role;
use serde_json::{Value, json};

/// Three members of one household, each in a tube of their own, received.
async fn three_tubes(stage: &Stage) -> (Laboratory, String, Vec<String>) {
    let round = planned(stage).await;
    let events: Vec<Value> = (0..3_usize).map(|n| event(stage, n as i64 + 1, n as u32 + 1, n, &[])).collect();
    let (status, answer) = stage.upload(&round, json!(events), false).await;
    assert_eq!(status, 200, "{answer}");
    stage.work().await;
    let lab = Laboratory::new(stage).await;
    let tubes: Vec<String> = (1..=3).map(label).collect();
    assert_eq!(lab.receive(stage, &tubes).await, ["received"; 3]);
    (lab, round, tubes)
}

async fn pool(stage: &Stage, lab: &Laboratory, tubes: &[String], more: Value) -> (u16, Value) {
    let mut body =
        json!({ "barcodes": tubes, "assay_id": "00000000-0000-7000-8000-000000000001", "confirm": true });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    stage.ask("POST", &format!("{}/pools", lab.path), &lab.technician, Some(body)).await
}

/// Labels that are to be run now.
async fn due(stage: &Stage, lab: &Laboratory) -> Vec<String> {
    let (_, board) = stage.ask("GET", &format!("{}/board", lab.path), &lab.technician, None).await;
    board["due"].as_array().unwrap().iter().map(|p| p["label"].as_str().unwrap().to_owned()).collect()
}

/// Runs what is due with these Ct values of E, in the order of the labels, and releases it; the path of the run.
async fn run(stage: &Stage, lab: &Laboratory, labels: &[String], cts: &[Option<&str>]) -> String {
    let run = lab.start(stage, labels).await;
    let samples: Vec<(&str, &str, Option<&str>)> =
        WELLS.iter().zip(labels).zip(cts).map(|((well, label), ct)| (*well, label.as_str(), *ct)).collect();
    let (status, answer) =
        stage.send_file(&format!("{run}/file?name=a.csv"), &lab.technician, &file(&samples)).await;
    assert_eq!(status, 200, "{answer}");
    stage.work().await;
    if cts.iter().any(Option::is_some) {
        let (status, answer) = lab.release(stage, &run).await;
        assert_eq!(status, 200, "{answer}");
    }
    run
}

async fn recall_list(stage: &Stage, lab: &Laboratory) -> Vec<Value> {
    let (status, list) = stage.ask("GET", &format!("/recalls?unit={COMMUNE}"), &lab.station, None).await;
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_positive_media_pool_is_held_and_taken_apart_until_one_is_positive_and_the_others_negative() {
    let stage = Stage::new().await;
    let (lab, _, tubes) = three_tubes(&stage).await;
    let (status, refused) = pool(&stage, &lab, &[tubes[0].clone(), "GF9".into()], json!({})).await;
    assert_eq!((status, &refused["errors"][0]["field"]), (422, &json!("barcodes[GF9]")), "{refused}");
    let (status, made) = pool(&stage, &lab, &tubes, json!({ "label": "P-1" })).await;
    assert_eq!(status, 201, "{made}");
    let (status, _) = pool(&stage, &lab, &tubes, json!({})).await;
    assert_eq!(status, 422, "a tube is in one scheme at a time");
    assert_eq!(due(&stage, &lab).await, ["P-1"]);
    let (status, alone) = lab.try_start(&stage, &tubes[..1]).await;
    assert_eq!((status, &alone["errors"][0]["code"]), (422, &json!("not-due")), "{alone}");

    run(&stage, &lab, &["P-1".into()], &[Some("33,5")]).await;
    assert_eq!(lab.outcomes(&stage).await, ["held"; 3]);
    assert_eq!(due(&stage, &lab).await, tubes, "each tube is to be run alone");
    let list = recall_list(&stage, &lab).await;
    assert_eq!(list.len(), 3);
    assert!(list.iter().all(|l| l["swab"] == false && l["cause"] == "held"), "told, not swabbed: {list:?}");

    run(&stage, &lab, &tubes, &[Some("30,1"), None, None]).await;
    assert_eq!(lab.outcomes(&stage).await, ["positive", "negative", "negative"]);
    let other = lab.now(&stage, 1).await;
    assert_eq!(
        (&other["withheld"], &other["clears"]),
        (&json!("contact"), &json!(false)),
        "F1, whatever the result"
    );
    assert_eq!(due(&stage, &lab).await, Vec::<String>::new());

    let path = format!(
        "/rounds/{}/schemes/{}",
        made["round_id"].as_str().unwrap(),
        made["scheme_id"].as_str().unwrap()
    );
    let (status, tree) = stage.ask("GET", &path, &lab.technician, None).await;
    assert_eq!(status, 200, "{tree}");
    assert_eq!(tree["tests"].as_array().unwrap().len(), 4, "{tree}");
    assert_eq!(tree["tests"][0]["reactions"][0]["reading"], "detected");
    assert_eq!(tree["tubes"][0]["donor_outcomes"], json!(["positive"]));
}

#[tokio::test]
async fn a_discordant_pool_is_held_until_the_lead_decides_and_a_recalled_run_takes_everything_back() {
    let stage = Stage::new().await;
    let (lab, _, tubes) = three_tubes(&stage).await;
    let (_, made) = pool(&stage, &lab, &tubes, json!({ "label": "P-1" })).await;
    run(&stage, &lab, &["P-1".into()], &[Some("37,5")]).await;
    let singles = run(&stage, &lab, &tubes, &[None, None, None]).await;
    assert_eq!(lab.outcomes(&stage).await, ["discordant"; 3]);
    assert!(lab.now(&stage, 0).await["posterior"].as_i64().unwrap() > 0);
    let list = recall_list(&stage, &lab).await;
    assert!(list.len() == 3 && list.iter().all(|l| l["swab"] == true), "re-swabbed unless the lead decides");

    let path = format!(
        "/rounds/{}/schemes/{}",
        made["round_id"].as_str().unwrap(),
        made["scheme_id"].as_str().unwrap()
    );
    let reason = json!({ "reason": "Ct muộn, mười ống đơn âm tính" });
    let (status, _) =
        stage.ask("POST", &format!("{path}/judgement"), &lab.technician, Some(reason.clone())).await;
    assert_eq!(status, 403, "the lead alone");
    let (status, judged) =
        stage.ask("POST", &format!("{path}/judgement"), &lab.lead, Some(reason.clone())).await;
    assert_eq!((status, &judged["changed"]), (200, &json!(3)), "{judged}");
    assert_eq!(lab.outcomes(&stage).await, ["negative"; 3]);
    assert_eq!(lab.now(&stage, 0).await["clears"], true);
    assert_eq!(recall_list(&stage, &lab).await.len(), 0);
    let (status, _) = stage.ask("POST", &format!("{path}/judgement"), &lab.lead, Some(reason)).await;
    assert_eq!(status, 409);

    let run_id = singles.strip_prefix("/runs/").unwrap();
    let recall = json!({ "run_id": run_id, "reason": "Nhầm đĩa" });
    let recalls = format!("{}/recalls", lab.path);
    let (status, _) = stage.ask("POST", &recalls, &lab.technician, Some(recall.clone())).await;
    assert_eq!(status, 403);
    let (status, done) = stage.ask("POST", &recalls, &lab.lead, Some(recall.clone())).await;
    assert_eq!(status, 201, "{done}");
    assert_eq!((&done["readings"], &done["changed"], &done["taken_back"]), (&json!(3), &json!(3), &json!(3)));
    assert_eq!(
        lab.outcomes(&stage).await,
        ["held"; 3],
        "the pool is positive, and its singles are due again"
    );
    assert_eq!(due(&stage, &lab).await, tubes);
    let (_, again) = stage.ask("POST", &recalls, &lab.lead, Some(recall)).await;
    assert_eq!(again["changed"], 0, "recalling twice changes nothing");
    // The history keeps every word.
    let (_, results) =
        stage.ask("GET", &format!("/people/{}/results", stage.people[0]), &lab.station, None).await;
    let said: Vec<&str> =
        results["items"].as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(said, ["held", "negative", "discordant", "held", "awaiting"]);
}

#[tokio::test]
async fn an_array_is_decoded_by_its_lines() {
    let stage = Stage::new().await;
    let (lab, _, tubes) = three_tubes(&stage).await;
    let (status, wrong) = pool(&stage, &lab, &tubes, json!({ "algorithm": "A2", "design": "2x2" })).await;
    assert_eq!((status, &wrong["errors"][0]["code"]), (422, &json!("count")), "{wrong}");
    let nested = json!({ "algorithm": "D3", "design": "3|2+1", "label": "P-1" });
    let (status, made) = pool(&stage, &lab, &tubes, nested).await;
    assert_eq!(status, 201, "{made}");
    run(&stage, &lab, &["P-1".into()], &[Some("33")]).await;
    let labels = due(&stage, &lab).await;
    assert_eq!(labels.len(), 2, "the two sub-pools: {labels:?}");
    assert!(labels.contains(&tubes[2]), "a sub-pool of one is its tube: {labels:?}");
}

#[tokio::test]
async fn two_swabs_in_one_tube_are_swabbed_again_and_cleared_by_their_own_later_negatives() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let mut both = event(&stage, 1, 1, 0, &[2]);
    let second = event(&stage, 9, 1, 1, &[])["what"]["donors"][0].clone();
    both["what"]["donors"].as_array_mut().unwrap().push(second);
    let (status, answer) = stage.upload(&round, json!([both]), false).await;
    assert_eq!((status, &answer["events"][0]["problems"]), (200, &json!([])), "{answer}");
    stage.work().await;
    let lab = Laboratory::new(&stage).await;
    lab.receive(&stage, &[label(1)]).await;
    run(&stage, &lab, &[label(1)], &[Some("31")]).await;
    assert_eq!(lab.outcomes(&stage).await, ["held", "held", "opened"], "nobody is positive by a shared tube");
    let list = recall_list(&stage, &lab).await;
    assert!(list.len() == 3 && list.iter().all(|l| l["swab"] == true), "{list:?}");
    let entry = &list[0];
    let path = format!("/rounds/{round}/recalls/{}/contacts", entry["id"].as_str().unwrap());
    let (status, _) = stage.ask("POST", &path, &lab.station, Some(json!({ "outcome": "refused" }))).await;
    assert_eq!(status, 204);
    assert_eq!(recall_list(&stage, &lab).await[0]["last"], "refused", "who refuses stays on the list");

    // Two of the three are swabbed again, later, each alone.
    stage.db.clock.advance(jiff::SignedDuration::from_mins(10));
    let again = json!([event(&stage, 2, 2, 0, &[]), event(&stage, 3, 3, 1, &[])]);
    let (status, answer) = stage.upload(&round, again, false).await;
    assert_eq!(status, 200, "{answer}");
    stage.work().await;
    lab.receive(&stage, &[label(2), label(3)]).await;
    run(&stage, &lab, &[label(2), label(3)], &[None, None]).await;
    assert_eq!(lab.outcomes(&stage).await, ["negative", "negative", "opened"]);
    assert_eq!(lab.now(&stage, 0).await["clears"], true, "the others may hold a pass on their own negative");
    assert_eq!(recall_list(&stage, &lab).await.len(), 1, "the third keeps the household opened");
}

#[tokio::test]
async fn a_round_closes_with_its_unresolved_named_and_adds_up() {
    let stage = Stage::new().await;
    let (lab, round, tubes) = three_tubes(&stage).await;
    run(&stage, &lab, &tubes[..1], &[None]).await;
    let path = format!("/rounds/{round}/closing");
    assert_eq!(
        stage.ask("POST", &path, &lab.station, None).await.0,
        404,
        "a commune does not close a province's round"
    );
    let officer = stage.sign_in(Role::DistrictOfficer, PROVINCE).await;
    let (_, before) = stage.ask("GET", &path, &officer, None).await;
    assert_eq!(before["closed_at"], Value::Null);
    assert_eq!((&before["expected"], &before["adds_up"]), (&json!(3), &json!(true)), "{before}");
    assert_eq!(before["open_tubes"][0]["tubes"], 2, "{before}");
    let (status, closed) = stage.ask("POST", &path, &officer, None).await;
    assert_eq!(status, 200, "{closed}");
    assert_eq!(closed["adds_up"], true);
    let unresolved: i64 = closed["cells"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["outcome"] == "unresolved" && c["unit_id"] == HAMLET.0)
        .map(|c| c["persons"].as_i64().unwrap())
        .sum();
    assert_eq!(unresolved, 2, "{closed}");
    assert_eq!(stage.ask("POST", &path, &officer, None).await.0, 409);
    let hash: String =
        sqlx::query_scalar("select detail->>'sha256' from audit where action = 'campaign.close_round'")
            .fetch_one(&mut stage.db.owner().await)
            .await
            .unwrap();
    assert_eq!(closed["sha256"], json!(hash), "the audit trail seals the record");
}
