//! The least that can be called an HTTP client.

use anyhow::{Context as _, Result, bail, ensure};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// One connection that is kept. It blocks, so that next to nothing of what is measured is the
/// client's own.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and gives the body of the answer, which must have this status.
    pub(crate) fn call(&mut self, request: &[u8], status: &str) -> Result<&[u8]> {
        self.stream.write_all(request)?;
        self.received.clear();
        let head = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.receive()?;
        };
        let text = str::from_utf8(self.received.get(..head).unwrap_or_default())?;
        let ok = text.strip_prefix("HTTP/1.1 ").is_some_and(|rest| rest.starts_with(status));
        let is_empty = text.starts_with("HTTP/1.1 204");
        let length = if is_empty { 0 } else { content_length(text)? };
        while self.received.len() < head + length {
            self.receive()?;
        }
        ensure!(ok, "{}", String::from_utf8_lossy(&self.received));
        self.received.get(head..).context("the answer has no end of its headers")
    }

    fn receive(&mut self) -> Result<()> {
        let mut chunk = [0; 8192];
        let read = self.stream.read(&mut chunk)?;
        if read == 0 {
            bail!("the server has closed the connection");
        }
        self.received.extend_from_slice(chunk.get(..read).unwrap_or_default());
        Ok(())
    }
}

fn content_length(head: &str) -> Result<usize> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().context("an answer without a length")?;
    Ok(length.trim().parse()?)
}

/// A request, ready to be sent any number of times.
pub(crate) fn request(line: &str, headers: &[(&str, &str)], body: &str) -> Result<Vec<u8>> {
    let mut request = format!("{line} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n")?;
    }
    write!(request, "content-length: {}\r\n\r\n{body}", body.len())?;
    Ok(request.into_bytes())
}
