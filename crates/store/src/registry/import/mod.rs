//! Imports of people: the file in sealed parts, what is known of each import, and its set-based run in [`run`].

mod merge;
pub mod run;
mod stage;
pub mod undo;
mod work;

pub use stage::{SealedBatch, Sealer};
pub use work::{Ended, claim, end, set_progress, set_running};

use crate::crypt::KeyRing;
use crate::jobs::{self, NewJob};
use crate::{Result, Scope, StoreError, Tx};
use greenfort_domain::registry::import::{Charset, Layout, PlaceRow};
use greenfort_kernel::{AccountId, ImportId, Language, UnitId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes of a part: small enough for a poor line to bring across, and for the limit of any request.
pub const PART: usize = 1 << 20;
pub const JOB: &str = "registry.import";
const PART_SEALED: &str = "person_import_part.sealed";
const CHANGE_SEALED: &str = "person_import_change.sealed";
const FAULTS_SEALED: &str = "person_import.faults";
/// Days after which a sheet and the rows given back are forgotten.
pub const KEPT_DAYS: i64 = 14;

/// A fault as it is shown, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFault {
    pub row: u32,
    /// Letter of the column, where one cell is at fault.
    pub column: Option<String>,
    pub heading: Option<String>,
    pub code: String,
    pub vi: String,
    pub en: String,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: i64,
    pub other_lines: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub rejected: i64,
}

#[derive(Debug, Clone)]
pub struct Import {
    pub id: ImportId,
    pub unit: UnitId,
    pub unit_name: String,
    pub area: Vec<UnitId>,
    pub language: Language,
    pub size: i64,
    pub status: String,
    pub kind: Option<String>,
    pub layout: Option<Layout>,
    pub charset: Option<Charset>,
    pub accept_rest: bool,
    pub sha256: Option<Vec<u8>>,
    pub counts: Option<Counts>,
    pub faults: Vec<ShownFault>,
    pub failure: Option<String>,
    pub created_at: jiff::Timestamp,
    pub finished_at: Option<jiff::Timestamp>,
    /// Phase, done, total.
    pub progress: Option<(String, i64, i64)>,
    pub parts: i64,
    pub account: AccountId,
    /// Once it was undone: people put back, and people left as they were because they were touched since.
    pub undone: Option<(i64, i64)>,
}

struct Row {
    id: Uuid,
    account: Uuid,
    unit: i32,
    unit_name: String,
    area: Vec<i32>,
    language: String,
    size: i64,
    status: String,
    kind: Option<String>,
    layout: Option<serde_json::Value>,
    charset: Option<serde_json::Value>,
    accept_rest: bool,
    sha256: Option<Vec<u8>>,
    rows: Option<i64>,
    other_lines: Option<i64>,
    created: Option<i64>,
    updated: Option<i64>,
    unchanged: Option<i64>,
    rejected: Option<i64>,
    faults: Option<Vec<u8>>,
    failure: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    finished_at: Option<jiff_sqlx::Timestamp>,
    phase: Option<String>,
    done: Option<i64>,
    total: Option<i64>,
    parts: i64,
    put_back: Option<i64>,
    left_alone: Option<i64>,
}

impl Row {
    fn open(self, keys: &KeyRing) -> Result<Import> {
        fn json<T: for<'de> Deserialize<'de>>(value: Option<serde_json::Value>) -> Result<Option<T>> {
            value
                .map(serde_json::from_value)
                .transpose()
                .map_err(|e| StoreError::Inconsistent(format!("person_import: {e}")))
        }
        let faults = match &self.faults {
            Some(sealed) => keys.open(FAULTS_SEALED, self.id.as_bytes(), sealed)?,
            None => Vec::new(),
        };
        let some = |n: Option<i64>| n.unwrap_or(0);
        let counts = self.rows.map(|rows| Counts {
            rows,
            other_lines: some(self.other_lines),
            created: some(self.created),
            updated: some(self.updated),
            unchanged: some(self.unchanged),
            rejected: some(self.rejected),
        });
        Ok(Import {
            id: ImportId(self.id),
            account: AccountId(self.account),
            unit: UnitId(self.unit),
            unit_name: self.unit_name,
            area: self.area.into_iter().map(UnitId).collect(),
            language: if self.language == "en" { Language::En } else { Language::Vi },
            size: self.size,
            status: self.status,
            kind: self.kind,
            layout: json(self.layout)?,
            charset: json(self.charset)?,
            accept_rest: self.accept_rest,
            sha256: self.sha256,
            counts,
            faults,
            failure: self.failure,
            created_at: self.created_at.to_jiff(),
            finished_at: self.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            progress: self.phase.map(|phase| (phase, some(self.done), some(self.total))),
            parts: self.parts,
            undone: self.put_back.zip(self.left_alone),
        })
    }
}

/// Begins an upload.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    tx: &mut Tx,
    account: AccountId,
    unit: UnitId,
    scope: &Scope,
    language: Language,
    size: i64,
) -> Result<ImportId> {
    let id: ImportId = tx.world.id();
    let area: Vec<i32> = scope.area.iter().map(|u| u.0).collect();
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "insert into person_import (id, account, unit, area, language, size, status, created_at)
         values ($1, $2, $3, $4, $5, $6, 'uploading', $7)",
        id.0,
        account.0,
        unit.0,
        &area,
        language.code(),
        size,
        now as _
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// An import by its id; `account` none: whoever's it is, for the worker.
///
/// # Errors
/// `NotFound` when it is nobody's or another's.
pub async fn find(tx: &mut Tx, id: ImportId, account: Option<AccountId>) -> Result<Import> {
    let row = sqlx::query_as!(
        Row,
        r#"select i.id, i.account, i.unit, u.name as unit_name, i.area, i.language, i.size, i.status, i.kind, i.layout,
                  i.charset, i.accept_rest, i.sha256, i.rows, i.other_lines, i.created, i.updated, i.unchanged, i.rejected,
                  i.faults, i.failure, i.created_at, i.finished_at, p.phase as "phase?", p.done as "done?", p.total as "total?",
                  (select count(*) from person_import_part t where t.import = i.id and t.purpose = 'sheet') as "parts!",
                  i.put_back, i.left_alone
           from person_import i join unit u on u.id = i.unit left join person_import_progress p on p.import = i.id
           where i.id = $1 and ($2::uuid is null or i.account = $2)"#,
        id.0,
        account.map(|a| a.0)
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("import"))?;
    let keys = std::sync::Arc::clone(&tx.keys);
    row.open(&keys)
}

/// Imports of an account, newest first; `before` is the last of the page before.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    tx: &mut Tx,
    account: AccountId,
    before: Option<(jiff::Timestamp, ImportId)>,
    limit: i64,
) -> Result<Vec<Import>> {
    let (at, id) = before.map(|(at, id)| (jiff_sqlx::Timestamp::from(at), id.0)).unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select i.id, i.account, i.unit, u.name as unit_name, i.area, i.language, i.size, i.status, i.kind, i.layout,
                  i.charset, i.accept_rest, i.sha256, i.rows, i.other_lines, i.created, i.updated, i.unchanged, i.rejected,
                  null::bytea as faults, i.failure, i.created_at, i.finished_at, p.phase as "phase?", p.done as "done?",
                  p.total as "total?", 0::bigint as "parts!", i.put_back, i.left_alone
           from person_import i join unit u on u.id = i.unit left join person_import_progress p on p.import = i.id
           where i.account = $1 and ($2::timestamptz is null or (i.created_at, i.id) < ($2, $3))
           order by i.created_at desc, i.id desc limit $4"#,
        account.0,
        at as _,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let keys = std::sync::Arc::clone(&tx.keys);
    rows.into_iter().map(|row| row.open(&keys)).collect()
}

/// Keeps a part of the file; the same part again replaces nothing and is no error.
///
/// # Errors
/// When the database refuses.
pub async fn add_part(
    tx: &mut Tx,
    import: ImportId,
    purpose: &'static str,
    number: i32,
    bytes: &[u8],
) -> Result<()> {
    let id: Uuid = tx.world.id();
    let sealed = tx.keys.seal_bytes(PART_SEALED, id.as_bytes(), bytes);
    sqlx::query!(
        "insert into person_import_part (id, import, purpose, number, sealed) values ($1, $2, $3, $4, $5)
         on conflict (import, purpose, number) do nothing",
        id,
        import.0,
        purpose,
        number,
        sealed
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A part of the file; none behind the last.
///
/// # Errors
/// When the database refuses or the part does not open.
pub async fn part(tx: &mut Tx, import: ImportId, purpose: &str, number: i32) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query!(
        "select id, sealed from person_import_part where import = $1 and purpose = $2 and number = $3",
        import.0,
        purpose,
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| tx.keys.open_bytes(PART_SEALED, r.id.as_bytes(), &r.sealed)).transpose()?)
}

/// What the columns of sheets with these headings were taken for last time.
///
/// # Errors
/// When the database refuses.
pub async fn remembered(tx: &mut Tx, unit: UnitId, signature: &[u8]) -> Result<Option<serde_json::Value>> {
    Ok(sqlx::query_scalar!(
        "select columns from person_import_mapping where unit = $1 and signature = $2",
        unit.0,
        signature
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// How a sheet is to be read and what is to be done with it.
#[derive(Debug)]
pub struct Start<'a> {
    pub kind: &'a str,
    pub layout: &'a Layout,
    pub charset: Charset,
    pub accept_rest: bool,
    pub signature: &'a [u8],
}

/// Starts the run: remembers what the columns hold and enqueues the job. `area` is what the caller may change now.
///
/// # Errors
/// `Conflict` when it runs already or was applied.
pub async fn start(tx: &mut Tx, import: &Import, area: &Scope, start: &Start<'_>) -> Result<()> {
    let json = |e: serde_json::Error| StoreError::Inconsistent(e.to_string());
    let area: Vec<i32> = area.area.iter().map(|u| u.0).collect();
    let runs = sqlx::query_scalar!(
        "update person_import set status = 'waiting', kind = $2, layout = $3, charset = $4, accept_rest = $5, area = $6,
                runs = runs + 1, failure = null, faults = null, rows = null, finished_at = null
         where id = $1 and status in ('uploading', 'refused', 'failed') returning runs",
        import.id.0,
        start.kind,
        serde_json::to_value(start.layout).map_err(json)?,
        serde_json::to_value(start.charset).map_err(json)?,
        start.accept_rest,
        &area
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::Conflict("import"))?;
    let fields: Vec<_> = start.layout.columns.iter().map(|c| c.field).collect();
    let now = tx.world.now();
    sqlx::query!(
        "insert into person_import_mapping (unit, signature, columns, used_at) values ($1, $2, $3, $4)
         on conflict (unit, signature) do update set columns = excluded.columns, used_at = excluded.used_at",
        import.unit.0,
        start.signature,
        serde_json::to_value(fields).map_err(json)?,
        jiff_sqlx::Timestamp::from(now) as _
    )
    .execute(tx.conn())
    .await?;
    let job = NewJob {
        kind: JOB,
        unique_key: format!("{}/{runs}", import.id),
        payload: serde_json::json!({ "import": import.id }),
        run_at: now,
    };
    jobs::enqueue(tx, job).await?;
    Ok(())
}

/// Forgets sheets and returned rows that nobody needs any more.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old(tx: &mut Tx) -> Result<u64> {
    let now = tx.world.now();
    let before = now.saturating_sub(SignedDuration::from_hours(24 * KEPT_DAYS)).unwrap_or(now);
    let gone = sqlx::query!(
        "delete from person_import_part t using person_import i
         where i.id = t.import and i.created_at < $1 and i.status not in ('waiting', 'running')",
        jiff_sqlx::Timestamp::from(before) as _
    )
    .execute(tx.conn())
    .await?;
    undo::forget_old(tx).await?;
    Ok(gone.rows_affected())
}

/// The units below the chosen one that lie in the running transaction's area, with the commune of each.
///
/// # Errors
/// When the database refuses.
pub async fn places(tx: &mut Tx, unit: UnitId) -> Result<Vec<PlaceRow>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let rows = sqlx::query!(
        r#"select u.id, u.code, u.level, u.name,
                  (select c.ancestor from unit_ancestor c join unit k on k.id = c.ancestor and k.level = 'commune'
                   where c.descendant = u.id and $2 between c.valid_from and c.valid_to limit 1) as commune
           from unit_ancestor a join unit u on u.id = a.descendant
           where a.ancestor = $1 and $2 between a.valid_from and a.valid_to and u.id in (select area_units())"#,
        unit.0,
        today as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| PlaceRow {
            id: UnitId(r.id),
            code: r.code,
            level: r.level,
            name: r.name,
            commune: r.commune.map(UnitId),
        })
        .collect())
}
