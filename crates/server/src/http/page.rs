//! Keyset paging: a cursor says where the last page ended; there are no page numbers to drift.

use crate::http::problem::{Problem, text};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give this as `after` to go on; null on the last page.
    #[schema(example = "WyIyODc4OSJd")]
    pub next: Option<String>,
    /// How many there are in all, where that is cheap to know.
    pub total: Option<i64>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items a page, 1 to 500; 50 unless told.
    pub limit: Option<i64>,
}

impl PageQuery {
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, 500)
    }

    /// The place the page starts behind.
    ///
    /// # Errors
    /// When `after` is no cursor of this list.
    pub fn cursor<K: DeserializeOwned>(&self) -> Result<Option<K>, Box<Problem>> {
        let Some(after) = &self.after else { return Ok(None) };
        URL_SAFE_NO_PAD
            .decode(after)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .map(Some)
            .ok_or_else(|| {
                Problem::field(
                    "after",
                    "cursor",
                    text(
                        "Con trỏ trang không đúng. Mở lại danh sách từ đầu.",
                        "No cursor of this list. Open the list anew.",
                    ),
                )
            })
    }
}

impl<T> Page<T> {
    /// Makes a page of `rows` fetched with `limit + 1`, so that a further page is known without counting.
    pub fn of<R, K: Serialize>(
        mut rows: Vec<R>,
        limit: i64,
        key: impl Fn(&R) -> K,
        item: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .and_then(|row| serde_json::to_vec(&key(row)).ok())
            .map(|key| URL_SAFE_NO_PAD.encode(key));
        Self { items: rows.into_iter().map(item).collect(), next, total: None }
    }
}
