//! The body of a request: it must arrive in time, and what nobody has read of it must not be taken
//! for the next request.

use super::stream::{LAST_BYTES, LAST_TIME};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep, timeout};

/// The longest rest of a body that is read to its end for the sake of the connection, in bytes, and
/// how long that may take on HTTP/1, where the next request follows it. Otherwise the connection is
/// closed, and the answer says so.
const MOST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

/// A body that fails when it does not come in time, and that leaves what is not read of it.
pub(super) struct Timed {
    body: Option<Incoming>,
    until: Pin<Box<Sleep>>,
    rest: Arc<Rest>,
}

/// What became of a body.
#[derive(Debug, Default)]
pub(super) struct Rest {
    unread: Mutex<Option<Incoming>>,
    begun: AtomicBool,
    late: AtomicBool,
}

impl Timed {
    pub(super) fn new(body: Incoming, within: Duration) -> (Self, Arc<Rest>) {
        let rest = Arc::new(Rest::default());
        let until = Box::pin(sleep(within));
        (Self { body: Some(body), until, rest: Arc::clone(&rest) }, rest)
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        this.rest.begun.store(true, Ordering::Relaxed);
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) {
            if !matches!(frame, Some(Ok(_))) {
                this.body = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)));
        }
        ready!(this.until.as_mut().poll(cx));
        this.rest.late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.rest.unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

impl Rest {
    /// Whether the body did not come in time.
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::Relaxed)
    }

    /// Reads what is left of the body, if that is little and comes at once. Whether nothing is left.
    pub(super) async fn finish(&self, waits_for_word: bool) -> bool {
        let Some(mut body) = self.unread() else { return true };
        // To ask for more of a body would be to call for it (`100 Continue`).
        let uncalled = waits_for_word && !self.begun.load(Ordering::Relaxed);
        if uncalled || self.is_late() || body.size_hint().lower() > MOST {
            return false;
        }
        timeout(PATIENCE, throw_away(&mut body, MOST)).await.unwrap_or(false)
    }

    /// Throws away what still comes of the body over HTTP/2, beside the answer. Reset at once, the
    /// stream would end before a client that is still sending has looked at the answer.
    pub(super) fn linger(&self) {
        if let Some(mut body) = self.unread() {
            tokio::spawn(async move {
                timeout(LAST_TIME, throw_away(&mut body, LAST_BYTES as u64)).await.ok();
            });
        }
    }

    fn unread(&self) -> Option<Incoming> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads a body of at most so many bytes. Whether it came to its end.
async fn throw_away(body: &mut Incoming, most: u64) -> bool {
    let mut read = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let Ok(frame) = frame else { return false };
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > most {
            return false;
        }
    }
    true
}
