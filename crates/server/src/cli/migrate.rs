//! `greenfort migrate`: for installations whose `web` and `worker` are started one by one.

use super::CliResult;
use super::installation::Installation;
use crate::config::Config;
use greenfort_kernel::World;

pub(super) fn run(config: Config) -> CliResult {
    super::start_logging(&config);
    super::runtime()?.block_on(async {
        // Opening migrates.
        Installation::open(config, World::system()).await?.close().await?;
        super::print("the database has the schema of this program\n");
        Ok(())
    })
}
