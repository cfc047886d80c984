//! Pools that live at Amazon, whose place a second Poolkeeper takes. That the sign-in APIs behave the
//! same over them is what their own tests show, run with `POOLKEEPER_TEST_BACKEND=aws`; here is what
//! those cannot show.

mod calls;
mod credentials;
mod devices;
mod documents;
mod environment;
mod faults;
mod follow_ups;
mod issuers;
mod keys;
mod tenants;
mod verbs;

const ALICE: &str = "alice@example.com";
