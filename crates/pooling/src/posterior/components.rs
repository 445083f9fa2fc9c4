use crate::accuracy::Accuracy;
use crate::error::{Error, Result, count, probability};

/// A valid reading of one pool (or single) of any overlapping scheme.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledReading {
    /// The people in it, by index into the priors; nobody twice.
    pub members: Vec<usize>,
    /// Whether the pool was read positive.
    pub positive: bool,
    /// How good the test is.
    pub accuracy: Accuracy,
}

/// The posterior of one person.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Answer {
    /// Probability of being infected, given all readings.
    pub probability: f64,
    /// False where the person's component was too large for enumeration and has loops.
    pub exact: bool,
}

/// The posterior of everyone, and how the people fall apart.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Posterior {
    /// An answer for each specimen, by index.
    pub each: Vec<Answer>,
    /// Sizes of the connected components, people who share no pool being alone.
    pub components: Vec<usize>,
}

/// The most unknowns enumerated exactly: 2²⁰ truths by Gray code.
const MAX_ENUMERATED: usize = 20;
const MAX_PEOPLE: usize = 100_000;
const MAX_PLACES: usize = 2_000_000;
const ROUNDS: usize = 200;

fn check(people: usize, readings: &[PooledReading]) -> Result<()> {
    count("priors", people, 1, MAX_PEOPLE)?;
    let mut seen = vec![usize::MAX; people];
    let mut places = 0_usize;
    for (index, reading) in readings.iter().enumerate() {
        if reading.members.is_empty() {
            return Err(Error::new("readings", format!("pool {index} holds nobody")));
        }
        places = places.saturating_add(reading.members.len());
        for member in &reading.members {
            match seen.get_mut(*member) {
                None => {
                    return Err(Error::new(
                        "readings",
                        format!("pool {index} names person {member} of {people}"),
                    ));
                }
                Some(last) if *last == index => {
                    return Err(Error::new("readings", format!("pool {index} holds person {member} twice")));
                }
                Some(last) => *last = index,
            }
        }
    }
    if places > MAX_PLACES {
        return Err(Error::new("readings", format!("have more than {MAX_PLACES} places in all")));
    }
    Ok(())
}

/// COMP: everyone in a negative pool is cleared; `true` = cleared. Right for certain only where Se = 1.
pub fn comp(people: usize, readings: &[PooledReading]) -> Result<Vec<bool>> {
    check(people, readings)?;
    let mut cleared = vec![false; people];
    for reading in readings.iter().filter(|r| !r.positive) {
        for member in &reading.members {
            cleared[*member] = true;
        }
    }
    Ok(cleared)
}

/// DD (definite defectives): the only one left uncleared in a positive pool is presumptive positive, to be confirmed alone.
pub fn definite(people: usize, readings: &[PooledReading]) -> Result<Vec<bool>> {
    let cleared = comp(people, readings)?;
    let mut sure = vec![false; people];
    for reading in readings.iter().filter(|r| r.positive) {
        let mut left = reading.members.iter().filter(|m| !cleared[**m]);
        if let (Some(only), None) = (left.next(), left.next()) {
            sure[*only] = true;
        }
    }
    Ok(sure)
}

/// P(infected | all readings) for everyone.
///
/// People and pools form a bipartite graph; its components are independent. A component without loops is solved
/// exactly by passing messages once (so any number of disjoint Dorfman pools with singles); one of at most
/// 20 people by enumerating the truths in Gray-code order; a larger one by damped belief
/// propagation, flagged `exact: false`.
pub fn posterior(priors: &[f64], readings: &[PooledReading]) -> Result<Posterior> {
    check(priors.len(), readings)?;
    for p in priors {
        probability("priors", *p)?;
    }
    let mut group: Vec<usize> = (0..priors.len()).collect();
    for reading in readings {
        for pair in reading.members.windows(2) {
            let (a, b) = (root(&mut group, pair[0]), root(&mut group, pair[1]));
            group[a] = b;
        }
    }
    let mut people: Vec<Vec<usize>> = vec![Vec::new(); priors.len()];
    for person in 0..priors.len() {
        let top = root(&mut group, person);
        people[top].push(person);
    }
    let mut pools: Vec<Vec<usize>> = vec![Vec::new(); priors.len()];
    for (index, reading) in readings.iter().enumerate() {
        let top = root(&mut group, reading.members[0]);
        pools[top].push(index);
    }
    let mut place = vec![0; priors.len()];
    let mut out = Posterior {
        each: vec![Answer { probability: 0.0, exact: true }; priors.len()],
        components: Vec::new(),
    };
    for (people, pools) in people.iter().zip(&pools).filter(|(people, _)| !people.is_empty()) {
        for (local, person) in people.iter().enumerate() {
            place[*person] = local;
        }
        let component = Component {
            priors: people.iter().map(|p| priors[*p]).collect(),
            pools: pools
                .iter()
                .map(|index| {
                    let r = &readings[*index];
                    let (infected, clear) = if r.positive {
                        (r.accuracy.se(), r.accuracy.false_positive())
                    } else {
                        (1.0 - r.accuracy.se(), r.accuracy.sp())
                    };
                    Factor { members: r.members.iter().map(|m| place[*m]).collect(), infected, clear }
                })
                .collect(),
        };
        out.components.push(people.len());
        let edges: usize = component.pools.iter().map(|f| f.members.len()).sum();
        let tree = edges + 1 == people.len() + pools.len();
        let (values, exact) = if people.len() <= MAX_ENUMERATED && !tree {
            (component.enumerate()?, true)
        } else {
            (component.propagate(tree)?, tree)
        };
        for (person, probability) in people.iter().zip(values) {
            out.each[*person] = Answer { probability, exact };
        }
    }
    Ok(out)
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

fn impossible() -> Error {
    Error::new("readings", "cannot all have happened with these priors, Se and Sp")
}

/// The likelihood of one reading, given whether anyone in the pool is infected.
struct Factor {
    members: Vec<usize>,
    infected: f64,
    clear: f64,
}

struct Component {
    priors: Vec<f64>,
    pools: Vec<Factor>,
}

impl Component {
    fn enumerate(&self) -> Result<Vec<f64>> {
        let n = self.priors.len();
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (index, pool) in self.pools.iter().enumerate() {
            for member in &pool.members {
                of[*member].push(index);
            }
        }
        // Logarithms with an explicit zero, as a certain prior or a perfect test rules truths out.
        let ln = |x: f64| if x > 0.0 { (x.ln(), 0_i32) } else { (0.0, 1) };
        let mut inside = vec![0_usize; self.pools.len()];
        let mut log = 0.0;
        let mut zeros = 0;
        let add = |pair: (f64, i32), sign: f64, log: &mut f64, zeros: &mut i32| {
            *log += sign * pair.0;
            *zeros += if sign > 0.0 { pair.1 } else { -pair.1 };
        };
        for p in &self.priors {
            add(ln(1.0 - p), 1.0, &mut log, &mut zeros);
        }
        for pool in &self.pools {
            add(ln(pool.clear), 1.0, &mut log, &mut zeros);
        }
        let mut truth = vec![false; n];
        let (mut total, mut each) = (0.0, vec![0.0; n]);
        // Gray code: one person flips at a time. A running sum per person: the weight seen while infected.
        let mut since = vec![0.0; n];
        let mut peak = f64::NEG_INFINITY;
        for step in 0..1_usize << n {
            if step > 0 {
                let flip = step.trailing_zeros() as usize;
                let p = self.priors[flip];
                let (from, to) = if truth[flip] { (p, 1.0 - p) } else { (1.0 - p, p) };
                add(ln(from), -1.0, &mut log, &mut zeros);
                add(ln(to), 1.0, &mut log, &mut zeros);
                if truth[flip] {
                    each[flip] += total - since[flip];
                } else {
                    since[flip] = total;
                }
                truth[flip] = !truth[flip];
                for index in &of[flip] {
                    let pool = &self.pools[*index];
                    let before = inside[*index];
                    let after = if truth[flip] { before + 1 } else { before - 1 };
                    inside[*index] = after;
                    let value = |k: usize| if k > 0 { pool.infected } else { pool.clear };
                    if (before > 0) != (after > 0) {
                        add(ln(value(before)), -1.0, &mut log, &mut zeros);
                        add(ln(value(after)), 1.0, &mut log, &mut zeros);
                    }
                }
            }
            if zeros == 0 {
                if log > peak + 600.0 || peak == f64::NEG_INFINITY {
                    let scale = if peak == f64::NEG_INFINITY { 0.0 } else { (peak - log).exp() };
                    total *= scale;
                    each.iter_mut().chain(&mut since).for_each(|x| *x *= scale);
                    peak = log;
                }
                total += (log - peak).exp();
            }
        }
        if total <= 0.0 {
            return Err(impossible());
        }
        for (i, truth) in truth.iter().enumerate() {
            if *truth {
                each[i] += total - since[i];
            }
        }
        Ok(each.into_iter().map(|x| (x / total).clamp(0.0, 1.0)).collect())
    }

    /// Belief propagation; on a tree the fixed point is the exact posterior.
    ///
    /// Messages are clear probabilities. From pool to person j, with c = Π_{i≠j} P(i clear):
    /// P(reading | j infected) = L₁, P(reading | j clear) = L₁ + (L₀ − L₁)·c.
    fn propagate(&self, tree: bool) -> Result<Vec<f64>> {
        let n = self.priors.len();
        // Ratio of likelihoods infected : clear from each pool to each of its people.
        let mut ratios: Vec<Vec<f64>> = self.pools.iter().map(|f| vec![1.0; f.members.len()]).collect();
        let odds: Vec<f64> = self.priors.iter().map(|p| p / (1.0 - p)).collect();
        let mut belief = vec![0.0; n];
        let mut clear = Vec::new();
        // A tree is done after as many rounds as it is deep; loops are damped.
        let rounds = if tree { 2 * (self.pools.len() + 1) } else { ROUNDS };
        let keep = if tree { 0.0 } else { 0.3 };
        for _ in 0..rounds {
            belief.fill(0.0);
            for (pool, ratios) in self.pools.iter().zip(&ratios) {
                for (member, ratio) in pool.members.iter().zip(ratios) {
                    belief[*member] += ratio.clamp(1e-300, 1e300).ln();
                }
            }
            let mut moved = 0.0_f64;
            for (pool, ratios) in self.pools.iter().zip(&mut ratios) {
                clear.clear();
                for (member, ratio) in pool.members.iter().zip(ratios.iter()) {
                    let others = (belief[*member] - ratio.clamp(1e-300, 1e300).ln()).exp();
                    clear.push(1.0 / (1.0 + odds[*member] * others));
                }
                let but = all_but_one(&clear);
                for (ratio, c) in ratios.iter_mut().zip(but) {
                    let here = pool.infected + (pool.clear - pool.infected) * c;
                    let next = if here > 0.0 { pool.infected / here } else { 1e300 };
                    let next = if keep > 0.0 {
                        (keep * ratio.max(1e-300).ln() + (1.0 - keep) * next.max(1e-300).ln()).exp()
                    } else {
                        next
                    };
                    moved = moved.max((next.max(1e-300).ln() - ratio.max(1e-300).ln()).abs());
                    *ratio = next;
                }
            }
            if moved < 1e-13 {
                break;
            }
        }
        belief.fill(0.0);
        for (pool, ratios) in self.pools.iter().zip(&ratios) {
            for (member, ratio) in pool.members.iter().zip(ratios) {
                belief[*member] += ratio.clamp(1e-300, 1e300).ln();
            }
        }
        let values: Vec<f64> = odds
            .iter()
            .zip(&belief)
            .map(|(odds, log)| {
                let o = odds * log.exp();
                if o.is_infinite() { 1.0 } else { o / (1.0 + o) }
            })
            .collect();
        if values.iter().any(|v| v.is_nan()) { Err(impossible()) } else { Ok(values) }
    }
}

fn all_but_one(values: &[f64]) -> Vec<f64> {
    let mut out = vec![1.0; values.len()];
    let mut left = 1.0;
    for (slot, value) in out.iter_mut().zip(values) {
        *slot = left;
        left *= value;
    }
    let mut right = 1.0;
    for (slot, value) in out.iter_mut().zip(values).rev() {
        *slot *= right;
        right *= value;
    }
    out
}
