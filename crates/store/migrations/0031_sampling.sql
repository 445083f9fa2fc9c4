-- Sampling: tubes, what phones sent, and the specimens that follow from it. What a phone sent is never edited;
-- specimens are derived from it and can be derived again.

create table tube_issuer (
    code text primary key check (code <> ''),
    name text not null check (name <> ''),
    prefix text not null,
    digits smallint not null check (digits between 1 and 30),
    listed boolean not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    unique (prefix, digits)
);
comment on table tube_issuer is 'Who prints barcodes for tubes: this installation, or a maker whose pre-printed tubes are used';
comment on column tube_issuer.code is 'Short name; a barcode is unique within it';
comment on column tube_issuer.name is 'Public name';
comment on column tube_issuer.prefix is 'What its barcodes begin with';
comment on column tube_issuer.digits is 'How many digits follow the prefix';
comment on column tube_issuer.listed is 'True: only barcodes entered in tube are known; false: any that fits the pattern';
comment on column tube_issuer.created_at is 'When it was entered';
comment on column tube_issuer.ended_at is 'Its tubes are no longer taken from then on';

insert into tube_issuer (code, name, prefix, digits, listed, created_at) values
    ('own', 'Greenfort', 'GF', 10, true, '2021-09-01T00:00:00+07:00'),
    ('unknown', 'Không rõ', '', 30, true, '2021-09-01T00:00:00+07:00');

create table tube (
    issuer text not null references tube_issuer,
    barcode text not null check (barcode <> ''),
    lot uuid references lot,
    printed boolean not null,
    province int,
    round uuid,
    specimen uuid,
    used_at timestamptz,
    created_at timestamptz not null,
    primary key (issuer, barcode),
    check ((specimen is null) = (round is null) and (specimen is null) = (province is null)
        and (specimen is null) = (used_at is null))
);
comment on table tube is 'One tube, once: unpartitioned, so a barcode is unique over all rounds';
comment on column tube.issuer is 'Who printed it';
comment on column tube.barcode is 'Barcode as scanned';
comment on column tube.lot is 'Lot of its medium';
comment on column tube.printed is 'True: its label came from this installation''s list; false: first seen when it was scanned';
comment on column tube.province is 'Province of the specimen';
comment on column tube.round is 'Round of the specimen';
comment on column tube.specimen is 'What it holds; null: empty';
comment on column tube.used_at is 'When the specimen was first heard of';
comment on column tube.created_at is 'When the tube was printed or first seen';
create index tube_specimen on tube (specimen) where specimen is not null;

create table intake_key (
    device uuid not null references device,
    seq bigint not null check (seq > 0),
    id uuid not null unique,
    primary key (device, seq)
);
comment on table intake_key is 'Which events have arrived: unpartitioned, so an event is taken once over all rounds';
comment on column intake_key.device is 'Device that recorded it';
comment on column intake_key.seq is 'Its number on that device, from 1';
comment on column intake_key.id is 'Id the device gave the event';

create table intake (
    province int not null,
    round uuid not null,
    id uuid not null,
    device uuid not null references device,
    seq bigint not null,
    account uuid references account,
    unit int not null references unit,
    kind text not null check (kind in ('collected', 'voided', 'visited', 'cassette_read', 'sheet')),
    issuer text,
    barcode text,
    specimen uuid,
    occurred_at timestamptz not null,
    device_at timestamptz not null,
    received_at timestamptz not null,
    sealed bytea not null,
    primary key (province, round, id),
    foreign key (province, round) references round (province, id),
    check ((issuer is null) = (barcode is null))
) partition by list (round);
comment on table intake is 'Every event of a phone once, as it was sent; never edited';
comment on column intake.province is 'Province of the round';
comment on column intake.round is 'The round';
comment on column intake.id is 'Id the device gave it';
comment on column intake.device is 'Device that recorded it';
comment on column intake.seq is 'Its number on that device';
comment on column intake.account is 'Who worked with the device';
comment on column intake.unit is 'Unit the device works in';
comment on column intake.kind is 'What happened: collected, voided, visited, cassette_read, or sheet for late entry from paper';
comment on column intake.issuer is 'Issuer of the tube it is about';
comment on column intake.barcode is 'Barcode of the tube it is about';
comment on column intake.specimen is 'Specimen it is about';
comment on column intake.occurred_at is 'When it happened: the device''s time corrected by its offset at the last contact';
comment on column intake.device_at is 'When it happened by the device''s own clock';
comment on column intake.received_at is 'When it first arrived';
comment on column intake.sealed is 'Encrypted: the event as sent';
create index intake_id on intake (id);
create index intake_device on intake (device, seq);
create index intake_tube on intake (issuer, barcode) where barcode is not null;
create index intake_specimen on intake (specimen) where specimen is not null;
alter table intake enable row level security;
create policy area on intake to greenfort_app using (unit in (select area_units()));
create policy worker on intake to greenfort_worker using (true);

create table specimen (
    province int not null,
    round uuid not null,
    id uuid not null,
    issuer text not null,
    barcode text not null,
    unit int not null references unit,
    site uuid references site,
    assay uuid not null references assay,
    lot uuid references lot,
    pooling text not null check (pooling in ('none', 'swab')),
    donors smallint not null check (donors > 0),
    sampled_at timestamptz not null,
    late_entry boolean not null default false,
    follows uuid,
    device uuid not null references device,
    collected_by uuid references account,
    flags text[] not null default '{}',
    settled_by uuid references account,
    settled_at timestamptz,
    voided_at timestamptz,
    sound boolean not null generated always as
        (voided_at is null and (flags = '{}'::text[] or settled_at is not null)) stored,
    created_at timestamptz not null,
    primary key (province, round, id),
    foreign key (province, round) references round (province, id),
    foreign key (issuer, barcode) references tube (issuer, barcode),
    foreign key (province, round, follows) references specimen (province, round, id),
    check (pooling = 'swab' or donors = 1),
    check ((settled_at is null) = (settled_by is null))
) partition by list (round);
comment on table specimen is 'The content of one tube';
comment on column specimen.province is 'Province of the round';
comment on column specimen.round is 'The round';
comment on column specimen.id is 'Id the device gave it';
comment on column specimen.issuer is 'Issuer of the tube';
comment on column specimen.barcode is 'Barcode of the tube';
comment on column specimen.unit is 'Hamlet, or unit of the site, where it was taken';
comment on column specimen.site is 'Site where it was taken';
comment on column specimen.assay is 'Assay version it was planned for';
comment on column specimen.lot is 'Lot of the rapid kit or medium';
comment on column specimen.pooling is 'swab: swabs of several people, no own material remains; none: one donor';
comment on column specimen.donors is 'How many people were swabbed into it';
comment on column specimen.sampled_at is 'When the swab was taken, by corrected time';
comment on column specimen.late_entry is 'True: entered later from paper with the typed time';
comment on column specimen.follows is 'Specimen of the same visit it confirms, e.g. the PCR tube after a positive rapid test';
comment on column specimen.device is 'Device it was recorded on';
comment on column specimen.collected_by is 'Who took it';
comment on column specimen.flags is 'What is doubtful: tube_twice, tube_unknown, time_ahead, time_outside_round, time_backwards, donor_unknown';
comment on column specimen.settled_by is 'Site lead who settled the doubts';
comment on column specimen.settled_at is 'When they were settled';
comment on column specimen.voided_at is 'Taken back by the sampler then';
comment on column specimen.sound is 'True when conclusions may rest on it: not taken back, and nothing doubtful or settled';
comment on column specimen.created_at is 'When it was first heard of';
create index specimen_tube on specimen (issuer, barcode);
create index specimen_unit on specimen (unit, sampled_at);
create index specimen_doubtful on specimen (unit) where flags <> '{}' and settled_at is null and voided_at is null;

create table specimen_donor (
    province int not null,
    round uuid not null,
    specimen uuid not null,
    person uuid not null references person,
    unit int not null references unit,
    position smallint not null check (position > 0),
    identified_by text not null check (identified_by in ('cccd', 'bhyt', 'national_qr', 'appointment', 'search', 'list', 'on_the_spot')),
    primary key (province, round, specimen, person),
    unique (province, round, specimen, position),
    foreign key (province, round, specimen) references specimen (province, round, id)
) partition by list (round);
comment on table specimen_donor is 'Whose swab is in the tube';
comment on column specimen_donor.province is 'Province of the round';
comment on column specimen_donor.round is 'The round';
comment on column specimen_donor.specimen is 'The specimen';
comment on column specimen_donor.person is 'The donor; once per specimen';
comment on column specimen_donor.unit is 'Hamlet where the donor lives';
comment on column specimen_donor.position is 'Order in which they were swabbed';
comment on column specimen_donor.identified_by is 'How the sampler knew who it was';
create index specimen_donor_person on specimen_donor (person);

create table specimen_represents (
    province int not null,
    round uuid not null,
    id uuid not null,
    specimen uuid not null,
    representative uuid not null references person,
    household uuid references household,
    resident_group uuid references resident_group,
    unit int not null references unit,
    present smallint not null check (present > 0),
    primary key (province, round, id),
    unique nulls not distinct (province, round, specimen, household, resident_group),
    foreign key (province, round, specimen) references specimen (province, round, id),
    foreign key (province, round, specimen, representative) references specimen_donor (province, round, specimen, person),
    check (num_nonnulls(household, resident_group) = 1)
) partition by list (round);
comment on table specimen_represents is 'Which household or group a specimen stands for';
comment on column specimen_represents.province is 'Province of the round';
comment on column specimen_represents.round is 'The round';
comment on column specimen_represents.id is 'Id of the representation';
comment on column specimen_represents.specimen is 'The specimen';
comment on column specimen_represents.representative is 'The donor who stands for the others';
comment on column specimen_represents.household is 'Household it stands for';
comment on column specimen_represents.resident_group is 'Group it stands for';
comment on column specimen_represents.unit is 'Hamlet of the household or group';
comment on column specimen_represents.present is 'How many live there now, the representative among them, as counted at the swab';
create index specimen_represents_household on specimen_represents (household) where household is not null;
create index specimen_represents_group on specimen_represents (resident_group) where resident_group is not null;

create table represented_member (
    province int not null,
    round uuid not null,
    represents uuid not null,
    person uuid not null references person,
    unit int not null references unit,
    primary key (province, round, represents, person),
    foreign key (province, round, represents) references specimen_represents (province, round, id)
) partition by list (round);
comment on table represented_member is 'Who lives there now, ticked by name at the swab';
comment on column represented_member.province is 'Province of the round';
comment on column represented_member.round is 'The round';
comment on column represented_member.represents is 'The representation';
comment on column represented_member.person is 'Who is represented; never the donor';
comment on column represented_member.unit is 'Hamlet where the person lives';
create index represented_member_person on represented_member (person);

create table visit (
    province int not null,
    round uuid not null,
    id uuid not null,
    person uuid not null references person,
    unit int not null references unit,
    reach text not null check (reach in ('absent', 'refused', 'exempt', 'removed')),
    reason text not null check (reason <> ''),
    occurred_at timestamptz not null,
    primary key (province, round, id),
    foreign key (province, round) references round (province, id)
) partition by list (round);
comment on table visit is 'Somebody was looked for and gave no swab';
comment on column visit.province is 'Province of the round';
comment on column visit.round is 'The round';
comment on column visit.id is 'Id of the event that reported it';
comment on column visit.person is 'Who was looked for';
comment on column visit.unit is 'Hamlet where the person lives';
comment on column visit.reach is 'absent, refused, exempt or removed; the latest by time counts';
comment on column visit.reason is 'Word of the reason, e.g. at_work, in_hospital, moved';
comment on column visit.occurred_at is 'When, by corrected time';
create index visit_person on visit (person, occurred_at desc);
create index visit_unit on visit (unit, reach);

create table intake_problem (
    province int not null,
    round uuid not null,
    intake uuid not null,
    code text not null,
    person uuid references person,
    unit int not null references unit,
    found_at timestamptz not null,
    settled_by uuid references account,
    settled_at timestamptz,
    primary key (province, round, intake, code),
    foreign key (province, round, intake) references intake (province, round, id),
    check ((settled_at is null) = (settled_by is null))
) partition by list (round);
comment on table intake_problem is 'What an event says that cannot be, or clashes with another event; a site lead settles it';
comment on column intake_problem.province is 'Province of the round';
comment on column intake_problem.round is 'The round';
comment on column intake_problem.intake is 'The event';
comment on column intake_problem.code is 'Word of the problem, as domain::sampling names it';
comment on column intake_problem.person is 'Person it is about';
comment on column intake_problem.unit is 'Unit whose site lead settles it';
comment on column intake_problem.found_at is 'When it was found';
comment on column intake_problem.settled_by is 'Who settled it';
comment on column intake_problem.settled_at is 'When';
create index intake_problem_open on intake_problem (unit, found_at) where settled_at is null;

create table consignment (
    id uuid primary key,
    province int not null,
    round uuid not null,
    unit int not null references unit,
    laboratory uuid not null references laboratory,
    bag text not null check (bag <> ''),
    closed_at timestamptz not null,
    due_at timestamptz not null check (due_at > closed_at),
    created_by uuid references account,
    foreign key (province, round) references round (province, id),
    unique (round, bag)
);
comment on table consignment is 'Chuyến giao mẫu: tubes that travel together from a site to a laboratory';
comment on column consignment.id is 'Id of the consignment';
comment on column consignment.province is 'Province of the round';
comment on column consignment.round is 'The round';
comment on column consignment.unit is 'Unit it leaves from';
comment on column consignment.laboratory is 'Where it goes';
comment on column consignment.bag is 'Number on the bag';
comment on column consignment.closed_at is 'When the bag was closed';
comment on column consignment.due_at is 'Too late at the laboratory from then on';
comment on column consignment.created_by is 'Who closed it';
create index consignment_unit on consignment (unit, closed_at);
create index consignment_laboratory on consignment (laboratory, closed_at);

create table consignment_item (
    province int not null,
    round uuid not null,
    consignment uuid not null references consignment,
    specimen uuid not null,
    sent_at timestamptz not null,
    received_at timestamptz,
    primary key (province, round, consignment, specimen),
    foreign key (province, round, specimen) references specimen (province, round, id)
) partition by list (round);
comment on table consignment_item is 'A tube in a consignment';
comment on column consignment_item.province is 'Province of the round';
comment on column consignment_item.round is 'The round';
comment on column consignment_item.consignment is 'The consignment';
comment on column consignment_item.specimen is 'The specimen';
comment on column consignment_item.sent_at is 'When it was scanned out';
comment on column consignment_item.received_at is 'When it was scanned in at the laboratory; null: not seen there';
create index consignment_item_specimen on consignment_item (specimen);

create table consignment_count (
    consignment uuid not null references consignment,
    step text not null check (step in ('site', 'courier', 'laboratory')),
    tubes int not null check (tubes >= 0),
    temperature_c real check (temperature_c between -100 and 60),
    surplus text[] not null default '{}',
    counted_by uuid references account,
    counted_at timestamptz not null,
    primary key (consignment, step, counted_at)
);
comment on table consignment_count is 'The physical count at each hand-over; never edited, a recount is another row';
comment on column consignment_count.consignment is 'The consignment';
comment on column consignment_count.step is 'Who took it over: closed at the site, taken by the courier, received at the laboratory';
comment on column consignment_count.tubes is 'Tubes counted by hand';
comment on column consignment_count.temperature_c is 'Temperature in the bag, degrees Celsius';
comment on column consignment_count.surplus is 'Barcodes found that are on no list';
comment on column consignment_count.counted_by is 'Who counted';
comment on column consignment_count.counted_at is 'When';

alter table specimen_donor enable row level security;
alter table specimen_represents enable row level security;
alter table represented_member enable row level security;
alter table visit enable row level security;
alter table intake_problem enable row level security;
create policy area on specimen_donor to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on specimen_represents to greenfort_app
    using (unit in (select area_units()) or representative = any (linked_persons()));
create policy area on represented_member to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on visit to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy area on intake_problem to greenfort_app using (unit in (select area_units()));
create policy worker on specimen_donor to greenfort_worker using (true);
create policy worker on specimen_represents to greenfort_worker using (true);
create policy worker on represented_member to greenfort_worker using (true);
create policy worker on visit to greenfort_worker using (true);
create policy worker on intake_problem to greenfort_worker using (true);

grant select on tube_issuer, tube, intake_key, intake, specimen, specimen_donor, specimen_represents, represented_member,
    visit, intake_problem, consignment, consignment_item, consignment_count to greenfort_app, greenfort_worker;
grant insert on tube_issuer, tube, intake_key, intake, specimen, specimen_donor, specimen_represents, represented_member,
    visit, intake_problem, consignment, consignment_item, consignment_count to greenfort_app;
grant update (name, ended_at) on tube_issuer to greenfort_app;
grant update (lot, province, round, specimen, used_at) on tube to greenfort_app;
grant update (sampled_at, flags, settled_by, settled_at, voided_at) on specimen to greenfort_app;
grant update (settled_by, settled_at) on intake_problem to greenfort_app;
grant update (received_at) on consignment_item to greenfort_app;
