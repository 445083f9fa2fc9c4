//! Barcodes of tubes: our own labels, and pre-printed tubes of any maker.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Who prints barcodes. A barcode is unique within its issuer only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    pub code: String,
    pub prefix: String,
    /// Digits that follow the prefix.
    pub digits: usize,
    /// True: only barcodes on our list are tubes. False: every barcode of the pattern is.
    pub listed: bool,
}

/// A tube by its label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tube {
    #[cfg_attr(feature = "openapi", schema(example = "own"))]
    pub issuer: String,
    pub barcode: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BarcodeError {
    #[error("nothing was read: scan the label of the tube again")]
    Empty,
    #[error("this is the code of a person, not of a tube: scan the label of the tube first")]
    Person,
    #[error("one digit of {0} is wrong: scan it, or compare it with the label and type it again")]
    CheckDigit(String),
    #[error("no maker of tubes is known whose labels look like {0}: put it aside and take another tube")]
    Unknown(String),
}

/// Labels of this installation.
pub const OWN_ISSUER: &str = "own";
/// Where tubes are kept whose label nobody knows: they are recorded, flagged and looked at by the site lead.
pub const UNKNOWN_ISSUER: &str = "unknown";
/// Longer than any label; keeps a scanned page out of the database.
const MOST_SIGNS: usize = 64;

/// Reads what a scanner or a thumb gave as the barcode of a tube.
///
/// # Errors
/// What was scanned instead, and what to do.
pub fn read_tube(scanned: &str, issuers: &[Issuer]) -> Result<Tube, BarcodeError> {
    let text: String = scanned.chars().filter(|c| !c.is_whitespace()).take(MOST_SIGNS + 1).collect();
    let text = text.to_uppercase();
    if text.is_empty() {
        return Err(BarcodeError::Empty);
    }
    if text.contains('|') || text.starts_with("HC1:") || text.starts_with("HTTP") {
        return Err(BarcodeError::Person);
    }
    if text.chars().count() > MOST_SIGNS {
        return Err(BarcodeError::Unknown(text.chars().take(20).collect()));
    }
    // The longest prefix says most about who printed it.
    let issuer = issuers
        .iter()
        .filter(|i| i.code != UNKNOWN_ISSUER)
        .filter(|i| {
            text.strip_prefix(i.prefix.as_str())
                .is_some_and(|rest| rest.len() == i.digits && rest.bytes().all(|b| b.is_ascii_digit()))
        })
        .max_by_key(|i| i.prefix.len());
    let Some(issuer) = issuer else { return Err(BarcodeError::Unknown(text)) };
    if issuer.code == OWN_ISSUER && !check_digit_is_right(&text[issuer.prefix.len()..]) {
        return Err(BarcodeError::CheckDigit(text));
    }
    Ok(Tube { issuer: issuer.code.clone(), barcode: text })
}

/// The label with this number: `GF`, nine digits, a check digit.
pub fn own_label(number: u32) -> String {
    let digits = format!("{:09}", number % 1_000_000_000);
    format!("GF{digits}{}", check_digit(&digits))
}

/// The number of one of our labels.
pub fn own_number(label: &str) -> Option<u32> {
    label.strip_prefix("GF")?.get(..9)?.parse().ok()
}

/// ISO 7064 MOD 11,10: one digit that catches every single wrong digit and nearly every swap.
fn check_digit(digits: &str) -> u32 {
    let product = digits.bytes().fold(10, |product, b| {
        let sum = (u32::from(b - b'0') + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

fn check_digit_is_right(digits: &str) -> bool {
    let Some((at, last)) = digits.char_indices().last() else { return false };
    last.to_digit(10) == Some(check_digit(&digits[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn issuers() -> Vec<Issuer> {
        let issuer = |code: &str, prefix: &str, digits, listed| Issuer {
            code: code.to_owned(),
            prefix: prefix.to_owned(),
            digits,
            listed,
        };
        vec![
            issuer(OWN_ISSUER, "GF", 10, true),
            issuer("maker", "", 12, false),
            issuer(UNKNOWN_ISSUER, "", 30, true),
        ]
    }

    #[test]
    fn our_own_label_reads_back_whatever_spaces_the_scanner_adds() {
        let label = own_label(1_234);
        let typed = format!(" {} {}\r\n", label[..4].to_lowercase(), &label[4..]);
        let tube = read_tube(&typed, &issuers()).unwrap();
        assert_eq!(own_number(&label), Some(1_234));
        assert_eq!(tube, Tube { issuer: OWN_ISSUER.to_owned(), barcode: label });
    }

    #[test]
    fn a_pre_printed_tube_belongs_to_its_maker() {
        assert_eq!(read_tube("202109080001", &issuers()).unwrap().issuer, "maker");
    }

    #[test]
    fn a_personal_code_in_the_place_of_a_tube_is_named_as_such() {
        let card = "083090012345||Nguyễn Văn A|01011990|Nam|Ấp 3|15042021";
        assert_eq!(read_tube(card, &issuers()), Err(BarcodeError::Person));
    }

    #[test]
    fn an_unknown_label_says_to_take_another_tube() {
        let error = read_tube("ABC-1", &issuers()).unwrap_err();
        assert!(error.to_string().contains("take another tube"), "{error}");
        assert_eq!(read_tube("  ", &issuers()), Err(BarcodeError::Empty));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(number in 0_u32..1_000_000_000, at in 2_usize..12, by in 1_u8..10) {
            let mut bytes = own_label(number).into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            let wrong = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(read_tube(&wrong, &issuers()), Err(BarcodeError::CheckDigit(wrong)));
        }

        #[test]
        fn whatever_is_scanned_gives_a_tube_or_a_reason(scanned in "\\PC{0,80}") {
            let _ = read_tube(&scanned, &issuers());
        }
    }
}
