use crate::error::{Error, Result, count, probability, within};

/// The probabilities of infection of the people in a design, in the order they stand in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Risks {
    /// Everyone has the same.
    Same(f64),
    /// One for each person.
    Each(Vec<f64>),
}

impl Risks {
    /// Everybody has the same risk.
    ///
    /// # Errors
    /// A risk outside [0, 1].
    pub fn same(p: f64) -> Result<Self> {
        Ok(Self::Same(probability("p", p)?))
    }

    /// A risk for each member.
    ///
    /// # Errors
    /// Nobody, too many, or a risk outside [0, 1].
    pub fn each(p: Vec<f64>) -> Result<Self> {
        if p.is_empty() {
            return Err(Error::new("p", "is an empty list"));
        }
        count("p", p.len(), 1, crate::MAX_MEMBERS)?;
        for value in &p {
            probability("p", *value)?;
        }
        Ok(Self::Each(p))
    }

    /// Each person's probability, checked against the number of people in the design.
    pub(crate) fn spread(&self, members: usize) -> Result<Vec<f64>> {
        match self {
            Self::Same(p) => {
                probability("p", *p)?;
                Ok(vec![*p; members])
            }
            Self::Each(each) => {
                for value in each {
                    probability("p", *value)?;
                }
                if each.len() == members {
                    Ok(each.clone())
                } else {
                    Err(Error::new(
                        "p",
                        format!("has {} values for a design of {members} people", each.len()),
                    ))
                }
            }
        }
    }
}

/// The expected ordered risks of `n` people drawn from Beta(α, α(1/p − 1)), lowest first: the reference
/// package's way to make a risk profile from a mean `p` and a shape `alpha` (smaller = more unequal).
///
/// E[p₍ᵢ₎] = ∫₀¹ P(p₍ᵢ₎ > x) dx, P(p₍ᵢ₎ > x) = P(Bin(n, F(x)) < i). The grid is even in logit x, where the density
/// is smooth and has no singular end; F is cumulated by a six-point rule, the integral by the trapezoid rule.
pub fn ordered_beta(p: f64, alpha: f64, n: usize) -> Result<Vec<f64>> {
    within("p", p, 1e-9, 1.0 - 1e-9)?;
    within("alpha", alpha, 0.05, 1e6)?;
    count("n", n, 1, 1024)?;
    let beta = alpha * (1.0 / p - 1.0);
    // The density of u = logit x is x^α (1−x)^β / B.
    let peak = (alpha / beta).ln();
    let log_density = |u: f64| -alpha * (-u).exp().ln_1p() - beta * u.exp().ln_1p();
    let top = log_density(peak);
    let width = 0.04 * (1.0 / alpha + 1.0 / beta).sqrt().min(1.0);
    let density = |step: i64| (log_density(peak + width * step as f64) - top).exp();
    let end = |direction: i64| -> i64 {
        let mut step = 0_i64;
        while step.abs() < 40_000 && density(step) > 1e-19 {
            step += direction * 4;
        }
        step
    };
    let (first, last) = (end(-1), end(1));
    let values: Vec<f64> = (first - 2..=last + 3).map(density).collect();
    let mut below = Vec::with_capacity(values.len());
    let mut mass = 0.0;
    for window in values.windows(6) {
        below.push(mass);
        let [a, b, c, d, e, f] = *window else { break };
        mass += (802.0 * (c + d) - 93.0 * (b + e) + 11.0 * (a + f)) / 1440.0;
    }
    let logistic = |step: i64| 1.0 / (1.0 + (-(peak + width * step as f64)).exp());
    // Below the grid everybody is above x.
    let mut means = vec![logistic(first); n];
    for (offset, cumulated) in below.iter().enumerate() {
        let x = logistic(first + offset as i64);
        let half = if offset == 0 { 0.5 } else { 1.0 };
        let weight = half * x * (1.0 - x) * width;
        let f = (cumulated / mass).clamp(0.0, 1.0);
        // P(Bin(n, F) < i) built up from the side where the terms do not underflow.
        if f <= 0.5 {
            let mut term = (n as f64 * (-f).ln_1p()).exp();
            let mut tail = term;
            for (i, mean) in means.iter_mut().enumerate() {
                *mean += tail * weight;
                term *= (n - i) as f64 / (i + 1) as f64 * f / (1.0 - f);
                tail += term;
            }
        } else {
            let mut term = f.powi(n as i32);
            let mut head = term;
            for (i, mean) in means.iter_mut().enumerate().rev() {
                *mean += (1.0 - head).max(0.0) * weight;
                term *= (i + 1) as f64 / (n - i) as f64 * (1.0 - f) / f;
                head += term;
            }
        }
    }
    Ok(means)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_risks_average_to_the_mean_and_rise() {
        for (p, alpha, n) in [(0.01, 2.0, 12), (0.05, 0.5, 10), (0.3, 1.0, 40), (0.02, 2.0, 64)] {
            let means = ordered_beta(p, alpha, n).unwrap();
            let mean = means.iter().sum::<f64>() / n as f64;
            assert!((mean / p - 1.0).abs() < 1e-9, "{p} {alpha} {n}: {mean}");
            assert!(means.windows(2).all(|w| w[0] <= w[1]));
        }
        // Uniform: E[p(i)] = i/(n+1).
        let uniform = ordered_beta(0.5, 1.0, 9).unwrap();
        for (i, value) in uniform.iter().enumerate() {
            assert!((value - (i + 1) as f64 / 10.0).abs() < 1e-9);
        }
    }
}
