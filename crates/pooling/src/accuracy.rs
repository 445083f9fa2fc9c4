use crate::error::{Error, Result, probability};

/// Sensitivity and specificity of one test, given the truth about what is in the tube.
///
/// `se` = P(reads positive | material of at least one infected), `sp` = P(reads negative | none).
/// A test with `se + sp <= 1` tells nothing and is refused.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Accuracy {
    se: f64,
    sp: f64,
}

impl Accuracy {
    /// The test that never errs.
    pub const PERFECT: Self = Self { se: 1.0, sp: 1.0 };

    /// From sensitivity and specificity.
    ///
    /// # Errors
    /// One outside [0, 1], or a test that tells nothing (Se + Sp ≤ 1).
    pub fn new(se: f64, sp: f64) -> Result<Self> {
        probability("Se", se)?;
        probability("Sp", sp)?;
        if se + sp <= 1.0 {
            return Err(Error::new(
                "Se",
                format!("Se + Sp must exceed 1, or the test is worth no more than a coin; got {se} + {sp}"),
            ));
        }
        Ok(Self { se, sp })
    }

    /// Sensitivity: the probability that a positive is read positive.
    #[must_use]
    pub fn se(self) -> f64 {
        self.se
    }

    /// Specificity: the probability that a negative is read negative.
    #[must_use]
    pub fn sp(self) -> f64 {
        self.sp
    }

    /// P(reads positive | truly negative).
    #[must_use]
    pub fn false_positive(self) -> f64 {
        1.0 - self.sp
    }

    /// P(reads positive) when the material is truly negative with probability `clear`:
    /// f(x) = Se + (1 − Se − Sp)·x.
    #[must_use]
    pub fn reads_positive(self, clear: f64) -> f64 {
        self.se + (1.0 - self.se - self.sp) * clear
    }

    /// The slope of [`Self::reads_positive`], 1 − Se − Sp (negative).
    #[must_use]
    pub fn slope(self) -> f64 {
        1.0 - self.se - self.sp
    }

    /// One accuracy for each of `stages` stages from one value for all, or one value a stage.
    pub fn stages(se: &[f64], sp: &[f64], stages: usize) -> Result<Vec<Self>> {
        let pick = |name: &'static str, values: &[f64], stage: usize| match values {
            [one] => Ok(*one),
            many if many.len() == stages => Ok(many[stage]),
            other => Err(Error::new(
                name,
                format!("needs one value, or {stages} (one for each stage), got {}", other.len()),
            )),
        };
        (0..stages).map(|stage| Self::new(pick("Se", se, stage)?, pick("Sp", sp, stage)?)).collect()
    }
}
