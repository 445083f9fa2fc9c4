//! Value sets as data: which codes are approved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Named lists of codes: what CertLogic rules find under `external.valueSets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueSets(pub BTreeMap<String, Vec<String>>);

impl ValueSets {
    /// Reads one published value-set file (`valueSetId`, `valueSetValues`) into the sets.
    ///
    /// # Errors
    /// When it has another form.
    pub fn add_published(&mut self, json: &str) -> Result<(), serde_json::Error> {
        #[derive(Deserialize)]
        struct Published {
            #[serde(rename = "valueSetId")]
            id: String,
            #[serde(rename = "valueSetValues")]
            values: BTreeMap<String, serde::de::IgnoredAny>,
        }
        let published: Published = serde_json::from_str(json)?;
        self.0.insert(published.id, published.values.into_keys().collect());
        Ok(())
    }

    /// Whether a set has the code; an absent set has none.
    #[must_use]
    pub fn has(&self, set: &str, code: &str) -> bool {
        self.0.get(set).is_some_and(|codes| codes.iter().any(|c| c == code))
    }
}

/// Codes that a test certificate is made of. Source: eHealth Network value sets 1.14.
pub mod approved {
    /// SARS-CoV-2 / COVID-19.
    pub const COVID_19: &str = "840539006";
    /// Nucleic acid amplification with probe detection.
    pub const NAAT: &str = "LP6464-4";
    /// Rapid immunoassay.
    pub const RAPID: &str = "LP217198-3";
    /// Not detected.
    pub const NOT_DETECTED: &str = "260415000";
    /// Name of the value set of rapid tests.
    pub const RAPID_TESTS: &str = "covid-19-lab-test-manufacturer-and-name";
}
