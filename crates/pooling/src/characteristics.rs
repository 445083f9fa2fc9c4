/// How well one person fares in a design.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct MemberAccuracy {
    /// P(called positive | infected).
    pub pse: f64,
    /// P(called negative | not infected).
    pub psp: f64,
}

/// What a design costs and how often it is right. Exact under independent errors given the truth.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Characteristics {
    /// People in the design.
    pub members: usize,
    /// Expected tests for the whole design.
    pub expected_tests: f64,
    /// Variance of the number of tests for the whole design.
    pub variance: f64,
    /// Pooled sensitivity, Σ pᵢ·PSeᵢ / Σ pᵢ (the plain mean where nobody can be infected).
    pub pse: f64,
    /// Pooled specificity, Σ (1−pᵢ)·PSpᵢ / Σ (1−pᵢ).
    pub psp: f64,
    /// P(infected | called positive); NaN where nobody is ever called positive.
    pub ppv: f64,
    /// P(not infected | called negative); NaN where nobody is ever called negative.
    pub npv: f64,
    /// Expected number of infected people called negative.
    pub missed: f64,
    /// Expected number of uninfected people called positive.
    pub false_positives: f64,
    /// Per person, in the order of the design.
    pub each: Vec<MemberAccuracy>,
}

impl Characteristics {
    /// Expected tests divided by members.
    #[must_use]
    pub fn tests_per_person(&self) -> f64 {
        self.expected_tests / self.members as f64
    }

    pub(crate) fn gather(p: &[f64], each: Vec<MemberAccuracy>, expected_tests: f64, variance: f64) -> Self {
        let mut sums = Sums::default();
        for (p, member) in p.iter().zip(&each) {
            sums.add(*p, *member, 1.0);
        }
        let plain =
            |f: fn(&MemberAccuracy) -> f64| each.iter().map(f).sum::<f64>() / each.len().max(1) as f64;
        Self {
            members: each.len(),
            expected_tests,
            variance: variance.max(0.0),
            pse: if sums.infected > 0.0 { sums.found / sums.infected } else { plain(|m| m.pse) },
            psp: if sums.clear > 0.0 { sums.cleared / sums.clear } else { plain(|m| m.psp) },
            ppv: sums.found / (sums.found + sums.false_positives),
            npv: sums.cleared / (sums.cleared + sums.missed),
            missed: sums.missed,
            false_positives: sums.false_positives,
            each,
        }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    infected: f64,
    clear: f64,
    found: f64,
    cleared: f64,
    missed: f64,
    false_positives: f64,
}

impl Sums {
    fn add(&mut self, p: f64, member: MemberAccuracy, times: f64) {
        self.infected += p * times;
        self.clear += (1.0 - p) * times;
        self.found += p * member.pse * times;
        self.cleared += (1.0 - p) * member.psp * times;
        self.missed += p * (1.0 - member.pse) * times;
        self.false_positives += (1.0 - p) * (1.0 - member.psp) * times;
    }
}
