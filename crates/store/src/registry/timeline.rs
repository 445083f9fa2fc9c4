//! Everything that is known to have happened to a person, newest first.

use crate::{Result, Tx};
use greenfort_kernel::PersonId;
use jiff::civil::Date;
use serde_json::Value;

/// One line of a person's history.
#[derive(Debug)]
pub struct Line {
    pub on: Date,
    /// `registered`, `moved`, `dose`, `restricted`, `works`, `group`, `drives`, `swabbed`, …
    pub kind: String,
    /// Names of units, documents and the like that the words of the line need; no name of a person.
    pub detail: Value,
}

/// Most lines shown; nobody's history is longer.
const MOST: i64 = 500;

/// # Errors
/// When the database refuses.
pub async fn of(tx: &mut Tx, id: PersonId) -> Result<Vec<Line>> {
    let rows = sqlx::query!(
        r#"select day as "day!: jiff_sqlx::Date", kind as "kind!", detail as "detail!" from (
             select e.on_date as day, e.at, e.kind, jsonb_strip_nulls(jsonb_build_object(
                        'from', f.name, 'to', t.name, 'from_household', e.from_household, 'to_household', e.to_household))
                    || e.detail as detail
             from person_event e left join unit f on f.id = e.from_unit left join unit t on t.id = e.to_unit
             where e.person in (select id from person where id = $1 or merged_into = $1)
             union all
             select (coalesce(i.finished_at, p.created_at) at time zone 'Asia/Ho_Chi_Minh')::date, p.created_at, 'registered',
                    jsonb_build_object('import', i.id)
             from person p join person_import i on i.id = p.import
             where p.id in (select id from person where id = $1 or merged_into = $1)
             union all
             select v.given_on, v.at, 'dose', jsonb_build_object('dose', v.dose, 'product', v.product)
             from vaccination v where v.person in (select id from person where id = $1 or merged_into = $1)
             union all
             select (at_time at time zone 'Asia/Ho_Chi_Minh')::date, at_time, what,
                    jsonb_build_object('restriction', r.kind, 'document', r.document)
             from restriction_target t join restriction r on r.id = t.restriction
             cross join lateral (values ('restricted', r.starts_at), ('released', r.ends_at)) times (what, at_time)
             where t.person in (select id from person where id = $1 or merged_into = $1) and at_time is not null
             union all
             select day, null, what, jsonb_build_object('name', o.name, 'role', m.role)
             from organisation_member m join organisation o on o.id = m.organisation
             cross join lateral (values ('works', m.from_date), ('worked', m.to_date)) days (what, day)
             where m.person in (select id from person where id = $1 or merged_into = $1) and day is not null
             union all
             select day, null, what, jsonb_build_object('name', g.name)
             from resident_group_member m join resident_group g on g.id = m.resident_group
             cross join lateral (values ('group', m.from_date), ('group_left', m.to_date)) days (what, day)
             where m.person in (select id from person where id = $1 or merged_into = $1) and day is not null
             union all
             select day, null, what, jsonb_build_object('plate', v.plate)
             from vehicle_driver m join vehicle v on v.id = m.vehicle
             cross join lateral (values ('drives', m.from_date), ('drove', m.to_date)) days (what, day)
             where m.person in (select id from person where id = $1 or merged_into = $1) and day is not null
             union all
             select (s.sampled_at at time zone 'Asia/Ho_Chi_Minh')::date, s.sampled_at, 'swabbed',
                    jsonb_build_object('barcode', s.barcode)
             from specimen_donor d
             join specimen s on s.province = d.province and s.round = d.round and s.id = d.specimen
             where d.person in (select id from person where id = $1 or merged_into = $1) and s.voided_at is null
           ) lines order by day desc, at desc nulls last limit $2"#,
        id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|r| Line { on: r.day.to_jiff(), kind: r.kind, detail: r.detail }).collect())
}
