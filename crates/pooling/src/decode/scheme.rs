use crate::array::Array;
use crate::design::Design;
use crate::error::Result;
use crate::hierarchy::Hierarchy;

/// Whether material of each person remains after pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    /// Pooled in the laboratory: every tube remains.
    Media,
    /// Swabs pooled at collection: nothing remains.
    Swab,
}

/// All tests a design can need, by index: pools first (stage by stage down each tree; or master, rows, columns),
/// then single tests in the order of the specimens.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheme {
    design: Design,
    material: Material,
    tests: Vec<Test>,
    /// The test of each specimen alone.
    single: Vec<usize>,
}

/// The specimens `start, start + step, …`, `count` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) stage: usize,
    pub(super) start: usize,
    pub(super) step: usize,
    pub(super) count: usize,
    pub(super) parent: Option<usize>,
}

impl Scheme {
    /// The tests of a design on pooled material of this kind.
    #[must_use]
    pub fn new(design: &Design, material: Material) -> Self {
        let (tests, single) = match design {
            Design::Hierarchy(h) => hierarchy(h),
            Design::Array(a) => array(*a),
        };
        Self { design: design.clone(), material, tests, single }
    }

    /// One pool of `size`, then singles; test 0 is the pool, test 1 + x the single of specimen x.
    pub fn dorfman(size: usize, material: Material) -> Result<Self> {
        Ok(Self::new(&Design::dorfman(size)?, material))
    }

    /// The design.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Where pools are made.
    #[must_use]
    pub fn material(&self) -> Material {
        self.material
    }

    /// How many specimens it holds.
    #[must_use]
    pub fn specimens(&self) -> usize {
        self.single.len()
    }

    /// Number of tests; their indices are `0..tests()`.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.tests.len()
    }

    /// The index of the single test of a specimen.
    #[must_use]
    pub fn single(&self, specimen: usize) -> Option<usize> {
        self.single.get(specimen).copied()
    }

    /// The specimens in a test; none for an index the scheme does not have.
    pub fn specimens_in(&self, test: usize) -> impl Iterator<Item = usize> + use<> {
        let t = self.tests.get(test).copied();
        t.into_iter().flat_map(|t| (0..t.count).map(move |k| t.start + k * t.step))
    }

    /// The stage a test belongs to, 0 first.
    #[must_use]
    pub fn stage(&self, test: usize) -> Option<usize> {
        self.tests.get(test).map(|t| t.stage)
    }

    /// The tests that can be run at once, before anything is read.
    #[must_use]
    pub fn first_tests(&self) -> Vec<usize> {
        (0..self.tests.len()).filter(|t| self.tests[*t].stage == 0).collect()
    }

    /// Whether a test is of one specimen alone.
    #[must_use]
    pub fn is_single(&self, test: usize) -> bool {
        self.tests.get(test).is_some_and(|t| t.count == 1)
    }

    pub(super) fn array(&self) -> Option<Array> {
        if let Design::Array(a) = self.design { Some(a) } else { None }
    }

    pub(super) fn test(&self, index: usize) -> Test {
        self.tests[index]
    }
}

fn hierarchy(h: &Hierarchy) -> (Vec<Test>, Vec<usize>) {
    let mut tests: Vec<Test> = h
        .pools()
        .iter()
        .map(|g| Test { stage: g.stage, start: g.start, step: 1, count: g.size, parent: g.parent })
        .collect();
    // The innermost pool of everyone: later pools overwrite earlier ones.
    let mut inner = vec![0; h.members()];
    for (index, test) in tests.iter().enumerate() {
        inner[test.start..test.start + test.count].fill(index);
    }
    let last = h.stages().len();
    let single = inner
        .into_iter()
        .enumerate()
        .map(|(specimen, pool)| {
            if tests[pool].count == 1 {
                return pool;
            }
            tests.push(Test { stage: last, start: specimen, step: 1, count: 1, parent: Some(pool) });
            tests.len() - 1
        })
        .collect();
    (tests, single)
}

fn array(a: Array) -> (Vec<Test>, Vec<usize>) {
    let (n, m) = (a.rows(), a.columns());
    let first = usize::from(a.master());
    let parent = a.master().then_some(0);
    let mut tests = Vec::with_capacity(first + n + m + n * m);
    if a.master() {
        tests.push(Test { stage: 0, start: 0, step: 1, count: n * m, parent: None });
    }
    tests.extend((0..n).map(|i| Test { stage: first, start: i * m, step: 1, count: m, parent }));
    tests.extend((0..m).map(|j| Test { stage: first, start: j, step: m, count: n, parent }));
    let singles = tests.len();
    tests.extend((0..n * m).map(|x| Test { stage: first + 1, start: x, step: 1, count: 1, parent: None }));
    (tests, (singles..singles + n * m).collect())
}
