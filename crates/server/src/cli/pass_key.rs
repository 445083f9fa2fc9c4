//! `greenfort pass key …`: keys, certificates and lists of trust.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use greenfort_pass::cert::Certificate;
use greenfort_pass::keyfile::{Cost, open_key};
use greenfort_pass::keys::SigningKey;
use greenfort_pass::tools::{self, KeyFile, Report, Validity};
use greenfort_pass::trust::{TrustList, Usage};

use super::pass::{Result, at, fine, read, read_text};

/// EU certificates that a signer may sign.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MaySign {
    /// Test certificates
    Tests,
    /// Vaccination certificates
    Vaccinations,
    /// Recovery certificates
    Recoveries,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a P-256 key and write it encrypted (Argon2id, AES-256-GCM); prints its public half
    New {
        /// Name of the key, readable in the file
        name: String,
        /// Key file to write; an existing one is never overwritten
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Passphrase of at least 12 characters; better in the environment, where no process list shows it
        #[arg(long, env = "GREENFORT_KEY_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
    },
    /// Show the public half of a key file: key id, algorithm, SubjectPublicKeyInfo in base64
    Show {
        /// Key file
        file: PathBuf,
        /// Passphrase; better in the environment, where no process list shows it
        #[arg(long, env = "GREENFORT_KEY_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
    },
    /// Write the root's own certificate, valid from now; its public key (`show`) is what checkpoints pin
    Root {
        /// Key file of the root
        file: PathBuf,
        /// Its passphrase; better in the environment, where no process list shows it
        #[arg(long, env = "GREENFORT_ROOT_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
        /// Name in the certificate
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// Country, two capital letters
        #[arg(long, default_value = "VN")]
        country: String,
        /// Days it is valid
        #[arg(long, default_value_t = 3650)]
        days: u32,
        /// Certificate to write (PEM); an existing one is never overwritten
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write a signer's certificate under the root, valid from now; prints its key id
    Certify {
        /// Key file of the signer
        file: PathBuf,
        /// Its passphrase; better in the environment, where no process list shows it
        #[arg(long, env = "GREENFORT_KEY_PASSPHRASE", hide_env_values = true)]
        passphrase: String,
        /// Name in the certificate
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// Days it is valid
        #[arg(long, default_value_t = 180)]
        days: u32,
        /// EU certificates it may sign; none for a signer of Greenfort passes
        #[arg(long, value_delimiter = ',')]
        may: Vec<MaySign>,
        /// Key file of the root
        #[arg(long, value_name = "FILE")]
        root_key: PathBuf,
        /// Passphrase of the root's key file; better in the environment
        #[arg(long, env = "GREENFORT_ROOT_PASSPHRASE", hide_env_values = true)]
        root_passphrase: String,
        /// Certificate of the root (PEM)
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// Certificate to write (PEM); an existing one is never overwritten
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write a trust list signed by the root, dated now; prints what it holds
    Trust {
        /// Number of the list: higher than that of every list published before
        #[arg(long)]
        version: u64,
        /// A signer of Greenfort passes and revocation lists: issuer (1 to 12 bytes), =, its certificate (PEM)
        #[arg(long, value_name = "ISSUER=FILE")]
        signer: Vec<String>,
        /// Certificates of other countries, as `import` reads them
        #[arg(long, value_name = "FILE")]
        published: Vec<PathBuf>,
        /// Key id that is withdrawn: everything it ever signed turns red
        #[arg(long, value_name = "KID")]
        withdrawn: Vec<String>,
        /// Key file of the root
        #[arg(long, value_name = "FILE")]
        root_key: PathBuf,
        /// Passphrase of the root's key file; better in the environment
        #[arg(long, env = "GREENFORT_ROOT_PASSPHRASE", hide_env_values = true)]
        root_passphrase: String,
        /// Trust list to write; an existing one is never overwritten
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List the certificates of a published DCC trust list: key id, country, what it may sign, end
    Import {
        /// PEM, lines of base64, or JSON as gateways publish it
        file: PathBuf,
    },
    /// Write the certificates of a signed trust list as PEM, for other verifiers
    Export {
        /// Signed trust list
        trust: PathBuf,
        /// The pinned root: its public key (SubjectPublicKeyInfo) in DER, PEM or base64
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
    },
}

/// Carries out a command; `now` in UTC seconds.
///
/// # Errors
/// A file that cannot be read or written, or input that cannot be used.
pub fn run(command: KeyCommand, now: i64, entropy: &mut dyn FnMut(&mut [u8]) -> bool) -> Result<Report> {
    match command {
        KeyCommand::New { name, out, passphrase } => {
            if passphrase.chars().count() < 12 {
                return Err("the passphrase needs at least 12 characters".into());
            }
            let (file, public) = tools::key_new(&name, &passphrase, Cost::default(), entropy)?;
            write_new(&out, file.as_bytes())?;
            Ok(fine(format!("{public}\n")))
        }
        KeyCommand::Show { file, passphrase } => {
            let public = tools::key_show(&read_text(&file)?, &passphrase)?;
            Ok(fine(format!("{public}\n")))
        }
        KeyCommand::Root { file, passphrase, name, country, days, out } => {
            let text = read_text(&file)?;
            let key = KeyFile { text: &text, passphrase: &passphrase };
            let pem = tools::root_certificate(key, &name, &country, Validity { now, days }, entropy)?;
            write_new(&out, pem.as_bytes())?;
            Ok(fine(format!("{}\n", tools::key_show(&text, &passphrase)?)))
        }
        KeyCommand::Certify { file, passphrase, name, days, may, root_key, root_passphrase, root, out } => {
            let (text, root_text, root_pem) = (read_text(&file)?, read_text(&root_key)?, read_text(&root)?);
            let usage = may.iter().fold(Usage::default(), |usage, may| {
                usage.and(match may {
                    MaySign::Tests => Usage::TEST,
                    MaySign::Vaccinations => Usage::VACCINATION,
                    MaySign::Recoveries => Usage::RECOVERY,
                })
            });
            let key = KeyFile { text: &text, passphrase: &passphrase };
            let above = (KeyFile { text: &root_text, passphrase: &root_passphrase }, root_pem.as_str());
            let pem = tools::signer_certificate(key, &name, usage, Validity { now, days }, above, entropy)?;
            write_new(&out, pem.as_bytes())?;
            let list = TrustList::new(0, now, vec![Certificate::from_text(&pem)?.trusted()]);
            let kid: String = list.keys().iter().flat_map(|k| k.kid).map(|b| format!("{b:02x}")).collect();
            Ok(fine(format!("{}: key {kid}\n", out.display())))
        }
        KeyCommand::Trust { version, signer, published, withdrawn, root_key, root_passphrase, out } => {
            let mut signers = Vec::new();
            for one in &signer {
                let (issuer, file) = one
                    .split_once('=')
                    .ok_or_else(|| format!("--signer {one}: write ISSUER=FILE, as BTE=signer.pem"))?;
                signers.push((issuer.to_owned(), read_text(Path::new(file))?));
            }
            let mut others = Vec::new();
            for file in &published {
                let (read, unread) = tools::import_certificates(&read_text(file)?);
                if unread > 0 || read.is_empty() {
                    let read = read.len();
                    return Err(format!(
                        "{}: {read} certificates read, {unread} not: a list must not leave one out",
                        file.display()
                    )
                    .into());
                }
                others.extend(read);
            }
            let text = read_text(&root_key)?;
            let root = KeyFile { text: &text, passphrase: &root_passphrase };
            let list = tools::trust_list(&signers, others, &withdrawn, version, now, root)?;
            write_new(&out, &list)?;
            let spki = SigningKey::from_pkcs8(&open_key(&text, &root_passphrase)?)?.spki();
            Ok(fine(tools::describe_trust(&tools::open_trust(&list, &spki)?)))
        }
        KeyCommand::Import { file } => {
            let (certificates, unread) = tools::import_certificates(&read_text(&file)?);
            if certificates.is_empty() {
                return Err(format!(
                    "{}: no certificate found (PEM, lines of base64, or JSON)",
                    file.display()
                )
                .into());
            }
            let list = TrustList::new(0, 0, certificates.into_iter().map(Certificate::trusted).collect());
            Ok(fine(format!("{}unread {unread}\n", tools::describe_trust(&list))))
        }
        KeyCommand::Export { trust, root } => {
            let list = tools::open_trust(&read(&trust)?, &read(&root)?)?;
            let pem = tools::export_certificates(&list);
            if pem.is_empty() {
                return Err("the list holds bare keys, and none with a certificate".into());
            }
            Ok(fine(pem))
        }
    }
}

/// Keys, certificates and lists that are there already are never overwritten.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    Ok(written.map_err(|e| at(path, &e))?)
}
