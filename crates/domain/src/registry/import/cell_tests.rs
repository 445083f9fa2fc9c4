use super::*;
use jiff::civil::date;

const TODAY: Date = date(2021, 9, 8);

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

#[test]
fn names_in_capitals_or_without_them_are_written_as_names() {
    for (typed, expected) in [
        ("NGUYỄN THỊ BÉ", "Nguyễn Thị Bé"),
        ("  đặng   văn đức ", "Đặng Văn Đức"),
        ("Lê Thị ÚT", "Lê Thị Út"),
        ("NGUYễN VăN AN", "Nguyễn Văn An"),
        ("K'Brơi", "K'Brơi"),
        ("H'MƠ NIÊ", "H'Mơ Niê"),
        ("Y", "Y"),
    ] {
        assert_eq!(name(typed).as_deref(), Ok(expected));
    }
}

#[test]
fn what_is_no_name_says_why() {
    assert_eq!(name(" "), Err(Reason::NoName));
    assert_eq!(name("Nguy?n V?n An"), Err(Reason::LettersLost));
    assert_eq!(name("Nguyeenx Vawn An"), Err(Reason::TypedWithoutInputMethod("Nguyễn Văn An".into())));
    assert_eq!(name("=HYPERLINK(\"x\")"), Err(Reason::NotInAName('=')));
    assert_eq!(name("Nguyễn Văn An (chết)"), Err(Reason::NotInAName('(')));
    assert_eq!(name("Nguyễn Văn 5"), Err(Reason::NotInAName('5')));
}

#[test]
fn births_are_read_as_they_are_written() {
    for (typed, expected) in [
        ("05/03/1985", (1985, Some((3, 5)))),
        ("5-3-1985", (1985, Some((3, 5)))),
        ("5.3.1985", (1985, Some((3, 5)))),
        ("1985-03-05", (1985, Some((3, 5)))),
        ("1985-03-05T00:00:00", (1985, Some((3, 5)))),
        ("05031985", (1985, Some((3, 5)))),
        ("1985", (1985, None)),
        ("'1985", (1985, None)),
        ("1985.0", (1985, None)),
        ("03/1985", (1985, None)),
        ("00/00/1950", (1950, None)),
        ("31111", (1985, Some((3, 5)))),
        ("5/3/85", (1985, Some((3, 5)))),
        ("85", (1985, None)),
    ] {
        assert_eq!(birth(&text(typed), TODAY), Ok(expected), "{typed}");
    }
    assert_eq!(birth(&Cell::Number(31111.0), TODAY), Ok((1985, Some((3, 5)))));
    assert_eq!(birth(&Cell::Number(1985.0), TODAY), Ok((1985, None)));
    assert_eq!(birth(&Cell::Number(5_031_985.0), TODAY), Ok((1985, Some((3, 5)))));
    assert_eq!(birth(&Cell::Date(date(1985, 3, 5)), TODAY), Ok((1985, Some((3, 5)))));
}

#[test]
fn what_is_no_birth_says_why() {
    for (typed, reason) in [
        ("", Reason::NoBirth),
        ("khoảng 1950", Reason::NoDate),
        ("05/13/1985", Reason::NoSuchMonth(13)),
        ("31/02/1985", Reason::NoSuchDay { day: 31, month: 2 }),
        ("5/3/15", Reason::TwoDigitYear),
        ("2022", Reason::InFuture),
        ("09/09/2021", Reason::InFuture),
        ("1790", Reason::TooLongAgo(1790)),
    ] {
        assert_eq!(birth(&text(typed), TODAY), Err(reason), "{typed}");
    }
}

#[test]
fn numbers_that_a_spreadsheet_changed_are_mended_or_named() {
    let read = |cell: Cell<'_>| identity(&cell, Some(Sex::Male), Some(1985));
    let whole = PersonalId::parse("083085012345").unwrap();
    for cell in [
        text("083085012345"),
        text("'083085012345"),
        text("083 085 012 345"),
        Cell::Number(83_085_012_345.0),
        text("83085012345"),
        text("83085012345.0"),
        text("8.3085012345E+10"),
    ] {
        assert_eq!(read(cell.clone()), Ok(whole.clone()), "{cell:?}");
    }
    for lost in ["8.3E+10", "8.30850E+10", "8,3E+10"] {
        assert_eq!(read(text(lost)), Err(Reason::DigitsLost), "{lost}");
    }
    // Hà Nội: two zeros were lost. The same digits of a woman would be another number.
    assert_eq!(
        identity(&Cell::Number(1_085_012_345.0), Some(Sex::Male), Some(1985)).unwrap().as_str(),
        "001085012345"
    );
    assert!(identity(&Cell::Number(83_085_012_345.0), Some(Sex::Female), Some(1985)).is_err());
    assert!(matches!(read(text("083185012345")), Err(Reason::Id(PersonalIdError::SexDiffers { .. }))));
    assert!(matches!(read(text("0830850123")), Err(Reason::Id(_))));
    assert_eq!(read(text("321234567")).unwrap().as_str(), "321234567");
}

#[test]
fn insurance_and_phone_numbers_are_read() {
    assert_eq!(insurance(&text("GD 4 83 8321234567")).unwrap(), "8321234567");
    assert_eq!(insurance(&text("8321234567")).unwrap(), "8321234567");
    assert_eq!(insurance(&Cell::Number(321_234_567.0)).unwrap(), "0321234567");
    assert_eq!(insurance(&text("GD48383")), Err(Reason::Insurance));
    assert_eq!(phone(&Cell::Number(912_345_678.0), false).unwrap().as_str(), "0912345678");
    assert_eq!(phone(&text("0912.345.678"), false).unwrap().as_str(), "0912345678");
    assert_eq!(phone(&text("912345678"), false).unwrap().as_str(), "0912345678");
    assert!(matches!(phone(&text("0000123456"), false), Err(Reason::Phone(_))));
    assert!(phone(&text("0000123456"), true).is_ok());
}

#[test]
fn a_household_number_is_one_however_it_is_padded() {
    assert_eq!(household_number("012"), household_number("12"));
    assert_eq!(household_number("12.0"), "12");
    assert_eq!(household_number("000"), "000");
    assert_eq!(household_number("A-07"), "a-07");
}
