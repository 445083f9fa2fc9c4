//! What the command line runs: directories of test data, images, tokens shown to people. Functions
//! give text back; nothing here prints.

mod authority;
mod commands;
mod compare;
mod conformance;
mod files;
mod image;
mod rules;
mod steps;

pub use authority::{KeyFile, Validity, root_certificate, signer_certificate, trust_list};
pub use commands::{
    Against, Drawing, Drawn, Refused, describe_revocations, describe_trust, export_certificates,
    import_certificates, key_new, key_show, open_trust, qr, scanned, show, verify,
};
pub use conformance::{Conformance, conformance};
pub use image::{ImageError, read_codes};
pub use rules::{RulesReport, rules};

/// A run of many checks: what to print, and whether to exit 0.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One line per failure, then the last line with the counts.
    pub text: String,
    /// Whether nothing failed.
    pub ok: bool,
}
