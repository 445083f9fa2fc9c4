//! Codes are read back by decoders of other hands, also as a phone sees them on paper.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it skips"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use greenfort_pass::qr::{Code, Level};
use greenfort_pass::tools::read_codes;
use serde_json::Value as Json;

fn tokens() -> Vec<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contract/pass-vectors/tokens.json");
    let all: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let kinds = ["person", "household", "organisation", "vehicle", "minor", "widest", "dcc-test"];
    all.as_array()
        .unwrap()
        .iter()
        .map(|t| (t["id"].as_str().unwrap().to_owned(), t["text"].as_str().unwrap().to_owned()))
        .filter(|(id, _)| kinds.contains(&id.as_str()))
        .collect()
}

fn person() -> String {
    tokens().into_iter().find(|(id, _)| id == "person").unwrap().1
}

/// A grey picture, to be spoilt.
#[derive(Clone)]
struct Picture {
    pixels: Vec<f32>,
    side: usize,
}

impl Picture {
    fn of(code: &Code, scale: usize) -> Self {
        let modules = code.modules() + 8;
        let side = modules * scale;
        let pixels = (0..side * side)
            .map(|i| {
                let (x, y) = (i % side / scale, i / side / scale);
                if x >= 4 && y >= 4 && code.dark(x - 4, y - 4) { 0.0 } else { 1.0 }
            })
            .collect();
        Self { pixels, side }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = (x.floor(), y.floor());
        let (dx, dy) = (x - fx, y - fy);
        let get = |x: f32, y: f32| {
            let inside = x >= 0.0 && y >= 0.0 && x < self.side as f32 && y < self.side as f32;
            if inside { self.pixels[y as usize * self.side + x as usize] } else { 1.0 }
        };
        get(fx, fy) * (1.0 - dx) * (1.0 - dy)
            + get(fx + 1.0, fy) * dx * (1.0 - dy)
            + get(fx, fy + 1.0) * (1.0 - dx) * dy
            + get(fx + 1.0, fy + 1.0) * dx * dy
    }

    /// Each new pixel comes from where `from` says.
    fn warped(&self, side: usize, from: impl Fn(f32, f32) -> (f32, f32)) -> Self {
        let pixels = (0..side * side)
            .map(|i| {
                let (x, y) = from((i % side) as f32, (i / side) as f32);
                self.at(x, y)
            })
            .collect();
        Self { pixels, side }
    }

    fn rotated(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let side = (self.side as f32 * 1.5) as usize;
        let (half, centre) = (side as f32 / 2.0, self.side as f32 / 2.0);
        self.warped(side, |x, y| {
            let (x, y) = (x - half, y - half);
            (cos * x + sin * y + centre, cos * y - sin * x + centre)
        })
    }

    /// Held askew: the far edge is shorter than the near one.
    fn in_perspective(&self, tilt: f32) -> Self {
        let side = self.side as f32;
        self.warped(self.side, |x, y| {
            let depth = 1.0 + tilt * (1.0 - y / side);
            ((x - side / 2.0) * depth + side / 2.0, y * depth - tilt * side * (1.0 - y / side) / 2.0)
        })
    }

    fn blurred(&self, radius: i32) -> Self {
        let mean = |p: &Self, x: f32, y: f32, step: (f32, f32)| {
            let n = (2 * radius + 1) as f32;
            (-radius..=radius).map(|k| p.at(x + step.0 * k as f32, y + step.1 * k as f32)).sum::<f32>() / n
        };
        let pass = |p: &Self, step| Self {
            pixels: (0..p.side * p.side)
                .map(|i| mean(p, (i % p.side) as f32, (i / p.side) as f32, step))
                .collect(),
            side: p.side,
        };
        pass(&pass(self, (1.0, 0.0)), (0.0, 1.0))
    }

    /// Grey on grey, with the light falling from one side.
    fn faded(&self, dark: f32, light: f32) -> Self {
        let side = self.side as f32;
        let pixels = self
            .pixels
            .iter()
            .enumerate()
            .map(|(i, p)| (dark + (light - dark) * p) * (0.8 + 0.2 * (i % self.side) as f32 / side))
            .collect();
        Self { pixels, side: self.side }
    }

    /// What a sensor of this many pixels a side sees.
    fn seen_with(&self, side: usize) -> Self {
        let ratio = self.side as f32 / side as f32;
        let steps = ratio.ceil().max(1.0) as usize;
        let pixels = (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as f32 * ratio, (i / side) as f32 * ratio);
                let part = |k: usize| k as f32 * ratio / steps as f32;
                let mut sum = 0.0;
                for a in 0..steps {
                    for b in 0..steps {
                        sum += self.at(x + part(a), y + part(b));
                    }
                }
                sum / (steps * steps) as f32
            })
            .collect();
        Self { pixels, side }
    }

    fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let side = u32::try_from(self.side).unwrap();
        let mut encoder = png::Encoder::new(&mut out, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> = self.pixels.iter().map(|p| (p.clamp(0.0, 1.0) * 255.0) as u8).collect();
        encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
        out
    }
}

fn zbar(png: &[u8]) -> Option<String> {
    let mut file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    file.write_all(png).unwrap();
    let out = Command::new("zbarimg")
        .args(["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"])
        .arg(file.path())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&out.stdout).trim_end_matches('\n').to_owned())
}

fn has_zbar() -> bool {
    let there = Command::new("zbarimg").arg("--version").output().is_ok();
    if !there {
        println!("skipped: zbarimg absent (Debian package zbar-tools)");
    }
    there
}

/// A person's pass on 30 mm of paper under a phone: about 300 pixels across, in every way spoilt.
fn spoilt() -> Vec<(&'static str, Vec<u8>)> {
    let code = Code::fitting(&person()).unwrap();
    let sharp = Picture::of(&code, 8);
    vec![
        ("blurred", sharp.blurred(3).png()),
        ("rotated", sharp.rotated(17.0).png()),
        ("low contrast", sharp.faded(0.45, 0.65).png()),
        ("in perspective", sharp.in_perspective(0.15).png()),
        ("small", sharp.seen_with(300).png()),
        (
            "all at once",
            sharp.rotated(5.0).in_perspective(0.06).blurred(2).faded(0.3, 0.7).seen_with(480).png(),
        ),
    ]
}

#[test]
fn every_kind_is_read_back_by_zxing() {
    for (id, token) in tokens() {
        let code = Code::fitting(&token).unwrap();
        for scale in [1, 3, 8] {
            assert_eq!(read_codes(&code.png(scale).unwrap()).unwrap(), [token.as_str()], "{id} at {scale}");
        }
    }
}

#[test]
fn every_kind_is_read_back_by_zbar() {
    if !has_zbar() {
        return;
    }
    for (id, token) in tokens() {
        let code = Code::fitting(&token).unwrap();
        assert_eq!(zbar(&code.png(4).unwrap()).unwrap(), token, "{id}");
    }
}

#[test]
fn a_spoilt_picture_is_read_back_by_zxing() {
    for (how, png) in spoilt() {
        assert_eq!(read_codes(&png).unwrap_or_default(), [person()], "{how}");
    }
}

#[test]
fn a_spoilt_picture_is_read_back_by_zbar() {
    if !has_zbar() {
        return;
    }
    for (how, png) in spoilt() {
        assert_eq!(zbar(&png).unwrap(), person(), "{how}");
    }
}

#[test]
fn versions_are_those_of_the_specification() {
    let at_q = |id: &str| {
        let token = tokens().into_iter().find(|(t, _)| t == id).unwrap().1;
        Code::new(&token, Level::Q).unwrap().version()
    };
    let sizes =
        ["person", "widest", "household", "organisation", "vehicle", "dcc-test"].map(|id| (id, at_q(id)));
    println!("{sizes:?}");
    assert_eq!(
        sizes,
        [
            ("person", 11),
            ("widest", 11),
            ("household", 12),
            ("organisation", 12),
            ("vehicle", 13),
            ("dcc-test", 19)
        ]
    );
}

#[test]
fn svg_and_png_draw_the_same_modules() {
    let code = Code::fitting(&person()).unwrap();
    let dark = (0..code.modules()).flat_map(|y| (0..code.modules()).map(move |x| (x, y)));
    let dark = dark.filter(|(x, y)| code.dark(*x, *y)).count();
    let svg = code.svg();
    let path = svg.rsplit_once("d=\"").unwrap().1;
    let runs: usize =
        path.split('h').skip(1).filter_map(|s| s.split_once('v')?.0.parse::<usize>().ok()).sum();
    assert_eq!(runs, dark);
    assert!(svg.starts_with("<svg xmlns") && svg.ends_with("</svg>"));
    assert!(code.png(0).is_err() && code.png(1000).is_err());
    assert!(Code::fitting(&"A".repeat(5000)).is_err());
}
