-- What follows from released readings for everybody. A conclusion is never typed: domain::conclusions derives it, a new version
-- stands beside the old ones, and one head a subject points at the newest.

create index round_subject_household on round_subject (household) where household is not null;
create index round_subject_group on round_subject (resident_group) where resident_group is not null;

create table conclusion_head (
    province int not null,
    round uuid not null,
    subject uuid not null,
    person uuid references person,
    household uuid references household,
    resident_group uuid references resident_group,
    unit int not null references unit,
    age_band smallint not null default 0 check (age_band between 0 and 20),
    sex text not null default '' check (sex in ('male', 'female', '')),
    version int not null default 0 check (version >= 0),
    reach text not null default '' check (reach in ('', 'not_yet_reached', 'appointed', 'absent', 'refused', 'exempt',
        'represented', 'collected', 'removed')),
    outcome text not null,
    assay uuid references assay,
    primary key (province, round, subject),
    foreign key (province, round) references round (province, id),
    check (num_nonnulls(person, household, resident_group) = 1),
    check (subject = coalesce(person, household, resident_group)),
    check ((person is null) = (reach = '')),
    check ((person is null) = (sex = ''))
) partition by list (round);
comment on table conclusion_head is 'The newest version of what is known of a person, household or group in a round; everybody expected has one from the start';
comment on column conclusion_head.province is 'Province of the round';
comment on column conclusion_head.round is 'The round';
comment on column conclusion_head.subject is 'Whom it is about: the id of the person, household or group';
comment on column conclusion_head.person is 'The person';
comment on column conclusion_head.household is 'The household';
comment on column conclusion_head.resident_group is 'The group of residents';
comment on column conclusion_head.unit is 'Hamlet of residence in this round';
comment on column conclusion_head.age_band is 'Five-year band of age in the year of the round: 0 = 0–4, 20 = 100 and over';
comment on column conclusion_head.sex is 'male or female; empty for a household or group';
comment on column conclusion_head.version is 'Newest version; 0: nothing concluded yet';
comment on column conclusion_head.reach is 'How far the round got to the person; empty for a household or group';
comment on column conclusion_head.outcome is 'What is known';
comment on column conclusion_head.assay is 'Assay of the deciding reading';
create index conclusion_head_person on conclusion_head (person) where person is not null;
create index conclusion_head_unit on conclusion_head (unit, outcome);

create table conclusion (
    province int not null,
    round uuid not null,
    subject uuid not null,
    version int not null check (version > 0),
    person uuid,
    unit int not null,
    reach text not null,
    exempt_reason text,
    outcome text not null check (outcome in ('none', 'represented_negative', 'negative_pooled', 'negative', 'awaiting',
        'unresolved', 'resample', 'invalid', 'inconclusive', 'opened', 'discordant', 'held', 'presumptive', 'positive')),
    withheld text check (withheld in ('unverified', 'time_in_doubt', 'contact')),
    clears boolean not null generated always as
        (outcome in ('represented_negative', 'negative_pooled', 'negative') and withheld is null) stored,
    takes_back boolean not null,
    basis text check (basis in ('tested', 'tested_in_pool', 'represented')),
    specimen uuid,
    release uuid references release,
    assay uuid,
    method text,
    sampled_at timestamptz,
    repeat_from timestamptz,
    posterior int check (posterior between 0 and 1000000),
    again boolean,
    fate text check (fate in ('rejected', 'lost')),
    was text,
    listed int,
    covered int,
    policy_version int not null,
    at timestamptz not null,
    primary key (province, round, subject, version),
    unique (province, round, subject, version, clears),
    foreign key (province, round, subject) references conclusion_head (province, round, subject),
    foreign key (province, round, specimen) references specimen (province, round, id),
    check (outcome not in ('represented_negative', 'negative_pooled', 'negative')
        or num_nonnulls(basis, specimen, release, assay, method, sampled_at) = 6),
    check (outcome not in ('held', 'presumptive', 'positive', 'discordant', 'inconclusive', 'invalid')
        or num_nonnulls(specimen, release, assay) = 3),
    check (outcome <> 'represented_negative' or basis = 'represented'),
    check (outcome not in ('negative', 'negative_pooled') or person is null or basis <> 'represented'),
    check (outcome <> 'opened' or num_nonnulls(specimen, sampled_at) = 2)
) partition by list (round);
comment on table conclusion is 'Append-only: what followed from the released readings for a person, household or group, version by version';
comment on column conclusion.province is 'Province of the round';
comment on column conclusion.round is 'The round';
comment on column conclusion.subject is 'Whom it is about';
comment on column conclusion.version is 'Counts up from 1';
comment on column conclusion.person is 'The same id where it is a person';
comment on column conclusion.unit is 'Hamlet of residence in the round';
comment on column conclusion.reach is 'How far the round got to the person; empty for a household or group';
comment on column conclusion.exempt_reason is 'Why the person is exempt';
comment on column conclusion.outcome is 'What is known';
comment on column conclusion.withheld is 'Why a negative opens no pass for now';
comment on column conclusion.clears is 'Speaks for a pass: what a pass must reference';
comment on column conclusion.takes_back is 'Passes that rest on earlier versions are to be revoked';
comment on column conclusion.basis is 'What a negative rests on: tested, tested_in_pool, represented';
comment on column conclusion.specimen is 'Deciding specimen; for opened the one that opened';
comment on column conclusion.release is 'Deciding release';
comment on column conclusion.assay is 'Assay of the deciding reading';
comment on column conclusion.method is 'Its method';
comment on column conclusion.sampled_at is 'When the deciding swab was taken; for opened: only a swab after it answers';
comment on column conclusion.repeat_from is 'A swab from then on may answer';
comment on column conclusion.posterior is 'Discordant: chance of infection in millionths';
comment on column conclusion.again is 'Positive again within the policy''s days after recovery, counted apart';
comment on column conclusion.fate is 'resample: rejected or lost';
comment on column conclusion.was is 'unresolved: what it was when the round was closed';
comment on column conclusion.listed is 'Households and groups: members neither removed nor excused';
comment on column conclusion.covered is 'Households and groups: members a negative stands for';
comment on column conclusion.policy_version is 'Version of the policy of conclusions it was derived by';
comment on column conclusion.at is 'When it was derived';
create index conclusion_person on conclusion (person, at) where person is not null;

create table outcome_figure (
    round uuid not null references round,
    unit int not null references unit,
    age_band smallint not null,
    sex text not null,
    assay uuid,
    reach text not null,
    outcome text not null,
    persons bigint not null,
    constraint outcome_figure_cell unique nulls not distinct (round, unit, age_band, sex, assay, reach, outcome)
);
comment on table outcome_figure is 'Expected people of a round by hamlet, age, sex, assay, reach and outcome, folded';
comment on column outcome_figure.round is 'The round';
comment on column outcome_figure.unit is 'Hamlet of residence';
comment on column outcome_figure.age_band is 'Five-year band of age';
comment on column outcome_figure.sex is 'Sex';
comment on column outcome_figure.assay is 'Assay of the deciding reading';
comment on column outcome_figure.reach is 'Reach';
comment on column outcome_figure.outcome is 'Outcome';
comment on column outcome_figure.persons is 'Persons';

create table outcome_figure_delta (
    id bigint primary key generated always as identity,
    round uuid not null references round,
    unit int not null references unit,
    age_band smallint not null,
    sex text not null,
    assay uuid,
    reach text not null,
    outcome text not null,
    persons bigint not null
);
comment on table outcome_figure_delta is 'Changes to outcome_figure not yet folded: written with the fact, so that 400 phones do not queue on one row';
comment on column outcome_figure_delta.id is 'Order of arrival';
comment on column outcome_figure_delta.round is 'The round';
comment on column outcome_figure_delta.unit is 'Hamlet of residence';
comment on column outcome_figure_delta.age_band is 'Five-year band of age';
comment on column outcome_figure_delta.sex is 'Sex';
comment on column outcome_figure_delta.assay is 'Assay of the deciding reading';
comment on column outcome_figure_delta.reach is 'Reach';
comment on column outcome_figure_delta.outcome is 'Outcome';
comment on column outcome_figure_delta.persons is 'Change in persons';
create index outcome_figure_delta_round on outcome_figure_delta (round);

create function head_counted() returns trigger language plpgsql security definer set search_path = public as $$
begin
    if tg_op = 'UPDATE' then
        insert into outcome_figure_delta (round, unit, age_band, sex, assay, reach, outcome, persons)
        select round, unit, age_band, sex, assay, reach, outcome, sum(n) from (
            select round, unit, age_band, sex, assay, reach, outcome, -1 as n from old_rows where person is not null
            union all
            select round, unit, age_band, sex, assay, reach, outcome, 1 from new_rows where person is not null) moved
        group by 1, 2, 3, 4, 5, 6, 7 having sum(n) <> 0;
    else
        insert into outcome_figure_delta (round, unit, age_band, sex, assay, reach, outcome, persons)
        select round, unit, age_band, sex, assay, reach, outcome, count(*) from new_rows where person is not null
        group by 1, 2, 3, 4, 5, 6, 7;
    end if;
    return null;
end $$;
comment on function head_counted is 'Keeps the figures of a round with the fact, one set per statement';
create trigger head_counted_insert after insert on conclusion_head referencing new table as new_rows
    for each statement execute function head_counted();
create trigger head_counted_update after update on conclusion_head referencing old table as old_rows new table as new_rows
    for each statement execute function head_counted();

-- Everybody expected has a head: expected + added on the spot − removed = Σ reach holds from the first row on.
create function subject_expected() returns trigger language plpgsql security definer set search_path = public as $$
begin
    insert into conclusion_head (province, round, subject, person, unit, age_band, sex, reach, outcome)
    select n.province, n.round, n.person, n.person, n.unit,
           least(20, greatest(0, extract(year from r.starts_at at time zone 'Asia/Ho_Chi_Minh')::int - p.birth_year) / 5), p.sex,
           case when n.expected <> 'exempt' then 'not_yet_reached' when n.reasons @> '{removed}' then 'removed' else 'exempt' end,
           'none'
    from new_rows n join person p on p.id = n.person join round r on r.id = n.round
    on conflict (province, round, subject) do update set unit = excluded.unit,
        reach = case when conclusion_head.version = 0 then excluded.reach else conclusion_head.reach end
    where conclusion_head.unit <> excluded.unit
       or (conclusion_head.version = 0 and conclusion_head.reach <> excluded.reach);
    return null;
end $$;
comment on function subject_expected is 'Gives whoever is expected in a round a head, and lets it follow the plan while nothing is concluded';
create trigger subject_expected_insert after insert on round_subject referencing new table as new_rows
    for each statement execute function subject_expected();
create trigger subject_expected_update after update on round_subject referencing new table as new_rows
    for each statement execute function subject_expected();

create table person_recall (
    province int not null,
    round uuid not null,
    id uuid not null,
    person uuid not null references person,
    unit int not null references unit,
    household uuid references household,
    cause text not null check (cause in ('held', 'opened', 'presumptive', 'positive', 'discordant', 'resample', 'invalid',
        'inconclusive')),
    action text not null check (action in ('swab', 'tell')),
    specimen uuid,
    since timestamptz not null,
    due_at timestamptz not null check (due_at > since),
    ended_at timestamptz,
    primary key (province, round, id),
    foreign key (province, round) references round (province, id)
) partition by list (round);
comment on table person_recall is 'Mời lấy mẫu lại: who is to be told by a person and swabbed again, and by when';
comment on column person_recall.province is 'Province of the round';
comment on column person_recall.round is 'The round';
comment on column person_recall.id is 'Id of the entry';
comment on column person_recall.person is 'Who';
comment on column person_recall.unit is 'Hamlet of residence';
comment on column person_recall.household is 'Household in this round';
comment on column person_recall.cause is 'What was concluded of the person';
comment on column person_recall.action is 'swab: a new swab is due; tell: nobody reads such a result alone, a person calls';
comment on column person_recall.specimen is 'Specimen behind it';
comment on column person_recall.since is 'Since when';
comment on column person_recall.due_at is 'Late from then on';
comment on column person_recall.ended_at is 'When the conclusion no longer asked for it, or who only had to be told was reached';
create unique index person_recall_open on person_recall (province, round, person) where ended_at is null;
create index person_recall_unit on person_recall (unit, due_at) where ended_at is null;
create index person_recall_person on person_recall (person);

create table recall_contact (
    province int not null,
    round uuid not null,
    id uuid not null,
    recall uuid not null,
    unit int not null references unit,
    outcome text not null check (outcome in ('reached', 'refused', 'absent', 'escalated')),
    by uuid references account,
    at timestamptz not null,
    primary key (province, round, id),
    foreign key (province, round, recall) references person_recall (province, round, id)
) partition by list (round);
comment on table recall_contact is 'Append-only: what came of looking for somebody on the recall list';
comment on column recall_contact.province is 'Province of the round';
comment on column recall_contact.round is 'The round';
comment on column recall_contact.id is 'Id of the contact';
comment on column recall_contact.recall is 'The entry of the list';
comment on column recall_contact.unit is 'Hamlet of residence';
comment on column recall_contact.outcome is 'reached, refused, absent, or escalated to the commune';
comment on column recall_contact.by is 'Who';
comment on column recall_contact.at is 'When';
create index recall_contact_recall on recall_contact (recall, at);

create table round_closing (
    round uuid primary key references round,
    province int not null references unit,
    record jsonb not null check (jsonb_typeof(record) = 'object'),
    sha256 bytea not null check (octet_length(sha256) = 32),
    by uuid references account,
    at timestamptz not null
);
comment on table round_closing is 'Append-only: the signed record of a closed round; the audit chain seals its hash';
comment on column round_closing.round is 'The round';
comment on column round_closing.province is 'Province';
comment on column round_closing.record is 'Figures by commune, and the unresolved by hamlet; counts, never a person';
comment on column round_closing.sha256 is 'Hash of the record as text';
comment on column round_closing.by is 'Who closed it';
comment on column round_closing.at is 'When';

alter table conclusion_head enable row level security;
alter table conclusion enable row level security;
alter table person_recall enable row level security;
alter table recall_contact enable row level security;
create policy area on conclusion_head to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on conclusion to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on person_recall to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on recall_contact to greenfort_app using (unit in (select area_units()));
create policy worker on conclusion_head to greenfort_worker using (true);
create policy worker on conclusion to greenfort_worker using (true);
create policy worker on person_recall to greenfort_worker using (true);
create policy worker on recall_contact to greenfort_worker using (true);

grant select on conclusion_head, conclusion, outcome_figure, outcome_figure_delta, person_recall, recall_contact, round_closing
    to greenfort_app, greenfort_worker;
grant insert on conclusion_head, conclusion, person_recall, recall_contact, round_closing to greenfort_app;
grant insert on conclusion_head, conclusion, person_recall to greenfort_worker;
grant update (version, reach, outcome, assay) on conclusion_head to greenfort_app, greenfort_worker;
grant update (ended_at, cause, action, specimen) on person_recall to greenfort_app, greenfort_worker;
grant insert, update, delete on outcome_figure to greenfort_worker;
grant delete on outcome_figure_delta to greenfort_worker;

select make_round_partitions(id) from round;

-- Rounds that were planned before get their heads.
insert into conclusion_head (province, round, subject, person, unit, age_band, sex, reach, outcome)
select n.province, n.round, n.person, n.person, n.unit,
       least(20, greatest(0, extract(year from r.starts_at at time zone 'Asia/Ho_Chi_Minh')::int - p.birth_year) / 5), p.sex,
       case when n.expected <> 'exempt' then 'not_yet_reached' when n.reasons @> '{removed}' then 'removed' else 'exempt' end, 'none'
from round_subject n join person p on p.id = n.person join round r on r.id = n.round;
