//! Which handler carries out which kind of job.

use crate::config::Config;
use crate::http::{duplicates, lab};
use futures_util::future::BoxFuture;
use greenfort_store::jobs::Leased;
use greenfort_store::{Db, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a handler may use.
#[derive(Clone)]
pub struct Context {
    /// Under the worker's role.
    pub db: Db,
    pub config: Arc<Config>,
}

/// Why an attempt failed: words for the operator, without personal data.
#[derive(Debug)]
pub struct JobFailed(pub String);

impl From<StoreError> for JobFailed {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

type Handler = dyn Fn(Context, Leased) -> BoxFuture<'static, Result<(), JobFailed>> + Send + Sync;

/// Handlers by kind. A kind nobody handles stays in the queue and shows in the backlog.
#[derive(Default)]
pub struct Registry(BTreeMap<String, Box<Handler>>);

impl Registry {
    /// Every handler of this program. A room adds its own here.
    pub fn of_this_program() -> Self {
        Self::default()
            .on(greenfort_store::registry::import::JOB, crate::registry::import::carry_out)
            .on(greenfort_store::registry::import::undo::JOB, crate::registry::undo::carry_out)
            .on(greenfort_store::registry::export::JOB, crate::registry::export::carry_out)
            .on(duplicates::FIND_DUPLICATES, duplicates::find)
            .on(greenfort_store::conclusions::JOB, lab::derive)
            .on(greenfort_store::lab::cassettes::JOB, lab::read_cassettes)
            .on(greenfort_store::lab::release::JOB, lab::release_by_rule)
    }

    /// Adds a handler. It must bear being run twice for one job.
    #[must_use]
    pub fn on<F, R>(mut self, kind: &str, handler: F) -> Self
    where
        F: Fn(Context, Leased) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobFailed>> + Send + 'static,
    {
        self.0.insert(kind.to_owned(), Box::new(move |context, job| Box::pin(handler(context, job))));
        self
    }

    pub(super) fn handler(&self, kind: &str) -> Option<&Handler> {
        self.0.get(kind).map(Box::as_ref)
    }

    pub(super) fn kinds(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}
