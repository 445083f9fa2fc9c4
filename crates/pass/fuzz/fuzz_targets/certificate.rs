#![no_main]
#![expect(dead_code, reason = "the doors are shared, and this target opens one")]

#[path = "../../tests/hostile/doors.rs"]
mod doors;

libfuzzer_sys::fuzz_target!(|data: &[u8]| doors::certificate(data));
