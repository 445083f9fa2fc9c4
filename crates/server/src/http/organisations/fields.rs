//! The fields of an organisation as they are typed.

use crate::http::fields::{chosen, kept, reference, unit};
use crate::http::problem::{FieldError, Problem, Refusal, text};
use greenfort_domain::registry::organisation::{self, KINDS};
use greenfort_kernel::{OrganisationId, UnitId};
use greenfort_store::registry::organisation::Content;
use serde::Deserialize;
use utoipa::ToSchema;

/// Fields of an organisation. When changing, what is left out stays as it is, and an empty text takes a value away.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct OrganisationFields {
    /// park, enterprise, market, agency, household_business, carrier.
    #[schema(example = "enterprise")]
    pub kind: Option<String>,
    #[schema(example = "Công ty TNHH Dừa Xanh")]
    pub name: Option<String>,
    /// Hamlet or commune it lies in.
    pub unit_id: Option<UnitId>,
    /// Ten digits, a branch with three more.
    #[schema(example = "1300123456")]
    pub tax_code: Option<String>,
    #[schema(example = "Lô A3, KCN Giao Long")]
    pub address: Option<String>,
    /// Industrial park it stands in.
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a1")]
    pub parent_id: Option<String>,
}

impl OrganisationFields {
    /// The record after these fields; `before` is none for a new one.
    ///
    /// # Errors
    /// 422 with every field that is wrong.
    pub fn checked(&self, before: Option<&Content>) -> Result<Content, Refusal> {
        let mut faults: Vec<FieldError> = Vec::new();
        let kind = chosen("kind", self.kind.as_deref(), before.map(|b| b.kind.as_str()), &KINDS, &mut faults);
        let name = match (&self.name, before) {
            (None, Some(b)) => b.name.clone(),
            (typed, _) => kept(organisation::name(typed.as_deref().unwrap_or_default()), &mut faults),
        };
        let tax_code = match (&self.tax_code, before) {
            (None, b) => b.and_then(|b| b.tax_code.clone()),
            (Some(typed), _) => kept(organisation::tax_code(typed), &mut faults),
        };
        let address = match (&self.address, before) {
            (None, b) => b.and_then(|b| b.address.clone()),
            (Some(typed), _) => kept(organisation::address(typed), &mut faults),
        };
        let unit = unit(self.unit_id, before.map(|b| b.unit), &mut faults);
        let parent: Option<OrganisationId> =
            reference("parent_id", self.parent_id.as_deref(), before.and_then(|b| b.parent), &mut faults);
        if kind == "park" && parent.is_some() {
            faults.push(FieldError {
                field: "parent_id".into(),
                code: "park",
                message: text(
                    "Khu công nghiệp không nằm trong khu khác.",
                    "An industrial park stands in no other.",
                ),
            });
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults).into());
        }
        Ok(Content { kind, name, tax_code, address, unit, parent })
    }
    /// Names of the fields that are given, for the audit trail.
    pub fn named(&self) -> Vec<&'static str> {
        [
            ("kind", self.kind.is_some()),
            ("name", self.name.is_some()),
            ("unit_id", self.unit_id.is_some()),
            ("tax_code", self.tax_code.is_some()),
            ("address", self.address.is_some()),
            ("parent_id", self.parent_id.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}
