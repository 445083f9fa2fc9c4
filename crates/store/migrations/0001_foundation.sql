-- Roles (made by `Db::migrate` before this runs): greenfort_app serves requests, greenfort_worker runs jobs.
-- Neither owns a table; both get only what a migration grants.
grant usage on schema public to greenfort_app, greenfort_worker;
revoke create on schema public from public;

create function area_roots() returns int[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('greenfort.area', true), '')::int[], '{}') $$;
comment on function area_roots is 'Roots of the units whose people the running transaction may see; set by tx!';

create function area_date() returns date language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('greenfort.today', true), '')::date, '-infinity'::date) $$;
comment on function area_date is 'Date whose tree decides what lies in the area; set by tx! from the injected clock';

create function linked_persons() returns uuid[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('greenfort.persons', true), '')::uuid[], '{}') $$;
comment on function linked_persons is 'Persons linked to the signed-in citizen by account_person; set by tx!';

-- Units: a tree of any depth. A unit keeps its identity while its parents change: edges are dated, units are dated.
create table unit (
    id int primary key generated always as identity,
    code text not null check (code <> ''),
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    level text not null check (level in ('province', 'district', 'commune', 'hamlet')),
    kind text not null,
    name text not null,
    folded_name text not null,
    lon double precision,
    lat double precision,
    area_km2 double precision,
    unique (code, valid_from)
);
comment on table unit is 'Administrative unit; key (code, valid_from) because codes were re-used';
comment on column unit.id is 'Internal number';
comment on column unit.code is 'Official code of the statistics office; hamlets: commune code, dash, two digits';
comment on column unit.valid_from is 'First day the unit exists';
comment on column unit.valid_to is 'Last day the unit exists; null: still exists';
comment on column unit.level is 'Depth as a word: province, district, commune, hamlet';
comment on column unit.kind is 'Official type as people write it: Xã, Phường, Thị trấn, Huyện, Ấp, Khu phố …';
comment on column unit.name is 'Full official name with its type';
comment on column unit.folded_name is 'Name in lower case without diacritics, for search';
comment on column unit.lon is 'Longitude of a point inside, degrees WGS 84, approximate';
comment on column unit.lat is 'Latitude of a point inside, degrees WGS 84, approximate';
comment on column unit.area_km2 is 'Area in square kilometres';

create table unit_edge (
    child int not null references unit,
    parent int not null references unit,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    primary key (child, valid_from),
    check (child <> parent)
);
comment on table unit_edge is 'Which unit a unit belongs to, and when';
comment on column unit_edge.child is 'The lower unit';
comment on column unit_edge.parent is 'The unit directly above';
comment on column unit_edge.valid_from is 'First day of belonging';
comment on column unit_edge.valid_to is 'Last day of belonging; null: still belongs';
create index unit_edge_parent on unit_edge (parent);

create table unit_ancestor (
    descendant int not null references unit,
    ancestor int not null references unit,
    distance int not null check (distance >= 0),
    valid_from date not null,
    valid_to date not null,
    primary key (ancestor, descendant, valid_from)
);
comment on table unit_ancestor is 'Closure of unit_edge, rebuilt whenever edges change: answers "everything below" without recursion';
comment on column unit_ancestor.descendant is 'The lower unit; every unit is its own descendant at distance 0';
comment on column unit_ancestor.ancestor is 'The higher unit';
comment on column unit_ancestor.distance is 'Edges between the two';
comment on column unit_ancestor.valid_from is 'First day of the relation';
comment on column unit_ancestor.valid_to is 'Last day of the relation; infinity: still holds';
create index unit_ancestor_descendant on unit_ancestor (descendant, distance);

create table unit_succession (
    from_unit int not null references unit,
    to_unit int not null references unit,
    basis text not null,
    primary key (from_unit, to_unit)
);
comment on table unit_succession is 'Which unit took over from an abolished one; one old unit may split into several';
comment on column unit_succession.from_unit is 'The abolished unit';
comment on column unit_succession.to_unit is 'A unit that took over from it';
comment on column unit_succession.basis is 'Where this is known from';

create table unit_indicator (
    unit int not null references unit,
    indicator text not null,
    day date not null,
    value double precision not null,
    source text not null,
    primary key (unit, indicator, day)
);
comment on table unit_indicator is 'A figure about a unit that comes from outside: census, vaccination, beds, stock';
comment on column unit_indicator.unit is 'The unit';
comment on column unit_indicator.indicator is 'What is counted, e.g. census_persons';
comment on column unit_indicator.day is 'The day the figure is true for';
comment on column unit_indicator.value is 'The figure';
comment on column unit_indicator.source is 'Who published or typed it';

grant select on unit, unit_edge, unit_ancestor, unit_succession, unit_indicator to greenfort_app, greenfort_worker;

create function area_units() returns setof int language sql stable parallel safe as $$
    select descendant from unit_ancestor
    where ancestor = any (area_roots()) and area_date() between valid_from and valid_to
$$;
comment on function area_units is 'Units inside the running transaction''s area on its date';

-- Audit: written plainly with the act, sealed in batches afterwards.
create table audit (
    id uuid primary key,
    at timestamptz not null,
    actor uuid,
    actor_kind text not null check (actor_kind in ('account', 'citizen', 'worker', 'system')),
    action text not null check (action <> ''),
    object_kind text not null,
    object_id text not null,
    unit int references unit,
    detail jsonb not null default '{}'
);
comment on table audit is 'Append-only record of who did or read what; holds ids, never names';
comment on column audit.id is 'Id of the entry, time-ordered';
comment on column audit.at is 'When it happened';
comment on column audit.actor is 'Account that acted; null for the system itself';
comment on column audit.actor_kind is 'What kind of actor it was';
comment on column audit.action is 'What was done, as room.verb, e.g. registry.read_person';
comment on column audit.object_kind is 'What kind of thing it was done to';
comment on column audit.object_id is 'Id of that thing';
comment on column audit.unit is 'Unit the thing lies in, for reading by area';
comment on column audit.detail is 'Further facts without personal data';
create index audit_at on audit (at desc, id desc);
create index audit_object on audit (object_kind, object_id, at desc);
create index audit_actor on audit (actor, at desc);

create table audit_seal (
    seq bigint primary key check (seq > 0),
    sealed_at timestamptz not null,
    first_id uuid not null,
    last_id uuid not null,
    entries int not null check (entries > 0),
    root bytea not null check (length(root) = 32),
    chain bytea not null check (length(chain) = 32),
    signature bytea
);
comment on table audit_seal is 'Batches of audit entries bound by a Merkle root and chained; removing or changing an entry breaks the chain';
comment on column audit_seal.seq is 'Position in the chain, without gaps';
comment on column audit_seal.sealed_at is 'When the batch was sealed';
comment on column audit_seal.first_id is 'Smallest entry id in the batch';
comment on column audit_seal.last_id is 'Largest entry id in the batch';
comment on column audit_seal.entries is 'Entries in the batch';
comment on column audit_seal.root is 'Merkle root (SHA-256) over the entries in id order';
comment on column audit_seal.chain is 'SHA-256 of the previous chain value, seq and root';
comment on column audit_seal.signature is 'Keyed signature over chain; the latest of each hour carries one';

create table audit_seal_entry (
    audit uuid primary key references audit,
    seq bigint not null references audit_seal deferrable initially deferred
);
comment on table audit_seal_entry is 'Which seal covers an entry; an entry without a row here is not sealed yet';
comment on column audit_seal_entry.audit is 'The entry';
comment on column audit_seal_entry.seq is 'The seal';
create index audit_seal_entry_seq on audit_seal_entry (seq);

grant select, insert on audit to greenfort_app, greenfort_worker;
grant select on audit_seal, audit_seal_entry to greenfort_app;
grant select, insert on audit_seal, audit_seal_entry to greenfort_worker;

-- Jobs: side effects enqueued in the transaction that causes them.
create table job (
    id uuid primary key,
    kind text not null,
    unique_key text not null,
    payload jsonb not null default '{}',
    run_at timestamptz not null,
    attempts int not null default 0,
    leased_until timestamptz,
    finished_at timestamptz,
    failed_at timestamptz,
    last_error text,
    unique (kind, unique_key)
);
comment on table job is 'A side effect to be carried out once; idempotent by (kind, unique_key)';
comment on column job.id is 'Id of the job';
comment on column job.kind is 'Which handler runs it';
comment on column job.unique_key is 'What makes two requests for it the same job';
comment on column job.payload is 'Ids the handler needs; no personal data';
comment on column job.run_at is 'Not before';
comment on column job.attempts is 'Times it was started';
comment on column job.leased_until is 'A worker holds it until then';
comment on column job.finished_at is 'When it succeeded';
comment on column job.failed_at is 'When it was given up; an operator can set it back';
comment on column job.last_error is 'Why the last attempt failed';
create index job_due on job (run_at) where finished_at is null and failed_at is null;
grant select, insert on job to greenfort_app;
grant select, insert, update on job to greenfort_worker;

-- Idempotency: a phone that repeats a write gets the first answer.
create table idempotency_key (
    actor text not null,
    key uuid not null,
    request_hash bytea not null,
    status int not null,
    body bytea not null,
    created_at timestamptz not null,
    primary key (actor, key)
);
comment on table idempotency_key is 'First answer to each repeatable write, kept for 7 days';
comment on column idempotency_key.actor is 'Account or device that wrote';
comment on column idempotency_key.key is 'Idempotency-Key header';
comment on column idempotency_key.request_hash is 'SHA-256 of method, path and body: the same key with another request is refused';
comment on column idempotency_key.status is 'HTTP status of the first answer';
comment on column idempotency_key.body is 'Body of the first answer, encrypted';
comment on column idempotency_key.created_at is 'When it was answered';
create index idempotency_key_age on idempotency_key (created_at);
grant select, insert on idempotency_key to greenfort_app;
grant select, delete on idempotency_key to greenfort_worker;

-- Loads in progress: what the banner on every page shows.
create table load_progress (
    id text primary key,
    step text not null,
    done bigint not null,
    total bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz
);
comment on table load_progress is 'Long loads: what is being done and how far it is';
comment on column load_progress.id is 'Which load, e.g. demo-province';
comment on column load_progress.step is 'What is being loaded now';
comment on column load_progress.done is 'Finished so far in this step';
comment on column load_progress.total is 'To do in this step';
comment on column load_progress.started_at is 'When the load began';
comment on column load_progress.finished_at is 'When it was complete; null: still running or cut';
grant select on load_progress to greenfort_app, greenfort_worker;
