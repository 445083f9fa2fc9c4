//! Dates of CertLogic: milliseconds, UTC when no offset is given, partial dates of birth rounded up.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// 0000-01-01T00:00:00.000Z.
const FIRST: i64 = -62_167_219_200_000;
/// 9999-12-30T22:00:00.999Z: where the library's calendar ends.
const LAST: i64 = 253_402_207_200_999;

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

/// What `plusTime` adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Calendar years; 29 February becomes the 28th.
    Year,
    /// Calendar months; the day is cut to the length of the month.
    Month,
    /// 24 hours.
    Day,
    /// 60 minutes.
    Hour,
}

impl Unit {
    /// From the word of the rule.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "year" => Some(Self::Year),
            "month" => Some(Self::Month),
            "day" => Some(Self::Day),
            "hour" => Some(Self::Hour),
            _ => None,
        }
    }
}

impl Moment {
    /// Reads `YYYY-MM-DD`, or `YYYY-MM-DDThh:mm:ss` with optional fraction and offset (`Z`, `±h`, `±hh`,
    /// `±hmm`, `±hhmm`, `±h:mm`, `±hh:mm`). A time without an offset is UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some((date, time)) = text.split_once(['T', 't']) else {
            return Self::of(date(text)?.to_datetime(jiff::civil::Time::midnight()), 0, 0);
        };
        let (clock, rest) = time.split_at_checked(8)?;
        let [hour, minute, second] = fields(clock, ':')?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(r) => {
                let end = r.find(|c: char| !c.is_ascii_digit()).unwrap_or(r.len());
                r.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?
            }
            None => ("", rest),
        };
        let millis = fraction.bytes().chain(*b"000").take(3).fold(0, |n, b| n * 10 + i64::from(b - b'0'));
        let datetime = date_at(date, hour, minute, second)?;
        Self::of(datetime, millis, offset(zone)?)
    }

    /// A date of birth as certificates have it: `YYYY` and `YYYY-MM` are taken as their last day.
    #[must_use]
    pub fn parse_birth(text: &str) -> Option<Self> {
        let full = match text.len() {
            4 => date(&format!("{text}-12-31"))?,
            7 => date(&format!("{text}-01"))?.last_of_month(),
            10 => date(text)?,
            _ => return None,
        };
        Self::of(full.to_datetime(jiff::civil::Time::midnight()), 0, 0)
    }

    /// A moment of the years 0 to 9999 from its second.
    #[must_use]
    pub fn from_second(second: i64) -> Option<Self> {
        Self(second.checked_mul(1000)?).checked()
    }

    fn of(datetime: DateTime, millis: i64, offset_seconds: i64) -> Option<Self> {
        let seconds = Offset::UTC.to_timestamp(datetime).ok()?.as_second();
        Self((seconds - offset_seconds) * 1000 + millis).checked()
    }

    /// The years 0 to 9999, as far as dates are written with four digits.
    fn checked(self) -> Option<Self> {
        (FIRST..=LAST).contains(&self.0).then_some(self)
    }

    /// This moment and `amount` units more.
    #[must_use]
    pub fn plus(self, amount: i64, unit: Unit) -> Option<Self> {
        let months = match unit {
            Unit::Hour => return Self(self.0.checked_add(amount.checked_mul(3_600_000)?)?).checked(),
            Unit::Day => return Self(self.0.checked_add(amount.checked_mul(86_400_000)?)?).checked(),
            Unit::Month => amount,
            Unit::Year => amount.checked_mul(12)?,
        };
        let civil = Offset::UTC.to_datetime(Timestamp::from_millisecond(self.0).ok()?);
        let span = jiff::Span::new().try_months(months).ok()?;
        let moved = Offset::UTC.to_timestamp(civil.checked_add(span).ok()?).ok()?;
        Self(moved.as_millisecond()).checked()
    }

    /// ISO 8601 in UTC with milliseconds, as JavaScript prints it.
    #[must_use]
    pub fn iso(self) -> String {
        match Timestamp::from_millisecond(self.0) {
            Ok(t) => format!("{t:.3}"),
            Err(_) => String::new(),
        }
    }
}

fn digits(text: &str, n: usize) -> Option<i16> {
    (text.len() == n && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn fields(text: &str, separator: char) -> Option<[i16; 3]> {
    let mut parts = text.split(separator).map(|p| digits(p, 2));
    let all = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(all)
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (y, m, d) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(y, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()
}

fn date_at(day: &str, hour: i16, minute: i16, second: i16) -> Option<DateTime> {
    let small = |n| i8::try_from(n).ok();
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    Some(date(day)?.to_datetime(time))
}

fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some((h, m)), _) => (h, m),
        (None, 1 | 2) => (rest, "00"),
        (None, n) => rest.split_at_checked(n.checked_sub(2)?)?,
    };
    let hours = i64::from(digits(hours, hours.len()).filter(|_| matches!(hours.len(), 1 | 2))?);
    let minutes = i64::from(digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}
