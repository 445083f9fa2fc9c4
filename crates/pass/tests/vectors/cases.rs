//! Which verdict each token gets, and why.

use serde_json::{Value as Json, json};

use super::NOW;

/// One verification.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) token: &'static str,
    pub(crate) trust: &'static str,
    pub(crate) revocations: Option<&'static str>,
    pub(crate) policy: Json,
    pub(crate) now: i64,
    pub(crate) clock_trusted: bool,
    pub(crate) verdict: &'static str,
    pub(crate) reason: &'static str,
}

fn case(token: &'static str, verdict: &'static str, reason: &'static str) -> Case {
    Case {
        id: token.to_owned(),
        token,
        trust: "fresh",
        revocations: Some("delta-43"),
        policy: json!({}),
        now: NOW,
        clock_trusted: true,
        verdict,
        reason,
    }
}

pub(crate) fn all() -> Vec<Case> {
    let mut out: Vec<Case> = [
        ("person", "green", "valid"),
        ("household", "green", "valid"),
        ("organisation", "green", "valid"),
        ("vehicle", "green", "valid"),
        ("minor", "green", "valid"),
        ("id-tail", "green", "valid"),
        ("override", "green", "valid"),
        ("widest", "green", "valid"),
        ("next-key", "green", "valid"),
        ("twin-key", "green", "valid"),
        ("twin-signature", "green", "valid"),
        ("restored", "green", "valid"),
        ("future", "amber", "not-yet-valid"),
        ("appointment", "amber", "appointment"),
        ("backdated", "red", "key-expired"),
        ("old-key", "red", "key-expired"),
        ("withdrawn-key", "red", "key-revoked"),
        ("list-key", "red", "key-usage"),
        ("other-issuer", "red", "issuer-mismatch"),
        ("attacker", "red", "unknown-key"),
        ("revoked-pass", "red", "revoked"),
        ("revoked-twin-signature", "red", "revoked"),
        ("revoked-holder", "red", "revoked"),
        ("revoked-batch", "red", "revoked"),
        ("foreign-kid", "red", "bad-signature"),
        ("payload-flipped", "red", "bad-signature"),
        ("signature-flipped", "red", "bad-signature"),
        ("signature-zero", "red", "bad-signature"),
        ("list-signature", "red", "bad-signature"),
        ("alg-swap", "red", "algorithm"),
        ("alg-none", "red", "algorithm"),
        ("dcc-test", "green", "valid"),
        ("dcc-positive", "red", "rule-not-met"),
        ("dcc-untagged", "green", "valid"),
        ("dcc-tag-61", "green", "valid"),
        ("dcc-tagged-times", "green", "valid"),
        ("dcc-uncompressed", "green", "valid"),
        ("dcc-small-window", "green", "valid"),
        ("dcc-open-kid", "green", "valid"),
        ("dcc-ps256", "green", "valid"),
        ("dcc-expired", "red", "expired"),
        ("dcc-schema", "red", "schema"),
        ("dcc-key-usage", "red", "key-usage"),
        ("dcc-revoked-uci", "red", "revoked"),
        ("dcc-revoked-signature", "red", "revoked"),
        ("dcc-revoked-signature-twin", "red", "revoked"),
        ("dcc-attacker", "red", "unknown-key"),
        ("dcc-alg-none", "red", "algorithm"),
        ("dcc-alg-swap", "red", "bad-signature"),
    ]
    .into_iter()
    .map(|(token, verdict, reason)| case(token, verdict, reason))
    .collect();
    for token in [
        "own-key-url",
        "open-key-url",
        "own-key",
        "signature-short",
        "trailing-byte",
        "truncated",
        "untagged",
        "deep",
        "huge-length",
        "long-head",
        "indefinite",
        "unsorted",
        "extra-claim",
        "no-expiry",
        "float-expiry",
        "huge-expiry",
        "expiry-beyond-doubles",
        "late-expiry",
        "expiry-before-issue",
        "short-id",
        "unknown-field",
        "unknown-basis",
        "explicit-person",
        "no-scope",
        "members-of-person",
        "turned-name",
        "name-not-utf8",
        "empty",
        "prefix-only",
        "lowercase",
        "other-prefix",
        "base45-small",
        "base45-overflow",
        "too-long",
        "text",
        "bomb",
        "dcc-deep",
        "dcc-nested-chunks",
        "dcc-nan",
    ] {
        out.push(case(token, "red", "malformed"));
    }
    out.extend(time());
    out.extend(lists());
    out.extend(policies());
    out
}

fn named(id: &str, case: Case) -> Case {
    Case { id: id.to_owned(), ..case }
}

fn time() -> Vec<Case> {
    let end = super::SAMPLED + 72 * 3600;
    let at = |id: &str, now, verdict, reason| {
        named(
            id,
            Case {
                now,
                revocations: Some("empty"),
                trust: "fresh",
                policy: json!({
                    "revocation_max_age_s": 400_000, "trust_max_age_s": 400_000
                }),
                ..case("person", verdict, reason)
            },
        )
    };
    vec![
        at("expiry-last-second", end - 1, "green", "valid"),
        at("expiry-inside-tolerance", end + 299, "green", "valid"),
        at("expiry-past-tolerance", end + 300, "red", "expired"),
        at("expired-long-ago", end + 86_400, "red", "expired"),
        named("expired-beats-clock", Case { clock_trusted: false, ..at("", end + 300, "red", "expired") }),
        named("clock-untrusted", Case { clock_trusted: false, ..case("person", "amber", "clock-untrusted") }),
        named(
            "clock-behind-trust-list",
            Case { trust: "from-the-future", ..case("person", "amber", "clock-untrusted") },
        ),
        named(
            "clock-behind-revocation-list",
            Case { revocations: Some("future"), ..case("person", "amber", "clock-untrusted") },
        ),
        named("revoked-beats-clock", Case { clock_trusted: false, ..case("revoked-pass", "red", "revoked") }),
        named(
            "dcc-clock-untrusted",
            Case { clock_trusted: false, ..case("dcc-test", "amber", "clock-untrusted") },
        ),
    ]
}

fn lists() -> Vec<Case> {
    vec![
        named("trust-list-stale", Case { trust: "stale", ..case("person", "amber", "trust-list-stale") }),
        named(
            "unknown-key-stale-list",
            Case { trust: "stale", ..case("attacker", "amber", "unknown-key-stale-list") },
        ),
        named(
            "bad-signature-stale-list",
            Case { trust: "stale", ..case("foreign-kid", "red", "bad-signature") },
        ),
        named(
            "revocation-list-stale",
            Case { revocations: Some("stale"), ..case("person", "amber", "revocation-list-stale") },
        ),
        named(
            "revocation-list-absent",
            Case { revocations: None, ..case("person", "amber", "revocation-list-stale") },
        ),
        named(
            "revoked-on-a-stale-list",
            Case { revocations: Some("stale"), ..case("revoked-holder", "red", "revoked") },
        ),
        named(
            "not-yet-on-the-list",
            Case { revocations: Some("full-41"), ..case("revoked-pass", "green", "valid") },
        ),
        named(
            "restored-before-delta",
            Case { revocations: Some("delta-42"), ..case("restored", "red", "revoked") },
        ),
        named(
            "delta-of-deltas",
            Case { revocations: Some("delta-44"), ..case("revoked-batch", "red", "revoked") },
        ),
        named(
            "full-equals-deltas",
            Case { revocations: Some("full-43"), ..case("revoked-batch", "red", "revoked") },
        ),
        named(
            "dcc-revocation-list-stale",
            Case { revocations: Some("stale"), ..case("dcc-test", "amber", "revocation-list-stale") },
        ),
    ]
}

fn policies() -> Vec<Case> {
    let with = |id: &str, token, policy: Json, verdict, reason| {
        named(id, Case { policy, ..case(token, verdict, reason) })
    };
    let place = json!(["83", "829", "28756"]);
    vec![
        with("scope-held", "person", json!({ "scopes": ["movement"] }), "green", "valid"),
        with("scopes-held", "person", json!({ "scopes": ["movement", "production"] }), "green", "valid"),
        with("scope-missing", "person", json!({ "scopes": ["goods-transport"] }), "amber", "scope"),
        with("scope-unknown", "person", json!({ "scopes": ["flying"] }), "amber", "scope"),
        with("scope-by-number", "person", json!({ "scopes": ["scope-9"] }), "amber", "scope"),
        with("province-covers-commune", "person", json!({ "place": place }), "green", "valid"),
        with("commune-covers-itself", "household", json!({ "place": place }), "green", "valid"),
        with("other-commune", "household", json!({ "place": ["83", "829", "28757"] }), "amber", "area"),
        with(
            "same-code-at-another-level",
            "household",
            json!({ "place": ["28756", "829", "28757"] }),
            "amber",
            "area",
        ),
        with("checkpoint-above-the-area", "household", json!({ "place": ["83"] }), "amber", "area"),
        with("other-province", "person", json!({ "place": ["82"] }), "amber", "area"),
        with("no-area-is-everywhere", "vehicle", json!({ "place": ["82"] }), "green", "valid"),
        with(
            "scope-before-area",
            "person",
            json!({ "scopes": ["goods-transport"], "place": ["82"] }),
            "amber",
            "scope",
        ),
        with("age-within", "person", json!({ "max_age": [{ "minutes": 4320 }] }), "green", "valid"),
        with("age-beyond", "person", json!({ "max_age": [{ "minutes": 1440 }] }), "red", "too-old"),
        with(
            "age-of-another-method",
            "person",
            json!({ "max_age": [{ "method": "rapid-antigen", "minutes": 1440 }] }),
            "green",
            "valid",
        ),
        with(
            "age-first-row-holds",
            "person",
            json!({ "max_age": [{ "method": "rt-pcr", "basis": "pooled", "minutes": 4320 }, { "minutes": 60 }] }),
            "green",
            "valid",
        ),
        with(
            "age-by-kind",
            "household",
            json!({ "max_age": [{ "kind": "household", "minutes": 60 }] }),
            "red",
            "too-old",
        ),
        with("dcc-not-accepted", "dcc-test", json!({ "accept_dcc": false }), "red", "malformed"),
        with(
            "other-appointment-prefix",
            "text",
            json!({ "appointment_prefixes": ["https://example.org/"] }),
            "amber",
            "appointment",
        ),
    ]
}

/// Verdicts that need CertLogic; a verifier without it skips this file.
pub(crate) fn with_rules() -> Vec<Case> {
    let rule = |subject: &str, severity: &str, logic: Json| json!({ "rules": [{ "id": "R1", "subject": subject, "severity": severity, "logic": logic }] });
    let with = |id: &str, token, policy: Json, verdict, reason| {
        named(id, Case { policy, ..case(token, verdict, reason) })
    };
    let own_test = json!({ "in": [{ "var": "payload.basis" }, ["tested", "pooled"]] });
    let within_a_day = json!({ "not-after": [
        { "plusTime": [{ "var": "external.validationClock" }, 0, "day"] },
        { "plusTime": [{ "var": "payload.sampled_at" }, 24, "hour"] }
    ] });
    let negative = json!({ "===": [{ "var": "payload.t.0.tr" }, "260415000"] });
    vec![
        with("rule-met", "person", rule("pass", "red", own_test.clone()), "green", "valid"),
        with("rule-not-met", "household", rule("pass", "red", own_test.clone()), "red", "rule-not-met"),
        with("rule-asks", "household", rule("pass", "amber", own_test.clone()), "amber", "rule-ask"),
        with("rule-on-time", "person", rule("pass", "red", within_a_day), "red", "rule-not-met"),
        with(
            "rule-error-is-not-met",
            "person",
            rule("pass", "red", json!({ "unknown": [1] })),
            "red",
            "rule-not-met",
        ),
        with("rule-truthy-is-not-true", "person", rule("pass", "red", json!(1)), "red", "rule-not-met"),
        with("rule-for-the-other-format", "dcc-test", rule("pass", "red", own_test), "green", "valid"),
        with("dcc-rule-met", "dcc-test", rule("dcc", "red", negative.clone()), "green", "valid"),
        with("no-rules", "dcc-positive", json!({ "rules": [] }), "green", "valid"),
        with("dcc-rule-not-met", "dcc-positive", rule("dcc", "red", negative), "red", "rule-not-met"),
    ]
}
