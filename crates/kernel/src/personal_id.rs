//! Identity numbers: CCCD (12 digits), the older CMND (9 digits), passports.
//!
//! A CCCD number holds province of birth registration (3 digits), century and sex (1), year of birth (2) and
//! a serial (6); Decree 137/2015/NĐ-CP art. 13, Circular 59/2021/TT-BCA art. 4. It has no check digit: the
//! parts are checked against each other and, with [`PersonalId::check`], against the person. The province is
//! where the **birth was registered**, not where the person lives.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::text::fold;

/// Sex as identity papers know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Male => "male",
            Self::Female => "female",
        })
    }
}

/// The paper a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalIdKind {
    Cccd,
    Cmnd,
    Passport,
}

/// A number of valid shape, without spaces. Its owner is not proven by it: a card's QR is unsigned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PersonalId(String);

/// Why a number was refused, each with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PersonalIdError {
    #[error("no number: type the 12 digits of the CCCD, the 9 of a CMND, or a passport number")]
    Empty,
    #[error(
        "'{0}' does not belong into an identity number: type digits only, or a passport's letter and digits"
    )]
    UnexpectedCharacter(char),
    #[error("{0} digits: a CCCD has 12, a CMND 9; count again, or choose 'no paper'")]
    WrongLength(usize),
    #[error(
        "a passport number is one or two letters and 6 to 8 digits: compare with the page with the photograph"
    )]
    PassportShape,
    #[error("no province has the code {0}: check the first three digits")]
    UnknownProvince(String),
    #[error("the fourth digit {0} stands for a birth after 2099: check it")]
    UnknownCentury(char),
    #[error("the number is that of a {in_number} person: check the fourth digit or the sex")]
    SexDiffers { in_number: Sex },
    #[error("the number says born in {in_number}: check digits 4 to 6 or the year of birth")]
    BirthYearDiffers { in_number: i16 },
}

impl PersonalId {
    /// Reads a number by its shape; spaces, dots and dashes are ignored, letters become capitals.
    ///
    /// # Errors
    /// [`PersonalIdError`] names the first thing that is wrong.
    pub fn parse(input: &str) -> Result<Self, PersonalIdError> {
        let mut text = String::with_capacity(12);
        for c in input.trim().chars() {
            match c {
                ' ' | '\u{a0}' | '.' | '-' => {}
                c if c.is_ascii_alphanumeric() => text.push(c.to_ascii_uppercase()),
                other => return Err(PersonalIdError::UnexpectedCharacter(other)),
            }
        }
        if text.is_empty() {
            return Err(PersonalIdError::Empty);
        }
        if text.bytes().any(|b| b.is_ascii_alphabetic()) {
            return passport(text);
        }
        match text.len() {
            9 => Ok(Self(text)),
            12 => {
                let id = Self(text);
                let province = &id.0[..3];
                if !is_birthplace_code(province) {
                    return Err(PersonalIdError::UnknownProvince(province.to_owned()));
                }
                match id.0.as_bytes()[3] {
                    b'0'..=b'3' => Ok(id),
                    other => Err(PersonalIdError::UnknownCentury(char::from(other))),
                }
            }
            other => Err(PersonalIdError::WrongLength(other)),
        }
    }

    pub fn kind(&self) -> PersonalIdKind {
        match (self.0.as_bytes()[0].is_ascii_alphabetic(), self.0.len()) {
            (true, _) => PersonalIdKind::Passport,
            (false, 9) => PersonalIdKind::Cmnd,
            (false, _) => PersonalIdKind::Cccd,
        }
    }

    /// Without spaces, letters in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// CCCD only: three digits of the place where the birth was registered.
    pub fn birthplace_code(&self) -> Option<&str> {
        (self.kind() == PersonalIdKind::Cccd).then(|| &self.0[..3])
    }

    /// CCCD only. Even fourth digit: male; odd: female.
    pub fn sex(&self) -> Option<Sex> {
        let digit = self.century_and_sex()?;
        Some(if digit % 2 == 0 { Sex::Male } else { Sex::Female })
    }

    /// CCCD only. Fourth digit 0, 1: 1900–1999; 2, 3: 2000–2099.
    pub fn birth_year(&self) -> Option<i16> {
        let century = i16::from(self.century_and_sex()? / 2);
        let year: i16 = self.0[4..6].parse().ok()?;
        Some(1900 + 100 * century + year)
    }

    fn century_and_sex(&self) -> Option<u8> {
        (self.kind() == PersonalIdKind::Cccd).then(|| self.0.as_bytes()[3] - b'0')
    }

    /// Compares what the number says with what is known of the person; unknown values are not compared. Only
    /// a CCCD says anything.
    ///
    /// # Errors
    /// [`PersonalIdError::SexDiffers`], [`PersonalIdError::BirthYearDiffers`].
    pub fn check(&self, sex: Option<Sex>, birth_year: Option<i16>) -> Result<(), PersonalIdError> {
        match (self.sex(), sex) {
            (Some(in_number), Some(known)) if in_number != known => {
                return Err(PersonalIdError::SexDiffers { in_number });
            }
            _ => {}
        }
        match (self.birth_year(), birth_year) {
            (Some(in_number), Some(known)) if in_number != known => {
                Err(PersonalIdError::BirthYearDiffers { in_number })
            }
            _ => Ok(()),
        }
    }

    /// As lists and the national personal QR show it: the first six characters starred (QĐ 1405/QĐ-BTTTT).
    /// A passport of seven or eight characters keeps its last one or two.
    pub fn masked(&self) -> String {
        format!("******{}", &self.0[6..])
    }

    /// The last four characters, for the keyed hash that finds a person by the end of the number.
    pub fn tail(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for PersonalId {
    /// Masked: a number must not reach a log through `{:?}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalId({})", self.masked())
    }
}

impl<'de> Deserialize<'de> for PersonalId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Vietnamese passports: a letter and 7 or 8 digits. Others seen at a checkpoint: up to two letters, 6–8 digits.
fn passport(text: String) -> Result<PersonalId, PersonalIdError> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = &text[letters..];
    let whole = text.len() >= 7;
    if letters > 2 || letters == 0 || !whole || !(6..=8).contains(&digits.len()) {
        return Err(PersonalIdError::PassportShape);
    }
    match digits.chars().find(|c| !c.is_ascii_digit()) {
        Some(_) => Err(PersonalIdError::PassportShape),
        None => Ok(PersonalId(text)),
    }
}

/// Code and name of the 63 provinces of 2004–2025 (Circular 07/2016/TT-BCA, annex 1). Numbers keep them after
/// the mergers of July 2025.
pub const PROVINCES: [(&str, &str); 63] = [
    ("001", "Hà Nội"),
    ("002", "Hà Giang"),
    ("004", "Cao Bằng"),
    ("006", "Bắc Kạn"),
    ("008", "Tuyên Quang"),
    ("010", "Lào Cai"),
    ("011", "Điện Biên"),
    ("012", "Lai Châu"),
    ("014", "Sơn La"),
    ("015", "Yên Bái"),
    ("017", "Hòa Bình"),
    ("019", "Thái Nguyên"),
    ("020", "Lạng Sơn"),
    ("022", "Quảng Ninh"),
    ("024", "Bắc Giang"),
    ("025", "Phú Thọ"),
    ("026", "Vĩnh Phúc"),
    ("027", "Bắc Ninh"),
    ("030", "Hải Dương"),
    ("031", "Hải Phòng"),
    ("033", "Hưng Yên"),
    ("034", "Thái Bình"),
    ("035", "Hà Nam"),
    ("036", "Nam Định"),
    ("037", "Ninh Bình"),
    ("038", "Thanh Hóa"),
    ("040", "Nghệ An"),
    ("042", "Hà Tĩnh"),
    ("044", "Quảng Bình"),
    ("045", "Quảng Trị"),
    ("046", "Thừa Thiên Huế"),
    ("048", "Đà Nẵng"),
    ("049", "Quảng Nam"),
    ("051", "Quảng Ngãi"),
    ("052", "Bình Định"),
    ("054", "Phú Yên"),
    ("056", "Khánh Hòa"),
    ("058", "Ninh Thuận"),
    ("060", "Bình Thuận"),
    ("062", "Kon Tum"),
    ("064", "Gia Lai"),
    ("066", "Đắk Lắk"),
    ("067", "Đắk Nông"),
    ("068", "Lâm Đồng"),
    ("070", "Bình Phước"),
    ("072", "Tây Ninh"),
    ("074", "Bình Dương"),
    ("075", "Đồng Nai"),
    ("077", "Bà Rịa - Vũng Tàu"),
    ("079", "Hồ Chí Minh"),
    ("080", "Long An"),
    ("082", "Tiền Giang"),
    ("083", "Bến Tre"),
    ("084", "Trà Vinh"),
    ("086", "Vĩnh Long"),
    ("087", "Đồng Tháp"),
    ("089", "An Giang"),
    ("091", "Kiên Giang"),
    ("092", "Cần Thơ"),
    ("093", "Hậu Giang"),
    ("094", "Sóc Trăng"),
    ("095", "Bạc Liêu"),
    ("096", "Cà Mau"),
];

/// Births registered abroad carry a country's code, which begin at 101 (recollection; the list itself is not
/// held, so that a true number is never refused for want of it).
fn is_birthplace_code(code: &str) -> bool {
    ("101"..="399").contains(&code) || PROVINCES.binary_search_by_key(&code, |(known, _)| *known).is_ok()
}

/// The paper meant by a word typed or scanned beside a number ("CCCD", "cmnd", "Hộ chiếu").
pub fn kind_from_word(word: &str) -> Option<PersonalIdKind> {
    match fold(word).as_str() {
        "cccd" | "can cuoc" | "can cuoc cong dan" => Some(PersonalIdKind::Cccd),
        "cmnd" | "chung minh nhan dan" => Some(PersonalIdKind::Cmnd),
        "ho chieu" | "passport" => Some(PersonalIdKind::Passport),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PersonalIdError::*;
    use proptest::prelude::*;

    #[test]
    fn a_cccd_tells_birthplace_sex_and_year() {
        let id = PersonalId::parse("083 195 001234").unwrap();
        assert_eq!(id.kind(), PersonalIdKind::Cccd);
        assert_eq!(
            (id.birthplace_code(), id.sex(), id.birth_year()),
            (Some("083"), Some(Sex::Female), Some(1995))
        );
        let id = PersonalId::parse("079204012345").unwrap();
        assert_eq!((id.sex(), id.birth_year()), (Some(Sex::Male), Some(2004)));
    }

    #[test]
    fn older_papers_say_nothing_of_their_owner() {
        let cmnd = PersonalId::parse("321.234.567").unwrap();
        assert_eq!((cmnd.kind(), cmnd.sex(), cmnd.birth_year()), (PersonalIdKind::Cmnd, None, None));
        assert_eq!(cmnd.check(Some(Sex::Male), Some(1950)), Ok(()));
        let passport = PersonalId::parse("b1234567").unwrap();
        assert_eq!((passport.kind(), passport.as_str()), (PersonalIdKind::Passport, "B1234567"));
    }

    #[test]
    fn masks_star_the_first_six_characters_as_the_national_qr_does() {
        for (number, masked) in
            [("083195001234", "******001234"), ("321234567", "******567"), ("B1234567", "******67")]
        {
            assert_eq!(PersonalId::parse(number).unwrap().masked(), masked);
        }
        let id = PersonalId::parse("083195001234").unwrap();
        assert_eq!((format!("{id:?}").as_str(), id.tail()), ("PersonalId(******001234)", "1234"));
    }

    #[test]
    fn an_error_says_what_to_check() {
        for (typed, error) in [
            (" ", Empty),
            ("08319500123ơ", UnexpectedCharacter('ơ')),
            ("08319500123", WrongLength(11)),
            ("0831950012345", WrongLength(13)),
            ("1", WrongLength(1)),
            ("003195001234", UnknownProvince("003".into())),
            ("999195001234", UnknownProvince("999".into())),
            ("083495001234", UnknownCentury('4')),
            ("B123", PassportShape),
            ("ABC123456", PassportShape),
            ("B12345C7", PassportShape),
            ("12345678B", PassportShape),
        ] {
            assert_eq!(PersonalId::parse(typed), Err(error), "{typed}");
        }
        let id = PersonalId::parse("083195001234").unwrap();
        assert_eq!(id.check(Some(Sex::Male), None), Err(SexDiffers { in_number: Sex::Female }));
        assert_eq!(id.check(None, Some(1996)), Err(BirthYearDiffers { in_number: 1995 }));
        assert_eq!(id.check(Some(Sex::Female), Some(1995)), Ok(()));
    }

    #[test]
    fn the_province_list_is_sorted_and_knows_its_own() {
        assert!(PROVINCES.is_sorted());
        assert!(PROVINCES.contains(&("083", "Bến Tre")));
        assert_eq!(kind_from_word("Hộ chiếu"), Some(PersonalIdKind::Passport));
        assert_eq!(kind_from_word("bằng lái"), None);
    }

    proptest! {
        #[test]
        fn a_number_made_of_its_parts_gives_them_back(
            province in 0..PROVINCES.len(), year in 1900_i16..2100, female: bool, serial in 0..1_000_000_u32,
        ) {
            let century_and_sex = (year - 1900) / 100 * 2 + i16::from(female);
            let text = format!("{}{}{:02}{serial:06}", PROVINCES[province].0, century_and_sex, year % 100);
            let id = PersonalId::parse(&text).unwrap();
            let sex = if female { Sex::Female } else { Sex::Male };
            prop_assert_eq!(id.check(Some(sex), Some(year)), Ok(()));
            prop_assert_eq!(id.birthplace_code(), Some(PROVINCES[province].0));
            prop_assert!(id.check(None, Some(year + 1)).is_err());
        }

        #[test]
        fn parsing_never_panics_and_what_it_accepts_can_be_masked(text in "[0-9A-Za-z .-]{0,14}|\\PC{0,14}") {
            if let Ok(id) = PersonalId::parse(&text) {
                prop_assert_eq!(&PersonalId::parse(id.as_str()).unwrap(), &id);
                prop_assert!(id.masked().starts_with("******") && id.masked().len() == id.as_str().len());
                prop_assert_eq!(id.tail().len(), 4);
            }
        }
    }
}
