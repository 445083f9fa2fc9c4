//! A round over HTTP: planned in the office, worked from a phone, sent in with the key of the device.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must stop loudly")]

mod laboratory;
mod phone;
mod planning;
mod pools;
mod round;
mod stage;
