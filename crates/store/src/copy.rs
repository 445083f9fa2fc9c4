//! COPY in PostgreSQL's binary format: the fast way in for sets. One small encoder for the types we load.

use crate::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Days between PostgreSQL's epoch (2000-01-01) and the civil one, and microseconds of the same for instants.
const EPOCH: jiff::civil::Date = jiff::civil::date(2000, 1, 1);
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const SEND_AT: usize = 1 << 20;

/// Rows on their way into one table.
pub struct CopyRows {
    bytes: Vec<u8>,
    rows: u64,
}

impl Default for CopyRows {
    fn default() -> Self {
        Self::new()
    }
}

impl CopyRows {
    pub fn new() -> Self {
        let mut bytes = Vec::with_capacity(SEND_AT);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, rows: 0 }
    }

    /// Begins a row of `columns` fields; exactly that many must follow.
    pub fn row(&mut self, columns: i16) -> &mut Self {
        self.rows += 1;
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self
    }

    fn field(&mut self, value: &[u8]) -> &mut Self {
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
        self
    }

    pub fn null(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        self
    }

    pub fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.field(value.as_bytes())
    }

    pub fn int2(&mut self, value: i16) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub fn int4(&mut self, value: i32) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub fn real(&mut self, value: f32) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.field(value.as_bytes())
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.field(value)
    }

    pub fn date(&mut self, value: jiff::civil::Date) -> &mut Self {
        let days = (value - EPOCH).get_days();
        self.field(&days.to_be_bytes())
    }

    pub fn timestamp(&mut self, value: jiff::Timestamp) -> &mut Self {
        self.field(&(value.as_microsecond() - EPOCH_MICROS).to_be_bytes())
    }

    /// A one-dimensional array of bigint.
    pub fn int8_array(&mut self, values: &[i64]) -> &mut Self {
        const INT8_OID: i32 = 20;
        let count = i32::try_from(values.len()).unwrap_or(i32::MAX);
        let dimensions = i32::from(count > 0);
        let length = if count > 0 { 20 + 12 * count } else { 12 };
        self.bytes.extend_from_slice(&length.to_be_bytes());
        for word in [dimensions, 0, INT8_OID] {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
        if count > 0 {
            self.bytes.extend_from_slice(&count.to_be_bytes());
            self.bytes.extend_from_slice(&1_i32.to_be_bytes());
            for value in values {
                self.bytes.extend_from_slice(&8_i32.to_be_bytes());
                self.bytes.extend_from_slice(&value.to_be_bytes());
            }
        }
        self
    }

    /// Each value or null, by one of the methods above.
    pub fn option<T>(
        &mut self,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Sends all rows; `target` is `table (columns)`. Refuses to leave rows behind: the database's count is compared.
    ///
    /// # Errors
    /// When the database refuses a row, or counts other rows than were given.
    pub async fn send(&self, conn: &mut PgConnection, target: &'static str) -> Result<u64> {
        let statement = format!("copy {target} from stdin with (format binary)");
        let mut copy = conn.copy_in_raw(&statement).await?;
        for part in self.bytes.chunks(SEND_AT) {
            copy.send(part).await?;
        }
        copy.send((-1_i16).to_be_bytes().as_slice()).await?;
        let stored = copy.finish().await?;
        crate::expect_rows(target, stored, self.rows)?;
        Ok(stored)
    }
}
