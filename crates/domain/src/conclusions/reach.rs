//! How far the round got to a person.

use greenfort_kernel::{ExemptReason, ReachKind};

/// What the field recorded of an expected person, apart from swabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldState {
    NotYetReached,
    Appointed,
    Absent,
    Refused,
    Exempt(ExemptReason),
    /// Moved or died.
    Removed,
}

/// Exactly one for each expected person of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    NotYetReached,
    Appointed,
    Absent,
    Refused,
    Exempt(ExemptReason),
    /// Ticked by name at somebody else's swab.
    Represented,
    /// Gave a swab of their own.
    Collected,
    Removed,
}

impl Reach {
    /// A swab outweighs everything: the round did reach whoever gave one, even if they moved the day after. Removal and
    /// exemption outweigh a tick (whoever went into quarantine is not spoken for by those at home), a tick the rest.
    pub fn of(field: FieldState, swabbed: bool, ticked: bool) -> Self {
        match field {
            _ if swabbed => Self::Collected,
            FieldState::Removed => Self::Removed,
            FieldState::Exempt(reason) => Self::Exempt(reason),
            _ if ticked => Self::Represented,
            FieldState::NotYetReached => Self::NotYetReached,
            FieldState::Appointed => Self::Appointed,
            FieldState::Absent => Self::Absent,
            FieldState::Refused => Self::Refused,
        }
    }

    pub fn kind(self) -> ReachKind {
        match self {
            Self::NotYetReached => ReachKind::NotYetReached,
            Self::Appointed => ReachKind::Appointed,
            Self::Absent => ReachKind::Absent,
            Self::Refused => ReachKind::Refused,
            Self::Exempt(_) => ReachKind::Exempt,
            Self::Represented => ReachKind::Represented,
            Self::Collected => ReachKind::Collected,
            Self::Removed => ReachKind::Removed,
        }
    }
}
