//! When guessing has to wait.

use jiff::{SignedDuration, Timestamp};

/// After `free` failures each further one locks for a wait that doubles from `first` to at most `longest`. Failures are
/// forgotten `forget` after the last. `free` failures, then waits w, 2w, 4w …: guesses a day stay below
/// `free + log2(longest / first) + 24 h / longest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    pub free: u32,
    pub first: SignedDuration,
    pub longest: SignedDuration,
    pub forget: SignedDuration,
}

/// What has been counted against one login, badge, card, phone or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    pub failures: u32,
    pub last_at: Option<Timestamp>,
    pub locked_until: Option<Timestamp>,
}

/// No attempt now; seconds until the next, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    pub retry_after_s: u64,
}

impl Lockout {
    /// Guesses at one secret: five free, then half a minute up to an hour.
    pub const SECRET: Self = Self {
        free: 5,
        first: SignedDuration::from_secs(30),
        longest: SignedDuration::from_hours(1),
        forget: SignedDuration::from_hours(24),
    };
    /// Failures from one address, behind which a whole office may sit.
    pub const ADDRESS: Self = Self {
        free: 40,
        first: SignedDuration::from_secs(10),
        longest: SignedDuration::from_mins(15),
        forget: SignedDuration::from_hours(1),
    };
    /// One-time codes sent to one phone: the third within an hour begins to wait.
    pub const SENDING: Self = Self {
        free: 3,
        first: SignedDuration::from_mins(5),
        longest: SignedDuration::from_hours(4),
        forget: SignedDuration::from_hours(6),
    };
    /// One-time codes asked for from one address.
    pub const SENDING_ADDRESS: Self = Self {
        free: 60,
        first: SignedDuration::from_mins(1),
        longest: SignedDuration::from_hours(1),
        forget: SignedDuration::from_hours(1),
    };

    /// Searches for people by one account on one day: a station that looks for one person after another stays below
    /// the usual hundred; who copies the register does not. Counted by day, so that the wait ends with it.
    #[must_use]
    pub const fn searches(a_day: u32) -> Self {
        let day = SignedDuration::from_hours(24);
        Self { free: a_day, first: day, longest: day, forget: day }
    }

    /// Counts an attempt before it is judged, so that a hundred at once gain nothing; a good one is taken back after.
    ///
    /// # Errors
    /// While locked; such attempts do not count, so waiting is always enough.
    pub fn attempt(&self, before: Attempts, now: Timestamp) -> Result<Attempts, Locked> {
        let before = match before.last_at {
            Some(last) if now.duration_since(last) >= self.forget => Attempts::default(),
            _ => before,
        };
        if let Some(until) = before.locked_until
            && until > now
        {
            let wait = until.duration_since(now).as_secs() + 1;
            return Err(Locked { retry_after_s: u64::try_from(wait).unwrap_or(1) });
        }
        let failures = before.failures.saturating_add(1);
        let locked_until = (failures >= self.free).then(|| {
            let doublings = (failures - self.free).min(20);
            let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
            now.saturating_add(wait).unwrap_or(Timestamp::MAX)
        });
        Ok(Attempts { failures, last_at: Some(now), locked_until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_631_000_000 + second).unwrap()
    }

    #[test]
    fn the_first_five_guesses_are_free_and_the_sixth_waits() {
        let mut state = Attempts::default();
        for _ in 0..5 {
            state = Lockout::SECRET.attempt(state, at(0)).unwrap();
        }
        assert_eq!(Lockout::SECRET.attempt(state, at(0)), Err(Locked { retry_after_s: 31 }));
        assert!(Lockout::SECRET.attempt(state, at(30)).is_ok());
    }

    #[test]
    fn a_day_without_failures_forgets() {
        let mut state = Attempts::default();
        for _ in 0..5 {
            state = Lockout::SECRET.attempt(state, at(0)).unwrap();
        }
        assert_eq!(Lockout::SECRET.attempt(state, at(86_400)).unwrap().failures, 1);
    }

    proptest! {
        #[test]
        fn no_rhythm_of_guessing_gets_more_than_fifty_guesses_a_day(gaps in prop::collection::vec(0_i64..4000, 1..400)) {
            let (mut state, mut now, mut guesses) = (Attempts::default(), 0, 0);
            for gap in gaps {
                now += gap;
                if now >= 86_400 { break; }
                if let Ok(next) = Lockout::SECRET.attempt(state, at(now)) {
                    state = next;
                    guesses += 1;
                }
            }
            prop_assert!(guesses <= 50);
        }

        #[test]
        fn waiting_as_told_is_always_enough(failures in 0_u32..60, elapsed in 0_i64..100_000) {
            let mut state = Attempts::default();
            let mut now = 0;
            for _ in 0..failures {
                match Lockout::SECRET.attempt(state, at(now)) {
                    Ok(next) => state = next,
                    Err(locked) => now += locked.retry_after_s as i64,
                }
            }
            now += elapsed;
            if let Err(locked) = Lockout::SECRET.attempt(state, at(now)) {
                prop_assert!(Lockout::SECRET.attempt(state, at(now + locked.retry_after_s as i64)).is_ok());
            }
        }
    }
}
