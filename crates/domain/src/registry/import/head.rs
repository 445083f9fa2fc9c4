//! Where the head of a sheet is and what its columns hold: under title rows, over one or two lines, with merged cells.

use super::Field;
use super::cell::Cell;
use greenfort_kernel::text::fold;
use serde::{Deserialize, Serialize};

/// A column of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    /// Its heading; both lines where the head has two.
    pub heading: String,
    /// What it holds; none: it is left out.
    pub field: Option<Field>,
}

/// The head of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Rows before the first person, as the spreadsheet counts: the head is the last of them.
    pub head_rows: u32,
    pub columns: Vec<Column>,
}

impl Layout {
    /// Tells sheets of the same form from others: what the headings say, without marks and spaces.
    pub fn signature(&self) -> String {
        self.columns.iter().map(|c| fold(&c.heading)).collect::<Vec<_>>().join("|")
    }

    /// The column that holds a field.
    pub fn column_of(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|c| c.field == Some(field))
    }
}

/// Column letters as spreadsheets show them: 0 → A, 26 → AA.
pub fn column_letter(index: usize) -> String {
    let mut letters = String::new();
    let mut n = index + 1;
    while n > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((n - 1) % 26).unwrap_or(0)));
        n = (n - 1) / 26;
    }
    letters
}

/// Rows in which a head is looked for.
const LOOK_IN: usize = 30;

/// Finds the head among the first rows. None: no row names a column of names and one of births.
pub fn detect(rows: &[Vec<Cell<'_>>]) -> Option<Layout> {
    let texts: Vec<Vec<String>> = rows
        .iter()
        .take(LOOK_IN + 2)
        .map(|row| row.iter().map(|cell| one_line(&cell.text())).collect())
        .collect();
    let (at, _) = (0..texts.len().min(LOOK_IN))
        .map(|at| (at, known(&texts[at])))
        .filter(|(_, known)| *known >= 2)
        .max_by_key(|(at, known)| (*known, usize::MAX - at))?;
    let mut headings = texts[at].clone();
    let mut last = at;
    // A second line under merged cells: it names things where the first has gaps or one cell over several.
    if let Some(below) = texts.get(at + 1).filter(|below| is_second_line(&texts[at], below)) {
        let width = headings.len().max(below.len());
        headings.resize(width, String::new());
        let mut over = String::new();
        for (i, heading) in headings.iter_mut().enumerate() {
            let under = below.get(i).map(String::as_str).unwrap_or_default();
            if !heading.is_empty() {
                over.clone_from(heading);
            }
            if !under.is_empty() {
                *heading = if over.is_empty() || over == under {
                    under.to_owned()
                } else {
                    format!("{over} / {under}")
                };
            }
        }
        last += 1;
    } else if let Some(above) = at.checked_sub(1).map(|above| &texts[above]).filter(|above| known(above) >= 1)
    {
        let mut over = String::new();
        for (i, heading) in headings.iter_mut().enumerate() {
            if let Some(text) = above.get(i).filter(|t| !t.is_empty()) {
                over.clone_from(text);
            }
            if heading.is_empty() {
                *heading = above.get(i).cloned().unwrap_or_default();
            } else if !over.is_empty() && over != *heading {
                *heading = format!("{over} / {heading}");
            }
        }
    }
    // A line that numbers the columns: (1) (2) (3), or A B 1 2.
    if texts.get(last + 1).is_some_and(|row| numbers_columns(row)) {
        last += 1;
    }
    while headings.last().is_some_and(String::is_empty) {
        headings.pop();
    }
    let columns = with_fields(headings);
    let has = |field| columns.iter().any(|c| c.field == Some(field));
    let named = has(Field::Name) || has(Field::GivenName);
    named.then(|| Layout { head_rows: u32::try_from(last + 1).unwrap_or(u32::MAX), columns })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn known(row: &[String]) -> usize {
    row.iter().filter(|text| text.chars().count() <= 60 && meaning(text).is_some()).count()
}

/// The line under the head belongs to it when it names things, and is no person.
fn is_second_line(head: &[String], below: &[String]) -> bool {
    let filled = below.iter().filter(|t| !t.is_empty()).count();
    let words =
        below.iter().filter(|t| meaning(t).is_some() || matches!(fold(t).as_str(), "nam" | "nu")).count();
    let name_cell = head.iter().position(|t| meaning(t) == Some(Field::Name));
    let names_somebody =
        name_cell.and_then(|at| below.get(at)).is_some_and(|t| !t.is_empty() && meaning(t).is_none());
    filled > 0 && words * 2 >= filled && !names_somebody
}

fn numbers_columns(row: &[String]) -> bool {
    let filled: Vec<&str> =
        row.iter().map(|t| t.trim_matches(['(', ')', ' '])).filter(|t| !t.is_empty()).collect();
    let numbers: Vec<u32> = filled.iter().filter_map(|t| t.parse().ok()).collect();
    let letters = filled.iter().filter(|t| t.len() == 1 && t.bytes().all(|b| b.is_ascii_uppercase())).count();
    numbers.len() >= 3
        && numbers.len() + letters == filled.len()
        && numbers.windows(2).all(|w| w[1] == w[0] + 1)
}

/// Each field once: the first column that means it has it.
fn with_fields(headings: Vec<String>) -> Vec<Column> {
    let mut used = Vec::new();
    let mut columns: Vec<Column> = headings
        .into_iter()
        .map(|heading| {
            let field = meaning(&heading).filter(|field| !used.contains(field));
            used.extend(field);
            Column { heading, field }
        })
        .collect();
    // "Họ và tên" merged over two cells: the given name stands in the second.
    if let Some(at) = columns.iter().position(|c| c.field == Some(Field::Name)) {
        let next_is_blank = columns.get(at + 1).is_some_and(|c| c.heading.is_empty());
        if next_is_blank {
            columns[at].field = Some(Field::FamilyName);
            columns[at + 1].field = Some(Field::GivenName);
        }
    }
    columns
}

/// What a heading means.
fn meaning(heading: &str) -> Option<Field> {
    let folded = fold(heading);
    let words: String =
        folded.chars().map(|c| if c.is_alphanumeric() || c == '/' { c } else { ' ' }).collect();
    let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let is = |list: &[&str]| list.contains(&text.as_str());
    let has = |list: &[&str]| list.iter().any(|word| text.contains(word));
    let ends = |list: &[&str]| list.iter().any(|word| text.ends_with(word));
    let birth = has(&["nam sinh", "ngay sinh", "sinh ngay", "ngay thang nam sinh", "date of birth", "birth"]);
    Some(if text.is_empty() || is(&["stt", "tt", "so tt", "no", "so thu tu", "ly do", "reason"]) {
        return None;
    } else if birth && ends(&["/ nam", "/nam", "( nam", "sinh nam"]) && !is(&["ngay thang sinh nam"]) {
        Field::BirthMale
    } else if birth && ends(&["/ nu", "/nu", "sinh nu"]) {
        Field::BirthFemale
    } else if birth || is(&["ntns", "ngay/thang/nam sinh", "dob", "ns"]) {
        Field::Birth
    } else if has(&["gioi tinh", "phai"]) && ends(&["/ nam", "/nam"]) {
        Field::SexMale
    } else if has(&["gioi tinh", "phai"]) && ends(&["/ nu", "/nu"]) {
        Field::SexFemale
    } else if is(&["gioi tinh", "gioi", "phai", "sex", "gender", "nam/nu", "nam / nu", "gt"]) {
        Field::Sex
    } else if has(&["bao hiem y te", "bhyt", "the bh", "health insurance", "bhxh"]) {
        Field::HealthInsurance
    } else if has(&[
        "cccd",
        "cmnd",
        "can cuoc",
        "chung minh",
        "dinh danh",
        "ho chieu",
        "cmt",
        "id number",
        "so giay to",
        "passport",
    ]) && !has(&["ngay cap", "noi cap"])
    {
        Field::IdNumber
    } else if has(&["dien thoai", "so dt", "sdt", "phone", "di dong", "lien lac"]) || is(&["dt"]) {
        Field::Phone
    } else if has(&["quan he", "relation"]) {
        Field::Relation
    } else if is(&[
        "ma ho so",
        "ma so ho so",
        "ma nhan khau",
        "ma so nhan khau",
        "ma nguoi",
        "ma doi tuong",
        "record code",
    ]) {
        Field::RecordCode
    } else if has(&["so ho", "ma ho", "ho so", "household"]) && !has(&["chieu"]) {
        Field::HouseholdNumber
    } else if has(&["so mui", "mui tiem", "da tiem", "dose", "tiem chung", "mui vac"]) {
        Field::VaccineDoses
    } else if has(&["ma don vi", "ma xa", "ma ap", "unit code", "ma dvhc"]) {
        Field::UnitCode
    } else if is(&[
        "ap",
        "khu pho",
        "ap/khu pho",
        "ap / khu pho",
        "ap khu pho",
        "kp",
        "thon",
        "to",
        "hamlet",
        "ten ap",
    ]) || text.starts_with("ap/")
        || text.starts_with("ap khu")
    {
        Field::Hamlet
    } else if is(&["xa", "phuong", "xa/phuong", "xa / phuong", "xa phuong", "commune", "ten xa", "phuong xa"])
        || text.starts_with("xa/")
        || text.starts_with("xa phuong")
    {
        Field::Commune
    } else if has(&["dia chi", "so nha", "cho o", "thuong tru", "noi o", "address", "tam tru"]) {
        Field::Address
    } else if is(&[
        "ho dem",
        "ho va dem",
        "ho lot",
        "ho va chu dem",
        "ho va ten dem",
        "ho va ten lot",
        "family name",
        "surname",
        "ho",
    ]) {
        Field::FamilyName
    } else if is(&["ten", "given name"]) {
        Field::GivenName
    } else if (has(&["ho ten", "ho va ten", "ho & ten", "full name", "nguoi dan"])
        || is(&["name", "ten nguoi", "ten cong dan"]))
        && !has(&["chu ho", "nguoi khai", "nguoi lap"])
    {
        Field::Name
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Vec<Cell<'static>>> {
        lines.iter().map(|line| line.split(';').map(|t| Cell::Text(t.to_owned().into())).collect()).collect()
    }

    fn fields(lines: &[&str]) -> (u32, Vec<Option<Field>>) {
        let found = detect(&rows(lines)).expect("a head");
        (found.head_rows, found.columns.into_iter().map(|c| c.field).collect())
    }

    #[test]
    fn a_head_is_found_under_titles_and_over_a_line_of_numbers() {
        let (head_rows, found) = fields(&[
            "ỦY BAN NHÂN DÂN XÃ GIAO LONG",
            ";;DANH SÁCH NHÂN KHẨU NĂM 2021",
            "",
            "STT;Họ và tên;Ngày sinh;Giới tính;Số CCCD/CMND;Số điện thoại;Ấp;Quan hệ với chủ hộ;Số hộ;Số thẻ BHYT",
            "(1);(2);(3);(4);(5);(6);(7);(8);(9);(10)",
            "1;NGUYỄN VĂN AN;1985;Nam;;;Ấp 1;Chủ hộ;01;",
        ]);
        assert_eq!(head_rows, 5);
        use Field as F;
        let expected = [
            None,
            Some(F::Name),
            Some(F::Birth),
            Some(F::Sex),
            Some(F::IdNumber),
            Some(F::Phone),
            Some(F::Hamlet),
            Some(F::Relation),
            Some(F::HouseholdNumber),
            Some(F::HealthInsurance),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_head_of_two_lines_with_merged_cells_is_one_head() {
        let (head_rows, found) = fields(&[
            "DANH SÁCH",
            "TT;Họ và tên;Năm sinh;;Địa chỉ;Ghi chú",
            ";;Nam;Nữ;;",
            "1;Nguyễn Văn An;1985;;Ấp 1;",
        ]);
        assert_eq!(head_rows, 3);
        use Field as F;
        assert_eq!(
            found,
            [None, Some(F::Name), Some(F::BirthMale), Some(F::BirthFemale), Some(F::Address), None]
        );
    }

    #[test]
    fn a_name_merged_over_two_columns_is_family_and_given_name() {
        let (_, found) = fields(&["STT;Họ và tên;;Năm sinh;Phái", "1;Nguyễn Văn;An;1985;Nam"]);
        use Field as F;
        assert_eq!(found, [None, Some(F::FamilyName), Some(F::GivenName), Some(F::Birth), Some(F::Sex)]);
    }

    #[test]
    fn a_person_under_the_head_is_no_second_line() {
        let (head_rows, _) = fields(&["Họ tên;Năm sinh;Giới tính", "Lê Thị Nữ;1990;Nữ"]);
        assert_eq!(head_rows, 1);
        assert!(detect(&rows(&["a;b;c", "1;2;3"])).is_none());
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 51, 52].map(column_letter), ["A", "Z", "AA", "AZ", "BA"]);
    }
}
