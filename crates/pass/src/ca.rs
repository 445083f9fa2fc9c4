//! Certificates: a root and the document signers under it.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use time::OffsetDateTime;

use crate::trust::Usage;

/// A certificate that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("certificate: {0}")]
pub struct NotCertified(&'static str);

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Common name.
    pub name: &'a str,
    /// Country, two letters: the issuer of a DCC.
    pub country: &'a str,
    /// UTC seconds.
    pub not_before: i64,
    /// UTC seconds.
    pub not_after: i64,
    /// Serial number: 20 bytes at most, random.
    pub serial: [u8; 16],
}

/// The key usages of the DCC for tests, vaccinations and recoveries.
const DCC_OIDS: [(Usage, &[u64]); 3] = [
    (Usage::TEST, &[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 1]),
    (Usage::VACCINATION, &[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2]),
    (Usage::RECOVERY, &[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 3]),
];

fn params(subject: &Subject<'_>) -> Result<CertificateParams, NotCertified> {
    let at = |t| OffsetDateTime::from_unix_timestamp(t).map_err(|_| NotCertified("a time out of range"));
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, subject.name);
    name.push(DnType::CountryName, subject.country);
    params.distinguished_name = name;
    params.not_before = at(subject.not_before)?;
    params.not_after = at(subject.not_after)?;
    // The top bit would make the number negative in DER.
    let mut serial = subject.serial;
    if let Some(first) = serial.first_mut() {
        *first &= 0x7f;
    }
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

fn key_pair(pkcs8: &[u8]) -> Result<KeyPair, NotCertified> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), &PKCS_ECDSA_P256_SHA256)
        .map_err(|_| NotCertified("the key is no P-256 PKCS#8"))
}

fn root_params(root: &Subject<'_>) -> Result<CertificateParams, NotCertified> {
    let mut params = params(root)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// The root's certificate in DER, signed by itself.
///
/// # Errors
/// [`NotCertified`].
pub fn root_certificate(root: &Subject<'_>, pkcs8: &[u8]) -> Result<Vec<u8>, NotCertified> {
    let certificate =
        root_params(root)?.self_signed(&key_pair(pkcs8)?).map_err(|_| NotCertified("not signed"))?;
    Ok(certificate.der().to_vec())
}

/// A document signer's certificate in DER, signed by the root. The DCC's key usages say what it may
/// sign; a signer of Greenfort passes alone has none of them.
///
/// # Errors
/// [`NotCertified`].
pub fn signer_certificate(
    signer: &Subject<'_>,
    signer_pkcs8: &[u8],
    usage: Usage,
    root: &Subject<'_>,
    root_pkcs8: &[u8],
) -> Result<Vec<u8>, NotCertified> {
    let mut params = params(signer)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = DCC_OIDS
        .iter()
        .filter(|(group, _)| usage.contains(*group))
        .map(|(_, oid)| ExtendedKeyUsagePurpose::Other(oid.to_vec()))
        .collect();
    let issuer = Issuer::new(root_params(root)?, key_pair(root_pkcs8)?);
    let certificate =
        params.signed_by(&key_pair(signer_pkcs8)?, &issuer).map_err(|_| NotCertified("not signed"))?;
    Ok(certificate.der().to_vec())
}
