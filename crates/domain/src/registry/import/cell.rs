//! One cell at a time: what people typed or what a spreadsheet made of it, as a value of the register.

use super::fault::Reason;
use super::syllable;
use greenfort_kernel::personal_id::{PersonalId, PersonalIdError, PersonalIdKind, Sex};
use greenfort_kernel::phone::Phone;
use greenfort_kernel::text::{fold, nfc};
use jiff::civil::Date;
use std::borrow::Cow;

/// A cell as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(f64),
    Date(Date),
}

impl Cell<'_> {
    /// What the spreadsheet shows, without spaces around; whole numbers without `.0`.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text.trim()),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Cow::Owned(format!("{number:.0}"))
            }
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Date(date) => {
                Cow::Owned(format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()))
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) => false,
        }
    }
}

const LONGEST_NAME: usize = 120;

/// A full name: one space between words, capitals as names have them.
///
/// # Errors
/// Why it is none.
pub fn name(text: &str) -> Result<String, Reason> {
    let text = nfc(text.trim().trim_start_matches('\''));
    if text.is_empty() {
        return Err(Reason::NoName);
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(Reason::NameTooLong);
    }
    if text.contains(['?', '\u{fffd}', '□']) {
        return Err(Reason::LettersLost);
    }
    let meant: Vec<Option<String>> = text.split(' ').map(syllable::slip).collect();
    if meant.iter().any(Option::is_some) {
        let words = text.split(' ').zip(meant).map(|(word, meant)| meant.unwrap_or_else(|| word.to_owned()));
        return Err(Reason::TypedWithoutInputMethod(proper(&words.collect::<Vec<_>>().join(" "))));
    }
    if let Some(wrong) =
        text.chars().find(|c| !c.is_alphabetic() && !matches!(c, ' ' | '\'' | '’' | '-' | '.'))
    {
        return Err(Reason::NotInAName(wrong));
    }
    if !text.chars().any(char::is_alphabetic) {
        return Err(Reason::NoName);
    }
    Ok(proper(&text))
}

/// `NGUYỄN thị Bé` → `Nguyễn Thị Bé`; words with capitals of their own (K'Brơi, McDonald) stay.
fn proper(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        let (mut upper, mut lower) = (0, 0);
        for c in word.chars() {
            upper += usize::from(c.is_uppercase());
            lower += usize::from(c.is_lowercase());
        }
        // Small toned letters among capitals are what a TCVN3 capital font leaves.
        let shouted = upper > 1 && word.chars().filter(|c| c.is_lowercase()).all(|c| !c.is_ascii());
        if shouted || upper == 0 || lower == 0 {
            let mut first = true;
            for c in word.chars() {
                if first {
                    out.extend(c.to_uppercase());
                } else {
                    out.extend(c.to_lowercase());
                }
                first = matches!(c, '\'' | '’' | '-');
            }
        } else {
            out.push_str(word);
        }
    }
    out
}

const OLDEST: i16 = 125;

/// Year, and month and day where they are known.
///
/// # Errors
/// Why the cell is no date of birth.
pub fn birth(cell: &Cell<'_>, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    match cell {
        Cell::Empty => Err(Reason::NoBirth),
        Cell::Date(date) => {
            checked(i64::from(date.year()), Some((date.month().into(), date.day().into())), today)
        }
        Cell::Number(number) => of_number(*number, today),
        Cell::Text(text) => of_text(text.trim().trim_start_matches('\''), today),
    }
}

fn of_number(number: f64, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    if number.fract() != 0.0 || !(0.0..1e9).contains(&number) {
        return Err(Reason::NoDate);
    }
    let whole = number as i64;
    match whole {
        // Written as a number without separators: 1021985 for 01021985.
        1_000_000.. => of_digits(&format!("{whole:08}"), today),
        2_101..=80_000 => serial(whole, today),
        1_000..=2_100 => checked(whole, None, today),
        _ => two_digits(whole, None, today),
    }
}

/// A spreadsheet's day number: 1 is 1 January 1900, and it believes in 29 February 1900.
fn serial(days: i64, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    let since = jiff::Span::new().days(days - i64::from(days > 59));
    let date = jiff::civil::date(1899, 12, 31).checked_add(since).map_err(|_| Reason::NoDate)?;
    checked(i64::from(date.year()), Some((date.month().into(), date.day().into())), today)
}

fn of_digits(text: &str, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<i64>().ok());
    match (part(0..2), part(2..4), part(4..8)) {
        (Some(day), Some(month), Some(year)) => checked(year, Some((month, day)), today),
        _ => Err(Reason::NoDate),
    }
}

fn of_text(text: &str, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    if text.is_empty() {
        return Err(Reason::NoBirth);
    }
    // A time that a program added, and a `.0` that a spreadsheet did.
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let text = text.strip_suffix(".0").unwrap_or(text);
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    if !parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()) && p.len() <= 8) {
        return Err(Reason::NoDate);
    }
    let value = |at: usize| parts[at].parse::<i64>().map_err(|_| Reason::NoDate);
    match parts.len() {
        1 if parts[0].len() == 8 => of_digits(parts[0], today),
        1 => of_number(value(0)? as f64, today),
        2 if parts[1].len() == 4 => {
            // Month and year: the year is what counts.
            (1..=12).contains(&value(0)?).then_some(()).ok_or(Reason::NoSuchMonth(value(0)?))?;
            checked(value(1)?, None, today)
        }
        3 if parts[0].len() == 4 => checked(value(0)?, Some((value(1)?, value(2)?)), today),
        3 if parts[2].len() == 4 => checked(value(2)?, Some((value(1)?, value(0)?)), today),
        3 if parts[2].len() == 2 => two_digits(value(2)?, Some((value(1)?, value(0)?)), today),
        _ => Err(Reason::NoDate),
    }
}

/// `85` can only be 1985; `15` may be 1915 or 2015.
fn two_digits(year: i64, day: Option<(i64, i64)>, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    if (0..100).contains(&year) && year > i64::from(today.year()) % 100 {
        checked(1900 + year, day, today)
    } else {
        Err(Reason::TwoDigitYear)
    }
}

fn checked(year: i64, day: Option<(i64, i64)>, today: Date) -> Result<(i16, Option<(i8, i8)>), Reason> {
    let this_year = i64::from(today.year());
    if year > this_year {
        return Err(Reason::InFuture);
    }
    if year < this_year - i64::from(OLDEST) {
        return Err(Reason::TooLongAgo(year));
    }
    let year = i16::try_from(year).map_err(|_| Reason::NoDate)?;
    // 00/00/1950 is how some programs write that only the year is known.
    let Some((month, day)) = day.filter(|(month, day)| *month != 0 || *day != 0) else {
        return Ok((year, None));
    };
    if !(1..=12).contains(&month) {
        return Err(Reason::NoSuchMonth(month));
    }
    let (m, d) = (i8::try_from(month).unwrap_or(0), i8::try_from(day).unwrap_or(0));
    let date = Date::new(year, m, d).map_err(|_| Reason::NoSuchDay { day, month })?;
    if date > today { Err(Reason::InFuture) } else { Ok((year, Some((m, d)))) }
}

/// # Errors
/// When the word says neither.
pub fn sex(text: &str) -> Result<Sex, Reason> {
    match fold(text).trim_end_matches('.') {
        "" => Err(Reason::NoSex),
        "nam" | "male" | "m" | "trai" | "ong" | "1" => Ok(Sex::Male),
        "nu" | "female" | "f" | "gai" | "ba" | "nuwx" | "nux" | "0" | "2" => Ok(Sex::Female),
        _ => Err(Reason::UnknownSex),
    }
}

/// An ID number, also as a spreadsheet leaves it: a number without its leading zeros is mended where sex and year of birth
/// bear it out; one in scientific notation has lost its digits.
///
/// # Errors
/// What is wrong with it.
pub fn identity(cell: &Cell<'_>, sex: Option<Sex>, birth_year: Option<i16>) -> Result<PersonalId, Reason> {
    let (text, from_number) = digits_of(cell)?;
    let id = match PersonalId::parse(&text) {
        Ok(id) => id,
        Err(error) => {
            let bare = text.len();
            let padded = match bare {
                10 | 11 => format!("{text:0>12}"),
                7 | 8 if from_number => format!("{text:0>9}"),
                _ => return Err(Reason::Id(error)),
            };
            let id = PersonalId::parse(&padded).map_err(|_| Reason::Id(error.clone()))?;
            // Only a number that agrees with its owner was surely shortened.
            if id.kind() == PersonalIdKind::Cccd && id.check(sex, birth_year).is_err() {
                return Err(Reason::Id(error));
            }
            return Ok(id);
        }
    };
    id.check(sex, birth_year).map_err(Reason::Id)?;
    Ok(id)
}

/// The characters of a number, and whether a spreadsheet held it as one.
fn digits_of(cell: &Cell<'_>) -> Result<(String, bool), Reason> {
    let number = |number: f64| {
        // Above 2^53 a spreadsheet has rounded already; below, every digit is there.
        if number.fract() == 0.0 && (0.0..9e15).contains(&number) {
            Ok((format!("{number:.0}"), true))
        } else {
            Err(Reason::DigitsLost)
        }
    };
    match cell {
        Cell::Empty => Err(Reason::Id(PersonalIdError::Empty)),
        Cell::Number(value) => number(*value),
        Cell::Date(_) => Err(Reason::DigitsLost),
        Cell::Text(text) => {
            let text = text.trim().trim_start_matches('\'');
            let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-')).collect();
            let scientific = bare.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
                let digits = |t: &str| {
                    !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'+'))
                };
                digits(mantissa) && digits(exponent)
            });
            if scientific {
                // 8.3190012345E+10 still has all its digits; 8.3E+10 has not.
                let plain = bare.replace(',', ".");
                let kept = plain
                    .split(['e', 'E'])
                    .next()
                    .unwrap_or_default()
                    .bytes()
                    .filter(u8::is_ascii_digit)
                    .count();
                let value: f64 = plain.parse().map_err(|_| Reason::DigitsLost)?;
                let (whole, _) = number(value)?;
                // A trailing zero is not written, so one digit may be missing from the mantissa.
                return if kept + 1 >= whole.len() { Ok((whole, true)) } else { Err(Reason::DigitsLost) };
            }
            match bare.strip_suffix(".0") {
                Some(whole) if whole.bytes().all(|b| b.is_ascii_digit()) => Ok((whole.to_owned(), true)),
                _ => Ok((bare, false)),
            }
        }
    }
}

/// The ten digits of a health-insurance number: alone, or behind the letters, the benefit and the province of a card.
///
/// # Errors
/// When it is neither.
pub fn insurance(cell: &Cell<'_>) -> Result<String, Reason> {
    let (text, from_number) = match digits_of(cell) {
        Ok(found) => found,
        Err(Reason::DigitsLost) => return Err(Reason::DigitsLost),
        Err(_) => return Err(Reason::Insurance),
    };
    let text = text.replace('.', "");
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        10 if digits(&text) => Ok(text),
        8 | 9 if digits(&text) && from_number => Ok(format!("{text:0>10}")),
        15 if text.is_ascii() => {
            let (letters, rest) = text.split_at(2);
            if letters.bytes().all(|b| b.is_ascii_alphabetic()) && digits(rest) {
                Ok(rest[3..].to_owned())
            } else {
                Err(Reason::Insurance)
            }
        }
        _ => Err(Reason::Insurance),
    }
}

/// A phone number; the zero that a spreadsheet dropped is put back.
///
/// # Errors
/// What is wrong with it.
pub fn phone(cell: &Cell<'_>, demonstration: bool) -> Result<Phone, Reason> {
    let text = match digits_of(cell) {
        Ok((text, true)) if text.len() == 9 || text.len() == 10 && !text.starts_with('0') => {
            format!("0{text}")
        }
        Ok((text, _))
            if text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') =>
        {
            format!("0{text}")
        }
        Ok((text, _)) => text,
        Err(_) => return Err(Reason::DigitsLost),
    };
    let read = if demonstration { Phone::parse_or_demonstration(&text) } else { Phone::parse(&text) };
    read.map_err(Reason::Phone)
}

/// The number of a household inside its hamlet, as lists carry it: `012`, `12`, `12.0` are one household.
pub fn household_number(text: &str) -> String {
    let folded = fold(text);
    let bare = folded.strip_suffix(".0").unwrap_or(&folded).trim_start_matches('0');
    if bare.is_empty() { folded } else { bare.to_owned() }
}

#[cfg(test)]
#[path = "cell_tests.rs"]
mod tests;
