//! What the planner is asked.

use greenfort_kernel::UnitId;
use greenfort_pooling::advice::{Ask, AskedCommune, Household, Known, allowed_designs};
use greenfort_pooling::decode::Material;
use greenfort_pooling::plan::{Laboratory, Limits};
use greenfort_pooling::prevalence::PoolCount;
use greenfort_pooling::{Accuracy, Error, Quality};
use serde::Deserialize;
use utoipa::ToSchema;

/// Communes, what last round showed there, and what the round may use. A misspelt field is refused: a limit that is
/// silently left out would be a plan for another laboratory.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundAsk {
    /// 1 to 400.
    pub communes: Vec<CommuneAsk>,
    /// How many people a tube may hold, 1 to 50; 1 is a test of one's own.
    #[schema(example = json!([1, 5, 10, 20]))]
    pub sizes: Vec<usize>,
    /// Split a positive pool evenly into pools of a smaller allowed size before single tests.
    #[serde(default)]
    pub subpools: bool,
    /// n × n people pooled by rows and by columns.
    #[serde(default)]
    pub arrays: bool,
    pub assay: AssayAsk,
    /// 1 to 40.
    pub laboratories: Vec<LaboratoryAsk>,
    #[serde(default)]
    pub limits: LimitsAsk,
    /// How much last round's pools still count, 0 to 1.
    #[serde(default = "weight")]
    #[schema(default = 0.2)]
    pub weight: f64,
    /// How many times the odds of infection have grown since.
    #[serde(default = "one")]
    #[schema(default = 1.0)]
    pub growth: f64,
    #[serde(default)]
    pub household: HouseholdAsk,
    /// The commune whose cost is wanted pool size by pool size.
    #[serde(default)]
    pub focus: Option<UnitId>,
}

fn weight() -> f64 {
    0.2
}

fn one() -> f64 {
    1.0
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommuneAsk {
    pub unit_id: UnitId,
    /// People to be swabbed.
    #[schema(minimum = 1, example = 1800)]
    pub specimens: u64,
    /// Last round's pools. Neither these nor `prevalence`: nothing is known.
    #[serde(default)]
    pub pools: Option<PoolsAsk>,
    /// Share of infected, taken as certain.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub prevalence: Option<f64>,
    #[serde(default)]
    pub pooling: PoolingAsk,
    /// Index among `laboratories`; left out: spread by capacity.
    #[serde(default)]
    pub laboratory: Option<usize>,
}

/// Pools of one size: how many were read, how many positive.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolsAsk {
    #[schema(minimum = 1, example = 10)]
    pub size: usize,
    #[schema(minimum = 1, example = 180)]
    pub tested: u64,
    #[schema(example = 2)]
    pub positive: u64,
}

/// Where swabs are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoolingAsk {
    /// In the laboratory; every person's own tube remains.
    #[default]
    Media,
    /// Several swabs in one tube at the site; a positive pool means recall and another swab.
    Swab,
}

/// How good the test is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AssayAsk {
    /// From viral loads: larger pools dilute, and the stages miss the same people.
    ViralLoad {
        /// Ct that is detected half the time.
        #[schema(example = 38.0)]
        threshold: f64,
        #[schema(example = 0.995)]
        specificity: f64,
    },
    /// Every pool alike, whatever its size.
    Fixed {
        #[schema(example = 0.9)]
        pool_sensitivity: f64,
        #[schema(example = 0.95)]
        single_sensitivity: f64,
        #[schema(example = 0.995)]
        specificity: f64,
    },
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LaboratoryAsk {
    #[schema(example = "CDC Bến Tre")]
    pub name: String,
    /// Tests that can be started in each hour of the day, from midnight: 24 numbers.
    pub per_hour: Vec<f64>,
    /// Hours from the start of a run to its release.
    #[schema(example = 5.0)]
    pub turnaround: f64,
}

/// What the round may use. What is left out has the value of the rule book's three-day round.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsAsk {
    #[schema(default = 72.0)]
    pub hours: f64,
    /// Hour of the day at which swabbing starts, 0 to 23.
    #[schema(default = 6)]
    pub start_hour: usize,
    #[schema(default = 36.0)]
    pub collection_hours: f64,
    #[schema(default = 3.0)]
    pub lead_hours: f64,
    #[schema(default = 12.0)]
    pub recall_hours: f64,
    /// Not limited if left out.
    pub staff_minutes: Option<f64>,
    #[schema(default = 1.5)]
    pub minutes_per_specimen: f64,
    #[schema(default = 0.5)]
    pub minutes_per_test: f64,
    #[schema(default = 5.0)]
    pub minutes_per_recall: f64,
    #[schema(default = 72.0)]
    pub validity_hours: f64,
    #[schema(default = 72.0)]
    pub interval_hours: f64,
    /// Tests worth running to find one more infection; left out: as many as the limits allow.
    pub worth: Option<f64>,
}

impl Default for LimitsAsk {
    fn default() -> Self {
        let l = Limits::default();
        Self {
            hours: l.hours,
            start_hour: l.start_hour,
            collection_hours: l.collection_hours,
            lead_hours: l.lead_hours,
            recall_hours: l.recall_hours,
            staff_minutes: l.staff_minutes,
            minutes_per_specimen: l.minutes_per_specimen,
            minutes_per_test: l.minutes_per_test,
            minutes_per_recall: l.minutes_per_recall,
            validity_hours: l.validity_hours,
            interval_hours: l.interval_hours,
            worth: l.worth,
        }
    }
}

/// How a household is represented, for the risk that an outbreak goes unseen.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HouseholdAsk {
    #[schema(default = 4)]
    pub members: usize,
    #[schema(default = 1)]
    pub representatives: usize,
    /// Secondary attack rate.
    #[schema(default = 0.297)]
    pub sar: f64,
    /// How many times likelier than another member the representative is to be the first infected.
    #[schema(default = 1.0)]
    pub exposure: f64,
    /// Infected households that make an outbreak.
    #[schema(default = 3)]
    pub outbreak: u32,
}

impl Default for HouseholdAsk {
    fn default() -> Self {
        Self { members: 4, representatives: 1, sar: 0.297, exposure: 1.0, outbreak: 3 }
    }
}

impl RoundAsk {
    /// The same in the words of the pooling crate; `names` in the order of the communes.
    pub(super) fn ask(&self, names: &[String]) -> Result<Ask, Error> {
        let h = self.household;
        Ok(Ask {
            communes: self.communes.iter().zip(names).map(|(c, name)| c.ask(name)).collect(),
            designs: allowed_designs(&self.sizes, self.subpools, self.arrays)?,
            quality: self.assay.quality()?,
            laboratories: self
                .laboratories
                .iter()
                .enumerate()
                .map(|(i, l)| l.ask().map_err(|e| e.of(format_args!("laboratories[{i}]"))))
                .collect::<Result<_, _>>()?,
            limits: self.limits.ask(),
            weight: self.weight,
            growth: self.growth,
            household: Household {
                members: h.members,
                representatives: h.representatives,
                sar: h.sar,
                exposure: h.exposure,
                outbreak: h.outbreak,
            },
            focus: self.focus.and_then(|f| self.communes.iter().position(|c| c.unit_id == f)),
        })
    }
}

impl CommuneAsk {
    fn ask(&self, name: &str) -> AskedCommune {
        AskedCommune {
            name: name.to_owned(),
            specimens: self.specimens,
            known: match (self.pools, self.prevalence) {
                (Some(p), _) => {
                    Known::Pools(PoolCount { size: p.size, tested: p.tested, positive: p.positive })
                }
                (None, Some(p)) => Known::Prevalence(p),
                (None, None) => Known::Nothing,
            },
            material: match self.pooling {
                PoolingAsk::Media => Material::Media,
                PoolingAsk::Swab => Material::Swab,
            },
            laboratory: self.laboratory,
        }
    }
}

impl AssayAsk {
    fn quality(self) -> Result<Quality, Error> {
        Ok(match self {
            Self::ViralLoad { threshold, specificity } => Quality::Load { threshold, sp: specificity },
            Self::Fixed { pool_sensitivity, single_sensitivity, specificity } => Quality::Tests {
                pool: Accuracy::new(pool_sensitivity, specificity).map_err(|e| e.of("pool"))?,
                single: Accuracy::new(single_sensitivity, specificity).map_err(|e| e.of("single"))?,
            },
        })
    }
}

impl LaboratoryAsk {
    fn ask(&self) -> Result<Laboratory, Error> {
        let per_hour = <[f64; 24]>::try_from(self.per_hour.as_slice()).map_err(|_| {
            Error::new(
                "per_hour",
                format!("needs 24 numbers, one for each hour, got {}", self.per_hour.len()),
            )
        })?;
        Ok(Laboratory { name: self.name.trim().to_owned(), per_hour, turnaround: self.turnaround })
    }
}

impl LimitsAsk {
    fn ask(&self) -> Limits {
        Limits {
            hours: self.hours,
            start_hour: self.start_hour,
            collection_hours: self.collection_hours,
            lead_hours: self.lead_hours,
            recall_hours: self.recall_hours,
            staff_minutes: self.staff_minutes,
            minutes_per_specimen: self.minutes_per_specimen,
            minutes_per_test: self.minutes_per_test,
            minutes_per_recall: self.minutes_per_recall,
            validity_hours: self.validity_hours,
            interval_hours: self.interval_hours,
            worth: self.worth,
            ..Limits::default()
        }
    }
}
