use std::fmt::Write as _;

use crate::error::{Error, Result, count};

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Ascending in x.
    pub points: Vec<(f64, f64)>,
}

/// A line chart: a stand-alone SVG with title, description, axes and a legend that does not rest on colour alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Title of the chart.
    pub title: String,
    /// Name of the horizontal axis.
    pub x: String,
    /// Name of the vertical axis.
    pub y: String,
    /// The lines.
    pub series: Vec<Series>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 176.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 56.0;
/// Okabe–Ito colours, told apart also by those who see red and green alike, each with its own dash.
const STYLES: [(&str, &str); 6] = [
    ("#0072b2", ""),
    ("#d55e00", "8 4"),
    ("#009e73", "2 3"),
    ("#cc79a7", "10 3 2 3"),
    ("#56b4e9", "5 2"),
    ("#000000", "1 4"),
];

impl Chart {
    /// # Errors
    /// `series` where there is none, more than six, or one without a finite point.
    pub fn svg(&self) -> Result<String> {
        count("series", self.series.len(), 1, STYLES.len())?;
        let points: Vec<(f64, f64)> = self
            .series
            .iter()
            .flat_map(|s| s.points.iter().copied())
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        if points.is_empty() {
            return Err(Error::new("series", "has no finite point"));
        }
        let bounds = |f: fn(&(f64, f64)) -> f64| {
            points.iter().map(f).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
        };
        let (x_low, x_high) = bounds(|p| p.0);
        let y_high = nice_step(bounds(|p| p.1).1.max(1e-9), 5) * 5.0;
        let x_span = (x_high - x_low).max(1e-9);
        let px = |x: f64| LEFT + (x - x_low) / x_span * (WIDTH - LEFT - RIGHT);
        let py = |y: f64| HEIGHT - BOTTOM - y.max(0.0) / y_high * (HEIGHT - TOP - BOTTOM);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<title>{}</title>\n<desc>{} against {}</desc>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{}</text>\n",
            escape(&self.title),
            escape(&self.y),
            escape(&self.x),
            escape(&self.title)
        );
        let right = WIDTH - RIGHT;
        for k in 0..=5 {
            let y = y_high * f64::from(k) / 5.0;
            let _ = writeln!(
                out,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/><text x=\"{1:.1}\" y=\"{2:.1}\" text-anchor=\"end\">{3}</text>",
                py(y),
                LEFT - 8.0,
                py(y) + 4.0,
                label(y)
            );
        }
        let step = nice_step(x_span, 8);
        let mut x = (x_low / step).ceil() * step;
        while x <= x_high + step * 1e-9 {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                px(x),
                HEIGHT - BOTTOM + 20.0,
                label(x)
            );
            x += step;
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n<text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            (LEFT + right) / 2.0,
            HEIGHT - 14.0,
            escape(&self.x),
            (TOP + HEIGHT - BOTTOM) / 2.0,
            escape(&self.y)
        );
        for (k, (series, (colour, dash))) in self.series.iter().zip(STYLES).enumerate() {
            let mut path = String::new();
            for (x, y) in series.points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
                let _ =
                    write!(path, "{}{:.1} {:.1}", if path.is_empty() { "M" } else { "L" }, px(*x), py(*y));
            }
            let y = TOP + 18.0 * k as f64 + 8.0;
            let _ = writeln!(
                out,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>\n<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                right + 10.0,
                right + 38.0,
                right + 44.0,
                y + 4.0,
                escape(&series.name)
            );
        }
        out.push_str("</svg>\n");
        Ok(out)
    }
}

/// 1, 2 or 5 times a power of ten, so that about `parts` steps cover `span`.
fn nice_step(span: f64, parts: u32) -> f64 {
    let raw = (span / f64::from(parts)).max(1e-12);
    let power = 10_f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

fn label(value: f64) -> String {
    // Rounded to kill 0.30000000000000004, then printed as short as it goes.
    let rounded = (value * 1e6).round() / 1e6;
    format!("{rounded}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_well_formed_and_escapes_what_it_is_given() {
        let chart = Chart {
            title: "a < b & \"c\"".into(),
            x: "x".into(),
            y: "y".into(),
            series: vec![Series {
                name: "s<1>".into(),
                points: vec![(1.0, 0.2), (2.0, f64::NAN), (30.0, 0.37)],
            }],
        };
        let svg = chart.svg().unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(
            svg.contains("s&lt;1&gt;")
                && svg.contains("a &lt; b &amp; &quot;c&quot;")
                && !svg.contains("NaN")
        );
        assert!(Chart { series: vec![], ..chart }.svg().is_err());
    }
}
