//! Messages as lines of a file that only this user may read.

use super::GatewayError;
use greenfort_kernel::World;
use greenfort_kernel::phone::Phone;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

pub struct LogFile {
    path: PathBuf,
    world: World,
    /// Lines never interleave.
    turn: Mutex<()>,
}

impl LogFile {
    pub(super) fn new(path: PathBuf, world: World) -> Self {
        Self { path, world, turn: Mutex::new(()) }
    }

    pub(super) fn send(&self, to: &Phone, text: &str) -> Result<(), GatewayError> {
        let line = format!("{} {} {text}\n", self.world.now(), to.as_str());
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path)?;
        Ok(file.write_all(line.as_bytes())?)
    }
}
