//! Households and groups seen through representatives, and pools of people who infect one another.
//!
//! σ = secondary attack rate: P(a given other member is infected | the household is). One member is the index; each other one is
//! infected with chance σ, independently given that. Sources: `pooling` §6; HCMC CV 3074 for two representatives from five on.

use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, probability, within};

/// Largest household or group.
const MAX_GROUP: usize = 10_000;

/// How a household is represented.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Representation {
    members: usize,
    representatives: usize,
    sar: f64,
    exposure: f64,
}

impl Representation {
    /// `members` in the household, of whom `representatives` are swabbed; `sar` = σ; the first
    /// representative is `exposure` times as likely as any other member to be the index (1 = chosen at random).
    pub fn new(members: usize, representatives: usize, sar: f64, exposure: f64) -> Result<Self> {
        count("members", members, 1, MAX_GROUP)?;
        count("representatives", representatives, 1, members)?;
        Ok(Self {
            members,
            representatives,
            sar: probability("sar", sar)?,
            exposure: within("exposure", exposure, 1.0, 1e6)?,
        })
    }

    /// P(some representative is infected | the household is) = 1 − (1 − ρ)(1 − σ)^m with
    /// ρ = (r + m − 1)/(r + h − 1), the chance that the index is among the m representatives.
    #[must_use]
    pub fn represented(self) -> f64 {
        let (h, m) = (self.members as f64, self.representatives as f64);
        let index = (self.exposure + m - 1.0) / (self.exposure + h - 1.0);
        1.0 - (1.0 - index) * (1.0 - self.sar).powf(m)
    }

    /// d = P(the infected household is seen) = represented × sensitivity of the (pooled) test × share of infections old
    /// enough to show (under 2–3 days they are not). `sampled` = share of households reached.
    pub fn detection(self, sensitivity: f64, visible: f64, sampled: f64) -> Result<f64> {
        Ok(self.represented()
            * probability("sensitivity", sensitivity)?
            * probability("visible", visible)?
            * probability("sampled", sampled)?)
    }

    /// P(a given member is infected | the household is), on average: (1 + (h−1)σ)/h.
    #[must_use]
    pub fn attack(self) -> f64 {
        let h = self.members as f64;
        (1.0 + (h - 1.0) * self.sar) / h
    }
}

/// P(a commune with `infected` infected households shows nothing) = (1 − d)^k.
pub fn unseen(infected: u32, detection: f64) -> Result<f64> {
    Ok((1.0 - probability("detection", detection)?).powf(f64::from(infected)))
}

/// The least number of infected households that is seen with at least `confidence`.
pub fn needed_to_see(confidence: f64, detection: f64) -> Result<u32> {
    within("confidence", confidence, 1e-9, 1.0 - 1e-9)?;
    probability("detection", detection)?;
    if detection <= 0.0 {
        return Err(Error::new("detection", "is zero: no number of households would be seen"));
    }
    if detection >= 1.0 {
        return Ok(1);
    }
    // One ulp of slack so that an exact power is not counted one too many.
    let k = ((1.0 - confidence).ln() / (-detection).ln_1p() - 1e-12).ceil();
    if k > f64::from(u32::MAX) { Err(Error::new("detection", "is too small")) } else { Ok(k.max(1.0) as u32) }
}

/// P(household infected | its representatives read negative) = π(1 − d)/(1 − πd).
pub fn residual(prevalence: f64, detection: f64) -> Result<f64> {
    let (pi, d) = (probability("prevalence", prevalence)?, probability("detection", detection)?);
    if pi * d >= 1.0 {
        return Err(Error::new("prevalence", "and detection are both 1: a negative cannot happen"));
    }
    Ok(pi * (1.0 - d) / (1.0 - pi * d))
}

/// Members of one household in a pool: `present` of `members` chosen at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// Members by the register.
    pub members: usize,
    /// Members who live there now.
    pub present: usize,
}

/// P(a pool of parts of households is truly clear) = Π_h [(1 − π) + π(1 − m/h)(1 − σ)^m].
pub fn pool_clear(shares: &[Share], prevalence: f64, sar: f64) -> Result<f64> {
    count("shares", shares.len(), 1, crate::MAX_MEMBERS)?;
    let (pi, sigma) = (probability("prevalence", prevalence)?, probability("sar", sar)?);
    let mut clear = 1.0;
    for share in shares {
        count("members", share.members, 1, MAX_GROUP)?;
        count("present", share.present, 1, share.members)?;
        let m = share.present as f64;
        clear *= (1.0 - pi) + pi * (1.0 - m / share.members as f64) * (1.0 - sigma).powf(m);
    }
    Ok(clear)
}

/// Tests per person of a Dorfman pool made of these parts of households.
pub fn tests_per_person(shares: &[Share], prevalence: f64, sar: f64, pool: Accuracy) -> Result<f64> {
    let clear = pool_clear(shares, prevalence, sar)?;
    let people: usize = shares.iter().map(|s| s.present).sum();
    Ok(1.0 / people as f64 + if people > 1 { pool.reads_positive(clear) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rep(h: usize, m: usize, r: f64) -> f64 {
        Representation::new(h, m, 0.297, r).unwrap().represented()
    }

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} for {b}");
    }

    #[test]
    fn the_published_chances_of_a_representative_come_out() {
        near(rep(4, 1, 1.0), 0.473, 5e-4);
        near(rep(4, 1, 3.0), 0.648, 5e-4);
        near(rep(6, 1, 1.0), 0.414, 5e-4);
        near(rep(6, 2, 1.0), 0.671, 5e-4);
        near(rep(1, 1, 1.0), 1.0, 0.0);
    }

    #[test]
    fn the_miss_table_comes_out() {
        let random = Representation::new(4, 1, 0.297, 1.0).unwrap().detection(0.9, 1.0, 1.0).unwrap();
        let exposed = Representation::new(4, 1, 0.297, 3.0).unwrap().detection(0.9, 1.0, 1.0).unwrap();
        near(random, 0.425, 6e-4);
        near(exposed, 0.584, 6e-4);
        for (k, a, b, t) in
            [(1, 0.57, 0.42, 6e-3), (3, 0.19, 0.07, 5e-3), (5, 0.063, 0.013, 6e-4), (10, 0.004, 0.0002, 1e-4)]
        {
            near(unseen(k, random).unwrap(), a, t);
            near(unseen(k, exposed).unwrap(), b, t);
        }
        assert_eq!(needed_to_see(0.95, random).unwrap(), 6);
        assert_eq!(needed_to_see(0.95, exposed).unwrap(), 4);
        near(residual(0.01, random).unwrap(), 0.0058, 5e-5);
    }

    #[test]
    fn households_kept_together_cost_less() {
        let a = Accuracy::new(0.95, 0.995).unwrap();
        let together = tests_per_person(&[Share { members: 4, present: 4 }; 3], 0.01, 0.297, a).unwrap();
        near(together, 0.116, 5e-4);
        let p = 0.01 * Representation::new(4, 1, 0.297, 1.0).unwrap().attack();
        let mixed = 1.0 / 12.0 + a.reads_positive((1.0 - p).powi(12));
        near(mixed, 0.141, 5e-4);
    }
}
