//! What every endpoint has without saying it: how to sign in, refusals as problems, repeatable writes, and examples made
//! of the examples of the fields.

use crate::http::problem::Problem;
use greenfort_kernel::Language;
use serde_json::{Map, Value, json};

const PROBLEM: &str = "application/problem+json";
/// Deeper than any of our answers: ends a schema that contains itself.
const DEEPEST: usize = 8;

pub fn complete(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "apiKey", "in": "cookie", "name": "greenfort_session", "description": "A person who signed in" },
        "token": { "type": "http", "scheme": "bearer", "description": "A program with a key of `POST /api/v1/tokens`" },
    });
    document["security"] = json!([{ "session": [] }, { "token": [] }]);
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for (method, operation) in paths.filter_map(Value::as_object_mut).flatten() {
        complete_operation(method, operation, &schemas);
    }
}

fn complete_operation(method: &str, operation: &mut Value, schemas: &Value) {
    let refuses_strangers = !operation["responses"]["401"].is_null();
    if !refuses_strangers {
        operation["security"] = json!([]);
    }
    if method != "get" && refuses_strangers {
        let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A UUID of the caller's own: a repeat with it gets the first answer, and nothing is done twice",
            "schema": { "type": "string", "format": "uuid" },
        }));
        operation["parameters"] = parameters.into();
    }
    let reads = operation["requestBody"].is_object() || operation["parameters"].is_array();
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let problem = |description: &str| {
        let content = json!({ PROBLEM: { "schema": { "$ref": "#/components/schemas/ProblemBody" } } });
        json!({ "description": description, "content": content })
    };
    if reads {
        responses.entry("400").or_insert_with(|| problem("The path, the query or the body cannot be read"));
    }
    responses.entry("429").or_insert_with(|| problem("Too many requests from this address"));
    responses.entry("default").or_insert_with(|| problem("The server met an error and has logged it"));
    for (status, response) in responses {
        for (kind, content) in
            response.pointer_mut("/content").and_then(Value::as_object_mut).into_iter().flatten()
        {
            if kind == PROBLEM {
                let status = status.parse().unwrap_or(500);
                let example = serde_json::to_value(Problem::example(status).body(Language::En));
                set_example(content, || example.unwrap_or_default());
            } else if kind.ends_with("json") {
                let schema = content["schema"].clone();
                set_example(content, || example(&schema, schemas, "value", 0));
            }
        }
    }
    let body = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
    for (kind, content) in body.into_iter().flatten() {
        if kind.ends_with("json") {
            let schema = content["schema"].clone();
            set_example(content, || example(&schema, schemas, "value", 0));
        }
    }
}

fn set_example(content: &mut Value, make: impl FnOnce() -> Value) {
    if content.get("example").is_none() && content.get("examples").is_none() {
        content["example"] = make();
    }
}

/// A value of a schema: its own example, else one made of the examples of its parts. A text without an example shows the
/// name of its field.
fn example(schema: &Value, schemas: &Value, name: &str, depth: usize) -> Value {
    if let Some(target) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return example(&schemas[target], schemas, name, depth);
    }
    let given = [&schema["example"], &schema["examples"][0], &schema["const"], &schema["enum"][0]];
    if let Some(given) = given.into_iter().find(|value| !value.is_null()) {
        return given.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().filter_map(|part| example(part, schemas, name, depth).as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let some = choices.iter().find(|one| one["type"] != "null");
            return some.map_or(Value::Null, |one| example(one, schemas, name, depth));
        }
    }
    let kinds =
        schema["type"].as_array().map_or_else(|| vec![&schema["type"]], |kinds| kinds.iter().collect());
    match kinds.into_iter().filter_map(Value::as_str).find(|kind| *kind != "null") {
        Some("object") if depth < DEEPEST => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(fields.map(|(n, s)| (n.clone(), example(s, schemas, n, depth + 1))).collect())
        }
        Some("object") => json!({}),
        Some("array") if depth < DEEPEST => match schema["prefixItems"].as_array() {
            Some(items) => items.iter().map(|item| example(item, schemas, name, depth + 1)).collect(),
            None => json!([example(&schema["items"], schemas, name, depth + 1)]),
        },
        Some("array") => json!([]),
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(0).max(1)),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("string") => match schema["format"].as_str() {
            Some("uuid") => json!("01856aa0-c800-7000-8000-0000000000a1"),
            Some("date") => json!("2021-09-10"),
            Some("date-time") => json!("2021-09-10T01:30:00Z"),
            _ => json!(name),
        },
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_made_of_the_examples_of_the_parts() {
        let schemas = json!({
            "Id": { "type": "string", "format": "uuid" },
            "Item": { "type": "object", "properties": {
                "id": { "$ref": "#/components/schemas/Id" },
                "name": { "type": "string", "example": "Xã An Phước" },
                "until": { "oneOf": [{ "type": "null" }, { "type": "string", "format": "date" }] },
                "count": { "type": ["integer", "null"], "minimum": 3 },
                "under": { "type": "array", "items": { "$ref": "#/components/schemas/Item" } },
            } },
        });
        let made = example(&json!({ "$ref": "#/components/schemas/Item" }), &schemas, "value", DEEPEST - 3);
        assert_eq!(made["name"], "Xã An Phước");
        assert_eq!(made["until"], "2021-09-10");
        assert_eq!(made["count"], 3);
        assert!(made["id"].as_str().is_some_and(|id| id.len() == 36));
        assert_eq!(made["under"][0]["under"], json!([]), "a schema that contains itself ends");
    }
}
