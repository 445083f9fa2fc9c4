//! What pooling does to weak positives.
//!
//! A pool's Ct follows from its members' loads: Ct = −log_b((1/n) Σ b^{−Ct_i}) with b = 10^{1/slope}; a lone positive among n
//! is shifted by slope·log₁₀ n (3.38 a decade on the Hadassah curve, Barak 2021: +2.36 for 5, +3.38 for 10, +4.40 for
//! 20). P(detect | Ct) = 1/(1 + e^{(Ct − threshold)/1.93}) (SQGT). The stages of a design fail on the *same* weak
//! positives, so a two-stage sensitivity is E[P(pool)·P(single)], not the product of the two means.

use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, within};

/// Ct rise for a tenfold dilution.
pub const SLOPE: f64 = 3.38;
/// Width of the detection curve in Ct.
pub const WIDTH: f64 = 1.93;

/// A mixture of normal distributions of Ct among the infected: (weight, mean, standard deviation).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CtMixture {
    parts: Vec<(f64, f64, f64)>,
}

impl CtMixture {
    /// Weights are scaled to add up to 1.
    pub fn new(parts: Vec<(f64, f64, f64)>) -> Result<Self> {
        count("mixture", parts.len(), 1, 20)?;
        for (weight, mean, sd) in &parts {
            within("mixture weight", *weight, 1e-9, 1e9)?;
            within("mixture mean", *mean, 0.0, 60.0)?;
            within("mixture sd", *sd, 0.05, 20.0)?;
        }
        let total: f64 = parts.iter().map(|p| p.0).sum();
        Ok(Self { parts: parts.into_iter().map(|(w, m, s)| (w / total, m, s)).collect() })
    }

    /// Three groups as fitted to community swabs of 2020 (about the mixture of Brault et al. 2021). **Assumed**, to be
    /// replaced by the laboratory's own Ct values.
    #[must_use]
    pub fn community() -> Self {
        Self { parts: vec![(0.33, 20.1, 3.6), (0.54, 29.4, 3.0), (0.13, 34.8, 1.3)] }
    }

    pub(crate) fn draw(&self, rng: &mut crate::simulate::Rng) -> f64 {
        let mut left = rng.uniform();
        for (weight, mean, sd) in &self.parts {
            if left < *weight {
                return mean + sd * rng.normal();
            }
            left -= weight;
        }
        self.parts.last().map_or(30.0, |(_, mean, sd)| mean + sd * rng.normal())
    }

    /// E[f(Ct)] by the midpoint rule on 2,000 nodes within 5 standard deviations of each part.
    pub fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        const NODES: usize = 2000;
        let mut sum = 0.0;
        for (weight, mean, sd) in &self.parts {
            let (mut part, mut mass) = (0.0, 0.0);
            for k in 0..NODES {
                let z = -5.0 + 10.0 * (k as f64 + 0.5) / NODES as f64;
                let density = (-0.5 * z * z).exp();
                mass += density;
                part += density * f(mean + sd * z);
            }
            sum += weight * part / mass;
        }
        sum
    }
}

/// How far a pool of n dilutes each member: the shift is `strength`·slope·log₁₀ n.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Dilution {
    strength: f64,
    threshold: f64,
}

impl Dilution {
    /// Media pooling (gộp mẫu): each tube gives a share, so everyone is diluted n-fold.
    pub fn media(threshold: f64) -> Result<Self> {
        Self::new(1.0, threshold)
    }

    /// Swab pooling (gộp que): all the material goes in, so there is hardly any dilution (a tenth of the shift, assumed).
    pub fn swab(threshold: f64) -> Result<Self> {
        Self::new(0.1, threshold)
    }

    /// `strength` 0 = none, 1 = full n-fold dilution; `threshold` = Ct detected half the time.
    pub fn new(strength: f64, threshold: f64) -> Result<Self> {
        Ok(Self {
            strength: within("strength", strength, 0.0, 1.0)?,
            threshold: within("threshold", threshold, 10.0, 60.0)?,
        })
    }

    /// The Ct shift of a lone positive in a pool of `size`.
    #[must_use]
    pub fn shift(self, size: usize) -> f64 {
        self.strength * SLOPE * (size.max(1) as f64).log10()
    }

    /// P(detected | own Ct, alone in a pool of `size`).
    #[must_use]
    pub fn detects(self, ct: f64, size: usize) -> f64 {
        1.0 / (1.0 + ((ct + self.shift(size) - self.threshold) / WIDTH).exp())
    }

    /// P(detected) of a pool of `size` with these positives: their loads add up.
    pub(crate) fn detects_loads(self, cts: impl Iterator<Item = f64>, size: usize) -> f64 {
        let load: f64 = cts.map(|ct| 10_f64.powf(-ct / SLOPE)).sum();
        if load > 0.0 { self.detects(-SLOPE * load.log10(), size) } else { 0.0 }
    }

    /// Sensitivity of one pool of `size` with a lone positive, over all loads.
    pub fn sensitivity(self, loads: &CtMixture, size: usize) -> Result<f64> {
        count("size", size, 1, crate::MAX_MEMBERS)?;
        Ok(loads.expect(|ct| self.detects(ct, size)))
    }

    /// Sensitivity of the stages one after another on the same person: E[Π_s P(detect | Ct, size_s)].
    pub fn joint_sensitivity(self, loads: &CtMixture, sizes: &[usize]) -> Result<f64> {
        count("sizes", sizes.len(), 1, 8)?;
        for size in sizes {
            count("sizes", *size, 1, crate::MAX_MEMBERS)?;
        }
        Ok(loads.expect(|ct| sizes.iter().map(|n| self.detects(ct, *n)).product()))
    }

    /// One accuracy for each stage whose product of sensitivities *is* the joint one: stage s has
    /// Se_s = joint(1..s) / joint(1..s−1). So the exact formulas of independent stages carry the correlation.
    pub fn stage_accuracies(self, loads: &CtMixture, sizes: &[usize], sp: f64) -> Result<Vec<Accuracy>> {
        let mut before = 1.0;
        let mut stages = Vec::with_capacity(sizes.len());
        for depth in 1..=sizes.len() {
            let Some(first) = sizes.get(..depth) else { break };
            let joint = self.joint_sensitivity(loads, first)?;
            stages.push(Accuracy::new(joint / before, sp)?);
            before = joint;
        }
        if stages.is_empty() {
            return Err(Error::new("sizes", "is an empty list"));
        }
        Ok(stages)
    }
}

/// The Ct of a pool of equal shares from its members' Cts; `None` = no virus. None if nobody carries any.
pub fn pooled_ct(members: &[Option<f64>], slope: f64) -> Result<Option<f64>> {
    count("members", members.len(), 1, crate::MAX_MEMBERS)?;
    within("slope", slope, 0.1, 20.0)?;
    let mut load = 0.0;
    for ct in members.iter().flatten() {
        within("members", *ct, 0.0, 100.0)?;
        load += 10_f64.powf(-ct / slope);
    }
    Ok((load > 0.0).then(|| -slope * (load / members.len() as f64).log10()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shift_of_a_pool_is_the_published_one() {
        for (n, shift) in [(5, 2.36), (10, 3.38), (20, 4.40)] {
            let mut pool = vec![None; n];
            pool[0] = Some(25.0);
            let ct = pooled_ct(&pool, SLOPE).unwrap().unwrap();
            assert!((ct - 25.0 - shift).abs() < 0.005);
        }
        assert_eq!(pooled_ct(&[None, None], SLOPE).unwrap(), None);
    }

    #[test]
    fn stages_failing_on_the_same_weak_positives_lose_less_than_the_product_says() {
        let loads = CtMixture::community();
        for threshold in [33.0, 36.0, 39.0] {
            let d = Dilution::media(threshold).unwrap();
            let (pool, single) = (d.sensitivity(&loads, 10).unwrap(), d.sensitivity(&loads, 1).unwrap());
            let joint = d.joint_sensitivity(&loads, &[10, 1]).unwrap();
            assert!(pool < single && joint > pool * single && joint < pool);
            let stages = d.stage_accuracies(&loads, &[10, 1], 0.99).unwrap();
            let product: f64 = stages.iter().map(|a| a.se()).product();
            assert!((product - joint).abs() < 1e-12);
            let swab = Dilution::swab(threshold).unwrap();
            assert!(swab.sensitivity(&loads, 10).unwrap() > pool);
        }
    }
}
