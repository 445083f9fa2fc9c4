//! What the OpenAPI document says of every route that the suite calls.

use serde_json::Value;

/// Every refusal is a problem of this media type.
const PROBLEM: &str = "application/problem+json";

fn operations() -> Vec<(String, Value)> {
    let document: Value =
        serde_json::from_str(&greenfort_server::http::openapi::document().unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, o)| (format!("{} {path}", method.to_uppercase()), o.clone()))
        })
        .collect()
}

/// What is missing of one media type of a body or an answer.
fn missing(content: &Value, what: &str, missing: &mut Vec<String>) {
    for (kind, content) in content.as_object().into_iter().flatten() {
        if kind.ends_with("json") && content["example"].is_null() && content["examples"].is_null() {
            missing.push(format!("{what}: no example"));
        }
    }
}

#[test]
fn every_operation_is_described_with_examples_and_problems() {
    let mut wrong = Vec::new();
    for (route, operation) in operations() {
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!(
                "{route} has no summary: write a `///` line above #[utoipa::path] of its handler"
            ));
        }
        missing(&operation["requestBody"]["content"], &format!("{route} body"), &mut wrong);
        let responses = operation["responses"].as_object().unwrap();
        let succeeds = responses.keys().any(|status| status.starts_with('2'));
        for (status, response) in responses {
            missing(&response["content"], &format!("{route} {status}"), &mut wrong);
            if status.starts_with('2') {
                continue;
            }
            let example = &response["content"][PROBLEM]["example"];
            let kind = example["type"].as_str().unwrap_or_default();
            if !kind.starts_with("urn:greenfort:problem:") {
                wrong.push(format!("{route} {status}: a refusal without `body = ProblemBody`: {response}"));
            }
            if status != "default" && example["status"].as_u64() != status.parse().ok() {
                wrong.push(format!("{route} {status}: its example says {}", example["status"]));
            }
        }
        if !succeeds {
            wrong.push(format!("{route} has no answer but refusals"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn writes_of_people_who_are_signed_in_take_an_idempotency_key() {
    for (route, operation) in operations() {
        let takes =
            operation["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "Idempotency-Key");
        let signed_in = operation["security"].is_null();
        assert_eq!(takes, signed_in && !route.starts_with("GET "), "{route}");
    }
}
