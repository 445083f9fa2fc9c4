use std::collections::HashSet;
use std::io::Cursor;

use rxing::common::HybridBinarizer;
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, Reader};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// An image that gives no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Not a PNG or JPEG, damaged, or beyond 40 megapixels.
    #[error("not a PNG or JPEG of at most 40 megapixels")]
    NoPicture,
    /// Nothing found in it.
    #[error("no QR or Aztec code found")]
    NoCode,
}

const MAX_PIXELS: u64 = 40_000_000;

const JPEG: &[u8] = b"\xff\xd8\xff";

/// Whether the bytes begin as a picture that can be read.
pub(super) fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(JPEG)
}

/// The texts of the QR (and Aztec) codes in a PNG or JPEG.
///
/// # Errors
/// [`ImageError`].
pub fn read_codes(picture: &[u8]) -> Result<Vec<String>, ImageError> {
    let (mut luma, width, height) =
        if picture.starts_with(JPEG) { photograph(picture)? } else { grey(picture)? };
    stretch(&mut luma);
    // The reader wants a quiet zone; test data come without, and pictures of one pixel per module.
    // Modules as large as the blocks of its binarizer hide the contrast from it: then half the size.
    let (smaller, w, h) = halve(&luma, width, height);
    for (luma, width, height, scales) in
        [(&luma, width, height, [1, 4, 2].as_slice()), (&smaller, w, h, [1].as_slice())]
    {
        for &scale in scales {
            if scale > 1 && u64::from(width) * u64::from(height) > 1_000_000 {
                break;
            }
            for border in [0, 8 * scale] {
                let (image, w, h) = enlarge(luma, width, height, scale, border);
                let found = decode(image, w, h);
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
    }
    Err(ImageError::NoCode)
}

fn decode(luma: Vec<u8>, width: u32, height: u32) -> Vec<String> {
    let hints = DecodeHints {
        TryHarder: Some(true),
        AlsoInverted: Some(true),
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE, BarcodeFormat::AZTEC])),
        ..DecodeHints::default()
    };
    let Ok(source) = Luma8LuminanceSource::new(luma, width, height) else { return Vec::new() };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let mut several = GenericMultipleBarcodeReader::new(MultiFormatReader::default());
    let mut found = match several.decode_multiple_with_hints(&mut bitmap, &hints) {
        Ok(results) => results,
        Err(_) => MultiFormatReader::default()
            .decode_with_hints(&mut bitmap, &hints)
            .map(|r| vec![r])
            .unwrap_or_default(),
    };
    // Codes of a family on one sheet come in an order that a person would give them.
    found.sort_by(|a, b| a.getText().cmp(b.getText()));
    found.dedup_by(|a, b| a.getText() == b.getText());
    found.iter().map(|r| r.getText().to_owned()).collect()
}

/// A JPEG as 8-bit grey.
fn photograph(jpeg: &[u8]) -> Result<(Vec<u8>, u32, u32), ImageError> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode_headers().map_err(|_| ImageError::NoPicture)?;
    let (width, height) = decoder.dimensions().ok_or(ImageError::NoPicture)?;
    if width as u64 * height as u64 > MAX_PIXELS {
        return Err(ImageError::NoPicture);
    }
    let luma = decoder.decode().map_err(|_| ImageError::NoPicture)?;
    let side = |n| u32::try_from(n).map_err(|_| ImageError::NoPicture);
    Ok((luma, side(width)?, side(height)?))
}

/// A PNG of any kind as 8-bit grey; transparent is white.
fn grey(png: &[u8]) -> Result<(Vec<u8>, u32, u32), ImageError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(png), png::Limits { bytes: 256 << 20 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| ImageError::NoPicture)?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::NoPicture);
    }
    let size = reader.output_buffer_size().ok_or(ImageError::NoPicture)?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|_| ImageError::NoPicture)?;
    pixels.truncate(frame.buffer_size());
    let luma = |r: u8, g: u8, b: u8| {
        u8::try_from((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000).unwrap_or(u8::MAX)
    };
    let over_white = |v: u8, a: u8| {
        u8::try_from((u32::from(v) * u32::from(a) + 255 * (255 - u32::from(a))) / 255).unwrap_or(u8::MAX)
    };
    let grey = match frame.color_type.samples() {
        1 => pixels,
        n => pixels
            .chunks_exact(n)
            .map(|p| match *p {
                [v, a] => over_white(v, a),
                [r, g, b] => luma(r, g, b),
                [r, g, b, a] => over_white(luma(r, g, b), a),
                _ => 255,
            })
            .collect(),
    };
    Ok((grey, width, height))
}

/// Spreads what greys there are from black to white.
fn stretch(luma: &mut [u8]) {
    let (Some(&low), Some(&high)) = (luma.iter().min(), luma.iter().max()) else { return };
    let range = u32::from(high - low).max(1);
    for pixel in luma {
        *pixel = u8::try_from(u32::from(*pixel - low) * 255 / range).unwrap_or(u8::MAX);
    }
}

/// Each pixel the mean of four.
fn halve(luma: &[u8], width: u32, height: u32) -> (Vec<u8>, u32, u32) {
    let (w, h) = (width / 2, height / 2);
    let mut out = Vec::with_capacity(w as usize * h as usize);
    for y in 0..h as usize {
        for x in 0..w as usize {
            let at =
                |dx, dy| luma.get((2 * y + dy) * width as usize + 2 * x + dx).copied().map_or(255, u32::from);
            let mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
            out.push(u8::try_from(mean).unwrap_or(u8::MAX));
        }
    }
    (out, w, h)
}

fn enlarge(luma: &[u8], width: u32, height: u32, scale: u32, border: u32) -> (Vec<u8>, u32, u32) {
    if scale == 1 && border == 0 {
        return (luma.to_vec(), width, height);
    }
    let (w, h) = (width * scale + 2 * border, height * scale + 2 * border);
    let mut out = Vec::with_capacity(w as usize * h as usize);
    for y in 0..h {
        for x in 0..w {
            let inside = |v: u32, n: u32| v.checked_sub(border).map(|v| v / scale).filter(|v| *v < n);
            let pixel = match (inside(x, width), inside(y, height)) {
                (Some(x), Some(y)) => luma.get(y as usize * width as usize + x as usize).copied(),
                _ => None,
            };
            out.push(pixel.unwrap_or(255));
        }
    }
    (out, w, h)
}
