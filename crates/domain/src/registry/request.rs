//! Requests of people about their own data.

use jiff::{SignedDuration, Timestamp};

/// Hours in which a request is to be answered. Decree 13/2023/NĐ-CP gave 72 hours (articles 14 to 16). It was replaced from
/// 1/1/2026 by Decree 356/2025/NĐ-CP, whose periods were not at hand: **uncertain**; whoever enters a request can set
/// another deadline.
pub const ANSWER_HOURS: i64 = 72;

/// The deadline of a request received at an instant.
pub fn due(received: Timestamp) -> Timestamp {
    received.saturating_add(SignedDuration::from_hours(ANSWER_HOURS)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_due_after_three_days_also_over_a_weekend() {
        let friday: Timestamp = "2021-09-10T10:00:00Z".parse().unwrap();
        assert_eq!(due(friday).to_string(), "2021-09-13T10:00:00Z");
        assert_eq!(due(Timestamp::MAX), Timestamp::MAX);
    }
}
