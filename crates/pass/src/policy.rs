//! What a checkpoint asks for: data, changed overnight without a new program.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::claims::{Basis, Claims, Kind, Method, Scopes};
use crate::dcc::approved;

/// The rules of one checkpoint. Every field has a default, so that a policy file says only what differs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Age in seconds at which the revocation list makes verdicts amber; 12 h.
    pub revocation_max_age_s: i64,
    /// Age in seconds at which the trust list makes verdicts amber; 48 h.
    pub trust_max_age_s: i64,
    /// Seconds by which clocks may differ, in either direction; 5 min.
    pub clock_tolerance_s: i64,
    /// Scopes that the pass must all have, by name; none asks for none.
    pub scopes: Vec<String>,
    /// Where the checkpoint stands: codes of its units from the province down; empty asks for no area.
    pub place: Vec<String>,
    /// Ages since sampling beyond which a pass is red, whatever its expiry; the first row that fits holds.
    pub max_age: Vec<MaxAge>,
    /// What appointment codes begin with.
    pub appointment_prefixes: Vec<String>,
    /// Whether EU certificates are read at all.
    pub accept_dcc: bool,
    /// Rules in CertLogic; unless given, one: a test certificate says "not detected".
    pub rules: Vec<Rule>,
    /// Value sets for the rules: `external.valueSets`.
    pub value_sets: Value,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            revocation_max_age_s: 12 * 3600,
            trust_max_age_s: 48 * 3600,
            clock_tolerance_s: 300,
            scopes: Vec::new(),
            place: Vec::new(),
            max_age: Vec::new(),
            appointment_prefixes: vec!["GFA:".to_owned()],
            accept_dcc: true,
            rules: vec![Rule::not_detected()],
            value_sets: Value::Null,
        }
    }
}

/// A row of the table of ages; an absent column fits everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaxAge {
    /// Kind of pass.
    pub kind: Option<String>,
    /// Basis.
    pub basis: Option<String>,
    /// Method.
    pub method: Option<String>,
    /// Minutes since sampling.
    pub minutes: i64,
}

/// What a rule speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Greenfort passes.
    Pass,
    /// EU certificates.
    Dcc,
}

/// What a rule that is not met makes of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Not valid.
    Red,
    /// Ask.
    Amber,
}

/// A rule in CertLogic over `{payload, external: {validationClock, valueSets, scopes, place}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, shown when it is not met.
    pub id: String,
    /// What it speaks about.
    pub subject: Subject,
    /// What follows when it is not met.
    pub severity: Severity,
    /// The expression; anything but `true`, also an error, is "not met".
    pub logic: Value,
}

impl Rule {
    /// The one rule that holds unless a policy has rules of its own: a test certificate says "not
    /// detected". EU issuers also certify positive tests, with a signature as good as any.
    fn not_detected() -> Self {
        let result = json!({ "var": "payload.t.0.tr" });
        Self {
            id: "not-detected".to_owned(),
            subject: Subject::Dcc,
            severity: Severity::Red,
            logic: json!({ "if": [{ "var": "payload.t.0" }, { "===": [result, approved::NOT_DETECTED] }, true] }),
        }
    }
}

impl Policy {
    /// The scopes asked for; `None` when a name is unknown, which no pass can satisfy.
    #[must_use]
    pub fn required_scopes(&self) -> Option<Scopes> {
        self.scopes.iter().try_fold(Scopes::default(), |set, name| Some(set.and(Scopes::from_name(name)?)))
    }

    /// Whether the area of a pass covers the place of the checkpoint.
    #[must_use]
    pub fn covers(&self, claims: &Claims) -> bool {
        let Some(area) = &claims.area else { return true };
        self.place.is_empty()
            || usize::from(area.depth).checked_sub(1).and_then(|i| self.place.get(i)) == Some(&area.code)
    }

    /// Seconds after sampling when the pass ends by the table of ages.
    #[must_use]
    pub fn max_age(&self, claims: &Claims) -> Option<i64> {
        let fits = |column: &Option<String>, name| column.as_deref().is_none_or(|c| c == name);
        let row = self.max_age.iter().find(|r| {
            fits(&r.kind, Kind::name(claims.kind))
                && fits(&r.basis, Basis::name(claims.basis))
                && fits(&r.method, Method::name(claims.method))
        })?;
        Some(row.minutes.saturating_mul(60))
    }
}

/// What the verifier knows of the time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Clock {
    /// Now, UTC seconds.
    pub now: i64,
    /// Whether the device believes it (set from a network, not run backwards since).
    pub trusted: bool,
}
