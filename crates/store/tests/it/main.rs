//! The store as the engine sees it.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod records;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sqlite;
