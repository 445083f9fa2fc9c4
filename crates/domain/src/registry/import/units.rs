//! Which unit a row means by its names and codes.

use super::fault::Reason;
use greenfort_kernel::UnitId;
use greenfort_kernel::text::fold;
use std::collections::HashMap;

/// A unit of the area chosen for an import, with the commune it lies in.
#[derive(Debug, Clone)]
pub struct PlaceRow {
    pub id: UnitId,
    pub code: String,
    /// `commune` or `hamlet`; other levels hold no people.
    pub level: String,
    pub name: String,
    pub commune: Option<UnitId>,
}

/// Units by code and by name.
#[derive(Debug, Default)]
pub struct Places {
    by_code: HashMap<String, UnitId>,
    communes: HashMap<String, Vec<UnitId>>,
    hamlets: HashMap<String, Vec<(UnitId, Option<UnitId>)>>,
    only: Option<UnitId>,
    commune_of: HashMap<UnitId, UnitId>,
}

impl Places {
    /// `chosen` is the unit the sheet is about: where it is a commune or hamlet, rows need not name it.
    pub fn new(rows: &[PlaceRow], chosen: UnitId) -> Self {
        let mut places = Self::default();
        for row in rows {
            places.by_code.insert(fold(&row.code), row.id);
            places.commune_of.insert(row.id, row.commune.unwrap_or(row.id));
            match row.level.as_str() {
                "commune" => places.communes.entry(bare(&row.name)).or_default().push(row.id),
                "hamlet" => places.hamlets.entry(bare(&row.name)).or_default().push((row.id, row.commune)),
                _ => continue,
            }
            if row.id == chosen {
                places.only = Some(chosen);
            }
        }
        places
    }

    /// A unit by its code.
    ///
    /// # Errors
    /// When there is none in the area.
    pub fn by_code(&self, code: &str) -> Result<UnitId, Reason> {
        let folded = fold(code);
        let code = folded.strip_suffix(".0").unwrap_or(&folded);
        self.by_code.get(code).copied().ok_or(Reason::UnknownHamlet)
    }

    /// A commune by its name.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn commune(&self, name: &str) -> Result<UnitId, Reason> {
        match self.communes.get(&bare(name)).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some([_, _, ..]) => Err(Reason::SeveralHamlets),
            _ => Err(Reason::UnknownHamlet),
        }
    }

    /// A hamlet by its name, inside a commune where that is known.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn hamlet(&self, name: &str, commune: Option<UnitId>) -> Result<UnitId, Reason> {
        let found = self.hamlets.get(&bare(name)).map(Vec::as_slice).unwrap_or_default();
        let mut inside = found.iter().filter(|(_, of)| commune.is_none() || *of == commune);
        match (inside.next(), inside.next()) {
            (Some((one, _)), None) => Ok(*one),
            (Some(_), Some(_)) => Err(Reason::SeveralHamlets),
            (None, _) => Err(Reason::UnknownHamlet),
        }
    }

    /// The commune a unit lies in; a commune is its own.
    pub fn commune_of(&self, unit: UnitId) -> UnitId {
        self.commune_of.get(&unit).copied().unwrap_or(unit)
    }

    /// Where people live whose row names no place.
    pub fn only(&self) -> Option<UnitId> {
        self.only
    }
}

/// `Ấp Tân An`, `ấp tân an`, `TÂN AN`: one name. Numbers lose leading zeros: `Ấp 03` is `Ấp 3`.
fn bare(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split([' ', '.', ':', ',']).filter(|w| !w.is_empty()).collect();
    const KINDS: &[&[&str]] = &[
        &["khu", "pho"],
        &["thi", "tran"],
        &["ap"],
        &["kp"],
        &["xa"],
        &["phuong"],
        &["tt"],
        &["thon"],
        &["p"],
        &["x"],
    ];
    for kind in KINDS {
        if words.len() > kind.len() && words.starts_with(kind) {
            words.drain(..kind.len());
            break;
        }
    }
    let words: Vec<String> = words
        .into_iter()
        .map(|w| match w.parse::<u32>() {
            Ok(number) => number.to_string(),
            Err(_) => w.to_owned(),
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let row = |id, code: &str, level: &str, name: &str, commune: Option<i32>| PlaceRow {
            id: UnitId(id),
            code: code.into(),
            level: level.into(),
            name: name.into(),
            commune: commune.map(UnitId),
        };
        Places::new(
            &[
                row(1, "831", "district", "Huyện Châu Thành", None),
                row(2, "28807", "commune", "Xã Giao Long", Some(2)),
                row(3, "28807-01", "hamlet", "Ấp 1", Some(2)),
                row(4, "28807-02", "hamlet", "Ấp Long Hòa", Some(2)),
                row(5, "28810", "commune", "Xã An Phước", Some(5)),
                row(6, "28810-01", "hamlet", "Ấp 1", Some(5)),
            ],
            UnitId(1),
        )
    }

    #[test]
    fn hamlets_are_found_however_they_are_written() {
        let places = places();
        for written in ["Ấp Long Hòa", "ấp long hoà", "LONG HÒA", "Ap Long Hoa"] {
            assert_eq!(places.hamlet(written, None), Ok(UnitId(4)), "{written}");
        }
        assert_eq!(places.hamlet("1", Some(UnitId(5))), Ok(UnitId(6)));
        assert_eq!(places.hamlet("Ấp 01", Some(UnitId(2))), Ok(UnitId(3)));
        assert_eq!(places.hamlet("Ấp 1", None), Err(Reason::SeveralHamlets));
        assert_eq!(places.hamlet("Ấp 9", None), Err(Reason::UnknownHamlet));
        assert_eq!(places.commune("giao long"), Ok(UnitId(2)));
        assert_eq!(places.by_code("28810-01"), Ok(UnitId(6)));
        assert_eq!(places.only(), None, "a district is no place of residence");
    }
}
