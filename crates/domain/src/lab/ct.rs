//! Cycle thresholds as instruments write them.

use std::fmt;

/// A cycle threshold in thousandths of a cycle: whole numbers compare and repeat exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Ct(u32);

/// Why a cell is no cycle threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CtError {
    #[error("`{0}` is no cycle threshold: expected a number such as 31.25 or 31,25, or Undetermined")]
    NotANumber(String),
    /// A zero is how some sheets write "nothing", and how others write a failed fit: nobody can tell, so it is refused.
    #[error("a cycle threshold of 0 cannot be: write Undetermined where the curve never rose")]
    Zero,
    #[error("a cycle threshold of {0} lies outside 1 to 60 cycles")]
    OutOfRange(String),
}

/// What instruments write where the curve never crossed the threshold.
const NEVER: [&str; 9] = ["", "-", "--", "undetermined", "undet.", "n/a", "na", "no ct", "nan"];

impl Ct {
    /// From thousandths of a cycle; none outside 1 to 60 cycles.
    pub fn from_thousandths(thousandths: u32) -> Option<Self> {
        (1_000..=60_000).contains(&thousandths).then_some(Self(thousandths))
    }

    pub fn thousandths(self) -> u32 {
        self.0
    }

    /// Reads one cell: `31.25`, `31,25`, or one of the ways of saying that there is none
    /// (`Undetermined`, `N/A`, `-`, empty), which is `Ok(None)`.
    ///
    /// # Errors
    /// Anything else, and zero.
    pub fn read(cell: &str) -> Result<Option<Self>, CtError> {
        let cell = cell.trim();
        if NEVER.contains(&cell.to_lowercase().as_str()) {
            return Ok(None);
        }
        let not_a_number = || CtError::NotANumber(cell.to_owned());
        let (whole, fraction) = cell.split_once(['.', ',']).unwrap_or((cell, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || whole.len() > 6 {
            return Err(not_a_number());
        }
        let whole: u32 = whole.parse().map_err(|_| not_a_number())?;
        // Three places, the fourth rounds.
        let mut places = fraction.bytes().map(|b| u32::from(b - b'0')).chain(std::iter::repeat(0));
        let mut thousandths = whole.saturating_mul(1_000);
        for weight in [100, 10, 1] {
            thousandths += weight * places.next().unwrap_or(0);
        }
        thousandths += u32::from(places.next().unwrap_or(0) >= 5);
        match Self::from_thousandths(thousandths) {
            Some(ct) => Ok(Some(ct)),
            None if thousandths == 0 => Err(CtError::Zero),
            None => Err(CtError::OutOfRange(cell.to_owned())),
        }
    }
}

impl TryFrom<u32> for Ct {
    type Error = CtError;

    fn try_from(thousandths: u32) -> Result<Self, CtError> {
        Self::from_thousandths(thousandths).ok_or_else(|| CtError::OutOfRange(format!("{thousandths}/1000")))
    }
}

impl From<Ct> for u32 {
    fn from(ct: Ct) -> Self {
        ct.0
    }
}

impl fmt::Display for Ct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 1_000, self.0 % 1_000 / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_saying_nothing_rose_reads_as_nothing() {
        for cell in ["Undetermined", "UNDETERMINED", "N/A", "-", "", "   ", "NaN", "No Ct"] {
            assert_eq!(Ct::read(cell), Ok(None), "{cell:?}");
        }
    }

    #[test]
    fn a_decimal_comma_is_a_decimal_point() {
        assert_eq!(Ct::read("31,25"), Ct::read("31.25"));
        assert_eq!(Ct::read("31,25").unwrap().unwrap().thousandths(), 31_250);
        assert_eq!(Ct::read(" 31.25349 ").unwrap().unwrap().thousandths(), 31_253);
        assert_eq!(Ct::read("31").unwrap().unwrap().to_string(), "31.00");
    }

    #[test]
    fn zero_and_what_no_instrument_measures_are_refused_and_say_why() {
        assert_eq!(Ct::read("0"), Err(CtError::Zero));
        assert_eq!(Ct::read("0,000"), Err(CtError::Zero));
        assert_eq!(Ct::read("312.5"), Err(CtError::OutOfRange("312.5".into())));
        for cell in ["-31.2", "3 1", "1e2", "31.2.5", "inf", "31;25", "positive", "٣١"] {
            assert_eq!(Ct::read(cell), Err(CtError::NotANumber(cell.into())), "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_never_leaves_the_range(cell in ".{0,20}") {
            if let Ok(Some(ct)) = Ct::read(&cell) {
                prop_assert!((1_000..=60_000).contains(&ct.thousandths()));
            }
        }

        #[test]
        fn what_is_written_reads_back(thousandths in 1_000_u32..=60_000) {
            let cell = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            prop_assert_eq!(Ct::read(&cell).unwrap().unwrap().thousandths(), thousandths);
        }
    }
}
