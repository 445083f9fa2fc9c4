-- Organisations, groups and vehicles kept by hand: versions against lost updates, parts with their days, names that are
-- found without diacritics, plates that are one however they are written.
alter table organisation
    add version int not null default 1,
    add tax_code text check (tax_code ~ '^[0-9]{10}(-[0-9]{3})?$'),
    add address text check (length(address) between 1 and 200),
    add ended_on date;
comment on column organisation.version is 'Counts changes; the entity tag of the record. Kept by trigger';
comment on column organisation.tax_code is 'Tax code: ten digits, a branch with three more';
comment on column organisation.address is 'Public address';
comment on column organisation.ended_on is 'Last day of work, as told';
create unique index organisation_tax_code on organisation (tax_code) where tax_code is not null and ended_at is null;
create index organisation_name on organisation (folded_name, id);
create trigger organisation_version before update on organisation for each row execute function count_version();

alter table organisation_part
    add kind text not null default 'workshop' check (kind in ('shift', 'workshop')),
    add from_date date,
    add to_date date check (to_date >= from_date);
comment on column organisation_part.kind is 'shift or workshop';
comment on column organisation_part.from_date is 'First day; null: as long as the organisation';
comment on column organisation_part.to_date is 'Last day; null: still there';

alter table resident_group
    add version int not null default 1,
    add folded_name text not null default '',
    add ended_on date;
comment on column resident_group.version is 'Counts changes; the entity tag of the record. Kept by trigger';
comment on column resident_group.folded_name is 'Name in lower case without diacritics, for search';
comment on column resident_group.ended_on is 'Last day, as told';
update resident_group set folded_name = lower(translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dd'));
create index resident_group_name on resident_group (folded_name, id);
create index resident_group_organisation on resident_group (organisation) where organisation is not null;
create trigger resident_group_version before update on resident_group for each row execute function count_version();

alter table vehicle
    add version int not null default 1,
    add plate_key text not null generated always as (regexp_replace(plate, '[^A-Z0-9]', '', 'g')) stored,
    add ended_on date;
comment on column vehicle.version is 'Counts changes; the entity tag of the record. Kept by trigger';
comment on column vehicle.plate_key is 'Letters and digits of the plate: one plate however its points and dashes are written';
comment on column vehicle.ended_on is 'Last day, as told';
-- A plate may come back to the register once its vehicle has left it.
alter table vehicle drop constraint vehicle_plate_key;
create unique index vehicle_plate on vehicle (plate_key) where ended_at is null;
create index vehicle_organisation on vehicle (organisation) where organisation is not null;
create index vehicle_unit on vehicle (unit);
create trigger vehicle_version before update on vehicle for each row execute function count_version();

-- Whose days belong to what: one shape for the three lists of members. The rows seen are those of the tables under it.
create view membership with (security_invoker = true) as
    select organisation as body, person, part, role, from_date, to_date from organisation_member
    union all select resident_group, person, null, 'member', from_date, to_date from resident_group_member
    union all select vehicle, person, null, 'driver', from_date, to_date from vehicle_driver;
comment on view membership is 'Members of organisations and groups, drivers of vehicles';
grant select on membership to greenfort_app, greenfort_worker;

-- Organisations, groups and vehicles are public things; who may keep them is who keeps the place they lie in.
create function area_organisations() returns setof uuid language sql stable parallel safe as $$
    select id from organisation where unit in (select area_units())
$$;
comment on function area_organisations is 'Organisations of the running transaction''s area';

-- How many belong, wherever they live: a count, never a name.
create function count_members(bodies uuid[]) returns table (body uuid, part uuid, members bigint)
    language sql stable security definer set search_path = public as $$
    select m.body, m.part, count(distinct m.person)
    from (select organisation as body, part, person, from_date, to_date from organisation_member where organisation = any (bodies)
          union all select resident_group, null, person, from_date, to_date from resident_group_member where resident_group = any (bodies)
          union all select vehicle, null, person, from_date, to_date from vehicle_driver where vehicle = any (bodies)) m
    join person p on p.id = m.person and p.removed is null
    where m.from_date <= area_date() and (m.to_date is null or m.to_date >= area_date())
    group by 1, 2
$$;
comment on function count_members is 'Present members of bodies by part, also those who live beyond the area';
revoke execute on function count_members from public;
grant execute on function count_members to greenfort_app, greenfort_worker;

-- Days on which members came and went, counted wherever they live.
create function count_member_days(body uuid) returns table (day date, joined bigint, gone bigint)
    language sql stable security definer set search_path = public as $$
    select d.day, sum(d.joined)::bigint, sum(d.gone)::bigint
    from (select from_date, to_date from organisation_member where organisation = body
          union all select from_date, to_date from resident_group_member where resident_group = body
          union all select from_date, to_date from vehicle_driver where vehicle = body) m
    cross join lateral (values (m.from_date, 1, 0), (m.to_date, 0, 1)) d (day, joined, gone)
    where d.day is not null
    group by 1
$$;
comment on function count_member_days is 'How many joined and left a body by day';
revoke execute on function count_member_days from public;
grant execute on function count_member_days to greenfort_app, greenfort_worker;

-- What ends takes its members with it, also those beyond the area, whom row security would pass over.
create function end_members(body uuid, last_day date) returns void
    language plpgsql security definer set search_path = public as $$
begin
    if not exists (select from (select id, unit from organisation union all select id, unit from resident_group
                                union all select id, unit from vehicle) b
                   where b.id = body and b.unit in (select area_units())) then
        return;
    end if;
    update organisation_member set to_date = greatest(last_day, from_date)
    where organisation = body and (to_date is null or to_date > greatest(last_day, from_date));
    update resident_group_member set to_date = greatest(last_day, from_date)
    where resident_group = body and (to_date is null or to_date > greatest(last_day, from_date));
    update vehicle_driver set to_date = greatest(last_day, from_date)
    where vehicle = body and (to_date is null or to_date > greatest(last_day, from_date));
end $$;
comment on function end_members is 'Ends the membership of everybody in an organisation, group or vehicle of the area';
revoke execute on function end_members from public;
grant execute on function end_members to greenfort_app;

-- A shift that ends leaves its people in the organisation, from the next day on without a part.
create function end_part(ended uuid, last_day date) returns void
    language plpgsql security definer set search_path = public as $$
begin
    if not exists (select from organisation_part p join organisation o on o.id = p.organisation
                   where p.id = ended and o.unit in (select area_units())) then
        return;
    end if;
    update organisation_member set part = null where part = ended and from_date > last_day;
    with closed as (
        update organisation_member m set to_date = last_day
        from (select organisation, person, from_date, to_date from organisation_member where part = ended) old
        where m.part = ended and (m.to_date is null or m.to_date > last_day)
          and (old.organisation, old.person, old.from_date) = (m.organisation, m.person, m.from_date)
        returning m.organisation, m.person, m.role, old.to_date)
    insert into organisation_member (organisation, person, part, role, from_date, to_date)
    select organisation, person, null, role, last_day + 1, to_date from closed;
end $$;
comment on function end_part is 'Takes everybody out of a part of an organisation of the area from the day after its last';
revoke execute on function end_part from public;
grant execute on function end_part to greenfort_app;
