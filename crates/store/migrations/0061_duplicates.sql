-- Records that may be one person, what was decided about them, and merges that can be undone.
alter table person add merged_into uuid references person;
comment on column person.merged_into is 'The record that stands for this one since a merge';
create index person_merged_into on person (merged_into) where merged_into is not null;
alter table person add constraint person_merged check ((removed is not distinct from 'merged') = (merged_into is not null)) not valid;

create table duplicate_search (
    id uuid primary key,
    unit int not null references unit,
    requested_by uuid references account,
    requested_at timestamptz not null,
    finished_at timestamptz,
    compared bigint,
    found bigint
);
comment on table duplicate_search is 'Searches for records that may be one person';
comment on column duplicate_search.id is 'Id of the search';
comment on column duplicate_search.unit is 'Unit in which both records live';
comment on column duplicate_search.requested_by is 'Who asked for it';
comment on column duplicate_search.requested_at is 'When';
comment on column duplicate_search.finished_at is 'When it was done';
comment on column duplicate_search.compared is 'Pairs that shared a blocking key';
comment on column duplicate_search.found is 'Pairs at or above the threshold';
create index duplicate_search_unit on duplicate_search (unit, requested_at desc);

create table duplicate_candidate (
    a uuid not null references person,
    b uuid not null references person,
    score smallint not null,
    evidence text[] not null,
    found_at timestamptz not null,
    decided text check (decided in ('apart', 'merged')),
    decided_by uuid references account,
    decided_at timestamptz,
    primary key (a, b),
    check (a < b),
    check ((decided is null) = (decided_at is null))
);
comment on table duplicate_candidate is 'Pairs of records that may be one person; a decision is kept, so that nobody is asked twice';
comment on column duplicate_candidate.a is 'The one record';
comment on column duplicate_candidate.b is 'The other; the greater id';
comment on column duplicate_candidate.score is 'Sum of the weights';
comment on column duplicate_candidate.evidence is 'What speaks for and against, as the rule names it';
comment on column duplicate_candidate.found_at is 'When it was last found';
comment on column duplicate_candidate.decided is 'apart: two people; merged; null: open';
comment on column duplicate_candidate.decided_by is 'Who decided';
comment on column duplicate_candidate.decided_at is 'When';
create index duplicate_candidate_open on duplicate_candidate (score desc, a, b) where decided is null;
create index duplicate_candidate_b on duplicate_candidate (b);

create table person_merge (
    id uuid primary key,
    kept uuid not null references person,
    dropped uuid not null references person,
    taken text[] not null,
    sealed bytea,
    moved jsonb not null,
    by uuid not null references account,
    at timestamptz not null,
    undone_by uuid references account,
    undone_at timestamptz,
    check (kept <> dropped)
);
comment on table person_merge is 'Merges of two records, with all that is needed to undo them';
comment on column person_merge.id is 'Id of the merge';
comment on column person_merge.kept is 'Record that stands for both';
comment on column person_merge.dropped is 'Record that points to it';
comment on column person_merge.taken is 'Fields the kept record took from the other';
comment on column person_merge.sealed is 'Encrypted: the kept record before the merge; null once erased';
comment on column person_merge.moved is 'Keys of the rows that were moved, by table';
comment on column person_merge.by is 'Who merged';
comment on column person_merge.at is 'When';
comment on column person_merge.undone_by is 'Who undid it';
comment on column person_merge.undone_at is 'When';
create unique index person_merge_standing on person_merge (dropped) where undone_at is null;
create index person_merge_kept on person_merge (kept);

alter table duplicate_candidate enable row level security;
alter table person_merge enable row level security;
create policy area on duplicate_candidate to greenfort_app
    using (exists (select from person p where p.id = a) and exists (select from person p where p.id = b));
create policy area on person_merge to greenfort_app
    using (exists (select from person p where p.id = kept) and exists (select from person p where p.id = dropped));
create policy worker on duplicate_candidate to greenfort_worker using (true);
create policy worker on person_merge to greenfort_worker using (true);
grant select, insert, update on duplicate_search, duplicate_candidate to greenfort_app, greenfort_worker;
grant delete on duplicate_candidate to greenfort_worker;
grant select, insert, update on person_merge to greenfort_app;
grant select on person_merge to greenfort_worker;
grant update on restriction_target to greenfort_app;
