//! What the planner answers.

use greenfort_kernel::UnitId;
use greenfort_pooling::Design as PlanDesign;
use greenfort_pooling::advice::{self, Ask, Outlook};
use greenfort_pooling::plan::{Binding as PlanBinding, Chosen};
use greenfort_pooling::robust::{Crossing as PlanCrossing, SizeLine};
use serde::Serialize;
use utoipa::ToSchema;

/// Which limit a plan runs into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// None: every commune has the design that misses least.
    Nothing,
    Tests,
    Staff,
    /// A further infection found would cost more tests than it is said to be worth.
    Worth,
    /// The cheapest designs already exceed the tests or the staff.
    Infeasible,
}

impl From<PlanBinding> for Binding {
    fn from(binding: PlanBinding) -> Self {
        match binding {
            PlanBinding::Nothing => Self::Nothing,
            PlanBinding::Tests => Self::Tests,
            PlanBinding::Staff => Self::Staff,
            PlanBinding::Worth => Self::Worth,
            PlanBinding::Infeasible => Self::Infeasible,
        }
    }
}

/// How specimens are pooled and split again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Design {
    /// `10`; `20|5+5+5+5`, a pool and its subpools; `10x10`, pooled by row and by column.
    #[schema(example = "20|5+5+5+5")]
    pub config: String,
    /// People in the largest tube; 1: everybody alone.
    pub size: usize,
    /// People in a subpool, where there are any.
    pub subpool: Option<usize>,
    pub array: bool,
}

impl From<&PlanDesign> for Design {
    fn from(design: &PlanDesign) -> Self {
        let subpool = match design {
            PlanDesign::Hierarchy(h) => h.stages().get(1).and_then(|s| s.iter().copied().max()),
            PlanDesign::Array(_) => None,
        };
        Self {
            config: design.to_string(),
            size: design.largest_pool(),
            subpool,
            array: matches!(design, PlanDesign::Array(_)),
        }
    }
}

/// A step to a design that misses less.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    pub design: Design,
    pub more_tests: f64,
    pub fewer_missed: f64,
}

/// If five times as many were infected as expected.
#[derive(Debug, Serialize, ToSchema)]
pub struct IfWorse {
    pub prevalence: f64,
    /// With the recommended design.
    pub tests_per_person: f64,
    /// The plain pool that is cheapest then, and what it costs.
    pub cheapest_size: Option<usize>,
    pub cheapest_tests_per_person: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CommuneAdvice {
    pub unit_id: UnitId,
    pub name: String,
    /// Index among the laboratories asked about.
    pub laboratory: usize,
    pub design: Design,
    pub specimens: u64,
    /// Expected tests and their standard deviation.
    pub tests: f64,
    pub tests_sd: f64,
    /// Infected people expected to read negative.
    pub missed: f64,
    pub staff_minutes: f64,
    /// Expected prevalence, and the interval that holds 95 % of the belief.
    pub prevalence: f64,
    pub prevalence_low: f64,
    pub prevalence_high: f64,
    /// Hours from swab to result for half of the people, and for nine of ten.
    pub p50_hours: f64,
    pub p90_hours: f64,
    /// Hours of a pass that nine of ten have at least, hours without one between two rounds, share of time covered.
    pub pass_hours: f64,
    pub gap_hours: f64,
    pub covered: f64,
    /// P(the round shows nothing though there is an outbreak).
    pub unseen: f64,
    /// Infected households from which on an outbreak is seen in 95 of 100 rounds; none: never.
    pub seen_from: Option<u32>,
    /// The next better design; none: it has the one that misses least.
    pub next: Option<Step>,
    /// What kept it from the next better design.
    pub stopped_by: Option<Binding>,
    /// No design ends within the hours; this is the fastest.
    pub too_late: bool,
    pub if_worse: IfWorse,
}

/// One hour of a laboratory.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hour {
    pub arrived: f64,
    pub started: f64,
    /// Still waiting at its end.
    pub waiting: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LaboratoryAdvice {
    pub name: String,
    /// Tests it can start in the round.
    pub capacity: f64,
    /// Tests this plan sends it.
    pub tests: f64,
    /// From the first swab on.
    pub hours: Vec<Hour>,
}

/// From this prevalence on the smaller of two neighbouring sizes costs fewer tests.
#[derive(Debug, Serialize, ToSchema)]
pub struct Crossing {
    pub smaller: usize,
    pub larger: usize,
    pub prevalence: f64,
}

/// Tests per person with pools of one size in the commune asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct SizeCost {
    pub size: usize,
    pub expected: f64,
    /// At the ends of the interval of its prevalence.
    pub at_low: f64,
    pub at_high: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Advice {
    pub binding: Binding,
    pub tests: f64,
    /// Tests that suffice in 95 of 100 rounds.
    pub tests_with_safety: f64,
    pub capacity: f64,
    pub missed: f64,
    pub staff_minutes: f64,
    /// Hour of the last result; none: the queue does not empty within 60 days.
    pub finish_hours: Option<f64>,
    pub in_time: bool,
    /// In the order asked.
    pub communes: Vec<CommuneAdvice>,
    pub laboratories: Vec<LaboratoryAdvice>,
    pub crossings: Vec<Crossing>,
    /// Of the commune in `focus`; empty without.
    pub sizes: Vec<SizeCost>,
}

impl Advice {
    pub(super) fn of(advice: advice::Advice, ask: &Ask, units: &[UnitId]) -> Self {
        let plan = advice.plan;
        let mut laboratories: Vec<LaboratoryAdvice> = ask
            .laboratories
            .iter()
            .zip(plan.capacity.iter().zip(plan.hours))
            .map(|(laboratory, (capacity, hours))| LaboratoryAdvice {
                name: laboratory.name.clone(),
                capacity: *capacity,
                tests: 0.0,
                hours: hours
                    .into_iter()
                    .map(|h| Hour { arrived: h.arrived, started: h.started, waiting: h.waiting })
                    .collect(),
            })
            .collect();
        for commune in &plan.communes {
            if let Some(laboratory) = laboratories.get_mut(commune.laboratory) {
                laboratory.tests += commune.tests;
            }
        }
        Self {
            binding: plan.binding.into(),
            tests: plan.tests,
            tests_with_safety: plan.tests_with_safety,
            capacity: plan.capacity.iter().sum(),
            missed: plan.missed,
            staff_minutes: plan.staff_minutes,
            finish_hours: plan.finish.is_finite().then_some(plan.finish),
            in_time: plan.in_time,
            communes: plan
                .communes
                .into_iter()
                .zip(advice.outlooks)
                .zip(units)
                .map(|((chosen, outlook), unit)| commune(chosen, &outlook, *unit))
                .collect(),
            laboratories,
            crossings: advice.crossings.into_iter().map(Into::into).collect(),
            sizes: advice.sizes.into_iter().map(Into::into).collect(),
        }
    }
}

fn commune(chosen: Chosen, outlook: &Outlook, unit_id: UnitId) -> CommuneAdvice {
    let worse = outlook.if_worse;
    CommuneAdvice {
        unit_id,
        laboratory: chosen.laboratory,
        design: (&chosen.design).into(),
        name: chosen.commune,
        specimens: chosen.specimens,
        tests: chosen.tests,
        tests_sd: chosen.tests_sd,
        missed: chosen.missed,
        staff_minutes: chosen.staff_minutes,
        prevalence: outlook.mean,
        prevalence_low: outlook.low,
        prevalence_high: outlook.high,
        p50_hours: chosen.journey.p50,
        p90_hours: chosen.journey.p90,
        pass_hours: chosen.pass.usable,
        gap_hours: chosen.pass.gap,
        covered: chosen.pass.covered,
        unseen: outlook.unseen,
        seen_from: outlook.seen_from,
        next: chosen.next.map(|step| Step {
            design: (&step.design).into(),
            more_tests: step.more_tests,
            fewer_missed: step.fewer_missed,
        }),
        stopped_by: chosen.stopped_by.map(Into::into),
        too_late: chosen.too_late,
        if_worse: IfWorse {
            prevalence: worse.prevalence,
            tests_per_person: worse.tests_per_person,
            cheapest_size: worse.cheapest.map(|c| c.0),
            cheapest_tests_per_person: worse.cheapest.map(|c| c.1),
        },
    }
}

impl From<PlanCrossing> for Crossing {
    fn from(c: PlanCrossing) -> Self {
        Self { smaller: c.smaller, larger: c.larger, prevalence: c.prevalence }
    }
}

impl From<SizeLine> for SizeCost {
    fn from(s: SizeLine) -> Self {
        Self { size: s.size, expected: s.expected, at_low: s.at_low, at_high: s.at_high }
    }
}
