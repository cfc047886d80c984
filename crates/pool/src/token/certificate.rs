//! A signing key's public half as a certificate (X.509, RFC 5280) that the key itself signs.

use crate::error::Fault;

/// `sha256WithRSAEncryption` with its empty parameters.
const ALGORITHM: [u8; 15] =
    [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 5, 0];
/// `rsaEncryption` with its empty parameters.
const RSA: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 5, 0];
/// `id-at-commonName`.
const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 0x04, 0x03];
/// Version 3.
const VERSION: [u8; 5] = [0xa0, 3, 2, 1, 2];
/// 1 January 1970 to "no well-defined end" (RFC 5280, 4.1.2.5): a key is good as long as the pool
/// uses it, and a certificate that is drawn anew for each call must not differ from call to call.
const NOT_BEFORE: &[u8] = b"700101000000Z";
const NOT_AFTER: &[u8] = b"99991231235959Z";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// What a certificate says.
pub(super) struct Subject<'a> {
    /// Whose key it is; issuer and subject alike.
    pub(super) name: &'a str,
    /// Sixteen bytes of a digest of the key.
    pub(super) serial: [u8; 16],
    /// The public key (PKCS #1).
    pub(super) key: &'a [u8],
}

/// The certificate in DER. `sign` signs with the key itself (RSASSA-PKCS1-v1_5, SHA-256).
pub(super) fn certificate(
    subject: &Subject<'_>,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Fault>,
) -> Result<Vec<u8>, Fault> {
    let name = wrap(UTF8_STRING, &[subject.name.as_bytes()]);
    let name = wrap(SET, &[&wrap(SEQUENCE, &[&COMMON_NAME, &name])]);
    let name = wrap(SEQUENCE, &[&name]);
    let validity =
        wrap(SEQUENCE, &[&wrap(UTC_TIME, &[NOT_BEFORE]), &wrap(GENERALIZED_TIME, &[NOT_AFTER])]);
    // A leading one keeps the number positive and in its shortest form.
    let serial = wrap(INTEGER, &[&[1], &subject.serial]);
    let key = wrap(SEQUENCE, &[&RSA, &wrap(BIT_STRING, &[&[0], subject.key])]);
    let signed = wrap(SEQUENCE, &[&VERSION, &serial, &ALGORITHM, &name, &validity, &name, &key]);
    let signature = wrap(BIT_STRING, &[&[0], &sign(&signed)?]);
    Ok(wrap(SEQUENCE, &[&signed, &ALGORITHM, &signature]))
}

/// A value in DER: tag, length, content.
fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut value = vec![tag];
    match (u8::try_from(content.len()), u8::try_from(digits.len())) {
        (Ok(short @ ..=0x7f), _) => value.push(short),
        (_, Ok(count)) => {
            value.push(0x80 | count);
            value.extend(digits);
        }
        // A length has eight digits at most.
        (_, Err(_)) => {}
    }
    value.extend(content);
    value
}
