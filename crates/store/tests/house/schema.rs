//! What every migration must hold to.

use greenfort_testkit::TestDb;

/// Facts that nobody may change or delete once written; corrections are new rows.
const APPEND_ONLY: &[&str] = &[
    "audit",
    "audit_seal",
    "audit_seal_entry",
    "intake",
    "intake_key",
    "specimen_donor",
    "specimen_represents",
    "represented_member",
    "visit",
    "cassette_reading",
    "person_event",
    "consignment_count",
    "accession",
    "accession_photo",
    "run_lot",
    "run_file",
    "control_well",
    "control_reading",
    "reaction",
    "reading",
    "release",
    "released_reading",
    "result_recall",
    "judgement",
    "conclusion",
    "recall_contact",
    "round_closing",
];

#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let db = TestDb::new().await;
    let bare: Vec<String> = sqlx::query_scalar(
        "select c.relname || coalesce('.' || a.attname, '') from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_sqlx_migrations'
           and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null) order by 1",
    )
    .fetch_all(&mut db.owner().await)
    .await
    .unwrap();
    assert!(bare.is_empty(), "without a comment: {bare:?}");
}

#[tokio::test]
async fn no_working_role_may_change_or_delete_what_is_append_only() {
    let db = TestDb::new().await;
    let mut owner = db.owner().await;
    for table in APPEND_ONLY {
        for role in ["greenfort_app", "greenfort_worker"] {
            let may: bool = sqlx::query_scalar(
                "select has_table_privilege($1, $2, 'update, delete, truncate')
                     or has_any_column_privilege($1, $2, 'update')",
            )
            .bind(role)
            .bind(*table)
            .fetch_one(&mut owner)
            .await
            .unwrap();
            assert!(!may, "{role} may change {table}");
        }
    }
}

#[tokio::test]
async fn every_table_with_a_person_in_it_has_row_level_security() {
    let db = TestDb::new().await;
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         where c.relkind in ('r', 'p') and not c.relrowsecurity
           and has_table_privilege('greenfort_app', c.oid, 'select')
           and exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
                       and f.confrelid in ('person'::regclass, 'household'::regclass)) order by 1",
    )
    .fetch_all(&mut db.owner().await)
    .await
    .unwrap();
    assert_eq!(open, EXCEPTIONS, "tables that point at people and have no row-level security");
}

/// resident_group.owner is a bare id on a public list of groups; account_person is itself what decides who is seen.
const EXCEPTIONS: &[&str] = &["account_person", "resident_group"];
