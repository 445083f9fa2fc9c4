use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::certlogic::Moment;

/// The first place where two JSON values differ; numbers are compared as numbers, and times as times to the
/// second: the one side has what a library printed, the other what its signer encoded.
pub(super) fn same(a: &Json, b: &Json) -> Result<(), String> {
    fn walk(a: &Json, b: &Json, path: &str) -> Result<(), String> {
        match (a, b) {
            (Json::Object(x), Json::Object(y)) => {
                let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
                for key in keys {
                    let at = format!("{path}/{key}");
                    match (x.get(key), y.get(key)) {
                        (Some(a), Some(b)) => walk(a, b, &at)?,
                        _ => return Err(format!("{at} on one side only")),
                    }
                }
                Ok(())
            }
            (Json::Array(x), Json::Array(y)) if x.len() == y.len() => {
                x.iter().zip(y).enumerate().try_for_each(|(i, (a, b))| walk(a, b, &format!("{path}/{i}")))
            }
            (Json::Number(x), Json::Number(y)) if x.as_f64() == y.as_f64() => Ok(()),
            _ if a == b => Ok(()),
            (Json::String(x), Json::String(y)) if second(x).is_some_and(|s| second(y) == Some(s)) => Ok(()),
            _ => Err(format!("{path}: {a} is not {b}")),
        }
    }
    walk(a, b, "")
}

/// The second that a text names: a date is its midnight, as a JSON encoder prints it.
fn second(text: &str) -> Option<i64> {
    Moment::parse(text).map(|m| m.0.div_euclid(1000))
}

/// JSON as test data have it: behind a byte order mark, in no encoding in particular, with line ends
/// inside texts.
pub(super) fn lenient_json(bytes: &[u8]) -> Option<Json> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace(char::is_control, " "))).ok()
}

/// A time as test data have it: with a space for the T, without seconds, without a zone.
pub(super) fn lenient_clock(text: &str) -> Option<Moment> {
    let text = text.trim().replacen(' ', "T", 1);
    let with_seconds = || {
        let (minutes, zone) = text.split_at_checked(16)?;
        Moment::parse(&format!("{minutes}:00{zone}"))
    };
    Moment::parse(&text).or_else(with_seconds)
}

/// Bytes of hexadecimal text; spaces and lines do not matter.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let nibble = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|p| match *p {
            [a, b] => Some(nibble(a)? * 16 + nibble(b)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_data_are_read_as_they_come() {
        let expected = serde_json::json!({ "a": "x y" });
        for bytes in [&b"{\"a\": \"x y\"}"[..], b"\xef\xbb\xbf{\"a\":\"x y\"}", b"{\"a\":\r\n\"x\ny\"}"] {
            assert_eq!(lenient_json(bytes), Some(expected.clone()));
        }
        assert_eq!(lenient_json(b"{"), None);
        let at = Moment::parse("2021-06-09T06:35:00Z");
        for text in
            ["2021-06-09T06:35:00Z", "2021-06-09 06:35:00", " 2021-06-09T06:35Z", "2021-06-09T08:35+02:00"]
        {
            assert_eq!(lenient_clock(text), at, "{text}");
        }
        assert_eq!(lenient_clock("yesterday"), None);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        use serde_json::json;
        assert_eq!(same(&json!({ "n": [1, "x"] }), &json!({ "n": [1.0, "x"] })), Ok(()));
        assert!(same(&json!({ "n": 1 }), &json!({ "n": "1" })).is_err());
        assert!(same(&json!({ "n": 1 }), &json!({})).is_err());
    }

    #[test]
    fn times_are_compared_as_times() {
        use serde_json::json;
        for same_time in [
            "2021-06-02T12:30:00Z",
            "2021-06-02T12:30:00.966Z",
            "2021-06-02T14:30:00+02:00",
            "2021-06-02T12:30:00",
        ] {
            assert_eq!(same(&json!(["2021-06-02T12:30:00Z"]), &json!([same_time])), Ok(()), "{same_time}");
        }
        assert_eq!(same(&json!("2021-06-02"), &json!("2021-06-02T00:00:00Z")), Ok(()));
        assert!(same(&json!("2021-06-02T12:30:00Z"), &json!("2021-06-02T10:30:00Z")).is_err());
        assert!(same(&json!("2021-06-02T12:30:00Z"), &json!(1_622_637_000)).is_err());
        assert!(same(&json!("1963"), &json!("1963-00")).is_err());
    }
}
