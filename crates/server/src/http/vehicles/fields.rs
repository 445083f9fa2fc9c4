//! The fields of a vehicle as they are typed.

use crate::http::fields::{chosen, kept, reference, unit};
use crate::http::problem::{FieldError, Problem, Refusal};
use greenfort_domain::registry::organisation::{VEHICLE_KINDS, plate};
use greenfort_kernel::UnitId;
use greenfort_store::registry::vehicle::Content;
use serde::Deserialize;
use utoipa::ToSchema;

/// Fields of a vehicle. When changing, what is left out stays as it is, and an empty text takes a value away.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct VehicleFields {
    #[schema(example = "71C-123.45")]
    pub plate: Option<String>,
    /// truck, coach, van, car, motorbike, boat.
    #[schema(example = "truck")]
    pub kind: Option<String>,
    /// Hamlet or commune it is registered in.
    pub unit_id: Option<UnitId>,
    /// Carrier of the area it belongs to.
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a1")]
    pub organisation_id: Option<String>,
}

impl VehicleFields {
    /// The record after these fields; `before` is none for a new one.
    ///
    /// # Errors
    /// 422 with every field that is wrong.
    pub fn checked(&self, before: Option<&Content>) -> Result<Content, Refusal> {
        let mut faults: Vec<FieldError> = Vec::new();
        let plate = match (&self.plate, before) {
            (None, Some(b)) => b.plate.clone(),
            (typed, _) => kept(plate(typed.as_deref().unwrap_or_default()), &mut faults),
        };
        let was = before.map(|b| b.kind.as_str());
        let kind = chosen("kind", self.kind.as_deref(), was, &VEHICLE_KINDS, &mut faults);
        let unit = unit(self.unit_id, before.map(|b| b.unit), &mut faults);
        let was_of = before.and_then(|b| b.organisation);
        let organisation = reference("organisation_id", self.organisation_id.as_deref(), was_of, &mut faults);
        if faults.is_empty() {
            Ok(Content { plate, kind, unit, organisation })
        } else {
            Err(Problem::invalid(faults).into())
        }
    }

    /// Names of the fields that are given, for the audit trail.
    pub fn named(&self) -> Vec<&'static str> {
        [
            ("plate", self.plate.is_some()),
            ("kind", self.kind.is_some()),
            ("unit_id", self.unit_id.is_some()),
            ("organisation_id", self.organisation_id.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}
