//! `greenfort pass key root|certify|trust`: what the holder of the root key does, away from any server.

use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::Refused;
use super::commands::{pem, refused};
use crate::ca::{self, Subject};
use crate::cert::{Certificate, from_armour};
use crate::keyfile::open_key;
use crate::keys::{SigningKey, kid_of};
use crate::sign::Entropy;
use crate::trust::{TrustList, TrustedKey, Usage};

/// A key file and what opens it.
#[derive(Clone, Copy, Debug)]
pub struct KeyFile<'a> {
    /// The text of the file.
    pub text: &'a str,
    /// Its passphrase.
    pub passphrase: &'a str,
}

impl KeyFile<'_> {
    fn open(self, whose: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
        open_key(self.text, self.passphrase).map_err(|e| refused(format!("{whose}: {e}")))
    }
}

/// From when a certificate is valid, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// UTC seconds.
    pub now: i64,
    /// Days from then on.
    pub days: u32,
}

impl Validity {
    fn subject<'a>(
        self,
        name: &'a str,
        country: &'a str,
        entropy: &mut Entropy<'_>,
    ) -> Result<Subject<'a>, Refused> {
        let mut serial = [0; 16];
        if !entropy(&mut serial) {
            return Err(refused("no randomness for the serial number"));
        }
        let not_after = self.now.saturating_add(i64::from(self.days) * 86_400);
        Ok(Subject { name, country, not_before: self.now, not_after, serial })
    }
}

/// `key root`: the root's own certificate, as PEM.
///
/// # Errors
/// A country that is not two capital letters, no name, a key file that does not open.
pub fn root_certificate(
    key: KeyFile<'_>,
    name: &str,
    country: &str,
    validity: Validity,
    entropy: &mut Entropy<'_>,
) -> Result<String, Refused> {
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(refused(format!("country {country}: two capital letters, as VN")));
    }
    if name.trim().is_empty() {
        return Err(refused("the certificate needs a name"));
    }
    let subject = validity.subject(name, country, entropy)?;
    let der = ca::root_certificate(&subject, &key.open("root key")?).map_err(refused)?;
    Ok(pem(&der))
}

/// `key certify`: a signer's certificate under the root, as PEM. It carries the root's country.
///
/// # Errors
/// A key file that does not open, a root certificate that is another key's or that ends before the signer's would.
pub fn signer_certificate(
    key: KeyFile<'_>,
    name: &str,
    usage: Usage,
    validity: Validity,
    root: (KeyFile<'_>, &str),
    entropy: &mut Entropy<'_>,
) -> Result<String, Refused> {
    let root_key = root.0.open("root key")?;
    let root_der = from_armour(root.1).ok_or_else(|| refused("root certificate: not PEM"))?;
    let read = Certificate::from_der(&root_der).map_err(|e| refused(format!("root certificate: {e}")))?;
    if read.key.spki() != SigningKey::from_pkcs8(&root_key).map_err(refused)?.spki() {
        return Err(refused("the root certificate is not that of the root key"));
    }
    let (_, x509) = X509Certificate::from_der(&root_der).map_err(|_| refused("root certificate: not DER"))?;
    let root_name =
        x509.subject().iter_common_name().next().and_then(|n| n.as_str().ok()).unwrap_or_default();
    let subject = validity.subject(name, &read.country, entropy)?;
    if subject.not_after > read.not_after {
        return Err(refused(
            "the root certificate ends before the signer's would: give fewer days, or renew the root",
        ));
    }
    let above = Subject {
        name: root_name,
        country: &read.country,
        not_before: read.not_before,
        not_after: read.not_after,
        serial: [0; 16],
    };
    let der =
        ca::signer_certificate(&subject, &key.open("key")?, usage, &above, &root_key).map_err(refused)?;
    Ok(pem(&der))
}

/// `key trust`: the signed list. `signers` are issuer and certificate of Greenfort's signers, which sign passes and
/// revocation lists; `published` are other countries' certificates; a `withdrawn` key turns all it signed red.
///
/// # Errors
/// An issuer that is no 1–12 bytes, a certificate that cannot be read, a withdrawn key that is not in the list.
pub fn trust_list(
    signers: &[(String, String)],
    published: Vec<Certificate>,
    withdrawn: &[String],
    version: u64,
    now: i64,
    root: KeyFile<'_>,
) -> Result<Vec<u8>, Refused> {
    let mut keys: Vec<TrustedKey> = published.into_iter().map(Certificate::trusted).collect();
    for (issuer, certificate) in signers {
        if issuer.is_empty() || issuer.len() > 12 {
            return Err(refused(format!("issuer {issuer}: 1 to 12 bytes")));
        }
        let read = Certificate::from_text(certificate)
            .map_err(|e| refused(format!("certificate of {issuer}: {e}")))?;
        let usage = Usage::PASS.and(Usage::REVOCATION);
        keys.push(TrustedKey { issuer: issuer.clone(), usage, ..read.trusted() });
    }
    for kid in withdrawn {
        let mut found = false;
        for key in keys.iter_mut().filter(|k| super::commands::hex(&k.kid).eq_ignore_ascii_case(kid)) {
            key.revoked = true;
            found = true;
        }
        if !found {
            return Err(refused(format!("key {kid} is not in the list: nothing would be withdrawn")));
        }
    }
    let root = SigningKey::from_pkcs8(&root.open("root key")?).map_err(refused)?;
    TrustList::new(version, now, keys).seal(kid_of(&root.spki()), &root).map_err(refused)
}
