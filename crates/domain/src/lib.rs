//! The rules. Pure: no I/O, no clock, no SQL.

pub mod access;
pub mod campaign;
pub mod conclusions;
pub mod lab;
pub mod registry;
pub mod sampling;
