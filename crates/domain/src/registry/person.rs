//! What must hold of a person's entry, whoever types, scans or imports it.

use greenfort_kernel::personal_id::{PersonalId, PersonalIdError, Sex};
use greenfort_kernel::phone::{Phone, PhoneError};
use greenfort_kernel::text;
use jiff::civil::Date;

/// Relation to the head of the household.
pub const RELATIONS: [&str; 13] = [
    "head",
    "spouse",
    "parent",
    "child",
    "child_in_law",
    "grandchild",
    "sibling",
    "relative",
    "lodger",
    "newborn",
    "visitor",
    "helper",
    "member",
];

/// How much contact with others the work brings; representatives are chosen by it.
pub const EXPOSURES: [&str; 5] = ["none", "trader", "driver", "worker", "health_worker"];

/// Longest name taken, in letters; the longest of the census has 25.
pub const NAME_MOST: usize = 80;
const FIRST_YEAR: i16 = 1880;

/// What is wrong with one field, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub code: &'static str,
    pub vi: String,
    pub en: String,
}

pub(super) fn fault(
    field: &'static str,
    code: &'static str,
    vi: impl Into<String>,
    en: impl Into<String>,
) -> Fault {
    Fault { field, code, vi: vi.into(), en: en.into() }
}

/// A day of birth; often only the year is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    pub year: i16,
    /// Month and day.
    pub day: Option<(i8, i8)>,
}

/// A name as it is stored: NFC, single spaces.
///
/// # Errors
/// A [`Fault`] of the field `name`.
pub fn name(typed: &str) -> Result<String, Fault> {
    let name = text::nfc(typed);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 {
        return Err(fault("name", "required", "Nhập họ và tên.", "Type the full name."));
    }
    if name.chars().count() > NAME_MOST {
        let en =
            format!("At most {NAME_MOST} letters: check whether something else was pasted with the name.");
        return Err(fault(
            "name",
            "too_long",
            format!("Tối đa {NAME_MOST} chữ: xem có dán nhầm thứ khác vào tên không."),
            en,
        ));
    }
    // Names reach spreadsheets: a first sign that a sheet would calculate with is no name either.
    let odd = name.chars().find(|c| !c.is_alphabetic() && !is_mark(*c) && !" '’.-()".contains(*c));
    if let Some(odd) = odd.or_else(|| name.chars().next().filter(|c| !c.is_alphabetic())) {
        return Err(fault(
            "name",
            "character",
            format!("Tên không có ký tự “{odd}”: gõ lại họ tên."),
            format!("“{odd}” does not belong into a name: type it again."),
        ));
    }
    Ok(name)
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A birth as `YYYY` or `YYYY-MM-DD`.
///
/// # Errors
/// A [`Fault`] of the field `birth`.
pub fn birth(typed: &str, today: Date) -> Result<Birth, Fault> {
    let typed = typed.trim();
    let birth = if typed.len() == 4 {
        typed.parse().ok().map(|year| Birth { year, day: None })
    } else {
        typed.parse::<Date>().ok().map(|d| Birth { year: d.year(), day: Some((d.month(), d.day())) })
    };
    let Some(birth) = birth else {
        return Err(fault(
            "birth",
            "date",
            "Nhập năm sinh (4 số) hoặc ngày sinh đầy đủ.",
            "Type the year of birth (4 digits) or the whole date.",
        ));
    };
    let future = match birth.day {
        Some((month, day)) => Date::new(birth.year, month, day).is_ok_and(|d| d > today),
        None => birth.year > today.year(),
    };
    if future {
        return Err(fault("birth", "future", "Ngày sinh ở tương lai.", "The birth lies in the future."));
    }
    if birth.year < FIRST_YEAR {
        return Err(fault(
            "birth",
            "too_early",
            format!("Năm sinh trước {FIRST_YEAR}: kiểm tra lại."),
            format!("Born before {FIRST_YEAR}: check the year."),
        ));
    }
    Ok(birth)
}

/// An identity number that agrees with sex and birth.
///
/// # Errors
/// A [`Fault`] of the field `id_number`.
pub fn id_number(typed: &str, sex: Sex, birth: Birth) -> Result<PersonalId, Fault> {
    let refuse = |e: PersonalIdError| fault("id_number", "id_number", id_words(&e), e.to_string());
    let id = PersonalId::parse(typed).map_err(refuse)?;
    id.check(Some(sex), Some(birth.year)).map_err(refuse)?;
    Ok(id)
}

/// # Errors
/// A [`Fault`] of the field `phone`.
pub fn phone(typed: &str) -> Result<Phone, Fault> {
    Phone::parse(typed).map_err(|e| fault("phone", "phone", phone_words(&e), e.to_string()))
}

/// A health insurance number as it is stored: its ten digits. The card printed before April 2021 shows fifteen signs, of
/// which the last ten are the social insurance number; later cards show the ten alone.
///
/// # Errors
/// A [`Fault`] of the field `insurance_number`.
pub fn insurance_number(typed: &str) -> Result<String, Fault> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let ten = match plain.len() {
        10 => Some(plain.as_str()),
        15 if plain.is_ascii() => {
            let (head, ten) = plain.split_at(5);
            let (letters, numbers) = head.split_at(2);
            (letters.bytes().all(|b| b.is_ascii_uppercase()) && digits(numbers)).then_some(ten)
        }
        _ => None,
    };
    ten.filter(|ten| digits(ten)).map(str::to_owned).ok_or_else(|| {
        fault(
            "insurance_number",
            "insurance_number",
            "Mã thẻ BHYT có 15 ký tự (2 chữ, 13 số), hoặc mã BHXH 10 số: đếm lại.",
            "A health insurance card has 15 signs (2 letters, 13 digits), a social insurance number 10: count again.",
        )
    })
}

/// Why an identity number was refused, in Vietnamese.
pub fn id_words(error: &PersonalIdError) -> String {
    use PersonalIdError as E;
    match error {
        E::Empty => "Chưa có số: nhập 12 số CCCD, 9 số CMND hoặc số hộ chiếu.".into(),
        E::UnexpectedCharacter(c) => {
            format!("Số giấy tờ không có ký tự “{c}”: chỉ nhập số, hoặc chữ và số của hộ chiếu.")
        }
        E::WrongLength(n) => {
            format!("Có {n} số: CCCD có 12 số, CMND có 9 số. Đếm lại, hoặc chọn “không có giấy tờ”.")
        }
        E::PassportShape => "Số hộ chiếu gồm 1–2 chữ và 6–8 số: so lại với trang có ảnh.".into(),
        E::UnknownProvince(code) => format!("Không có tỉnh nào mang mã {code}: kiểm tra 3 số đầu."),
        E::UnknownCentury(digit) => {
            format!("Số thứ tư là {digit}, nghĩa là sinh sau năm 2099: kiểm tra lại.")
        }
        E::SexDiffers { in_number: Sex::Male } => {
            "Số này là của nam: kiểm tra số thứ tư hoặc giới tính.".into()
        }
        E::SexDiffers { in_number: Sex::Female } => {
            "Số này là của nữ: kiểm tra số thứ tư hoặc giới tính.".into()
        }
        E::BirthYearDiffers { in_number } => {
            format!("Theo số này thì sinh năm {in_number}: kiểm tra số thứ 4 đến 6 hoặc năm sinh.")
        }
    }
}

/// Why a phone number was refused, in Vietnamese.
pub fn phone_words(error: &PhoneError) -> String {
    use PhoneError as E;
    match error {
        E::Empty => "Chưa có số: nhập số điện thoại, ví dụ 0912 345 678.".into(),
        E::UnexpectedCharacter(c) => format!("Số điện thoại không có ký tự “{c}”: chỉ nhập số."),
        E::ForeignCountry(code) => format!("Mã nước +{code} không phải Việt Nam: chỉ dùng được số +84."),
        E::NoTrunkPrefix => "Số bắt đầu bằng 0 hoặc +84: kiểm tra số đầu.".into(),
        E::TooShort { got, expected } => format!("Thiếu số: mới có {got}, cần {expected}."),
        E::TooLong { got, expected } => format!("Thừa số: có {got}, cần {expected}."),
        E::UnknownPrefix(prefix) => format!("Không mạng nào dùng đầu số {prefix}: kiểm tra các số đầu."),
        E::DemonstrationNumber => "Số bắt đầu bằng 0000 chỉ để minh họa: nhập số thật.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2021, 9, 10);

    #[test]
    fn a_name_is_kept_as_typed_and_what_a_sheet_would_calculate_is_none() {
        assert_eq!(name("  Nguyễn   Thị Bích\u{a0}Ngọc ").unwrap(), "Nguyễn Thị Bích Ngọc");
        assert_eq!(name("K'Sor H'Bia (Út)").unwrap(), "K'Sor H'Bia (Út)");
        for (typed, code) in [
            ("", "required"),
            (" . ", "required"),
            ("=HYPERLINK(1)", "character"),
            ("-An Văn", "character"),
            ("Nguyễn Văn 2", "character"),
            ("An|Bình", "character"),
            ("<b>An</b>", "character"),
        ] {
            assert_eq!(name(typed).unwrap_err().code, code, "{typed}");
        }
        assert_eq!(name(&"An ".repeat(40)).unwrap_err().code, "too_long");
    }

    #[test]
    fn a_birth_is_a_year_or_a_day_and_never_to_come() {
        assert_eq!(birth("1960", TODAY), Ok(Birth { year: 1960, day: None }));
        assert_eq!(birth("2021-09-10", TODAY), Ok(Birth { year: 2021, day: Some((9, 10)) }));
        for (typed, code) in [
            ("2021-09-11", "future"),
            ("2022", "future"),
            ("1879", "too_early"),
            ("31/01/1990", "date"),
            ("2021-02-30", "date"),
            ("60", "date"),
        ] {
            assert_eq!(birth(typed, TODAY).unwrap_err().code, code, "{typed}");
        }
    }

    #[test]
    fn a_number_agrees_with_the_person_or_says_where_not() {
        let born = Birth { year: 1995, day: None };
        assert!(id_number("083195001234", Sex::Female, born).is_ok());
        let fault = id_number("083195001234", Sex::Male, born).unwrap_err();
        assert!(fault.vi.contains("nữ") && fault.en.contains("female"));
        assert!(id_number("321234567", Sex::Male, born).is_ok());
    }

    #[test]
    fn an_insurance_number_is_its_last_ten_digits() {
        assert_eq!(insurance_number("GD4 83 8323456789").unwrap(), "8323456789");
        assert_eq!(insurance_number("8323456789").unwrap(), "8323456789");
        for wrong in ["", "832345678", "GDX838323456789", "GD483832345678x", "ĐĐ4838323456789"] {
            assert_eq!(insurance_number(wrong).unwrap_err().code, "insurance_number", "{wrong}");
        }
    }
}
