//! Personal data at rest: sealed columns, keyed hashes for search, and the ring that holds the keys.
//!
//! A dump of the database alone shows no name, number or phone: the ring lies outside it.

mod reseal;
mod ring;
mod search;

pub use reseal::{RowType, SEALED, SealedColumn, count_old, reseal_batch};
pub(crate) use ring::write_private;
pub use ring::{KeyRing, RingFile};
pub use search::{id_tail, name_query_keys, name_row_keys};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum CryptError {
    #[error("the key file {path} cannot be read: {reason}; restore it from the backup of the data folder")]
    RingUnreadable { path: String, reason: String },
    #[error("the key file {path} cannot be written: {reason}")]
    RingUnwritable { path: String, reason: String },
    #[error("sealed with key {0}, which is not in the ring; restore the ring that belongs to this database")]
    UnknownKey(u32),
    #[error("a sealed value of {0} does not open: it was changed, moved from another row, or cut")]
    Broken(&'static str),
    #[error("a sealed value of {0} does not decode")]
    Undecodable(&'static str),
}
