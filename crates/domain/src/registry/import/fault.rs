//! What is wrong with a cell, why, and what to do: in both languages.

use greenfort_kernel::personal_id::{PersonalIdError, Sex};
use greenfort_kernel::phone::PhoneError;

/// A cell, or a whole row (`column` none), that cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Row of the sheet as the spreadsheet numbers it, from 1.
    pub row: u32,
    /// Column from 0.
    pub column: Option<u16>,
    pub reason: Reason,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NoName,
    /// `?` or U+FFFD stands where a letter was.
    LettersLost,
    /// What the Telex or VNI keystrokes seem to mean.
    TypedWithoutInputMethod(String),
    NotInAName(char),
    NameTooLong,
    NoBirth,
    NoDate,
    NoSuchMonth(i64),
    NoSuchDay {
        day: i64,
        month: i64,
    },
    TwoDigitYear,
    InFuture,
    TooLongAgo(i64),
    NoSex,
    UnknownSex,
    Id(PersonalIdError),
    /// A spreadsheet rounded the number away.
    DigitsLost,
    Insurance,
    Phone(PhoneError),
    UnknownHamlet,
    NoHamlet,
    SeveralHamlets,
    OutsideArea,
    UnknownRelation,
    Doses,
    AddressTooLong,
    CodeTooLong,
    /// The same person stands earlier in the sheet, with other data.
    DiffersFromRow(u32),
    /// Several people of the register have this number.
    SeveralInRegister,
    /// Two numbers of the row belong to two people.
    NumbersOfTwoPeople,
    /// Number in the register, of somebody with another name and year of birth.
    NumberOfSomebodyElse,
    /// The person asked that the record be kept and not changed.
    StandsStill,
}

impl Reason {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoName => "name.missing",
            Self::LettersLost => "name.letters_lost",
            Self::TypedWithoutInputMethod(_) => "name.telex",
            Self::NotInAName(_) => "name.character",
            Self::NameTooLong => "name.long",
            Self::NoBirth => "birth.missing",
            Self::NoDate => "birth.unreadable",
            Self::NoSuchMonth(_) => "birth.month",
            Self::NoSuchDay { .. } => "birth.day",
            Self::TwoDigitYear => "birth.two_digits",
            Self::InFuture => "birth.future",
            Self::TooLongAgo(_) => "birth.too_long_ago",
            Self::NoSex => "sex.missing",
            Self::UnknownSex => "sex.unknown",
            Self::Id(_) => "id.wrong",
            Self::DigitsLost => "id.digits_lost",
            Self::Insurance => "insurance.wrong",
            Self::Phone(_) => "phone.wrong",
            Self::UnknownHamlet => "unit.unknown",
            Self::NoHamlet => "unit.missing",
            Self::SeveralHamlets => "unit.several",
            Self::OutsideArea => "unit.outside",
            Self::UnknownRelation => "relation.unknown",
            Self::Doses => "doses.wrong",
            Self::AddressTooLong => "address.long",
            Self::CodeTooLong => "code.long",
            Self::DiffersFromRow(_) => "row.differs",
            Self::SeveralInRegister => "row.several",
            Self::NumbersOfTwoPeople => "row.two_people",
            Self::NumberOfSomebodyElse => "row.somebody_else",
            Self::StandsStill => "row.stands_still",
        }
    }

    pub fn vi(&self) -> String {
        match self {
            Self::NoName => "thiếu họ tên".into(),
            Self::LettersLost => "mất chữ (dấu ? hoặc ô vuông): lưu lại tệp gốc dạng XLSX hoặc CSV UTF-8 rồi gửi lại".into(),
            Self::TypedWithoutInputMethod(meant) => {
                format!("có vẻ gõ khi chưa bật bộ gõ; nếu đúng là “{meant}” thì sửa lại")
            }
            Self::NotInAName(c) => format!("ký tự “{c}” không có trong họ tên: chỉ ghi họ tên, ghi chú để cột khác"),
            Self::NameTooLong => "họ tên dài quá 120 ký tự".into(),
            Self::NoBirth => "thiếu ngày hoặc năm sinh".into(),
            Self::NoDate => "không đọc được ngày sinh: ghi ngày/tháng/năm hoặc chỉ năm sinh 4 chữ số".into(),
            Self::NoSuchMonth(month) => format!("không có tháng {month}: ghi ngày trước, tháng sau"),
            Self::NoSuchDay { day, month } => format!("tháng {month} không có ngày {day}"),
            Self::TwoDigitYear => "năm sinh chỉ có 2 chữ số: ghi đủ 4 chữ số".into(),
            Self::InFuture => "ngày sinh ở tương lai".into(),
            Self::TooLongAgo(year) => format!("năm sinh {year} quá xa: kiểm tra lại"),
            Self::NoSex => "thiếu giới tính".into(),
            Self::UnknownSex => "giới tính ghi Nam hoặc Nữ".into(),
            Self::Id(error) => id_vi(error),
            Self::DigitsLost => {
                "bảng tính đã đổi số thành dạng 8.3E+10 và làm mất chữ số: định dạng cột là Văn bản (Text) rồi nhập lại số".into()
            }
            Self::Insurance => "mã thẻ BHYT gồm 15 ký tự (2 chữ, 13 số) hoặc 10 số BHXH".into(),
            Self::Phone(error) => phone_vi(error),
            Self::UnknownHamlet => "không có ấp, khu phố hay xã nào tên (mã) này trong địa bàn đã chọn".into(),
            Self::NoHamlet => "thiếu ấp hoặc khu phố".into(),
            Self::SeveralHamlets => "nhiều xã có ấp tên này: ghi thêm tên xã hoặc mã đơn vị".into(),
            Self::OutsideArea => "đơn vị này ngoài khu vực của Anh/Chị".into(),
            Self::UnknownRelation => "không hiểu quan hệ với chủ hộ: ghi ví dụ Chủ hộ, Vợ, Con, Cháu, Ở trọ".into(),
            Self::Doses => "số mũi tiêm là số từ 0 đến 9".into(),
            Self::AddressTooLong => "địa chỉ dài quá 300 ký tự".into(),
            Self::CodeTooLong => "mã hồ sơ dài quá 40 ký tự".into(),
            Self::DiffersFromRow(row) => format!("trùng người với dòng {row} nhưng thông tin khác: giữ một dòng"),
            Self::SeveralInRegister => "nhiều người trong danh sách cùng có số này: gộp trùng trước rồi nhập lại".into(),
            Self::NumbersOfTwoPeople => "các số trên dòng này thuộc về hai người khác nhau trong danh sách".into(),
            Self::NumberOfSomebodyElse => {
                "số này trong danh sách là của người khác (khác cả tên và năm sinh): kiểm tra lại số".into()
            }
            Self::StandsStill => {
                "người này đã yêu cầu hạn chế xử lý dữ liệu, hồ sơ không được sửa: bỏ dòng này".into()
            }
        }
    }

    pub fn en(&self) -> String {
        match self {
            Self::NoName => "the name is missing".into(),
            Self::LettersLost => {
                "letters were lost (? or a box): save the original as XLSX or CSV UTF-8 and send it again".into()
            }
            Self::TypedWithoutInputMethod(meant) => {
                format!("looks typed with the input method off; if “{meant}” is meant, write that")
            }
            Self::NotInAName(c) => format!("“{c}” does not belong into a name: write the name alone, notes elsewhere"),
            Self::NameTooLong => "the name is longer than 120 characters".into(),
            Self::NoBirth => "date or year of birth is missing".into(),
            Self::NoDate => "no date: write day/month/year, or the year in four digits".into(),
            Self::NoSuchMonth(month) => format!("there is no month {month}: the day comes first, then the month"),
            Self::NoSuchDay { day, month } => format!("month {month} has no day {day}"),
            Self::TwoDigitYear => "the year has two digits: write four".into(),
            Self::InFuture => "the birth lies in the future".into(),
            Self::TooLongAgo(year) => format!("born in {year}: check the year"),
            Self::NoSex => "the sex is missing".into(),
            Self::UnknownSex => "the sex is Nam (male) or Nữ (female)".into(),
            Self::Id(error) => error.to_string(),
            Self::DigitsLost => {
                "the spreadsheet turned the number into 8.3E+10 and lost digits: format the column as Text and type the \
                 number again"
                    .into()
            }
            Self::Insurance => "a health-insurance number has 15 characters (2 letters, 13 digits), or 10 digits".into(),
            Self::Phone(error) => error.to_string(),
            Self::UnknownHamlet => "no hamlet or commune of this name (code) lies in the area chosen".into(),
            Self::NoHamlet => "the hamlet is missing".into(),
            Self::SeveralHamlets => "several communes have a hamlet of this name: add the commune or the code".into(),
            Self::OutsideArea => "this unit lies outside your area".into(),
            Self::UnknownRelation => "unknown relation: write for instance Chủ hộ, Vợ, Con, Cháu, Ở trọ".into(),
            Self::Doses => "doses are a number from 0 to 9".into(),
            Self::AddressTooLong => "the address is longer than 300 characters".into(),
            Self::CodeTooLong => "the code of the record is longer than 40 characters".into(),
            Self::DiffersFromRow(row) => format!("the same person as in row {row}, with other data: keep one of them"),
            Self::SeveralInRegister => "several people in the register have this number: merge them first".into(),
            Self::NumbersOfTwoPeople => "the numbers of this row belong to two people of the register".into(),
            Self::NumberOfSomebodyElse => {
                "in the register this number is somebody else's (other name and other year of birth): check it".into()
            }
            Self::StandsStill => {
                "at the person's request this record is kept and not changed: leave the row out".into()
            }
        }
    }
}

fn id_vi(error: &PersonalIdError) -> String {
    match error {
        PersonalIdError::Empty => "thiếu số giấy tờ".into(),
        PersonalIdError::UnexpectedCharacter(c) => format!("“{c}” không có trong số giấy tờ: chỉ ghi chữ số"),
        PersonalIdError::WrongLength(got) => format!("có {got} chữ số: CCCD có 12, CMND có 9"),
        PersonalIdError::PassportShape => "số hộ chiếu gồm 1–2 chữ cái và 6–8 chữ số".into(),
        PersonalIdError::UnknownProvince(code) => format!("không có tỉnh mã {code}: kiểm tra 3 số đầu"),
        PersonalIdError::UnknownCentury(digit) => format!("chữ số thứ tư ({digit}) không đúng"),
        PersonalIdError::SexDiffers { in_number: Sex::Male } => {
            "số CCCD là của nam: kiểm tra số hoặc giới tính".into()
        }
        PersonalIdError::SexDiffers { .. } => "số CCCD là của nữ: kiểm tra số hoặc giới tính".into(),
        PersonalIdError::BirthYearDiffers { in_number } => {
            format!("số CCCD cho năm sinh {in_number}: kiểm tra số hoặc năm sinh")
        }
    }
}

fn phone_vi(error: &PhoneError) -> String {
    match error {
        PhoneError::Empty => "thiếu số điện thoại".into(),
        PhoneError::UnexpectedCharacter(c) => format!("“{c}” không có trong số điện thoại: chỉ ghi một số"),
        PhoneError::ForeignCountry(code) => format!("mã nước +{code}: chỉ nhận số Việt Nam"),
        PhoneError::NoTrunkPrefix => "số điện thoại bắt đầu bằng 0 hoặc +84".into(),
        PhoneError::TooShort { got, expected } => format!("thiếu số: có {got}, cần {expected}"),
        PhoneError::TooLong { got, expected } => format!("thừa số: có {got}, cần {expected}"),
        PhoneError::UnknownPrefix(prefix) => format!("không có đầu số {prefix}"),
        PhoneError::DemonstrationNumber => "số 0000… chỉ để trình diễn: ghi số thật".into(),
    }
}
