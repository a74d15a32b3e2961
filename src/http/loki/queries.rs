//! Queries in LogQL: lines, and numbers made of them.

use serde_json::{Value, json};

use super::{Asked, render, wrong};
use crate::{
    http::problem::Failure,
    service::{Entries, EntrySearch, Numbers},
    telemetry::{log_store::Order, logql::Query},
};

impl Asked {
    /// Numbers at one time.
    pub(super) async fn query(&self) -> Result<Value, Failure> {
        let Query::Metric(metric) = self.parsed()? else {
            let said = "a query for lines is asked over a time, with query_range; at one time only numbers can be asked for";
            return Err(wrong(said.to_owned()));
        };
        let time = self.parameters.time("time")?.unwrap_or(self.now.micros());
        let Numbers { evaluation, read } =
            self.services.evaluate_logs(&self.reader, metric, vec![time]).await?;
        let (kind, result) = if evaluation.is_number {
            let values = evaluation.series.into_iter().flat_map(|series| series.values).flatten();
            ("scalar", values.map(|value| render::sample(time, value)).next().unwrap_or_default())
        } else {
            ("vector", json!(render::vector(evaluation.series, time)))
        };
        Ok(render::result(kind, result, &read, self.categorized))
    }

    /// Lines, or numbers at several times.
    pub(super) async fn query_range(&self) -> Result<Value, Failure> {
        match self.parsed()? {
            Query::Log(log) => {
                let order = self.order()?;
                let search =
                    EntrySearch { log, span: self.span()?, order, limit: self.limit("limit", None)? };
                let Entries { entries, read } = self.services.find_entries(&self.reader, search).await?;
                let missing = read.ended_at.map(|at| match order {
                    Order::NewestFirst => ("what is older than", at),
                    Order::OldestFirst => ("what is newer than", at),
                });
                let streams = json!(render::streams(entries, self.categorized));
                let answer = render::result("streams", streams, &read, self.categorized);
                Ok(render::with_warning(answer, missing))
            }
            Query::Metric(metric) => {
                let times = self.times()?;
                let Numbers { evaluation, read } =
                    self.services.evaluate_logs(&self.reader, metric, times.clone()).await?;
                let missing = evaluation.known_from.map(|from| ("what is older than", from));
                let matrix = json!(render::matrix(evaluation.series, &times));
                let answer = render::result("matrix", matrix, &read, self.categorized);
                Ok(render::with_warning(answer, missing))
            }
        }
    }

    fn order(&self) -> Result<Order, Failure> {
        match self.parameters.get("direction").map(str::to_ascii_lowercase).as_deref() {
            None | Some("backward") => Ok(Order::NewestFirst),
            Some("forward") => Ok(Order::OldestFirst),
            Some(_) => Err(wrong("the parameter direction must be backward or forward".to_owned())),
        }
    }
}
