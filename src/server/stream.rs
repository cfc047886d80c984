//! A connection as hyper sees it: without the bytes of flawed requests, and closed so that the last
//! answer arrives.

use super::framing::Framing;
use poolkeeper_faces::{Room, Share};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What hyper is given in place of a flaw: no request may have it anywhere, so that it is refused
/// with 400 after the answers that are due, and the connection is closed.
const POISON: u8 = 0;

/// What hyper is given after it, as it looks at a head only once it is whole.
const END: &[u8] = b"\r\n\r\n";

/// How much of an unread body is thrown away at the end, and for how long, in bytes.
pub(super) const LAST_BYTES: usize = 4 * 1024 * 1024;
pub(super) const LAST_TIME: Duration = Duration::from_secs(2);

/// A stream of which every byte is followed.
pub(super) struct Guarded<S> {
    inner: S,
    http2: Http2Place,
    framing: Framing,
    /// What hyper is still given, once there was a flaw.
    end: Option<&'static [u8]>,
    closing: Closing,
}

/// A place among the connections that speak HTTP/2, each of which costs as much as many others.
pub(super) struct Http2Place {
    room: Arc<Room>,
    whom: Option<IpAddr>,
    taken: Option<Share>,
}

impl Http2Place {
    pub(super) fn new(room: Arc<Room>, whom: Option<IpAddr>) -> Self {
        Self { room, whom, taken: None }
    }

    fn take(&mut self) -> io::Result<()> {
        if self.taken.is_none() {
            let share = self.room.take(self.whom, 1);
            self.taken = Some(share.map_err(|_| io::Error::other("too many HTTP/2 connections"))?);
        }
        Ok(())
    }
}

/// How far a connection is closed.
enum Closing {
    Not,
    /// Nothing is sent any more. Bytes that were sent before the peer knew are thrown away:
    /// closing with them unread would reset the connection, and the peer might lose the answer.
    Discarding {
        left: usize,
        until: Pin<Box<Sleep>>,
    },
    Done,
}

impl<S> Guarded<S> {
    pub(super) fn new(inner: S, http2: Http2Place) -> Self {
        Self { inner, http2, framing: Framing::default(), end: None, closing: Closing::Not }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(end) = &mut this.end {
            let (now, later) = end.split_at(end.len().min(buffer.remaining()));
            buffer.put_slice(now);
            *end = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buffer))?;
        let read = buffer.filled_mut().get_mut(before..).unwrap_or_default();
        if let Err(at) = this.framing.follow(read) {
            this.end = Some(END);
            if let Some(flaw) = read.get_mut(at) {
                *flaw = POISON;
            }
            buffer.set_filled(before + at + 1);
        }
        if this.framing.is_http2() {
            this.http2.take()?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            match &mut this.closing {
                Closing::Not => {
                    ready!(Pin::new(&mut this.inner).poll_shutdown(cx))?;
                    this.closing = if this.end.is_some() || this.framing.is_in_a_body() {
                        Closing::Discarding { left: LAST_BYTES, until: Box::pin(sleep(LAST_TIME)) }
                    } else {
                        Closing::Done
                    };
                }
                Closing::Discarding { left, until } => {
                    let mut bytes = [0; 4096];
                    let mut buffer = ReadBuf::new(&mut bytes);
                    let over = until.as_mut().poll(cx).is_ready();
                    let read = match Pin::new(&mut this.inner).poll_read(cx, &mut buffer) {
                        Poll::Pending if !over => return Poll::Pending,
                        Poll::Ready(Ok(())) if !over => buffer.filled().len(),
                        _ => 0,
                    };
                    *left = left.saturating_sub(read);
                    if read == 0 || *left == 0 {
                        this.closing = Closing::Done;
                    }
                }
                Closing::Done => return Poll::Ready(Ok(())),
            }
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
