-- The house: what the worker needs to seal the audit trail, to remember first answers and to count without waste.

-- Entries not yet sealed. A queue, because a transaction may commit an entry long after later entries were sealed.
create table audit_pending (
    audit uuid primary key
);
comment on table audit_pending is 'Entries the sealer has not yet bound; filled by trigger in the transaction of the act';
comment on column audit_pending.audit is 'The entry';

create function audit_queued() returns trigger language plpgsql security definer set search_path = public as $$
begin
    insert into audit_pending select id from new_rows;
    return null;
end $$;
comment on function audit_queued is 'Queues entries for the sealer with the act itself';
create trigger audit_queued after insert on audit referencing new table as new_rows
    for each statement execute function audit_queued();
insert into audit_pending select id from audit;
grant select, insert, delete on audit_pending to greenfort_worker;
grant select on audit_pending to greenfort_app;

alter table audit_seal_entry add column leaf bytea not null check (length(leaf) = 32);
comment on column audit_seal_entry.leaf is 'Merkle leaf (SHA-256) of the entry when it was sealed: names the one entry that was changed';

-- Idempotency: a claim stands before the work begins, the answer is filled in after it.
alter table idempotency_key alter column status drop not null;
alter table idempotency_key alter column body drop not null;
alter table idempotency_key add constraint answered_whole check ((status is null) = (body is null));
comment on column idempotency_key.status is 'HTTP status of the first answer; null while the first request is being worked on, or if it was cut';
comment on column idempotency_key.body is 'Encrypted: headers and body of the first answer';
comment on column idempotency_key.created_at is 'When the first request arrived';
create index idempotency_key_key on idempotency_key (key);
grant update (status, body), delete on idempotency_key to greenfort_app;

-- Counting writes only what changed: re-encrypting a million people must not queue a million figure changes.
create or replace function person_counted() returns trigger language plpgsql security definer set search_path = public as $$
begin
    if tg_op = 'INSERT' then
        insert into register_figure_delta (unit, birth_year, sex, persons)
        select unit, birth_year, sex, count(*) from new_rows where removed is null group by 1, 2, 3;
        update household h set members = h.members + n.n
        from (select household, count(*) n from new_rows where removed is null and household is not null group by 1) n
        where h.id = n.household;
    elsif tg_op = 'DELETE' then
        insert into register_figure_delta (unit, birth_year, sex, persons)
        select unit, birth_year, sex, -count(*) from old_rows where removed is null group by 1, 2, 3;
        update household h set members = h.members - o.n
        from (select household, count(*) n from old_rows where removed is null and household is not null group by 1) o
        where h.id = o.household;
    else
        insert into register_figure_delta (unit, birth_year, sex, persons)
        select unit, birth_year, sex, sum(n) from (
            select unit, birth_year, sex, -1 as n from old_rows where removed is null
            union all select unit, birth_year, sex, 1 from new_rows where removed is null) c
        group by 1, 2, 3 having sum(n) <> 0;
        update household h set members = h.members + c.n
        from (select household, sum(n) as n from (
                select household, -1 as n from old_rows where removed is null
                union all select household, 1 from new_rows where removed is null) d
            where household is not null group by 1 having sum(n) <> 0) c
        where h.id = c.household;
    end if;
    return null;
end $$;
