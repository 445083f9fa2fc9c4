use super::*;
use greenfort_kernel::{SeededEntropy, SystemClock, World};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const YEAR: i16 = 2021;

fn id(n: u128) -> PersonId {
    PersonId(uuid::Uuid::from_u128(n))
}

fn member(n: u128, birth_year: i16) -> Member {
    Member {
        person: id(n),
        birth_year,
        vaccine_doses: 1,
        exposure: "none".to_owned(),
        represented_last_round: false,
        exempt: None,
    }
}

fn swabbed(choice: &Choice) -> Vec<PersonId> {
    choice.subjects.iter().filter(|s| s.expected == Expected::Swab).map(|s| s.person).collect()
}

#[test]
fn last_rounds_representative_stays_home_when_somebody_else_may_be_swabbed() {
    let rule = SamplingRule::default_of_2021();
    let mut mother = member(1, 1970);
    mother.represented_last_round = true;
    mother.vaccine_doses = 0;
    let choice = choose(&[mother, member(2, 1995)], 1, &rule, YEAR);
    assert_eq!(swabbed(&choice), [id(2)]);
    assert_eq!(choice.severity, None);
    assert_eq!(choice.subjects[0].reasons, [Reason::AnotherPerson]);
    assert_eq!(choice.subjects[1].choice, 2, "and takes over if the other one is absent");
}

#[test]
fn somebody_living_alone_is_swabbed_again_and_the_list_says_so() {
    let rule = SamplingRule::default_of_2021();
    let mut alone = member(1, 1950);
    alone.represented_last_round = true;
    let choice = choose(&[alone], 1, &rule, YEAR);
    assert_eq!(swabbed(&choice), [id(1)]);
    assert_eq!(choice.severity, Some(Severity::Warn));
    assert_eq!(choice.subjects[0].reasons, [Reason::OnlyOne, Reason::SamePersonAgain]);
}

#[test]
fn a_rule_that_refuses_chooses_nobody_rather_than_the_same_person() {
    let rule =
        SamplingRule { another_than_last_round: Some(Severity::Refuse), ..SamplingRule::default_of_2021() };
    let mut alone = member(1, 1950);
    alone.represented_last_round = true;
    let choice = choose(&[alone], 1, &rule, YEAR);
    assert_eq!(swabbed(&choice), []);
    assert_eq!(choice.severity, Some(Severity::Refuse));
}

#[test]
fn a_household_of_five_gives_two_the_unvaccinated_trader_first() {
    let rule = SamplingRule::default_of_2021();
    let mut trader = member(4, 1980);
    trader.vaccine_doses = 0;
    trader.exposure = "trader".to_owned();
    let mut unvaccinated = member(5, 1985);
    unvaccinated.vaccine_doses = 0;
    let household = [member(1, 1950), member(2, 1955), member(3, 1990), unvaccinated, trader];
    let wanted = rule.representatives_of(household.len());
    let choice = choose(&household, wanted, &rule, YEAR);
    assert_eq!(swabbed(&choice), [id(4), id(5)]);
    assert_eq!(choice.subjects[0].reasons, [Reason::LeastVaccinated, Reason::MostExposed]);
    assert_eq!(choice.subjects[1].reasons, [Reason::LeastVaccinated, Reason::LargeHousehold]);
}

#[test]
fn small_children_are_represented_and_never_swabbed() {
    let rule = SamplingRule::default_of_2021();
    let choice = choose(&[member(1, 1990), member(2, YEAR - 1)], 1, &rule, YEAR);
    let child = &choice.subjects[1];
    assert_eq!((child.expected, child.choice), (Expected::Represented, 0));
    assert_eq!(child.reasons, [Reason::Age]);
}

#[test]
fn a_household_where_nobody_may_be_swabbed_is_exempt_with_a_warning() {
    let rule = SamplingRule::default_of_2021();
    let mut ill = member(1, 1990);
    ill.exempt = Some(Reason::InHospital);
    let choice = choose(&[ill, member(2, YEAR)], 1, &rule, YEAR);
    assert!(choice.subjects.iter().all(|s| s.expected == Expected::Exempt));
    assert_eq!(choice.severity, Some(Severity::Warn));
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let one = (1900_i16..=YEAR, 0_i16..4, 0_usize..5, any::<bool>(), 0_usize..8);
    prop::collection::vec(one, 0..12).prop_map(|rows| {
        let world = World::new(Arc::new(SystemClock), Arc::new(SeededEntropy::new(7)));
        rows.into_iter()
            .map(|(birth_year, vaccine_doses, exposure, represented_last_round, exempt)| Member {
                person: world.id(),
                birth_year,
                vaccine_doses,
                exposure: ["none", "trader", "driver", "worker", "health_worker"][exposure].to_owned(),
                represented_last_round,
                exempt: (exempt == 0).then_some(Reason::InQuarantine),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_member_stands_on_the_list_once_and_as_many_are_swabbed_as_can_be(members in members(), wanted in 1_usize..4) {
        let rule = SamplingRule::default_of_2021();
        let choice = choose(&members, wanted, &rule, YEAR);
        let listed: BTreeSet<PersonId> = choice.subjects.iter().map(|s| s.person).collect();
        prop_assert_eq!(listed.len(), choice.subjects.len());
        prop_assert_eq!(listed, members.iter().map(|m| m.person).collect());
        let may = members.iter().filter(|m| m.exempt.is_none() && YEAR - m.birth_year >= rule.least_age).count();
        prop_assert_eq!(swabbed(&choice).len(), wanted.min(may));
        for swab in swabbed(&choice) {
            let m = members.iter().find(|m| m.person == swab).unwrap();
            prop_assert!(m.exempt.is_none() && YEAR - m.birth_year >= rule.least_age);
        }
    }

    #[test]
    fn nobody_goes_twice_while_somebody_rested_could_go(members in members(), wanted in 1_usize..4) {
        let rule = SamplingRule::default_of_2021();
        let choice = choose(&members, wanted, &rule, YEAR);
        let again = |p: PersonId| members.iter().any(|m| m.person == p && m.represented_last_round);
        if swabbed(&choice).into_iter().any(again) {
            let rested = choice.subjects.iter()
                .filter(|s| s.choice > 0 && s.expected != Expected::Swab && !again(s.person));
            prop_assert_eq!(rested.count(), 0);
            prop_assert!(choice.severity >= Some(Severity::Warn));
        }
    }

    #[test]
    fn the_list_does_not_depend_on_the_order_of_reading(members in members(), wanted in 1_usize..4, turn in 0_usize..12) {
        let rule = SamplingRule::default_of_2021();
        let mut turned = members.clone();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        prop_assert_eq!(choose(&members, wanted, &rule, YEAR), choose(&turned, wanted, &rule, YEAR));
    }
}
