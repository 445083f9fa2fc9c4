//! An operator's HTTP interface: one JSON POST a message.

use super::GatewayError;
use crate::config::MessagesConfig;
use greenfort_kernel::phone::Phone;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

pub struct HttpGateway {
    client: reqwest::Client,
    url: reqwest::Url,
    body: String,
}

impl HttpGateway {
    pub(super) fn new(config: &MessagesConfig) -> Result<Self, String> {
        let url = config.url.parse().map_err(|e| format!("messages.url `{}`: {e}", config.url))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            let wrong = || format!("messages.headers: `{name}` is no header");
            let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::try_from(name).map_err(|_| wrong())?, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let gateway = Self {
            client: reqwest::Client::builder()
                .default_headers(headers)
                .timeout(Duration::from_secs(config.timeout_s))
                .build()
                .map_err(|e| format!("messages: {e}"))?,
            url,
            body: config.body.clone(),
        };
        let sample = gateway.body_for("0912345678", "+84912345678", "\"\\\n");
        serde_json::from_str::<serde_json::Value>(&sample)
            .map_err(|e| format!("messages.body is no JSON once filled in: {e}"))?;
        Ok(gateway)
    }

    fn body_for(&self, phone: &str, e164: &str, text: &str) -> String {
        let quoted = serde_json::Value::from(text).to_string();
        let text = quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
        self.body.replace("{phone}", phone).replace("{phone_e164}", e164).replace("{text}", text)
    }

    /// One more attempt when the operator was not reached or failed; a refusal is final.
    pub(super) async fn send(&self, to: &Phone, text: &str) -> Result<(), GatewayError> {
        let body = self.body_for(to.as_str(), &to.e164(), text);
        match self.post(body.clone()).await {
            Err(GatewayError::Unreachable(_) | GatewayError::Refused(500..)) => self.post(body).await,
            done => done,
        }
    }

    async fn post(&self, body: String) -> Result<(), GatewayError> {
        // The error's own text would name the address, and with it keys that some operators put into the query.
        let answer = self
            .client
            .post(self.url.clone())
            .body(body)
            .send()
            .await
            .map_err(|e| GatewayError::Unreachable(e.without_url().to_string()))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(GatewayError::Refused(answer.status().as_u16()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn config(url: String) -> MessagesConfig {
        let headers = [("x-key".to_owned(), "secret".to_owned())].into();
        MessagesConfig { url, headers, ..MessagesConfig::default() }
    }

    /// Answers each connection with the next status and gives back what was asked.
    async fn operator(statuses: Vec<u16>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let mut requests = Vec::new();
            for status in statuses {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"}") {
                    let mut chunk = [0; 4096];
                    let read = stream.read(&mut chunk).await.unwrap();
                    assert!(read > 0);
                    request.extend_from_slice(&chunk[..read]);
                }
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                requests.push(String::from_utf8(request).unwrap());
            }
            requests
        });
        (url, served)
    }

    #[tokio::test]
    async fn a_message_is_posted_with_its_key_and_tried_again_once() {
        let (url, served) = operator(vec![503, 200]).await;
        let gateway = HttpGateway::new(&config(url)).unwrap();
        let phone = Phone::parse("0912 345 678").unwrap();
        gateway.send(&phone, "Mã \"123456\"").await.unwrap();
        let requests = served.await.unwrap();
        assert_eq!(requests.len(), 2);
        assert!(requests[1].contains("x-key: secret"));
        assert!(requests[1].ends_with(r#"{"to":"+84912345678","text":"Mã \"123456\""}"#), "{}", requests[1]);
    }

    #[tokio::test]
    async fn a_refusal_is_final() {
        let (url, served) = operator(vec![403]).await;
        let gateway = HttpGateway::new(&config(url)).unwrap();
        let sent = gateway.send(&Phone::parse("0912345678").unwrap(), "x").await;
        assert!(matches!(sent, Err(GatewayError::Refused(403))));
        assert_eq!(served.await.unwrap().len(), 1);
    }

    #[test]
    fn a_body_that_is_no_json_is_refused_at_the_start() {
        let wrong = MessagesConfig { body: "to={phone}".into(), ..config("http://localhost/".into()) };
        assert!(HttpGateway::new(&wrong).is_err());
        assert!(HttpGateway::new(&config("no address".into())).is_err());
    }
}
