-- The laboratory: what arrives, how tubes share reactions, what instruments read, what is released and what is taken back.
-- What grows per sample is partitioned by round as the field's tables are; plates, runs and acts of release are few and are not.

alter table assay add sensitivity smallint not null default 1 check (sensitivity between 1 and 9);
alter table assay add internal_cutoff real check (internal_cutoff > 0);
comment on column assay.sensitivity is 'Rank among methods: a negative answers an opened pool only at the same rank or above';
comment on column assay.internal_cutoff is 'Highest Ct at which the internal control counts as risen; null: 40';
update assay set sensitivity = 2 where method = 'pcr';

create table laboratory_rule (
    code text not null check (code in ('release', 'conclusions', 'guards', 'clocks')),
    version int not null check (version > 0),
    body jsonb not null check (jsonb_typeof(body) = 'object'),
    effective_from timestamptz not null,
    effective_until timestamptz check (effective_until > effective_from),
    source text not null,
    certain boolean not null,
    created_by uuid references account,
    created_at timestamptz not null,
    primary key (code, version)
);
comment on table laboratory_rule is 'What may change overnight, as data: who releases, what is a case, guards of pools, clocks of recalls; a change is a new version';
comment on column laboratory_rule.code is 'release: domain::lab::ReleasePolicy; conclusions: domain::conclusions::Policy; guards: domain::lab::Guards; clocks: hours until somebody on a recall list is due';
comment on column laboratory_rule.version is 'Counts up from 1';
comment on column laboratory_rule.body is 'The rule';
comment on column laboratory_rule.effective_from is 'In force from';
comment on column laboratory_rule.effective_until is 'In force until; null: still';
comment on column laboratory_rule.source is 'Document or office it comes from';
comment on column laboratory_rule.certain is 'False: recalled or assumed; shown as such';
comment on column laboratory_rule.created_by is 'Who entered it; null: shipped';
comment on column laboratory_rule.created_at is 'When it was entered';

create table accession_photo (
    id uuid primary key,
    sealed bytea not null,
    at timestamptz not null
);
comment on table accession_photo is 'Append-only: pictures of rejected tubes, for the site';
comment on column accession_photo.id is 'Id of the picture';
comment on column accession_photo.sealed is 'Encrypted: JPEG or PNG';
comment on column accession_photo.at is 'When it was taken in';

create table accession (
    province int not null,
    round uuid not null,
    specimen uuid not null,
    version smallint not null check (version > 0),
    laboratory uuid references laboratory,
    outcome text not null check (outcome in ('received', 'rejected', 'lost')),
    reason text check (reason in ('leak', 'volume', 'label', 'wrong_tube', 'too_late', 'too_warm', 'not_arrived', 'other')),
    photo uuid references accession_photo,
    by uuid references account,
    at timestamptz not null,
    primary key (province, round, specimen, version),
    foreign key (province, round, specimen) references specimen (province, round, id),
    check ((outcome = 'received') = (reason is null))
) partition by list (round);
comment on table accession is 'Append-only: a tube at the door of the laboratory; the highest version counts';
comment on column accession.province is 'Province of the round';
comment on column accession.round is 'The round';
comment on column accession.specimen is 'The specimen';
comment on column accession.version is 'Counts up from 1';
comment on column accession.laboratory is 'Where; null for a tube that was declared lost';
comment on column accession.outcome is 'received, rejected, or lost';
comment on column accession.reason is 'Why it was rejected or is lost';
comment on column accession.photo is 'Picture of what is wrong, for the site';
comment on column accession.by is 'Who scanned it; null: by a clock';
comment on column accession.at is 'When';

create table parked_tube (
    id uuid primary key,
    laboratory uuid not null references laboratory,
    barcode text not null check (barcode <> ''),
    parked_by uuid references account,
    parked_at timestamptz not null,
    due_at timestamptz not null check (due_at > parked_at),
    matched_at timestamptz,
    unique (laboratory, barcode)
);
comment on table parked_tube is 'A tube that arrived without a list: it waits, and nothing is said about anybody';
comment on column parked_tube.id is 'Id of the parking';
comment on column parked_tube.laboratory is 'Where it stands';
comment on column parked_tube.barcode is 'What was scanned';
comment on column parked_tube.parked_by is 'Who scanned it';
comment on column parked_tube.parked_at is 'When';
comment on column parked_tube.due_at is 'Without a list by then its people are swabbed again';
comment on column parked_tube.matched_at is 'When its list came and it was received; null: still parked';

create table scheme (
    province int not null,
    round uuid not null,
    id uuid not null,
    laboratory uuid references laboratory,
    unit int not null references unit,
    algorithm text not null,
    design text not null,
    material text not null check (material in ('media', 'swab')),
    live boolean not null default true,
    created_by uuid references account,
    created_at timestamptz not null,
    primary key (province, round, id),
    foreign key (province, round) references round (province, id)
) partition by list (round);
comment on table scheme is 'How some tubes share reactions; a tube alone is a scheme of one';
comment on column scheme.province is 'Province of the round';
comment on column scheme.round is 'The round';
comment on column scheme.id is 'Id of the scheme';
comment on column scheme.laboratory is 'Laboratory that made it; null: a cassette read at the site';
comment on column scheme.unit is 'Unit of the laboratory or site';
comment on column scheme.algorithm is 'D2, D3, D4, A2 or A2M, as the pooling planner names designs';
comment on column scheme.design is 'Its sizes, e.g. 10, 20|5+5+5+5 or 8x12';
comment on column scheme.material is 'media: the tubes remain and are tested again; swab: nothing of one person remains';
comment on column scheme.live is 'False once given up, so that its tubes may go into another';
comment on column scheme.created_by is 'Who made it; null: by rule';
comment on column scheme.created_at is 'When';

create table scheme_specimen (
    province int not null,
    round uuid not null,
    scheme uuid not null,
    position smallint not null check (position >= 0),
    specimen uuid not null,
    live boolean not null default true,
    primary key (province, round, scheme, position),
    foreign key (province, round, scheme) references scheme (province, round, id),
    foreign key (province, round, specimen) references specimen (province, round, id)
) partition by list (round);
comment on table scheme_specimen is 'Which tube stands where in a scheme; a tube is in one live scheme at a time';
comment on column scheme_specimen.province is 'Province of the round';
comment on column scheme_specimen.round is 'The round';
comment on column scheme_specimen.scheme is 'The scheme';
comment on column scheme_specimen.position is 'Place in the order of the scheme, from 0';
comment on column scheme_specimen.specimen is 'The tube';
comment on column scheme_specimen.live is 'As the scheme''s';
create unique index scheme_specimen_live on scheme_specimen (province, round, specimen) where live;
create index scheme_specimen_specimen on scheme_specimen (specimen);

create table pool (
    province int not null,
    round uuid not null,
    scheme uuid not null,
    test smallint not null check (test >= 0),
    stage smallint not null check (stage >= 0),
    positions smallint[] not null check (cardinality(positions) > 0),
    label text not null check (label <> ''),
    laboratory uuid references laboratory,
    due_at timestamptz,
    created_at timestamptz not null,
    primary key (province, round, scheme, test),
    foreign key (province, round, scheme) references scheme (province, round, id)
) partition by list (round);
comment on table pool is 'What goes into one well: some tubes of a scheme mixed, or one of them alone';
comment on column pool.province is 'Province of the round';
comment on column pool.round is 'The round';
comment on column pool.scheme is 'The scheme';
comment on column pool.test is 'Which test of the scheme, as the decoder counts them';
comment on column pool.stage is 'Stage of the scheme, from 0';
comment on column pool.positions is 'Tubes in it, by position in the scheme; several: a pool';
comment on column pool.label is 'What is written on it and typed into the instrument; the barcode of the tube where it is one tube alone';
comment on column pool.laboratory is 'Where it is to be run; null: a cassette';
comment on column pool.due_at is 'Since when it is to be run (again); null: nothing to do';
comment on column pool.created_at is 'When it was first wanted';
create index pool_due on pool (laboratory, due_at) where due_at is not null;
create index pool_label on pool (label);

create table extraction_batch (
    id uuid primary key,
    laboratory uuid not null references laboratory,
    name text not null check (name <> ''),
    started_by uuid not null references account,
    started_at timestamptz not null
);
comment on table extraction_batch is 'Pools and tubes extracted together';
comment on column extraction_batch.id is 'Id of the batch';
comment on column extraction_batch.laboratory is 'Where';
comment on column extraction_batch.name is 'What is written on it';
comment on column extraction_batch.started_by is 'Who started it';
comment on column extraction_batch.started_at is 'When';

create table run (
    id uuid primary key,
    province int not null references unit,
    laboratory uuid references laboratory,
    unit int not null references unit,
    extraction uuid references extraction_batch,
    assay uuid not null references assay,
    name text not null check (name <> ''),
    plate smallint not null check (plate in (0, 96, 384)),
    authorised boolean not null,
    session text unique,
    started_by uuid references account,
    started_at timestamptz not null,
    void_at timestamptz,
    void_reason text check (void_reason <> ''),
    check ((plate = 0) = (laboratory is null)),
    check ((void_at is null) = (void_reason is null))
);
comment on table run is 'Mẻ chạy: one load of an instrument, or one session of rapid cassettes';
comment on column run.id is 'Id of the run';
comment on column run.province is 'Province';
comment on column run.laboratory is 'Where; null: cassettes at a site';
comment on column run.unit is 'Unit of the laboratory or site';
comment on column run.extraction is 'Extraction it comes from';
comment on column run.assay is 'Assay version';
comment on column run.name is 'Name on the instrument';
comment on column run.plate is 'Wells of the plate: 96 or 384; 0: cassettes';
comment on column run.authorised is 'The laboratory was authorised to confirm when it was started';
comment on column run.session is 'Cassettes: device, assay, lot and day, so that the same session is found again';
comment on column run.started_by is 'Who made the plate';
comment on column run.started_at is 'When';
comment on column run.void_at is 'Given up then, e.g. because a control failed: what was in it is run again';
comment on column run.void_reason is 'Why it was given up';
create index run_laboratory on run (laboratory, started_at);
create index run_unit on run (unit, started_at);

create table run_lot (
    run uuid not null references run,
    lot uuid not null references lot,
    primary key (run, lot)
);
comment on table run_lot is 'Lots used up in a run';
comment on column run_lot.run is 'The run';
comment on column run_lot.lot is 'The lot';
create index run_lot_lot on run_lot (lot);

create table run_file (
    id uuid primary key,
    run uuid not null references run,
    sha256 bytea not null check (octet_length(sha256) = 32),
    name text not null,
    instrument text not null,
    sealed bytea not null,
    by uuid references account,
    at timestamptz not null,
    unique (run, sha256)
);
comment on table run_file is 'Append-only: result files as the instrument wrote them, the evidence of a run';
comment on column run_file.id is 'Id of the file';
comment on column run_file.run is 'The run';
comment on column run_file.sha256 is 'Its hash';
comment on column run_file.name is 'Its name';
comment on column run_file.instrument is 'Column map it was read with';
comment on column run_file.sealed is 'Encrypted: the file';
comment on column run_file.by is 'Who imported it';
comment on column run_file.at is 'When';

create table control_well (
    run uuid not null references run,
    well text not null,
    kind text not null check (kind in ('no_template', 'extraction_blank', 'positive')),
    primary key (run, well)
);
comment on table control_well is 'Wells of a run that hold a control';
comment on column control_well.run is 'The run';
comment on column control_well.well is 'Position, e.g. H12';
comment on column control_well.kind is 'no_template, extraction_blank or positive';

create table control_reading (
    run uuid not null,
    well text not null,
    version smallint not null check (version > 0),
    cts jsonb not null check (jsonb_typeof(cts) = 'object'),
    by uuid references account,
    at timestamptz not null,
    primary key (run, well, version),
    foreign key (run, well) references control_well
);
comment on table control_reading is 'Append-only: what a control well showed; the highest version counts';
comment on column control_reading.run is 'The run';
comment on column control_reading.well is 'Position';
comment on column control_reading.version is 'Counts up from 1';
comment on column control_reading.cts is 'Ct by target; null: it never rose';
comment on column control_reading.by is 'Who imported or typed it';
comment on column control_reading.at is 'When';

create table reaction (
    province int not null,
    round uuid not null,
    id uuid not null,
    run uuid not null references run,
    well text not null,
    scheme uuid not null,
    test smallint not null,
    primary key (province, round, id),
    unique (province, round, run, well),
    foreign key (province, round, scheme, test) references pool (province, round, scheme, test)
) partition by list (round);
comment on table reaction is 'One well of a run, or one cassette';
comment on column reaction.province is 'Province of the round';
comment on column reaction.round is 'The round';
comment on column reaction.id is 'Id of the reaction; for a cassette that of the event that reported it';
comment on column reaction.run is 'The run';
comment on column reaction.well is 'Position; for a cassette its event';
comment on column reaction.scheme is 'Scheme of what is in it';
comment on column reaction.test is 'Test of the scheme';
create index reaction_run on reaction (run);
create index reaction_pool on reaction (scheme, test);

create table reading (
    province int not null,
    round uuid not null,
    reaction uuid not null,
    version smallint not null check (version > 0),
    reading text not null check (reading in ('detected', 'not_detected', 'inconclusive', 'invalid')),
    cts jsonb not null default '{}' check (jsonb_typeof(cts) = 'object'),
    verified boolean not null,
    file uuid references run_file,
    by uuid references account,
    at timestamptz not null,
    primary key (province, round, reaction, version),
    foreign key (province, round, reaction) references reaction (province, round, id)
) partition by list (round);
comment on table reading is 'Kết quả máy, append-only: what a reaction read; a correction is a higher version';
comment on column reading.province is 'Province of the round';
comment on column reading.round is 'The round';
comment on column reading.reaction is 'The reaction';
comment on column reading.version is 'Counts up from 1';
comment on column reading.reading is 'detected, not_detected, inconclusive or invalid';
comment on column reading.cts is 'Ct by target; null: it never rose; empty for cassettes';
comment on column reading.verified is 'There is evidence of the instrument: a result file, or a cassette read inside its window';
comment on column reading.file is 'Result file it comes from';
comment on column reading.by is 'Who imported, typed or read it';
comment on column reading.at is 'When';

create table release (
    id uuid primary key,
    province int not null references unit,
    run uuid not null references run,
    by uuid references account,
    rule_version int not null,
    anomalies jsonb not null default '[]' check (jsonb_typeof(anomalies) = 'array'),
    note text,
    at timestamptz not null
);
comment on table release is 'Duyệt kết quả, append-only: an act of releasing readings of a run';
comment on column release.id is 'Id of the release';
comment on column release.province is 'Province';
comment on column release.run is 'The run';
comment on column release.by is 'Who released; null: by rule';
comment on column release.rule_version is 'Version of the release policy that let it through';
comment on column release.anomalies is 'What was remarkable and seen by whoever released';
comment on column release.note is 'What the releaser wrote; names nobody';
comment on column release.at is 'When';
create index release_run on release (run);

create table released_reading (
    province int not null,
    round uuid not null,
    reaction uuid not null,
    version smallint not null,
    release uuid not null references release,
    primary key (province, round, reaction, version),
    foreign key (province, round, reaction, version) references reading (province, round, reaction, version)
) partition by list (round);
comment on table released_reading is 'Append-only: which version of which reading a release let out';
comment on column released_reading.province is 'Province of the round';
comment on column released_reading.round is 'The round';
comment on column released_reading.reaction is 'The reaction';
comment on column released_reading.version is 'Version of its reading';
comment on column released_reading.release is 'The release';
create index released_reading_release on released_reading (release);

create table result_recall (
    id uuid primary key,
    province int not null references unit,
    scope text not null check (scope in ('reading', 'run', 'lot')),
    round uuid,
    reaction uuid,
    version smallint,
    run uuid references run,
    lot uuid references lot,
    reason text not null check (reason <> ''),
    by uuid references account,
    at timestamptz not null,
    check (scope <> 'reading' or (num_nonnulls(round, reaction, version) = 3 and num_nonnulls(run, lot) = 0)),
    check (scope <> 'run' or (run is not null and num_nonnulls(round, reaction, version, lot) = 0)),
    check (scope <> 'lot' or (lot is not null and num_nonnulls(round, reaction, version, run) = 0)),
    foreign key (province, round, reaction, version) references reading (province, round, reaction, version)
);
comment on table result_recall is 'Thu hồi kết quả, append-only: readings that count no more, those that come later under the same run or lot among them';
comment on column result_recall.id is 'Id of the recall';
comment on column result_recall.province is 'Province';
comment on column result_recall.scope is 'reading, run or lot';
comment on column result_recall.round is 'Round of the reading';
comment on column result_recall.reaction is 'Reaction whose readings up to the version are recalled';
comment on column result_recall.version is 'That version; a later one stands again';
comment on column result_recall.run is 'Run recalled';
comment on column result_recall.lot is 'Lot recalled: all runs it was used in';
comment on column result_recall.reason is 'Why; names nobody';
comment on column result_recall.by is 'Who';
comment on column result_recall.at is 'When';
create index result_recall_reaction on result_recall (reaction) where reaction is not null;
create index result_recall_run on result_recall (run) where run is not null;
create index result_recall_lot on result_recall (lot) where lot is not null;

create table judgement (
    province int not null,
    round uuid not null,
    scheme uuid not null,
    test smallint not null,
    reason text not null check (reason <> ''),
    by uuid references account,
    at timestamptz not null,
    primary key (province, round, scheme, test),
    foreign key (province, round, scheme, test) references pool (province, round, scheme, test)
) partition by list (round);
comment on table judgement is 'Append-only: the laboratory lead decided that a discordant pool clears';
comment on column judgement.province is 'Province of the round';
comment on column judgement.round is 'The round';
comment on column judgement.scheme is 'The scheme';
comment on column judgement.test is 'The pool looked at';
comment on column judgement.reason is 'Why; names nobody';
comment on column judgement.by is 'Who';
comment on column judgement.at is 'When';

grant select on laboratory_rule, accession_photo, accession, parked_tube, scheme, scheme_specimen, pool, extraction_batch, run, run_lot, run_file,
    control_well, control_reading, reaction, reading, release, released_reading, result_recall, judgement
    to greenfort_app, greenfort_worker;
grant insert on laboratory_rule, accession_photo, accession, parked_tube, scheme, scheme_specimen, pool, extraction_batch, run, run_lot, run_file,
    control_well, control_reading, reaction, reading, release, released_reading, result_recall, judgement
    to greenfort_app;
grant insert on accession, scheme, scheme_specimen, pool, run, run_lot, reaction, reading, release, released_reading
    to greenfort_worker;
grant update (effective_until) on laboratory_rule to greenfort_app;
grant update (matched_at) on parked_tube to greenfort_app;
grant update (live) on scheme, scheme_specimen to greenfort_app;
grant update (void_at, void_reason) on run to greenfort_app;
grant update (due_at) on pool to greenfort_app, greenfort_worker;

-- Shipped defaults. Every number is data: a new version takes its place.
insert into laboratory_rule (code, version, body, effective_from, source, certain, created_at) values
    ('release', 1,
     '{"rules": [
        {"method": "rapid_antigen", "only_negative": true, "by": "rule"},
        {"method": "rapid_antigen", "only_negative": false, "by": {"person": ["site_lead", "lab_lead"]}},
        {"method": "pcr", "only_negative": true, "by": "rule"},
        {"method": "pcr", "only_negative": false, "by": {"person": ["lab_lead"]}}]}',
     '2021-09-01T00:00:00+07:00', 'Usual practice of 2021', false, '2021-09-01T00:00:00+07:00'),
    ('conclusions', 1,
     '{"case": {"methods": ["pcr"], "authorised_only": true}, "repeat_after_hours": 24, "recurrence_days": 90,
       "rapid_answers_pcr": false, "occasion_hours": 72,
       "excused": ["recovered", "in_quarantine", "in_hospital", "age"],
       "odds": {"prior": 10000, "pool_sensitivity": 950000, "pool_specificity": 995000, "single_sensitivity": 970000,
                "single_specificity": 999000},
       "organisation_percent": 100}',
     '2021-09-01T00:00:00+07:00', 'Case definition of 9/2021; odds of the pooling tables; 90 days uncertain', false,
     '2021-09-01T00:00:00+07:00'),
    ('guards', 1,
     '{"planned_size": 10, "over_planned": "warn", "wrong_round": "refuse", "expired_lot": "warn", "household_split": "warn"}',
     '2021-09-01T00:00:00+07:00', 'CV 3074/BCĐ-VX, TP.HCM, 15/9/2021; the rest assumed', false, '2021-09-01T00:00:00+07:00'),
    ('clocks', 1,
     '{"recall_due_hours": 6, "parked_due_hours": 24, "missing_due_hours": 24}',
     '2021-09-01T00:00:00+07:00', 'Assumed', false, '2021-09-01T00:00:00+07:00');
