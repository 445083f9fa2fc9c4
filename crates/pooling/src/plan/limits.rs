//! What a round may use.

use crate::error::{Error, Result, count, within};

/// A laboratory's tests in each hour of the day, and how long a run takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Laboratory {
    /// Its name, for people.
    pub name: String,
    /// Tests that can be started in hour 0..24 of the day.
    pub per_hour: [f64; 24],
    /// Hours from start of a run to its release.
    pub turnaround: f64,
}

/// What the round may use, and what work costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Hours from the first swab until all results are out.
    pub hours: f64,
    /// Hour of the day at which swabbing starts.
    pub start_hour: usize,
    /// Hours over which a commune's swabs come in, evenly.
    pub collection_hours: f64,
    /// Hours from swab to laboratory.
    pub lead_hours: f64,
    /// Hours to recall and re-swab the people of a positive swab pool.
    pub recall_hours: f64,
    /// Staff minutes of the round; none = not limited.
    pub staff_minutes: Option<f64>,
    /// Minutes of work on each specimen.
    pub minutes_per_specimen: f64,
    /// Minutes of work on each test.
    pub minutes_per_test: f64,
    /// Minutes of work on each person who is called again.
    pub minutes_per_recall: f64,
    /// One-sided safety: 1.645 keeps to the limits in 95 of 100 rounds.
    pub z: f64,
    /// Hours a pass is valid from the swab.
    pub validity_hours: f64,
    /// Hours from one round's swab to the next of the same person.
    pub interval_hours: f64,
    /// Tests worth running to find one more infection: 0 = the cheapest design everywhere; none = as many as the limits allow.
    pub worth: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hours: 72.0,
            start_hour: 6,
            collection_hours: 36.0,
            lead_hours: 3.0,
            recall_hours: 12.0,
            staff_minutes: None,
            minutes_per_specimen: 1.5,
            minutes_per_test: 0.5,
            minutes_per_recall: 5.0,
            z: 1.645,
            validity_hours: 72.0,
            interval_hours: 72.0,
            worth: None,
        }
    }
}

impl Limits {
    pub(super) fn check(&self) -> Result<()> {
        within("hours", self.hours, 1.0, 2000.0)?;
        count("start_hour", self.start_hour, 0, 23)?;
        within("collection_hours", self.collection_hours, 1.0, 2000.0)?;
        within("lead_hours", self.lead_hours, 0.0, 2000.0)?;
        within("recall_hours", self.recall_hours, 0.0, 2000.0)?;
        if let Some(minutes) = self.staff_minutes {
            within("staff_minutes", minutes, 0.0, 1e12)?;
        }
        within("minutes_per_specimen", self.minutes_per_specimen, 0.0, 1e4)?;
        within("minutes_per_test", self.minutes_per_test, 0.0, 1e4)?;
        within("minutes_per_recall", self.minutes_per_recall, 0.0, 1e4)?;
        within("z", self.z, 0.0, 10.0)?;
        within("validity_hours", self.validity_hours, 1.0, 10_000.0)?;
        within("interval_hours", self.interval_hours, 1.0, 10_000.0)?;
        if let Some(worth) = self.worth {
            within("worth", worth, 0.0, 1e12)?;
        }
        Ok(())
    }
}

impl Laboratory {
    pub(super) fn check(&self) -> Result<()> {
        within("turnaround", self.turnaround, 0.1, 500.0)?;
        for tests in self.per_hour {
            within("per_hour", tests, 0.0, 1e7)?;
        }
        if self.per_hour.iter().sum::<f64>() <= 0.0 {
            return Err(Error::new("per_hour", format!("laboratory {:?} never tests", self.name)));
        }
        Ok(())
    }
}

/// Tests a laboratory can start from the first arrival until a last run still ends in time.
pub(super) fn round_capacity(laboratory: &Laboratory, limits: &Limits) -> f64 {
    let (from, to) = (limits.lead_hours, limits.hours - laboratory.turnaround);
    let mut sum = 0.0;
    for hour in 0..limits.hours.ceil() as usize {
        let inside = (to.min(hour as f64 + 1.0) - from.max(hour as f64)).clamp(0.0, 1.0);
        sum += inside * laboratory.per_hour[(hour + limits.start_hour) % 24];
    }
    sum
}
