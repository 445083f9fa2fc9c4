//! Whether a run stands: a failed or missing control fails it whole.

use super::{Assay, ControlKind, ControlRule, Ct, Signal, Well};
use std::fmt;

/// What a control well showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResult<'a> {
    pub well: Well,
    pub kind: ControlKind,
    pub signals: Vec<Signal<'a>>,
}

/// Why a run is invalid, naming the well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunFault {
    /// Fewer wells of a control than the assay asks for.
    Missing { kind: ControlKind, wanted: u8, found: u8 },
    /// Something rose where nothing may.
    Rose { well: Well, kind: ControlKind, target: String, ct: Ct },
    /// Nothing rose, or too late, where it must.
    DidNotRise { well: Well, kind: ControlKind, target: String },
    /// A positive control rose outside its window.
    OutsideWindow { well: Well, target: String, ct: Ct, window: (Ct, Ct) },
}

/// The verdict over a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    /// Nothing of it is released.
    Invalid(Vec<RunFault>),
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTemplate => "no-template control",
            Self::ExtractionBlank => "extraction blank",
            Self::Positive => "positive control",
        })
    }
}

impl fmt::Display for RunFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { kind, wanted, found } => {
                write!(f, "the assay asks for {wanted} wells of {kind}, the run has {found}")
            }
            Self::Rose { well, kind, target, ct } => {
                write!(f, "well {well}: {target} rose at {ct} in the {kind}, where nothing may")
            }
            Self::DidNotRise { well, kind, target } => {
                write!(f, "well {well}: {target} did not rise in the {kind}")
            }
            Self::OutsideWindow { well, target, ct, window: (from, to) } => {
                write!(
                    f,
                    "well {well}: {target} of the positive control rose at {ct}, outside {from} to {to}"
                )
            }
        }
    }
}

/// Judges a run by its control wells. Rapid assays have no control wells: their control line is part of the reading.
pub fn judge_run(assay: &Assay, controls: &[ControlResult<'_>]) -> Verdict {
    let mut faults = Vec::new();
    for rule in &assay.controls {
        let wells = controls.iter().filter(|c| c.kind == rule.kind);
        let found = u8::try_from(wells.clone().count()).unwrap_or(u8::MAX);
        if found < rule.wells {
            faults.push(RunFault::Missing { kind: rule.kind, wanted: rule.wells, found });
        }
    }
    // A control the assay does not ask for still has to behave once somebody pipetted it.
    for control in controls {
        let rule = assay.controls.iter().find(|r| r.kind == control.kind);
        judge_control(assay, rule, control, &mut faults);
    }
    if faults.is_empty() { Verdict::Valid } else { Verdict::Invalid(faults) }
}

fn judge_control(
    assay: &Assay,
    rule: Option<&ControlRule>,
    control: &ControlResult<'_>,
    faults: &mut Vec<RunFault>,
) {
    let ControlResult { well, kind, .. } = *control;
    let of = |name: &str| control.signals.iter().find(|s| s.target == name).and_then(|s| s.ct);
    for target in &assay.targets {
        let name = || target.name.clone();
        match (kind, of(&target.name)) {
            (ControlKind::NoTemplate | ControlKind::ExtractionBlank, Some(ct)) => {
                // A curve later than everything the assay looks at is noise.
                let watched = assay.grey.map_or(target.cut_off, |g| g.to.max(target.cut_off));
                if ct <= watched {
                    faults.push(RunFault::Rose { well, kind, target: name(), ct });
                }
            }
            (ControlKind::Positive, Some(ct)) if ct <= target.cut_off => {
                if let Some(window) = rule.and_then(|r| r.window)
                    && !(window.0..=window.1).contains(&ct)
                {
                    faults.push(RunFault::OutsideWindow { well, target: name(), ct, window });
                }
            }
            (ControlKind::Positive, _) => faults.push(RunFault::DidNotRise { well, kind, target: name() }),
            (_, None) => {}
        }
    }
    if let Some(internal) = &assay.internal_control {
        match (kind, of(&internal.name)) {
            // Human material in water: somebody's sample got in.
            (ControlKind::NoTemplate, Some(ct)) if ct <= internal.cut_off => {
                faults.push(RunFault::Rose { well, kind, target: internal.name.clone(), ct });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assay::tests::{ct, pcr};
    use super::*;

    fn control<'a>(well: &str, kind: ControlKind, cells: [&'a str; 3]) -> ControlResult<'a> {
        let signals = ["E", "N", "IC"]
            .into_iter()
            .zip(cells)
            .map(|(target, cell)| Signal { target, ct: Ct::read(cell).unwrap() })
            .collect();
        ControlResult { well: well.parse().unwrap(), kind, signals }
    }

    fn water() -> ControlResult<'static> {
        control("H11", ControlKind::NoTemplate, ["", "", ""])
    }

    fn known() -> ControlResult<'static> {
        control("H12", ControlKind::Positive, ["26.1", "27.0", "28"])
    }

    fn faults(controls: &[ControlResult<'_>]) -> Vec<String> {
        match judge_run(&pcr(), controls) {
            Verdict::Valid => Vec::new(),
            Verdict::Invalid(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_run_with_both_controls_in_order_is_valid() {
        assert_eq!(judge_run(&pcr(), &[water(), known()]), Verdict::Valid);
    }

    #[test]
    fn a_run_without_a_control_is_invalid_and_says_which() {
        let got = faults(&[known()]);
        assert_eq!(got, ["the assay asks for 1 wells of no-template control, the run has 0"]);
    }

    #[test]
    fn water_that_rises_fails_the_run_and_names_the_well() {
        let dirty = control("H11", ControlKind::NoTemplate, ["39.5", "", ""]);
        assert_eq!(
            faults(&[dirty, known()]),
            ["well H11: E rose at 39.50 in the no-template control, where nothing may"]
        );
        let human = control("H11", ControlKind::NoTemplate, ["", "", "31"]);
        assert_eq!(faults(&[human, known()]).len(), 1);
    }

    #[test]
    fn a_positive_control_must_rise_in_every_target_and_inside_its_window() {
        let weak = control("H12", ControlKind::Positive, ["26.1", "33.5", "28"]);
        assert_eq!(
            faults(&[water(), weak]),
            ["well H12: N of the positive control rose at 33.50, outside 20.00 to 32.00"]
        );
        let dead = control("H12", ControlKind::Positive, ["26.1", "-", "28"]);
        assert_eq!(faults(&[water(), dead]), ["well H12: N did not rise in the positive control"]);
        assert_eq!(ct("32"), pcr().controls[1].window.unwrap().1);
    }

    #[test]
    fn one_bad_control_among_good_ones_fails_the_run() {
        let dirty = control("G11", ControlKind::NoTemplate, ["30", "", ""]);
        assert_eq!(faults(&[water(), dirty, known()]).len(), 1);
    }
}
