//! What can go wrong between the rules and the database.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum StoreError {
    /// Nothing there, or nothing the caller may know of.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// Somebody else changed it first, or it already exists.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The database holds a row that the rules say cannot be.
    #[error("inconsistent data: {0}")]
    Inconsistent(String),
    #[error(transparent)]
    Crypt(#[from] crate::crypt::CryptError),
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound("row"),
            other => Self::Sql(other),
        }
    }
}

impl StoreError {
    fn code(&self) -> Option<String> {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => e.code().map(std::borrow::Cow::into_owned),
            _ => None,
        }
    }

    /// True when another attempt of the whole transaction may succeed: serialization failure or deadlock.
    pub fn is_retryable(&self) -> bool {
        matches!(self.code().as_deref(), Some("40001" | "40P01"))
    }

    /// The name of the constraint that refused the write, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => e.constraint(),
            _ => None,
        }
    }

    pub fn is_unique_violation(&self) -> bool {
        self.code().as_deref() == Some("23505")
    }
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Turns a count of affected rows into an error unless it is the one expected.
pub fn expect_rows(what: &'static str, affected: u64, expected: u64) -> Result<()> {
    if affected == expected {
        Ok(())
    } else if affected == 0 {
        Err(StoreError::NotFound(what))
    } else {
        Err(StoreError::Inconsistent(format!("{what}: {affected} rows changed where {expected} were meant")))
    }
}
