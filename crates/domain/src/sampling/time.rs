//! Device time: corrected, then doubted where it cannot be. A doubtful specimen is kept and tested, but nothing is concluded
//! from it until a site lead has looked.

use super::event::Received;
use crate::campaign::Window;
use jiff::{SignedDuration, Timestamp};

/// Clocks drift and requests take time: less than this is no contradiction.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(2);

/// What is doubtful about a specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// Another live specimen claims the same tube.
    TubeTwice,
    /// No list and no maker knows the label.
    TubeUnknown,
    /// Swabbed after it arrived here.
    TimeAhead,
    /// Swabbed before the round began or after it ended.
    TimeOutsideRound,
    /// The device had recorded a later time before.
    TimeBackwards,
    /// The device's clock was changed between the swab and its arrival.
    ClockChanged,
    /// A donor is neither in the register nor described.
    DonorUnknown,
    /// Nobody is named: a tube without a list.
    NoDonor,
    /// More donors than the assay allows.
    TooManyDonors,
}

impl Flag {
    pub const ALL: &'static [Self] = &[
        Self::TubeTwice,
        Self::TubeUnknown,
        Self::TimeAhead,
        Self::TimeOutsideRound,
        Self::TimeBackwards,
        Self::ClockChanged,
        Self::DonorUnknown,
        Self::NoDonor,
        Self::TooManyDonors,
    ];

    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TubeTwice => "tube_twice",
            Self::TubeUnknown => "tube_unknown",
            Self::TimeAhead => "time_ahead",
            Self::TimeOutsideRound => "time_outside_round",
            Self::TimeBackwards => "time_backwards",
            Self::ClockChanged => "clock_changed",
            Self::DonorUnknown => "donor_unknown",
            Self::NoDonor => "no_donor",
            Self::TooManyDonors => "too_many_donors",
        }
    }
}

/// What is doubtful about the time of a swab taken at `sampled_at`.
pub fn doubts(received: &Received, sampled_at: Timestamp, window: Window) -> Vec<Flag> {
    let mut flags = Vec::new();
    let later = received.received_at.saturating_add(TOLERANCE).unwrap_or(Timestamp::MAX);
    if sampled_at > later || received.event.occurred_at() > later {
        flags.push(Flag::TimeAhead);
    }
    if !window.contains(sampled_at) {
        flags.push(Flag::TimeOutsideRound);
    }
    let changed = received.event.offset_ms.saturating_sub(received.received_offset_ms).unsigned_abs();
    if u128::from(changed) > TOLERANCE.as_millis().unsigned_abs() {
        flags.push(Flag::ClockChanged);
    }
    flags
}

/// Of the events of one device, those recorded when it had already recorded a later time: (number, corrected time) in, numbers
/// out. One jump back casts doubt on everything until the clock has caught up.
pub fn backwards(of_one_device: impl IntoIterator<Item = (i64, Timestamp)>) -> Vec<i64> {
    let mut events: Vec<(i64, Timestamp)> = of_one_device.into_iter().collect();
    events.sort_unstable();
    let mut latest = Timestamp::MIN;
    let mut found = Vec::new();
    for (seq, at) in events {
        if at.saturating_add(TOLERANCE).unwrap_or(Timestamp::MAX) < latest {
            found.push(seq);
        }
        latest = latest.max(at);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_631_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn a_clock_set_back_casts_doubt_until_it_has_caught_up() {
        let times = [(1, at(0)), (2, at(30)), (3, at(10)), (4, at(20)), (5, at(31))];
        assert_eq!(backwards(times), [3, 4]);
    }

    #[test]
    fn a_minute_of_drift_is_no_jump() {
        assert_eq!(backwards([(1, at(5)), (2, at(4)), (3, at(6))]), [] as [i64; 0]);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        assert_eq!(backwards([(3, at(10)), (1, at(0)), (2, at(30))]), [3]);
    }
}
