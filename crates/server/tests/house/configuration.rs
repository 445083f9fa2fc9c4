//! `docs/operations/configuration.md` and the settings there are.

use greenfort_server::config::{Config, TlsConfig};
use serde_json::Value;
use std::collections::BTreeSet;

fn names(prefix: &str, value: &Value, into: &mut BTreeSet<String>) {
    for (name, value) in value.as_object().unwrap() {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(_) => names(&name, value, into),
            _ => {
                into.insert(name);
            }
        }
    }
}

#[test]
fn every_setting_is_documented_and_every_documented_setting_exists() {
    let tls = TlsConfig { certificate: "c".into(), key: "k".into() };
    let config = Config { tls: Some(tls), ..Config::default() };
    let mut settings = BTreeSet::new();
    names("", &serde_json::to_value(config).unwrap(), &mut settings);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations/configuration.md");
    let documented: BTreeSet<String> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(documented, settings);
}
