-- Sheets of people on their way into the register: uploaded in parts, checked, matched and applied as one set.
create table person_import (
    id uuid primary key,
    account uuid not null references account,
    unit int not null references unit,
    area int[] not null,
    language text not null check (language in ('vi', 'en')),
    size bigint not null check (size between 1 and 268435456),
    status text not null check (status in ('uploading', 'waiting', 'running', 'refused', 'applied', 'failed')),
    kind text check (kind in ('csv', 'xlsx')),
    layout jsonb,
    charset jsonb,
    accept_rest boolean not null default false,
    runs int not null default 0,
    sha256 bytea check (length(sha256) = 32),
    rows bigint,
    other_lines bigint,
    created bigint,
    updated bigint,
    unchanged bigint,
    rejected bigint,
    faults bytea,
    failure text,
    created_at timestamptz not null,
    finished_at timestamptz,
    check (rows is null or rows = created + updated + unchanged + rejected)
);
comment on table person_import is 'A sheet of people: where it belongs, how it is read, what became of its rows';
comment on column person_import.id is 'Id of the import';
comment on column person_import.account is 'Who imports; nobody else sees it';
comment on column person_import.unit is 'Unit the sheet is about';
comment on column person_import.area is 'Roots of the area that account may change, when it was started: the import sees nobody outside';
comment on column person_import.language is 'Language of the reasons in the returned sheet';
comment on column person_import.size is 'Bytes of the file';
comment on column person_import.status is 'uploading, waiting, running, refused (rows were wrong, nothing applied), applied, failed (the file cannot be read)';
comment on column person_import.kind is 'Kind of file, by its content';
comment on column person_import.layout is 'Rows of the head and what each column holds';
comment on column person_import.charset is 'How bytes become letters';
comment on column person_import.accept_rest is 'True: good rows are applied though others are rejected';
comment on column person_import.runs is 'Times it was started: names the job';
comment on column person_import.sha256 is 'Hash of the file';
comment on column person_import.rows is 'Rows with a person: created + updated + unchanged + rejected';
comment on column person_import.other_lines is 'Lines without a person: blank, headings of hamlets, totals';
comment on column person_import.created is 'People new to the register';
comment on column person_import.updated is 'People known before, of whom something changed';
comment on column person_import.unchanged is 'People known before exactly so, and lines repeated exactly';
comment on column person_import.rejected is 'Rows with a fault';
comment on column person_import.faults is 'Encrypted: the first faults, to be shown';
comment on column person_import.failure is 'Why the file cannot be read: a stable word';
comment on column person_import.created_at is 'When the upload began';
comment on column person_import.finished_at is 'When the last run ended';
create index person_import_account on person_import (account, created_at desc, id desc);

create table person_import_part (
    id uuid primary key,
    import uuid not null references person_import on delete cascade,
    purpose text not null check (purpose in ('sheet', 'rejected')),
    number int not null check (number >= 0),
    sealed bytea not null,
    unique (import, purpose, number)
);
comment on table person_import_part is 'Pieces of a sheet as it was sent, and of the sheet of rejected rows; gone some days after the end';
comment on column person_import_part.id is 'Random id; binds the sealed bytes to their place';
comment on column person_import_part.import is 'The import';
comment on column person_import_part.purpose is 'sheet: as sent; rejected: the rows given back';
comment on column person_import_part.number is 'Place in the file, from 0';
comment on column person_import_part.sealed is 'Encrypted: bytes of the file';
alter table person_import_part alter column sealed set storage external;

create table person_import_progress (
    import uuid primary key references person_import on delete cascade,
    phase text not null check (phase in ('reading', 'matching', 'applying')),
    done bigint not null,
    total bigint not null
);
comment on table person_import_progress is 'How far a running import is; a table of its own because the import''s row is locked while it runs';
comment on column person_import_progress.import is 'The import';
comment on column person_import_progress.phase is 'reading, matching, applying';
comment on column person_import_progress.done is 'Bytes or rows done';
comment on column person_import_progress.total is 'Of how many';

create table person_import_mapping (
    unit int not null references unit,
    signature bytea not null,
    columns jsonb not null,
    used_at timestamptz not null,
    primary key (unit, signature)
);
comment on table person_import_mapping is 'What the columns of a form of sheet were taken for last time in a unit';
comment on column person_import_mapping.unit is 'The unit';
comment on column person_import_mapping.signature is 'Hash of the headings';
comment on column person_import_mapping.columns is 'Field of each column, null where it is left out';
comment on column person_import_mapping.used_at is 'When it was last used';

grant select, insert, update on person_import to greenfort_app;
grant select, update, delete on person_import to greenfort_worker;
grant select, insert, delete on person_import_part to greenfort_app;
grant select, insert, delete on person_import_part to greenfort_worker;
grant select on person_import_progress to greenfort_app;
grant select, insert, update, delete on person_import_progress to greenfort_worker;
grant select, insert, update on person_import_mapping to greenfort_app;

alter table person add column insurance_key bytea;
comment on column person.insurance_key is 'Keyed hash of the ten digits of the health-insurance number';
create index person_insurance_key on person (insurance_key) where insurance_key is not null;
alter table household add column sheet_key bytea;
comment on column household.sheet_key is 'Keyed hash by which the next sheet finds the household: its number in the hamlet, its head, or its address';
create index household_sheet_key on household (sheet_key) where sheet_key is not null;

-- The worker sees everybody, except where a transaction binds itself to the area of whom it works for.
create function area_bound() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('greenfort.bound', true), '') = 'on' $$;
comment on function area_bound is 'True in transactions of the worker that may see no more than the area set for them';
create policy bound on person as restrictive to greenfort_worker
    using (not area_bound() or unit in (select area_units()));
create policy bound on household as restrictive to greenfort_worker
    using (not area_bound() or unit in (select area_units()));
