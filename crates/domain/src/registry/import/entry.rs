//! A row of the sheet as a person, in the order in which the sheet has them: lines that name a hamlet, and heads of
//! households, hold for the rows below.

use super::Field;
use super::cell::{self, Cell};
use super::charset::Repair;
use super::fault::{Fault, Reason};
use super::head::Layout;
use super::units::Places;
use greenfort_kernel::UnitId;
use greenfort_kernel::personal_id::{PersonalId, Sex};
use greenfort_kernel::phone::Phone;
use greenfort_kernel::text::{fold, nfc};
use jiff::civil::Date;
use std::borrow::Cow;

/// Year of birth; month and day where they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    pub year: i16,
    pub day: Option<(i8, i8)>,
}

/// A person as a row gives one. What the row leaves blank is unknown and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub row: u32,
    pub name: String,
    pub birth: Birth,
    pub sex: Sex,
    pub id_number: Option<PersonalId>,
    pub insurance: Option<String>,
    pub phone: Option<Phone>,
    pub address: Option<String>,
    pub unit: UnitId,
    /// What names the household inside the sheet and from one sheet to the next; none: nothing is known of it.
    pub household: Option<String>,
    pub relation: Option<&'static str>,
    pub doses: Option<i16>,
    /// The sheet's own code of the person, with the commune that gave it.
    pub code: Option<String>,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Blank, a hamlet's heading, a total, a signature: nobody.
    Other,
    Person(Box<Entry>),
    Rejected(Vec<Fault>),
}

/// What holds for the whole sheet.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub today: Date,
    pub repair: Repair,
    /// Lets the undiallable phones of the demonstration through.
    pub demonstration: bool,
}

/// Reads rows one after the other.
pub struct Reader<'a> {
    column: [Option<usize>; Field::ALL.len()],
    places: &'a Places,
    settings: Settings,
    names_place: bool,
    /// The hamlet that a line of its own named last.
    section: Option<UnitId>,
    /// The head of household above.
    head: Option<String>,
}

const LONGEST_ADDRESS: usize = 300;
const LONGEST_CODE: usize = 40;

impl<'a> Reader<'a> {
    pub fn new(layout: &Layout, places: &'a Places, settings: Settings) -> Self {
        let mut column = [None; Field::ALL.len()];
        for (slot, field) in column.iter_mut().zip(Field::ALL) {
            *slot = layout.column_of(*field);
        }
        let has = |field| layout.column_of(field).is_some();
        let names_place = has(Field::Hamlet) || has(Field::Commune) || has(Field::UnitCode);
        Self { column, places, settings, names_place, section: None, head: None }
    }

    fn at(&self, field: Field) -> Option<usize> {
        self.column[field as usize]
    }

    fn cell<'c>(&self, cells: &'c [Cell<'c>], field: Field) -> &'c Cell<'c> {
        self.at(field).and_then(|at| cells.get(at)).unwrap_or(&Cell::Empty)
    }

    fn text<'c>(&self, cells: &'c [Cell<'c>], field: Field) -> Cow<'c, str> {
        match self.cell(cells, field) {
            Cell::Text(text) => match self.settings.repair.apply(text.trim()) {
                Cow::Borrowed(text) => Cow::Borrowed(text),
                Cow::Owned(text) => Cow::Owned(text),
            },
            other => other.text(),
        }
    }

    /// One row under the head. `row` is its number in the spreadsheet.
    pub fn read(&mut self, row: u32, cells: &[Cell<'_>]) -> Line {
        let name = self.full_name(cells);
        if self.is_nobody(cells) && (self.section_line(cells) || name.trim().is_empty() || is_closing(&name))
        {
            return Line::Other;
        }
        let mut faults = Vec::new();
        let mut wrong = |column: Option<usize>, reason| {
            let column = column.and_then(|c| u16::try_from(c).ok());
            faults.push(Fault { row, column, reason });
        };
        let name_column = self.at(Field::Name).or(self.at(Field::GivenName));
        let name = cell::name(&name).map_err(|r| wrong(name_column, r)).ok();
        let (birth, sex_of_column, birth_column) = self.birth(cells);
        let birth = birth.map_err(|r| wrong(birth_column, r)).ok();
        let id_cell = self.cell(cells, Field::IdNumber);
        let sex = match self.sex(cells, sex_of_column) {
            Ok(Some(sex)) => Some(sex),
            Ok(None) => {
                // A CCCD says it.
                let from_id =
                    cell::identity(id_cell, None, birth.map(|b| b.year)).ok().and_then(|id| id.sex());
                if from_id.is_none() {
                    wrong(self.at(Field::Sex), Reason::NoSex);
                }
                from_id
            }
            Err(reason) => {
                wrong(self.at(Field::Sex), reason);
                None
            }
        };
        let id_number = match id_cell.is_empty() {
            true => None,
            false => cell::identity(id_cell, sex, birth.map(|b| b.year))
                .map_err(|r| wrong(self.at(Field::IdNumber), r))
                .ok(),
        };
        let insurance = match self.cell(cells, Field::HealthInsurance) {
            empty if empty.is_empty() => None,
            cell => cell::insurance(cell).map_err(|r| wrong(self.at(Field::HealthInsurance), r)).ok(),
        };
        let phone = match self.cell(cells, Field::Phone) {
            empty if empty.is_empty() => None,
            cell => cell::phone(cell, self.settings.demonstration)
                .map_err(|r| wrong(self.at(Field::Phone), r))
                .ok(),
        };
        let address = Some(nfc(&self.text(cells, Field::Address))).filter(|a| !a.is_empty());
        if address.as_ref().is_some_and(|a| a.chars().count() > LONGEST_ADDRESS) {
            wrong(self.at(Field::Address), Reason::AddressTooLong);
        }
        let relation = self.relation(cells).map_err(|r| wrong(self.at(Field::Relation), r)).ok().flatten();
        let doses = self.doses(cells).map_err(|r| wrong(self.at(Field::VaccineDoses), r)).ok().flatten();
        let code = cell::household_number(&self.text(cells, Field::RecordCode));
        if code.chars().count() > LONGEST_CODE {
            wrong(self.at(Field::RecordCode), Reason::CodeTooLong);
        }
        let unit = self.unit(cells).map_err(|(column, r)| wrong(column, r)).ok();
        let household = self.household(cells, unit, relation, address.as_deref());
        match (name, birth, sex, unit) {
            (Some(name), Some(birth), Some(sex), Some(unit)) if faults.is_empty() => {
                Line::Person(Box::new(Entry {
                    row,
                    name,
                    birth,
                    sex,
                    id_number,
                    insurance,
                    phone,
                    address,
                    unit,
                    household,
                    relation,
                    doses,
                    code: Some(code)
                        .filter(|c| !c.is_empty())
                        .map(|code| format!("{}:{code}", self.places.commune_of(unit))),
                }))
            }
            _ => Line::Rejected(faults),
        }
    }

    fn full_name(&self, cells: &[Cell<'_>]) -> String {
        let whole = self.text(cells, Field::Name);
        let (family, given) = (self.text(cells, Field::FamilyName), self.text(cells, Field::GivenName));
        [whole, family, given]
            .iter()
            .filter(|t| !t.is_empty())
            .map(AsRef::as_ref)
            .collect::<Vec<&str>>()
            .join(" ")
    }

    /// A row without a name is a person all the same when it has a number or a birth.
    fn is_nobody(&self, cells: &[Cell<'_>]) -> bool {
        const TELLING: [Field; 6] = [
            Field::Birth,
            Field::BirthMale,
            Field::BirthFemale,
            Field::IdNumber,
            Field::HealthInsurance,
            Field::Phone,
        ];
        TELLING.iter().all(|field| self.cell(cells, *field).is_empty())
    }

    /// `ẤP 3` in a line of its own: the people below live there.
    fn section_line(&mut self, cells: &[Cell<'_>]) -> bool {
        let mut filled = cells.iter().filter(|c| !c.is_empty());
        let (Some(cell), None) = (filled.next(), filled.next()) else { return false };
        let text = cell.text();
        let text = self.settings.repair.apply(&text);
        // "I. Ấp 3", "2) Ấp Long Hòa"
        let name = text
            .split_once(['.', ')'])
            .filter(|(before, _)| before.len() <= 4)
            .map_or(text.as_ref(), |(_, name)| name);
        let found = self.places.hamlet(name, self.places.only()).or_else(|_| self.places.hamlet(name, None));
        self.section = found.as_ref().ok().copied().or(self.section);
        found.is_ok()
    }

    fn birth(&self, cells: &[Cell<'_>]) -> (Result<Birth, Reason>, Option<Sex>, Option<usize>) {
        let read = |field| {
            let found = cell::birth(self.cell(cells, field), self.settings.today);
            (found.map(|(year, day)| Birth { year, day }), self.at(field))
        };
        for (field, sex) in [(Field::BirthMale, Sex::Male), (Field::BirthFemale, Sex::Female)] {
            if !self.cell(cells, field).is_empty() {
                let (birth, column) = read(field);
                return (birth, Some(sex), column);
            }
        }
        let (birth, column) = read(Field::Birth);
        (birth, None, column.or(self.at(Field::BirthMale)))
    }

    fn sex(&self, cells: &[Cell<'_>], of_column: Option<Sex>) -> Result<Option<Sex>, Reason> {
        let word = self.text(cells, Field::Sex);
        if !word.is_empty() {
            return cell::sex(&word).map(Some);
        }
        let marked = |field| !self.cell(cells, field).is_empty();
        match (marked(Field::SexMale), marked(Field::SexFemale)) {
            (true, true) => Err(Reason::UnknownSex),
            (true, false) => Ok(Some(Sex::Male)),
            (false, true) => Ok(Some(Sex::Female)),
            (false, false) => Ok(of_column),
        }
    }

    fn unit(&self, cells: &[Cell<'_>]) -> Result<UnitId, (Option<usize>, Reason)> {
        let code = self.text(cells, Field::UnitCode);
        if !code.is_empty() {
            return self.places.by_code(&code).map_err(|r| (self.at(Field::UnitCode), r));
        }
        let (commune, hamlet) = (self.text(cells, Field::Commune), self.text(cells, Field::Hamlet));
        let commune = match commune.is_empty() {
            true => None,
            false => Some(self.places.commune(&commune).map_err(|r| (self.at(Field::Commune), r))?),
        };
        if !hamlet.is_empty() {
            return self.places.hamlet(&hamlet, commune.or_else(|| self.places.only())).or_else(|first| {
                // The chosen unit may be the hamlet itself.
                self.places.hamlet(&hamlet, commune).map_err(|_| (self.at(Field::Hamlet), first))
            });
        }
        // A line that names the hamlet holds for the rows below; a column of hamlets left blank is a gap.
        let gap = self.at(Field::Hamlet).is_some() && self.section.is_none() && commune.is_none();
        match self.section.or(commune).or_else(|| self.places.only()) {
            Some(unit) if !gap => Ok(unit),
            _ => Err((
                self.at(Field::Hamlet).or(self.at(Field::Commune)).filter(|_| self.names_place),
                Reason::NoHamlet,
            )),
        }
    }

    fn relation(&self, cells: &[Cell<'_>]) -> Result<Option<&'static str>, Reason> {
        let word = self.text(cells, Field::Relation);
        if word.is_empty() { Ok(None) } else { relation(&word).map(Some).ok_or(Reason::UnknownRelation) }
    }

    fn doses(&self, cells: &[Cell<'_>]) -> Result<Option<i16>, Reason> {
        let text = self.text(cells, Field::VaccineDoses);
        if text.is_empty() {
            return Ok(None);
        }
        let folded = fold(&text);
        if matches!(folded.as_str(), "chua" | "chua tiem" | "khong" | "-") {
            return Ok(Some(0));
        }
        let mut digits = folded.chars().filter(char::is_ascii_digit);
        match (digits.next().and_then(|d| d.to_digit(10)), digits.next()) {
            (Some(count), None) => Ok(i16::try_from(count).ok()),
            _ => Err(Reason::Doses),
        }
    }

    /// The household number where the sheet has one; else the head of household above; else the address.
    fn household(
        &mut self,
        cells: &[Cell<'_>],
        unit: Option<UnitId>,
        relation: Option<&'static str>,
        address: Option<&str>,
    ) -> Option<String> {
        if relation == Some("head") {
            let birth = self.birth(cells).0.map(|b| b.year).unwrap_or_default();
            self.head = Some(format!("head:{}:{birth}", fold(&self.full_name(cells))));
        }
        let unit = unit?;
        let number = self.text(cells, Field::HouseholdNumber);
        if !number.is_empty() {
            return Some(format!("{unit}:number:{}", cell::household_number(&number)));
        }
        if self.at(Field::Relation).is_some() && relation.is_some() {
            return self.head.as_ref().map(|head| format!("{unit}:{head}"));
        }
        let address = fold(address?);
        // An address without a number is a whole hamlet's: each person keeps it alone.
        if address.contains(|c: char| c.is_ascii_digit()) && !address.starts_with("ap ") {
            return Some(format!("{unit}:address:{address}"));
        }
        let birth = self.birth(cells).0.map(|b| b.year).unwrap_or_default();
        Some(format!("{unit}:alone:{address}:{}:{birth}", fold(&self.full_name(cells))))
    }
}

/// A total or a signature under the list.
fn is_closing(text: &str) -> bool {
    const BEGIN: [&str; 8] =
        ["tong cong", "tong so", "nguoi lap", "lap bang", "ngay ", "xac nhan", "ghi chu", "ke toan"];
    let text = fold(text);
    let total = text.strip_prefix("cong").map(|rest| rest.trim_start_matches([':', ' ']));
    BEGIN.iter().any(|begin| text.starts_with(begin))
        || total.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The word the register uses for a relation.
fn relation(word: &str) -> Option<&'static str> {
    let folded = fold(word);
    let text = folded.trim_end_matches(" chu ho");
    Some(match text {
        "chu ho" | "ch" | "head" | "chu" => "head",
        "vo" | "chong" | "vo chong" | "vo/chong" | "spouse" | "wife" | "husband" => "spouse",
        "con" | "con de" | "con ruot" | "con trai" | "con gai" | "con nuoi" | "child" | "con rieng" => {
            "child"
        }
        "con dau" | "con re" | "dau" | "re" => "child_in_law",
        "cha" | "me" | "bo" | "ba" | "ma" | "cha de" | "me de" | "bo de" | "cha me" | "cha vo" | "me vo"
        | "cha chong" | "me chong" | "bo vo" | "bo chong" | "parent" | "cha ruot" | "me ruot" => "parent",
        "chau" | "chau noi" | "chau ngoai" | "chau ruot" | "chat" | "grandchild" => "grandchild",
        "anh" | "chi" | "em" | "anh em" | "anh ruot" | "chi ruot" | "em ruot" | "anh chi em" | "em trai"
        | "em gai" | "anh trai" | "chi gai" | "sibling" => "sibling",
        "ong" | "ong noi" | "ba noi" | "ong ngoai" | "ba ngoai" | "co" | "chu ruot" | "bac" | "di"
        | "cau" | "mo" | "thim" | "anh re" | "chi dau" | "em re" | "em dau" | "chau dau" | "chau re"
        | "ho hang" | "ba con" | "relative" => "relative",
        "o tro" | "tro" | "o thue" | "thue tro" | "nguoi thue" | "tam tru" | "o nho" | "lodger"
        | "giup viec" => "lodger",
        "khac" | "thanh vien" | "member" | "nguoi khac" => "member",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
