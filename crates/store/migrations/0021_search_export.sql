-- Search past row-level security, which would keep the planner from the index of names: an operator on arrays is not
-- leakproof. The function itself looks only inside the area, and gives back ids that the caller's policies check again.
create function people_named(keys bigint[], in_unit int, born smallint, most int) returns setof uuid
    language plpgsql stable security definer set search_path = public as $$
declare
    units int[];
begin
    if in_unit is null then
        units := array(select area_units());
    else
        units := array(select a.descendant from unit_ancestor a
                       where a.ancestor = in_unit and area_date() between a.valid_from and a.valid_to
                         and a.descendant in (select area_units()));
    end if;
    -- Planned with the values: whether the names or the units narrow more differs from search to search.
    if cardinality(units) > 200 then
        return query execute 'select id from person where name_keys @> $1 and removed is null and (unit + 0) = any ($2)
                              and ($3 is null or birth_year = $3) limit $4' using keys, units, born, most;
    else
        return query execute 'select id from person where name_keys @> $1 and removed is null and unit = any ($2)
                              and ($3 is null or birth_year = $3) limit $4' using keys, units, born, most;
    end if;
end $$;
comment on function people_named is 'Ids of people of the running transaction''s area whose name has all these keyed words';
revoke execute on function people_named from public;
grant execute on function people_named to greenfort_app, greenfort_worker;

-- People on their way out: written by a job, kept sealed for a day.
create table person_export (
    id uuid primary key,
    account uuid not null references account,
    unit int not null references unit,
    area int[] not null,
    language text not null check (language in ('vi', 'en')),
    format text not null check (format in ('csv', 'xlsx')),
    purpose text not null check (purpose in ('sampling_list', 'vaccination', 'report', 'handover', 'other')),
    full_numbers boolean not null,
    status text not null check (status in ('waiting', 'running', 'ready', 'failed')),
    people bigint not null default 0 check (people >= 0),
    bytes bigint,
    sha256 bytea check (length(sha256) = 32),
    created_at timestamptz not null,
    finished_at timestamptz,
    expires_at timestamptz,
    check ((status = 'ready') = (sha256 is not null and bytes is not null and expires_at is not null))
);
comment on table person_export is 'A list of people taken out of the register: by whom, what for, how many, until when';
comment on column person_export.id is 'Id of the export; its first eight signs stand on every row as the watermark';
comment on column person_export.account is 'Who exports; nobody else may fetch it';
comment on column person_export.unit is 'Unit whose people are listed';
comment on column person_export.area is 'Roots of the area that account may see, when it was asked for: nobody outside is listed';
comment on column person_export.language is 'Language of the headings';
comment on column person_export.format is 'csv or xlsx';
comment on column person_export.purpose is 'What for, chosen by the account';
comment on column person_export.full_numbers is 'True: ID, insurance and phone numbers whole; otherwise masked';
comment on column person_export.status is 'waiting, running, ready, failed';
comment on column person_export.people is 'People written so far, at the end all';
comment on column person_export.bytes is 'Size of the file';
comment on column person_export.sha256 is 'Hash of the file';
comment on column person_export.created_at is 'When it was asked for';
comment on column person_export.finished_at is 'When the file was ready';
comment on column person_export.expires_at is 'When the file is destroyed';
create index person_export_account on person_export (account, created_at desc, id desc);

create table person_export_part (
    id uuid primary key,
    export uuid not null references person_export on delete cascade,
    number int not null check (number >= 0),
    sealed bytea not null,
    unique (export, number)
);
comment on table person_export_part is 'Pieces of an exported file until it expires';
comment on column person_export_part.id is 'Random id; binds the sealed bytes to their place';
comment on column person_export_part.export is 'The export';
comment on column person_export_part.number is 'Place in the file, from 0';
comment on column person_export_part.sealed is 'Encrypted: bytes of the file';
alter table person_export_part alter column sealed set storage external;

grant select, insert on person_export to greenfort_app;
grant select, update on person_export to greenfort_worker;
grant select on person_export_part to greenfort_app;
grant select, insert, delete on person_export_part to greenfort_worker;
