//! The store as the engine sees it.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod records;
#[cfg(test)]
mod sqlite;
