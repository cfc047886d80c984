//! What must not happen, tried against the whole engine: over a store in memory whose every access
//! lets others go first, so that thousands of orders of events can be tried, each repeatable.

#[cfg(test)]
mod attributes;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod model;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod overtaken;
#[cfg(test)]
mod races;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod trusted_devices;
#[cfg(test)]
mod world;
