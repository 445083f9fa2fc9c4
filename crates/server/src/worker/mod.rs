//! The process without HTTP: carries out jobs, folds figures, seals the audit trail, keeps house.

mod registry;

pub use registry::{Context, JobFailed, Registry};

use futures_util::FutureExt as _;
use greenfort_store::jobs::{self, AfterFailure, Leased};
use greenfort_store::registry::{export, import};
use greenfort_store::seal::{self, SealKey};
use greenfort_store::{Result, Scope, figures, idempotency, tx};
use jiff::SignedDuration;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Jobs carried out at the same time.
const AT_ONCE: usize = 8;
/// A job is another worker's after so long.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Missed announcements and jobs for later are found by looking.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(600);

/// Everything the worker does; cheap to clone.
#[derive(Clone)]
pub struct Worker {
    context: Context,
    registry: Arc<Registry>,
    seal_key: Arc<SealKey>,
}

impl Worker {
    pub fn new(context: Context, registry: Registry, seal_key: SealKey) -> Self {
        Self { context, registry: Arc::new(registry), seal_key: Arc::new(seal_key) }
    }

    /// Works until `stop` turns true; then finishes what it is doing.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let jobs = tokio::spawn({
            let (worker, stop) = (self.clone(), stop.clone());
            async move { worker.job_loop(stop).await }
        });
        let every = |name, pause, stop: &watch::Receiver<bool>, chore: Chore| {
            tokio::spawn(repeat(name, pause, stop.clone(), self.clone(), chore))
        };
        let fold = every("fold figures", LOOK_EVERY, &stop, |w| async move { w.fold().await }.boxed());
        let seal = every("seal audit", LOOK_EVERY, &stop, |w| async move { w.seal().await }.boxed());
        let keep =
            every("keep house", HOUSEKEEPING_EVERY, &stop, |w| async move { w.keep_house().await }.boxed());
        let _ = tokio::join!(jobs, fold, seal, keep);
    }

    /// Folds all waiting figure changes.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fold(&self) -> Result<()> {
        while tx!(self.context.db, "fold_register", Scope::nobody(), |tx| figures::fold_register(tx).await)?
            > 0
        {}
        while tx!(self.context.db, "fold_outcomes", Scope::nobody(), |tx| figures::fold_outcomes(tx).await)?
            > 0
        {}
        Ok(())
    }

    /// Seals all waiting audit entries.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seal(&self) -> Result<()> {
        let key = &self.seal_key;
        while tx!(self.context.db, "seal_audit", Scope::nobody(), |tx| seal::seal_batch(tx, key).await)? > 0 {
        }
        Ok(())
    }

    /// Forgets what has been kept long enough.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keep_house(&self) -> Result<()> {
        let gone =
            tx!(self.context.db, "forget_answers", Scope::nobody(), |tx| idempotency::forget_old(tx).await)?;
        if gone > 0 {
            tracing::info!(gone, "forgot old answers to repeatable writes");
        }
        tx!(self.context.db, "forget_sheets", Scope::nobody(), |tx| import::forget_old(tx).await)?;
        tx!(self.context.db, "forget_exports", Scope::nobody(), |tx| export::forget_old(tx).await)?;
        Ok(())
    }

    /// Carries out what is due, until nothing is; answers how many jobs were tried.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run_due(&self) -> Result<usize> {
        let mut tried = 0;
        loop {
            let leased = self.lease(AT_ONCE).await?;
            if leased.is_empty() {
                return Ok(tried);
            }
            tried += leased.len();
            let mut running: JoinSet<()> =
                leased.into_iter().map(|job| self.clone().carry_out(job)).collect();
            while running.join_next().await.is_some() {}
        }
    }

    async fn lease(&self, most: usize) -> Result<Vec<Leased>> {
        let kinds = self.registry.kinds();
        let most = i64::try_from(most).unwrap_or(1);
        if kinds.is_empty() || most == 0 {
            return Ok(Vec::new());
        }
        tx!(self.context.db, "lease_jobs", Scope::nobody(), |tx| jobs::lease(tx, &kinds, most, LEASE).await)
    }

    async fn job_loop(self, mut stop: watch::Receiver<bool>) {
        let mut listener = None;
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            if listener.is_none() {
                listener = jobs::listen(&self.context.db).await.ok();
            }
            match self.lease(AT_ONCE - running.len()).await {
                Ok(leased) => {
                    for job in leased {
                        running.spawn(self.clone().carry_out(job));
                    }
                }
                Err(error) => tracing::warn!(%error, "jobs cannot be leased"),
            }
            let heard = async {
                match &mut listener {
                    Some(listener) => listener.recv().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                ok = heard => if !ok { listener = None },
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// One attempt, and its end written down.
    async fn carry_out(self, job: Leased) {
        let outcome = match self.registry.handler(&job.kind) {
            Some(handler) => AssertUnwindSafe(handler(self.context.clone(), job.clone()))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(JobFailed("the handler panicked".into()))),
            None => Err(JobFailed("no handler knows this kind".into())),
        };
        let written = match &outcome {
            Ok(()) => tx!(self.context.db, "finish_job", Scope::nobody(), |tx| jobs::finish(tx, &job).await),
            Err(JobFailed(why)) => {
                let after =
                    tx!(self.context.db, "fail_job", Scope::nobody(), |tx| jobs::fail(tx, &job, why).await);
                match &after {
                    Ok(AfterFailure::GivenUp) => {
                        tracing::error!(kind = job.kind, job = %job.id, why, "job given up; an operator can set it back");
                    }
                    _ => {
                        tracing::warn!(kind = job.kind, job = %job.id, attempt = job.attempt, why, "job failed");
                    }
                }
                after.map(drop)
            }
        };
        if let Err(error) = written {
            // The lease runs out and somebody tries again: handlers are idempotent.
            tracing::warn!(kind = job.kind, job = %job.id, %error, "the end of a job could not be written");
        }
    }
}

type Chore = fn(Worker) -> futures_util::future::BoxFuture<'static, Result<()>>;

async fn repeat(
    name: &'static str,
    pause: Duration,
    mut stop: watch::Receiver<bool>,
    worker: Worker,
    chore: Chore,
) {
    while !*stop.borrow() {
        if let Err(error) = chore(worker.clone()).await {
            tracing::warn!(%error, "could not {name}");
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
