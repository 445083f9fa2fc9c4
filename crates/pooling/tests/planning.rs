//! The planner against brute force, against exact expectations, and under limits that move.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use greenfort_pooling::decode::Material;
use greenfort_pooling::plan::{Binding, Commune, DesignChoice, Laboratory, Limits, Menu, plan};
use greenfort_pooling::prevalence::Belief;
use greenfort_pooling::{Accuracy, Algorithm, Design, Risks};

fn accuracy(pool: f64) -> Vec<Accuracy> {
    vec![Accuracy::new(pool, 0.995).unwrap(), Accuracy::new(0.97, 0.999).unwrap()]
}

/// Larger pools dilute more.
fn designs() -> Vec<DesignChoice> {
    [1_usize, 3, 5, 8, 10, 15, 20]
        .iter()
        .map(|n| DesignChoice::new(Design::dorfman(*n).unwrap(), accuracy(0.97 - 0.006 * *n as f64)))
        .collect()
}

fn commune(k: usize, p: f64, specimens: u64) -> Commune {
    Commune {
        name: format!("c{k}"),
        specimens,
        belief: Belief::beta(2.0, 2.0 / p - 2.0).unwrap(),
        material: Material::Media,
        laboratory: None,
    }
}

fn laboratory(per_hour: f64) -> Laboratory {
    Laboratory { name: "CDC".into(), per_hour: [per_hour; 24], turnaround: 5.0 }
}

#[test]
fn expectations_on_the_menu_are_those_over_the_belief() {
    let c = commune(0, 0.004, 1000);
    let mut designs = designs();
    let three = vec![accuracy(0.9)[0], accuracy(0.9)[0], accuracy(0.9)[1]];
    designs.push(DesignChoice::new(Algorithm::D3.design("20|5+5+5+5").unwrap(), three.clone()));
    designs.push(DesignChoice::new(Algorithm::A2.design("8x12").unwrap(), accuracy(0.9)));
    designs.push(DesignChoice::new(Algorithm::A2M.design("6x6").unwrap(), three));
    let menu = Menu::new(std::slice::from_ref(&c), &designs).unwrap();
    for offer in menu.offers(0) {
        let d = &designs[offer.design];
        let n = d.design.members() as f64;
        let mean =
            c.belief.expect(|p| d.design.characteristics(&Risks::Same(p), &d.media).unwrap().expected_tests);
        let missed = c.belief.expect(|p| d.design.characteristics(&Risks::Same(p), &d.media).unwrap().missed);
        assert!((offer.tests / (1000.0 / n * mean) - 1.0).abs() < 1e-6, "{}", d.design);
        assert!((offer.missed / (1000.0 / n * missed) - 1.0).abs() < 1e-6, "{}", d.design);
        let by_stage: f64 = offer.stages.iter().map(|s| s.0).sum();
        assert!((by_stage / offer.tests - 1.0).abs() < 1e-9, "{} {by_stage} {}", d.design, offer.tests);
    }
}

#[test]
fn a_tighter_laboratory_never_misses_less_and_is_never_exceeded() {
    let communes: Vec<Commune> =
        (0..40).map(|k| commune(k, 0.001 * (1 + k % 9) as f64, 500 + 37 * k as u64)).collect();
    let designs = designs();
    let mut before = f64::INFINITY;
    let mut seen = Vec::new();
    for per_hour in [110.0, 130.0, 180.0, 300.0, 1500.0] {
        let labs = [laboratory(per_hour), laboratory(per_hour / 2.0)];
        let out = plan(&communes, &designs, &labs, &Limits::default()).unwrap();
        assert_ne!(out.binding, Binding::Infeasible, "{per_hour}");
        assert!(out.missed <= before * (1.0 + 1e-12));
        before = out.missed;
        for (l, capacity) in out.capacity.iter().enumerate() {
            let used: f64 = out.communes.iter().filter(|c| c.laboratory == l).map(|c| c.tests).sum();
            assert!(used <= *capacity);
        }
        seen.push(out.binding);
    }
    assert_eq!(seen[0], Binding::Tests);
    assert_eq!(seen[4], Binding::Nothing);
    let none = plan(&communes, &designs, &[laboratory(5.0)], &Limits::default()).unwrap();
    assert_eq!(none.binding, Binding::Infeasible);
    assert!(!none.in_time);
}

#[test]
fn the_greedy_choice_is_optimal_but_for_one_commune_s_step() {
    let communes: Vec<Commune> = (0..5).map(|k| commune(k, 0.002 * (k + 1) as f64, 400)).collect();
    let designs = designs();
    let limits = Limits { z: 0.0, ..Limits::default() };
    let menu = Menu::new(&communes, &designs).unwrap();
    let offers: Vec<_> = (0..5).map(|c| menu.offers(c)).collect();
    for per_hour in [8.0, 10.0, 14.0, 20.0] {
        let out = plan(&communes, &designs, &[laboratory(per_hour)], &limits).unwrap();
        let capacity = out.capacity[0];
        let mut best = f64::INFINITY;
        for code in 0..7_usize.pow(5) {
            let pick = (0..5).map(|c| &offers[c][code / 7_usize.pow(c as u32) % 7]);
            let (tests, missed) = pick.fold((0.0, 0.0), |(t, m), o| (t + o.tests, m + o.missed));
            if tests <= capacity {
                best = best.min(missed);
            }
        }
        let step =
            out.communes.iter().filter_map(|c| c.next.as_ref()).map(|s| s.fewer_missed).fold(0.0, f64::max);
        assert!(out.missed >= best - 1e-12 && out.missed <= best + step, "{} {best} {step}", out.missed);
    }
}

#[test]
fn staff_binds_where_it_is_scarce() {
    let communes: Vec<Commune> = (0..10).map(|k| commune(k, 0.003, 1000)).collect();
    let free = plan(&communes, &designs(), &[laboratory(1000.0)], &Limits::default()).unwrap();
    let limits = Limits { staff_minutes: Some(free.staff_minutes * 0.85), ..Limits::default() };
    let scarce = plan(&communes, &designs(), &[laboratory(1000.0)], &limits).unwrap();
    assert_eq!(scarce.binding, Binding::Staff);
    assert!(scarce.staff_minutes <= free.staff_minutes * 0.85 && scarce.missed > free.missed);
}

#[test]
fn the_queue_loses_nobody_and_waits_longer_when_it_is_slower() {
    let communes: Vec<Commune> = (0..20).map(|k| commune(k, 0.004, 2000)).collect();
    let only = vec![designs().remove(4)];
    let mut p90 = 0.0;
    for per_hour in [2000.0, 130.0, 60.0] {
        let out = plan(&communes, &only, &[laboratory(per_hour)], &Limits::default()).unwrap();
        let started: f64 = out.hours[0].iter().map(|h| h.started).sum();
        let arrived: f64 = out.hours[0].iter().map(|h| h.arrived).sum();
        assert!((started / out.tests - 1.0).abs() < 1e-9 && (arrived / out.tests - 1.0).abs() < 1e-9);
        assert!(out.hours[0].iter().all(|h| h.started <= per_hour + 1e-9));
        let worst = out.communes.iter().map(|c| c.journey.p90).fold(0.0, f64::max);
        assert!(worst > p90, "{per_hour}: {worst}");
        p90 = worst;
        for c in &out.communes {
            assert!((c.pass.usable + c.journey.p90 - 72.0).abs() < 1e-9);
            assert!(c.journey.p50 <= c.journey.p90);
            assert!(
                (c.pass.gap - c.journey.p90).abs() < 1e-9,
                "a 72-hour pass every 72 hours leaves a gap of the delay"
            );
        }
    }
}

#[test]
fn swab_pools_need_time_for_recall() {
    let mut c = commune(0, 0.003, 1000);
    c.material = Material::Swab;
    let limits = Limits { hours: 55.0, ..Limits::default() };
    let out = plan(std::slice::from_ref(&c), &designs(), &[laboratory(1000.0)], &limits).unwrap();
    // 36 h of swabs + 3 h + one run: only singles end within 55 h when a recall takes 12 h.
    assert_eq!(out.communes[0].design.to_string(), "1");
    c.material = Material::Media;
    let out = plan(std::slice::from_ref(&c), &designs()[4..5], &[laboratory(1000.0)], &limits).unwrap();
    assert_eq!(out.communes[0].design.to_string(), "10");
    // With nothing but pools it is late, and says so; the fastest is taken.
    c.material = Material::Swab;
    let late = plan(std::slice::from_ref(&c), &designs()[4..5], &[laboratory(1000.0)], &limits).unwrap();
    assert!(late.communes[0].too_late && !late.in_time);
    let array = [DesignChoice::new(Algorithm::A2.design("4x4").unwrap(), accuracy(0.9))];
    let error = plan(std::slice::from_ref(&c), &array, &[laboratory(1000.0)], &limits).unwrap_err();
    assert_eq!(error.argument(), "designs");
}

#[test]
fn a_step_is_taken_only_while_a_find_is_worth_its_tests() {
    let communes: Vec<Commune> =
        (0..12).map(|k| commune(k, 0.001 * (1 + k % 5) as f64, 900 + 10 * k as u64)).collect();
    let at = |worth: Option<f64>| {
        let limits = Limits { worth, ..Limits::default() };
        plan(&communes, &designs(), &[laboratory(5000.0)], &limits).unwrap()
    };
    let everything = at(None);
    assert_eq!(everything.binding, Binding::Nothing);
    let cheapest = at(Some(0.0));
    assert_eq!(cheapest.binding, Binding::Worth);
    let menu = Menu::new(&communes, &designs()).unwrap();
    for (c, chosen) in cheapest.communes.iter().enumerate() {
        let least = menu.offers(c).iter().map(|o| o.tests).fold(f64::INFINITY, f64::min);
        assert_eq!(chosen.tests, least);
        assert_eq!(chosen.stopped_by, Some(Binding::Worth));
    }
    let mut before = (0.0, f64::INFINITY);
    for worth in [0.0, 10.0, 100.0, 1000.0, 1e4, 1e5, 1e6] {
        let out = at(Some(worth));
        assert!(out.tests >= before.0 && out.missed <= before.1);
        for c in &out.communes {
            // What is left costs more than it is worth.
            if let Some(step) = &c.next {
                assert!(step.more_tests / step.fewer_missed > worth);
            }
        }
        before = (out.tests, out.missed);
    }
    assert!((before.0 - everything.tests).abs() < 1e-6);
}

#[test]
fn pooled_swabs_are_planned_with_the_sensitivity_of_pooled_swabs() {
    let mut c = commune(0, 0.003, 1000);
    let choice =
        DesignChoice { design: Design::dorfman(10).unwrap(), media: accuracy(0.7), swab: accuracy(0.9) };
    let missed = |c: &Commune| {
        plan(
            std::slice::from_ref(c),
            std::slice::from_ref(&choice),
            &[laboratory(1000.0)],
            &Limits::default(),
        )
        .unwrap()
        .missed
    };
    let media = missed(&c);
    c.material = Material::Swab;
    let swab = missed(&c);
    let ratio = (1.0 - 0.7 * 0.97) / (1.0 - 0.9 * 0.97);
    assert!((media / swab / ratio - 1.0).abs() < 1e-6, "{media} {swab}");
}
