//! The generator's own randomness: xoshiro256++ (Blackman, Vigna 2019), seeded through SplitMix64.
//!
//! Written out here because a seed must give the same province for ever: the streams of general-purpose
//! crates may change with their versions. Not for secrets.

#[derive(Clone)]
pub(crate) struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// An independent stream for each `(seed, stream)`: communes can be made in any order, on any thread.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut x = seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
        let mut word = || {
            x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = x;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Self { state: [word(), word(), word(), word()] }
    }

    pub(crate) fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in `0..n`; the bias, below n / 2^32, does not matter here. `n` must not be 0.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.next() >> 32) * u64::from(n)) >> 32) as u32
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u32) as usize
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Bell-shaped with the given mean and standard deviation, never beyond 3.5 deviations: the sum of four
    /// uniform numbers cut out of one draw.
    pub(crate) fn bell(&mut self, mean: f64, deviation: f64) -> f64 {
        let word = self.next();
        let sum: u64 = (0..4).map(|i| (word >> (16 * i)) & 0xFFFF).sum();
        mean + deviation * (sum as f64 / 65_536.0 - 2.0) * 3_f64.sqrt()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }
}

/// Draws an index with the given weights in constant time (Walker's alias method).
pub(crate) struct Alias {
    keep: Vec<f64>,
    other: Vec<u32>,
}

impl Alias {
    /// `weights` must not be empty and must not sum to 0.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let n = weights.len();
        let total: f64 = weights.iter().sum();
        let mut keep: Vec<f64> = weights.iter().map(|w| w * n as f64 / total).collect();
        let mut other: Vec<u32> = (0..n as u32).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..n).partition(|i| keep[*i] < 1.0);
        while let (Some(s), Some(l)) = (small.pop(), large.pop()) {
            other[s] = l as u32;
            keep[l] -= 1.0 - keep[s];
            if keep[l] < 1.0 { small.push(l) } else { large.push(l) }
        }
        for i in small.into_iter().chain(large) {
            keep[i] = 1.0;
        }
        Self { keep, other }
    }

    pub(crate) fn draw(&self, rng: &mut Rng) -> usize {
        let i = rng.index(self.keep.len());
        if rng.unit() < self.keep[i] { i } else { self.other[i] as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let first = |seed, stream| Rng::new(seed, stream).next();
        assert_eq!(first(7, 1), first(7, 1));
        assert_ne!(first(7, 1), first(7, 2));
        assert_ne!(first(7, 1), first(8, 1));
    }

    #[test]
    fn the_bell_has_the_mean_and_deviation_asked_for() {
        let mut rng = Rng::new(1, 1);
        let draws: Vec<f64> = (0..100_000).map(|_| rng.bell(27.0, 5.0)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 27.0).abs() < 0.1 && (variance.sqrt() - 5.0).abs() < 0.1, "{mean} {variance}");
    }

    #[test]
    fn an_alias_table_draws_by_weight() {
        let table = Alias::new(&[1.0, 0.0, 3.0, 6.0]);
        let mut rng = Rng::new(2, 2);
        let mut hits = [0_u32; 4];
        for _ in 0..100_000 {
            hits[table.draw(&mut rng)] += 1;
        }
        assert_eq!(hits[1], 0);
        for (hit, expected) in hits.iter().zip([10_000.0, 0.0, 30_000.0, 60_000.0]) {
            assert!((f64::from(*hit) - expected).abs() < 700.0, "{hits:?}");
        }
    }
}
