//! The planner over HTTP: what it answers follows the limits, and what it refuses is named.

use crate::stage::{COMMUNE, HAMLET, OTHER_COMMUNE, PROVINCE, Stage};
use greenfort_kernel::{Role, UnitId};
use serde_json::{Value, json};

const PATH: &str = "/planning/advice";

/// Two communes, one with positives last round, and a laboratory of so many tests an hour.
fn question(per_hour: f64) -> Value {
    json!({
        "communes": [
            { "unit_id": COMMUNE, "specimens": 1800, "pools": { "size": 10, "tested": 180, "positive": 9 } },
            { "unit_id": OTHER_COMMUNE, "specimens": 1900, "pools": { "size": 10, "tested": 190, "positive": 0 } },
        ],
        "sizes": [1, 5, 10, 20],
        "assay": { "kind": "viral_load", "threshold": 38.0, "specificity": 0.995 },
        "laboratories": [{ "name": "CDC", "per_hour": vec![per_hour; 24], "turnaround": 5.0 }],
    })
}

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_plan_moves_with_its_limits_and_says_which_one_binds() {
    let stage = Stage::new().await;
    let officer = stage.sign_in(Role::ProvinceOfficer, PROVINCE).await;
    let ask = async |q: Value| stage.ask("POST", PATH, &officer, Some(q)).await;

    let (status, ample) = ask(question(500.0)).await;
    assert_eq!(status, 200, "{ample}");
    assert_eq!(ample["binding"], "nothing");
    assert_eq!(
        ample["communes"][0]["design"]["size"], 1,
        "tests for everybody: everybody alone misses least"
    );
    assert_eq!(ample["communes"][0]["name"], "Xã Một");
    assert!(ample["communes"][0]["next"].is_null());
    assert_eq!(ample["in_time"], true);

    let (_, scarce) = ask(question(20.0)).await;
    assert_eq!(scarce["binding"], "tests");
    let total = |a: &Value, key: &str| -> f64 {
        a["communes"].as_array().unwrap().iter().map(|c| c[key].as_f64().unwrap()).sum()
    };
    assert!(total(&scarce, "missed") > total(&ample, "missed"));
    assert!(scarce["tests_with_safety"].as_f64().unwrap() <= scarce["capacity"].as_f64().unwrap());
    for key in ["tests", "missed", "staff_minutes"] {
        assert!(
            (total(&scarce, key) - scarce[key].as_f64().unwrap()).abs() < 1e-6,
            "{key} is the sum of its rows"
        );
    }
    let row = &scarce["communes"][0];
    assert_eq!(row["stopped_by"], "tests");
    assert!(row["next"]["more_tests"].as_f64().unwrap() > 0.0);
    assert!(row["next"]["fewer_missed"].as_f64().unwrap() > 0.0);
    assert!(row["prevalence"].as_f64() > scarce["communes"][1]["prevalence"].as_f64());
    assert!(row["if_worse"]["tests_per_person"].as_f64() > Some(0.0));

    let (_, hopeless) = ask(question(1.0)).await;
    assert_eq!(hopeless["binding"], "infeasible");
    assert_eq!(hopeless["in_time"], false);

    let mut careful = question(500.0);
    careful["limits"] = json!({ "staff_minutes": 5800.0 });
    careful["focus"] = json!(OTHER_COMMUNE);
    let (_, careful) = ask(careful).await;
    assert_eq!(careful["binding"], "staff");
    assert!(careful["staff_minutes"].as_f64().unwrap() <= 5800.0);
    assert_eq!(careful["sizes"].as_array().unwrap().len(), 24, "up to a little beyond the largest allowed");
    assert_eq!(careful["crossings"].as_array().unwrap().len(), 3, "between 1, 5, 10 and 20");
}

#[tokio::test]
async fn splitting_and_arrays_are_offered_only_where_asked_and_never_to_pooled_swabs() {
    let stage = Stage::new().await;
    let officer = stage.sign_in(Role::ProvinceOfficer, PROVINCE).await;
    let mut q = question(500.0);
    q["limits"] = json!({ "worth": 0.0 });
    q["subpools"] = json!(true);
    q["arrays"] = json!(true);
    q["communes"][1]["pooling"] = json!("swab");
    let (status, answer) = stage.ask("POST", PATH, &officer, Some(q)).await;
    assert_eq!(status, 200, "{answer}");
    let design = |row: usize| &answer["communes"][row]["design"];
    assert!(
        design(0)["subpool"].is_u64() || design(0)["array"] == true,
        "the cheapest is no plain pool: {answer}"
    );
    assert!(design(1)["subpool"].is_null() && design(1)["array"] == false, "{}", design(1));
}

#[tokio::test]
async fn every_wrong_row_is_named_at_once() {
    let stage = Stage::new().await;
    let officer = stage.sign_in(Role::DistrictOfficer, COMMUNE).await;
    let mut q = question(100.0);
    q["communes"] = json!([
        { "unit_id": COMMUNE, "specimens": 0, "pools": { "size": 10, "tested": 5, "positive": 6 } },
        { "unit_id": OTHER_COMMUNE, "specimens": 10 },
        { "unit_id": UnitId(987_654), "specimens": 10, "prevalence": 1.5 },
        { "unit_id": COMMUNE, "specimens": 10, "laboratory": 3 },
        { "unit_id": HAMLET, "specimens": 10, "prevalence": 0.1, "pools": { "size": 0, "tested": 0, "positive": 0 } },
    ]);
    let (status, problem) = stage.ask("POST", PATH, &officer, Some(q)).await;
    assert_eq!(status, 422);
    assert_eq!(
        fields(&problem),
        [
            "communes[0].specimens",
            "communes[0].pools.positive",
            "communes[2].prevalence",
            "communes[3].unit_id",
            "communes[3].laboratory",
            "communes[4].pools.size",
            "communes[4].pools.tested",
            "communes[4].prevalence",
            "communes[1].unit_id",
            "communes[2].unit_id",
            "communes[4].unit_id",
        ]
    );
    let message = |n: usize| problem["errors"][n]["message"].as_str().unwrap();
    assert_eq!(message(8), message(9), "what is another's is not told apart from what is not there");
    assert!(message(10).contains("Ấp 3"), "{}", message(10));
}

#[tokio::test]
async fn every_limit_is_refused_under_its_own_name() {
    let stage = Stage::new().await;
    let officer = stage.sign_in(Role::ProvinceOfficer, PROVINCE).await;
    let cases = [
        ("/communes", json!([]), "communes"),
        ("/sizes", json!([]), "sizes"),
        ("/sizes", json!([0]), "sizes"),
        ("/sizes", json!([51]), "sizes"),
        ("/laboratories", json!([]), "laboratories"),
        ("/laboratories/0/turnaround", json!(0.0), "laboratories[0].turnaround"),
        ("/laboratories/0/per_hour", json!([5.0]), "laboratories[0].per_hour"),
        ("/laboratories/0/per_hour", json!(vec![0.0; 24]), "laboratories[0].per_hour"),
        ("/laboratories/0/per_hour", json!(vec![-1.0; 24]), "laboratories[0].per_hour"),
        ("/assay/threshold", json!(5.0), "assay.threshold"),
        ("/assay/specificity", json!(1.5), "assay.specificity"),
        ("/limits", json!({ "hours": 0.0 }), "limits.hours"),
        ("/limits", json!({ "start_hour": 24 }), "limits.start_hour"),
        ("/limits", json!({ "staff_minutes": -1.0 }), "limits.staff_minutes"),
        ("/limits", json!({ "worth": -1.0 }), "limits.worth"),
        ("/weight", json!(1.1), "weight"),
        ("/growth", json!(0.0), "growth"),
        ("/household", json!({ "members": 0 }), "household.members"),
        ("/household", json!({ "sar": 2.0 }), "household.sar"),
        (
            "/assay",
            json!({ "kind": "fixed", "pool_sensitivity": 0.2, "single_sensitivity": 0.9, "specificity": 0.7 }),
            "assay.pool_sensitivity",
        ),
    ];
    for (pointer, value, field) in cases {
        let mut q = question(100.0);
        q["limits"] = json!({});
        q["weight"] = json!(0.2);
        q["growth"] = json!(1.0);
        q["household"] = json!({});
        *q.pointer_mut(pointer).unwrap() = value.clone();
        let (status, problem) = stage.ask("POST", PATH, &officer, Some(q)).await;
        assert_eq!(status, 422, "{pointer} {value}: {problem}");
        assert_eq!(fields(&problem), [field], "{pointer} {value}: {problem}");
    }
    let mut misspelt = question(100.0);
    misspelt["limits"] = json!({ "huors": 10.0 });
    let (status, _) = stage.ask("POST", PATH, &officer, Some(misspelt)).await;
    assert_eq!(status, 422, "a limit that is silently left out would be a plan for another laboratory");
}

#[tokio::test]
async fn only_who_plans_rounds_asks_the_planner() {
    let stage = Stage::new().await;
    for (role, expected) in [(Role::CommuneStation, 200), (Role::Sampler, 403), (Role::Leader, 403)] {
        let cookie = stage.sign_in(role, COMMUNE).await;
        let mut q = question(100.0);
        q["communes"].as_array_mut().unwrap().truncate(1);
        assert_eq!(stage.ask("POST", PATH, &cookie, Some(q)).await.0, expected, "{role}");
    }
}
