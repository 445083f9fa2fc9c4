//! The way to people's phones.

mod http;
mod log_file;

use crate::config::{Config, GatewayKind};
use greenfort_kernel::World;
use greenfort_kernel::phone::Phone;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum GatewayError {
    #[error("the message log cannot be written: {0}")]
    Log(#[from] std::io::Error),
    #[error("the operator was not reached: {0}")]
    Unreachable(String),
    #[error("the operator refused with status {0}")]
    Refused(u16),
}

/// Sends short messages. Chosen in the configuration.
pub enum Gateway {
    Log(log_file::LogFile),
    Http(Box<http::HttpGateway>),
}

impl Gateway {
    /// # Errors
    /// Which setting cannot be used.
    pub fn new(config: &Config, world: &World) -> Result<Self, String> {
        match config.messages.gateway {
            GatewayKind::Log => {
                Ok(Self::Log(log_file::LogFile::new(config.data.join("messages.log"), world.clone())))
            }
            GatewayKind::Http => http::HttpGateway::new(&config.messages).map(|g| Self::Http(Box::new(g))),
        }
    }

    /// # Errors
    /// When the message was not taken over; nothing is known of its arrival in any case.
    pub async fn send(&self, to: &Phone, text: &str) -> Result<(), GatewayError> {
        match self {
            Self::Log(log) => log.send(to, text),
            Self::Http(operator) => operator.send(to, text).await,
        }
    }
}
