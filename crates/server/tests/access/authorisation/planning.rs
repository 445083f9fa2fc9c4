//! The planner.

use super::call::{Call, about, json};
use serde_json::json as value;

pub fn calls() -> Vec<Call> {
    vec![about("POST /api/v1/planning/advice", |at| {
        json(value!({
            "communes": [{ "unit_id": at.unit(), "specimens": 900 }],
            "sizes": [1, 5, 10],
            "assay": { "kind": "viral_load", "threshold": 38.0, "specificity": 0.995 },
            "laboratories": [{ "name": "CDC", "per_hour": vec![60.0; 24], "turnaround": 5.0 }],
        }))
    })]
}
