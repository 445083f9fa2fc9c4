-- The register: households, people, organisations, groups, vehicles. Personal data stand sealed (AEAD) in one column a row.
create table household (
    id uuid primary key,
    unit int not null references unit,
    walk_order int not null,
    sealed bytea,
    members int not null default 0 check (members >= 0),
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table household is 'People who live together';
comment on column household.id is 'Id of the household';
comment on column household.unit is 'Hamlet it lives in';
comment on column household.walk_order is 'Place on the walking route of its hamlet';
comment on column household.sealed is 'Encrypted: address; null once erased';
comment on column household.members is 'Present members; kept by trigger on person';
comment on column household.created_at is 'When it was registered';
comment on column household.ended_at is 'When it was dissolved';
create index household_unit on household (unit, walk_order);

create table person (
    id uuid primary key,
    unit int not null references unit,
    household uuid references household,
    birth_year smallint not null check (birth_year between 1880 and 2200),
    sex text not null check (sex in ('male', 'female')),
    relation text not null default 'member',
    vaccine_doses smallint not null default 0 check (vaccine_doses between 0 and 9),
    exposure text not null default 'none',
    sealed bytea,
    name_keys bigint[] not null default '{}',
    id_key bytea,
    id_tail_key bytea,
    phone_key bytea,
    removed text check (removed in ('moved', 'died', 'merged', 'erased')),
    removed_on date,
    created_at timestamptz not null,
    check ((removed is null) = (removed_on is null))
);
comment on table person is 'A resident or visitor; never identified by phone or by name and birth year';
comment on column person.id is 'Random id, safe to log';
comment on column person.unit is 'Hamlet of residence';
comment on column person.household is 'Household; null for people living in institutions';
comment on column person.birth_year is 'Year of birth, in clear for figures';
comment on column person.sex is 'male or female as registered';
comment on column person.relation is 'Relation to the head: head, spouse, child, parent, lodger, member …';
comment on column person.vaccine_doses is 'Doses received';
comment on column person.exposure is 'Exposure class: none, trader, driver, worker, health_worker';
comment on column person.sealed is 'Encrypted: name, day and month of birth, ID numbers, phone, address; null once erased';
comment on column person.name_keys is 'Keyed hashes of the folded words of the name and of their prefixes';
comment on column person.id_key is 'Keyed hash of the ID number';
comment on column person.id_tail_key is 'Keyed hash of the last four characters of the ID number';
comment on column person.phone_key is 'Keyed hash of the phone number: finds an addressee, authorises nothing';
comment on column person.removed is 'Why the person no longer counts';
comment on column person.removed_on is 'Since when';
comment on column person.created_at is 'When registered';
create index person_unit on person (unit, id);
create index person_household on person (household);
create index person_name_keys on person using gin (name_keys);
create index person_id_key on person (id_key) where id_key is not null;
create index person_id_tail on person (id_tail_key) where id_tail_key is not null;
create index person_phone on person (phone_key) where phone_key is not null;

create table organisation (
    id uuid primary key,
    parent uuid references organisation,
    unit int not null references unit,
    kind text not null check (kind in ('park', 'enterprise', 'market', 'agency', 'household_business', 'carrier')),
    name text not null,
    folded_name text not null,
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table organisation is 'Enterprise, market, agency, household business, carrier; an industrial park is the parent of its enterprises';
comment on column organisation.id is 'Id of the organisation';
comment on column organisation.parent is 'Park or owner it belongs to';
comment on column organisation.unit is 'Hamlet or commune it lies in';
comment on column organisation.kind is 'What it is';
comment on column organisation.name is 'Public name';
comment on column organisation.folded_name is 'Name in lower case without diacritics, for search';
comment on column organisation.created_at is 'When registered';
comment on column organisation.ended_at is 'When it closed for good';
create index organisation_unit on organisation (unit);
create index organisation_parent on organisation (parent);

create table organisation_part (
    id uuid primary key,
    organisation uuid not null references organisation,
    name text not null
);
comment on table organisation_part is 'Shift or workshop of an organisation';
comment on column organisation_part.id is 'Id of the part';
comment on column organisation_part.organisation is 'The organisation';
comment on column organisation_part.name is 'Its name';
create index organisation_part_of on organisation_part (organisation);

create table organisation_member (
    organisation uuid not null references organisation,
    person uuid not null references person,
    part uuid references organisation_part,
    role text not null default 'worker',
    from_date date not null,
    to_date date check (to_date >= from_date),
    primary key (organisation, person, from_date)
);
comment on table organisation_member is 'Who works where, and when';
comment on column organisation_member.organisation is 'The organisation';
comment on column organisation_member.person is 'The person';
comment on column organisation_member.part is 'Shift or workshop';
comment on column organisation_member.role is 'worker, manager, trader, driver …';
comment on column organisation_member.from_date is 'First day';
comment on column organisation_member.to_date is 'Last day; null: still there';
create index organisation_member_person on organisation_member (person);

create table resident_group (
    id uuid primary key,
    unit int not null references unit,
    organisation uuid references organisation,
    kind text not null check (kind in ('block', 'boarding_row', 'market_traders', 'shift', 'other')),
    name text not null,
    owner uuid references person,
    sample_share real not null default 1 check (sample_share > 0 and sample_share <= 1),
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table resident_group is 'Nhóm cư dân: people sampled together, of whom a share stands for all';
comment on column resident_group.id is 'Id of the group';
comment on column resident_group.unit is 'Hamlet or commune it lies in';
comment on column resident_group.organisation is 'Organisation it belongs to, e.g. the market of the traders';
comment on column resident_group.kind is 'What kind of group';
comment on column resident_group.name is 'Its name';
comment on column resident_group.owner is 'Person who answers for the list';
comment on column resident_group.sample_share is 'Share of members to be sampled each round';
comment on column resident_group.created_at is 'When registered';
comment on column resident_group.ended_at is 'When dissolved';
create index resident_group_unit on resident_group (unit);

create table resident_group_member (
    resident_group uuid not null references resident_group,
    person uuid not null references person,
    from_date date not null,
    to_date date check (to_date >= from_date),
    primary key (resident_group, person, from_date)
);
comment on table resident_group_member is 'Who belongs to a group, and when';
comment on column resident_group_member.resident_group is 'The group';
comment on column resident_group_member.person is 'The member';
comment on column resident_group_member.from_date is 'First day';
comment on column resident_group_member.to_date is 'Last day; null: still there';
create index resident_group_member_person on resident_group_member (person);

create table vehicle (
    id uuid primary key,
    organisation uuid references organisation,
    unit int not null references unit,
    plate text not null unique,
    kind text not null,
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table vehicle is 'A vehicle with its plate; evidence for its pass are its drivers';
comment on column vehicle.id is 'Id of the vehicle';
comment on column vehicle.organisation is 'Carrier it belongs to';
comment on column vehicle.unit is 'Unit it is registered in';
comment on column vehicle.plate is 'Number plate, upper case';
comment on column vehicle.kind is 'truck, boat, van …';
comment on column vehicle.created_at is 'When registered';
comment on column vehicle.ended_at is 'When taken off the register';

create table vehicle_driver (
    vehicle uuid not null references vehicle,
    person uuid not null references person,
    from_date date not null,
    to_date date check (to_date >= from_date),
    primary key (vehicle, person, from_date)
);
comment on table vehicle_driver is 'Named drivers of a vehicle';
comment on column vehicle_driver.vehicle is 'The vehicle';
comment on column vehicle_driver.person is 'The driver';
comment on column vehicle_driver.from_date is 'First day';
comment on column vehicle_driver.to_date is 'Last day; null: still drives';

-- Figures of the register: kept with the fact by statement triggers, folded by the worker, summed over the tree on reading.
create table register_figure (
    unit int not null references unit,
    birth_year smallint not null,
    sex text not null,
    persons bigint not null,
    primary key (unit, birth_year, sex)
);
comment on table register_figure is 'Registered persons by hamlet, year of birth and sex, folded';
comment on column register_figure.unit is 'Hamlet';
comment on column register_figure.birth_year is 'Year of birth';
comment on column register_figure.sex is 'Sex';
comment on column register_figure.persons is 'Persons present';

create table register_figure_delta (
    id bigint primary key generated always as identity,
    unit int not null references unit,
    birth_year smallint not null,
    sex text not null,
    persons bigint not null
);
comment on table register_figure_delta is 'Changes to register_figure not yet folded: writers append instead of queueing on one row';
comment on column register_figure_delta.id is 'Order of arrival';
comment on column register_figure_delta.unit is 'Hamlet';
comment on column register_figure_delta.birth_year is 'Year of birth';
comment on column register_figure_delta.sex is 'Sex';
comment on column register_figure_delta.persons is 'Change in persons present';

create function person_counted() returns trigger language plpgsql security definer set search_path = public as $$
begin
    if tg_op in ('DELETE', 'UPDATE') then
        insert into register_figure_delta (unit, birth_year, sex, persons)
        select unit, birth_year, sex, -count(*) from old_rows where removed is null group by 1, 2, 3;
        update household h set members = h.members - o.n
        from (select household, count(*) n from old_rows where removed is null and household is not null group by 1) o
        where h.id = o.household;
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        insert into register_figure_delta (unit, birth_year, sex, persons)
        select unit, birth_year, sex, count(*) from new_rows where removed is null group by 1, 2, 3;
        update household h set members = h.members + n.n
        from (select household, count(*) n from new_rows where removed is null and household is not null group by 1) n
        where h.id = n.household;
    end if;
    return null;
end $$;
comment on function person_counted is 'Keeps register figures and household sizes with the fact, one set per statement';
create trigger person_counted_insert after insert on person referencing new table as new_rows
    for each statement execute function person_counted();
create trigger person_counted_update after update on person referencing old table as old_rows new table as new_rows
    for each statement execute function person_counted();
create trigger person_counted_delete after delete on person referencing old table as old_rows
    for each statement execute function person_counted();

create table household_figure (
    unit int not null references unit,
    members int not null,
    households bigint not null,
    primary key (unit, members)
);
comment on table household_figure is 'Registered households by hamlet and number of members, folded';
comment on column household_figure.unit is 'Hamlet';
comment on column household_figure.members is 'Present members of a household';
comment on column household_figure.households is 'Households of that size';

create table household_figure_delta (
    id bigint primary key generated always as identity,
    unit int not null references unit,
    members int not null,
    households bigint not null
);
comment on table household_figure_delta is 'Changes to household_figure not yet folded';
comment on column household_figure_delta.id is 'Order of arrival';
comment on column household_figure_delta.unit is 'Hamlet';
comment on column household_figure_delta.members is 'Present members of a household';
comment on column household_figure_delta.households is 'Change in households of that size';

create function household_counted() returns trigger language plpgsql security definer set search_path = public as $$
begin
    if tg_op in ('DELETE', 'UPDATE') then
        insert into household_figure_delta (unit, members, households)
        select unit, members, -count(*) from old_rows where ended_at is null group by 1, 2;
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        insert into household_figure_delta (unit, members, households)
        select unit, members, count(*) from new_rows where ended_at is null group by 1, 2;
    end if;
    return null;
end $$;
comment on function household_counted is 'Keeps household figures with the fact, one set per statement';
create trigger household_counted_insert after insert on household referencing new table as new_rows
    for each statement execute function household_counted();
create trigger household_counted_update after update on household referencing old table as old_rows new table as new_rows
    for each statement execute function household_counted();
create trigger household_counted_delete after delete on household referencing old table as old_rows
    for each statement execute function household_counted();

-- Who may see what. The owner (migrations, bulk loads) is not subject to these; app and worker are.
alter table person enable row level security;
alter table household enable row level security;
alter table organisation_member enable row level security;
alter table resident_group_member enable row level security;
alter table vehicle_driver enable row level security;

create policy area on person to greenfort_app
    using (unit in (select area_units()) or id = any (linked_persons()));
create policy area on household to greenfort_app
    using (unit in (select area_units())
        or exists (select from person p where p.household = household.id and p.id = any (linked_persons())));
create policy area on organisation_member to greenfort_app
    using (exists (select from person p where p.id = person));
create policy area on resident_group_member to greenfort_app
    using (exists (select from person p where p.id = person));
create policy area on vehicle_driver to greenfort_app
    using (exists (select from person p where p.id = person));
create policy worker on person to greenfort_worker using (true);
create policy worker on household to greenfort_worker using (true);
create policy worker on organisation_member to greenfort_worker using (true);
create policy worker on resident_group_member to greenfort_worker using (true);
create policy worker on vehicle_driver to greenfort_worker using (true);

grant select, insert, update on person, household, organisation, organisation_part, organisation_member,
    resident_group, resident_group_member, vehicle, vehicle_driver to greenfort_app, greenfort_worker;
grant select on register_figure, register_figure_delta, household_figure, household_figure_delta to greenfort_app;
grant select, insert, update, delete on register_figure, register_figure_delta, household_figure,
    household_figure_delta to greenfort_worker;
