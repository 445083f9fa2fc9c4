use std::collections::BTreeSet;

use serde_json::Value as Json;

/// The first place where two JSON values differ; numbers are compared as numbers.
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
            _ => Err(format!("{path}: {a} is not {b}")),
        }
    }
    walk(a, b, "")
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
