//! What was ever concluded of a person, newest first, back to the first round.

use crate::{Result, Tx};
use greenfort_kernel::{AssayId, PersonId, ReleaseId, RoundId, SpecimenId};
use jiff::Timestamp;

/// One version of what was known of somebody.
#[derive(Debug, Clone)]
pub struct Entry {
    pub round: RoundId,
    /// None: evidence outside a round ("ngoài vòng").
    pub number: Option<i32>,
    pub campaign: Option<String>,
    pub starts_at: Timestamp,
    pub version: i32,
    /// The newest of its round.
    pub current: bool,
    pub reach: String,
    pub outcome: String,
    pub withheld: Option<String>,
    pub clears: bool,
    pub basis: Option<String>,
    pub barcode: Option<String>,
    pub specimen: Option<SpecimenId>,
    pub release: Option<ReleaseId>,
    pub assay: Option<AssayId>,
    pub method: Option<String>,
    pub kit: Option<String>,
    /// Where the deciding reading was made; none: at a site.
    pub laboratory: Option<String>,
    pub released_at: Option<Timestamp>,
    /// When the deciding specimen was taken.
    pub swabbed_at: Option<Timestamp>,
    pub sampled_at: Option<Timestamp>,
    pub repeat_from: Option<Timestamp>,
    /// Millionths.
    pub posterior: Option<i32>,
    pub again: Option<bool>,
    pub was: Option<String>,
    pub at: Timestamp,
}

/// Everything concluded of a person; rounds that expected them and concluded nothing yet stand as version 0.
///
/// # Errors
/// When the database refuses.
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"select h.round, r.number, m.name as "campaign?", r.starts_at, coalesce(c.version, 0) as "version!",
                  (c.version is null or c.version = h.version) as "current!", coalesce(c.reach, h.reach) as "reach!",
                  coalesce(c.outcome, h.outcome) as "outcome!", c.withheld as "withheld?", coalesce(c.clears, false) as "clears!",
                  c.basis as "basis?", s.barcode as "barcode?", c.specimen as "specimen?", c.release as "release?",
                  c.assay as "assay?", coalesce(c.method, a.method) as "method?", a.kit as "kit?",
                  l.name as "laboratory?", e.at as "released_at?", s.sampled_at as "swabbed_at?",
                  c.sampled_at as "sampled_at?", c.repeat_from as "repeat_from?", c.posterior as "posterior?",
                  c.again as "again?", c.was as "was?", coalesce(c.at, r.created_at) as "at!"
           from conclusion_head h
           join round r on r.id = h.round left join campaign m on m.id = r.campaign
           left join conclusion c on (c.province, c.round, c.subject) = (h.province, h.round, h.subject)
           left join specimen s on (s.province, s.round, s.id) = (c.province, c.round, c.specimen)
           left join assay a on a.id = c.assay
           left join release e on e.id = c.release left join run u on u.id = e.run
           left join laboratory l on l.id = u.laboratory
           where h.person = $1 order by r.starts_at desc, h.round, c.version desc"#,
        person.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Entry {
            round: RoundId(r.round),
            number: r.number,
            campaign: r.campaign,
            starts_at: r.starts_at.to_jiff(),
            version: r.version,
            current: r.current,
            reach: r.reach,
            outcome: r.outcome,
            withheld: r.withheld,
            clears: r.clears,
            basis: r.basis,
            barcode: r.barcode,
            specimen: r.specimen.map(SpecimenId),
            release: r.release.map(ReleaseId),
            assay: r.assay.map(AssayId),
            method: r.method,
            kit: r.kit,
            laboratory: r.laboratory,
            released_at: r.released_at.map(|t| t.to_jiff()),
            swabbed_at: r.swabbed_at.map(|t| t.to_jiff()),
            sampled_at: r.sampled_at.map(|t| t.to_jiff()),
            repeat_from: r.repeat_from.map(|t| t.to_jiff()),
            posterior: r.posterior,
            again: r.again,
            was: r.was,
            at: r.at.to_jiff(),
        })
        .collect())
}
