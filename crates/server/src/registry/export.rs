//! The job that writes an export: hamlet by hamlet at one moment of the register, into sealed parts.

use super::neutral;
use crate::worker::{Context, JobFailed};
use aws_lc_rs::digest::{self, SHA256};
use greenfort_kernel::personal_id::PersonalId;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{ExportId, Language};
use greenfort_store::audit::{Actor, Entry, record};
use greenfort_store::jobs::Leased;
use greenfort_store::registry::export::{self, Export, Listed, Place};
use greenfort_store::registry::import::PART;
use greenfort_store::{Db, Scope, StoreError, tx};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::io::{Read, Seek, SeekFrom};
use tokio::sync::mpsc;

/// Rows of a sheet of a workbook, its head among them.
const MOST_ROWS: u32 = 1_048_576;

/// # Errors
/// When the database fails; the job is then tried again from the beginning.
pub async fn carry_out(context: Context, job: Leased) -> Result<(), JobFailed> {
    let id: ExportId = serde_json::from_value(job.payload["export"].clone())
        .map_err(|e| JobFailed(format!("no export: {e}")))?;
    let db = &context.db;
    if !tx!(db, "export_running", Scope::nobody(), |tx| export::set_running(tx, id).await)? {
        return Ok(());
    }
    let asked = tx!(db, "export_asked", Scope::nobody(), |tx| export::find(tx, id, None).await)?;
    let (lines, written) = mpsc::channel::<Vec<Vec<String>>>(4);
    let (parts, kept) = mpsc::channel::<Vec<u8>>(2);
    let writing = tokio::task::spawn_blocking({
        let asked = asked.clone();
        move || write(&asked, written, &parts)
    });
    let keeping = tokio::spawn(keep(db.clone(), id, kept));
    let people = tx!(db, "export_people", Scope::nobody(), |tx| -> Result<i64, StoreError> {
        export::bind(tx, &asked).await?;
        let mut people = 0;
        for place in export::places(tx, &asked).await? {
            let listed = export::people_of(tx, &place).await?;
            people += i64::try_from(listed.len()).unwrap_or(0);
            tx!(db, "export_progress", Scope::nobody(), |own| export::set_people(own, id, people).await)?;
            let rows = listed.into_iter().map(|l| row(&asked, &place, l)).collect();
            if lines.send(rows).await.is_err() {
                // The writer says why it ended.
                break;
            }
        }
        Ok(people)
    });
    drop(lines);
    let broke = |e: tokio::task::JoinError| JobFailed(format!("writing an export broke: {e}"));
    let wrote = writing.await.map_err(broke)?;
    let (bytes, sha256) = keeping.await.map_err(broke)??;
    let people = people?;
    wrote.map_err(|e| JobFailed(format!("the file cannot be written: {e}")))?;
    tx!(db, "export_ready", Scope::nobody(), |tx| -> Result<(), StoreError> {
        export::ready(tx, id, people, bytes, &sha256).await?;
        let entry = Entry {
            actor: Actor::Account(asked.account),
            action: "registry.export",
            object_kind: "export",
            object_id: id.to_string(),
            unit: Some(asked.unit),
            detail: serde_json::json!({
                "people": people, "bytes": bytes, "sha256": hex::encode(&sha256), "format": asked.format,
                "purpose": asked.purpose, "full_numbers": asked.full_numbers,
            }),
        };
        record(tx, entry).await.map(drop)
    })?;
    Ok(())
}

/// Seals and keeps parts as they come; answers size and hash of the whole.
async fn keep(db: Db, id: ExportId, mut parts: mpsc::Receiver<Vec<u8>>) -> Result<(i64, Vec<u8>), JobFailed> {
    let mut hash = digest::Context::new(&SHA256);
    let (mut bytes, mut number) = (0_i64, 0);
    while let Some(part) = parts.recv().await {
        hash.update(&part);
        bytes += part.len() as i64;
        tx!(db, "export_part", Scope::nobody(), |tx| export::add_part(tx, id, number, &part).await)?;
        number += 1;
    }
    Ok((bytes, hash.finish().as_ref().to_vec()))
}

const COLUMNS: usize = 15;

fn head(language: Language) -> [&'static str; COLUMNS] {
    match language {
        Language::Vi => [
            "Họ và tên",
            "Ngày sinh",
            "Giới tính",
            "Số CCCD",
            "Số thẻ BHYT",
            "Điện thoại",
            "Địa chỉ",
            "Ấp",
            "Xã",
            "Mã đơn vị",
            "Số hộ",
            "Quan hệ với chủ hộ",
            "Số mũi tiêm",
            "Mã hồ sơ",
            "Mã bản xuất",
        ],
        Language::En => [
            "Full name",
            "Date of birth",
            "Sex",
            "ID number",
            "Health insurance",
            "Phone",
            "Address",
            "Hamlet",
            "Commune",
            "Unit code",
            "Household number",
            "Relation",
            "Doses",
            "Record",
            "Export",
        ],
    }
}

fn row(export: &Export, place: &Place, listed: Listed) -> Vec<String> {
    let vi = export.language == Language::Vi;
    let (person, secret) = (&listed.person, &listed.person.secret);
    let birth = match secret.birthday {
        Some((month, day)) => format!("{day:02}/{month:02}/{}", person.birth_year),
        None => person.birth_year.to_string(),
    };
    let sex = match (person.sex.as_str(), vi) {
        ("male", true) => "Nam",
        ("male", false) => "Male",
        (_, true) => "Nữ",
        (_, false) => "Female",
    };
    let shown = |number: Option<&String>, masked: fn(&str) -> String| {
        number.map(|n| if export.full_numbers { n.clone() } else { masked(n) }).unwrap_or_default()
    };
    let id =
        shown(secret.id_number.as_ref(), |n| PersonalId::parse(n).map(|n| n.masked()).unwrap_or_default());
    let insurance = shown(secret.insurance.as_ref(), |n| format!("******{}", n.get(6..).unwrap_or_default()));
    let phone = shown(secret.phone.as_ref(), |n| {
        Phone::parse_or_demonstration(n).map(|n| n.masked()).unwrap_or_default()
    });
    vec![
        secret.name.clone(),
        birth,
        sex.to_owned(),
        id,
        insurance,
        phone,
        listed.address,
        place.name.clone(),
        place.commune.clone().unwrap_or_else(|| place.name.clone()),
        place.code.clone(),
        listed.household_number.map(|n| n.to_string()).unwrap_or_default(),
        relation(&person.relation, vi),
        listed.doses.to_string(),
        person.id.to_string(),
        export.id.to_string().get(..8).unwrap_or_default().to_owned(),
    ]
}

/// The words that an import reads again.
fn relation(word: &str, vi: bool) -> String {
    if !vi {
        return word.to_owned();
    }
    match word {
        "head" => "Chủ hộ",
        "spouse" => "Vợ/chồng",
        "parent" => "Cha mẹ",
        "child" => "Con",
        "child_in_law" => "Con dâu",
        "grandchild" => "Cháu",
        "sibling" => "Anh chị em",
        "relative" => "Họ hàng",
        "lodger" => "Ở trọ",
        _ => "Thành viên",
    }
    .to_owned()
}

fn write(
    export: &Export,
    mut lines: mpsc::Receiver<Vec<Vec<String>>>,
    parts: &mpsc::Sender<Vec<u8>>,
) -> Result<(), String> {
    let head: Vec<String> = head(export.language).map(str::to_owned).into();
    let mut next = || lines.blocking_recv();
    if export.format == "xlsx" {
        let mut file = tempfile::tempfile().map_err(|e| e.to_string())?;
        workbook(&head, export, MOST_ROWS, &mut next, &mut file).map_err(|e| e.to_string())?;
        file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        loop {
            let mut part = Vec::with_capacity(PART);
            file.by_ref().take(PART as u64).read_to_end(&mut part).map_err(|e| e.to_string())?;
            if part.is_empty() {
                return Ok(());
            }
            parts.blocking_send(part).map_err(|e| e.to_string())?;
        }
    }
    let mut bytes: Vec<u8> = "\u{feff}".into();
    let mut rows = Some(vec![head]);
    while let Some(some) = rows {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
        for row in &some {
            writer.write_record(row.iter().map(|c| neutral(c).into_owned())).map_err(|e| e.to_string())?;
        }
        writer.flush().map_err(|e| e.to_string())?;
        drop(writer);
        while bytes.len() >= PART {
            let rest = bytes.split_off(PART);
            parts.blocking_send(std::mem::replace(&mut bytes, rest)).map_err(|e| e.to_string())?;
        }
        rows = next();
    }
    parts.blocking_send(bytes).map_err(|e| e.to_string())
}

/// Row by row to disk, in temporary files without a name; a new sheet where one is full.
fn workbook(
    head: &[String],
    export: &Export,
    most_rows: u32,
    next: &mut impl FnMut() -> Option<Vec<Vec<String>>>,
    file: &mut std::fs::File,
) -> Result<u64, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let (mut at, mut sheets, mut people) = (most_rows, 0, 0);
    let mut some = next();
    loop {
        if at == most_rows {
            let sheet = book.add_worksheet_with_constant_memory()?;
            // Printed pages carry the mark of the export too.
            sheet.set_footer(format!("&L{}&R&P/&N", export.id));
            for (column, text) in (0..).zip(head) {
                sheet.write_string_with_format(0, column, text, &bold)?;
            }
            sheets += 1;
            at = 1;
        }
        let Some(rows) = &mut some else { break };
        let sheet = book.worksheet_from_index(sheets - 1)?;
        let room = (most_rows - at) as usize;
        let rest = if rows.len() > room { Some(rows.split_off(room)) } else { None };
        for row in rows.iter() {
            // Strings stay strings: a workbook runs only what is written as a formula.
            for (column, text) in (0..).zip(row) {
                sheet.write_string(at, column, text)?;
            }
            at += 1;
            people += 1;
        }
        some = match rest {
            Some(rest) => Some(rest),
            None => next(),
        };
    }
    book.save_to_writer(file)?;
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Reader as _, Xlsx};
    use greenfort_kernel::{AccountId, UnitId};
    use uuid::Uuid;

    #[test]
    fn a_workbook_goes_on_in_a_new_sheet_where_one_is_full() {
        let export = Export {
            id: ExportId(Uuid::from_u128(7)),
            account: AccountId(Uuid::nil()),
            unit: UnitId(1),
            unit_name: String::new(),
            area: Vec::new(),
            language: Language::Vi,
            format: "xlsx".into(),
            purpose: "report".into(),
            full_numbers: false,
            status: "running".into(),
            people: 0,
            bytes: None,
            sha256: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            finished_at: None,
            expires_at: None,
        };
        let mut batches = (0..2)
            .map(|b| (0..4).map(|n| vec![format!("=A{b}{n}")]).collect())
            .collect::<Vec<_>>()
            .into_iter();
        let mut file = tempfile::tempfile().unwrap();
        let head = ["Họ và tên".to_owned()];
        let people = workbook(&head, &export, 4, &mut || batches.next(), &mut file).unwrap();
        assert_eq!(people, 8);
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut book = Xlsx::new(std::io::BufReader::new(file)).unwrap();
        let names = book.sheet_names();
        assert_eq!(names.len(), 3, "three people a sheet");
        let heights: Vec<usize> = names.iter().map(|n| book.worksheet_range(n).unwrap().height()).collect();
        assert_eq!(heights, [4, 4, 3]);
        let formulas = book.worksheet_formula(&names[0]).unwrap();
        assert_eq!(formulas.cells().filter(|(_, _, f)| !f.is_empty()).count(), 0, "nothing runs");
    }
}
