use super::super::head::detect;
use super::super::units::PlaceRow;
use super::*;
use jiff::civil::date;

fn places() -> Places {
    let row = |id, code: &str, level: &str, name: &str| PlaceRow {
        id: UnitId(id),
        code: code.into(),
        level: level.into(),
        name: name.into(),
        commune: Some(UnitId(2)),
    };
    Places::new(
        &[
            row(2, "28807", "commune", "Xã Giao Long"),
            row(3, "28807-01", "hamlet", "Ấp 1"),
            row(4, "28807-02", "hamlet", "Ấp Long Hòa"),
        ],
        UnitId(2),
    )
}

fn read(lines: &[&str], repair: Repair) -> Vec<Line> {
    let rows: Vec<Vec<Cell<'_>>> =
        lines.iter().map(|l| l.split(';').map(|t| Cell::Text(t.into())).collect()).collect();
    let repaired: Vec<Vec<Cell<'_>>> = lines
        .iter()
        .map(|l| l.split(';').map(|t| Cell::Text(repair.apply(t).into_owned().into())).collect())
        .collect();
    let layout = detect(&repaired).unwrap();
    let places = places();
    let settings = Settings { today: date(2021, 9, 8), repair, demonstration: true };
    let mut reader = Reader::new(&layout, &places, settings);
    (1..).zip(&rows).skip(layout.head_rows as usize).map(|(row, cells)| reader.read(row, cells)).collect()
}

fn people(lines: &[&str]) -> Vec<Entry> {
    read(lines, Repair::None)
        .into_iter()
        .filter_map(|line| match line {
            Line::Person(entry) => Some(*entry),
            Line::Other => None,
            Line::Rejected(faults) => panic!("{faults:?}"),
        })
        .collect()
}

#[test]
fn a_communes_sheet_becomes_people_in_households() {
    let found = people(&[
        "XÃ GIAO LONG",
        "TT;Họ và tên;Năm sinh;;CCCD;Ấp;Quan hệ",
        ";;Nam;Nữ;;;",
        "1;NGUYỄN VĂN AN;1985;;83085012345;Ấp 1;Chủ hộ",
        "2;TRẦN THỊ BÍCH;;05/03/1987;;1;Vợ",
        "3;LÊ VĂN TRỌ;1999;;;Long Hòa;Chủ hộ",
        "Tổng cộng: 3 người",
        ";;;;;Người lập bảng",
    ]);
    assert_eq!(found.len(), 3);
    assert_eq!(
        (found[0].name.as_str(), found[0].birth.year, found[0].sex),
        ("Nguyễn Văn An", 1985, Sex::Male)
    );
    assert_eq!(found[0].id_number.as_ref().unwrap().as_str(), "083085012345");
    assert_eq!(
        (found[1].birth.day, found[1].sex, found[1].relation),
        (Some((3, 5)), Sex::Female, Some("spouse"))
    );
    assert_eq!(found[0].household, found[1].household);
    assert_ne!(found[0].household, found[2].household);
    assert_eq!([found[0].unit, found[1].unit, found[2].unit], [UnitId(3), UnitId(3), UnitId(4)]);
}

#[test]
fn a_line_that_names_a_hamlet_holds_for_the_rows_below() {
    let found = people(&[
        "Họ tên;Năm sinh;Giới tính",
        "I. ẤP 1;;",
        "Lê Văn A;1980;Nam",
        "Ấp Long Hòa",
        "Lê Thị B;1981;Nữ",
    ]);
    assert_eq!([found[0].unit, found[1].unit], [UnitId(3), UnitId(4)]);
    let alone = read(&["Họ tên;Năm sinh;Giới tính", "Lê Văn A;;", "Tổng cộng: 12;;"], Repair::None);
    assert!(
        matches!(alone[..], [Line::Rejected(_), Line::Other]),
        "a name alone is a person with gaps: {alone:?}"
    );
    let found = people(&["Họ tên;Năm sinh;Giới tính", "Lê Văn A;1980;Nam"]);
    assert_eq!(found[0].unit, UnitId(2), "a commune's sheet without hamlets");
}

#[test]
fn old_fonts_are_read_through() {
    let lines = ["Hä vµ tªn;N¨m sinh;Giíi tÝnh;Êp", "NguyÔn V¨n An;1985;Nam;1"];
    let found = read(&lines, Repair::Tcvn3);
    let Line::Person(entry) = &found[0] else { panic!("{found:?}") };
    assert_eq!(entry.name, "Nguyễn Văn An");
    assert_eq!(entry.unit, UnitId(3));
}

#[test]
fn every_fault_of_a_row_is_named_with_its_column() {
    let found = read(
        &["STT;Họ tên;Ngày sinh;Giới tính;CCCD;SĐT;Ấp", "1;Nguyeenx An;31/02/1985;Nữ?;8.3E+10;12;Ấp 9"],
        Repair::None,
    );
    let Line::Rejected(faults) = &found[0] else { panic!("{found:?}") };
    let columns: Vec<(u32, Option<u16>, &str)> =
        faults.iter().map(|f| (f.row, f.column, f.reason.code())).collect();
    assert_eq!(
        columns,
        [
            (2, Some(1), "name.telex"),
            (2, Some(2), "birth.day"),
            (2, Some(3), "sex.unknown"),
            (2, Some(4), "id.digits_lost"),
            (2, Some(5), "phone.wrong"),
            (2, Some(6), "unit.unknown"),
        ]
    );
    assert!(faults.iter().all(|f| !f.reason.vi().is_empty() && !f.reason.en().is_empty()));
}

#[test]
fn a_formula_in_an_address_stays_text() {
    let found = people(&["Họ tên;Năm sinh;Giới tính;Địa chỉ", "Lê Văn A;1980;Nam;=cmd|' /C calc'!A0"]);
    assert_eq!(found[0].address.as_deref(), Some("=cmd|' /C calc'!A0"));
}
