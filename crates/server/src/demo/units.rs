//! The product's own unit trees, of 2021 and of July 2025, with numbered synthetic hamlets.

use greenfort_store::units::load::{NewEdge, NewIndicator, NewSuccession, NewTree, NewUnit, UnitKey};
use greenfort_synth::units::{self, Unit};
use jiff::civil::Date;

/// The census the synthetic province repeats.
const CENSUS_DAY: Date = jiff::civil::date(2019, 4, 1);

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|e| format!("units.csv: `{text}` is no date: {e}"))
}

fn key(code: &str, valid_from: &str) -> Result<UnitKey, String> {
    Ok((code.to_owned(), date(valid_from)?))
}

/// Both trees as the store loads them.
///
/// # Errors
/// When the product's own files are broken.
pub fn trees() -> Result<NewTree, String> {
    let mut tree = NewTree::default();
    for unit in units::units().into_iter().chain(units::hamlets()) {
        add(&mut tree, &unit)?;
    }
    for edge in units::edges() {
        tree.edges.push(NewEdge {
            child: key(&edge.child.0, edge.child.1)?,
            parent: key(&edge.parent.0, edge.parent.1)?,
            valid_from: date(edge.valid_from)?,
            valid_to: edge.valid_to.map(date).transpose()?,
        });
    }
    for s in units::successions() {
        tree.successions.push(NewSuccession {
            from: key(s.from.0, s.from.1)?,
            to: key(s.to.0, s.to.1)?,
            basis: s.basis.to_owned(),
        });
    }
    Ok(tree)
}

fn add(tree: &mut NewTree, unit: &Unit) -> Result<(), String> {
    let key = key(&unit.code, unit.valid_from)?;
    tree.units.push(NewUnit {
        code: unit.code.clone(),
        valid_from: key.1,
        valid_to: unit.valid_to.map(date).transpose()?,
        level: unit.level.as_str().to_owned(),
        kind: unit.kind.to_owned(),
        name: unit.name.clone(),
        lon: unit.lon,
        lat: unit.lat,
        area_km2: unit.area_km2,
    });
    let figures = [("census_persons", unit.pop_2019), ("census_households", unit.households_2019)];
    for (indicator, value) in figures {
        let Some(value) = value else { continue };
        tree.indicators.push(NewIndicator {
            unit: key.clone(),
            indicator,
            day: CENSUS_DAY,
            value: f64::from(value),
            source: "GSO, census of 1 April 2019".to_owned(),
        });
    }
    Ok(())
}
