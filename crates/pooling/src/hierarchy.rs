//! Nested (hierarchical) designs: pools, split into pools, down to single specimens.

use std::fmt;

use crate::accuracy::Accuracy;
use crate::characteristics::{Characteristics, MemberAccuracy};
use crate::error::{Error, Result, count};
use crate::risks::Risks;

/// Stages of pools, each stage splitting the pools of the one before; single tests end it.
///
/// * Dorfman (D2) of 10: `10`
/// * informative Dorfman (ID2), three pools side by side: `10+6+4`
/// * three stages (D3, ID3): `20|5+5+5+5`; four (D4): `24|12+12|6+6+6+6`; and so on.
///
/// A pool of one is tested once and stops. In the first stage it is an ordinary single test, so it has
/// the accuracy of the last stage; later it has that of the stage it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Hierarchy {
    stages: Vec<Vec<usize>>,
    members: usize,
}

/// One pool of a hierarchy: the people `start..start + size`, inside the pool `parent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Stage, from 0.
    pub stage: usize,
    /// First member, by index.
    pub start: usize,
    /// Members.
    pub size: usize,
    /// Pool of the stage before that holds it, by index; none at the first stage.
    pub parent: Option<usize>,
}

/// What a stage of a design is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Load {
    /// Tests run.
    pub(crate) tests: f64,
    /// People whose decision waits for them.
    pub(crate) people: f64,
}

impl Hierarchy {
    /// `stages[s]` = the sizes of the pools of stage s in order. Every stage covers the same people, and
    /// the borders of a stage are borders of the next one.
    pub fn new(stages: Vec<Vec<usize>>) -> Result<Self> {
        let Some(first) = stages.first() else {
            return Err(Error::new("config", "has no stage"));
        };
        count("config stages", stages.len(), 1, 8)?;
        let mut members = 0_usize;
        for size in first {
            members = members.saturating_add(*size);
        }
        if members == 0 || members > crate::MAX_MEMBERS {
            return Err(Error::new(
                "config",
                format!("must hold 1 to {} people, got {members}", crate::MAX_MEMBERS),
            ));
        }
        let mut borders: Option<Vec<usize>> = None;
        for sizes in &stages {
            let mut cuts = Vec::with_capacity(sizes.len());
            let mut end = 0_usize;
            for size in sizes {
                if *size == 0 {
                    return Err(Error::new("config", "has a pool of nobody"));
                }
                end = end.saturating_add(*size);
                cuts.push(end);
            }
            if end != members {
                return Err(Error::new(
                    "config",
                    format!("a stage adds up to {end}, the first to {members}"),
                ));
            }
            if let Some(above) = &borders
                && !above.iter().all(|cut| cuts.binary_search(cut).is_ok())
            {
                return Err(Error::new(
                    "config",
                    "a pool of one stage straddles two pools of the stage before",
                ));
            }
            borders = Some(cuts);
        }
        Ok(Self { stages, members })
    }

    /// One pool of `size`, then singles (Dorfman 1943). `size` 1 is the single test.
    pub fn dorfman(size: usize) -> Result<Self> {
        count("size", size, 1, crate::MAX_MEMBERS)?;
        Self::new(vec![vec![size]])
    }

    /// Reads `10`, `10+6+4`, `20|5+5+5+5`, `24|12+12|6+6+6+6`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut stages = Vec::new();
        for stage in text.trim().split('|') {
            let mut sizes = Vec::new();
            for size in stage.split('+') {
                let size = size.trim();
                sizes.push(
                    size.parse::<usize>().map_err(|_| {
                        Error::new("config", format!("{size:?} in {text:?} is not a pool size"))
                    })?,
                );
                if sizes.len() > crate::MAX_MEMBERS {
                    return Err(Error::new("config", "has too many pools"));
                }
            }
            stages.push(sizes);
        }
        Self::new(stages)
    }

    /// How many members it holds.
    #[must_use]
    pub fn members(&self) -> usize {
        self.members
    }

    /// The sizes of the pools, stage by stage.
    #[must_use]
    pub fn stages(&self) -> &[Vec<usize>] {
        &self.stages
    }

    /// Stages of testing, the single tests included: as many accuracies as the design needs.
    #[must_use]
    pub fn accuracies(&self) -> usize {
        self.stages.len() + 1
    }

    /// Stages that can follow one another: 1 where everyone is tested singly at once.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self.stages.iter().position(|sizes| sizes.iter().all(|s| *s == 1)) {
            Some(stage) => stage + 1,
            None => self.stages.len() + 1,
        }
    }

    /// The pools, each parent before its children, in order. A pool of one has no children.
    #[must_use]
    pub fn pools(&self) -> Vec<Pool> {
        let mut pools: Vec<Pool> = Vec::new();
        let mut above: Vec<Option<usize>> = vec![None; self.members];
        let mut stopped = vec![false; self.members];
        for (stage, sizes) in self.stages.iter().enumerate() {
            let mut start = 0;
            for size in sizes {
                if !stopped[start] {
                    let parent = above[start];
                    let index = pools.len();
                    pools.push(Pool { stage, start, size: *size, parent });
                    above[start..start + size].fill(Some(index));
                    if *size == 1 {
                        stopped[start] = true;
                    }
                }
                start += size;
            }
        }
        pools
    }

    fn check(&self, accuracy: &[Accuracy]) -> Result<()> {
        if accuracy.len() == self.accuracies() {
            Ok(())
        } else {
            Err(Error::new(
                "accuracy",
                format!("a design of {} stages has {} accuracies", self.accuracies(), accuracy.len()),
            ))
        }
    }

    /// Expected tests, variance, and who is called rightly, exactly.
    ///
    /// For a chain of nested pools g₁ ⊃ g₂ ⊃ … ⊃ g_k with P(g_d truly negative) = Q_d, Q₀ = 0, Q_{k+1} = 1:
    /// P(all k read positive) = Σ_{d=0..k} (Q_{d+1} − Q_d)·Π_{i≤d} Se_i·Π_{d<i≤k} (1 − Sp_i).
    /// The expected tests add this over all pools; a person's PSp uses it with the person taken out.
    /// The variance follows from the moments of the tests below each pool, carried up the tree jointly
    /// with the truth of the pool.
    pub fn characteristics(&self, risks: &Risks, accuracy: &[Accuracy]) -> Result<Characteristics> {
        self.check(accuracy)?;
        let p = risks.spread(self.members)?;
        let q: Vec<f64> = p.iter().map(|p| (1.0 - p).max(TINY)).collect();
        let pools = self.pools();
        let single = accuracy.last().copied().unwrap_or(Accuracy::PERFECT);
        let of = |pool: &Pool| {
            if pool.size == 1 && pool.parent.is_none() {
                single
            } else {
                accuracy.get(pool.stage).copied().unwrap_or(single)
            }
        };
        let clear: Vec<f64> = pools.iter().map(|g| q[g.start..g.start + g.size].iter().product()).collect();

        let mut expected = 0.0;
        let mut each = vec![MemberAccuracy { pse: 1.0, psp: 1.0 }; self.members];
        let mut chain: Vec<(f64, Accuracy)> = Vec::with_capacity(self.stages.len() + 1);
        for (index, pool) in pools.iter().enumerate() {
            chain.clear();
            let mut at = pool.parent;
            while let Some(up) = at {
                chain.push((clear[up], of(&pools[up])));
                at = pools[up].parent;
            }
            chain.reverse();
            expected += all_positive(&chain, 1.0);
            chain.push((clear[index], of(pool)));
            let leaf = pool.size == 1 || pool.stage + 1 == self.stages.len();
            if !leaf {
                continue;
            }
            if pool.size > 1 {
                expected += pool.size as f64 * all_positive(&chain, 1.0);
            }
            let alone = if pool.size > 1 { Some(single) } else { None };
            let pse = chain.iter().map(|(_, a)| a.se()).product::<f64>() * alone.map_or(1.0, Accuracy::se);
            for person in pool.start..pool.start + pool.size {
                // With the person known to be clear the last test on a chain of a pool of one sees nobody else.
                let positive = all_positive(&chain, q[person]) * alone.map_or(1.0, Accuracy::false_positive);
                each[person] = MemberAccuracy { pse, psp: 1.0 - positive };
            }
        }
        let variance = self.variance(&pools, &clear, &of);
        Ok(Characteristics::gather(&p, each, expected, variance))
    }

    /// Expected tests, and people still undecided when they are run, stage by stage at equal risks `p`.
    pub(crate) fn loads(&self, p: f64, accuracy: &[Accuracy]) -> Vec<Load> {
        let single = accuracy.last().copied().unwrap_or(Accuracy::PERFECT);
        let at = |stage: usize| accuracy.get(stage).copied().unwrap_or(single);
        let clear = |size: usize| (1.0 - p).powi(size as i32);
        let pools = self.pools();
        let mut loads = vec![Load::default(); self.stages.len() + 1];
        let mut chain = Vec::new();
        for pool in &pools {
            chain.clear();
            let mut up = pool.parent;
            while let Some(index) = up {
                chain.push((clear(pools[index].size), at(pools[index].stage)));
                up = pools[index].parent;
            }
            chain.reverse();
            let run = all_positive(&chain, 1.0);
            loads[pool.stage].tests += run;
            loads[pool.stage].people += run * pool.size as f64;
            if pool.size > 1 && pool.stage + 1 == self.stages.len() {
                chain.push((clear(pool.size), at(pool.stage)));
                let alone = all_positive(&chain, 1.0) * pool.size as f64;
                loads[pool.stage + 1].tests += alone;
                loads[pool.stage + 1].people += alone;
            }
        }
        loads
    }

    /// Moments of the tests T at and below each pool, given that the pool is tested; `neg` is the part where the pool is
    /// truly negative. Children are independent of one another; together they decide their parent's truth.
    fn variance(&self, pools: &[Pool], clear: &[f64], of: &dyn Fn(&Pool) -> Accuracy) -> f64 {
        #[derive(Clone, Copy, Default)]
        struct Below {
            children: usize,
            mean: f64,
            variance: f64,
            neg_mean: f64,
            neg_variance: f64,
        }
        let mut below = vec![Below::default(); pools.len()];
        let mut total = 0.0;
        for (index, pool) in pools.iter().enumerate().rev() {
            let accuracy = of(pool);
            let sums = below[index];
            // Tests below, if the pool reads positive: children's sums, or one for each person.
            let (mean, second, neg_mean, neg_second) = if sums.children > 0 {
                (
                    sums.mean,
                    sums.variance + sums.mean * sums.mean,
                    sums.neg_mean,
                    sums.neg_variance + sums.neg_mean * sums.neg_mean,
                )
            } else {
                let n = if pool.size > 1 { pool.size as f64 } else { 0.0 };
                (n, n * n, n, n * n)
            };
            let q = clear[index];
            let fp = accuracy.false_positive();
            // E[T | negative], E[T² | negative], and the same over both truths.
            let t_neg = 1.0 + fp * neg_mean;
            let t2_neg = 1.0 + fp * (2.0 * neg_mean + neg_second);
            let t = 1.0 + fp * q * neg_mean + accuracy.se() * (mean - q * neg_mean);
            let t2 = 1.0
                + fp * q * (2.0 * neg_mean + neg_second)
                + accuracy.se() * (2.0 * (mean - q * neg_mean) + second - q * neg_second);
            match pool.parent {
                Some(parent) => {
                    let up = &mut below[parent];
                    up.children += 1;
                    up.mean += t;
                    up.variance += t2 - t * t;
                    up.neg_mean += t_neg;
                    up.neg_variance += t2_neg - t_neg * t_neg;
                }
                None => total += t2 - t * t,
            }
        }
        total
    }
}

/// Keeps a division by the probability of being clear finite for a person certain to be infected.
const TINY: f64 = 1e-150;

/// P(every test of the chain reads positive), a person of clear probability `known` being taken out of all pools.
fn all_positive(chain: &[(f64, Accuracy)], known: f64) -> f64 {
    // From the innermost outwards: `sum` = P(all inner tests positive, …) split by where truth turns.
    let mut before = 0.0;
    let mut seen = 1.0;
    let mut sum = 0.0;
    for (depth, (clear, accuracy)) in chain.iter().enumerate() {
        let clear = (clear / known).min(1.0);
        let false_tail: f64 = chain[depth..].iter().map(|(_, a)| a.false_positive()).product();
        sum += (clear - before) * seen * false_tail;
        before = clear;
        seen *= accuracy.se();
    }
    sum + (1.0 - before) * seen
}

impl fmt::Display for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (stage, sizes) in self.stages.iter().enumerate() {
            if stage > 0 {
                f.write_str("|")?;
            }
            for (i, size) in sizes.iter().enumerate() {
                if i > 0 {
                    f.write_str("+")?;
                }
                write!(f, "{size}")?;
            }
        }
        Ok(())
    }
}
