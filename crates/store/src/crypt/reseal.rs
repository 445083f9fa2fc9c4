//! After a key rotation: everything sealed with an older key is sealed anew, set by set, row by row bound to its place.

use super::ring::key_number;
use crate::{Result, Tx};

/// A column that holds sealed values, and the key that names its row.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// `table.column`, as it is bound to the values.
    pub name: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// Column whose bytes are bound to the value as its row.
    pub row: &'static str,
    pub row_type: RowType,
}

/// How the row is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowType {
    Uuid,
    Bytes,
}

const fn by_uuid(
    name: &'static str,
    table: &'static str,
    column: &'static str,
    row: &'static str,
) -> SealedColumn {
    SealedColumn { name, table, column, row, row_type: RowType::Uuid }
}

impl RowType {
    /// Where [`reseal_batch`] begins: before every row.
    pub fn first_row(self) -> Vec<u8> {
        match self {
            Self::Uuid => vec![0; 16],
            Self::Bytes => Vec::new(),
        }
    }

    /// SQL that turns bytes into what the row's column holds, so that its index serves.
    fn of_bytes(self, bytes: &str) -> String {
        match self {
            Self::Uuid => format!("encode({bytes}::bytea, 'hex')::uuid"),
            Self::Bytes => format!("{bytes}::bytea"),
        }
    }
}

/// Every sealed column of the schema. A test compares this with the columns whose comment begins with "Encrypted".
pub const SEALED: &[SealedColumn] = &[
    by_uuid("account.sealed", "account", "sealed", "id"),
    by_uuid("account.totp_sealed", "account", "totp_sealed", "id"),
    by_uuid("badge_print.sealed", "badge_print", "sealed", "badge"),
    SealedColumn {
        name: "sign_in_challenge.sealed",
        table: "sign_in_challenge",
        column: "sealed",
        row: "token_hash",
        row_type: RowType::Bytes,
    },
    by_uuid("household.sealed", "household", "sealed", "id"),
    by_uuid("person.sealed", "person", "sealed", "id"),
    by_uuid("person_merge.sealed", "person_merge", "sealed", "id"),
    by_uuid("data_request.sealed", "data_request", "sealed", "id"),
    by_uuid("idempotency_key.body", "idempotency_key", "body", "key"),
    by_uuid("person_import.faults", "person_import", "faults", "id"),
    by_uuid("person_import_change.sealed", "person_import_change", "sealed", "id"),
    by_uuid("person_import_part.sealed", "person_import_part", "sealed", "id"),
    by_uuid("person_export_part.sealed", "person_export_part", "sealed", "id"),
    by_uuid("intake.sealed", "intake", "sealed", "id"),
    by_uuid("accession_photo.sealed", "accession_photo", "sealed", "id"),
    by_uuid("run_file.sealed", "run_file", "sealed", "id"),
];

impl SealedColumn {
    /// SQL that is true for values sealed with another key than `$1` (bytes 2 to 5 are the key's number).
    fn is_old(self) -> String {
        format!("{0} is not null and substring({0} from 2 for 4) <> $1", self.column)
    }

    /// SQL for the row and value of any one row.
    pub fn one_value(self) -> String {
        format!(
            "select {}, {1} from {2} where {1} is not null limit 1",
            self.row_bytes(),
            self.column,
            self.table
        )
    }

    fn row_bytes(self) -> String {
        match self.row_type {
            RowType::Uuid => format!("uuid_send({})", self.row),
            RowType::Bytes => self.row.to_owned(),
        }
    }
}

/// How many values of a column are not sealed with the current key.
///
/// # Errors
/// When the database refuses.
pub async fn count_old(tx: &mut Tx, column: SealedColumn) -> Result<i64> {
    let sql = format!("select count(*) from {} where {}", column.table, column.is_old());
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(tx.keys.current().to_be_bytes().as_slice())
        .fetch_one(tx.conn())
        .await?)
}

/// Seals up to `limit` values from row `from` on anew. Answers the last row done and how many; none left: `None`.
///
/// Begin with [`RowType::first_row`]. Only rows whose value is still the one that was read are written, so a value that somebody changes meanwhile stays.
///
/// # Errors
/// When the database refuses or a value does not open: the old key must stay then.
pub async fn reseal_batch(
    tx: &mut Tx,
    column: SealedColumn,
    from: &[u8],
    limit: i64,
) -> Result<Option<(Vec<u8>, usize)>> {
    let row = column.row_bytes();
    let select = format!(
        "select {row} as row, {} as sealed from {} where {} and {key} >= {after} order by {key} limit $3",
        column.column,
        column.table,
        column.is_old(),
        key = column.row,
        after = column.row_type.of_bytes("$2"),
    );
    let found: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(sqlx::AssertSqlSafe(select))
        .bind(tx.keys.current().to_be_bytes().as_slice())
        .bind(from)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    let Some(last) = found.last().map(|(row, _)| row.clone()) else { return Ok(None) };
    let count = found.len();
    let mut rows = Vec::with_capacity(count);
    let mut old = Vec::with_capacity(count);
    let mut new = Vec::with_capacity(count);
    for (row, sealed) in found {
        debug_assert_ne!(key_number(&sealed), Some(tx.keys.current()));
        let plain = tx.keys.open_bytes(column.name, &row, &sealed)?;
        new.push(tx.keys.seal_bytes(column.name, &row, &plain));
        rows.push(row);
        old.push(sealed);
    }
    let update = format!(
        "update {table} t set {column} = u.new from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as u (row, old, new)
         where {key} = {row} and t.{column} = u.old",
        table = column.table,
        column = column.column,
        key = format_args!("t.{}", column.row),
        row = column.row_type.of_bytes("u.row"),
    );
    sqlx::query(sqlx::AssertSqlSafe(update)).bind(&rows).bind(&old).bind(&new).execute(tx.conn()).await?;
    Ok(Some((last, count)))
}
