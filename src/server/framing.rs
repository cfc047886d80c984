//! Follows the bytes of an HTTP/1 connection before hyper reads them, and finds what hyper would
//! forgive: two lengths of one body, a coding besides `chunked`, a line that ends in a bare LF.
//! Another server on the way may read such bytes as another request (request smuggling).

/// What every HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const CONTENT_LENGTH: &[u8] = b"content-length";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";
const CHUNKED: &[u8] = b"chunked";

/// A byte that no request of ours may have where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw;

/// Where in a connection's bytes its peer is.
#[derive(Debug)]
pub(super) enum Framing {
    /// So many bytes of HTTP/2's preface came, and nothing else.
    Preface(usize),
    /// The frames of HTTP/2, which say how long they are.
    Frames,
    /// The head of a request, or before it.
    Head(Head),
    /// So many bytes of a body are to come.
    Body(u64),
    /// In a body that comes in chunks.
    Chunks(Chunks),
}

impl Default for Framing {
    fn default() -> Self {
        Self::Preface(0)
    }
}

/// What is known of a head so far.
#[derive(Debug, Default)]
pub(super) struct Head {
    place: Place,
    /// Whether the last byte was a CR.
    cr: bool,
    length: Option<u64>,
    chunked: bool,
}

/// Where in a head.
#[derive(Debug, Default)]
enum Place {
    /// Before the request line; empty lines there do not matter.
    #[default]
    Before,
    RequestLine,
    /// In the name of a header field.
    Name(Name),
    /// In the value of a field that does not matter here.
    Value,
    Length(Number),
    /// In the value of `Transfer-Encoding`, after so many bytes of `chunked`.
    Coding(usize),
}

/// A field name so far: as much of it as the longest that matters has, and its length.
#[derive(Debug, Default)]
struct Name {
    start: [u8; TRANSFER_ENCODING.len()],
    length: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Number {
    Before,
    In,
    After,
}

/// Where in a body that comes in chunks.
#[derive(Debug)]
pub(super) enum Chunks {
    /// In the size of a chunk, after so many digits.
    Size {
        value: u64,
        digits: u8,
    },
    /// In what follows the size on its line.
    Extension(u64),
    SizeEnd(u64),
    Data(u64),
    DataCr,
    DataEnd,
    /// In a line of the trailer; an empty one ends it.
    Trailer {
        empty: bool,
        cr: bool,
    },
}

const FIRST_CHUNK: Chunks = Chunks::Size { value: 0, digits: 0 };

impl Framing {
    /// Follows some more bytes. An error says at which of them a flaw showed.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut rest = bytes;
        loop {
            rest = self.skip(rest);
            let Some((byte, after)) = rest.split_first() else { return Ok(()) };
            self.step(*byte).map_err(|Flaw| bytes.len() - rest.len())?;
            rest = after;
        }
    }

    /// Whether a body has begun and not ended.
    pub(super) const fn is_in_a_body(&self) -> bool {
        matches!(self, Self::Body(_) | Self::Chunks(_))
    }

    /// Whether the peer speaks HTTP/2.
    pub(super) const fn is_http2(&self) -> bool {
        matches!(self, Self::Frames)
    }

    /// Goes past what is not looked at, and gives the rest.
    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let left = match self {
            Self::Frames => return &[],
            Self::Body(left) | Self::Chunks(Chunks::Data(left)) => left,
            Self::Preface(_) | Self::Head(_) | Self::Chunks(_) => return bytes,
        };
        let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        *left -= skipped as u64;
        if *left == 0 {
            *self = match self {
                Self::Chunks(_) => Self::Chunks(Chunks::DataCr),
                _ => Self::Head(Head::default()),
            };
        }
        bytes.get(skipped..).unwrap_or_default()
    }

    fn step(&mut self, byte: u8) -> Result<(), Flaw> {
        match self {
            Self::Preface(seen) if PREFACE.get(*seen) == Some(&byte) => {
                *seen += 1;
                if *seen == PREFACE.len() {
                    *self = Self::Frames;
                }
            }
            Self::Preface(seen) => {
                let before = PREFACE.get(..*seen).unwrap_or_default();
                *self = Self::Head(Head::default());
                for byte in before {
                    self.step(*byte)?;
                }
                self.step(byte)?;
            }
            Self::Head(head) => {
                if let Some(next) = head.step(byte)? {
                    *self = next;
                }
            }
            Self::Chunks(chunks) => {
                if chunks.step(byte)? {
                    *self = Self::Head(Head::default());
                }
            }
            // Skipped.
            Self::Frames | Self::Body(_) => {}
        }
        Ok(())
    }
}

impl Head {
    /// What follows the head, if this byte ends it.
    fn step(&mut self, byte: u8) -> Result<Option<Framing>, Flaw> {
        if std::mem::take(&mut self.cr) {
            return if byte == b'\n' { self.end_line() } else { Err(Flaw) };
        }
        match byte {
            b'\r' => self.cr = true,
            b'\n' => return Err(Flaw),
            _ => self.step_in_line(byte)?,
        }
        Ok(None)
    }

    fn step_in_line(&mut self, byte: u8) -> Result<(), Flaw> {
        let blank = matches!(byte, b' ' | b'\t');
        match &mut self.place {
            Place::Before => self.place = Place::RequestLine,
            Place::RequestLine | Place::Value => {}
            // A line that goes on from the one before (obs-fold), or a space before the colon.
            Place::Name(_) if blank => return Err(Flaw),
            Place::Name(name) if byte == b':' => {
                let place = name.value();
                let framed = self.length.is_some() || self.chunked;
                match place {
                    Place::Length(_) | Place::Coding(_) if framed => return Err(Flaw),
                    Place::Length(_) => self.length = Some(0),
                    Place::Coding(_) => self.chunked = true,
                    _ => {}
                }
                self.place = place;
            }
            Place::Name(name) => name.add(byte),
            Place::Length(Number::Before | Number::After) if blank => {}
            Place::Length(number) if blank => *number = Number::After,
            Place::Length(Number::After) => return Err(Flaw),
            Place::Length(number) => {
                *number = Number::In;
                self.length = Some(append(self.length.unwrap_or_default(), byte, 10)?);
            }
            Place::Coding(seen) if blank && (*seen == 0 || *seen == CHUNKED.len()) => {}
            Place::Coding(seen) if CHUNKED.get(*seen) == Some(&byte.to_ascii_lowercase()) => {
                *seen += 1;
            }
            Place::Coding(_) => return Err(Flaw),
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<Framing>, Flaw> {
        match &self.place {
            Place::Before => return Ok(None),
            Place::Name(name) if name.length == 0 => return Ok(Some(self.body())),
            Place::Name(_) | Place::Length(Number::Before) => return Err(Flaw),
            Place::Coding(seen) if *seen != CHUNKED.len() => return Err(Flaw),
            Place::RequestLine | Place::Value | Place::Length(_) | Place::Coding(_) => {}
        }
        self.place = Place::Name(Name::default());
        Ok(None)
    }

    fn body(&self) -> Framing {
        match self.length {
            _ if self.chunked => Framing::Chunks(FIRST_CHUNK),
            Some(length) if length > 0 => Framing::Body(length),
            _ => Framing::Head(Self::default()),
        }
    }
}

impl Name {
    fn add(&mut self, byte: u8) {
        if let Some(place) = self.start.get_mut(self.length) {
            *place = byte.to_ascii_lowercase();
        }
        self.length = self.length.saturating_add(1);
    }

    /// The place after the colon.
    fn value(&self) -> Place {
        match self.start.get(..self.length) {
            Some(CONTENT_LENGTH) => Place::Length(Number::Before),
            Some(TRANSFER_ENCODING) => Place::Coding(0),
            _ => Place::Value,
        }
    }
}

impl Chunks {
    /// Whether this byte ends the body.
    fn step(&mut self, byte: u8) -> Result<bool, Flaw> {
        *self = match (&*self, byte) {
            (Self::Size { digits: 0, .. }, b'\r' | b';' | b' ' | b'\t')
            | (Self::Extension(_), b'\n') => return Err(Flaw),
            (Self::Size { value, .. } | Self::Extension(value), b'\r') => Self::SizeEnd(*value),
            (Self::Size { value, .. }, b';' | b' ' | b'\t') | (Self::Extension(value), _) => {
                Self::Extension(*value)
            }
            (Self::Size { value, digits }, _) => {
                let value = append(*value, byte, 16)?;
                Self::Size { value, digits: digits.saturating_add(1) }
            }
            (Self::SizeEnd(0), b'\n') => Self::Trailer { empty: true, cr: false },
            (Self::SizeEnd(value), b'\n') => Self::Data(*value),
            (Self::DataCr, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => FIRST_CHUNK,
            (Self::SizeEnd(_) | Self::DataCr | Self::DataEnd, _) => return Err(Flaw),
            // Skipped.
            (Self::Data(left), _) => Self::Data(*left),
            (Self::Trailer { empty, cr: true }, b'\n') => {
                if *empty {
                    return Ok(true);
                }
                Self::Trailer { empty: true, cr: false }
            }
            (Self::Trailer { cr: true, .. }, _) | (Self::Trailer { .. }, b'\n') => {
                return Err(Flaw);
            }
            (Self::Trailer { empty, .. }, b'\r') => Self::Trailer { empty: *empty, cr: true },
            (Self::Trailer { .. }, _) => Self::Trailer { empty: false, cr: false },
        };
        Ok(false)
    }
}

/// A number with one more digit.
fn append(number: u64, digit: u8, base: u32) -> Result<u64, Flaw> {
    let digit = char::from(digit).to_digit(base).ok_or(Flaw)?;
    let shifted = number.checked_mul(u64::from(base)).ok_or(Flaw)?;
    shifted.checked_add(u64::from(digit)).ok_or(Flaw)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a connection in one piece and byte by byte, with the same result.
    fn follow(bytes: &[u8]) -> (Result<(), usize>, Framing) {
        let (mut whole, mut single) = (Framing::default(), Framing::default());
        let result = whole.follow(bytes);
        let mut pieces = bytes.iter().enumerate();
        let flaw = pieces.find_map(|(at, byte)| single.follow(&[*byte]).err().map(|_| at));
        assert_eq!(result.err(), flaw, "{}", bytes.escape_ascii());
        (result, whole)
    }

    #[test]
    fn requests_follow_one_another() {
        for bytes in [
            &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
            b"\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n",
            b"PUT / HTTP/1.1\r\nContent-Length:  5 \r\n\r\na\nb\ncGET / HTTP/1.1\r\n\r\n",
            b"PUT / HTTP/1.1\r\ncontent-length: 0\r\n\r\nPRI / HTTP/1.1\r\n\r\n",
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\n\n\n\n\r\n0\r\n\r\n",
            b"PUT / HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n0\r\na: b\r\nc: d\r\n\r\n",
            b"PUT / HTTP/1.1\r\nx-content-length: z\r\ncontent-lengths: z\r\nx:\r\n\r\n",
        ] {
            let (result, end) = follow(bytes);
            assert_eq!(result, Ok(()), "{}", bytes.escape_ascii());
            assert!(matches!(end, Framing::Head(Head { place: Place::Before, .. })), "{end:?}");
        }
    }

    #[test]
    fn frames_are_not_looked_at() {
        let (result, end) = follow(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\n\0\n");
        assert!(result.is_ok() && matches!(end, Framing::Frames));
    }

    #[test]
    fn it_is_known_whether_a_body_is_to_come() {
        let head = b"PUT / HTTP/1.1\r\ncontent-length: 2\r\n\r\n".as_slice();
        for (more, expected) in [("", true), ("a", true), ("ab", false)] {
            let bytes = [head, more.as_bytes()].concat();
            assert_eq!(follow(&bytes).1.is_in_a_body(), expected, "{more}");
        }
    }

    /// (M4, L14) The flaw shows at the last byte of each.
    #[test]
    fn what_may_be_read_in_two_ways_is_a_flaw() {
        let line = "PUT / HTTP/1.1\r\n";
        let chunked = "transfer-encoding: chunked\r\n";
        for bytes in [
            "\n".to_owned(),
            "GET / HTTP/1.1\n".to_owned(),
            "GET / HTTP/1.1\rx".to_owned(),
            "PRI * HTTP/2.0\r\n\r\nSM\n".to_owned(),
            format!("{line}host: x\n"),
            format!("{line}host: x\r\n\n"),
            format!("{line} "),
            format!("{line}host: x\r\n\t"),
            format!("{line}host "),
            format!("{line}host\r\n"),
            format!("{line}{chunked}content-length:"),
            format!("{line}content-length: 1\r\ntransfer-encoding:"),
            format!("{line}content-length: 1\r\nContent-Length:"),
            format!("{line}{chunked}Transfer-Encoding:"),
            format!("{line}content-length:\r\n"),
            format!("{line}content-length: -"),
            format!("{line}content-length: +"),
            format!("{line}content-length: 1,"),
            format!("{line}content-length: 1 1"),
            format!("{line}content-length: 0x"),
            format!("{line}content-length: 18446744073709551616"),
            format!("{line}transfer-encoding:\r\n"),
            format!("{line}transfer-encoding: g"),
            format!("{line}transfer-encoding: chunked,"),
            format!("{line}transfer-encoding: chunkedx"),
            format!("{line}transfer-encoding: chunk\r\n"),
            format!("{line}transfer-encoding: \u{b}"),
            format!("{line}{chunked}\r\n\r"),
            format!("{line}{chunked}\r\n;"),
            format!("{line}{chunked}\r\n1\n"),
            format!("{line}{chunked}\r\n-"),
            format!("{line}{chunked}\r\n1;x\n"),
            format!("{line}{chunked}\r\n1\r\nab"),
            format!("{line}{chunked}\r\n1\r\na\n"),
            format!("{line}{chunked}\r\n10000000000000000"),
            format!("{line}{chunked}\r\n0\r\n\n"),
            format!("{line}{chunked}\r\n0\r\nx: y\n"),
        ] {
            assert_eq!(follow(bytes.as_bytes()).0, Err(bytes.len() - 1), "{bytes:?}");
        }
    }
}
