//! What everybody has: the installation, units and figures, people of the register, the audit trail.

use super::call::{Ask, Call, about, general, id, plain};

pub fn calls() -> Vec<Call> {
    vec![
        general("GET /api/v1/about", plain),
        general("GET /api/v1/audit", plain),
        general("GET /api/v1/audit/seals", plain),
        about("GET /api/v1/people", |at| Ask::default().query(format!("unit={}", at.unit())))
            .shown_to_all("the list of another area is empty, see its own test"),
        about("GET /api/v1/people/{id}", |at| id(at.person())),
        general("GET /api/v1/units", plain),
        about("GET /api/v1/units/{id}", |at| id(at.unit())).shown_to_all("the tree of units is public"),
        about("GET /api/v1/units/{id}/figures", |at| id(at.unit())),
    ]
}
