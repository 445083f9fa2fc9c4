//! The register's long work: sheets in and out.

use super::call::{Ask, At, Call, Case, Who, about, general, id, json, plain};
use greenfort_kernel::{AccountId, ExportId, ImportId, Language, Role};
use greenfort_store::registry::export::{self, NewExport};
use greenfort_store::registry::import;
use greenfort_store::{Scope, StoreError, tx};
use serde_json::json as value;

/// Two lines that can be taken in: the bytes of a JSON text, so that any body can carry them.
const SHEET: &str = "Ho ten,Nam sinh,Gioi tinh\nLe A,1990,Nam";

/// The account that asks; a program's is that of whoever made its key.
pub fn asking(at: &At<'_>) -> AccountId {
    match at.who {
        Who::Role(role) => at.stage.accounts[&role],
        Who::Stranger | Who::Program => at.stage.accounts[&Role::Administrator],
    }
}

/// An import of the caller's, or of somebody across the border; with its sheet, or still without.
fn import_of(at: &At<'_>, sent: bool) -> ImportId {
    if at.case == Case::Nothing {
        return at.stage.world().id();
    }
    at.run(async {
        let side = at.side();
        let account = match at.case {
            Case::Own => asking(at),
            _ => at.stage.office_account(side, Role::CommuneStation).await,
        };
        let scope = Scope::area([side.commune]);
        tx!(at.stage.owner, "import", Scope::nobody(), |tx| -> Result<ImportId, StoreError> {
            let size = SHEET.len() as i64;
            let id = import::begin(tx, account, side.commune, &scope, Language::Vi, size).await?;
            if sent {
                import::add_part(tx, id, "sheet", 0, SHEET.as_bytes()).await?;
                import::add_part(tx, id, "rejected", 0, b"x").await?;
            }
            Ok(id)
        })
        .unwrap()
    })
}

/// An import that was taken in just now.
fn applied_import(at: &At<'_>) -> ImportId {
    let id = import_of(at, true);
    if at.case != Case::Nothing {
        let now = at.stage.world().now();
        at.run(at.stage.db.execute(&format!(
            "update person_import set status = 'applied', finished_at = '{now}' where id = '{id}'"
        )));
    }
    id
}

/// A finished export of the caller's, or of somebody across the border.
fn export_of(at: &At<'_>) -> ExportId {
    if at.case == Case::Nothing {
        return at.stage.world().id();
    }
    at.run(async {
        let side = at.side();
        let account = match at.case {
            Case::Own => asking(at),
            _ => at.stage.office_account(side, Role::CommuneStation).await,
        };
        let new = NewExport {
            account,
            unit: side.commune,
            language: Language::Vi,
            format: "csv",
            purpose: "report",
            full_numbers: false,
        };
        let scope = Scope::area([side.commune]);
        tx!(at.stage.owner, "export", Scope::nobody(), |tx| -> Result<ExportId, StoreError> {
            let id = export::ask(tx, &new, &scope).await?;
            export::set_running(tx, id).await?;
            export::add_part(tx, id, 0, b"x").await?;
            export::ready(tx, id, 0, 1, &[0; 32]).await?;
            Ok(id)
        })
        .unwrap()
    })
}

/// A JSON text of as many bytes as the sheet has.
fn part() -> serde_json::Value {
    value!("x".repeat(SHEET.len() - 2))
}

pub fn calls() -> Vec<Call> {
    vec![
        general("GET /api/v1/imports", plain),
        about("POST /api/v1/imports", |at| json(value!({ "unit_id": at.unit(), "size": 10 }))),
        about("GET /api/v1/imports/{id}", |at| id(import_of(at, true))),
        about("POST /api/v1/imports/{id}/parts/{number}", |at| {
            Ask::default().id(import_of(at, false)).id(0).json(part())
        }),
        about("GET /api/v1/imports/{id}/preview", |at| id(import_of(at, true))),
        about("POST /api/v1/imports/{id}/run", |at| id(import_of(at, true)).json(value!({}))),
        about("GET /api/v1/imports/{id}/rejected", |at| id(import_of(at, true))),
        about("POST /api/v1/imports/{id}/undo", |at| id(applied_import(at))),
        about("GET /api/v1/imports/{id}/left", |at| id(import_of(at, true))),
        about("POST /api/v1/people/search", |at| json(value!({ "q": "nguyen van", "unit": at.unit() })))
            .shown_to_all("a search in another area finds nobody, see its own test"),
        general("GET /api/v1/exports", plain),
        about("POST /api/v1/exports", |at| {
            json(value!({ "unit_id": at.unit(), "format": "csv", "purpose": "report" }))
        }),
        about("GET /api/v1/exports/{id}", |at| id(export_of(at))),
        about("GET /api/v1/exports/{id}/file", |at| id(export_of(at))),
    ]
}
