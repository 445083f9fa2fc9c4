-- How a site lead settled what a phone reported.

alter table intake_problem add column decision text
    check (decision in ('right_as_recorded', 'time_confirmed', 'paper_compared'));
alter table intake_problem add constraint intake_problem_decided check ((decision is null) = (settled_at is null)) not valid;
comment on column intake_problem.decision is 'What the site lead found: right_as_recorded, time_confirmed (asked who took the swab), paper_compared';
grant update (decision) on intake_problem to greenfort_app;
