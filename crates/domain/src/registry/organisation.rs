//! What must hold of an organisation, a group of residents or a vehicle, and of the days somebody belongs to one.

use super::person::{Fault, fault};
use greenfort_kernel::text;
use jiff::civil::Date;

pub const KINDS: [&str; 6] = ["park", "enterprise", "market", "agency", "household_business", "carrier"];
pub const PART_KINDS: [&str; 2] = ["shift", "workshop"];
pub const ROLES: [&str; 5] = ["worker", "manager", "trader", "driver", "other"];
pub const GROUP_KINDS: [&str; 5] = ["block", "boarding_row", "market_traders", "shift", "other"];
pub const VEHICLE_KINDS: [&str; 6] = ["truck", "coach", "van", "car", "motorbike", "boat"];

/// Longest public name, in letters.
const NAME_MOST: usize = 160;
const ADDRESS_MOST: usize = 200;

/// A public name as it is stored: NFC, single spaces. Unlike a person's it may hold digits and signs.
///
/// # Errors
/// A [`Fault`] of the field `name`.
pub fn name(typed: &str) -> Result<String, Fault> {
    let name = text::nfc(typed);
    if !name.chars().any(char::is_alphanumeric) {
        return Err(fault("name", "required", "Nhập tên.", "Type the name."));
    }
    if name.chars().count() > NAME_MOST {
        return Err(fault(
            "name",
            "too_long",
            format!("Tối đa {NAME_MOST} chữ."),
            format!("At most {NAME_MOST} letters."),
        ));
    }
    // Names reach spreadsheets: a first sign that a sheet would calculate with is a slip of the hand.
    let odd =
        name.chars().find(|c| c.is_control()).or_else(|| name.chars().next().filter(|c| "=+-@".contains(*c)));
    match odd {
        Some(odd) => Err(fault(
            "name",
            "character",
            format!("Tên không bắt đầu bằng “{odd}”: gõ lại."),
            format!("A name does not begin with “{odd}”: type it again."),
        )),
        None => Ok(name),
    }
}

/// What a folded public name has to match, one pattern a word: each word as typed, or as it would read had the input method
/// been on. Only letters and digits, so that no pattern means more than it says.
pub fn name_patterns(typed: &str) -> Vec<String> {
    typed
        .split_whitespace()
        .filter_map(|word| {
            let plain = |v: &String| v.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let ways: Vec<String> =
                text::search_variants(word).iter().map(plain).filter(|v| !v.is_empty()).collect();
            (!ways.is_empty()).then(|| ways.join("|"))
        })
        .collect()
}

/// A tax code as it is stored: ten digits, a branch with three more behind a dash. Empty: none.
///
/// # Errors
/// A [`Fault`] of the field `tax_code`.
pub fn tax_code(typed: &str) -> Result<Option<String>, Fault> {
    let signs: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != '.').collect();
    match signs.len() {
        0 => Ok(None),
        10 | 13 if signs.bytes().all(|b| b.is_ascii_digit()) => {
            let (head, branch) = signs.split_at(10);
            Ok(Some(if branch.is_empty() { head.to_owned() } else { format!("{head}-{branch}") }))
        }
        _ => Err(fault(
            "tax_code",
            "tax_code",
            "Mã số thuế có 10 số, chi nhánh thêm 3 số: đếm lại, hoặc để trống.",
            "A tax code has 10 digits, a branch 3 more: count again, or leave it empty.",
        )),
    }
}

/// An address; empty: none.
///
/// # Errors
/// A [`Fault`] of the field `address`.
pub fn address(typed: &str) -> Result<Option<String>, Fault> {
    let address = text::nfc(typed);
    if address.chars().count() > ADDRESS_MOST || address.chars().any(char::is_control) {
        return Err(fault(
            "address",
            "too_long",
            "Địa chỉ tối đa 200 chữ.",
            "An address has at most 200 letters.",
        ));
    }
    Ok(Some(address).filter(|a| !a.is_empty()))
}

/// A number plate as it is stored: upper case, single spaces; its points and dashes as typed.
///
/// # Errors
/// A [`Fault`] of the field `plate`.
pub fn plate(typed: &str) -> Result<String, Fault> {
    let plate = text::nfc(typed).to_uppercase().replace('Đ', "D");
    let signs = plate_key(&plate);
    let fits = (4..=12).contains(&signs.len())
        && signs.bytes().any(|b| b.is_ascii_digit())
        && plate.chars().all(|c| c.is_ascii_alphanumeric() || " .-".contains(c))
        && plate.starts_with(|c: char| c.is_ascii_alphanumeric());
    if fits {
        Ok(plate)
    } else {
        Err(fault(
            "plate",
            "plate",
            "Biển số gồm chữ và số, ví dụ 71C-123.45: gõ lại.",
            "A plate is letters and digits, such as 71C-123.45: type it again.",
        ))
    }
}

/// What two writings of one plate have in common.
pub fn plate_key(plate: &str) -> String {
    plate.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The share of a group that is sampled each round, in whole percent.
///
/// # Errors
/// A [`Fault`] of the field `sample_percent`.
pub fn sample_percent(percent: i16) -> Result<f32, Fault> {
    if (1..=100).contains(&percent) {
        Ok(f32::from(percent) / 100.0)
    } else {
        Err(fault(
            "sample_percent",
            "range",
            "Tỷ lệ lấy mẫu từ 1 đến 100 phần trăm.",
            "The share to be sampled is 1 to 100 per cent.",
        ))
    }
}

/// The days somebody belongs to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub from: Date,
    /// Last day; none: still there.
    pub to: Option<Date>,
}

/// Refuses a day of joining inside or before days on which the person already belonged: nobody belongs to one thing twice
/// on the same day.
///
/// # Errors
/// A [`Fault`] of the field `from`.
pub fn may_join(from: Date, stays: &[Stay]) -> Result<(), Fault> {
    match stays.iter().find(|stay| stay.to.is_none_or(|to| to >= from)) {
        None => Ok(()),
        Some(Stay { from: since, to: None }) => Err(fault(
            "person_id",
            "member",
            format!("Người này đã ở trong danh sách từ {}.", shown(*since)),
            format!("Is a member already, since {}.", shown(*since)),
        )),
        Some(Stay { to: Some(to), .. }) => Err(fault(
            "from",
            "order",
            format!("Người này còn ở trong danh sách đến hết {}: chọn ngày sau đó.", shown(*to)),
            format!("Was a member until {}: choose a later day.", shown(*to)),
        )),
    }
}

/// Refuses a last day before the first.
///
/// # Errors
/// A [`Fault`] of the field `on`.
pub fn may_leave(on: Date, from: Date) -> Result<(), Fault> {
    if on >= from {
        return Ok(());
    }
    Err(fault(
        "on",
        "order",
        format!("Ngày cuối phải từ {} trở đi, là ngày bắt đầu.", shown(from)),
        format!("The last day is {} or later, the day of joining.", shown(from)),
    ))
}

/// A day as Vietnamese write one; both languages of the product do.
pub(super) fn shown(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_public_name_may_hold_digits_and_a_formula_is_none() {
        assert_eq!(name("  Công ty  TNHH 1TV (Bến Tre) ").unwrap(), "Công ty TNHH 1TV (Bến Tre)");
        for (typed, code) in
            [("", "required"), (" - ", "required"), ("=1+1", "character"), ("@A1", "character")]
        {
            assert_eq!(name(typed).unwrap_err().code, code, "{typed}");
        }
        assert_eq!(name(&"An ".repeat(60)).unwrap_err().code, "too_long");
    }

    #[test]
    fn a_search_matches_whole_words_slips_of_the_hand_and_nothing_else() {
        assert_eq!(name_patterns("  Chợ  Bình"), ["cho", "binh"]);
        assert_eq!(name_patterns("chowj"), ["chowj|cho"]);
        assert_eq!(name_patterns(".* (a|b)"), ["ab"]);
    }

    #[test]
    fn a_tax_code_is_ten_digits_and_a_branch_has_three_more() {
        assert_eq!(tax_code(" ").unwrap(), None);
        assert_eq!(tax_code("1300 123 456").unwrap().as_deref(), Some("1300123456"));
        assert_eq!(tax_code("1300123456-001").unwrap().as_deref(), Some("1300123456-001"));
        for typed in ["130012345", "13001234567", "130012345a", "1300123456-01"] {
            assert_eq!(tax_code(typed).unwrap_err().field, "tax_code", "{typed}");
        }
    }

    #[test]
    fn one_plate_is_one_however_it_is_written() {
        for typed in ["71C-123.45", "71c 12345", " 71C-12345"] {
            assert_eq!(plate_key(&plate(typed).unwrap()), "71C12345", "{typed}");
        }
        for typed in ["", "71C", "ABCD", "71C-123.45; drop", "=71C12345", "71C123456789012"] {
            assert!(plate(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn nobody_belongs_twice_on_one_day_and_leaves_before_coming() {
        let stay = |from, to| Stay { from, to };
        let before = stay(date(2021, 1, 1), Some(date(2021, 6, 30)));
        assert!(may_join(date(2021, 7, 1), &[before]).is_ok());
        assert_eq!(may_join(date(2021, 6, 30), &[before]).unwrap_err().code, "order");
        assert_eq!(may_join(date(2020, 6, 30), &[before]).unwrap_err().code, "order");
        assert_eq!(
            may_join(date(2021, 9, 1), &[before, stay(date(2021, 8, 1), None)]).unwrap_err().code,
            "member"
        );
        assert!(may_leave(date(2021, 8, 1), date(2021, 8, 1)).is_ok());
        assert_eq!(may_leave(date(2021, 7, 31), date(2021, 8, 1)).unwrap_err().field, "on");
    }

    #[test]
    fn a_share_is_between_one_and_a_hundred_per_cent() {
        assert_eq!(sample_percent(25), Ok(0.25));
        assert!(sample_percent(0).is_err() && sample_percent(101).is_err());
    }
}
