-- What people ask about their own data, with deadlines, and what follows.
alter table person add restricted_on date;
comment on column person.restricted_on is 'Since when the record is kept but not changed, at the request of the person; null: it may be changed';

create table data_request (
    id uuid primary key,
    person uuid not null references person,
    kind text not null check (kind in ('access', 'correct', 'restrict', 'erase')),
    sealed bytea,
    received_at timestamptz not null,
    due_at timestamptz not null check (due_at > received_at),
    by uuid not null references account,
    at timestamptz not null,
    outcome text check (outcome in ('fulfilled', 'refused')),
    closed_by uuid references account,
    closed_at timestamptz,
    check ((outcome is null) = (closed_at is null))
);
comment on table data_request is 'Requests of people about their own data';
comment on column data_request.id is 'Id of the request';
comment on column data_request.person is 'Whose data';
comment on column data_request.kind is 'access: a copy; correct; restrict: keep, change nothing; erase';
comment on column data_request.sealed is 'Encrypted: who asked, how, what exactly, and the reason of the answer; null once erased';
comment on column data_request.received_at is 'When it was received';
comment on column data_request.due_at is 'When it must be answered';
comment on column data_request.by is 'Account that entered it';
comment on column data_request.at is 'When it was entered';
comment on column data_request.outcome is 'fulfilled or refused; null: open';
comment on column data_request.closed_by is 'Account that answered it';
comment on column data_request.closed_at is 'When it was answered';
create index data_request_open on data_request (due_at) where outcome is null;
create index data_request_person on data_request (person);

alter table data_request enable row level security;
create policy area on data_request to greenfort_app using (exists (select from person p where p.id = person));
create policy worker on data_request to greenfort_worker using (true);
grant select, insert, update on data_request to greenfort_app;
grant select on data_request to greenfort_worker;
