//! What is remarkable about a plate, so that nobody has to find it among 384 wells.

use super::{Assay, Ct, Plate, Signal, Well};
use greenfort_pooling::decode::Reading;
use serde::Serialize;

/// One sample well with what it showed.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleWell<'a> {
    pub well: Well,
    pub reading: Reading,
    pub signals: Vec<Signal<'a>>,
}

/// A rule releases no plate that has one; a person sees them first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "anomaly")]
pub enum Anomaly {
    /// There is no result file behind some wells.
    Typed { wells: usize },
    /// More than a quarter of at least eight wells detected.
    ManyDetected { detected: usize, of: usize },
    /// A late curve beside a strong one: it may have run over.
    BesideStrong { well: String, strong: String },
    /// At least four wells at the rim did not read, and none inside.
    Edge { wells: usize },
    /// More than a tenth of at least eight wells, and at least three, read invalid.
    ManyInvalid { invalid: usize, of: usize },
    /// The internal control rose at least four cycles later than in the middle well of the plate.
    LateInternalControl { well: String, ct: String, middle: String },
}

const STRONG: u32 = 22_000;
const LATE: u32 = 33_000;
const IC_LATER: u32 = 4_000;

/// Finds them, in the order of the list above.
pub fn anomalies(assay: &Assay, plate: Plate, wells: &[SampleWell<'_>], typed: usize) -> Vec<Anomaly> {
    let mut found = Vec::new();
    if typed > 0 {
        found.push(Anomaly::Typed { wells: typed });
    }
    let count = |reading| wells.iter().filter(|w| w.reading == reading).count();
    let (of, detected, invalid) = (wells.len(), count(Reading::Detected), count(Reading::Invalid));
    if of >= 8 && detected * 4 > of {
        found.push(Anomaly::ManyDetected { detected, of });
    }
    found.extend(beside_strong(assay, wells));
    let failed = |edge: bool| {
        wells.iter().filter(|w| w.reading == Reading::Invalid && plate.is_edge(w.well) == edge).count()
    };
    if failed(true) >= 4 && failed(false) == 0 {
        found.push(Anomaly::Edge { wells: failed(true) });
    }
    if of >= 8 && invalid >= 3 && invalid * 10 > of {
        found.push(Anomaly::ManyInvalid { invalid, of });
    }
    found.extend(late_internal_controls(assay, wells));
    found
}

/// The earliest cycle at which a target of the assay rose.
fn earliest(assay: &Assay, well: &SampleWell<'_>) -> Option<Ct> {
    let is_target = |name: &str| assay.targets.iter().any(|t| t.name == name);
    well.signals.iter().filter(|s| is_target(s.target)).filter_map(|s| s.ct).min()
}

fn beside_strong(assay: &Assay, wells: &[SampleWell<'_>]) -> Vec<Anomaly> {
    let rose: Vec<(Well, u32)> =
        wells.iter().filter_map(|w| earliest(assay, w).map(|ct| (w.well, ct.thousandths()))).collect();
    let late = rose.iter().filter(|(_, ct)| *ct >= LATE);
    late.filter_map(|(well, _)| {
        let strong = rose.iter().find(|(other, ct)| *ct <= STRONG && well.is_beside(*other))?;
        Some(Anomaly::BesideStrong { well: well.to_string(), strong: strong.0.to_string() })
    })
    .collect()
}

fn late_internal_controls(assay: &Assay, wells: &[SampleWell<'_>]) -> Vec<Anomaly> {
    let Some(control) = &assay.internal_control else { return Vec::new() };
    let rose: Vec<(Well, Ct)> = wells
        .iter()
        .filter_map(|w| {
            let ct = w.signals.iter().find(|s| s.target == control.name).and_then(|s| s.ct)?;
            Some((w.well, ct))
        })
        .collect();
    let mut sorted: Vec<Ct> = rose.iter().map(|(_, ct)| *ct).collect();
    sorted.sort_unstable();
    let Some(middle) = sorted.get(sorted.len() / 2).copied() else { return Vec::new() };
    rose.into_iter()
        .filter(|(_, ct)| ct.thousandths() >= middle.thousandths() + IC_LATER)
        .map(|(well, ct)| Anomaly::LateInternalControl {
            well: well.to_string(),
            ct: ct.to_string(),
            middle: middle.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::assay::tests::pcr;
    use super::*;

    fn well<'a>(at: &str, e: &str, n: &str, ic: &str) -> SampleWell<'a> {
        let signals: Vec<Signal<'a>> = [("E", e), ("N", n), ("IC", ic)]
            .map(|(target, cell)| Signal { target, ct: Ct::read(cell).unwrap() })
            .into();
        SampleWell { well: at.parse().unwrap(), reading: pcr().read(&signals), signals }
    }

    fn found(wells: &[SampleWell<'_>]) -> Vec<Anomaly> {
        anomalies(&pcr(), Plate::Wells96, wells, 0)
    }

    fn column(n: u8) -> Vec<SampleWell<'static>> {
        ["A", "B", "C", "D", "E", "F", "G", "H"].map(|row| well(&format!("{row}{n}"), "-", "-", "27")).into()
    }

    #[test]
    fn a_quiet_plate_has_none_and_a_typed_one_says_so() {
        assert_eq!(found(&column(3)), []);
        assert_eq!(anomalies(&pcr(), Plate::Wells96, &column(3), 8), [Anomaly::Typed { wells: 8 }]);
    }

    #[test]
    fn a_late_curve_beside_a_strong_one_is_named_with_both_wells() {
        let mut wells = column(3);
        wells[2] = well("C3", "18", "18.5", "27");
        wells[3] = well("D3", "35", "35.5", "27");
        wells[6] = well("G3", "35", "35.5", "27");
        let beside = Anomaly::BesideStrong { well: "D3".into(), strong: "C3".into() };
        assert_eq!(found(&wells)[1..], [beside]);
        assert_eq!(found(&wells)[0], Anomaly::ManyDetected { detected: 3, of: 8 });
    }

    #[test]
    fn a_rim_that_did_not_read_and_a_late_internal_control_are_named() {
        let mut wells: Vec<_> = (1..=4).flat_map(column).collect();
        for well_at in &mut wells[..4] {
            *well_at = well(&well_at.well.to_string(), "-", "-", "-");
        }
        assert_eq!(found(&wells), [Anomaly::Edge { wells: 4 }, Anomaly::ManyInvalid { invalid: 4, of: 32 }]);
        let mut wells = column(5);
        wells[4] = well("E5", "-", "-", "31.5");
        let late =
            Anomaly::LateInternalControl { well: "E5".into(), ct: "31.50".into(), middle: "27.00".into() };
        assert_eq!(found(&wells), [late]);
    }
}
