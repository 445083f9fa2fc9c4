//! An office that sends sheets, and the worker that takes them in.

use crate::stage::{Answer, Stage, request};
use axum::body::Body;
use axum::http::header;
use greenfort_kernel::{Role, UnitId};
use greenfort_server::worker::{Context, Registry, Worker};
use greenfort_store::DbRole;
use greenfort_store::registry::import::PART;
use greenfort_store::seal::SealKey;
use serde_json::{Value, json};
use std::sync::Arc;

pub struct Office {
    pub stage: Stage,
    pub cookie: String,
}

impl Office {
    /// A commune station of the first commune, without anybody in the register but the stage's five.
    pub async fn new() -> Self {
        let stage = Stage::new().await;
        let cookie = stage.sign_in_as(Role::CommuneStation).await;
        Self { stage, cookie }
    }

    pub fn worker(&self) -> Worker {
        let config = Arc::clone(&self.stage.state.config);
        let context = Context { db: self.stage.db.db(DbRole::Worker), config };
        let key = SealKey::generate(self.stage.world()).unwrap().0;
        Worker::new(context, Registry::of_this_program(), key)
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.stage.ask(method, &format!("/api/v1{path}"), Some(&self.cookie), body).await
    }

    /// Uploads a file; the import's id.
    pub async fn upload(&self, unit: UnitId, bytes: &[u8]) -> String {
        let begun = self.ask("POST", "/imports", Some(json!({ "unit_id": unit, "size": bytes.len() }))).await;
        assert_eq!(begun.status, 201, "{}", begun.text());
        let id = begun.json()["id"].as_str().unwrap().to_owned();
        for (number, part) in bytes.chunks(PART).enumerate() {
            let path = format!("/api/v1/imports/{id}/parts/{number}");
            let mut request = request("POST", &path, Some(&self.cookie), None);
            *request.body_mut() = Body::from(part.to_vec());
            request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());
            let answer = Answer::of(self.stage.send(request).await).await;
            assert_eq!(answer.status, 204, "{}", answer.text());
        }
        id
    }

    /// Starts a run and lets the worker carry it out; the import afterwards.
    pub async fn run(&self, id: &str, accept_rest: bool) -> Value {
        let started = self
            .ask("POST", &format!("/imports/{id}/run"), Some(json!({ "accept_rest": accept_rest })))
            .await;
        assert_eq!(started.status, 202, "{}", started.text());
        self.worker().run_due().await.unwrap();
        self.stage.db.assert_no_job_left().await;
        self.ask("GET", &format!("/imports/{id}"), None).await.json()
    }

    pub async fn import(&self, bytes: &[u8], accept_rest: bool) -> Value {
        let id = self.upload(self.stage.own.commune, bytes).await;
        self.run(&id, accept_rest).await
    }

    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut self.stage.db.owner().await)
            .await
            .unwrap()
    }

    /// People of the register besides those of the stage.
    pub async fn people(&self) -> i64 {
        self.count("select count(*) from person").await - 5
    }

    /// Names in the own commune as its list shows them.
    pub async fn names(&self) -> Vec<String> {
        let unit = self.stage.own.commune;
        let list = self.ask("GET", &format!("/people?unit={unit}&limit=500"), None).await.json();
        list["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// `[created, updated, unchanged, rejected]`, after checking that they add up to the rows.
pub fn counts(import: &Value) -> [i64; 4] {
    let n = |word: &str| import["counts"][word].as_i64().unwrap_or_else(|| panic!("no counts: {import:#}"));
    let counts = ["created", "updated", "unchanged", "rejected"].map(n);
    assert_eq!(n("rows"), counts.iter().sum::<i64>(), "rows are the sum of what became of them");
    counts
}
