//! The text of a Greenfort pass: `GF1:` and base45 of a COSE_Sign1 of a CWT.

use crate::base45;
use crate::claims::Claims;
use crate::cose::{self, Kid, Sign1};
use crate::error::{DecodeError, Stage};
use crate::keys::{Es256Signer, KeyError};

/// What a pass begins with.
pub const PREFIX: &str = "GF1:";
/// No pass is longer: a vehicle with four drivers stays under it.
pub const MAX_CHARS: usize = 1024;

/// A pass cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The claims break a rule of the format.
    #[error(transparent)]
    Claims(#[from] DecodeError),
    /// The key refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Signs the claims and writes the token: the encoder alone, for vectors and measurements. Whoever issues
/// goes through [`crate::sign::Signer`], which asks for evidence.
///
/// # Errors
/// Claims that the format cannot say, or a key that cannot sign.
pub fn seal(claims: &Claims, kid: Kid, key: &dyn Es256Signer) -> Result<String, SealError> {
    let message = sign_message(&claims.encode()?, &[], kid, key)?;
    let mut token = String::with_capacity(PREFIX.len() + message.len().div_ceil(2) * 3);
    token.push_str(PREFIX);
    base45::encode_into(&message, &mut token);
    Ok(token)
}

/// A COSE_Sign1 with the one header that Greenfort writes. `external_aad` separates what is signed:
/// empty for passes, a name for lists, so that no list can be taken for a pass.
///
/// # Errors
/// A key that cannot sign.
pub fn sign_message(
    payload: &[u8],
    external_aad: &[u8],
    kid: Kid,
    key: &dyn Es256Signer,
) -> Result<Vec<u8>, KeyError> {
    let protected = cose::protected_header(kid);
    let signature = key.sign(&cose::to_be_signed(&protected, external_aad, payload))?;
    Ok(cose::assemble(&protected, payload, &signature))
}

/// Base45 of the token, undone: the bytes of the message.
///
/// # Errors
/// [`Stage::Prefix`] or [`Stage::Base45`].
pub fn message_of(token: &str) -> Result<Vec<u8>, DecodeError> {
    let body = token.strip_prefix(PREFIX).ok_or(DecodeError::new(Stage::Prefix, "no GF1: in front"))?;
    if token.len() > MAX_CHARS {
        return Err(DecodeError::new(Stage::Prefix, "longer than any pass"));
    }
    base45::decode(body)
}

/// Reads a token without verifying it: the key id and the claims. For display in tools only; whoever
/// decides something asks the [`crate::verify::Verifier`].
///
/// # Errors
/// When it is not a well-formed pass.
pub fn peek(token: &str) -> Result<(Kid, Claims), DecodeError> {
    let message = message_of(token)?;
    let sign1 = Sign1::read(&message)?;
    Ok((sign1.kid, Claims::decode(sign1.payload)?))
}
