//! The laboratory: from the instrument's numbers to readings that may be released.
//!
//! An [`Assay`] is data with a version. A reaction's [`Ct`] values become a [`Reading`](greenfort_pooling::decode::Reading)
//! by it, a run is valid by its controls, a [`ReleasePolicy`] says who may release what.

mod anomaly;
mod assay;
mod cassette;
mod ct;
mod guards;
mod instrument;
mod ladder;
mod plate;
mod release;
mod run;

pub use anomaly::{Anomaly, SampleWell, anomalies};
pub use assay::{Assay, ControlKind, ControlRule, Grey, GreyRule, InternalControl, Signal, Target};
pub use cassette::{Look, read_cassette};
pub use ct::{Ct, CtError};
pub use guards::{Candidate, Guard, Guards, Remark, Severity, check_pool};
pub use instrument::{ColumnMap, Measured, SheetError, SheetProblem, fit, read_sheet};
pub use ladder::{InternalControlStep, after_internal_control_failure};
pub use plate::{Plate, Well};
pub use release::{Batch, Permit, Refusal, ReleaseBy, ReleasePolicy, ReleaseRule, Releaser};
pub use run::{ControlResult, RunFault, Verdict as RunVerdict, judge_run};
