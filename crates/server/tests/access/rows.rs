//! Row-level security under the handlers: what is left when a check was forgotten.

use crate::stage::{Answer, Stage, request};
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use greenfort_kernel::{OrganisationId, Over, PersonId, Role};
use greenfort_server::app::App;
use greenfort_server::http::auth::Caller;
use greenfort_server::http::problem::Refusal;
use greenfort_store::registry::people;
use greenfort_store::{Scope, StoreError, tx};
use sqlx::Row as _;
use std::collections::BTreeSet;
use tower::ServiceExt as _;

/// All a transaction of the caller may see, whatever his role: what a handler hands over that forgot to ask for a
/// permission.
fn unchecked(caller: &Caller) -> Scope {
    let mut scope = Scope { persons: caller.persons.clone(), ..Scope::nobody() };
    for held in &caller.grants {
        match held.over {
            Over::LinkedPersons => {}
            Over::Area(unit) => scope.area.push(unit),
            Over::Organisation(id) => scope.organisations.push(id),
            Over::Laboratory(id) => scope.laboratories.push(id),
        }
    }
    scope
}

/// `GET /people/{id}` with its check removed.
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<String>, Refusal> {
    let scope = unchecked(&caller);
    let line = tx!(app.db, "unchecked", scope, |tx| people::find(tx, id).await)?;
    Ok(Json(line.secret.name))
}

/// A list of everybody, without check and without filter.
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<PersonId>>, Refusal> {
    let scope = unchecked(&caller);
    let rows = tx!(app.db, "unchecked", scope, |tx| {
        let rows = sqlx::query("select id from person").fetch_all(tx.conn()).await?;
        Ok::<_, StoreError>(rows.iter().map(|r| PersonId(r.get(0))).collect::<Vec<_>>())
    })?;
    Ok(Json(rows))
}

#[tokio::test]
async fn a_handler_with_its_check_removed_still_shows_nobody_of_another_area() {
    let stage = Stage::new().await;
    let careless = Router::new()
        .route("/people", get(list))
        .route("/people/{id}", get(show))
        .with_state(stage.state.clone());
    let ask = async |role: Role, path: String| {
        let cookie = stage.sign_in_as(role).await;
        let request = request("GET", &path, Some(&cookie), None);
        Answer::of(careless.clone().oneshot(request).await.unwrap()).await
    };
    let outside = stage.persons_of(stage.other).await;
    assert_eq!(outside.len(), 2);
    for role in Role::ALL {
        let seen = ask(*role, "/people".into()).await.json();
        let seen: BTreeSet<String> =
            seen.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let own = match role {
            Role::Citizen => 1,
            Role::HouseholdHead => 2,
            // Nobody works in the enterprise, and a laboratory knows tubes.
            Role::OrganisationManager | Role::SectorViewer | Role::OutsideLab => 0,
            _ => 3, // the household of two and the neighbour
        };
        assert_eq!(seen.len(), own, "{role} sees {seen:?}");
        for person in &outside {
            assert!(!seen.contains(&person.to_string()), "{role} sees a person across the border");
            let one = ask(*role, format!("/people/{person}")).await;
            assert_eq!(one.status, 404, "{role}: {}", one.text());
        }
    }
    let neighbour = ask(Role::HouseholdHead, format!("/people/{}", stage.neighbour)).await;
    assert_eq!(neighbour.status, 404, "a citizen sees nobody he is not linked to");
}

#[tokio::test]
async fn an_organisation_shows_its_manager_who_works_there_today_and_nobody_else() {
    let stage = Stage::new().await;
    let park = stage.world().id::<OrganisationId>();
    let (enterprise, elsewhere) = (stage.own.organisation, stage.other.organisation);
    let (near, far, past) = (stage.own.person, stage.other.person, stage.neighbour);
    stage
        .db
        .execute(&format!(
            "insert into organisation (id, unit, kind, name, folded_name, created_at)
                values ('{park}', {}, 'park', 'Khu công nghiệp', 'khu cong nghiep', now());
             update organisation set parent = '{park}' where id = '{enterprise}';
             insert into organisation_member (organisation, person, from_date, to_date) values
                ('{enterprise}', '{near}', '2021-01-01', null), ('{enterprise}', '{far}', '2021-01-01', null),
                ('{enterprise}', '{past}', '2021-01-01', '2021-02-01'), ('{elsewhere}', '{past}', '2021-03-01', null)",
            stage.own.commune
        ))
        .await;
    let seen = async |scope: Scope| {
        let rows = tx!(stage.app, "look", scope, |tx| {
            sqlx::query("select id from person").fetch_all(tx.conn()).await.map_err(StoreError::from)
        });
        rows.unwrap().iter().map(|r| PersonId(r.get(0))).collect::<BTreeSet<_>>()
    };
    let of = |id| Scope { organisations: vec![id], ..Scope::nobody() };
    assert_eq!(seen(of(enterprise)).await, BTreeSet::from([near, far]), "wherever they live");
    assert_eq!(seen(of(park)).await, BTreeSet::from([near, far]), "a park sees its enterprises");
    assert_eq!(seen(of(elsewhere)).await, BTreeSet::from([past]));
    assert_eq!(seen(Scope::nobody()).await, BTreeSet::new());

    let changed = tx!(stage.app, "change", of(enterprise), |tx| {
        let done = sqlx::query("update person set birth_year = 1900").execute(tx.conn()).await;
        done.map(|d| d.rows_affected()).map_err(StoreError::from)
    });
    assert_eq!(changed.unwrap(), 0, "seen, not changed");
}

#[tokio::test]
async fn every_table_that_names_a_person_shows_only_those_in_sight() {
    let stage = Stage::new().await;
    stage.give_everybody_rows_everywhere().await;
    let columns = sqlx::query(
        "select c.relname::text, a.attname::text from pg_constraint f
         join pg_class c on c.oid = f.conrelid and c.relrowsecurity
         join pg_attribute a on a.attrelid = c.oid and a.attnum = f.conkey[1]
         where f.contype = 'f' and f.confrelid = 'person'::regclass and cardinality(f.conkey) = 1 order by 1, 2",
    )
    .fetch_all(&mut stage.db.owner().await)
    .await
    .unwrap();
    let in_sight: Vec<PersonId> =
        stage.persons_of(stage.own).await.into_iter().chain([stage.neighbour]).collect();
    let own = Scope::area([stage.own.commune]);
    let mut tested = BTreeSet::new();
    for row in &columns {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let sql = format!("select distinct {column} from {table} where {column} is not null");
        let all = sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
            .fetch_all(&mut stage.db.owner().await)
            .await
            .unwrap()
            .len();
        let seen = tx!(stage.app, "look", own, |tx| {
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql.clone())).fetch_all(tx.conn()).await?;
            Ok::<_, StoreError>(rows.iter().map(|r| PersonId(r.get(0))).collect::<Vec<_>>())
        })
        .unwrap();
        assert!(seen.iter().all(|p| in_sight.contains(p)), "{table}.{column} shows {seen:?}");
        if all > seen.len() && !seen.is_empty() {
            tested.insert(table);
        }
    }
    for table in ["organisation_member", "person_card", "resident_group_member", "vehicle_driver"] {
        assert!(tested.contains(table), "{table} held nothing to hide: {tested:?}");
    }
}
