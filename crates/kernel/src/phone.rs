//! Vietnamese telephone numbers. A phone is an address for messages, never a person key: one serves a family.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a number reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    /// Ten digits: can receive messages.
    Mobile,
    /// Eleven digits beginning with 02: calls only.
    Landline,
    /// `0000xxxxxx`: reaches nobody. Vietnam reserves no range for fiction; this one cannot be dialled.
    Demonstration,
}

/// A valid number in national form, digits only: `0912345678`, `02753822345`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Why a number was refused, each with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhoneError {
    #[error("no digits: type the phone number, for example 0912 345 678")]
    Empty,
    #[error("'{0}' does not belong into a phone number: type digits only")]
    UnexpectedCharacter(char),
    #[error("country code +{0} is not Vietnam's: only Vietnamese numbers (+84) can be used")]
    ForeignCountry(String),
    #[error("a number begins with 0 or +84: check the first digit")]
    NoTrunkPrefix,
    #[error("too short: {got} digits, {expected} are needed; a digit is missing")]
    TooShort { got: usize, expected: usize },
    #[error("too long: {got} digits, {expected} are needed; remove the digit too many")]
    TooLong { got: usize, expected: usize },
    #[error("no Vietnamese network uses numbers beginning with {0}: check the first digits")]
    UnknownPrefix(String),
    #[error("numbers beginning with 0000 are for demonstrations and reach nobody: type the real number")]
    DemonstrationNumber,
}

const MOBILE_DIGITS: usize = 10;
const LANDLINE_DIGITS: usize = 11;
const DEMONSTRATION: &str = "0000";

impl Phone {
    /// Reads what people type: `+84…`, `0084…`, `84…`, `0…`, with spaces, dots, dashes and brackets. Eleven-digit
    /// mobile numbers from before the conversion of 2018 are converted.
    ///
    /// # Errors
    /// [`PhoneError`] names the first thing that is wrong. Demonstration numbers are refused.
    pub fn parse(input: &str) -> Result<Self, PhoneError> {
        match Self::parse_or_demonstration(input)? {
            phone if phone.kind() == PhoneKind::Demonstration => Err(PhoneError::DemonstrationNumber),
            phone => Ok(phone),
        }
    }

    /// As [`Phone::parse`], and lets the undiallable range `0000xxxxxx` through: for synthetic data only.
    ///
    /// # Errors
    /// [`PhoneError`], never [`PhoneError::DemonstrationNumber`].
    pub fn parse_or_demonstration(input: &str) -> Result<Self, PhoneError> {
        let digits = national(input)?;
        if digits.starts_with(DEMONSTRATION) {
            return exactly(digits, MOBILE_DIGITS);
        }
        if digits.starts_with("02") {
            let digits = exactly(digits, LANDLINE_DIGITS)?;
            return if is_area_code(&digits.0) { Ok(digits) } else { Err(unknown(&digits.0)) };
        }
        let digits = converted_2018(&digits).unwrap_or(digits);
        if digits.len() >= 3 && !is_mobile_prefix(&digits) {
            return Err(unknown(&digits));
        }
        exactly(digits, MOBILE_DIGITS)
    }

    pub fn kind(&self) -> PhoneKind {
        if self.0.starts_with(DEMONSTRATION) {
            PhoneKind::Demonstration
        } else if self.0.starts_with("02") {
            PhoneKind::Landline
        } else {
            PhoneKind::Mobile
        }
    }

    /// National form, digits only.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+84912345678`.
    pub fn e164(&self) -> String {
        format!("+84{}", &self.0[1..])
    }

    /// For lists: only the last three digits, `*******678`.
    pub fn masked(&self) -> String {
        let hidden = self.0.len() - 3;
        format!("{}{}", "*".repeat(hidden), &self.0[hidden..])
    }
}

impl fmt::Display for Phone {
    /// In groups, as printed on a card: `0912 345 678`, `0275 3822 345`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.len() - 3;
        write!(f, "{} {} {}", &self.0[..4], &self.0[4..tail], &self.0[tail..])
    }
}

impl fmt::Debug for Phone {
    /// Masked: a number must not reach a log through `{:?}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

fn unknown(digits: &str) -> PhoneError {
    PhoneError::UnknownPrefix(digits[..3.min(digits.len())].to_owned())
}

fn exactly(digits: String, expected: usize) -> Result<Phone, PhoneError> {
    match digits.len() {
        got if got < expected => Err(PhoneError::TooShort { got, expected }),
        got if got > expected => Err(PhoneError::TooLong { got, expected }),
        _ => Ok(Phone(digits)),
    }
}

/// Digits with the trunk prefix 0.
fn national(input: &str) -> Result<String, PhoneError> {
    let text = input.trim();
    let international = text.starts_with('+');
    let mut digits = String::with_capacity(12);
    for c in text.strip_prefix('+').unwrap_or(text).chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '.' | '-' | '(' | ')' | '/' => {}
            other => return Err(PhoneError::UnexpectedCharacter(other)),
        }
    }
    if digits.is_empty() {
        return Err(PhoneError::Empty);
    }
    let subscriber = if international {
        let code = digits.strip_prefix("84");
        code.ok_or_else(|| PhoneError::ForeignCountry(digits.chars().take(3).collect()))?
    } else if let Some(rest) = digits.strip_prefix("0084") {
        rest
    } else if digits.starts_with('0') {
        return Ok(digits);
    } else {
        digits.strip_prefix("84").ok_or(PhoneError::NoTrunkPrefix)?
    };
    // "+84 (0) 912 …" is common on signs.
    Ok(format!("0{}", subscriber.strip_prefix('0').unwrap_or(subscriber)))
}

/// Networks' prefixes after the renumbering of 2018.
fn is_mobile_prefix(digits: &str) -> bool {
    let b = digits.as_bytes();
    matches!(
        (b[1], b[2]),
        (b'3', b'2'..=b'9')
            | (b'5', b'2' | b'5' | b'6' | b'8' | b'9')
            | (b'7', b'0' | b'6'..=b'9')
            | (b'8', b'1'..=b'9')
            | (b'9', b'0'..=b'4' | b'6'..=b'9')
    )
}

/// Area codes after 2017, `02x` or `02xx`.
fn is_area_code(digits: &str) -> bool {
    let b = digits.as_bytes();
    matches!(
        (b[2], b[3]),
        (b'4' | b'8', _)
            | (b'0', b'3'..=b'9')
            | (b'1', b'0'..=b'6' | b'8' | b'9')
            | (b'2', b'0'..=b'2' | b'5'..=b'9')
            | (b'3', b'2'..=b'9')
            | (b'5', b'1' | b'2' | b'4'..=b'9')
            | (b'6', b'0'..=b'3' | b'9')
            | (b'7', b'0'..=b'7')
            | (b'9', b'0'..=b'4' | b'6' | b'7' | b'9')
    )
}

/// Old prefix of four digits → new prefix of three (Ministry of Information, 15 September 2018).
const CONVERSION_2018: [(&str, &str); 21] = [
    ("0162", "032"),
    ("0163", "033"),
    ("0164", "034"),
    ("0165", "035"),
    ("0166", "036"),
    ("0167", "037"),
    ("0168", "038"),
    ("0169", "039"),
    ("0120", "070"),
    ("0121", "079"),
    ("0122", "077"),
    ("0126", "076"),
    ("0128", "078"),
    ("0123", "083"),
    ("0124", "084"),
    ("0125", "085"),
    ("0127", "081"),
    ("0129", "082"),
    ("0186", "056"),
    ("0188", "058"),
    ("0199", "059"),
];

fn converted_2018(digits: &str) -> Option<String> {
    if digits.len() != MOBILE_DIGITS + 1 {
        return None;
    }
    let (_, new) = CONVERSION_2018.iter().find(|(old, _)| digits.starts_with(old))?;
    Some(format!("{new}{}", &digits[4..]))
}

impl<'de> Deserialize<'de> for Phone {
    /// Whatever was stored was checked before: the demonstration range is let through.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_or_demonstration(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(input: &str) -> String {
        Phone::parse(input).map_or_else(|e| e.to_string(), |p| p.as_str().to_owned())
    }

    #[test]
    fn every_way_of_writing_a_number_gives_one_national_form() {
        for typed in
            ["0912345678", "+84 912 345 678", "84912345678", "0084-912-345-678", "+84 (0) 912.345.678"]
        {
            assert_eq!(read(typed), "0912345678", "{typed}");
        }
        assert_eq!(read("(0275) 3822.345"), "02753822345");
        assert_eq!(read("028 3829 7179"), "02838297179");
        let phone = Phone::parse("0912345678").unwrap();
        assert_eq!((phone.e164().as_str(), phone.masked().as_str()), ("+84912345678", "*******678"));
        assert_eq!(phone.to_string(), "0912 345 678");
        assert_eq!(format!("{phone:?}"), "Phone(*******678)");
    }

    #[test]
    fn numbers_of_eleven_digits_are_converted_as_in_2018() {
        assert_eq!(read("01681234567"), "0381234567");
        assert_eq!(read("+84 122 345 6789"), "0773456789");
        assert_eq!(read("0199 123 4567"), "0591234567");
        for (old, new) in CONVERSION_2018 {
            assert_eq!(read(&format!("{old}1234567")), format!("{new}1234567"));
        }
    }

    #[test]
    fn an_error_names_what_is_wrong() {
        use PhoneError::*;
        for (typed, error) in [
            ("", Empty),
            (" - ", Empty),
            ("09123x5678", UnexpectedCharacter('x')),
            ("+85512345678", ForeignCountry("855".into())),
            ("912345678", NoTrunkPrefix),
            ("091234567", TooShort { got: 9, expected: 10 }),
            ("0", TooShort { got: 1, expected: 10 }),
            ("09123456789", TooLong { got: 11, expected: 10 }),
            ("0275382234", TooShort { got: 10, expected: 11 }),
            ("0412345678", UnknownPrefix("041".into())),
            ("01231234", UnknownPrefix("012".into())),
            ("02001234567", UnknownPrefix("020".into())),
            ("0000123456", DemonstrationNumber),
        ] {
            assert_eq!(Phone::parse(typed), Err(error), "{typed}");
        }
        assert_eq!(read("02081234567"), "02081234567", "0208 is Thái Nguyên");
    }

    #[test]
    fn the_demonstration_range_is_let_through_only_when_asked() {
        assert_eq!(Phone::parse("0000123456"), Err(PhoneError::DemonstrationNumber));
        let phone = Phone::parse_or_demonstration("0000 123 456").unwrap();
        assert_eq!(phone.kind(), PhoneKind::Demonstration);
        assert_eq!(
            Phone::parse_or_demonstration("000012345"),
            Err(PhoneError::TooShort { got: 9, expected: 10 })
        );
    }

    proptest! {
        #[test]
        fn a_mobile_number_survives_every_writing(prefix in "(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])", rest in "[0-9]{7}") {
            let national = format!("0{prefix}{rest}");
            let phone = Phone::parse(&national).unwrap();
            prop_assert_eq!(phone.kind(), PhoneKind::Mobile);
            prop_assert_eq!(&Phone::parse(&phone.e164()).unwrap(), &phone);
            prop_assert_eq!(&Phone::parse(&phone.to_string()).unwrap(), &phone);
        }

        #[test]
        fn parsing_never_panics_and_what_it_accepts_is_stable(text in "[+0-9 .()x-]{0,16}|\\PC{0,16}") {
            if let Ok(phone) = Phone::parse_or_demonstration(&text) {
                prop_assert_eq!(&Phone::parse_or_demonstration(phone.as_str()).unwrap(), &phone);
                prop_assert!(phone.as_str().len() == 10 || phone.as_str().len() == 11);
            }
        }
    }
}
