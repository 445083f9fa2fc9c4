-- The code that a commune's own sheets give a person finds the person again in the next sheet, where there is no number.
alter table person add column sheet_key bytea;
comment on column person.sheet_key is 'Keyed hash of the code the commune''s own sheets give the person, within the commune';
create index person_sheet_key on person (sheet_key) where sheet_key is not null;
