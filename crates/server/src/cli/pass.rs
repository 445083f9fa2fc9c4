//! `greenfort pass …`: arguments and files around `greenfort_pass::tools`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use greenfort_pass::certlogic::Moment;
use greenfort_pass::policy::Clock;
use greenfort_pass::qr::Level;
use greenfort_pass::tools::{self, Drawing, Report};

/// What can be done with passes on the command line.
#[derive(Debug, Subcommand)]
pub enum PassCommand {
    /// Show what a token, or each code in a picture, says; nothing is verified
    ///
    /// Prints JSON: format, key id, claims or certificate, length and size of the code. Reads Greenfort passes (GF1:)
    /// and EU certificates (HC1:). Exit 1 when one cannot be decoded.
    Show {
        /// Token, or path of a picture (PNG, JPEG) or text file; - for standard input
        token: String,
    },
    /// Verify a token, or each code in a picture; exit 0 only when all are green
    ///
    /// Prints colour and reason, the officer's advice in Vietnamese and English, and what was read when its signature is
    /// good. Needs no network: the lists are files. Without --revocations the best that can come out is amber.
    Verify {
        /// Token, or path of a picture (PNG, JPEG) or text file; - for standard input
        token: String,
        /// Signed trust list
        #[arg(long, value_name = "FILE")]
        trust: PathBuf,
        /// The pinned root: its public key (SubjectPublicKeyInfo) in DER, PEM or base64
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// Signed revocation list; once more for each delta, in order
        #[arg(long, value_name = "FILE")]
        revocations: Vec<PathBuf>,
        /// Policy in JSON, with what differs from the defaults (docs/pass-format.md)
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Time of the verification, as 2021-09-08T08:00:00+07:00; the machine's clock when absent
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Run every EXPECTED* step of the EU test-data files below a folder; exit 1 on failures
    ///
    /// One line for each failing file and step, then the counts. Steps that a KNOWN-BAD.json in the folder names are run and
    /// not held against anybody; a step for which a file has no fields is not run.
    Conformance {
        /// Folder of test data in the form of dgc-testdata
        dir: PathBuf,
    },
    /// Run national CertLogic rules against their tests; exit 1 on failures
    ///
    /// One line for each failing test, then the counts. Clock and value sets come from the `external` of each test.
    Rules {
        /// Folder of COUNTRY/RULE/rule.json with tests/*.json beside it
        dir: PathBuf,
    },
    /// Keys, certificates and lists
    #[command(subcommand)]
    Key(super::pass_key::KeyCommand),
    /// Draw the QR code of a text
    Qr {
        /// Text, or path of a text file; - for standard input
        token: String,
        /// Where to write; the ending .svg or .png decides
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Pixels a module in a PNG; 1 for printers that enlarge by themselves
        #[arg(long, default_value_t = 8)]
        scale: usize,
        /// Error correction; Q while that keeps to version 11, else M
        #[arg(long)]
        level: Option<QrLevel>,
    },
}

/// Error correction of a QR code.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum QrLevel {
    /// 7 %
    L,
    /// 15 %
    M,
    /// 25 %
    Q,
    /// 30 %
    H,
}

pub(super) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Carries out a command: what to print, and whether to exit 0. `now` is the machine's clock in UTC
/// seconds, `entropy` its source of random bytes.
///
/// # Errors
/// A file that cannot be read or written, or input that cannot be used.
pub fn run(command: PassCommand, now: i64, entropy: &mut dyn FnMut(&mut [u8]) -> bool) -> Result<Report> {
    match command {
        PassCommand::Show { token } => {
            let shown = tools::scanned(&input(&token)?)?
                .iter()
                .map(|t| tools::show(t))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(fine(shown.join("\n") + "\n"))
        }
        PassCommand::Verify { token, trust, root, revocations, policy, at } => {
            let (trust, root) = (read(&trust)?, read(&root)?);
            let revocations = revocations.iter().map(|f| read(f)).collect::<Result<Vec<_>>>()?;
            let policy = policy.map(|f| read_text(&f)).transpose()?;
            let at = at.map(|t| {
                Moment::parse(&t).ok_or(format!("--at {t} is no time: write it as 2021-09-08T08:00:00+07:00"))
            });
            let at = at.transpose()?;
            let clock = Clock { now: at.map_or(now, |m| m.0.div_euclid(1000)), trusted: true };
            let against = tools::Against {
                trust: &trust,
                root: &root,
                revocations: &revocations,
                policy: policy.as_deref(),
                clock,
            };
            let mut all = Report { text: String::new(), ok: true };
            for text in tools::scanned(&input(&token)?)? {
                let one = tools::verify(&text, against)?;
                all.text.push_str(&one.text);
                all.ok &= one.ok;
            }
            Ok(all)
        }
        PassCommand::Conformance { dir } => Ok(tools::conformance(&dir).map_err(|e| at(&dir, &e))?.report()),
        PassCommand::Rules { dir } => Ok(tools::rules(&dir).map_err(|e| at(&dir, &e))?.report()),
        PassCommand::Key(command) => super::pass_key::run(command, now, entropy),
        PassCommand::Qr { token, out, scale, level } => {
            let ends_with = |ending| out.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
            let drawing = match (ends_with("svg"), ends_with("png")) {
                (true, _) => Drawing::Svg,
                (_, true) => Drawing::Png(scale),
                _ => return Err(format!("{}: the ending must be .svg or .png", out.display()).into()),
            };
            let level = level.map(|l| match l {
                QrLevel::L => Level::L,
                QrLevel::M => Level::M,
                QrLevel::Q => Level::Q,
                QrLevel::H => Level::H,
            });
            let [text] = tools::scanned(&input(&token)?)?.try_into().map_err(|_| "one text at a time")?;
            let drawn = tools::qr(&text, level, drawing)?;
            std::fs::write(&out, &drawn.bytes).map_err(|e| at(&out, &e))?;
            let (version, modules) = (drawn.version, drawn.modules);
            Ok(fine(format!(
                "{}: version {version}, {modules} modules and a quiet zone of 4\n",
                out.display()
            )))
        }
    }
}

pub(super) const fn fine(text: String) -> Report {
    Report { text, ok: true }
}

/// A fault of a file, with its name.
pub(super) fn at(path: &Path, fault: &std::io::Error) -> String {
    format!("{}: {fault}", path.display())
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    Ok(std::fs::read(path).map_err(|e| at(path, &e))?)
}

pub(super) fn read_text(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path).map_err(|e| at(path, &e))?)
}

/// Standard input, a file, or the argument itself. What looks like a path and is none is not taken for a token.
fn input(argument: &str) -> Result<Vec<u8>> {
    if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().take(64 << 20).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let path = Path::new(argument);
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if path.is_file() || ["png", "jpg", "jpeg", "txt", "json"].contains(&ending.as_str()) {
        return read(path);
    }
    Ok(argument.as_bytes().to_vec())
}
