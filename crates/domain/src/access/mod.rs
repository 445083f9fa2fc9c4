//! Who may do what, where; and how they prove who they are.

mod card;
mod granting;
mod lifetime;
mod lockout;
mod password;
mod permission;
mod role_name;

pub use card::{Code, CodeError};
pub use granting::{
    GrantRefusal, Held, fits, may_grant, may_manage, may_scope_token, rank, works_with_badge,
};
pub use lifetime::{Lifetime, SessionKind};
pub use lockout::{Attempts, Locked, Lockout};
pub use password::{PasswordError, SHORTEST_PASSWORD, check_password};
pub use permission::{Permission, allows};
pub use role_name::{read_role, role_name};
