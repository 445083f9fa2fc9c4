use super::{Binding, Limits};

/// One design of one commune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item {
    pub(super) tests: f64,
    pub(super) variance: f64,
    pub(super) missed: f64,
    pub(super) staff: f64,
}

pub(super) struct Solution {
    /// The item of each commune.
    pub(super) pick: Vec<usize>,
    /// The next better item on each commune's hull.
    pub(super) next: Vec<Option<usize>>,
    /// What kept each commune from it.
    pub(super) stops: Vec<Option<Binding>>,
    pub(super) binding: Binding,
    pub(super) tests: f64,
    pub(super) tests_with_safety: f64,
    pub(super) missed: f64,
    pub(super) staff: f64,
}

/// Staff weighs as so many tests a minute in the resource the hulls are drawn over; with two kinds of limit the best of a
/// few weights is taken.
const STAFF_WEIGHTS: [f64; 6] = [0.0, 0.1, 0.5, 2.0, 10.0, 1e4];

pub(super) fn solve(items: &[Vec<Item>], homes: &[usize], capacity: &[f64], limits: &Limits) -> Solution {
    let weights = if limits.staff_minutes.is_some() { &STAFF_WEIGHTS[..] } else { &STAFF_WEIGHTS[..1] };
    let mut best: Option<Solution> = None;
    for weight in weights {
        let found = greedy(items, homes, capacity, limits, weight / limits.minutes_per_test.max(0.01));
        let better = best.as_ref().is_none_or(|old| {
            let rank = |s: &Solution| (s.binding == Binding::Infeasible, s.missed);
            rank(&found) < rank(old)
        });
        if better {
            best = Some(found);
        }
    }
    best.unwrap_or(Solution {
        pick: Vec::new(),
        next: Vec::new(),
        stops: Vec::new(),
        binding: Binding::Infeasible,
        tests: 0.0,
        tests_with_safety: 0.0,
        missed: 0.0,
        staff: 0.0,
    })
}

struct Load {
    tests: Vec<f64>,
    variance: Vec<f64>,
    staff: f64,
    z: f64,
}

impl Load {
    fn add(&mut self, home: usize, item: Item, sign: f64) {
        self.tests[home] += sign * item.tests;
        self.variance[home] += sign * item.variance;
        self.staff += sign * item.staff;
    }

    fn with_safety(&self, home: usize) -> f64 {
        self.tests[home] + self.z * self.variance[home].max(0.0).sqrt()
    }
}

fn greedy(
    items: &[Vec<Item>],
    homes: &[usize],
    capacity: &[f64],
    limits: &Limits,
    staff_weight: f64,
) -> Solution {
    let z = limits.z;
    let resource = |i: &Item| i.tests + staff_weight * i.staff;
    let hulls: Vec<Vec<usize>> = items.iter().map(|all| hull(all, &resource)).collect();
    let mut load =
        Load { tests: vec![0.0; capacity.len()], variance: vec![0.0; capacity.len()], staff: 0.0, z };
    for (c, hull) in hulls.iter().enumerate() {
        load.add(homes[c], items[c][hull[0]], 1.0);
    }
    let fits_staff = |load: &Load| limits.staff_minutes.is_none_or(|limit| load.staff <= limit);
    let feasible = (0..capacity.len()).all(|l| load.with_safety(l) <= capacity[l]) && fits_staff(&load);
    let mut level = vec![0_usize; items.len()];
    let mut binding = if feasible { Binding::Nothing } else { Binding::Infeasible };
    let mut stops = vec![if feasible { None } else { Some(Binding::Infeasible) }; items.len()];
    if feasible {
        // All steps of all hulls by what a unit of resource spares; within a commune they already fall.
        let mut steps: Vec<(f64, usize, usize)> = Vec::new();
        for (c, hull) in hulls.iter().enumerate() {
            for (k, pair) in hull.windows(2).enumerate() {
                let (from, to) = (items[c][pair[0]], items[c][pair[1]]);
                let gain = (from.missed - to.missed) / (resource(&to) - resource(&from)).max(1e-12);
                steps.push((gain, c, k));
            }
        }
        steps.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
        for (_, c, k) in steps {
            if level[c] != k {
                continue;
            }
            let (from, to) = (items[c][hulls[c][k]], items[c][hulls[c][k + 1]]);
            let price = (to.tests - from.tests) / (from.missed - to.missed);
            if limits.worth.is_some_and(|worth| price > worth) {
                stops[c] = Some(Binding::Worth);
                continue;
            }
            let home = homes[c];
            load.add(home, from, -1.0);
            load.add(home, to, 1.0);
            if load.with_safety(home) <= capacity[home] && fits_staff(&load) {
                level[c] = k + 1;
            } else {
                stops[c] = Some(if fits_staff(&load) { Binding::Tests } else { Binding::Staff });
                load.add(home, to, -1.0);
                load.add(home, from, 1.0);
            }
        }
        // A limit says more than the price of a test: it is named first.
        let hit = |b: Binding| stops.contains(&Some(b));
        binding = [Binding::Tests, Binding::Staff, Binding::Worth]
            .into_iter()
            .find(|b| hit(*b))
            .unwrap_or(Binding::Nothing);
    }
    let pick: Vec<usize> = hulls.iter().zip(&level).map(|(hull, k)| hull[*k]).collect();
    let next = hulls.iter().zip(&level).map(|(hull, k)| hull.get(k + 1).copied()).collect();
    Solution {
        missed: items.iter().zip(&pick).map(|(all, k)| all[*k].missed).sum(),
        tests: load.tests.iter().sum(),
        tests_with_safety: load.tests.iter().sum::<f64>()
            + z * load.variance.iter().sum::<f64>().max(0.0).sqrt(),
        staff: load.staff,
        pick,
        next,
        stops,
        binding,
    }
}

/// Lower convex hull of (resource, missed), from the cheapest item to the one that misses least.
fn hull(items: &[Item], resource: &impl Fn(&Item) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&items[*a], &items[*b]);
        resource(a).total_cmp(&resource(b)).then(a.missed.total_cmp(&b.missed))
    });
    let mut hull: Vec<usize> = Vec::new();
    for index in order {
        let point = (resource(&items[index]), items[index].missed);
        if hull.last().is_some_and(|last| items[*last].missed <= point.1) {
            continue;
        }
        while let [.., a, b] = hull[..] {
            let (a, b) = ((resource(&items[a]), items[a].missed), (resource(&items[b]), items[b].missed));
            // b lies on or above the line from a to the new point.
            if (b.1 - a.1) * (point.0 - a.0) >= (point.1 - a.1) * (b.0 - a.0) {
                hull.pop();
            } else {
                break;
            }
        }
        hull.push(index);
    }
    hull
}
