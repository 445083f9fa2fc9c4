//! The laboratory's procedure walked through every truth and every reading.

use greenfort_pooling::{Accuracy, Algorithm};

/// What happened on one path through one truth.
#[derive(Clone)]
struct Path {
    chance: f64,
    tests: f64,
    /// Who is tested alone at the end, by the accuracy used; everybody else is negative.
    alone: Vec<(usize, Accuracy)>,
    /// Who was called positive by a pool of one that stops there.
    called: Vec<usize>,
}

impl Path {
    fn start() -> Self {
        Self { chance: 1.0, tests: 0.0, alone: Vec::new(), called: Vec::new() }
    }

    /// One test of these people: the path where it reads positive and the one where it reads negative.
    fn test(&self, truth: usize, people: &[usize], a: Accuracy) -> [Self; 2] {
        let infected = people.iter().any(|x| truth >> x & 1 == 1);
        let positive = if infected { a.se() } else { 1.0 - a.sp() };
        let mut yes = self.clone();
        yes.tests += 1.0;
        let mut no = yes.clone();
        yes.chance *= positive;
        no.chance *= 1.0 - positive;
        [yes, no]
    }
}

/// Walks one pool of a nested design: `stages` are the sizes of the stages below, covering `people`.
fn walk(
    path: &Path,
    truth: usize,
    people: &[usize],
    stage: usize,
    stages: &[Vec<Vec<usize>>],
    a: &[Accuracy],
) -> Vec<Path> {
    let last = a.len() - 1;
    let alone_at_once = people.len() == 1 && stage == 0;
    let [mut yes, no] = path.test(truth, people, if alone_at_once { a[last] } else { a[stage] });
    if people.len() == 1 {
        yes.called.push(people[0]);
        return vec![yes, no];
    }
    if stage + 1 == stages.len() {
        for x in people {
            yes.alone.push((*x, a[last]));
        }
        return vec![yes, no];
    }
    let mut open = vec![yes];
    for pool in stages[stage + 1].iter().filter(|pool| people.contains(&pool[0])) {
        open = open.into_iter().flat_map(|p| walk(&p, truth, pool, stage + 1, stages, a)).collect();
    }
    open.push(no);
    open
}

fn nested(truth: usize, sizes: &[Vec<usize>], a: &[Accuracy]) -> Vec<Path> {
    let stages: Vec<Vec<Vec<usize>>> = sizes
        .iter()
        .map(|stage| {
            let mut next = 0..;
            stage.iter().map(|n| next.by_ref().take(*n).collect()).collect()
        })
        .collect();
    let mut open = vec![Path::start()];
    for pool in &stages[0] {
        open = open.into_iter().flat_map(|p| walk(&p, truth, pool, 0, &stages, a)).collect();
    }
    open
}

fn plate(truth: usize, rows: usize, columns: usize, master: bool, a: &[Accuracy]) -> Vec<Path> {
    let everyone: Vec<usize> = (0..rows * columns).collect();
    let mut done = Vec::new();
    let mut open = vec![(Path::start(), 0_usize)];
    let (line, single) = (a[a.len() - 2], a[a.len() - 1]);
    if master {
        let [yes, no] = Path::start().test(truth, &everyone, a[0]);
        done.push(no);
        open = vec![(yes, 0)];
    }
    let people_of = |l: usize| -> Vec<usize> {
        let of_row = |x: &usize| if l < rows { x / columns == l } else { x % columns == l - rows };
        everyone.iter().copied().filter(of_row).collect()
    };
    for l in 0..rows + columns {
        let people = people_of(l);
        open = open
            .into_iter()
            .flat_map(|(path, seen)| {
                let [yes, no] = path.test(truth, &people, line);
                [(yes, seen | 1 << l), (no, seen)]
            })
            .collect();
    }
    for (mut path, seen) in open {
        let row = |x: &usize| seen >> (x / columns) & 1 == 1;
        let column = |x: &usize| seen >> (rows + x % columns) & 1 == 1;
        let any_row = everyone.iter().any(row);
        let any_column = everyone.iter().any(column);
        path.alone = everyone
            .iter()
            .filter(|x| match (any_row, any_column) {
                (true, true) => row(x) && column(x),
                (true, false) => row(x),
                (false, true) => column(x),
                (false, false) => false,
            })
            .map(|x| (*x, single))
            .collect();
        done.push(path);
    }
    done
}

pub(crate) struct Counted {
    pub(crate) tests: f64,
    pub(crate) variance: f64,
    pub(crate) pse: Vec<f64>,
    pub(crate) psp: Vec<f64>,
    /// Expected numbers: infected called positive, uninfected called positive, infected called negative, rest.
    pub(crate) found: f64,
    pub(crate) wrong: f64,
    pub(crate) missed: f64,
    pub(crate) cleared: f64,
}

pub(crate) fn count(algorithm: Algorithm, config: &str, p: &[f64], a: &[Accuracy]) -> Counted {
    let n = p.len();
    let (mut mean, mut square) = (0.0, 0.0);
    // P(called positive and infected), P(called positive and not), for everyone.
    let (mut hit, mut alarm) = (vec![0.0; n], vec![0.0; n]);
    let grid =
        config.split_once('x').map(|(r, c)| (r.parse::<usize>().unwrap(), c.parse::<usize>().unwrap()));
    let sizes: Vec<Vec<usize>> = if grid.is_some() {
        Vec::new()
    } else {
        config.split('|').map(|s| s.split('+').map(|x| x.parse().unwrap()).collect()).collect()
    };
    for truth in 0..1_usize << n {
        let weight: f64 = (0..n).map(|x| if truth >> x & 1 == 1 { p[x] } else { 1.0 - p[x] }).product();
        if weight == 0.0 {
            continue;
        }
        let paths = match grid {
            Some((rows, columns)) => plate(truth, rows, columns, algorithm == Algorithm::A2M, a),
            None => nested(truth, &sizes, a),
        };
        for path in paths {
            let w = weight * path.chance;
            let tests = path.tests + path.alone.len() as f64;
            mean += w * tests;
            square += w * tests * tests;
            for (x, accuracy) in &path.alone {
                if truth >> x & 1 == 1 {
                    hit[*x] += w * accuracy.se();
                } else {
                    alarm[*x] += w * (1.0 - accuracy.sp());
                }
            }
            for x in path.called {
                if truth >> x & 1 == 1 { hit[x] += w } else { alarm[x] += w }
            }
        }
    }
    Counted {
        tests: mean,
        variance: square - mean * mean,
        pse: hit.iter().zip(p).map(|(h, p)| h / p).collect(),
        psp: alarm.iter().zip(p).map(|(f, p)| 1.0 - f / (1.0 - p)).collect(),
        found: hit.iter().sum(),
        wrong: alarm.iter().sum(),
        missed: p.iter().zip(&hit).map(|(p, h)| p - h).sum(),
        cleared: p.iter().zip(&alarm).map(|(p, f)| 1.0 - p - f).sum(),
    }
}
