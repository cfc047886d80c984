//! Poolkeeper through HTTP: the real router, engine and database in one process, with a clock that
//! the test sets and a random source that repeats. The tree mirrors the faces.

#[cfg(test)]
mod access;
#[cfg(test)]
mod amazon;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod cognito;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod few_files;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod invited;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod observed;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod partner;
#[cfg(test)]
mod portal;
#[cfg(test)]
#[path = "../security/mod.rs"]
mod security;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod well_known;
