//! DCC schema 1.3.3 as a table of this project's own form.
//! Source: ehn-dcc-development/eu-dcc-schema, Apache-2.0. The schema demands 1.3.3 of every certificate,
//! whatever `ver` says; properties it does not name are allowed.

use serde_json::Value;

/// The first rule of the schema that the certificate breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct SchemaError {
    /// Where, as a path.
    pub path: String,
    /// What was expected.
    pub what: &'static str,
}

#[derive(Clone, Copy)]
enum Form {
    /// Any text. Also dates: `format` is an annotation in JSON Schema 2020-12, and certificates in
    /// use have times where the schema names a date. Rules that need a date fail without one.
    Text,
    /// A text of at most 80 characters.
    Short,
    /// A text of A–Z and `<`, at most 80 characters.
    Latin,
    /// A text with a capital letter in it.
    Country,
    /// An integer from 1.
    Count,
}

type Fields = [(&'static str, bool, Form)];

const NAME: &Fields = &[
    ("fn", false, Form::Short),
    ("fnt", false, Form::Latin),
    ("gn", false, Form::Short),
    ("gnt", false, Form::Latin),
];
const VACCINATION: &Fields = &[
    ("tg", true, Form::Text),
    ("vp", true, Form::Text),
    ("mp", true, Form::Text),
    ("ma", true, Form::Text),
    ("dn", true, Form::Count),
    ("sd", true, Form::Count),
    ("dt", true, Form::Text),
    ("co", true, Form::Country),
    ("is", true, Form::Short),
    ("ci", true, Form::Short),
];
const TEST: &Fields = &[
    ("tg", true, Form::Text),
    ("tt", true, Form::Text),
    ("nm", false, Form::Short),
    ("ma", false, Form::Text),
    ("sc", true, Form::Text),
    ("tr", true, Form::Text),
    ("tc", false, Form::Short),
    ("co", true, Form::Country),
    ("is", true, Form::Short),
    ("ci", true, Form::Short),
];
const RECOVERY: &Fields = &[
    ("tg", true, Form::Text),
    ("fr", true, Form::Text),
    ("co", true, Form::Country),
    ("is", true, Form::Short),
    ("df", true, Form::Text),
    ("du", true, Form::Text),
    ("ci", true, Form::Short),
];
const GROUPS: [(&str, &Fields); 3] = [("v", VACCINATION), ("t", TEST), ("r", RECOVERY)];

/// Validates a certificate against schema 1.3.3.
///
/// # Errors
/// The first rule broken.
pub fn check_schema(certificate: &Value) -> Result<(), SchemaError> {
    let fault = |path: &str, what| Err(SchemaError { path: path.to_owned(), what });
    if !certificate.is_object() {
        return fault("", "an object");
    }
    for required in ["ver", "nam", "dob"] {
        if certificate.get(required).is_none() {
            return fault(required, "required");
        }
    }
    if GROUPS.iter().filter(|(key, _)| certificate.get(key).is_some()).count() != 1 {
        return fault("", "exactly one of v, t and r");
    }
    if !certificate.get("ver").and_then(Value::as_str).is_some_and(is_version) {
        return fault("ver", "a version of three numbers");
    }
    if !certificate.get("dob").and_then(Value::as_str).is_some_and(is_birth) {
        return fault("dob", "a date of 1900 to 2099, in whole or part, or empty");
    }
    let name = certificate.get("nam").unwrap_or(&Value::Null);
    check_fields(name, "nam", NAME)?;
    if name.get("fnt").is_none() && name.get("gnt").is_none() {
        return fault("nam", "fnt or gnt");
    }
    for (key, fields) in GROUPS {
        match certificate.get(key) {
            None => {}
            Some(Value::Array(entries)) => match entries.as_slice() {
                [entry] => check_fields(entry, &format!("{key}.0"), fields)?,
                _ => return fault(key, "exactly one entry"),
            },
            Some(_) => return fault(key, "an array"),
        }
    }
    Ok(())
}

fn check_fields(entry: &Value, path: &str, fields: &Fields) -> Result<(), SchemaError> {
    let fault = |path: String, what| Err(SchemaError { path, what });
    let Value::Object(entry) = entry else { return fault(path.to_owned(), "an object") };
    for &(name, required, form) in fields {
        let at = || format!("{path}.{name}");
        match (entry.get(name), required) {
            (None, true) => return fault(at(), "required"),
            (None, false) => {}
            (Some(value), _) => form.check(value).or_else(|what| fault(at(), what))?,
        }
    }
    Ok(())
}

impl Form {
    fn check(self, value: &Value) -> Result<(), &'static str> {
        let text = value.as_str();
        let ok = match self {
            Self::Count => return if is_count(value) { Ok(()) } else { Err("an integer from 1") },
            Self::Text => text.is_some(),
            Self::Short => text.is_some_and(is_short),
            Self::Latin => {
                text.is_some_and(|t| is_short(t) && t.bytes().all(|b| b.is_ascii_uppercase() || b == b'<'))
            }
            Self::Country => text.is_some_and(|t| t.bytes().any(|b| b.is_ascii_uppercase())),
        };
        let what = match self {
            Self::Text | Self::Count => "a text",
            Self::Short => "a text of at most 80 characters",
            Self::Latin => "A to Z and <, at most 80",
            Self::Country => "a country",
        };
        if ok { Ok(()) } else { Err(what) }
    }
}

fn is_count(value: &Value) -> bool {
    value.as_f64().is_some_and(|n| n >= 1.0 && n.fract() == 0.0)
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= 80
}

/// `^\d+.\d+.\d+$`: the dots of the published pattern stand for any character.
fn is_version(text: &str) -> bool {
    let digits = |c: &char| c.is_ascii_digit();
    let chars: Vec<char> = text.chars().take(40).collect();
    let n = chars.len();
    if text.chars().count() != n || n < 5 {
        return false;
    }
    // Some split a.b.c with single separators at i < j, everything else digits.
    (1..n).any(|i| {
        (i + 2..n.saturating_sub(1))
            .any(|j| chars.iter().enumerate().all(|(at, c)| at == i || at == j || digits(c)))
    })
}

/// `^((19|20)\d\d(-\d\d){0,2}){0,1}$`
fn is_birth(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    let two = |p: &str| p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = parts.take(3).collect();
    text.is_empty()
        || ((year.starts_with("19") || year.starts_with("20"))
            && year.len() == 4
            && year.bytes().all(|b| b.is_ascii_digit())
            && rest.len() <= 2
            && rest.iter().all(|p| two(p)))
}
