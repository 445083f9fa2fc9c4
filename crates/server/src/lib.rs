//! HTTP, jobs and the command line of the one binary, `greenfort`.

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod notify;
pub mod print;
pub mod registry;
pub mod sheet;
pub mod worker;
