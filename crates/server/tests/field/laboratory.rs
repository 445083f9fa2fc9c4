//! A tube from the phone to what follows for its household: received, run, read, released, recalled in the memory of everybody.

use crate::round::{event, planned};
use crate::stage::{COMMUNE, OTHER_COMMUNE, PROVINCE, Stage, label};
use greenfort_kernel::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

const PCR: &str = "00000000-0000-7000-8000-000000000001";
const RAPID: &str = "00000000-0000-7000-8000-000000000002";

/// A laboratory with its people; a cookie each.
pub struct Laboratory {
    pub path: String,
    pub technician: String,
    pub lead: String,
    pub station: String,
}

impl Laboratory {
    pub async fn new(stage: &Stage) -> Self {
        let officer = stage.sign_in(Role::Administrator, PROVINCE).await;
        let new = json!({ "unit_id": COMMUNE, "name": "CDC", "confirms": true });
        let (status, made) = stage.ask("POST", "/laboratories", &officer, Some(new)).await;
        assert_eq!(status, 201, "{made}");
        Self {
            path: format!("/laboratories/{}", made["id"].as_str().unwrap()),
            technician: stage.sign_in(Role::LabTechnician, PROVINCE).await,
            lead: stage.sign_in(Role::LabLead, PROVINCE).await,
            station: stage.sign_in(Role::CommuneStation, COMMUNE).await,
        }
    }

    pub async fn receive(&self, stage: &Stage, barcodes: &[String]) -> Vec<String> {
        let body = json!({ "barcodes": barcodes });
        let (status, answer) =
            stage.ask("POST", &format!("{}/scans", self.path), &self.technician, Some(body)).await;
        assert_eq!(status, 200, "{answer}");
        answer["tubes"].as_array().unwrap().iter().map(|t| t["how"].as_str().unwrap().to_owned()).collect()
    }

    /// Starts a run of these labels from A1 down, with controls in H11 and H12.
    pub async fn start(&self, stage: &Stage, labels: &[String]) -> String {
        let (status, answer) = self.try_start(stage, labels).await;
        assert_eq!(status, 201, "{answer}");
        format!("/runs/{}", answer["id"].as_str().unwrap())
    }

    pub async fn try_start(&self, stage: &Stage, labels: &[String]) -> (u16, Value) {
        let mut wells: Vec<Value> =
            WELLS.iter().zip(labels).map(|(well, label)| json!({ "well": well, "label": label })).collect();
        wells.push(json!({ "well": "H11", "control": "no_template" }));
        wells.push(json!({ "well": "H12", "control": "positive" }));
        let body = json!({ "assay_id": PCR, "name": "Mẻ", "plate": 96, "wells": wells });
        stage.ask("POST", &format!("{}/runs", self.path), &self.technician, Some(body)).await
    }

    pub async fn release(&self, stage: &Stage, run: &str) -> (u16, Value) {
        stage.ask("POST", &format!("{run}/release"), &self.lead, Some(json!({}))).await
    }

    /// What is known of somebody now.
    pub async fn now(&self, stage: &Stage, person: usize) -> Value {
        let path = format!("/people/{}/results", stage.people[person]);
        let (status, results) = stage.ask("GET", &path, &self.station, None).await;
        assert_eq!(status, 200, "{results}");
        results["items"][0].clone()
    }

    pub async fn outcomes(&self, stage: &Stage) -> Vec<String> {
        let mut outcomes = Vec::new();
        for person in 0..stage.people.len() {
            outcomes.push(self.now(stage, person).await["outcome"].as_str().unwrap().to_owned());
        }
        outcomes
    }
}

pub const WELLS: [&str; 6] = ["A1", "B1", "C1", "D1", "E1", "F1"];

/// The file of a QuantStudio: controls as they should be, and each sample with its Ct of E (none: not detected).
pub fn file(samples: &[(&str, &str, Option<&str>)]) -> String {
    let mut lines = vec![
        "Instrument Type;QuantStudio 5".to_owned(),
        String::new(),
        "Well Position;Sample Name;Target Name;CT".to_owned(),
    ];
    let mut well = |well: &str, sample: &str, e: &str, rdrp: &str, ic: &str| {
        for (target, ct) in [("E", e), ("RdRP", rdrp), ("IC", ic)] {
            lines.push(format!("{well};{sample};{target};{ct}"));
        }
    };
    for (at, sample, ct) in samples {
        let ct = ct.unwrap_or("Undetermined");
        well(at, sample, ct, ct, "27,1");
    }
    well("H11", "NTC", "Undetermined", "Undetermined", "Undetermined");
    well("H12", "PC", "25,3", "26,1", "28");
    lines.join("\n")
}

fn typed(e: &str) -> Value {
    let well =
        |well: &str, e: &str, ic: &str| json!({ "well": well, "cts": { "E": e, "RdRP": e, "IC": ic } });
    json!({ "wells": [well("A1", e, "27,1"), well("H11", "-", "N/A"), well("H12", "25,3", "28")] })
}

#[tokio::test]
async fn a_tube_is_received_run_read_and_released_by_a_second_person_and_its_household_knows() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1, 2])]), false).await;
    stage.work().await;
    let lab = Laboratory::new(&stage).await;
    assert_eq!(lab.outcomes(&stage).await, ["awaiting", "awaiting", "awaiting"]);

    let slip = format!("/people/{}/result-slip", stage.people[1]);
    assert_eq!(stage.ask("POST", &slip, &lab.station, None).await.0, 409, "nothing to print yet");

    let tube = label(1);
    assert_eq!(lab.receive(&stage, &[tube.clone(), "X-9".into()]).await, ["received", "parked"]);
    assert_eq!(lab.receive(&stage, std::slice::from_ref(&tube)).await, ["again"]);
    let (_, board) = stage.ask("GET", &format!("{}/board", lab.path), &lab.technician, None).await;
    assert_eq!((&board["received"], &board["parked"]), (&json!(1), &json!(1)), "{board}");

    let (status, unknown) = lab.try_start(&stage, &["GF404".into()]).await;
    assert_eq!((status, &unknown["errors"][0]["field"]), (422, &json!("wells[A1]")), "{unknown}");
    let run = lab.start(&stage, std::slice::from_ref(&tube)).await;
    let (status, twice) = lab.try_start(&stage, std::slice::from_ref(&tube)).await;
    assert_eq!((status, &twice["errors"][0]["code"]), (422, &json!("not-due")), "{twice}");

    let readings = format!("{run}/readings");
    let (status, zero) = stage.ask("POST", &readings, &lab.technician, Some(typed("0"))).await;
    assert_eq!(status, 422);
    assert!(zero["errors"][0]["message"].as_str().unwrap().starts_with("Well A1, E"), "{zero}");
    let half = json!({ "wells": [typed("-")["wells"][0]] });
    let (status, half) = stage.ask("POST", &readings, &lab.technician, Some(half)).await;
    assert_eq!((status, half["errors"].as_array().unwrap().len()), (422, 2), "{half}");
    let (status, answer) = stage.ask("POST", &readings, &lab.technician, Some(typed("Undetermined"))).await;
    assert_eq!((status, &answer["new"]), (200, &json!(1)), "{answer}");
    stage.work().await;
    assert_eq!(lab.outcomes(&stage).await, ["awaiting"; 3], "typed results wait for a person");

    let (status, _) = stage.ask("POST", &format!("{run}/release"), &lab.technician, Some(json!({}))).await;
    assert_eq!(status, 403);
    let (status, released) = lab.release(&stage, &run).await;
    assert_eq!(status, 200, "{released}");
    assert_eq!((&released["readings"], &released["changed"]), (&json!(1), &json!(3)));
    assert_eq!(lab.outcomes(&stage).await, ["negative", "represented_negative", "represented_negative"]);
    let own = lab.now(&stage, 0).await;
    assert_eq!((&own["withheld"], &own["clears"]), (&json!("unverified"), &json!(false)), "typed by hand");
    let (status, again) = lab.release(&stage, &run).await;
    assert_eq!((status, &again["type"]), (409, &json!("urn:greenfort:problem:nothing-to-release")));

    // The instrument's own file: the same numbers become evidence, and the rule lets a quiet plate out.
    let results = file(&[("A1", &tube, None)]);
    let (status, taken) = stage.send_file(&format!("{run}/file?name=a.csv"), &lab.technician, &results).await;
    assert_eq!((status, &taken["new"]), (200, &json!(1)), "{taken}");
    stage.work().await;
    for person in 0..3 {
        let now = lab.now(&stage, person).await;
        assert_eq!((&now["clears"], &now["withheld"]), (&json!(true), &Value::Null), "{now}");
    }
    let represented = lab.now(&stage, 1).await;
    assert_eq!(
        (&represented["basis"], &represented["reach"]),
        (&json!("represented"), &json!("represented"))
    );

    assert_eq!(
        stage.ask("POST", &slip, &lab.station, None).await.0,
        200,
        "the represented have a slip that says so"
    );

    let (_, life) = stage.ask("GET", &format!("{}/tubes/{tube}", lab.path), &lab.technician, None).await;
    let steps: Vec<&str> =
        life["items"][0]["steps"].as_array().unwrap().iter().map(|s| s["what"].as_str().unwrap()).collect();
    for step in ["swabbed", "received", "pooled", "run", "read", "released"] {
        assert!(steps.contains(&step), "{steps:?}");
    }
}

#[tokio::test]
async fn a_file_of_another_run_half_a_file_and_a_failed_control_change_nothing() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1, 2])]), false).await;
    stage.work().await;
    let lab = Laboratory::new(&stage).await;
    let tube = label(1);
    lab.receive(&stage, std::slice::from_ref(&tube)).await;
    let run = lab.start(&stage, std::slice::from_ref(&tube)).await;
    let path = format!("{run}/file?name=a.csv");

    let (status, other) = stage.send_file(&path, &lab.technician, &file(&[("A1", "GF777", None)])).await;
    assert_eq!((status, &other["errors"][0]["field"]), (422, &json!("wells[A1]")), "{other}");
    assert!(other["errors"][0]["message"].as_str().unwrap().contains("GF777"), "{other}");
    let (status, half) = stage.send_file(&path, &lab.technician, &file(&[])).await;
    assert_eq!(status, 422);
    assert!(half["errors"][0]["message"].as_str().unwrap().contains(&tube), "{half}");
    let extra = file(&[("A1", &tube, None), ("B1", "GF888", None)]);
    let (status, extra) = stage.send_file(&path, &lab.technician, &extra).await;
    assert_eq!((status, &extra["errors"][0]["field"]), (422, &json!("wells[B1]")), "{extra}");
    let (_, sheet) = stage.ask("GET", &run, &lab.technician, None).await;
    assert_eq!(
        (&sheet["complete"], &sheet["read"]),
        (&json!(false), &json!(0)),
        "nothing was taken: {sheet}"
    );

    let dead = file(&[("A1", &tube, None)]).replace("25,3", "Undetermined");
    let (status, _) = stage.send_file(&path, &lab.technician, &dead).await;
    assert_eq!(status, 200);
    stage.work().await;
    let (_, sheet) = stage.ask("GET", &run, &lab.technician, None).await;
    assert_eq!(sheet["valid"], false);
    assert!(sheet["faults"][0]["en"].as_str().unwrap().contains("H12"), "{sheet}");
    let (status, refused) = lab.release(&stage, &run).await;
    assert_eq!((status, &refused["type"]), (409, &json!("urn:greenfort:problem:run-invalid")));
    assert_eq!(lab.outcomes(&stage).await, ["awaiting"; 3]);

    let reason = json!({ "reason": "Chứng dương không lên" });
    let (status, _) = stage.ask("POST", &format!("{run}/give-up"), &lab.technician, Some(reason)).await;
    assert_eq!(status, 204);
    let again = lab.start(&stage, std::slice::from_ref(&tube)).await;
    let path = format!("{again}/file?name=b.csv");
    stage.send_file(&path, &lab.technician, &file(&[("A1", &tube, None)])).await;
    stage.work().await;
    assert_eq!(lab.outcomes(&stage).await[0], "negative", "a quiet plate with its file goes by rule");
}

#[tokio::test]
async fn a_positive_representative_makes_a_case_and_opens_the_household() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    stage.upload(&round, json!([event(&stage, 1, 1, 0, &[1, 2])]), false).await;
    let lab = Laboratory::new(&stage).await;
    let tube = label(1);
    lab.receive(&stage, std::slice::from_ref(&tube)).await;
    let run = lab.start(&stage, std::slice::from_ref(&tube)).await;
    let path = format!("{run}/file?name=a.csv");
    stage.send_file(&path, &lab.technician, &file(&[("A1", &tube, Some("24,8"))])).await;
    stage.work().await;
    assert_eq!(lab.outcomes(&stage).await, ["awaiting"; 3], "anything not negative waits for the lead");
    let (status, released) = lab.release(&stage, &run).await;
    assert_eq!(status, 200, "{released}");
    assert_eq!(lab.outcomes(&stage).await, ["positive", "opened", "opened"]);
    let neighbour = stage.sign_in(Role::CommuneStation, OTHER_COMMUNE).await;
    let results = format!("/people/{}/results", stage.people[0]);
    assert_eq!(stage.ask("GET", &results, &neighbour, None).await.0, 404);

    // Figures moved with the facts: everybody expected is counted once.
    stage.work().await;
    let counted: i64 = sqlx::query_scalar(
        "select sum(persons)::bigint from outcome_figure where outcome in ('positive', 'opened')",
    )
    .fetch_one(&mut stage.db.owner().await)
    .await
    .unwrap();
    let expected: i64 = sqlx::query_scalar("select sum(persons)::bigint from outcome_figure")
        .fetch_one(&mut stage.db.owner().await)
        .await
        .unwrap();
    assert_eq!((counted, expected), (3, 3));
}

#[tokio::test]
async fn a_negative_cassette_goes_by_rule_and_a_positive_one_waits_for_the_site_lead() {
    let stage = Stage::new().await;
    let round = planned(&stage).await;
    let rapid = |seq: i64, tube: u32, first: usize, members: &[usize]| {
        let mut event = event(&stage, seq, tube, first, members);
        event["what"]["assay"] = json!(RAPID);
        event
    };
    let look = |seq: i64, of: &Value, test_line: bool| {
        json!({
            "id": format!("00000000-0000-7000-9000-{seq:012}"), "seq": seq, "offset_ms": 0, "account": stage.account,
            "device_at": stage.db.world.now(),
            "what": {
                "kind": "cassette_read", "tube": of["what"]["tube"], "specimen": of["id"], "control_line": true,
                "drops_at": stage.db.world.now() - SignedDuration::from_mins(20), "test_line": test_line,
            },
        })
    };
    let (negative, positive) = (rapid(1, 1, 2, &[]), rapid(2, 2, 0, &[1]));
    stage.db.clock.advance(SignedDuration::from_mins(25));
    let looks = json!([negative, positive, look(3, &negative, false), look(4, &positive, true)]);
    let (status, answer) = stage.upload(&round, looks, false).await;
    assert_eq!(status, 200, "{answer}");
    let lab = Laboratory::new(&stage).await;
    stage.work().await;
    assert_eq!(lab.outcomes(&stage).await[2], "awaiting", "the window is still open");
    stage.db.clock.advance(SignedDuration::from_mins(31));
    stage.work().await;
    assert_eq!(lab.outcomes(&stage).await, ["awaiting", "awaiting", "negative"]);

    let session: uuid::Uuid = sqlx::query_scalar("select id from run where plate = 0")
        .fetch_one(&mut stage.db.owner().await)
        .await
        .unwrap();
    let lead = stage.sign_in(Role::SiteLead, COMMUNE).await;
    let (status, released) =
        stage.ask("POST", &format!("/runs/{session}/release"), &lead, Some(json!({}))).await;
    assert_eq!((status, &released["readings"]), (200, &json!(1)), "{released}");
    // The household is opened, and whoever read negative by the same method is not cleared of it either.
    assert_eq!(lab.outcomes(&stage).await[..2], ["presumptive", "opened"]);
    assert_eq!(lab.now(&stage, 0).await["clears"], false);
}
