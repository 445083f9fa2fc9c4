-- Access: accounts, what they may do where, how they prove who they are. Secrets are kept as hashes; names, phones and
-- TOTP secrets are sealed with the key ring, which lies outside the database.
create table badge_batch (
    id uuid primary key,
    label text not null,
    ends_at timestamptz not null,
    created_by uuid not null,
    created_at timestamptz not null,
    printed_at timestamptz
);
comment on table badge_batch is 'Temporary accounts made from one sheet';
comment on column badge_batch.id is 'Id of the batch';
comment on column badge_batch.label is 'What it is for, e.g. reinforcement of a district';
comment on column badge_batch.ends_at is 'When its accounts end';
comment on column badge_batch.created_by is 'Account that loaded the sheet';
comment on column badge_batch.created_at is 'When it was loaded';
comment on column badge_batch.printed_at is 'First time the badges were fetched; clear secrets go 24 hours later';

create table account (
    id uuid primary key,
    kind text not null check (kind in ('office', 'field', 'citizen')),
    login text unique check (login = lower(login) and login <> ''),
    unit int references unit,
    sealed bytea not null,
    name_keys bigint[] not null default '{}',
    password_hash text,
    totp_sealed bytea,
    totp_step bigint,
    phone_key bytea unique,
    card uuid unique,
    batch uuid references badge_batch,
    demo_role text unique,
    language text not null default 'vi' check (language in ('vi', 'en')),
    version int not null default 1,
    created_by uuid references account,
    created_at timestamptz not null,
    activated_at timestamptz,
    ends_at timestamptz,
    suspended_at timestamptz,
    suspended_reason text,
    check ((suspended_at is null) = (suspended_reason is null)),
    check (kind <> 'citizen' or (password_hash is null and login is null))
);
comment on table account is 'Somebody who signs in';
comment on column account.id is 'Random id, safe to log';
comment on column account.kind is 'office: password and one-time code; field: badge and PIN; citizen: phone or printed card';
comment on column account.login is 'Name typed at sign-in, lower case; null where none is used';
comment on column account.unit is 'Unit whose administrators look after the account; null for citizens';
comment on column account.sealed is 'Encrypted: name, phone';
comment on column account.name_keys is 'Keyed hashes of the folded words of the name and of their prefixes';
comment on column account.password_hash is 'Argon2id in PHC form; null until the invitation is accepted';
comment on column account.totp_sealed is 'Encrypted: secret of the one-time code; null until enrolled';
comment on column account.totp_step is 'Last time step whose code was accepted: no code works twice';
comment on column account.phone_key is 'Keyed hash of the phone a citizen proved to hold';
comment on column account.card is 'Printed card the citizen signs in with';
comment on column account.batch is 'Sheet the account came from';
comment on column account.demo_role is 'Role this account shows in a demonstration';
comment on column account.language is 'Language the person reads';
comment on column account.version is 'Counts changes, for If-Match';
comment on column account.created_by is 'Account that made it';
comment on column account.created_at is 'When it was made';
comment on column account.activated_at is 'When its owner first proved to have it; null: invited';
comment on column account.ends_at is 'Cannot sign in from then on';
comment on column account.suspended_at is 'Since when it is suspended';
comment on column account.suspended_reason is 'Why';
create index account_unit on account (unit, id);
create index account_batch on account (batch);
create index account_name on account using gin (name_keys);
alter table badge_batch add foreign key (created_by) references account;

create table account_grant (
    id uuid primary key,
    account uuid not null references account,
    role text not null,
    unit int references unit,
    from_at timestamptz not null,
    until timestamptz,
    ended_at timestamptz,
    granted_by uuid references account
);
comment on table account_grant is 'A role held over an area for a time';
comment on column account_grant.id is 'Id of the grant';
comment on column account_grant.account is 'Who holds it';
comment on column account_grant.role is 'Role, as in kernel::Role';
comment on column account_grant.unit is 'Root of the area; null for roles over linked persons only';
comment on column account_grant.from_at is 'In force from';
comment on column account_grant.until is 'In force until; null: until ended';
comment on column account_grant.ended_at is 'When it was taken away';
comment on column account_grant.granted_by is 'Who gave it';
create index account_grant_account on account_grant (account);
create index account_grant_unit on account_grant (unit);
create unique index account_grant_once on account_grant (account, role, unit) nulls not distinct where ended_at is null;

create table account_person (
    account uuid not null references account,
    person uuid not null references person,
    relation text not null check (relation in ('self', 'household_head', 'guardian', 'family')),
    proof text not null check (proof in ('id_seen', 'card', 'confirmed')),
    by uuid references account,
    at timestamptz not null,
    ended_at timestamptz,
    primary key (account, person, at)
);
comment on table account_person is 'Which persons a citizen account may see; the only way a phone sees anybody';
comment on column account_person.account is 'Citizen account';
comment on column account_person.person is 'Person it may see';
comment on column account_person.relation is 'What the account''s owner is to the person';
comment on column account_person.proof is 'id_seen: staff saw the ID; card: printed card and birth year; confirmed: by one already linked';
comment on column account_person.by is 'Staff or linked account that made the link; null for a card';
comment on column account_person.at is 'When it was made';
comment on column account_person.ended_at is 'When it ended';
create unique index account_person_once on account_person (account, person) where ended_at is null;
create index account_person_person on account_person (person);

create table device (
    id uuid primary key,
    label text not null,
    unit int not null references unit,
    public_key bytea not null check (length(public_key) = 65),
    enrolled_by uuid not null references account,
    enrolled_at timestamptz not null,
    last_seen_at timestamptz,
    revoked_at timestamptz
);
comment on table device is 'An enrolled phone, tablet or scanner';
comment on column device.id is 'Id of the device';
comment on column device.label is 'What people call it';
comment on column device.unit is 'Unit it works in';
comment on column device.public_key is 'P-256 public key, uncompressed point; the private key never leaves the device';
comment on column device.enrolled_by is 'Account that made the enrolment code';
comment on column device.enrolled_at is 'When it was enrolled';
comment on column device.last_seen_at is 'Last sign-in on it';
comment on column device.revoked_at is 'When it was struck off';
create index device_unit on device (unit);

create table device_code (
    id uuid primary key,
    code_key bytea not null unique,
    label text not null,
    unit int not null references unit,
    created_by uuid not null references account,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table device_code is 'Short one-time codes that enrol a device';
comment on column device_code.id is 'Id of the code';
comment on column device_code.code_key is 'Keyed hash of the code';
comment on column device_code.label is 'Label the device will carry';
comment on column device_code.unit is 'Unit the device will work in';
comment on column device_code.created_by is 'Who made it';
comment on column device_code.created_at is 'When it was made';
comment on column device_code.expires_at is 'Worthless from then on';
comment on column device_code.used_at is 'When a device used it';

create table spent_nonce (
    nonce_hash bytea primary key,
    expires_at timestamptz not null
);
comment on table spent_nonce is 'Device challenges already answered; one answer each';
comment on column spent_nonce.nonce_hash is 'SHA-256 of the nonce';
comment on column spent_nonce.expires_at is 'The nonce is refused by its own date from then on, so the row may go';
create index spent_nonce_age on spent_nonce (expires_at);

create table badge (
    id uuid primary key,
    account uuid not null references account,
    secret_hash bytea not null unique,
    pin_hash text not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);
comment on table badge is 'A printed badge: its QR holds a secret, its owner knows the PIN';
comment on column badge.id is 'Id of the badge';
comment on column badge.account is 'Whose badge';
comment on column badge.secret_hash is 'SHA-256 of the secret (160 random bits)';
comment on column badge.pin_hash is 'Argon2id of the peppered PIN, in PHC form';
comment on column badge.created_at is 'When it was made';
comment on column badge.revoked_at is 'When it was struck off';
create unique index badge_live on badge (account) where revoked_at is null;

create table badge_print (
    badge uuid primary key references badge,
    batch uuid not null references badge_batch,
    position int not null,
    sealed bytea not null
);
comment on table badge_print is 'Clear secrets of badges still to be printed; deleted 24 hours after the first print';
comment on column badge_print.badge is 'The badge';
comment on column badge_print.batch is 'The batch it is printed with';
comment on column badge_print.position is 'Row of the sheet, so that badges print in its order';
comment on column badge_print.sealed is 'Encrypted: secret and PIN';
create index badge_print_batch on badge_print (batch, position);

create table session (
    id uuid primary key,
    token_hash bytea not null unique,
    account uuid not null references account,
    kind text not null check (kind in ('office', 'field', 'phone', 'card', 'demo')),
    device uuid references device,
    signed_in_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_s int not null check (idle_s > 0),
    expires_at timestamptz not null,
    ended_at timestamptz
);
comment on table session is 'A signed-in browser';
comment on column session.id is 'Id of the session';
comment on column session.token_hash is 'SHA-256 of the 256-bit token in the cookie';
comment on column session.account is 'Who is signed in';
comment on column session.kind is 'How they signed in; decides how long it lasts';
comment on column session.device is 'Enrolled device it runs on';
comment on column session.signed_in_at is 'When it began';
comment on column session.last_seen_at is 'Last request, to the minute';
comment on column session.idle_s is 'Ends after so many seconds without a request';
comment on column session.expires_at is 'Ends then at the latest';
comment on column session.ended_at is 'When it was ended';
create index session_account on session (account, last_seen_at desc);
create index session_age on session (expires_at);

create table sign_in_challenge (
    token_hash bytea primary key,
    account uuid not null references account,
    sealed bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table sign_in_challenge is 'Between the right password and the one-time code';
comment on column sign_in_challenge.token_hash is 'SHA-256 of the challenge the browser holds';
comment on column sign_in_challenge.account is 'Whose password was right';
comment on column sign_in_challenge.sealed is 'Encrypted: TOTP secret being enrolled; null when one is enrolled already';
comment on column sign_in_challenge.created_at is 'When the password was given';
comment on column sign_in_challenge.expires_at is 'Worthless from then on';
comment on column sign_in_challenge.used_at is 'When it became a session';
create index sign_in_challenge_age on sign_in_challenge (expires_at);

create table invitation (
    id uuid primary key,
    token_hash bytea not null unique,
    account uuid references account,
    created_by uuid references account,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);
comment on table invitation is 'One-time links that set a password; without an account: the link that makes the first administrator';
comment on column invitation.id is 'Id of the invitation';
comment on column invitation.token_hash is 'SHA-256 of the 256-bit token in the link';
comment on column invitation.account is 'Whose password it sets';
comment on column invitation.created_by is 'Who made it; null: the program at its first start';
comment on column invitation.created_at is 'When it was made';
comment on column invitation.expires_at is 'Worthless from then on';
comment on column invitation.used_at is 'When it was used';
comment on column invitation.revoked_at is 'When a newer one took its place';
create index invitation_account on invitation (account);

create table api_token (
    id uuid primary key,
    token_hash bytea not null unique,
    label text not null,
    scopes text[] not null check (cardinality(scopes) > 0),
    unit int not null references unit,
    until timestamptz not null,
    created_by uuid not null references account,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
comment on table api_token is 'A key for another program: few permissions, one area, an end date';
comment on column api_token.id is 'Id of the token';
comment on column api_token.token_hash is 'SHA-256 of the 256-bit token';
comment on column api_token.label is 'What it is for';
comment on column api_token.scopes is 'Permissions it has, as in domain::access::Permission';
comment on column api_token.unit is 'Root of the area';
comment on column api_token.until is 'Worthless from then on';
comment on column api_token.created_by is 'Who made it and answers for it; acts only while that account may sign in';
comment on column api_token.created_at is 'When it was made';
comment on column api_token.last_used_at is 'Last request, to the minute';
comment on column api_token.revoked_at is 'When it was struck off';
create index api_token_unit on api_token (unit);

create table otp (
    phone_key bytea primary key,
    code_key bytea not null,
    tries int not null default 0,
    sent_at timestamptz not null,
    expires_at timestamptz not null
);
comment on table otp is 'The one-time code last sent to a phone';
comment on column otp.phone_key is 'Keyed hash of the phone';
comment on column otp.code_key is 'Keyed hash of phone and code';
comment on column otp.tries is 'Codes tried against it';
comment on column otp.sent_at is 'When it was sent';
comment on column otp.expires_at is 'Worthless from then on';
create index otp_age on otp (expires_at);

create table person_card (
    id uuid primary key,
    person uuid not null references person,
    code_key bytea not null unique,
    misses int not null default 0,
    issued_by uuid references account,
    issued_at timestamptz not null,
    locked_at timestamptz,
    revoked_at timestamptz
);
comment on table person_card is 'Printed card of a person without a phone of their own';
comment on column person_card.id is 'Id of the card';
comment on column person_card.person is 'Whose card';
comment on column person_card.code_key is 'Keyed hash of its code (64 random bits and a check character)';
comment on column person_card.misses is 'Wrong birth years since it was issued; ten lock it for good, whatever the address they came from';
comment on column person_card.issued_by is 'Who handed it out';
comment on column person_card.issued_at is 'When it was issued';
comment on column person_card.locked_at is 'When it was locked: staff issue another';
comment on column person_card.revoked_at is 'When it was struck off';
create index person_card_person on person_card (person);
alter table account add foreign key (card) references person_card;

create table throttle (
    kind text not null,
    key bytea not null,
    failures int not null,
    last_at timestamptz not null,
    locked_until timestamptz,
    primary key (kind, key)
);
comment on table throttle is 'Failed attempts by address, login, badge, card or phone; outlives restarts';
comment on column throttle.kind is 'What is counted, e.g. password.login';
comment on column throttle.key is 'Keyed hash of the address, login, badge, card or phone';
comment on column throttle.failures is 'Attempts that count against it';
comment on column throttle.last_at is 'Latest of them';
comment on column throttle.locked_until is 'Refused until then';
create index throttle_age on throttle (last_at);

create function unit_lies_in(lower_unit int, roots int[], on_day date) returns boolean language sql stable parallel safe as $$
    select exists (
        select from unit u join unit_ancestor a on a.descendant = u.id
        where u.id = lower_unit and a.ancestor = any (roots)
          and least(on_day, coalesce(u.valid_to, on_day)) between a.valid_from and a.valid_to)
$$;
comment on function unit_lies_in is 'True when a unit lies in one of the areas on a day; an abolished unit is looked for on its last day';

-- Links to persons and their cards are seen only by those who may see the person.
alter table person_card enable row level security;
create policy area on person_card to greenfort_app using (exists (select from person p where p.id = person));
create policy worker on person_card to greenfort_worker using (true);
-- Signing in comes before anybody may see a person: the code itself, at least 64 random bits, is the key to one row.
create function card_by_code(wanted bytea) returns table (id uuid, person uuid) language sql stable security definer
    set search_path = public as $$
    select c.id, c.person from person_card c where c.code_key = wanted and c.revoked_at is null
$$;
comment on function card_by_code is 'The live card with this keyed code, past row security, and nothing more of it';

grant select, insert, update on account, account_grant, account_person, device, device_code, badge, badge_batch, session,
    sign_in_challenge, invitation, api_token, otp, person_card, throttle to greenfort_app, greenfort_worker;
grant select, insert on spent_nonce, badge_print to greenfort_app;
grant select, delete on spent_nonce, badge_print to greenfort_worker;
grant delete on throttle, session, sign_in_challenge, otp, device_code to greenfort_worker;
