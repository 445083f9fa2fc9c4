//! The fields of a group as they are typed.

use crate::http::fields::{chosen, kept, reference, unit};
use crate::http::problem::{FieldError, Problem, Refusal};
use greenfort_domain::registry::organisation::{GROUP_KINDS, name, sample_percent};
use greenfort_kernel::UnitId;
use greenfort_store::registry::group::Content;
use serde::Deserialize;
use utoipa::ToSchema;

/// Fields of a group. When changing, what is left out stays as it is, and an empty text takes a value away.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct GroupFields {
    /// block, boarding_row, market_traders, shift, other.
    #[schema(example = "boarding_row")]
    pub kind: Option<String>,
    #[schema(example = "Dãy trọ Bà Năm")]
    pub name: Option<String>,
    /// Hamlet or commune it lies in.
    pub unit_id: Option<UnitId>,
    /// Organisation of the area it belongs to, such as the market of its traders.
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a1")]
    pub organisation_id: Option<String>,
    /// Person of the area who answers for the list.
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a2")]
    pub owner_id: Option<String>,
    /// Share of the members to be sampled each round, 1 to 100; all unless told.
    #[schema(example = 25)]
    pub sample_percent: Option<i16>,
}

impl GroupFields {
    /// The record after these fields; `before` is none for a new one.
    ///
    /// # Errors
    /// 422 with every field that is wrong.
    pub fn checked(&self, before: Option<&Content>) -> Result<Content, Refusal> {
        let mut faults: Vec<FieldError> = Vec::new();
        let kind =
            chosen("kind", self.kind.as_deref(), before.map(|b| b.kind.as_str()), &GROUP_KINDS, &mut faults);
        let name = match (&self.name, before) {
            (None, Some(b)) => b.name.clone(),
            (typed, _) => kept(name(typed.as_deref().unwrap_or_default()), &mut faults),
        };
        let unit = unit(self.unit_id, before.map(|b| b.unit), &mut faults);
        let (was_of, was_owner) = (before.and_then(|b| b.organisation), before.and_then(|b| b.owner));
        let organisation = reference("organisation_id", self.organisation_id.as_deref(), was_of, &mut faults);
        let owner = reference("owner_id", self.owner_id.as_deref(), was_owner, &mut faults);
        let sample_share = match (self.sample_percent, before) {
            (None, before) => before.map_or(1.0, |b| b.sample_share),
            (Some(percent), _) => kept(sample_percent(percent), &mut faults),
        };
        if faults.is_empty() {
            Ok(Content { kind, name, unit, organisation, owner, sample_share })
        } else {
            Err(Problem::invalid(faults).into())
        }
    }

    /// Names of the fields that are given, for the audit trail.
    pub fn named(&self) -> Vec<&'static str> {
        [
            ("kind", self.kind.is_some()),
            ("name", self.name.is_some()),
            ("unit_id", self.unit_id.is_some()),
            ("organisation_id", self.organisation_id.is_some()),
            ("owner_id", self.owner_id.is_some()),
            ("sample_percent", self.sample_percent.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}
