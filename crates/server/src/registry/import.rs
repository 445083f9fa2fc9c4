//! The job that carries out an import: reads the sheet on a thread of its own, stages what it reads, matches, applies.

use super::give_back;
use super::table::{MOST_WORKBOOK, csv_rows, is_workbook, separator, workbook_rows};
use crate::config::Config;
use crate::http::problem::{Text, text};
use crate::worker::{Context, JobFailed};
use aws_lc_rs::digest::{self, SHA256};
use greenfort_domain::registry::import::{
    Cell, Entry, Fault, Layout, Line, PlaceRow, Places, Reader, Settings, column_letter,
};
use greenfort_kernel::{ImportId, Language, UnitId};
use greenfort_store::audit::{Actor, Entry as AuditEntry, record};
use greenfort_store::jobs::Leased;
use greenfort_store::registry::import::{
    self, Counts, Ended, Import, PART, SealedBatch, Sealer, ShownFault, run,
};
use greenfort_store::{Db, Retryable, Scope, StoreError, Tx, tx};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// People sealed and staged at once.
const BATCH: usize = 5_000;
/// Faults kept to be shown; the returned sheet has all.
const SHOWN: usize = 200;

/// Why a run ends without a result.
pub enum Stopped {
    /// The file itself is at fault: trying again helps nobody.
    File(Text),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Text> for Stopped {
    fn from(why: Text) -> Self {
        Self::File(why)
    }
}

impl Retryable for Stopped {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

/// # Errors
/// When the database fails; the job is then tried again from the beginning.
pub async fn carry_out(context: Context, job: Leased) -> Result<(), JobFailed> {
    let id: ImportId = serde_json::from_value(job.payload["import"].clone())
        .map_err(|e| JobFailed(format!("no import: {e}")))?;
    let db = &context.db;
    if !tx!(db, "import_running", Scope::nobody(), |tx| import::set_running(tx, id).await)? {
        return Ok(());
    }
    let ran = tx!(db, "import_people", Scope::nobody(), |tx| -> Result<(), Stopped> {
        run_in(tx, db, &context.config, id).await
    });
    match ran {
        Ok(()) => Ok(()),
        Err(Stopped::Store(error)) => Err(error.into()),
        Err(Stopped::File(why)) => {
            tx!(db, "import_failed", Scope::nobody(), |tx| -> Result<(), StoreError> {
                let found = import::find(tx, id, None).await?;
                let failure = found.language.pick(&why.vi, &why.en).to_owned();
                let ended = Ended {
                    status: "failed",
                    sha256: None,
                    counts: None,
                    faults: &[],
                    failure: Some(&failure),
                };
                import::end(tx, id, &ended).await
            })?;
            Ok(())
        }
    }
}

/// What has been read of a sheet.
struct Read_ {
    counts: Counts,
    faults: Vec<Fault>,
    sha256: Vec<u8>,
    households: Vec<SealedBatch>,
}

async fn run_in(tx: &mut Tx, db: &Db, config: &Config, id: ImportId) -> Result<(), Stopped> {
    let Some(import) = import::claim(tx, id).await? else {
        // Another worker has it: its lease ran out while it works on.
        return Err(StoreError::Conflict("import").into());
    };
    run::open(tx, &import).await?;
    let places = import::places(tx, import.unit).await?;
    let done = Arc::new(AtomicI64::new(0));
    let (send, mut batches) = mpsc::channel(2);
    let sheet = Sheet::new(db, &import, &done)?;
    let reading = tokio::task::spawn_blocking({
        let (sheet, unit, demo) = (sheet.clone(), import.unit, config.demo);
        let sealer = Sealer::new(Arc::clone(&tx.keys), tx.world.clone());
        let today = tx.world.today();
        move || read_sheet(&sheet, &places, unit, sealer, (today, demo), &send)
    });
    while let Some(batch) = batches.recv().await {
        run::stage(tx, &batch).await?;
        progress(db, id, "reading", done.load(Ordering::Relaxed), import.size).await?;
    }
    let read =
        reading.await.map_err(|e| StoreError::Inconsistent(format!("reading a sheet broke: {e}")))??;
    for batch in &read.households {
        run::stage_households(tx, batch).await?;
    }
    progress(db, id, "matching", 0, 0).await?;
    let (mut counts, mut faults) = (read.counts, read.faults);
    faults.extend(run::resolve(tx, &mut counts).await?);
    faults.sort_by_key(|f| (f.row, f.column));
    counts.rows = counts.created + counts.updated + counts.unchanged + counts.rejected;
    let applied = counts.rejected == 0 || import.accept_rest;
    if applied {
        progress(db, id, "applying", 0, counts.rows).await?;
        run::apply(tx, &import).await?;
    }
    if !faults.is_empty() {
        return_rows(tx, &sheet, &import, &faults).await?;
    }
    let shown: Vec<ShownFault> = faults.iter().take(SHOWN).map(|f| shown(f, &sheet.layout)).collect();
    let status = if applied { "applied" } else { "refused" };
    audit(tx, &import, status, counts, &read.sha256).await?;
    let ended =
        Ended { status, sha256: Some(&read.sha256), counts: Some(counts), faults: &shown, failure: None };
    import::end(tx, id, &ended).await?;
    Ok(())
}

async fn progress(db: &Db, id: ImportId, phase: &str, done: i64, total: i64) -> Result<(), StoreError> {
    tx!(db, "import_progress", Scope::nobody(), |tx| import::set_progress(tx, id, phase, done, total).await)
}

async fn audit(
    tx: &mut Tx,
    import: &Import,
    status: &str,
    counts: Counts,
    sha256: &[u8],
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        actor: Actor::Account(import.account),
        action: if status == "applied" { "registry.import" } else { "registry.import_refused" },
        object_kind: "import",
        object_id: import.id.to_string(),
        unit: Some(import.unit),
        detail: serde_json::json!({
            "rows": counts.rows, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "rejected": counts.rejected, "sha256": hex::encode(sha256),
        }),
    };
    record(tx, entry).await.map(drop)
}

/// A fault as it is shown.
pub fn shown(fault: &Fault, layout: &Layout) -> ShownFault {
    let column = fault.column.map(usize::from);
    ShownFault {
        row: fault.row,
        column: column.map(column_letter),
        heading: column.and_then(|c| layout.columns.get(c)).map(|c| c.heading.clone()),
        code: fault.reason.code().to_owned(),
        vi: fault.reason.vi(),
        en: fault.reason.en(),
    }
}

/// A sheet that can be read from its parts, more than once.
#[derive(Clone)]
pub struct Sheet {
    db: Db,
    id: ImportId,
    size: i64,
    pub layout: Layout,
    charset: greenfort_domain::registry::import::Charset,
    done: Arc<AtomicI64>,
}

impl Sheet {
    fn new(db: &Db, import: &Import, done: &Arc<AtomicI64>) -> Result<Self, Stopped> {
        let missing = || StoreError::Inconsistent("an import was started without its layout".into());
        Ok(Self {
            db: db.clone(),
            id: import.id,
            size: import.size,
            layout: import.layout.clone().ok_or_else(missing)?,
            charset: import.charset.ok_or_else(missing)?,
            done: Arc::clone(done),
        })
    }

    pub fn repair(&self) -> greenfort_domain::registry::import::Repair {
        self.charset.repair
    }

    /// Calls `each` for every row, on a thread that may wait; answers the hash of the file.
    ///
    /// # Errors
    /// Why the sheet cannot be read.
    pub fn rows(&self, each: impl FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>) -> Result<Vec<u8>, Stopped> {
        let mut parts = Parts::new(self.db.clone(), self.id, Arc::clone(&self.done));
        let read = |parts: &mut Parts, each| {
            let first = parts.peek().map_err(|e| broken(&e))?;
            if is_workbook(first) {
                if self.size > MOST_WORKBOOK as i64 {
                    return Err(too_large());
                }
                let mut bytes = Vec::new();
                parts.read_to_end(&mut bytes).map_err(|e| broken(&e))?;
                return workbook_rows(&bytes, each);
            }
            let (head, ..) = self.charset.encoding().decode(first);
            let separator = separator(&head);
            csv_rows(&mut *parts, self.charset, separator, each)
        };
        let outcome = read(&mut parts, each);
        match (parts.failed.take(), outcome) {
            (Some(error), _) => Err(Stopped::Store(error)),
            (None, Err(why)) => Err(Stopped::File(why)),
            (None, Ok(())) => Ok(parts.hash.finish().as_ref().to_vec()),
        }
    }
}

/// What a workbook over the limit is answered.
pub fn too_large() -> Text {
    let most = MOST_WORKBOOK >> 20;
    text(
        format!("Tệp XLSX lớn quá {most} MB. Lưu dạng CSV UTF-8 rồi gửi lại."),
        format!("The workbook is larger than {most} MB. Save it as CSV UTF-8 and send that."),
    )
}

fn broken(error: &io::Error) -> Text {
    text(
        "Tệp gửi lên không đủ. Gửi lại từ đầu.",
        format!("The file did not arrive whole ({error}). Send it again."),
    )
}

/// The parts of a file as one stream, hashed on the way.
struct Parts {
    db: Db,
    id: ImportId,
    next: i32,
    part: Vec<u8>,
    given: usize,
    hash: digest::Context,
    done: Arc<AtomicI64>,
    /// What the database said, where a reader only hears "error".
    failed: Option<StoreError>,
}

impl Parts {
    fn new(db: Db, id: ImportId, done: Arc<AtomicI64>) -> Self {
        let hash = digest::Context::new(&SHA256);
        Self { db, id, next: 0, part: Vec::new(), given: 0, hash, done, failed: None }
    }

    /// What comes next, without taking it.
    fn peek(&mut self) -> io::Result<&[u8]> {
        if self.given == self.part.len() {
            let (db, id, number) = (&self.db, self.id, self.next);
            let fetched = Handle::current().block_on(async {
                tx!(db, "import_part", Scope::nobody(), |tx| import::part(tx, id, "sheet", number).await)
            });
            self.part = match fetched {
                Ok(part) => part.unwrap_or_default(),
                Err(error) => {
                    self.failed = Some(error);
                    return Err(io::Error::other("database"));
                }
            };
            self.hash.update(&self.part);
            self.given = 0;
            self.next += 1;
        }
        Ok(&self.part[self.given..])
    }
}

impl Read for Parts {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let from = self.peek()?;
        let some = out.len().min(from.len());
        out[..some].copy_from_slice(&from[..some]);
        self.given += some;
        self.done.store((i64::from(self.next) - 1) * PART as i64 + self.given as i64, Ordering::Relaxed);
        Ok(some)
    }
}

fn read_sheet(
    sheet: &Sheet,
    places: &[PlaceRow],
    unit: UnitId,
    mut sealer: Sealer,
    (today, demonstration): (jiff::civil::Date, bool),
    send: &mpsc::Sender<SealedBatch>,
) -> Result<Read_, Stopped> {
    let places = Places::new(places, unit);
    let settings = Settings { today, repair: sheet.repair(), demonstration };
    let mut reader = Reader::new(&sheet.layout, &places, settings);
    let mut counts = Counts::default();
    let mut faults = Vec::new();
    let mut people: Vec<Entry> = Vec::with_capacity(BATCH);
    let mut flush = |people: &mut Vec<Entry>, counts: &mut Counts, faults: &mut Vec<Fault>| {
        let mut batch = sealer.seal(people);
        people.clear();
        counts.unchanged += batch.repeated;
        counts.rejected += i64::try_from(batch.faults.len()).unwrap_or(i64::MAX);
        faults.append(&mut batch.faults);
        send.blocking_send(batch).is_ok()
    };
    let sha256 = sheet.rows(|row, cells| {
        if row <= sheet.layout.head_rows {
            return ControlFlow::Continue(());
        }
        match reader.read(row, cells) {
            Line::Other => counts.other_lines += 1,
            Line::Person(entry) => people.push(*entry),
            Line::Rejected(mut wrong) => {
                counts.rejected += 1;
                faults.append(&mut wrong);
            }
        }
        if people.len() == BATCH && !flush(&mut people, &mut counts, &mut faults) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    flush(&mut people, &mut counts, &mut faults);
    Ok(Read_ { counts, faults, sha256, households: sealer.households() })
}

/// Writes the rejected rows as a sheet of the same form, each with its reasons.
async fn return_rows(tx: &mut Tx, sheet: &Sheet, import: &Import, faults: &[Fault]) -> Result<(), Stopped> {
    let (send, mut parts) = mpsc::channel::<Vec<u8>>(2);
    let workbook = import.kind.as_deref() == Some("xlsx");
    let writing = tokio::task::spawn_blocking({
        let (sheet, faults, language): (Sheet, Vec<Fault>, Language) =
            (sheet.clone(), faults.to_vec(), import.language);
        move || give_back::write(&sheet, &faults, language, workbook, &send)
    });
    let mut number = 0;
    while let Some(part) = parts.recv().await {
        import::add_part(tx, import.id, "rejected", number, &part).await?;
        number += 1;
    }
    writing.await.map_err(|e| StoreError::Inconsistent(format!("returning rows broke: {e}")))?
}
