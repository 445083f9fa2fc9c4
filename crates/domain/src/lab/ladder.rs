//! What to do when the internal control of a sample well fails.

/// The next rung. Each is tried once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InternalControlStep {
    /// Extract the same material again and repeat the reaction.
    Reextract,
    /// A pool: test its tubes alone, one of them may hold what stops the reaction.
    TestSingly,
    /// Nothing left to try on this material.
    Reswab,
}

/// `failures`: how often reactions on exactly this pool or tube failed by internal control, this one included (from 1).
/// `tubes`: how many tubes are in it; `material_left`: false once a tube is used up.
pub fn after_internal_control_failure(
    failures: u8,
    tubes: usize,
    material_left: bool,
) -> InternalControlStep {
    match (failures, tubes, material_left) {
        (_, _, false) => InternalControlStep::Reswab,
        (0 | 1, ..) => InternalControlStep::Reextract,
        (_, 0 | 1, _) => InternalControlStep::Reswab,
        _ => InternalControlStep::TestSingly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InternalControlStep::{Reextract, Reswab, TestSingly};

    #[test]
    fn a_pool_is_extracted_again_then_tested_singly() {
        assert_eq!(after_internal_control_failure(1, 10, true), Reextract);
        assert_eq!(after_internal_control_failure(2, 10, true), TestSingly);
    }

    #[test]
    fn a_single_tube_is_extracted_again_then_its_donor_is_swabbed_again() {
        assert_eq!(after_internal_control_failure(1, 1, true), Reextract);
        assert_eq!(after_internal_control_failure(2, 1, true), Reswab);
        assert_eq!(after_internal_control_failure(1, 1, false), Reswab);
    }
}
