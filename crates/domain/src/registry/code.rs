//! Codes that a commune makes for people without papers: `28807-000426`.

/// Commune, a number, and a check digit (Luhn, ISO/IEC 7812-1 annex B) over both, so that a slip of one digit is seen.
pub fn person_code(commune: &str, serial: i32) -> String {
    let body = format!("{commune}-{serial:05}");
    let check = luhn(body.bytes());
    format!("{body}{check}")
}

/// True for a code whose check digit is right.
pub fn is_person_code(text: &str) -> bool {
    let Some((commune, number)) = text.split_once('-') else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(commune) || !digits(number) || commune.len() > 8 || !(6..=10).contains(&number.len()) {
        return false;
    }
    let (body, check) = text.split_at(text.len() - 1);
    check == luhn(body.bytes()).to_string()
}

fn luhn(bytes: impl DoubleEndedIterator<Item = u8>) -> u32 {
    let sum: u32 = bytes
        .rev()
        .filter(u8::is_ascii_digit)
        .enumerate()
        .map(|(place, b)| match (u32::from(b - b'0'), place % 2) {
            (digit, 0) => (digit * 2) / 10 + (digit * 2) % 10,
            (digit, _) => digit,
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_of_one_digit_in_a_code_is_seen() {
        for serial in [1, 42, 99_999, 123_456] {
            let code = person_code("28807", serial);
            assert!(is_person_code(&code), "{code}");
            for at in (0..code.len()).filter(|at| code.as_bytes()[*at] != b'-') {
                for digit in b'0'..=b'9' {
                    let mut slip = code.clone().into_bytes();
                    if slip[at] != digit {
                        slip[at] = digit;
                        assert!(!is_person_code(&String::from_utf8(slip).unwrap()));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "-", "28807-", "28807", "083195001234", "28807-1", "a-000018", "28807-00001a"] {
            assert!(!is_person_code(text), "{text}");
        }
        // The check digit of the standard's own example, 7992739871: 3.
        assert_eq!(luhn("7992739871".bytes()), 3);
    }
}
