-- Campaigns, rounds and their plan. Tables that grow per sample are partitioned by round and keyed (province, round, …);
-- a round gets its partitions in the statement that creates it.

create table laboratory (
    id uuid primary key,
    unit int not null references unit,
    name text not null check (name <> ''),
    outside boolean not null default false,
    confirms boolean not null default false,
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table laboratory is 'A place where specimens are tested';
comment on column laboratory.id is 'Id of the laboratory';
comment on column laboratory.unit is 'Unit it lies in';
comment on column laboratory.name is 'Public name';
comment on column laboratory.outside is 'True: it works with our specimens but not in this installation';
comment on column laboratory.confirms is 'True: authorised to confirm a case by PCR; otherwise its results only screen';
comment on column laboratory.created_at is 'When it was entered';
comment on column laboratory.ended_at is 'Takes no more specimens from then on';

create table assay (
    id uuid primary key,
    code text not null check (code <> ''),
    version int not null check (version > 0),
    method text not null check (method in ('pcr', 'rapid_antigen')),
    kit text not null,
    instrument text not null,
    targets jsonb not null default '[]' check (jsonb_typeof(targets) = 'array'),
    internal_control text,
    least_targets smallint not null default 1 check (least_targets > 0),
    grey_from real,
    grey_until real check (grey_until > grey_from),
    grey_rule text not null default 'repeat' check (grey_rule in ('repeat', 'inconclusive', 'positive')),
    controls text[] not null default '{}',
    repeats_before_reswab smallint not null default 2 check (repeats_before_reswab >= 0),
    read_after_s int check (read_after_s >= 0),
    read_until_s int check (read_until_s > read_after_s),
    most_donors smallint not null check (most_donors > 0),
    effective_from timestamptz not null,
    effective_until timestamptz check (effective_until > effective_from),
    source text not null,
    certain boolean not null,
    created_by uuid references account,
    created_at timestamptz not null,
    unique (code, version),
    check ((grey_from is null) = (grey_until is null)),
    check ((method = 'rapid_antigen') = (read_after_s is not null)),
    check ((read_after_s is null) = (read_until_s is null))
);
comment on table assay is 'How one kit on one instrument is read; a change is a new version';
comment on column assay.id is 'Id of this version';
comment on column assay.code is 'Short name that all versions share';
comment on column assay.version is 'Counts up from 1';
comment on column assay.method is 'pcr or rapid_antigen';
comment on column assay.kit is 'Kit as its maker names it';
comment on column assay.instrument is 'Instrument; for rapid cassettes: eye';
comment on column assay.targets is 'List of {"name", "cutoff"}: genes and the highest Ct that counts as detected; empty for cassettes';
comment on column assay.internal_control is 'Name of the internal control; null: none';
comment on column assay.least_targets is 'How many targets must be detected to read positive';
comment on column assay.grey_from is 'Lowest Ct of the grey zone';
comment on column assay.grey_until is 'Highest Ct of the grey zone';
comment on column assay.grey_rule is 'What a Ct in the grey zone means';
comment on column assay.controls is 'Control wells a run needs, e.g. positive, negative, extraction';
comment on column assay.repeats_before_reswab is 'How often an invalid reading is repeated before a new swab is asked for';
comment on column assay.read_after_s is 'Seconds after the drops before which a cassette must not be read';
comment on column assay.read_until_s is 'Seconds after the drops from which a cassette must not be read any more';
comment on column assay.most_donors is 'Most people whose swabs one tube may hold';
comment on column assay.effective_from is 'In force from';
comment on column assay.effective_until is 'In force until; null: still';
comment on column assay.source is 'Where the numbers come from';
comment on column assay.certain is 'False: recalled or assumed; shown as such';
comment on column assay.created_by is 'Who entered it; null: shipped';
comment on column assay.created_at is 'When it was entered';

create table sampling_rule (
    code text not null check (code <> ''),
    version int not null check (version > 0),
    body jsonb not null check (jsonb_typeof(body) = 'object'),
    effective_from timestamptz not null,
    effective_until timestamptz check (effective_until > effective_from),
    source text not null,
    certain boolean not null,
    created_by uuid references account,
    created_at timestamptz not null,
    primary key (code, version)
);
comment on table sampling_rule is 'Rules of who is swabbed, as data; a change is a new version';
comment on column sampling_rule.code is 'Short name that all versions share, e.g. household-representatives';
comment on column sampling_rule.version is 'Counts up from 1';
comment on column sampling_rule.body is 'The rule, as domain::campaign::SamplingRule reads it';
comment on column sampling_rule.effective_from is 'In force from';
comment on column sampling_rule.effective_until is 'In force until; null: still';
comment on column sampling_rule.source is 'Document or office it comes from';
comment on column sampling_rule.certain is 'False: recalled or assumed; shown as such';
comment on column sampling_rule.created_by is 'Who entered it; null: shipped';
comment on column sampling_rule.created_at is 'When it was entered';

create table campaign (
    id uuid primary key,
    province int not null references unit,
    unit int not null references unit,
    name text not null check (name <> ''),
    purpose text not null check (purpose <> ''),
    created_by uuid references account,
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table campaign is 'A series of rounds over an area';
comment on column campaign.id is 'Id of the campaign';
comment on column campaign.province is 'Province that answers for it';
comment on column campaign.unit is 'Area it covers';
comment on column campaign.name is 'Its name';
comment on column campaign.purpose is 'Purpose and legal basis, as shown to people who are swabbed';
comment on column campaign.created_by is 'Who made it';
comment on column campaign.created_at is 'When it was made';
comment on column campaign.ended_at is 'No round begins from then on';
create index campaign_unit on campaign (unit);

create table round (
    id uuid primary key,
    province int not null references unit,
    campaign uuid references campaign,
    number int check (number > 0),
    kind text not null check (kind in ('campaign', 'standing')),
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    created_by uuid references account,
    created_at timestamptz not null,
    closed_by uuid references account,
    closed_at timestamptz,
    unique (province, id),
    unique (campaign, number),
    check ((kind = 'campaign') = (campaign is not null)),
    check ((campaign is null) = (number is null))
);
comment on table round is 'Vòng: a window of time in which an area is swabbed; a standing round is the month of all evidence outside rounds';
comment on column round.id is 'Id of the round';
comment on column round.province is 'Province it belongs to; part of every key that grows per sample';
comment on column round.campaign is 'Campaign; null for standing rounds';
comment on column round.number is 'Position in its campaign';
comment on column round.kind is 'campaign, or standing: one a province and month';
comment on column round.starts_at is 'First instant of the window; windows cross midnight';
comment on column round.ends_at is 'First instant after the window';
comment on column round.created_by is 'Who made it';
comment on column round.created_at is 'When it was made';
comment on column round.closed_by is 'Who signed its closing';
comment on column round.closed_at is 'When it was closed';
create unique index round_standing on round (province, starts_at) where kind = 'standing';
create index round_window on round (province, starts_at);

create table round_plan (
    round uuid not null,
    province int not null,
    unit int not null references unit,
    whom text not null check (whom in ('everyone', 'household_representatives', 'group_representatives')),
    assay uuid not null references assay,
    pool_size smallint not null check (pool_size between 1 and 50),
    pooling text not null check (pooling in ('none', 'swab', 'media')),
    hamlet_order int not null check (hamlet_order > 0),
    laboratory uuid references laboratory,
    rule_code text not null,
    rule_version int not null,
    version int not null default 1,
    changed_by uuid references account,
    changed_at timestamptz not null,
    primary key (round, unit),
    foreign key (province, round) references round (province, id),
    foreign key (rule_code, rule_version) references sampling_rule,
    unique (round, hamlet_order) deferrable initially deferred,
    check ((pooling = 'none') = (pool_size = 1))
);
comment on table round_plan is 'What a round does in a hamlet';
comment on column round_plan.round is 'The round';
comment on column round_plan.province is 'Its province';
comment on column round_plan.unit is 'The hamlet';
comment on column round_plan.whom is 'everyone, or representatives of households or of groups';
comment on column round_plan.assay is 'Assay version used';
comment on column round_plan.pool_size is 'Swabs to a tube (swab) or tubes to a pool (media)';
comment on column round_plan.pooling is 'none; swab: several swabs in one tube at the site, no own material remains; media: tubes are pooled in the laboratory and remain';
comment on column round_plan.hamlet_order is 'Place of the hamlet in the round; kept from round to round so that no pass ends before the next swab';
comment on column round_plan.laboratory is 'Where its tubes go; null: read at the site';
comment on column round_plan.rule_code is 'Rule that chose whom to swab';
comment on column round_plan.rule_version is 'Its version';
comment on column round_plan.version is 'Counts changes, for If-Match; tubes already pooled keep what they were planned with';
comment on column round_plan.changed_by is 'Who changed it last';
comment on column round_plan.changed_at is 'When';

create table site (
    id uuid primary key,
    unit int not null references unit,
    organisation uuid references organisation,
    name text not null check (name <> ''),
    kind text not null check (kind in ('fixed', 'mobile', 'door_to_door', 'market', 'factory', 'bedside')),
    created_at timestamptz not null,
    ended_at timestamptz
);
comment on table site is 'Where swabs are taken';
comment on column site.id is 'Id of the site';
comment on column site.unit is 'Unit it lies in';
comment on column site.organisation is 'Market or enterprise it stands in';
comment on column site.name is 'What people call it';
comment on column site.kind is 'What kind of place';
comment on column site.created_at is 'When it was entered';
comment on column site.ended_at is 'Closed from then on';
create index site_unit on site (unit);

create table lot (
    id uuid primary key,
    kind text not null check (kind in ('extraction', 'pcr_mix', 'vtm', 'swab', 'rapid_kit')),
    product text not null check (product <> ''),
    number text not null check (number <> ''),
    expires_on date not null,
    created_by uuid references account,
    created_at timestamptz not null,
    blocked_at timestamptz,
    unique (kind, product, number)
);
comment on table lot is 'A lot of what is used up: extraction kits, PCR mix, transport medium, swabs, rapid kits';
comment on column lot.id is 'Id of the lot';
comment on column lot.kind is 'What it is used for';
comment on column lot.product is 'Product as its maker names it';
comment on column lot.number is 'Lot number on the box';
comment on column lot.expires_on is 'Last day of use';
comment on column lot.created_by is 'Who entered it';
comment on column lot.created_at is 'When it was entered';
comment on column lot.blocked_at is 'Not to be used from then on';

create table round_subject (
    province int not null,
    round uuid not null,
    person uuid not null references person,
    unit int not null references unit,
    household uuid references household,
    resident_group uuid references resident_group,
    expected text not null check (expected in ('swab', 'represented', 'exempt')),
    choice smallint not null default 0 check (choice >= 0),
    reasons text[] not null default '{}',
    severity text check (severity in ('note', 'warn')),
    walk_order int not null default 0,
    origin text not null default 'register' check (origin in ('register', 'on_the_spot')),
    planned_at timestamptz not null,
    primary key (province, round, person),
    foreign key (province, round) references round (province, id)
) partition by list (round);
comment on table round_subject is 'Who is expected in a round, and why this person is the one to swab';
comment on column round_subject.province is 'Province of the round';
comment on column round_subject.round is 'The round';
comment on column round_subject.person is 'Who is expected';
comment on column round_subject.unit is 'Hamlet of residence when planned';
comment on column round_subject.household is 'Household when planned';
comment on column round_subject.resident_group is 'Group the person is sampled with';
comment on column round_subject.expected is 'swab, represented by somebody else, or exempt';
comment on column round_subject.choice is 'Place in the order of choice within the household or group, from 1; the next takes over when one is absent; 0: never swabbed';
comment on column round_subject.reasons is 'Words of the rules that decided, most weighty first';
comment on column round_subject.severity is 'warn or note when a rule had to be left; null: all rules kept';
comment on column round_subject.walk_order is 'Place of the household on the walking route';
comment on column round_subject.origin is 'From the register, or added on the spot';
comment on column round_subject.planned_at is 'When this was decided';
create index round_subject_walk on round_subject (unit, walk_order, household, choice);
create index round_subject_person on round_subject (person);
alter table round_subject enable row level security;
create policy area on round_subject to greenfort_app
    using (unit in (select area_units()) or person = any (linked_persons()));
create policy worker on round_subject to greenfort_worker using (true);

-- Every table partitioned by list over a column named "round" gets a partition for a round. Attached, not created in
-- place: that lock lets everybody go on reading and writing the other rounds.
create function make_round_partitions(new_round uuid) returns void language plpgsql security definer
    set search_path = public as $$
declare
    parent text;
    part text;
begin
    for parent in
        select c.relname from pg_partitioned_table p
        join pg_class c on c.oid = p.partrelid
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
        join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
        where p.partstrat = 'l' and p.partnatts = 1 and a.attname = 'round'
        order by c.oid
    loop
        part := parent || '_' || replace(new_round::text, '-', '');
        continue when to_regclass(quote_ident(part)) is not null;
        execute format('create table %I (like %I including defaults including constraints including generated including storage)', part, parent);
        execute format('alter table %I attach partition %I for values in (%L)', parent, part, new_round);
    end loop;
end $$;
comment on function make_round_partitions is 'Gives a round its partition of every table that is partitioned by round; a migration that adds such a table calls it for the rounds there are';
revoke execute on function make_round_partitions from public;

create function round_created() returns trigger language plpgsql security definer set search_path = public as $$
begin
    perform make_round_partitions(new.id);
    return null;
end $$;
comment on function round_created is 'Makes the partitions of a new round';
create trigger round_created after insert on round for each row execute function round_created();

grant select on laboratory, assay, sampling_rule, campaign, round, round_plan, site, lot, round_subject
    to greenfort_app, greenfort_worker;
grant insert on laboratory, assay, sampling_rule, campaign, round, round_plan, site, lot, round_subject to greenfort_app;
grant update (name, confirms, ended_at) on laboratory to greenfort_app;
grant update (effective_until) on assay, sampling_rule to greenfort_app;
grant update (name, purpose, ended_at) on campaign to greenfort_app;
grant update (starts_at, ends_at, closed_by, closed_at) on round to greenfort_app;
grant update (whom, assay, pool_size, pooling, hamlet_order, laboratory, rule_code, rule_version, version, changed_by,
    changed_at) on round_plan to greenfort_app;
grant update (name, ended_at) on site to greenfort_app;
grant update (blocked_at) on lot to greenfort_app;
grant update (unit, household, resident_group, expected, choice, reasons, severity, walk_order, planned_at)
    on round_subject to greenfort_app;
