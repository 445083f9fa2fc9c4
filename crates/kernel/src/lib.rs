//! The words everybody uses: typed ids, clock, entropy, unit codes, language. No I/O.
//!
//! Time, randomness and ids are parameters everywhere in Greenfort. They travel together as a [`World`].

pub mod account;
pub mod clock;
pub mod entropy;
pub mod id;
pub mod laboratory;
pub mod language;
pub mod personal_id;
pub mod phone;
pub mod role;
pub mod text;
pub mod unit;
pub mod world;

pub use account::{AccountKind, AccountStatus, Relation};
pub use clock::{Clock, ManualClock, ShiftedClock, SystemClock};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use id::*;
pub use laboratory::{ExemptReason, Method, OutcomeKind, ReachKind};
pub use language::Language;
pub use role::{Over, Role};
pub use unit::{UnitId, UnitLevel};
pub use world::World;

/// Bến Tre has one time zone without daylight saving; what people read is local, what is stored is UTC.
pub const TIME_ZONE: jiff::tz::Offset = jiff::tz::Offset::constant(7);

/// The local calendar date of an instant.
pub fn local_date(at: jiff::Timestamp) -> jiff::civil::Date {
    TIME_ZONE.to_datetime(at).date()
}
