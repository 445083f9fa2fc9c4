//! Cards of people without a phone: one on a page of its own size on A4, cut out and kept like an identity paper.

use super::{Paper, PrintError};
use greenfort_domain::access::Code;

/// Of a bank card, with room for a large code.
const WIDTH: f32 = 105.0;
const HEIGHT: f32 = 66.0;
const MARGIN: f32 = 6.0;
const QR: f32 = 34.0;

/// A card to be printed. The year of birth is not on it: it is what the finder of a lost card does not know.
pub struct Printable {
    pub name: String,
    pub unit: String,
    pub code: Code,
}

/// The card as a PDF. `address` is where it is used.
///
/// # Errors
/// When the code cannot be drawn or the document not be written.
pub fn pdf(card: &Printable, address: &str, hotline: &str) -> Result<Vec<u8>, PrintError> {
    let mut paper = Paper::new("Thẻ người dân")?;
    let (regular, bold) = (paper.regular.clone(), paper.bold.clone());
    paper.page(|sheet| {
        sheet.cut((0.0, HEIGHT), (WIDTH, HEIGHT));
        sheet.cut((WIDTH, 0.0), (WIDTH, HEIGHT));
        // The code alone: a camera app that meets it opens no page and sends it nowhere.
        sheet.qr((MARGIN - 3.0, 5.0), QR, card.code.as_str())?;
        let left = MARGIN + QR;
        let room = WIDTH - left - 4.0;
        sheet.text(&bold, 8.0, (left, 10.0), "PHÁO ĐÀI XANH – THẺ NGƯỜI DÂN");
        let mut line = 18.0;
        for name in bold.wrap(&card.name, 13.0, room, 2) {
            sheet.text(&bold, 13.0, (left, line), &name);
            line += 5.6;
        }
        for unit in regular.wrap(&card.unit, 10.0, room, 2) {
            sheet.text(&regular, 10.0, (left, line), &unit);
            line += 4.6;
        }
        sheet.text(&bold, 15.0, (MARGIN, 46.0), &card.code.printed());
        let bare = address.split_once("://").map_or(address, |(_, host)| host);
        let how = format!("Xem kết quả: {bare} – nhập mã này và năm sinh.");
        for (at, row) in
            [how.as_str(), "Giữ như giấy tờ tùy thân. Mất thẻ: báo trạm y tế xã để hủy và cấp lại."]
                .into_iter()
                .enumerate()
        {
            let text = regular.wrap(row, 7.0, WIDTH - 2.0 * MARGIN, 1).pop().unwrap_or_default();
            sheet.text(&regular, 7.0, (MARGIN, if at == 0 { 53.0 } else { 57.0 }), &text);
        }
        sheet.text(&regular, 7.0, (MARGIN, 61.0), &format!("Đường dây nóng: {hotline}"));
        Ok(())
    })?;
    paper.finish()
}
