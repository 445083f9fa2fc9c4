//! What follows from released readings, for everybody: a pure function of facts.
//!
//! [`conclude`] takes everything known of some people and places in a round – [`Facts`], arrays in any order, repeats
//! allowed – and says what each of them is. It remembers nothing: a late, corrected or recalled reading means calling it
//! again, and [`changes`] says what became different. The rules are numbered as in the law of the product:
//!
//! | file | rules |
//! |---|---|
//! | `findings` | 1, 3, 5, 6: what each specimen is, by its scheme's decoder |
//! | `person` | 2–6: own specimens, those that stand for the person, openings; who answers what |
//! | `place` | 3, 4, 7: households and groups |
//! | `crew` | organisations, parts, vehicles |
//! | `reach`, `pairs` | reach × outcome and the table of legal pairs; 13 |
//! | `history` | 9: what became different, and the figures that move |

mod crew;
mod derive;
mod facts;
mod findings;
mod history;
mod index;
mod outcome;
mod pairs;
mod person;
mod place;
mod policy;
mod reach;

pub use crew::{OrganisationVerdict, PartVerdict, VehicleVerdict, judge_organisation, judge_vehicle};
pub use derive::{Derived, conclude};
pub use facts::{
    Examined, Facts, Fate, Inconsistent, Judgement, Person, PlaceId, Recall, Released, SchemeFacts, Specimen,
};
pub use findings::{Deciding, Finding, NextSteps, Suspicion, Void};
pub use history::{Cell, Change, Figures, Head, changes};
pub use outcome::{Answer, Basis, Conclusion, Evidence, Outcome, PlaceConclusion, Withheld};
pub use pairs::{LEGAL_PAIRS, is_legal};
pub use policy::{CaseDefinition, Odds, Policy};
pub use reach::{FieldState, Reach};
