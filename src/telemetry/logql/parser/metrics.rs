//! Numbers over time, around log queries.

use std::time::Duration;

use super::Parser;
use crate::telemetry::logql::{
    QueryError,
    ast::{Aggregation, Arithmetic, Comparison, Grouping, LogQuery, Metric, RangeFunction, Unwrap},
    lexer::Token,
};

/// What follows an operator in a language that matches series by some of their labels.
const MATCHING: [&str; 4] = ["on", "ignoring", "group_left", "group_right"];

/// How long a range is, and how far back it lies.
type LengthAndOffset = (Duration, Duration);

impl Parser<'_> {
    /// A metric query.
    pub(super) fn metric(&mut self) -> Result<Metric, QueryError> {
        self.binary(0)
    }

    /// Two operands with an operator that binds at least so tightly.
    fn binary(&mut self, least: u8) -> Result<Metric, QueryError> {
        let mut left = self.operand()?;
        loop {
            if let Some(Token::Word(word)) = self.peek().filter(|_| self.is_one_of(&["and", "or", "unless"]))
            {
                return Err(self.wrong(&format!("the operator {word} between numbers is not supported")));
            }
            let Some((op, binding)) = self.peek().and_then(operator).filter(|(_, binding)| *binding >= least)
            else {
                return Ok(left);
            };
            self.next += 1;
            self.one_more_part()?;
            let as_bool = self.takes_word("bool");
            if let Some(Token::Word(word)) = self.peek().filter(|_| self.is_one_of(&MATCHING)) {
                return Err(self.wrong(&format!("matching series with {word} is not supported")));
            }
            // Powers bind from right to left.
            let right = self.binary(if op == Arithmetic::Power { binding } else { binding + 1 })?;
            left = Metric::Binary { op, as_bool, left: Box::new(left), right: Box::new(right) };
        }
    }

    fn operand(&mut self) -> Result<Metric, QueryError> {
        self.one_more_part()?;
        if self.takes_sign("(") {
            let inner = self.binary(0)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let negative = self.takes_sign("-");
        if negative || matches!(self.peek(), Some(Token::Number(_))) {
            let number = self.number()?;
            return Ok(Metric::Number(if negative { -number } else { number }));
        }
        let name = self.name()?;
        if name == "vector" {
            self.expect("(")?;
            let number = self.number()?;
            self.expect(")")?;
            return Ok(Metric::Vector(number));
        }
        match aggregation(&name) {
            Some(aggregation) => self.aggregate(aggregation),
            None => self.range(&name),
        }
    }

    fn number(&mut self) -> Result<f64, QueryError> {
        let Some(Token::Number(text)) = self.peek() else { return Err(self.wrong("expected a number")) };
        let number = text.parse().map_err(|_| self.wrong("this is no number"))?;
        self.next += 1;
        Ok(number)
    }

    /// `sum by (level) (…)` or `topk(5, …) by (level)`
    fn aggregate(&mut self, aggregation: Aggregation) -> Result<Metric, QueryError> {
        let before = self.grouping()?;
        self.expect("(")?;
        let aggregation = match aggregation {
            Aggregation::TopK(_) => Aggregation::TopK(self.count()?),
            Aggregation::BottomK(_) => Aggregation::BottomK(self.count()?),
            other => other,
        };
        let of = Box::new(self.binary(0)?);
        self.expect(")")?;
        let grouping = match before {
            None => self.grouping()?,
            before => before,
        };
        Ok(Metric::Aggregate { aggregation, grouping: grouping.unwrap_or(Grouping::By(Vec::new())), of })
    }

    /// How many series of the greatest or least there are to be.
    fn count(&mut self) -> Result<usize, QueryError> {
        let Some(Token::Number(text)) = self.peek() else { return Err(self.wrong("expected a number")) };
        let count = text.parse().map_err(|_| self.wrong("expected a whole number"))?;
        self.next += 1;
        self.expect(",")?;
        Ok(count)
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
        let Some(function) = range_function(name) else {
            return Err(self.wrong_before(&format!("the function {name} is not supported")));
        };
        self.expect("(")?;
        let function = match function {
            RangeFunction::QuantileOverTime(_) => {
                let quantile = self.number()?;
                self.expect(",")?;
                RangeFunction::QuantileOverTime(quantile)
            }
            other => other,
        };
        let (log, unwrap, (range, offset)) = self.log_in_range()?;
        self.expect(")")?;
        if needs_values(function) && unwrap.is_none() {
            return Err(self.wrong_before(&format!("{name} needs | unwrap")));
        }
        let grouping = self.grouping()?;
        Ok(Metric::Range { function, log, unwrap, range, offset, grouping })
    }

    /// A log query with its range, which stands behind the pipeline or before it.
    fn log_in_range(&mut self) -> Result<(LogQuery, Option<Unwrap>, LengthAndOffset), QueryError> {
        let selector = self.selector()?;
        let before = if self.is_sign("[") { Some(self.range_of_time()?) } else { None };
        let (stages, unwrap) = self.pipeline()?;
        let range = match before {
            Some(range) => range,
            None => self.range_of_time()?,
        };
        Ok((LogQuery { selector, stages }, unwrap, range))
    }

    /// `[5m] offset 1h`
    fn range_of_time(&mut self) -> Result<LengthAndOffset, QueryError> {
        self.expect("[")?;
        let range = self.duration()?;
        self.expect("]")?;
        let offset = if self.takes_word("offset") { self.duration()? } else { Duration::ZERO };
        Ok((range, offset))
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }
}

/// The aggregation of a name; how many series it keeps is read later.
fn aggregation(name: &str) -> Option<Aggregation> {
    Some(match name {
        "sum" => Aggregation::Sum,
        "avg" => Aggregation::Avg,
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        "count" => Aggregation::Count,
        "topk" => Aggregation::TopK(0),
        "bottomk" => Aggregation::BottomK(0),
        _ => return None,
    })
}

/// The function of a name; which quantile it gives is read later.
fn range_function(name: &str) -> Option<RangeFunction> {
    Some(match name {
        "count_over_time" => RangeFunction::CountOverTime,
        "rate" => RangeFunction::Rate,
        "bytes_over_time" => RangeFunction::BytesOverTime,
        "bytes_rate" => RangeFunction::BytesRate,
        "sum_over_time" => RangeFunction::SumOverTime,
        "avg_over_time" => RangeFunction::AvgOverTime,
        "min_over_time" => RangeFunction::MinOverTime,
        "max_over_time" => RangeFunction::MaxOverTime,
        "quantile_over_time" => RangeFunction::QuantileOverTime(0.0),
        "absent_over_time" => RangeFunction::AbsentOverTime,
        _ => return None,
    })
}

const fn needs_values(function: RangeFunction) -> bool {
    matches!(
        function,
        RangeFunction::SumOverTime
            | RangeFunction::AvgOverTime
            | RangeFunction::MinOverTime
            | RangeFunction::MaxOverTime
            | RangeFunction::QuantileOverTime(_)
    )
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
