//! What kinds of accounts there are and whether one can sign in.

use crate::unit::text_enum;

text_enum! {
    /// What an account is used for.
    AccountKind {
        /// A desk: password and one-time code.
        Office = "office",
        /// An enrolled device, a badge and a PIN.
        Field = "field",
        /// A phone, or a printed card.
        Citizen = "citizen",
    }
}

text_enum! {
    /// Whether the account can sign in.
    AccountStatus { Invited = "invited", Active = "active", Suspended = "suspended", Ended = "ended" }
}

text_enum! {
    /// What a citizen account's owner is to a person it sees.
    Relation {
        /// The person themselves.
        Own = "self",
        HouseholdHead = "household_head",
        Guardian = "guardian",
        Family = "family",
    }
}
