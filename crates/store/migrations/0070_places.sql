-- Roles over a place: an organisation and those that belong to it, or a laboratory, in place of an area.
alter table account_grant
    add organisation uuid references organisation,
    add laboratory uuid references laboratory,
    add check (num_nonnulls(unit, organisation, laboratory) <= 1);
comment on table account_grant is 'A role held over an area, an organisation or a laboratory for a time';
comment on column account_grant.unit is 'Root of the area; null where the role is held over a place or over linked persons';
comment on column account_grant.organisation is 'Organisation it is held over, with those that belong to it';
comment on column account_grant.laboratory is 'Laboratory it is held over';
create index account_grant_organisation on account_grant (organisation) where organisation is not null;
create index account_grant_laboratory on account_grant (laboratory) where laboratory is not null;
drop index account_grant_once;
create unique index account_grant_once on account_grant (account, role, unit, organisation, laboratory)
    nulls not distinct where ended_at is null;

create function unit_of_grant(held account_grant) returns int language sql stable parallel safe as $$
    select coalesce(held.unit, (select unit from organisation where id = held.organisation),
                    (select unit from laboratory where id = held.laboratory))
$$;
comment on function unit_of_grant is 'The unit a role is held over, or in which its organisation or laboratory lies';

create function own_organisations() returns uuid[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('greenfort.organisations', true), '')::uuid[], '{}') $$;
comment on function own_organisations is 'Organisations over which the running transaction holds a role; set by tx!';

create function own_laboratories() returns uuid[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('greenfort.laboratories', true), '')::uuid[], '{}') $$;
comment on function own_laboratories is 'Laboratories over which the running transaction holds a role; set by tx!';

create function organisations_in_sight() returns setof uuid language sql stable parallel safe as $$
    with recursive own (id) as (
        select unnest(own_organisations())
        union
        select o.id from organisation o join own on o.parent = own.id
    )
    select id from own
$$;
comment on function organisations_in_sight is 'Own organisations and those that belong to them, as the enterprises of a park';

-- Past the policies of organisation_member, which ask for the person: the two would go round in a circle.
create function people_of_own_organisations() returns setof uuid language sql stable security definer
    set search_path = public as $$
    select m.person from organisation_member m
    where m.organisation in (select organisations_in_sight())
      and area_date() between m.from_date and coalesce(m.to_date, 'infinity')
$$;
comment on function people_of_own_organisations is 'Who works today in an organisation in sight, wherever they live';
revoke execute on function people_of_own_organisations from public;
grant execute on function people_of_own_organisations to greenfort_app;

-- Read only: what changes a person is the business of the place where they live.
create policy organisation on person for select to greenfort_app
    using (id in (select people_of_own_organisations()));
