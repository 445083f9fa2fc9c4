//! Badges of field staff: eight on a page. The PIN stands on a strip of its own, cut off and handed over apart.

use super::{A4, Paper, PrintError, Sheet};
use greenfort_domain::access::{Code, role_name};
use greenfort_kernel::{Language, local_date};
use greenfort_store::access::batch::Printable;

const COLUMNS: usize = 2;
const PAGE: usize = 8;
const WIDTH: f32 = A4.0 / 2.0;
const HEIGHT: f32 = A4.1 / 4.0;
const MARGIN: f32 = 7.0;
const QR: f32 = 38.0;
/// Height of the strip with the PIN.
const STRIP: f32 = 15.0;

/// The badges as a PDF, in their order.
///
/// # Errors
/// When a code cannot be drawn or the document not be written.
pub fn pdf(title: &str, badges: &[Printable], hotline: &str) -> Result<Vec<u8>, PrintError> {
    let mut paper = Paper::new(title)?;
    let faces = (paper.regular.clone(), paper.bold.clone());
    for page in badges.chunks(PAGE) {
        paper.page(|sheet| {
            for (at, badge) in page.iter().enumerate() {
                let corner = (steps(at % COLUMNS) * WIDTH, steps(at / COLUMNS) * HEIGHT);
                draw(sheet, &faces, corner, badge, hotline)?;
            }
            Ok(())
        })?;
    }
    paper.finish()
}

fn steps(n: usize) -> f32 {
    u8::try_from(n).map_or(0.0, f32::from)
}

fn draw(
    sheet: &mut Sheet<'_>,
    (regular, bold): &(super::Face, super::Face),
    (x, y): (f32, f32),
    badge: &Printable,
    hotline: &str,
) -> Result<(), PrintError> {
    sheet.cut((x, y + HEIGHT), (x + WIDTH, y + HEIGHT));
    sheet.cut((x + WIDTH, y), (x + WIDTH, y + HEIGHT));
    sheet.qr((x + MARGIN - 3.0, y + 6.0), QR, &badge.secret)?;
    let left = x + MARGIN + QR;
    let room = WIDTH - MARGIN - QR - 4.0;
    sheet.text(bold, 8.0, (left, y + 11.0), "PHÁO ĐÀI XANH");
    let mut line = y + 19.0;
    for name in bold.wrap(&badge.name, 13.0, room, 2) {
        sheet.text(bold, 13.0, (left, line), &name);
        line += 5.6;
    }
    for role in regular.wrap(role_name(badge.role, Language::Vi), 10.0, room, 2) {
        sheet.text(regular, 10.0, (left, line), &role);
        line += 4.6;
    }
    for place in regular.wrap(&badge.place, 10.0, room, 2) {
        sheet.text(regular, 10.0, (left, line), &place);
        line += 4.6;
    }
    if let Some(ends_at) = badge.ends_at {
        let until = format!("Đến hết {}", local_date(ends_at).strftime("%d/%m/%Y"));
        sheet.text(bold, 9.0, (left, line + 1.0), &until);
    }
    sheet.text(regular, 7.0, (x + MARGIN, y + 49.0), &format!("Mất thẻ: báo trưởng điểm hoặc gọi {hotline}"));
    sheet.text(regular, 7.0, (x + MARGIN, y + 53.0), &printed(&badge.secret));
    let strip = y + HEIGHT - STRIP;
    sheet.cut((x + MARGIN, strip), (x + WIDTH - MARGIN, strip));
    sheet.text(regular, 7.0, (x + MARGIN, strip + 4.5), "Cắt rời, đưa tận tay. Không để chung với thẻ.");
    let owner = regular.wrap(&badge.name, 8.0, 50.0, 1).pop().unwrap_or_default();
    sheet.text(regular, 8.0, (x + MARGIN, strip + 10.0), &owner);
    sheet.text(bold, 14.0, (x + WIDTH - MARGIN - 38.0, strip + 10.5), &format!("PIN {}", badge.pin));
    Ok(())
}

/// The code for typing, where a camera fails.
fn printed(secret: &str) -> String {
    Code::parse(secret, Code::BADGE).map_or_else(|_| secret.to_owned(), |code| code.printed())
}
