//! The law of the product, rule by rule, and a model that knows nothing of the program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crews;
mod history;
mod instrument;
mod model;
mod people;
mod places;
mod reference;
mod scene;
mod world;
