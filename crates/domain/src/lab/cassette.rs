//! What a rapid cassette reads, by its lines and by when it was looked at.

use greenfort_pooling::decode::Reading;
use jiff::Timestamp;

/// One look at a cassette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub drops_at: Timestamp,
    pub read_at: Timestamp,
    pub control_line: bool,
    pub test_line: bool,
}

/// The reading, and whether it was taken inside the window of `from_s` to `until_s` seconds after the drops.
///
/// Without the control line nothing was measured. A test line that is there early is there; no test line early says nothing.
/// After the window a line may have come by drying, so nothing counts any more.
pub fn read_cassette(look: &Look, from_s: i32, until_s: i32) -> (Reading, bool) {
    let after = look.read_at.duration_since(look.drops_at).as_secs();
    let (early, late) = (after < i64::from(from_s), after > i64::from(until_s));
    let reading = match (look.control_line, look.test_line) {
        (false, _) => Reading::Invalid,
        _ if late => Reading::Invalid,
        (true, true) => Reading::Detected,
        (true, false) if early => Reading::Invalid,
        (true, false) => Reading::NotDetected,
    };
    (reading, !early && !late)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(minute: i64, control_line: bool, test_line: bool) -> (Reading, bool) {
        let drops_at: Timestamp = "2021-09-08T01:00:00Z".parse().unwrap();
        let read_at = drops_at + jiff::SignedDuration::from_mins(minute);
        read_cassette(&Look { drops_at, read_at, control_line, test_line }, 900, 1800)
    }

    #[test]
    fn inside_the_window_the_lines_speak() {
        assert_eq!(read(15, true, false), (Reading::NotDetected, true));
        assert_eq!(read(30, true, true), (Reading::Detected, true));
        assert_eq!(read(20, false, true), (Reading::Invalid, true));
    }

    #[test]
    fn nothing_early_is_no_negative_and_late_nothing_counts() {
        assert_eq!(read(14, true, false), (Reading::Invalid, false));
        assert_eq!(read(5, true, true), (Reading::Detected, false));
        assert_eq!(read(31, true, false), (Reading::Invalid, false));
        assert_eq!(read(45, true, true), (Reading::Invalid, false));
    }
}
