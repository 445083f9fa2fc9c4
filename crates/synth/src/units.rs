//! The administrative tree with its validity, and its synthetic hamlets.
//!
//! The key of a unit is (code, valid_from): codes were re-used in July 2025. Dates are ISO text; `valid_to` is
//! the last day of validity, `None` while in force. Sources: `crates/domain/data/units/README.md`.

use std::f64::consts::PI;

use crate::csv;

/// Level in the tree, from the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Province,
    District,
    Commune,
    Hamlet,
}

impl Level {
    /// The word used in tables and routes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Hamlet => "hamlet",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "province" => Self::Province,
            "district" => Self::District,
            "commune" => Self::Commune,
            other => panic!("embedded table: no level '{other}'"),
        }
    }
}

/// One row of the tree. `kind` is `tinh`, `thanh-pho`, `huyen`, `phuong`, `xa`, `thi-tran`, `ap` or `khu-pho`.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    pub level: Level,
    /// Code of the parent that is valid on `valid_from`; later parents are in [`edges`].
    pub parent_code: Option<String>,
    pub valid_from: &'static str,
    pub valid_to: Option<&'static str>,
    /// WGS 84, approximate.
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub area_km2: Option<f64>,
    pub pop_2019: Option<u32>,
    pub households_2019: Option<u32>,
    pub pop_urban_2019: Option<u32>,
    pub source: &'static str,
}

/// `to` took over `from`. Keys are (code, valid_from).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    pub from: (&'static str, &'static str),
    pub to: (&'static str, &'static str),
    /// `published-mapping`, `inferred-geometry` or `reform-2025`.
    pub basis: &'static str,
}

/// `child` belongs to `parent` from `valid_from` to `valid_to`. Keys are (code, valid_from of the unit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub child: (String, &'static str),
    pub parent: (String, &'static str),
    pub valid_from: &'static str,
    pub valid_to: Option<&'static str>,
}

/// First day of the tree of 157 communes.
pub const TREE_2020: &str = "2020-02-01";
/// Its last day.
pub const TREE_2020_END: &str = "2025-06-30";
/// First day of the tree without districts.
pub const TREE_2025: &str = "2025-07-01";
/// Residents of a hamlet, about.
pub const PEOPLE_PER_HAMLET: u32 = 1350;

/// Provinces, districts and communes of both trees, parents first within a tree: 216 rows. No hamlets.
pub fn units() -> Vec<Unit> {
    csv::rows(include_str!("../../domain/data/units/units.csv"))
        .map(|r| Unit {
            code: r.text(0).to_owned(),
            name: r.text(1).to_owned(),
            kind: r.text(2),
            level: Level::from_word(r.text(3)),
            parent_code: r.optional(4),
            valid_from: r.text(5),
            valid_to: Some(r.text(6)).filter(|day| !day.is_empty()),
            lon: r.optional(7),
            lat: r.optional(8),
            area_km2: r.optional(9),
            pop_2019: r.optional(10),
            households_2019: r.optional(11),
            pop_urban_2019: r.optional(12),
            source: r.text(13),
        })
        .collect()
}

/// Who took over whom on 1 July 2025: 157 communes and the province.
pub fn successions() -> Vec<Succession> {
    csv::rows(include_str!("../../domain/data/units/unit-successions.csv"))
        .map(|r| Succession { from: (r.text(0), r.text(1)), to: (r.text(2), r.text(3)), basis: r.text(4) })
        .collect()
}

/// The numbered hamlets of one commune of 2020: `Ấp n` in a xã, `Khu phố n` elsewhere; code = commune code,
/// `-`, two digits. They depend on the commune's size alone, not on a seed. Places lie on a spiral inside a
/// disc of the commune's area.
pub fn hamlets_of(commune: &Unit) -> Vec<Unit> {
    let people = commune.pop_2019.unwrap_or(0);
    let count = ((people + PEOPLE_PER_HAMLET / 2) / PEOPLE_PER_HAMLET).max(1);
    let area = commune.area_km2.unwrap_or(1.0);
    let (kind, word) = if commune.kind == "xa" { ("ap", "Ấp") } else { ("khu-pho", "Khu phố") };
    let golden_angle = PI * (3.0 - 5_f64.sqrt());
    (1..=count)
        .map(|n| {
            let share = (f64::from(n) - 0.5) / f64::from(count);
            let km = 0.85 * (area / PI * share).sqrt();
            let angle = f64::from(n) * golden_angle;
            let lat = commune.lat.map(|lat| lat + km * angle.sin() / KM_PER_DEGREE);
            let narrow = commune.lat.unwrap_or(10.0).to_radians().cos();
            let lon = commune.lon.map(|lon| lon + km * angle.cos() / (KM_PER_DEGREE * narrow));
            Unit {
                code: format!("{}-{n:02}", commune.code),
                name: format!("{word} {n}"),
                kind,
                level: Level::Hamlet,
                parent_code: Some(commune.code.clone()),
                valid_from: TREE_2020,
                valid_to: None,
                lon: lon.map(to_metres),
                lat: lat.map(to_metres),
                area_km2: Some((100.0 * area / f64::from(count)).round() / 100.0),
                pop_2019: None,
                households_2019: None,
                pop_urban_2019: None,
                source: "synthetic",
            }
        })
        .collect()
}

const KM_PER_DEGREE: f64 = 111.2;

/// Five decimals, about a metre: what a position of this kind can pretend to.
fn to_metres(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// Kilometres between two units, on a flat patch of the earth; 0 where a position is unknown.
pub(crate) fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let narrow = ((a.1 + b.1) / 2.0).to_radians().cos();
    KM_PER_DEGREE * ((a.0 - b.0) * narrow).hypot(a.1 - b.1)
}

/// All hamlets of the province, by commune, in the order of [`units`].
pub fn hamlets() -> Vec<Unit> {
    units()
        .iter()
        .filter(|unit| unit.level == Level::Commune && unit.valid_from == TREE_2020)
        .flat_map(hamlets_of)
        .collect()
}

/// Every parent edge with its dates, hamlets included. A hamlet keeps its identity over the reform of July 2025
/// and has two edges.
pub fn edges() -> Vec<Edge> {
    let mut edges: Vec<Edge> = units()
        .into_iter()
        .filter_map(|unit| {
            let parent = (unit.parent_code?, unit.valid_from);
            let child = (unit.code, unit.valid_from);
            Some(Edge { child, parent, valid_from: unit.valid_from, valid_to: unit.valid_to })
        })
        .collect();
    let successions = successions();
    for hamlet in hamlets() {
        let Some(commune) = hamlet.parent_code else { continue };
        let child = (hamlet.code, hamlet.valid_from);
        edges.push(Edge {
            child: child.clone(),
            parent: (commune.clone(), TREE_2020),
            valid_from: TREE_2020,
            valid_to: Some(TREE_2020_END),
        });
        if let Some(next) = successions.iter().find(|s| s.from == (commune.as_str(), TREE_2020)) {
            let parent = (next.to.0.to_owned(), next.to.1);
            edges.push(Edge { child, parent, valid_from: TREE_2025, valid_to: None });
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    fn key(unit: &Unit) -> (String, &'static str) {
        (unit.code.clone(), unit.valid_from)
    }

    #[test]
    fn both_trees_add_up_to_the_census() {
        for (tree, communes, districts) in [(TREE_2020, 157, 9), (TREE_2025, 48, 0)] {
            let of_level = |level| {
                units()
                    .into_iter()
                    .filter(move |u| u.valid_from == tree && u.level == level)
                    .collect::<Vec<_>>()
            };
            let leaves = of_level(Level::Commune);
            assert_eq!((leaves.len(), of_level(Level::District).len()), (communes, districts));
            assert_eq!(leaves.iter().filter_map(|u| u.pop_2019).sum::<u32>(), 1_288_463);
            assert_eq!(leaves.iter().filter_map(|u| u.households_2019).sum::<u32>(), 402_860);
            assert_eq!(leaves.iter().filter_map(|u| u.pop_urban_2019).sum::<u32>(), 126_300);
        }
    }

    #[test]
    fn a_code_alone_is_no_key_but_with_its_date_it_is() {
        let units = units();
        let codes: HashSet<&str> = units.iter().map(|u| u.code.as_str()).collect();
        let keys: HashSet<_> = units.iter().chain(&hamlets()).map(key).collect();
        assert_eq!(codes.len(), units.len() - 48, "each commune of 2025 re-uses a code");
        assert_eq!(keys.len(), units.len() + hamlets().len());
    }

    #[test]
    fn every_edge_joins_units_valid_over_its_whole_time() {
        let units: HashMap<_, _> = units().into_iter().chain(hamlets()).map(|u| (key(&u), u)).collect();
        let open_end = |day: Option<&'static str>| day.unwrap_or("9999-12-31");
        for edge in edges() {
            for unit in [&units[&edge.child], &units[&edge.parent]] {
                assert!(unit.valid_from <= edge.valid_from, "{edge:?}");
                assert!(open_end(edge.valid_to) <= open_end(unit.valid_to), "{edge:?}");
            }
        }
    }

    #[test]
    fn on_any_day_every_unit_has_one_parent_or_is_a_root() {
        let all: Vec<Unit> = units().into_iter().chain(hamlets()).collect();
        for day in [TREE_2020, "2021-09-10", TREE_2020_END, TREE_2025, "2026-01-01"] {
            let holds = |from: &str, to: Option<&str>| from <= day && to.is_none_or(|to| day <= to);
            let mut parents: HashMap<(String, &str), u32> = HashMap::new();
            for edge in edges().into_iter().filter(|e| holds(e.valid_from, e.valid_to)) {
                *parents.entry(edge.child).or_default() += 1;
            }
            for unit in all.iter().filter(|u| holds(u.valid_from, u.valid_to)) {
                let expected = u32::from(unit.level != Level::Province);
                assert_eq!(parents.get(&key(unit)).copied().unwrap_or(0), expected, "{day} {}", unit.code);
            }
        }
    }

    #[test]
    fn successors_hold_the_people_of_those_they_took_over() {
        let by_key: HashMap<_, _> = units().into_iter().map(|u| (key(&u), u)).collect();
        let mut sums: HashMap<(&str, &str), u32> = HashMap::new();
        for s in successions() {
            let people = by_key[&(s.from.0.to_owned(), s.from.1)].pop_2019.unwrap();
            *sums.entry(s.to).or_default() += people;
        }
        assert_eq!(sums.len(), 49);
        for (to, people) in sums.into_iter().filter(|(to, _)| to.0 != "86") {
            assert_eq!(by_key[&(to.0.to_owned(), to.1)].pop_2019, Some(people), "{to:?}");
        }
        assert_eq!(successions().iter().filter(|s| s.basis == "inferred-geometry").count(), 11);
    }

    #[test]
    fn hamlets_are_of_a_size_a_community_team_can_know() {
        let hamlets = hamlets();
        assert!((900..1000).contains(&hamlets.len()), "{}", hamlets.len());
        for commune in units().iter().filter(|u| u.level == Level::Commune && u.valid_from == TREE_2020) {
            let count = hamlets.iter().filter(|h| h.parent_code.as_ref() == Some(&commune.code)).count();
            let size = commune.pop_2019.unwrap() as usize / count;
            assert!((1000..1800).contains(&size), "{} {size}", commune.name);
        }
        assert_eq!((hamlets[0].code.as_str(), hamlets[0].name.as_str()), ("28756-01", "Khu phố 1"));
    }
}
