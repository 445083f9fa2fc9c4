//! QR codes: the smallest version for the payload, with its quiet zone, as SVG and PNG.

use std::fmt::Write as _;

pub use fast_qr::ECL as Level;
use fast_qr::{QRBuilder, QRCode};

/// The quiet zone that ISO/IEC 18004 asks for, in modules.
pub const QUIET_ZONE: usize = 4;

/// A text that no code holds, or a picture that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit a QR code, or the picture would be too large")]
pub struct NoCode;

/// A code, ready to be drawn.
#[derive(Clone)]
pub struct Code {
    inner: QRCode,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({} modules)", self.modules())
    }
}

impl Code {
    /// The smallest code for the text at a level; what base45 writes goes in alphanumeric mode.
    ///
    /// # Errors
    /// When no version holds it.
    pub fn new(text: &str, level: Level) -> Result<Self, NoCode> {
        let inner = QRBuilder::new(text).ecl(level).build().map_err(|_| NoCode)?;
        Ok(Self { inner })
    }

    /// Level Q where that costs no more modules than version 11, else M: paper and cheap cameras gain
    /// more from larger modules than from more repair.
    ///
    /// # Errors
    /// When no version holds it.
    pub fn fitting(text: &str) -> Result<Self, NoCode> {
        let q = Self::new(text, Level::Q);
        match &q {
            Ok(code) if code.version() <= 11 => q,
            _ => Self::new(text, Level::M),
        }
    }

    /// Modules of a side, without the quiet zone.
    #[must_use]
    pub const fn modules(&self) -> usize {
        self.inner.size
    }

    /// Version, 1 to 40.
    #[must_use]
    pub const fn version(&self) -> usize {
        self.modules().saturating_sub(17) / 4
    }

    /// Whether the module is dark; what lies outside is light.
    #[must_use]
    pub fn dark(&self, x: usize, y: usize) -> bool {
        let size = self.inner.size;
        x < size && y < size && self.inner.data.get(y * size + x).is_some_and(|m| m.value())
    }

    /// SVG, black on white: one path of horizontal runs; its size is what the page gives it.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.modules() + 2 * QUIET_ZONE;
        let mut out = String::with_capacity(64 + self.modules() * self.modules() * 5);
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\""
        );
        for y in 0..self.modules() {
            let mut x = 0;
            while x < self.modules() {
                let start = x;
                while self.dark(x, y) {
                    x += 1;
                }
                if x > start {
                    // Numbers are written by hand: formatting them took longer than the rest.
                    let run = x - start;
                    for (letter, n) in [('M', start + QUIET_ZONE), (' ', y + QUIET_ZONE), ('h', run)] {
                        out.push(letter);
                        push_number(&mut out, n);
                    }
                    out.push_str("v1h-");
                    push_number(&mut out, run);
                    out.push('z');
                }
                x += 1;
            }
        }
        out.push_str("\"/></svg>");
        out
    }

    /// PNG of one bit a pixel, `scale` pixels a module; 1 for printers that enlarge by themselves.
    ///
    /// # Errors
    /// A scale of 0, or a picture beyond 8,192 pixels a side.
    pub fn png(&self, scale: usize) -> Result<Vec<u8>, NoCode> {
        let side = (self.modules() + 2 * QUIET_ZONE).checked_mul(scale).filter(|s| (1..=8192).contains(s));
        let side = side.ok_or(NoCode)?;
        let stride = side.div_ceil(8);
        let mut pixels = Vec::with_capacity(stride * side);
        for row in 0..self.modules() + 2 * QUIET_ZONE {
            let mut line = vec![0xff; stride];
            for x in 0..self.modules() {
                if row >= QUIET_ZONE && self.dark(x, row - QUIET_ZONE) {
                    let left = (x + QUIET_ZONE) * scale;
                    for pixel in left..left + scale {
                        if let Some(byte) = line.get_mut(pixel / 8) {
                            *byte &= !(0x80 >> (pixel % 8));
                        }
                    }
                }
            }
            for _ in 0..scale {
                pixels.extend_from_slice(&line);
            }
        }
        let mut out = Vec::with_capacity(2048);
        let dimension = u32::try_from(side).map_err(|_| NoCode)?;
        let mut encoder = png::Encoder::new(&mut out, dimension, dimension);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header().map_err(|_| NoCode)?;
        writer.write_image_data(&pixels).map_err(|_| NoCode)?;
        writer.finish().map_err(|_| NoCode)?;
        Ok(out)
    }
}

/// A number below 1,000 in decimal; no code has more modules.
fn push_number(out: &mut String, n: usize) {
    for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
        if n >= least {
            out.push(u8::try_from(n / unit % 10).map_or('0', |d| char::from(b'0' + d)));
        }
    }
}
