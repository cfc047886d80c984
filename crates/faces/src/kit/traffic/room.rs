//! What callers may take at a time of what there is a bounded amount of.

use super::limiter::Origin;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Something of which there is a bounded amount: for everybody together, and for each origin.
#[derive(Debug)]
pub struct Room {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<Origin, usize>,
}

/// Why nothing more can be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowded {
    /// The caller's origin has all that one may have.
    Origin,
    /// Everybody together has all that there is.
    Everywhere,
}

impl Crowded {
    /// After how many seconds it is worth another try (`Retry-After`). What is taken is given back
    /// within seconds.
    pub const WAIT: u64 = 1;
}

impl Room {
    /// Room for `most`, and for `most_each` of each origin: an IPv4 address, or the /64 of an IPv6
    /// address.
    pub fn new(most: usize, most_each: usize) -> Arc<Self> {
        Arc::new(Self { most, most_each, taken: Mutex::default() })
    }

    /// Takes some for an address, or for nobody in particular. It is given back when the
    /// [`Share`] is dropped.
    ///
    /// # Errors
    ///
    /// If so much is not left for the origin or for everybody. Then nothing is taken.
    pub fn take(self: &Arc<Self>, whom: Option<IpAddr>, amount: usize) -> Result<Share, Crowded> {
        let whom = whom.map(Origin::from);
        let mut share = Share { room: Arc::clone(self), whom, amount: 0 };
        share.grow(amount)?;
        Ok(share)
    }

    fn add(&self, whom: Option<Origin>, amount: usize) -> Result<(), Crowded> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all = taken.all.saturating_add(amount);
        if let Some(whom) = whom {
            let each = taken.each.get(&whom).copied().unwrap_or_default().saturating_add(amount);
            if each > self.most_each {
                return Err(Crowded::Origin);
            }
            if all > self.most {
                return Err(Crowded::Everywhere);
            }
            taken.each.insert(whom, each);
        } else if all > self.most {
            return Err(Crowded::Everywhere);
        }
        taken.all = all;
        Ok(())
    }

    fn give_back(&self, whom: Option<Origin>, amount: usize) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(amount);
        let Some(whom) = whom else { return };
        let left = taken.each.get(&whom).map_or(0, |each| each.saturating_sub(amount));
        if left == 0 {
            taken.each.remove(&whom);
        } else {
            taken.each.insert(whom, left);
        }
    }
}

/// What somebody has taken.
#[derive(Debug)]
pub struct Share {
    room: Arc<Room>,
    whom: Option<Origin>,
    amount: usize,
}

impl Share {
    /// Takes more.
    ///
    /// # Errors
    ///
    /// If so much is not left for the origin or for everybody. Then no more is taken.
    pub fn grow(&mut self, amount: usize) -> Result<(), Crowded> {
        self.room.add(self.whom, amount)?;
        self.amount += amount;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.amount > 0 {
            self.room.give_back(self.whom, self.amount);
        }
    }
}

/// What requests may take of the process.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    /// Requests at a time.
    pub(crate) requests: Arc<Room>,
    /// Bytes of their bodies in memory.
    pub(crate) bytes: Arc<Room>,
}

impl Default for Rooms {
    fn default() -> Self {
        const KIB: usize = 1024;
        Self { requests: Room::new(8192, 256), bytes: Room::new(32 * KIB * KIB, 4 * KIB * KIB) }
    }
}

/// Where the bytes of a request's body are counted, and for whom. It travels among the request's
/// extensions.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    pub(crate) bytes: Arc<Room>,
    pub(crate) whom: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_a_bound_and_so_have_all_together() {
        let room = Room::new(5, 2);
        let whom = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let first = room.take(whom("192.0.2.1"), 2).unwrap();
        assert_eq!(room.take(whom("192.0.2.1"), 1).unwrap_err(), Crowded::Origin);
        let _second = room.take(whom("2001:db8::1"), 2).unwrap();
        assert_eq!(room.take(whom("2001:db8::ffff"), 1).unwrap_err(), Crowded::Origin);
        let nobody = room.take(None, 1).unwrap();
        assert_eq!(room.take(None, 1).unwrap_err(), Crowded::Everywhere);
        assert_eq!(room.take(whom("192.0.2.2"), 1).unwrap_err(), Crowded::Everywhere);
        drop(nobody);
        let mut third = room.take(whom("192.0.2.2"), 1).unwrap();
        assert_eq!(third.grow(1).unwrap_err(), Crowded::Everywhere);
        drop(first);
        third.grow(1).unwrap();
        assert_eq!(third.grow(1).unwrap_err(), Crowded::Origin);
        drop(third);
        let taken = room.taken.lock().unwrap();
        assert_eq!((taken.all, taken.each.len()), (2, 1));
    }
}
