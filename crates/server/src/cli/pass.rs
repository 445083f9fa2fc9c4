//! `greenfort pass …`: arguments and files around `greenfort_pass::tools`.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use greenfort_pass::certlogic::Moment;
use greenfort_pass::keyfile::Cost;
use greenfort_pass::policy::Clock;
use greenfort_pass::qr::Level;
use greenfort_pass::tools::{self, Drawing, Report};

/// What can be done with passes on the command line.
#[derive(Debug, Subcommand)]
pub enum PassCommand {
    /// Show what a token, or each code in a PNG, says
    Show {
        /// Token, or path of a PNG or text file; - for standard input
        token: String,
    },
    /// Verify a token, or each code in a PNG; exit 0 only when green
    Verify {
        /// Token, or path of a PNG or text file; - for standard input
        token: String,
        /// Signed trust list
        #[arg(long)]
        trust: PathBuf,
        /// Root's public key: SubjectPublicKeyInfo, DER
        #[arg(long)]
        root: PathBuf,
        /// Revocation list, then its deltas
        #[arg(long)]
        revocations: Vec<PathBuf>,
        /// Policy in JSON
        #[arg(long)]
        policy: Option<PathBuf>,
        /// Time of the verification, ISO 8601; the machine's clock when absent
        #[arg(long)]
        at: Option<String>,
    },
    /// Run the EU test-data files below a folder
    Conformance {
        /// Folder, with an optional KNOWN-BAD.json
        dir: PathBuf,
    },
    /// Run national CertLogic rules against their tests
    Rules {
        /// Folder of COUNTRY/RULE/rule.json and tests/*.json
        dir: PathBuf,
    },
    /// Keys, certificates and lists
    #[command(subcommand)]
    Key(KeyCommand),
    /// Draw the QR code of a text
    Qr {
        /// Text, or path of a text file; - for standard input
        token: String,
        /// Where to write; the ending .svg or .png decides
        #[arg(short, long)]
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

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and write it encrypted
    New {
        /// Name of the key
        name: String,
        /// Key file to write
        #[arg(short, long)]
        out: PathBuf,
        /// Passphrase
        #[arg(long, env = "GREENFORT_KEY_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
    },
    /// Show the public half of a key file
    Show {
        /// Key file
        file: PathBuf,
        /// Passphrase
        #[arg(long, env = "GREENFORT_KEY_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
    },
    /// List the certificates of a published DCC trust list (PEM, base64 lines or JSON)
    Import {
        /// File
        file: PathBuf,
    },
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

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
            let (trust, root) = (std::fs::read(trust)?, std::fs::read(root)?);
            let revocations = revocations.iter().map(std::fs::read).collect::<std::io::Result<Vec<_>>>()?;
            let policy = policy.map(std::fs::read_to_string).transpose()?;
            let at = at.map(|t| Moment::parse(&t).ok_or("--at is no date and time")).transpose()?;
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
        PassCommand::Conformance { dir } => Ok(tools::conformance(&dir)?.report()),
        PassCommand::Rules { dir } => Ok(tools::rules(&dir)?.report()),
        PassCommand::Key(command) => key(command, entropy),
        PassCommand::Qr { token, out, scale, level } => {
            let svg = out.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"));
            let drawing = if svg { Drawing::Svg } else { Drawing::Png(scale) };
            let level = level.map(|l| match l {
                QrLevel::L => Level::L,
                QrLevel::M => Level::M,
                QrLevel::Q => Level::Q,
                QrLevel::H => Level::H,
            });
            let [text] = tools::scanned(&input(&token)?)?.try_into().map_err(|_| "one text at a time")?;
            std::fs::write(&out, tools::qr(&text, level, drawing)?)?;
            Ok(fine(String::new()))
        }
    }
}

fn key(command: KeyCommand, entropy: &mut dyn FnMut(&mut [u8]) -> bool) -> Result<Report> {
    match command {
        KeyCommand::New { name, out, passphrase } => {
            let (file, public) = tools::key_new(&name, &passphrase, Cost::default(), entropy)?;
            write_new(&out, &file)?;
            Ok(fine(format!("{public}\n")))
        }
        KeyCommand::Show { file, passphrase } => {
            let public = tools::key_show(&std::fs::read_to_string(file)?, &passphrase)?;
            Ok(fine(format!("{public}\n")))
        }
        KeyCommand::Import { file } => {
            let (certificates, unread) = tools::import_certificates(&std::fs::read_to_string(file)?);
            let list = greenfort_pass::trust::TrustList::new(
                0,
                0,
                certificates.into_iter().map(greenfort_pass::cert::Certificate::trusted).collect(),
            );
            Ok(fine(format!("{}unread {unread}\n", tools::describe_trust(&list))))
        }
    }
}

const fn fine(text: String) -> Report {
    Report { text, ok: true }
}

/// An existing key file is never overwritten.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn input(argument: &str) -> std::io::Result<Vec<u8>> {
    if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().take(64 << 20).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if Path::new(argument).is_file() { std::fs::read(argument) } else { Ok(argument.as_bytes().to_vec()) }
}
