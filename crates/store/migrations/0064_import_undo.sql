-- An import can be undone within some days: who came by which sheet, and what a sheet changed, as it was before.
alter table person add column import uuid;
comment on column person.import is 'Import that entered the person. No foreign key: to check a million rows one by one costs more than it tells';
create index person_by_import on person (import) where import is not null;
alter table household add column import uuid;
comment on column household.import is 'Import that made the household';
create index household_by_import on household (import) where import is not null;

create table person_import_change (
    id uuid primary key,
    import uuid not null references person_import on delete cascade,
    person uuid references person,
    household uuid references household,
    version int not null,
    sealed bytea,
    left_alone boolean not null default false,
    check (num_nonnulls(person, household) = 1)
);
comment on table person_import_change is 'What an import changed about people and households it found, as they were before; gone once it can no longer be undone';
comment on column person_import_change.id is 'Random id; binds the sealed bytes to their place';
comment on column person_import_change.import is 'The import';
comment on column person_import_change.person is 'Person it changed';
comment on column person_import_change.household is 'Household of which it changed the address';
comment on column person_import_change.version is 'Version of the record after the import: another one means that somebody touched it since';
comment on column person_import_change.sealed is 'Encrypted: the record as it was before; null once the import was undone';
comment on column person_import_change.left_alone is 'True: touched since, and therefore left as it was when the import was undone';
create index person_import_change_import on person_import_change (import, id);
create index person_import_change_person on person_import_change (person) where person is not null;

alter table person_import
    drop constraint person_import_status_check,
    add constraint person_import_status_check
        check (status in ('uploading', 'waiting', 'running', 'refused', 'applied', 'failed', 'undoing', 'undone')),
    add column put_back bigint,
    add column left_alone bigint,
    add column undone_at timestamptz;
comment on column person_import.status is 'uploading, waiting, running, refused (rows were wrong, nothing applied), applied, failed (the file cannot be read), undoing, undone';
comment on column person_import.put_back is 'People put back when it was undone: entered ones erased, changed ones as they were before';
comment on column person_import.left_alone is 'People left as they were when it was undone, because they were touched since';
comment on column person_import.undone_at is 'When it was undone';

-- People an import entered whom nobody touched since: no later change, event, dose, membership, swab, round or link.
create function untouched_of_import(which uuid) returns setof uuid
    language sql stable security definer set search_path = public as $$
    select p.id from person p
    where p.import = which and p.version = 1 and p.removed is null and p.unit in (select area_units())
      and not exists (select from person_event where person = p.id)
      and not exists (select from vaccination where person = p.id)
      and not exists (select from organisation_member where person = p.id)
      and not exists (select from resident_group_member where person = p.id)
      and not exists (select from resident_group where owner = p.id)
      and not exists (select from vehicle_driver where person = p.id)
      and not exists (select from restriction_target where person = p.id)
      and not exists (select from data_request where person = p.id)
      and not exists (select from account_person where person = p.id)
      and not exists (select from person_card where person = p.id)
      and not exists (select from round_subject where person = p.id)
      and not exists (select from specimen_donor where person = p.id)
      and not exists (select from represented_member where person = p.id)
      and not exists (select from visit where person = p.id)
$$;
comment on function untouched_of_import is 'Who of the running transaction''s area came by an import and was not touched since';
revoke execute on function untouched_of_import from public;
grant execute on function untouched_of_import to greenfort_worker;

alter table person_import_change enable row level security;
create policy area on person_import_change to greenfort_app
    using (exists (select from person p where p.id = person) or exists (select from household h where h.id = household));
create policy worker on person_import_change to greenfort_worker using (true);
grant select on person_import_change to greenfort_app;
grant select, insert, update, delete on person_import_change to greenfort_worker;

-- A person who asked that the record stand still may ask that it be kept up again.
alter table data_request
    drop constraint data_request_kind_check,
    add constraint data_request_kind_check check (kind in ('access', 'correct', 'restrict', 'resume', 'erase'));
comment on column data_request.kind is 'access: a copy; correct; restrict: keep, change nothing; resume: change again; erase';
