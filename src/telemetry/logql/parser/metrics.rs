//! Numbers over time, around log queries.

use std::time::Duration;

use super::Parser;
use crate::telemetry::logql::{
    QueryError,
    ast::{Aggregation, Arithmetic, Comparison, Grouping, Metric, RangeFunction},
    lexer::Token,
};

/// How deep parentheses may go.
const DEPTH_MAX: usize = 32;

impl Parser<'_> {
    /// A metric query.
    pub(super) fn metric(&mut self) -> Result<Metric, QueryError> {
        self.binary(0, 0)
    }

    /// Two operands with an operator that binds at least so tightly.
    fn binary(&mut self, least: u8, depth: usize) -> Result<Metric, QueryError> {
        let mut left = self.operand(depth)?;
        while let Some((op, binding)) =
            self.peek().and_then(operator).filter(|(_, binding)| *binding >= least)
        {
            self.next += 1;
            let as_bool = self.takes_word("bool");
            // Powers bind from right to left.
            let right = self.binary(if op == Arithmetic::Power { binding } else { binding + 1 }, depth)?;
            left = Metric::Binary { op, as_bool, left: Box::new(left), right: Box::new(right) };
        }
        Ok(left)
    }

    fn operand(&mut self, depth: usize) -> Result<Metric, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.wrong("this goes too deep"));
        }
        if self.takes_sign("(") {
            let inner = self.binary(0, depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let negative = self.takes_sign("-");
        if let Some(Token::Number(text)) = self.peek() {
            let number: f64 = text.parse().map_err(|_| self.wrong("this is no number"))?;
            self.next += 1;
            return Ok(Metric::Number(if negative { -number } else { number }));
        }
        if negative {
            return Err(self.wrong("expected a number"));
        }
        let name = self.name()?;
        if name == "vector" {
            self.expect("(")?;
            let Some(Token::Number(text)) = self.take() else {
                return Err(self.wrong_before("expected a number"));
            };
            let number = text.parse().map_err(|_| self.wrong_before("this is no number"))?;
            self.expect(")")?;
            return Ok(Metric::Vector(number));
        }
        if is_aggregation(&name) {
            return self.aggregate(&name, depth);
        }
        self.range(&name)
    }

    /// `sum by (level) (…)` or `topk(5, …) by (level)`
    fn aggregate(&mut self, name: &str, depth: usize) -> Result<Metric, QueryError> {
        let before = self.grouping()?;
        self.expect("(")?;
        let count = if matches!(name, "topk" | "bottomk") {
            let Some(Token::Number(text)) = self.take() else {
                return Err(self.wrong_before("expected a number"));
            };
            let count = text.parse().map_err(|_| self.wrong_before("expected a whole number"))?;
            self.expect(",")?;
            count
        } else {
            0
        };
        let of = Box::new(self.binary(0, depth + 1)?);
        self.expect(")")?;
        let grouping = match before {
            None => self.grouping()?,
            before => before,
        };
        let aggregation = match name {
            "sum" => Aggregation::Sum,
            "avg" => Aggregation::Avg,
            "min" => Aggregation::Min,
            "max" => Aggregation::Max,
            "count" => Aggregation::Count,
            "topk" => Aggregation::TopK(count),
            _ => Aggregation::BottomK(count),
        };
        Ok(Metric::Aggregate { aggregation, grouping: grouping.unwrap_or(Grouping::By(Vec::new())), of })
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, QueryError> {
        let by = self.takes_word("by");
        if !by && !self.takes_word("without") {
            return Ok(None);
        }
        self.expect("(")?;
        let mut labels = Vec::new();
        while !self.takes_sign(")") {
            if !labels.is_empty() {
                self.expect(",")?;
            }
            labels.push(self.name()?);
        }
        Ok(Some(if by { Grouping::By(labels) } else { Grouping::Without(labels) }))
    }

    /// `rate({…} | … [5m] offset 1h)`
    fn range(&mut self, name: &str) -> Result<Metric, QueryError> {
        let known = |quantile: f64| {
            Some(match name {
                "count_over_time" => RangeFunction::CountOverTime,
                "rate" => RangeFunction::Rate,
                "bytes_over_time" => RangeFunction::BytesOverTime,
                "bytes_rate" => RangeFunction::BytesRate,
                "sum_over_time" => RangeFunction::SumOverTime,
                "avg_over_time" => RangeFunction::AvgOverTime,
                "min_over_time" => RangeFunction::MinOverTime,
                "max_over_time" => RangeFunction::MaxOverTime,
                "quantile_over_time" => RangeFunction::QuantileOverTime(quantile),
                "absent_over_time" => RangeFunction::AbsentOverTime,
                _ => return None,
            })
        };
        if known(0.0).is_none() {
            return Err(self.wrong_before(&format!("the function {name} is not supported")));
        }
        self.expect("(")?;
        let mut quantile = 0.0;
        if name == "quantile_over_time" {
            let Some(Token::Number(text)) = self.take() else {
                return Err(self.wrong_before("expected a number"));
            };
            quantile = text.parse().map_err(|_| self.wrong_before("this is no number"))?;
            self.expect(",")?;
        }
        let (log, unwrap) = self.log_and_unwrap()?;
        self.expect("[")?;
        let range = self.duration()?;
        self.expect("]")?;
        let offset = if self.takes_word("offset") { self.duration()? } else { Duration::ZERO };
        self.expect(")")?;
        let grouping = self.grouping()?;
        let Some(function) = known(quantile) else { return Err(self.wrong_before("it is not supported")) };
        let counts_values = matches!(
            function,
            RangeFunction::SumOverTime
                | RangeFunction::AvgOverTime
                | RangeFunction::MinOverTime
                | RangeFunction::MaxOverTime
                | RangeFunction::QuantileOverTime(_)
        );
        if counts_values && unwrap.is_none() {
            return Err(self.wrong_before(&format!("{name} needs | unwrap")));
        }
        Ok(Metric::Range { function, log, unwrap, range, offset, grouping })
    }
}

fn is_aggregation(name: &str) -> bool {
    ["sum", "avg", "min", "max", "count", "topk", "bottomk"].contains(&name)
}

/// An operator, and how tightly it binds.
fn operator(token: &Token) -> Option<(Arithmetic, u8)> {
    let Token::Sign(sign) = token else { return None };
    Some(match *sign {
        "==" => (Arithmetic::Compare(Comparison::Equal), 1),
        "!=" => (Arithmetic::Compare(Comparison::Different), 1),
        ">" => (Arithmetic::Compare(Comparison::Greater), 1),
        ">=" => (Arithmetic::Compare(Comparison::AtLeast), 1),
        "<" => (Arithmetic::Compare(Comparison::Less), 1),
        "<=" => (Arithmetic::Compare(Comparison::AtMost), 1),
        "+" => (Arithmetic::Add, 2),
        "-" => (Arithmetic::Subtract, 2),
        "*" => (Arithmetic::Multiply, 3),
        "/" => (Arithmetic::Divide, 3),
        "%" => (Arithmetic::Modulo, 3),
        "^" => (Arithmetic::Power, 4),
        _ => return None,
    })
}
