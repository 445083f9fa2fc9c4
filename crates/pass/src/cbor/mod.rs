//! CBOR (RFC 8949), as much of it as tokens need, with every bound checked before memory is taken.
//!
//! Two readers, because the two formats ask for opposite things. [`Reader`] pulls items from a slice
//! without allocating and accepts only the deterministic encoding of §4.2.1: it reads what Greenfort
//! issues. [`Value`] is a tree that accepts anything well-formed: it reads the certificates of the world.

mod read;
mod value;
mod write;

pub use read::{MAX_INT, Reader};
pub use value::{Limits, Value};
pub use write::Writer;

pub(crate) const UINT: u8 = 0;
pub(crate) const NINT: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;
pub(crate) const TAG: u8 = 6;
pub(crate) const SIMPLE: u8 = 7;
