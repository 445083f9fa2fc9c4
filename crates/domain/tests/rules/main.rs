//! The law of the product, rule by rule, and a model that knows nothing of the program.

mod crews;
mod history;
mod instrument;

mod people;
mod places;

mod scene;
