//! Words of the laboratory and of what follows from it, as the database and the API write them.

use crate::unit::text_enum;

text_enum! {
    /// How material is examined.
    Method {
        Pcr = "pcr",
        /// Rapid antigen test, read by eye on a cassette.
        Rapid = "rapid_antigen",
    }
}

text_enum! {
    /// How far the round got to a person (`conclusions::Reach` carries the rest).
    ReachKind {
        NotYetReached = "not_yet_reached",
        Appointed = "appointed",
        Absent = "absent",
        Refused = "refused",
        Exempt = "exempt",
        Represented = "represented",
        Collected = "collected",
        Removed = "removed",
    }
}

text_enum! {
    /// What is known of a person or place (`conclusions::Outcome` carries the rest), least grave first.
    OutcomeKind {
        None = "none",
        RepresentedNegative = "represented_negative",
        NegativePooled = "negative_pooled",
        Negative = "negative",
        Awaiting = "awaiting",
        Unresolved = "unresolved",
        Resample = "resample",
        Invalid = "invalid",
        Inconclusive = "inconclusive",
        Opened = "opened",
        Discordant = "discordant",
        Held = "held",
        Presumptive = "presumptive",
        Positive = "positive",
    }
}

impl OutcomeKind {
    /// Speaks for a pass; whether one may be issued also depends on what withholds it and on restrictions.
    pub fn clears(self) -> bool {
        matches!(self, Self::Negative | Self::NegativePooled | Self::RepresentedNegative)
    }
}

text_enum! {
    /// Why a person is not to be swabbed in a round.
    ExemptReason {
        Recovered = "recovered",
        InQuarantine = "in_quarantine",
        InHospital = "in_hospital",
        Age = "age",
        NotSwabbable = "not_swabbable",
    }
}
