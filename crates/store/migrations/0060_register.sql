-- The register as it is kept by hand: versions against lost updates, what happened to a person and when, vaccinations,
-- codes for people without papers, restrictions.
alter table person
    add version int not null default 1,
    add code text unique;
comment on column person.version is 'Counts changes; the entity tag of the record. Kept by trigger';
comment on column person.code is 'Code the commune made for a person without papers, with check digit; says nothing of the person';
alter table household add version int not null default 1;
comment on column household.version is 'Counts changes of the record itself, not of its members; the entity tag. Kept by trigger';

create function count_version() returns trigger language plpgsql as $$
begin
    new.version := old.version + 1;
    return new;
end $$;
comment on function count_version is 'Counts every change of a record, whoever makes it';
create trigger person_version before update on person for each row execute function count_version();
create trigger household_version before update of unit, walk_order, sealed, ended_at on household
    for each row execute function count_version();

create table person_event (
    id uuid primary key,
    person uuid not null references person,
    kind text not null check (kind in ('registered', 'born', 'arrived', 'joined', 'moved', 'moved_away', 'died', 'returned',
        'head', 'corrected', 'merged', 'unmerged', 'erased')),
    on_date date not null,
    from_unit int references unit,
    from_household uuid references household,
    to_unit int references unit,
    to_household uuid references household,
    detail jsonb not null default '{}',
    at timestamptz not null,
    by uuid references account
);
comment on table person_event is 'Append-only: what happened to a person in the register; the current state stands in person';
comment on column person_event.id is 'Id of the event, time-ordered';
comment on column person_event.person is 'The person';
comment on column person_event.kind is 'registered, born, arrived (from elsewhere), joined (a household), moved, moved_away, died, returned, head (of the household), corrected, merged, unmerged, erased';
comment on column person_event.on_date is 'Day it happened, as told';
comment on column person_event.from_unit is 'Hamlet lived in before';
comment on column person_event.from_household is 'Household lived in before';
comment on column person_event.to_unit is 'Hamlet lived in since';
comment on column person_event.to_household is 'Household lived in since';
comment on column person_event.detail is 'Names of the fields changed and the like; never a value';
comment on column person_event.at is 'When it was entered';
comment on column person_event.by is 'Account that entered it';
create index person_event_person on person_event (person, on_date);
create index person_event_left on person_event (from_household) where from_household is not null;

create table vaccination (
    person uuid not null references person,
    dose smallint not null check (dose between 1 and 9),
    given_on date not null,
    product text not null check (length(product) between 1 and 80),
    at timestamptz not null,
    by uuid references account,
    primary key (person, dose)
);
comment on table vaccination is 'Doses with their day; person.vaccine_doses also counts doses known without one';
comment on column vaccination.person is 'Who was vaccinated';
comment on column vaccination.dose is 'Which dose, from 1';
comment on column vaccination.given_on is 'Day it was given';
comment on column vaccination.product is 'Vaccine as written on the card';
comment on column vaccination.at is 'When it was entered';
comment on column vaccination.by is 'Account that entered it';

create table person_code_serial (
    commune int primary key references unit,
    last int not null check (last > 0)
);
comment on table person_code_serial is 'Last number used in the codes a commune makes for people without papers';
comment on column person_code_serial.commune is 'The commune';
comment on column person_code_serial.last is 'Last number used';

-- Restrictions: isolation of a case, quarantine of a contact, lockdown of a place or a list of households, hold.
create table restriction (
    id uuid primary key,
    unit int not null references unit,
    kind text not null check (kind in ('isolation', 'quarantine', 'lockdown', 'hold')),
    starts_at timestamptz not null,
    ends_at timestamptz,
    document text not null check (length(document) between 1 and 200),
    signer text not null check (length(signer) between 1 and 100),
    at timestamptz not null,
    by uuid references account,
    lifted_by uuid references account,
    check (ends_at is null or ends_at >= starts_at)
);
comment on table restriction is 'A decision that somebody, a household, a part of an organisation or a place stays apart';
comment on column restriction.id is 'Id of the restriction';
comment on column restriction.unit is 'Unit whose authorities keep it';
comment on column restriction.kind is 'isolation (F0), quarantine (F1), lockdown (place), hold (after a positive rapid test)';
comment on column restriction.starts_at is 'From when';
comment on column restriction.ends_at is 'Until when; null: until it is lifted';
comment on column restriction.document is 'Number of the decision';
comment on column restriction.signer is 'Who signed it, with office';
comment on column restriction.at is 'When it was entered';
comment on column restriction.by is 'Account that entered it';
comment on column restriction.lifted_by is 'Account that ended it before its time';
create index restriction_unit on restriction (unit, starts_at desc);

create table restriction_target (
    restriction uuid not null references restriction,
    person uuid references person,
    household uuid references household,
    part uuid references organisation_part,
    place int references unit,
    check (num_nonnulls(person, household, part, place) = 1)
);
comment on table restriction_target is 'Whom a restriction holds; a lockdown may list households';
comment on column restriction_target.restriction is 'The restriction';
comment on column restriction_target.person is 'One person';
comment on column restriction_target.household is 'Everybody of a household';
comment on column restriction_target.part is 'Everybody of a shift or workshop';
comment on column restriction_target.place is 'Everybody living in a unit';
create unique index restriction_target_once on restriction_target (restriction, person, household, part, place)
    nulls not distinct;
create index restriction_target_person on restriction_target (person) where person is not null;
create index restriction_target_household on restriction_target (household) where household is not null;
create index restriction_target_part on restriction_target (part) where part is not null;
create index restriction_target_place on restriction_target (place) where place is not null;

-- Moving somebody to another commune ends what the mover may see: row security would refuse the new row. This takes
-- only people of the caller's own area, and is the one way across the border.
create function move_person(who uuid, to_unit int, to_household uuid, new_relation text) returns boolean
    language plpgsql security definer set search_path = public as $$
begin
    update person set unit = to_unit, household = to_household, relation = new_relation
    where id = who and removed is null and unit in (select area_units())
      and (to_household is null or exists (select from household h where h.id = to_household and h.unit = to_unit));
    return found;
end $$;
comment on function move_person is 'Moves a person of the running transaction''s area to any hamlet';
revoke execute on function move_person from public;
grant execute on function move_person to greenfort_app;

alter table person_event enable row level security;
alter table vaccination enable row level security;
alter table restriction enable row level security;
alter table restriction_target enable row level security;
create policy area on person_event to greenfort_app using (exists (select from person p where p.id = person));
create policy area on vaccination to greenfort_app using (exists (select from person p where p.id = person));
create policy area on restriction_target to greenfort_app
    using (case when person is not null then exists (select from person p where p.id = person)
                when household is not null then exists (select from household h where h.id = household)
                else true end);
-- A citizen sees the decision that holds him.
create policy area on restriction to greenfort_app
    using (unit in (select area_units())
        or exists (select from restriction_target t
                   where t.restriction = restriction.id and (t.person is not null or t.household is not null)));
create policy worker on person_event to greenfort_worker using (true);
create policy worker on vaccination to greenfort_worker using (true);
create policy worker on restriction to greenfort_worker using (true);
create policy worker on restriction_target to greenfort_worker using (true);

grant select, insert on person_event to greenfort_app, greenfort_worker;
grant select, insert, update, delete on vaccination to greenfort_app;
grant select on vaccination to greenfort_worker;
grant select, insert, update on person_code_serial to greenfort_app, greenfort_worker;
grant select, insert, update on restriction to greenfort_app, greenfort_worker;
grant select, insert on restriction_target to greenfort_app, greenfort_worker;
