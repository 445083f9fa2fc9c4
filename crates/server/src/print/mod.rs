//! Paper: PDF pages with the embedded Be Vietnam Pro, in millimetres from the upper left corner.

pub mod badges;
pub mod cards;
pub mod slips;

use greenfort_pass::qr::{Code, Level, NoCode};
use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};
use thiserror::Error;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/BeVietnamPro-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/BeVietnamPro-Bold.ttf");

/// A4, upright.
pub const A4: (f32, f32) = (210.0, 297.0);
const POINTS_PER_MM: f32 = 72.0 / 25.4;

#[derive(Debug, Error)]
pub enum PrintError {
    #[error("the built-in font cannot be read")]
    Font,
    #[error("a code cannot be drawn")]
    Code(#[from] NoCode),
    #[error("the document cannot be written: {0}")]
    Document(String),
}

/// A weight of the font, with the widths of its letters.
#[derive(Clone)]
pub struct Face {
    font: Font,
    measure: FontRef<'static>,
}

impl Face {
    fn new(data: &'static [u8]) -> Result<Self, PrintError> {
        let font = Font::new(data.into(), 0).ok_or(PrintError::Font)?;
        Ok(Self { font, measure: FontRef::new(data).map_err(|_| PrintError::Font)? })
    }

    /// Width in millimetres of a line set in `size` points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let letters = self.measure.charmap();
        let metrics = self.measure.glyph_metrics(Size::new(size), LocationRef::default());
        let points: f32 = text.chars().filter_map(|c| metrics.advance_width(letters.map(c)?)).sum();
        points / POINTS_PER_MM
    }

    /// `text` in at most `lines` lines of `width` millimetres, broken between words; what is over ends in an ellipsis.
    pub fn wrap(&self, text: &str, size: f32, width: f32, lines: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match out.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => out.push(word.to_owned()),
            }
        }
        let over = out.len() > lines;
        out.truncate(lines);
        let count = out.len();
        for (at, line) in out.iter_mut().enumerate() {
            let cut = over && at + 1 == count;
            if cut || self.width(line, size) > width {
                while !line.is_empty() && self.width(&format!("{line}…"), size) > width {
                    line.pop();
                }
                *line = format!("{}…", line.trim_end());
            }
        }
        out
    }
}

/// A document being written, page by page.
pub struct Paper {
    document: Document,
    pub regular: Face,
    pub bold: Face,
}

impl Paper {
    /// # Errors
    /// When the built-in font is broken.
    pub fn new(title: &str) -> Result<Self, PrintError> {
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language("vi".to_owned()));
        Ok(Self { document, regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    /// Draws one A4 page.
    ///
    /// # Errors
    /// What `draw` could not draw.
    pub fn page(
        &mut self,
        draw: impl FnOnce(&mut Sheet<'_>) -> Result<(), PrintError>,
    ) -> Result<(), PrintError> {
        let size = PageSettings::from_wh(A4.0 * POINTS_PER_MM, A4.1 * POINTS_PER_MM)
            .ok_or_else(|| PrintError::Document("no such page size".into()))?;
        let mut page = self.document.start_page_with(size);
        let drawn = draw(&mut Sheet { surface: page.surface() });
        page.finish();
        drawn
    }

    /// # Errors
    /// When the document cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, PrintError> {
        self.document.finish().map_err(|e| PrintError::Document(format!("{e:?}")))
    }
}

/// One page.
pub struct Sheet<'a> {
    surface: Surface<'a>,
}

impl Sheet<'_> {
    /// A line of text with its left end at `x` and its base line at `y`.
    pub fn text(&mut self, face: &Face, size: f32, (x, y): (f32, f32), text: &str) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill::default()));
        self.surface.draw_text(at(x, y), face.font.clone(), size, text, false, TextDirection::LeftToRight);
    }

    /// A dashed line to cut along.
    pub fn cut(&mut self, from: (f32, f32), to: (f32, f32)) {
        let mut path = PathBuilder::new();
        let (from, to) = (at(from.0, from.1), at(to.0, to.1));
        path.move_to(from.x, from.y);
        path.line_to(to.x, to.y);
        if let Some(path) = path.finish() {
            self.surface.set_fill(None);
            self.surface.set_stroke(Some(Stroke {
                paint: luma::Color::new(120).into(),
                width: 0.5,
                opacity: NormalizedF32::ONE,
                dash: Some(StrokeDash { array: vec![3.0, 3.0], offset: 0.0 }),
                ..Stroke::default()
            }));
            self.surface.draw_path(&path);
        }
    }

    /// A QR code with its quiet zone, `side` millimetres wide.
    ///
    /// # Errors
    /// When the text is too long for a code.
    pub fn qr(&mut self, (x, y): (f32, f32), side: f32, text: &str) -> Result<(), PrintError> {
        let code = Code::new(text, Level::M)?;
        let quiet = greenfort_pass::qr::QUIET_ZONE;
        let all = u16::try_from(code.modules() + 2 * quiet).map_err(|_| NoCode)?;
        let module = side / f32::from(all);
        let mut path = PathBuilder::new();
        for (row, down) in (0..code.modules()).zip(quiet..) {
            for (column, right) in (0..code.modules()).zip(quiet..) {
                if !code.dark(column, row) {
                    continue;
                }
                let place = |n: usize| u16::try_from(n).map_or(0.0, |n| f32::from(n) * module);
                let corner = at(x + place(right), y + place(down));
                // Slightly more than a module, so that no printer leaves a hair between two.
                let width = module * POINTS_PER_MM * 1.01;
                if let Some(rect) = Rect::from_xywh(corner.x, corner.y, width, width) {
                    path.push_rect(rect);
                }
            }
        }
        if let Some(path) = path.finish() {
            self.surface.set_stroke(None);
            self.surface.set_fill(Some(Fill::default()));
            self.surface.draw_path(&path);
        }
        Ok(())
    }
}

fn at(x: f32, y: f32) -> Point {
    Point::from_xy(x * POINTS_PER_MM, y * POINTS_PER_MM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_between_words_and_never_leave_their_width() {
        let face = Face::new(BOLD).unwrap();
        let name = "Nguyễn Phan Hoàng Thị Ngọc Quỳnh Như Uyển Nhi Thiên Kim Bảo Trân";
        let lines = face.wrap(name, 14.0, 48.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| face.width(line, 14.0) <= 48.0), "{lines:?}");
        assert!(lines[1].ends_with('…'));
        assert_eq!(face.wrap("Lê Thị Bé", 14.0, 48.0, 2), ["Lê Thị Bé"]);
    }

    #[test]
    fn the_font_has_every_letter_of_vietnamese() {
        for data in [REGULAR, BOLD] {
            let face = Face::new(data).unwrap();
            let letters = face.measure.charmap();
            for letter in "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ".chars()
            {
                assert!(letters.map(letter).is_some(), "{letter}");
                assert!(letter.to_uppercase().all(|upper| letters.map(upper).is_some()), "{letter}");
            }
        }
    }
}
