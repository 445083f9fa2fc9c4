//! What a card's QR says: CCCD and căn cước, health insurance, the national personal QR, our own code, or a number
//! alone. None is signed; anybody can print one. All of it is typed input: bounded, checked field by field, and never
//! believed more than a hand at a keyboard.
//!
//! Layouts: CCCD as three independent public readers have it (12 digits, CMND, name, ddmmyyyy, Nam/Nữ, residence, date of
//! issue; the card of 2024 adds fields behind). Health insurance as a public hospital program reads it. Personal QR:
//! QĐ 1405/QĐ-BTTTT of 11/9/2021, version 1.1.

use super::code::is_person_code;
use super::person::{Birth, birth, insurance_number, name};
use greenfort_kernel::personal_id::{PersonalId, Sex};
use greenfort_kernel::phone::Phone;
use greenfort_kernel::text;
use jiff::civil::Date;
use thiserror::Error;

/// Longest text taken: the largest card of these seen has about 400 bytes.
pub const MOST_BYTES: usize = 1_500;
const ADDRESS_MOST: usize = 200;

/// Which card it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// CCCD or căn cước.
    IdCard,
    InsuranceCard,
    /// National personal QR of the COVID apps.
    PersonalQr,
    /// Code made by a commune.
    CommuneCode,
    /// A number typed or scanned alone.
    Number,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdCard => "id_card",
            Self::InsuranceCard => "insurance_card",
            Self::PersonalQr => "personal_qr",
            Self::CommuneCode => "commune_code",
            Self::Number => "number",
        }
    }
}

/// What was read. A field that does not pass its check is left out: the rest still helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    pub source: Source,
    pub id_number: Option<String>,
    /// The CMND printed on a CCCD: the person may still be on the list under it.
    pub former_id: Option<String>,
    /// What a starred number shows: all behind its first six characters.
    pub id_tail: Option<String>,
    pub insurance: Option<String>,
    pub code: Option<String>,
    pub name: Option<String>,
    pub birth: Option<Birth>,
    pub sex: Option<Sex>,
    pub phone: Option<String>,
    pub address: Option<String>,
}

/// Why nothing could be read, each with what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ScanError {
    #[error("nothing was scanned: hold the card's QR before the camera, or type the number")]
    Empty,
    #[error("too long for a card: this QR is something else")]
    TooLong,
    #[error(
        "this is no CCCD, health insurance card or personal QR: scan another side of the card, or type the number"
    )]
    Unknown,
    #[error("this is the label of a tube, not of a person")]
    Tube,
}

impl ScanError {
    pub fn vi(self) -> &'static str {
        match self {
            Self::Empty => "Chưa quét được gì: đưa mã QR của thẻ vào khung hình, hoặc gõ số.",
            Self::TooLong => "Quá dài so với một tấm thẻ: mã này là thứ khác.",
            Self::Unknown => "Không phải CCCD, thẻ BHYT hay QR cá nhân: thử mặt kia của thẻ, hoặc gõ số.",
            Self::Tube => "Đây là nhãn ống mẫu, không phải thẻ của người.",
        }
    }
}

/// Reads what a camera or a keyboard wedge gave.
///
/// # Errors
/// [`ScanError`] when it is none of the known cards.
pub fn read(scanned: &str, today: Date) -> Result<Scanned, ScanError> {
    if scanned.len() > MOST_BYTES {
        return Err(ScanError::TooLong);
    }
    let line = scanned.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    if line.is_empty() {
        return Err(ScanError::Empty);
    }
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    match fields.as_slice() {
        [alone] => number(alone),
        [id, former, name, birth, sex, address, _issued, ..] if is_digits(id, 12) && day(birth).is_some() => {
            Ok(Scanned {
                id_number: PersonalId::parse(id).ok().map(|n| n.as_str().to_owned()),
                former_id: PersonalId::parse(former).ok().map(|n| n.as_str().to_owned()),
                name: named(name),
                birth: day(birth).and_then(|b| self::birth(&b, today).ok()),
                sex: sex_word(sex),
                address: place(address),
                ..nothing(Source::IdCard)
            })
        }
        [id, name, birth, proxy, _qid, rest @ ..] if matches!(*proxy, "0" | "1") && birth.len() == 10 => {
            Ok(personal_qr(id, name, birth, rest.first().copied().unwrap_or_default(), today))
        }
        [card, name, birth, sex, rest @ ..] if insurance_number(card).is_ok() => Ok(Scanned {
            insurance: insurance_number(card).ok(),
            name: unhex(name).and_then(|n| named(&n)),
            birth: slashed(birth).and_then(|b| self::birth(&b, today).ok()),
            sex: match *sex {
                "1" => Some(Sex::Male),
                "2" | "0" => Some(Sex::Female),
                _ => None,
            },
            address: rest.first().and_then(|a| unhex(a)).and_then(|a| place(&a)),
            ..nothing(Source::InsuranceCard)
        }),
        _ => Err(ScanError::Unknown),
    }
}

fn nothing(source: Source) -> Scanned {
    Scanned {
        source,
        id_number: None,
        former_id: None,
        id_tail: None,
        insurance: None,
        code: None,
        name: None,
        birth: None,
        sex: None,
        phone: None,
        address: None,
    }
}

fn number(alone: &str) -> Result<Scanned, ScanError> {
    if is_person_code(alone) {
        return Ok(Scanned { code: Some(alone.to_owned()), ..nothing(Source::CommuneCode) });
    }
    if let Ok(id) = PersonalId::parse(alone) {
        return Ok(Scanned { id_number: Some(id.as_str().to_owned()), ..nothing(Source::Number) });
    }
    if let Ok(insurance) = insurance_number(alone) {
        return Ok(Scanned { insurance: Some(insurance), ..nothing(Source::Number) });
    }
    let label = alone.len() >= 6 && alone.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    Err(if label && alone.bytes().any(|b| b.is_ascii_digit()) { ScanError::Tube } else { ScanError::Unknown })
}

/// `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`; number and day may be starred; `EXT` is split by `<`: QID of the proxy,
/// sex, health insurance, phone.
fn personal_qr(id: &str, name: &str, born: &str, ext: &str, today: Date) -> Scanned {
    let tail = id
        .strip_prefix("******")
        .filter(|t| (1..=6).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric()));
    let mut ext = ext.split('<').skip(1);
    let sex = match ext.next() {
        Some("1") => Some(Sex::Male),
        Some("2") => Some(Sex::Female),
        _ => None,
    };
    let insurance = ext.next().and_then(|n| insurance_number(n).ok());
    let phone = ext.next().and_then(|n| Phone::parse(n).ok()).map(|p| p.as_str().to_owned());
    // A starred day still tells the year.
    let birth = self::birth(born, today).ok().or_else(|| self::birth(born.get(..4)?, today).ok());
    Scanned {
        id_number: PersonalId::parse(id).ok().map(|n| n.as_str().to_owned()),
        id_tail: tail.map(str::to_owned),
        insurance,
        name: named(name),
        birth,
        sex,
        phone,
        ..nothing(Source::PersonalQr)
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

fn named(text: &str) -> Option<String> {
    name(text).ok()
}

fn sex_word(word: &str) -> Option<Sex> {
    match text::fold(word).as_str() {
        "nam" => Some(Sex::Male),
        "nu" => Some(Sex::Female),
        _ => None,
    }
}

/// `01021990` as `1990-02-01`; `00001990`, which some cards of old people have, as `1990`.
fn day(text: &str) -> Option<String> {
    if !is_digits(text, 8) {
        return None;
    }
    let (day, month, year) = (&text[..2], &text[2..4], &text[4..]);
    Some(if day == "00" || month == "00" { year.to_owned() } else { format!("{year}-{month}-{day}") })
}

/// `01/02/1990` or `1990`.
fn slashed(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| *c != '/').collect();
    day(&plain).or_else(|| is_digits(text, 4).then(|| text.to_owned()))
}

/// Hexadecimal UTF-8, as health insurance cards write names and addresses.
fn unhex(text: &str) -> Option<String> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

fn place(text: &str) -> Option<String> {
    let line = text::nfc(text);
    let fits =
        !line.is_empty() && line.chars().count() <= ADDRESS_MOST && !line.chars().any(char::is_control);
    fits.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2021, 9, 10);

    fn scan(text: &str) -> Scanned {
        read(text, TODAY).unwrap()
    }

    fn hex(text: &str) -> String {
        text.bytes().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn a_cccd_fills_name_birth_sex_and_address_and_knows_the_number_before() {
        let card = "083195001234|321234567|Nguyễn Thị Bích Ngọc|02031995|Nữ|Ấp 3, Giao Long, Châu Thành, Bến Tre|15042021";
        let read = scan(card);
        assert_eq!(read.source, Source::IdCard);
        assert_eq!(
            (read.id_number.as_deref(), read.former_id.as_deref()),
            (Some("083195001234"), Some("321234567"))
        );
        assert_eq!(read.name.as_deref(), Some("Nguyễn Thị Bích Ngọc"));
        assert_eq!(
            (read.birth, read.sex),
            (Some(Birth { year: 1995, day: Some((3, 2)) }), Some(Sex::Female))
        );
        assert_eq!(read.address.as_deref(), Some("Ấp 3, Giao Long, Châu Thành, Bến Tre"));
        // The card of 2024 has more fields; a keyboard wedge ends with Enter; the CMND may be missing.
        assert_eq!(scan(&format!("{card}|||Cha|Mẹ|\r\n")), read);
        assert_eq!(scan(&card.replace("321234567", "")).former_id, None);
    }

    #[test]
    fn a_health_insurance_card_has_its_name_in_hex() {
        let read = scan(&format!(
            "GD4838323456789|{}|02/03/1995|2|{}|83 - 001|01/04/2021|-|$",
            hex("Nguyễn Thị Bích Ngọc"),
            hex("Ấp 3, Giao Long")
        ));
        assert_eq!((read.source, read.insurance.as_deref()), (Source::InsuranceCard, Some("8323456789")));
        assert_eq!((read.name.as_deref(), read.sex), (Some("Nguyễn Thị Bích Ngọc"), Some(Sex::Female)));
        assert_eq!(read.address.as_deref(), Some("Ấp 3, Giao Long"));
        let year_only = scan(&format!("8323456789|{}|1950|1|", hex("Trần Văn Ba")));
        assert_eq!(
            (year_only.birth, year_only.sex),
            (Some(Birth { year: 1950, day: None }), Some(Sex::Male))
        );
    }

    #[test]
    fn a_personal_qr_may_be_starred_and_still_tells_enough_to_look_for() {
        let starred =
            scan("******001234|NGUYEN THI BICH NGOC|1995-**-**|0|83ABC|<2<GD4838323456789<0912345678");
        assert_eq!((starred.source, starred.id_tail.as_deref()), (Source::PersonalQr, Some("001234")));
        assert_eq!((starred.id_number, starred.birth), (None, Some(Birth { year: 1995, day: None })));
        assert_eq!((starred.sex, starred.phone.as_deref()), (Some(Sex::Female), Some("0912345678")));
        let open = scan("083195001234|NGUYEN THI BICH NGOC|1995-03-02|1|83ABC");
        assert_eq!((open.id_number.as_deref(), open.id_tail), (Some("083195001234"), None));
    }

    #[test]
    fn a_field_that_is_wrong_is_left_out_and_the_rest_helps() {
        let forged = scan("083195001234||<script>alert(1)</script>|31021995|Khác|\u{1}|15042021");
        assert_eq!((forged.name, forged.birth, forged.sex, forged.address), (None, None, None, None));
        assert_eq!(forged.id_number.as_deref(), Some("083195001234"));
        let calculated = scan("083195001234||=HYPERLINK(\"x\")|02031995|Nữ|Ấp 3|15042021");
        assert_eq!(calculated.name, None);
    }

    #[test]
    fn a_number_alone_finds_and_what_is_no_card_says_what_to_do() {
        assert_eq!(scan("083195001234").id_number.as_deref(), Some("083195001234"));
        assert_eq!(scan("GD4838323456789").insurance.as_deref(), Some("8323456789"));
        let code = super::super::person_code("28807", 42);
        assert_eq!(scan(&code).code, Some(code));
        for (text, error) in [
            ("", ScanError::Empty),
            (" \r\n", ScanError::Empty),
            ("https://example.invalid/x", ScanError::Unknown),
            ("a|b|c", ScanError::Unknown),
            ("GF0000012345", ScanError::Tube),
        ] {
            assert_eq!(read(text, TODAY), Err(error), "{text}");
        }
        assert_eq!(read(&"9|".repeat(800), TODAY), Err(ScanError::TooLong));
    }

    proptest! {
        #[test]
        fn nothing_scanned_panics_and_what_is_read_is_bounded(text in "\\PC{0,60}|([0-9A-Fa-f]{0,16}\\|){0,9}\\PC{0,12}") {
            if let Ok(read) = read(&text, TODAY) {
                prop_assert!(read.name.is_none_or(|n| n.chars().count() <= 80));
                prop_assert!(read.address.is_none_or(|a| a.chars().count() <= ADDRESS_MOST));
                prop_assert!(read.birth.is_none_or(|b| (1880..=2021).contains(&b.year)));
            }
        }
    }
}
