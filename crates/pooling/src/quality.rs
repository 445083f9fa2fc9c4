//! How good the tests are, in the words a laboratory has for it.

use crate::accuracy::Accuracy;
use crate::decode::Material;
use crate::design::Design;
use crate::dilution::{CtMixture, Dilution};
use crate::error::Result;
use crate::plan::DesignChoice;

/// Fixed numbers, or from viral loads.
#[derive(Debug, Clone, PartialEq)]
pub enum Quality {
    /// Every pool reads like `pool`, every single specimen like `single`, however many stages there are.
    Tests {
        /// A pool of any size.
        pool: Accuracy,
        /// One specimen alone.
        single: Accuracy,
    },
    /// One value, or one for each stage.
    Fixed {
        /// Sensitivity by stage.
        se: Vec<f64>,
        /// Specificity by stage.
        sp: Vec<f64>,
    },
    /// Ct detected half the time; pools dilute, the stages see the same people.
    Load {
        /// The Ct, in cycles.
        threshold: f64,
        /// Specificity of every test.
        sp: f64,
    },
}

impl Quality {
    /// The accuracies of a design, stage by stage.
    ///
    /// # Errors
    /// Names `Se`, `Sp` or `threshold`.
    pub fn of(&self, design: &Design, material: Material) -> Result<Vec<Accuracy>> {
        match self {
            Self::Tests { pool, single } => {
                let mut stages = vec![*pool; design.accuracies()];
                stages.last_mut().into_iter().for_each(|last| *last = *single);
                Ok(stages)
            }
            Self::Fixed { se, sp } => Accuracy::stages(se, sp, design.accuracies()),
            Self::Load { threshold, sp } => {
                let sizes: Vec<usize> = match design {
                    Design::Hierarchy(h) => h
                        .stages()
                        .iter()
                        .map(|sizes| sizes.iter().copied().max().unwrap_or(1))
                        .chain([1])
                        .collect(),
                    Design::Array(a) => {
                        let line = a.rows().max(a.columns());
                        if a.master() { vec![a.members(), line, 1] } else { vec![line, 1] }
                    }
                };
                let loads = CtMixture::community();
                let dilution = match material {
                    Material::Media => Dilution::media(*threshold)?,
                    Material::Swab => Dilution::swab(*threshold)?,
                };
                if sizes.first() == Some(&1) {
                    // Everyone alone: the last accuracy is the only one used.
                    let alone = Accuracy::new(dilution.sensitivity(&loads, 1)?, *sp)?;
                    return Ok(vec![alone; sizes.len()]);
                }
                dilution.stage_accuracies(&loads, &sizes, *sp)
            }
        }
    }

    /// The accuracy with which a plain pool of `size` is read.
    ///
    /// # Errors
    /// Names `size`, `Se`, `Sp` or `threshold`.
    pub fn pool(&self, size: usize, material: Material) -> Result<Accuracy> {
        let stages = self.of(&Design::dorfman(size)?, material)?;
        // A pool of one is the single test, whose accuracy stands last.
        let read = if size == 1 { stages.last() } else { stages.first() };
        Ok(read.copied().unwrap_or(Accuracy::PERFECT))
    }

    /// A design with its accuracies for both kinds of pooling.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn choice(&self, design: Design) -> Result<DesignChoice> {
        Ok(DesignChoice {
            media: self.of(&design, Material::Media)?,
            swab: self.of(&design, Material::Swab)?,
            design,
        })
    }
}
