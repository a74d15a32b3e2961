//! What it means when a Redis answers with an error. Uses nothing.

use redis::ServerError;

use crate::integrations::{Blame, Failure, Next};

/// The failure of a call that was answered with an error.
pub(super) fn refusal(error: &ServerError, peer: &str) -> Failure {
    let details = error.details().unwrap_or_default();
    let (blame, next, class) = meaning(error);
    Failure::new(blame, next, class, format!("Redis at {peer} answers {}: {details}", error.code()))
}

/// The failure of a sign-in. What the server says is not passed on: one that does not know the command repeats the
/// password in its answer.
pub(super) fn sign_in_refusal(error: &ServerError, peer: &str) -> Failure {
    let (_, _, class) = meaning(error);
    let class = if class == "refused" { class } else { "credentials" };
    let what = format!("Redis at {peer} refuses the sign-in ({})", code(error));
    Failure::new(Blame::Service, Next::Retry, class, what)
}

fn meaning(error: &ServerError) -> (Blame, Next, &'static str) {
    let class = match code(error) {
        "NOAUTH" | "WRONGPASS" | "NOPERM" => "credentials",
        "LOADING" | "READONLY" | "OOM" | "MISCONF" | "NOREPLICAS" | "MASTERDOWN" | "BUSY" | "TRYAGAIN"
        | "DENIED" => "refused",
        "ERR" if error.details().is_some_and(|details| details.starts_with("max number of clients")) => {
            "refused"
        }
        // A cluster: this client speaks to one server.
        "MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN" => "cluster",
        // It understood the call and does not want this one.
        _ => return (Blame::Call, Next::GiveUp, "error"),
    };
    (Blame::Service, Next::Retry, class)
}

/// The code, if it is one: the first word of an answer can be anything.
fn code(error: &ServerError) -> &str {
    let code = error.code();
    let is_code = code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { code } else { "an error" }
}

#[cfg(test)]
mod tests {
    use redis::{ServerError, Value, parse_redis_value};

    use super::{refusal, sign_in_refusal};
    use crate::integrations::{Blame, Next};

    fn error(line: &str) -> ServerError {
        match parse_redis_value(format!("-{line}\r\n").as_bytes()) {
            Ok(Value::ServerError(error)) => error,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn what_the_server_cannot_do_now_is_held_against_it_and_tried_again() {
        let cases = [
            ("NOAUTH Authentication required.", "credentials"),
            ("WRONGPASS invalid username-password pair or user is disabled.", "credentials"),
            ("NOPERM this user has no permissions to run the 'set' command", "credentials"),
            ("LOADING Redis is loading the dataset in memory", "refused"),
            ("READONLY You can't write against a read only replica.", "refused"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "refused"),
            ("MISCONF Redis is configured to save RDB snapshots", "refused"),
            ("MASTERDOWN Link with MASTER is down", "refused"),
            ("DENIED Redis is running in protected mode", "refused"),
            ("ERR max number of clients reached", "refused"),
            ("MOVED 3999 127.0.0.1:6381", "cluster"),
            ("CLUSTERDOWN Hash slot not served", "cluster"),
        ];
        for (line, class) in cases {
            let failure = refusal(&error(line), "cache:6379");
            assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, class));
            let code = line.split(' ').next().unwrap();
            assert!(failure.detail.contains(code) && failure.detail.contains("cache:6379"), "{failure}");
        }
    }

    #[test]
    fn what_is_wrong_with_one_call_is_not_held_against_the_server() {
        for line in
            ["WRONGTYPE Operation against a key holding the wrong kind of value", "ERR syntax error", "x"]
        {
            let failure = refusal(&error(line), "cache:6379");
            assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "error"));
        }
    }

    #[test]
    fn a_server_that_repeats_the_password_is_not_quoted() {
        let said = [
            "ERR unknown command 'AUTH', with args beginning with: 'horse' ",
            "WRONGPASS horse",
            "horse",
            "ERR AUTH <password> called without any password configured for the default user. horse",
        ];
        for line in said {
            let failure = sign_in_refusal(&error(line), "cache:6379");
            assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry));
            assert_eq!(failure.class, "credentials");
            assert!(!failure.detail.contains("horse"), "{failure}");
        }
        assert_eq!(sign_in_refusal(&error("LOADING horse"), "cache:6379").class, "refused");
    }
}
