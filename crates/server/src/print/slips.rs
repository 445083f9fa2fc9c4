//! Phiếu trả kết quả: a person's result on one page, Vietnamese and English, with place for signature and stamp. Other
//! provinces accept only that.

use super::{Paper, PrintError};

const LEFT: f32 = 22.0;
const VALUE: f32 = 82.0;
const ROOM: f32 = 108.0;

/// What stands on the slip. Texts are given as they are printed.
pub struct Slip {
    pub laboratory: String,
    pub name: String,
    pub birth_year: String,
    pub sex: (&'static str, &'static str),
    pub unit: String,
    /// Barcode of the tube that decides.
    pub barcode: String,
    pub sampled_at: String,
    pub released_at: String,
    pub kit: String,
    pub method: (&'static str, &'static str),
    pub result: (&'static str, &'static str),
    /// What the result rests on; the represented are never called tested.
    pub basis: (&'static str, &'static str),
    pub printed_at: String,
}

/// The slip as a PDF.
///
/// # Errors
/// When the document cannot be written.
pub fn pdf(slip: &Slip, hotline: &str) -> Result<Vec<u8>, PrintError> {
    let mut paper = Paper::new("Phiếu trả kết quả")?;
    let (regular, bold) = (paper.regular.clone(), paper.bold.clone());
    paper.page(|sheet| {
        for (at, line) in bold.wrap(&slip.laboratory, 11.0, 166.0, 2).iter().enumerate() {
            sheet.text(&bold, 11.0, (LEFT, 24.0 + at as f32 * 5.0), line);
        }
        sheet.text(&bold, 16.0, (LEFT, 44.0), "PHIẾU TRẢ KẾT QUẢ XÉT NGHIỆM SARS-CoV-2");
        sheet.text(&regular, 11.0, (LEFT, 51.0), "SARS-CoV-2 TEST RESULT");
        let both = |(vi, en): (&str, &str)| format!("{vi} / {en}");
        let rows = [
            ("Họ và tên", "Full name", slip.name.clone()),
            ("Năm sinh", "Year of birth", slip.birth_year.clone()),
            ("Giới tính", "Sex", both(slip.sex)),
            ("Nơi cư trú", "Residence", slip.unit.clone()),
            ("Mã mẫu", "Sample code", slip.barcode.clone()),
            ("Lấy mẫu lúc", "Sampled at", slip.sampled_at.clone()),
            ("Có kết quả lúc", "Result released at", slip.released_at.clone()),
            ("Phương pháp", "Method", both(slip.method)),
            ("Bộ xét nghiệm", "Test kit", slip.kit.clone()),
            ("Căn cứ", "Basis", both(slip.basis)),
        ];
        let mut y = 66.0;
        for (vi, en, value) in rows {
            sheet.text(&regular, 11.0, (LEFT, y), vi);
            sheet.text(&regular, 8.0, (LEFT, y + 4.0), en);
            for (at, line) in bold.wrap(&value, 11.0, ROOM, 2).iter().enumerate() {
                sheet.text(&bold, 11.0, (VALUE, y + at as f32 * 5.0), line);
            }
            y += 12.0;
        }
        y += 6.0;
        sheet.text(&regular, 12.0, (LEFT, y), "KẾT QUẢ / RESULT");
        for (at, line) in bold.wrap(&both(slip.result), 15.0, 166.0, 2).iter().enumerate() {
            sheet.text(&bold, 15.0, (LEFT, y + 9.0 + at as f32 * 7.0), line);
        }
        y += 34.0;
        sheet.text(&regular, 10.0, (LEFT, y), &format!("In lúc / Printed at {}", slip.printed_at));
        sheet.text(&bold, 11.0, (125.0, y), "Ký tên, đóng dấu");
        sheet.text(&regular, 9.0, (125.0, y + 4.5), "Signature and stamp");
        sheet.text(&regular, 9.0, (LEFT, 282.0), &format!("Đường dây nóng / Hotline: {hotline}"));
        Ok(())
    })?;
    paper.finish()
}
