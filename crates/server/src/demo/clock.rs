//! The demonstration's time: it starts on 8 September 2021 at 06:00 and goes on across restarts.

use greenfort_kernel::{Clock as _, ShiftedClock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// 8 September 2021, 06:00 in Bến Tre.
pub const START: Timestamp = Timestamp::constant(1_631_055_600, 0);

/// The clock of the demonstration in `data`: its shift against the machine's clock is kept in a file, so that a restart
/// does not turn time back.
///
/// # Errors
/// When the file cannot be read or written.
pub fn of(data: &Path) -> Result<ShiftedClock, String> {
    let path = data.join("demo-clock");
    let now = SystemClock.now();
    let started = match std::fs::read_to_string(&path) {
        Ok(text) => {
            text.trim().parse().map_err(|e| format!("{} is no time ({e}); remove it", path.display()))?
        }
        Err(_) => {
            std::fs::create_dir_all(data).map_err(|e| format!("making {}: {e}", data.display()))?;
            std::fs::write(&path, format!("{now}\n"))
                .map_err(|e| format!("writing {}: {e}", path.display()))?;
            now
        }
    };
    let since: SignedDuration = now.duration_since(started);
    Ok(ShiftedClock::starting_at(START.saturating_add(since).unwrap_or(START)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_starts_at_six_in_the_morning_of_8_september_2021() {
        assert_eq!(greenfort_kernel::TIME_ZONE.to_datetime(START).to_string(), "2021-09-08T06:00:00");
    }

    #[test]
    fn a_restart_does_not_turn_time_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = of(folder.path()).unwrap().now();
        let second = of(folder.path()).unwrap().now();
        assert!(second >= first);
        assert!(first.duration_since(START).as_secs() < 5);
    }
}
