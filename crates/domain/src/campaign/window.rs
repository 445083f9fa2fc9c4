//! The window of a round: an interval of instants, so midnight is nothing special.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// From the first instant to the first instant after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WindowError {
    #[error("a round lasts between 1 and {} hours", Window::MOST_HOURS)]
    Length,
    #[error("this round would begin before round {0} ends: choose a later start")]
    Overlap(i32),
    #[error("the end lies beyond the calendar")]
    Calendar,
}

impl Window {
    /// Bến Tre swabbed the whole province anew every 72 hours.
    pub const DEFAULT_HOURS: i32 = 72;
    /// A round longer than this is several rounds: nobody's negative lasts that long.
    pub const MOST_HOURS: i32 = 14 * 24;

    /// # Errors
    /// When the length is not between an hour and [`Self::MOST_HOURS`].
    pub fn new(starts_at: Timestamp, hours: i32) -> Result<Self, WindowError> {
        if !(1..=Self::MOST_HOURS).contains(&hours) {
            return Err(WindowError::Length);
        }
        let ends_at = starts_at
            .checked_add(SignedDuration::from_hours(i64::from(hours)))
            .map_err(|_| WindowError::Calendar)?;
        Ok(Self { starts_at, ends_at })
    }

    pub fn contains(self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }

    /// Refuses a round that begins before an earlier one of its campaign has ended: each person has one reach and one
    /// outcome a round, so an instant belongs to one round.
    ///
    /// # Errors
    /// The number of the round it overlaps.
    pub fn after_all(self, others: &[(i32, Self)]) -> Result<(), WindowError> {
        match others.iter().find(|(_, o)| self.starts_at < o.ends_at && o.starts_at < self.ends_at) {
            Some((number, _)) => Err(WindowError::Overlap(*number)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_round_of_72_hours_crosses_three_midnights() {
        let round = Window::new(at("2021-09-08T06:00:00+07:00"), Window::DEFAULT_HOURS).unwrap();
        assert_eq!(round.ends_at, at("2021-09-11T06:00:00+07:00"));
        assert!(
            round.contains(at("2021-09-10T02:00:00+07:00")),
            "the wholesale market at two in the morning"
        );
        assert!(!round.contains(round.ends_at));
    }

    #[test]
    fn a_round_may_begin_the_instant_the_last_one_ends_and_not_before() {
        let first = Window::new(at("2021-09-08T06:00:00+07:00"), 72).unwrap();
        let next = Window::new(first.ends_at, 72).unwrap();
        let early = Window::new(at("2021-09-11T05:59:59+07:00"), 72).unwrap();
        assert_eq!(next.after_all(&[(1, first)]), Ok(()));
        assert_eq!(early.after_all(&[(1, first)]), Err(WindowError::Overlap(1)));
    }

    #[test]
    fn a_round_without_length_or_of_months_is_refused() {
        assert_eq!(Window::new(at("2021-09-08T06:00:00Z"), 0), Err(WindowError::Length));
        assert_eq!(Window::new(at("2021-09-08T06:00:00Z"), 24 * 30), Err(WindowError::Length));
    }
}
