-- What deriving specimens from events needs: a tube without a list is a specimen without donors; problems come and go as more
-- arrives; a specimen may be confirmed by one that arrived before it.

alter table specimen drop constraint specimen_donors_check;
alter table specimen add constraint specimen_donors_check check (donors >= 0);
alter table specimen drop constraint specimen_check;
alter table specimen add constraint specimen_pooling_donors_check check ((pooling = 'swab') = (donors > 1));
alter table specimen drop constraint specimen_province_round_follows_fkey;
comment on column specimen.donors is 'How many people were swabbed into it; 0: a tube without a list';
comment on column specimen.flags is 'What is doubtful, as domain::sampling::Flag names it: tube_twice, tube_unknown, time_ahead, time_outside_round, time_backwards, clock_changed, donor_unknown, no_donor, too_many_donors';
comment on column specimen.follows is 'Specimen of the same visit it confirms, e.g. the PCR tube after a positive rapid test; it may arrive later, so no foreign key';

alter table intake add column received_offset_ms bigint not null default 0;
alter table intake alter column received_offset_ms drop default;
comment on column intake.received_offset_ms is 'Server time minus device time when it first arrived, milliseconds: another offset than the event''s own means a changed clock';

alter table intake_problem drop constraint intake_problem_pkey;
alter table intake_problem add constraint intake_problem_once unique nulls not distinct (province, round, intake, code, person);
alter table intake_problem add column gone_at timestamptz;
comment on column intake_problem.gone_at is 'Later events made it untrue then';
drop index intake_problem_open;
create index intake_problem_open on intake_problem (unit, found_at) where settled_at is null and gone_at is null;
grant update (gone_at) on intake_problem to greenfort_app;

create table cassette_reading (
    province int not null,
    round uuid not null,
    id uuid not null,
    specimen uuid not null,
    drops_at timestamptz not null,
    read_at timestamptz not null,
    control_line boolean not null,
    test_line boolean not null,
    primary key (province, round, id),
    foreign key (province, round, id) references intake (province, round, id)
) partition by list (round);
comment on table cassette_reading is 'A look at a rapid cassette at the site';
comment on column cassette_reading.province is 'Province of the round';
comment on column cassette_reading.round is 'The round';
comment on column cassette_reading.id is 'Id of the event that reported it';
comment on column cassette_reading.specimen is 'Specimen on the cassette';
comment on column cassette_reading.drops_at is 'When the drops were put on, by corrected time';
comment on column cassette_reading.read_at is 'When it was looked at, by corrected time';
comment on column cassette_reading.control_line is 'The control line was there; without it nothing was measured';
comment on column cassette_reading.test_line is 'The test line was there';
create index cassette_reading_specimen on cassette_reading (specimen);
grant select on cassette_reading to greenfort_app, greenfort_worker;
grant insert on cassette_reading to greenfort_app;

select make_round_partitions(id) from round;

-- Shipped defaults. Every number is data: a new version takes its place.
insert into sampling_rule (code, version, body, effective_from, source, certain, created_at) values
    ('household-representatives', 1,
     '{"least_age": 2, "another_than_last_round": "warn", "large_household": 5, "from_large_household": 2,
       "order": ["least_vaccinated", "most_exposed"], "exposures": ["trader", "driver", "health_worker", "worker"]}',
     '2021-09-01T00:00:00+07:00', 'CV 3074/BCĐ-VX, TP.HCM, 15/9/2021; age limit assumed', false,
     '2021-09-01T00:00:00+07:00');
insert into assay (id, code, version, method, kit, instrument, targets, internal_control, least_targets, grey_rule, controls,
    read_after_s, read_until_s, most_donors, effective_from, source, certain, created_at) values
    ('00000000-0000-7000-8000-000000000001', 'pcr', 1, 'pcr', 'RT-PCR E/RdRP', 'real-time PCR',
     '[{"name": "E", "cutoff": 38}, {"name": "RdRP", "cutoff": 38}]', 'IC', 1, 'repeat', '{positive,negative}',
     null, null, 10, '2021-09-01T00:00:00+07:00', 'Assumed; enter the kit in use as a new version', false,
     '2021-09-01T00:00:00+07:00'),
    ('00000000-0000-7000-8000-000000000002', 'rapid', 1, 'rapid_antigen', 'Test nhanh kháng nguyên', 'eye',
     '[]', null, 1, 'repeat', '{}',
     900, 1800, 3, '2021-09-01T00:00:00+07:00',
     'Usual instructions of makers: read after 15, not after 30 minutes; 2–3 people a test: CV 3074/BCĐ-VX', false,
     '2021-09-01T00:00:00+07:00');
