//! How a route is called: by whom, about whose thing.

use crate::stage::{Side, Stage, request};
use axum::body::Body;
use axum::http::{Request, header};
use greenfort_domain::access::SessionKind;
use greenfort_kernel::{PersonId, Role, UnitId};
use serde_json::Value;
use std::fmt::{self, Display};
use std::future::Future;

/// Whose thing a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Of the own area; for citizens, a person they are linked to.
    Own,
    /// Of another area; for citizens, the neighbour's.
    Other,
    /// Of nobody: it does not exist.
    Nothing,
}

impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Other => "other",
            Self::Nothing => "nothing",
        })
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Stranger,
    /// A program with a key over the own commune.
    Program,
    Role(Role),
}

impl Who {
    pub fn all() -> Vec<Self> {
        [Self::Stranger, Self::Program].into_iter().chain(Role::ALL.iter().map(|r| Self::Role(*r))).collect()
    }

    fn is_citizen(self) -> bool {
        matches!(self, Self::Role(Role::Citizen | Role::HouseholdHead))
    }
}

impl Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stranger => "stranger",
            Self::Program => "program",
            Self::Role(role) => role.as_str(),
        })
    }
}

/// What one call is about. Its methods give things that lie on the right side of the border.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub stage: &'a Stage,
    pub case: Case,
    pub who: Who,
}

impl At<'_> {
    pub fn is_citizen(&self) -> bool {
        self.who.is_citizen()
    }

    pub fn side(&self) -> Side {
        if self.case == Case::Own { self.stage.own } else { self.stage.other }
    }

    /// A commune.
    pub fn unit(&self) -> UnitId {
        if self.case == Case::Nothing { UnitId(987_654) } else { self.side().commune }
    }

    pub fn person(&self) -> PersonId {
        match self.case {
            Case::Nothing => self.stage.world().id(),
            Case::Other if self.who.is_citizen() => self.stage.neighbour,
            _ => self.side().person,
        }
    }

    /// The id of something `make` has just made on the right side, or of nothing. For routes that use things up.
    pub fn fresh<I: From<uuid::Uuid>, F: Future<Output = I>>(&self, make: impl FnOnce(Side) -> F) -> I {
        match self.case {
            Case::Nothing => I::from(self.stage.world().id::<uuid::Uuid>()),
            _ => self.run(make(self.side())),
        }
    }

    /// Waits for something inside the closure of a call.
    pub fn run<F: Future>(&self, work: F) -> F::Output {
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
    }
}

/// The parts of a request that the route does not say.
#[derive(Default)]
pub struct Ask {
    ids: Vec<String>,
    query: String,
    body: Option<Value>,
}

impl Ask {
    /// Fills the next `{…}` of the path.
    pub fn id(mut self, id: impl Display) -> Self {
        self.ids.push(id.to_string());
        self
    }

    /// What stands behind `?`.
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    /// A body that a caller with the right would get through with.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

pub fn plain(_: &At<'_>) -> Ask {
    Ask::default()
}

pub fn id(id: impl Display) -> Ask {
    Ask::default().id(id)
}

pub fn json(body: Value) -> Ask {
    Ask::default().json(body)
}

/// A route and how to call it.
pub struct Call {
    /// `GET /api/v1/people/{id}`, as the contract writes it.
    pub route: String,
    /// Why what lies in another area is shown too.
    pub shown_to_all: Option<&'static str>,
    about_something: bool,
    make: Box<dyn Fn(&At<'_>) -> Ask + Send + Sync>,
}

/// A call about something of some area, or of somebody: it is made about one's own and about another's.
pub fn about(route: &str, make: impl Fn(&At<'_>) -> Ask + Send + Sync + 'static) -> Call {
    Call { route: route.into(), shown_to_all: None, about_something: true, make: Box::new(make) }
}

/// A call about nothing in particular: lists, and the caller's own affairs.
pub fn general(route: &str, make: impl Fn(&At<'_>) -> Ask + Send + Sync + 'static) -> Call {
    Call { about_something: false, ..about(route, make) }
}

impl Call {
    /// What this is about is no secret anywhere, because …
    pub fn shown_to_all(self, why: &'static str) -> Self {
        Self { shown_to_all: Some(why), ..self }
    }

    pub fn is_about_something(&self) -> bool {
        self.about_something
    }

    pub async fn request(&self, at: &At<'_>, who: Who) -> Request<Body> {
        let ask = (self.make)(at);
        let (method, template) = self.route.split_once(' ').unwrap();
        let mut ids = ask.ids.iter();
        let mut path = String::new();
        for part in template.split_inclusive('/') {
            match part.find('{').zip(part.find('}')) {
                Some((from, to)) => {
                    path.push_str(&part[..from]);
                    path.push_str(ids.next().expect("an id for every {…} of the path"));
                    path.push_str(&part[to + 1..]);
                }
                None => path.push_str(part),
            }
        }
        if !ask.query.is_empty() {
            path = format!("{path}?{}", ask.query);
        }
        let stage = at.stage;
        let cookie = match who {
            Who::Role(role) if who.is_citizen() => {
                Some(stage.sign_in(stage.accounts[&role], SessionKind::Phone).await)
            }
            Who::Role(role) => Some(stage.sign_in_as(role).await),
            Who::Stranger | Who::Program => None,
        };
        let mut request = request(method, &path, cookie.as_deref(), ask.body);
        if who == Who::Program {
            let bearer = format!("Bearer {}", stage.token).parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
        }
        request
    }
}
