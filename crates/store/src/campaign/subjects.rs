//! Who is expected in a round: from the register, by the rule, and kept when the plan changes.

use super::Round;
use super::plan::RuleInForce;
use crate::{Result, Tx};
use greenfort_domain::campaign::{Choice, Expected, Member, Reason, Severity, Subject, choose};
use greenfort_kernel::{PersonId, UnitId};
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// What planning some hamlets gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    pub people: usize,
    pub households: usize,
    pub swabs: usize,
    pub represented: usize,
    pub exempt: usize,
    /// Households where a rule had to be left.
    pub warnings: usize,
}

/// A household as planning reads it: its hamlet, its place on the route, its members.
struct Home {
    unit: i32,
    household: Option<Uuid>,
    walk_order: i32,
    members: Vec<Member>,
}

/// Decides who is expected in these hamlets and replaces what was decided before, except for people added on the spot.
///
/// # Errors
/// When the database refuses.
pub async fn expect(
    tx: &mut Tx,
    round: &Round,
    hamlets: &[UnitId],
    everyone: bool,
    in_force: &RuleInForce,
) -> Result<Planned> {
    let year = greenfort_kernel::local_date(round.window.starts_at).year();
    let homes = read_homes(tx, round, hamlets).await?;
    let mut planned = Planned { households: homes.len(), ..Planned::default() };
    let mut rows = Rows::default();
    for home in &homes {
        let count = home.members.len();
        let wanted = if everyone { count } else { in_force.rule.representatives_of(count) };
        let mut choice = choose(&home.members, wanted, &in_force.rule, year);
        if everyone {
            for_everyone(&mut choice);
        }
        planned.warnings += usize::from(choice.severity.is_some());
        for subject in &choice.subjects {
            planned.people += 1;
            match subject.expected {
                Expected::Swab => planned.swabs += 1,
                Expected::Represented => planned.represented += 1,
                Expected::Exempt => planned.exempt += 1,
            }
            rows.push(subject, choice.severity, home);
        }
    }
    rows.save(tx, round, hamlets).await?;
    Ok(planned)
}

/// Where everybody is swabbed nobody is chosen before another, and whoever is too young for a swab is left out, not
/// represented.
fn for_everyone(choice: &mut Choice) {
    choice.severity = None;
    for subject in &mut choice.subjects {
        match subject.expected {
            Expected::Swab => subject.reasons = vec![Reason::Everyone],
            Expected::Represented => subject.expected = Expected::Exempt,
            Expected::Exempt => {}
        }
    }
}

/// Present people of the hamlets by household; whoever lives in none stands alone: nobody could stand for them.
async fn read_homes(tx: &mut Tx, round: &Round, hamlets: &[UnitId]) -> Result<Vec<Home>> {
    let units: Vec<i32> = hamlets.iter().map(|u| u.0).collect();
    let rows = sqlx::query!(
        r#"with stood as (
             select distinct s.representative from specimen_represents s
             join specimen t on (t.province, t.round, t.id) = (s.province, s.round, s.specimen)
             where s.province = $2 and t.voided_at is null
               and s.round = (select r.id from round r where r.campaign = $3 and r.number = $4 - 1)
         )
         select p.id, p.unit, p.household, coalesce(h.walk_order, 2147483647) as "walk_order!", p.birth_year, p.vaccine_doses,
                p.exposure, (st.representative is not null) as "again!",
                (select v.reason from visit v where v.person = p.id and v.round = $5 and v.reach = 'exempt'
                 order by v.occurred_at desc limit 1) as exemption
         from person p left join household h on h.id = p.household left join stood st on st.representative = p.id
         where p.unit = any ($1) and p.removed is null
         order by p.household, p.id"#,
        &units,
        round.province.0,
        round.campaign.map(|c| c.0),
        round.number,
        round.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut homes: Vec<Home> = Vec::new();
    for r in rows {
        let member = Member {
            person: PersonId(r.id),
            birth_year: r.birth_year,
            vaccine_doses: r.vaccine_doses,
            exposure: r.exposure,
            represented_last_round: r.again,
            exempt: r.exemption.as_deref().and_then(exemption),
        };
        match homes.last_mut() {
            Some(home) if home.household.is_some() && home.household == r.household => {
                home.members.push(member);
            }
            _ => homes.push(Home {
                unit: r.unit,
                household: r.household,
                walk_order: r.walk_order,
                members: vec![member],
            }),
        }
    }
    Ok(homes)
}

fn exemption(reason: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|r| {
        r.as_str() == reason && matches!(r, Reason::Recovered | Reason::InQuarantine | Reason::InHospital)
    })
}

/// Columns for one UNNEST.
#[derive(Default)]
struct Rows {
    person: Vec<Uuid>,
    unit: Vec<i32>,
    household: Vec<Option<Uuid>>,
    expected: Vec<String>,
    choice: Vec<i16>,
    reasons: Vec<String>,
    severity: Vec<Option<String>>,
    walk_order: Vec<i32>,
}

impl Rows {
    fn push(&mut self, subject: &Subject, severity: Option<Severity>, home: &Home) {
        let reasons: Vec<&str> = subject.reasons.iter().map(|r| r.as_str()).collect();
        self.person.push(subject.person.0);
        self.unit.push(home.unit);
        self.household.push(home.household);
        self.expected.push(subject.expected.as_str().to_owned());
        self.choice.push(i16::try_from(subject.choice).unwrap_or(i16::MAX));
        self.reasons.push(reasons.join(","));
        // A refusing rule leaves its household without a choice; the list shows it as a warning to be settled.
        self.severity.push(severity.map(|s| if s == Severity::Note { "note" } else { "warn" }.to_owned()));
        self.walk_order.push(home.walk_order);
    }

    async fn save(&self, tx: &mut Tx, round: &Round, hamlets: &[UnitId]) -> Result<()> {
        let units: Vec<i32> = hamlets.iter().map(|u| u.0).collect();
        let now = tx.world.now();
        sqlx::query!(
            "insert into round_subject (province, round, person, unit, household, expected, choice, reasons, severity,
                 walk_order, planned_at)
             select $1, $2, r.person, r.unit, r.household, r.expected, r.choice, string_to_array(r.reasons, ','),
                    r.severity, r.walk_order, $11
             from unnest($3::uuid[], $4::int[], $5::uuid[], $6::text[], $7::int2[], $8::text[], $9::text[], $10::int[])
                 r (person, unit, household, expected, choice, reasons, severity, walk_order)
             on conflict (province, round, person) do update set unit = excluded.unit, household = excluded.household,
                 expected = excluded.expected, choice = excluded.choice, reasons = excluded.reasons,
                 severity = excluded.severity, walk_order = excluded.walk_order, planned_at = excluded.planned_at",
            round.province.0,
            round.id.0,
            &self.person,
            &self.unit,
            &self.household as _,
            &self.expected,
            &self.choice,
            &self.reasons,
            &self.severity as _,
            &self.walk_order,
            now.to_sqlx() as _
        )
        .execute(tx.conn())
        .await?;
        // Who was planned here before and is no longer in the register here is no longer expected to be swabbed.
        sqlx::query!(
            "update round_subject set expected = 'exempt', choice = 0, reasons = '{removed}', severity = null, planned_at = $4
             where province = $1 and round = $2 and unit = any ($3) and origin = 'register' and planned_at < $4",
            round.province.0,
            round.id.0,
            &units,
            now.to_sqlx() as _
        )
        .execute(tx.conn())
        .await?;
        Ok(())
    }
}
