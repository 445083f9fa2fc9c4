//! Sampling: what phones report, and the specimens that follow from it.

mod barcode;
mod event;
mod reduce;
mod represent;
mod time;

pub use barcode::{BarcodeError, Issuer, OWN_ISSUER, Tube, UNKNOWN_ISSUER, own_label, own_number, read_tube};
pub use event::{
    Added, Collected, Donor, Event, IdentifiedBy, NotSwabbed, Received, StandsFor, Stay, Visited, What, Whose,
};
pub use reduce::{Cassette, Known, Problem, Registered, Represents, Specimen, Truth, Visit, reduce};
pub use represent::{Bar, NotRepresented, represented};
pub use time::{Flag, TOLERANCE, backwards, doubts};

#[cfg(test)]
mod convergence;
#[cfg(test)]
mod scenarios;
