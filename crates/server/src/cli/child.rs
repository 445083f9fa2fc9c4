//! What `serve` and its two children say to each other: the parent hands over configuration and database on standard
//! input and keeps it open; the child answers one line, `ready`, and stops when that input ends.

use crate::config::Config;
use crate::demo::clock;
use greenfort_kernel::{SystemEntropy, World};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, Read as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Everything a child needs. Not in its arguments or environment, where others could read the passwords.
#[derive(Serialize, Deserialize)]
pub(super) struct Handover {
    pub config: Config,
    /// Socket of the private cluster, which belongs to the parent.
    pub socket: Option<PathBuf>,
}

impl Handover {
    /// Reads the parent's line.
    pub(super) fn read() -> Result<Self, String> {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(|e| format!("reading the handover: {e}"))?;
        serde_json::from_str(&line).map_err(|e| format!("understanding the handover: {e}"))
    }
}

/// The clock of an installation: the demonstration lives in September 2021.
pub(super) fn world(config: &Config) -> Result<World, String> {
    if config.demo {
        Ok(World::new(Arc::new(clock::of(&config.data)?), Arc::new(SystemEntropy)))
    } else {
        Ok(World::system())
    }
}

/// Ends on Ctrl-C, on SIGTERM, and for a child also when its parent is gone.
pub(super) async fn told_to_stop(supervised: bool) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    let (gone, parent_gone) = oneshot::channel::<()>();
    if supervised {
        // A thread of its own: a read of standard input cannot be cancelled and must not hold up the end.
        std::thread::spawn(move || {
            let mut rest = [0; 64];
            while std::io::stdin().lock().read(&mut rest).is_ok_and(|n| n > 0) {}
            drop(gone);
        });
    } else {
        std::mem::forget(gone);
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = parent_gone => tracing::warn!("the supervising process is gone"),
    }
}
