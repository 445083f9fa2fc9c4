//! Time, randomness and ids, handed around together.

use crate::{Clock, Entropy, SystemClock, SystemEntropy};
use jiff::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// The outside world as the rules may see it. Cheap to clone.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl World {
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// The machine's clock and generator.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// The same randomness under another clock.
    #[must_use]
    pub fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, entropy: Arc::clone(&self.entropy) }
    }

    /// The current instant, cut to the microsecond that the database keeps, so that what is written reads back equal.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.clock.now().as_microsecond()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub fn today(&self) -> jiff::civil::Date {
        crate::local_date(self.now())
    }

    /// A fresh typed id (UUID version 7: time-ordered, so index pages fill in order).
    pub fn id<T: From<Uuid>>(&self) -> T {
        let mut random = [0_u8; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Random bytes for keys, nonces and tokens.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A uniform number below `bound` (rejection sampling, so no value is likelier than another).
    pub fn below(&self, bound: u32) -> u32 {
        assert!(bound > 0, "a bound of zero has no number below it");
        let zone = u32::MAX - u32::MAX % bound;
        loop {
            let n = u32::from_le_bytes(self.bytes());
            if n < zone {
                return n % bound;
            }
        }
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, PersonId, SeededEntropy};

    fn world() -> World {
        World::new(Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)), Arc::new(SeededEntropy::new(1)))
    }

    #[test]
    fn the_same_seed_and_clock_give_the_same_ids() {
        assert_eq!(world().id::<PersonId>(), world().id::<PersonId>());
    }

    #[test]
    fn two_ids_of_one_world_differ() {
        let world = world();
        assert_ne!(world.id::<PersonId>(), world.id::<PersonId>());
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let world = world();
        assert!((0..1000).all(|_| world.below(7) < 7));
    }
}
