//! A test method as versioned data, and what one reaction reads by it.

use super::Ct;
use greenfort_kernel::Method;
use greenfort_pooling::decode::Reading;
use serde::{Deserialize, Serialize};

/// A kit on an instrument. A change is a new version; readings name the version they were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assay {
    pub name: String,
    pub version: u16,
    pub method: Method,
    /// Which of two methods sees more: a negative answers an opened pool only at the same rank or above.
    pub sensitivity: u8,
    pub targets: Vec<Target>,
    /// How many targets must be below their cut-off for *detected*.
    pub minimum_targets: u8,
    pub internal_control: Option<InternalControl>,
    pub grey: Option<Grey>,
    /// What a run must carry to be valid.
    pub controls: Vec<ControlRule>,
    /// The largest pool the kit is validated for.
    pub largest_pool: u16,
    /// Rapid cassettes: read from this many minutes after the buffer …
    pub read_from_minute: Option<u16>,
    /// … until this many.
    pub read_until_minute: Option<u16>,
}

/// A gene and the cycle up to which it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: String,
    pub cut_off: Ct,
}

/// Human gene or added template that shows that material was there and the reaction worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalControl {
    pub name: String,
    pub cut_off: Ct,
}

/// Late curves that are neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grey {
    /// A target later than this …
    pub from: Ct,
    /// … up to this is grey.
    pub to: Ct,
    pub rule: GreyRule,
}

/// What grey targets make of a reaction that is not detected without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GreyRule {
    /// One grey target is enough for *inconclusive*.
    Inconclusive,
    /// Grey targets count as detected once there are enough of them together with the clear ones.
    CountsWithOthers,
}

/// A control every run must carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRule {
    pub kind: ControlKind,
    /// At least so many wells of it.
    pub wells: u8,
    /// A positive control must rise inside this window; none: anywhere below the cut-offs.
    #[serde(default)]
    pub window: Option<(Ct, Ct)>,
}

/// What is in a control well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// Water instead of template: nothing may rise.
    NoTemplate,
    /// Clean medium taken through extraction: only the internal control may rise.
    ExtractionBlank,
    /// Known template: all targets must rise.
    Positive,
}

/// One target's curve in one reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal<'a> {
    pub target: &'a str,
    pub ct: Option<Ct>,
}

/// Where a curve stands against its cut-off and the grey zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Height {
    Nothing,
    Grey,
    Clear,
}

impl Assay {
    /// What one reaction reads. A target of the assay without a signal has no result, so the reaction is invalid:
    /// a missing line is never a negative. Signals of targets the assay does not name are ignored.
    ///
    /// Enough clear targets are *detected* even where the internal control failed (a strong target starves it);
    /// anything less needs the internal control.
    pub fn read(&self, signals: &[Signal<'_>]) -> Reading {
        let of = |name: &str| signals.iter().find(|s| s.target == name).map(|s| s.ct);
        let (mut clear, mut grey) = (0_usize, 0_usize);
        for target in &self.targets {
            match of(&target.name).map(|ct| self.height(target, ct)) {
                None => return Reading::Invalid,
                Some(Height::Clear) => clear += 1,
                Some(Height::Grey) => grey += 1,
                Some(Height::Nothing) => {}
            }
        }
        let enough = usize::from(self.minimum_targets).max(1);
        if clear >= enough {
            return Reading::Detected;
        }
        if !self.internal_control_rose(signals) {
            return Reading::Invalid;
        }
        let with_grey = self.grey.is_some_and(|g| g.rule == GreyRule::CountsWithOthers);
        match (clear, grey) {
            (c, g) if with_grey && c + g >= enough => Reading::Detected,
            (0, 0) => Reading::NotDetected,
            // Too few clear targets, or grey ones: neither yes nor no.
            _ => Reading::Inconclusive,
        }
    }

    /// True also where the assay has no internal control.
    pub fn internal_control_rose(&self, signals: &[Signal<'_>]) -> bool {
        self.internal_control.as_ref().is_none_or(|control| {
            signals.iter().any(|s| s.target == control.name && s.ct.is_some_and(|ct| ct <= control.cut_off))
        })
    }

    fn height(&self, target: &Target, ct: Option<Ct>) -> Height {
        match (ct, self.grey) {
            (Some(ct), Some(grey)) if ct > grey.from && ct <= grey.to => Height::Grey,
            (Some(ct), _) if ct <= target.cut_off => Height::Clear,
            _ => Height::Nothing,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn ct(text: &str) -> Ct {
        Ct::read(text).unwrap().unwrap()
    }

    pub(crate) fn pcr() -> Assay {
        Assay {
            name: "two genes".into(),
            version: 1,
            method: Method::Pcr,
            sensitivity: 2,
            targets: ["E", "N"].map(|name| Target { name: name.into(), cut_off: ct("38") }).into(),
            minimum_targets: 2,
            internal_control: Some(InternalControl { name: "IC".into(), cut_off: ct("35") }),
            grey: Some(Grey { from: ct("36"), to: ct("40"), rule: GreyRule::Inconclusive }),
            controls: vec![
                ControlRule { kind: ControlKind::NoTemplate, wells: 1, window: None },
                ControlRule { kind: ControlKind::Positive, wells: 1, window: Some((ct("20"), ct("32"))) },
            ],
            largest_pool: 10,
            read_from_minute: None,
            read_until_minute: None,
        }
    }

    fn read(e: &str, n: &str, ic: &str) -> Reading {
        let signals = [("E", e), ("N", n), ("IC", ic)]
            .map(|(target, cell)| Signal { target, ct: Ct::read(cell).unwrap() });
        pcr().read(&signals)
    }

    #[test]
    fn two_clear_targets_are_detected_and_one_is_inconclusive() {
        assert_eq!(read("24.1", "25,3", "28"), Reading::Detected);
        assert_eq!(read("24.1", "Undetermined", "28"), Reading::Inconclusive);
        assert_eq!(read("-", "N/A", "28"), Reading::NotDetected);
    }

    #[test]
    fn a_late_curve_is_grey_and_never_negative() {
        assert_eq!(read("37.5", "", "28"), Reading::Inconclusive);
        assert_eq!(read("40", "", "28"), Reading::Inconclusive);
        assert_eq!(read("40.01", "", "28"), Reading::NotDetected);
        assert_eq!(read("36", "36", "28"), Reading::Detected);
    }

    #[test]
    fn grey_targets_count_where_the_rule_says_so() {
        let mut assay = pcr();
        assay.grey = Some(Grey { rule: GreyRule::CountsWithOthers, ..assay.grey.unwrap() });
        let signals = [("E", "30"), ("N", "37.5"), ("IC", "28")]
            .map(|(target, cell)| Signal { target, ct: Ct::read(cell).unwrap() });
        assert_eq!(assay.read(&signals), Reading::Detected);
    }

    #[test]
    fn a_failed_internal_control_is_invalid_unless_the_targets_are_strong() {
        assert_eq!(read("", "", "Undetermined"), Reading::Invalid);
        assert_eq!(read("", "", "35.01"), Reading::Invalid);
        assert_eq!(read("37", "", ""), Reading::Invalid);
        assert_eq!(read("18", "19", ""), Reading::Detected);
    }

    #[test]
    fn a_target_without_a_line_is_no_negative() {
        let signals =
            [("E", ""), ("IC", "28")].map(|(target, cell)| Signal { target, ct: Ct::read(cell).unwrap() });
        assert_eq!(pcr().read(&signals), Reading::Invalid);
    }

    proptest! {
        #[test]
        fn nothing_reads_negative_with_any_target_inside_the_cut_off_or_grey(
            e in prop::option::of(1_000_u32..=60_000), n in prop::option::of(1_000_u32..=60_000),
            ic in prop::option::of(1_000_u32..=60_000),
        ) {
            let assay = pcr();
            let ct = |t: Option<u32>| t.and_then(Ct::from_thousandths);
            let signals = [
                Signal { target: "E", ct: ct(e) }, Signal { target: "N", ct: ct(n) }, Signal { target: "IC", ct: ct(ic) },
            ];
            if assay.read(&signals) == Reading::NotDetected {
                prop_assert!(e.is_none_or(|t| t > 40_000) && n.is_none_or(|t| t > 40_000));
                prop_assert!(ic.is_some_and(|t| t <= 35_000));
            }
        }
    }
}
