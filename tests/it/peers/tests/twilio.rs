use serde_json::Value;
use url::form_urlencoded;

use super::{
    super::{Receiver, TwilioMock, twilio::signature},
    client::{LIMIT, http},
};

const FIELDS: [(&str, &str); 3] =
    [("To", "+15558675310"), ("From", "+15017122661"), ("Body", "Hi & welcome")];

/// Sends a form as an account.
fn send(twilio: &TwilioMock, token: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let login = format!("{}:{token}", TwilioMock::ACCOUNT_SID);
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, login);
    let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", twilio.url(), TwilioMock::ACCOUNT_SID);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http().post(url).header("authorization", format!("Basic {login}"));
    let mut answer = request.content_type("application/x-www-form-urlencoded").send(form).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

#[test]
fn a_message_is_taken_and_described() {
    let twilio = TwilioMock::start();
    let (status, answer) = send(&twilio, TwilioMock::AUTH_TOKEN, &FIELDS);
    let message = twilio.wait_for(1, LIMIT).remove(0);
    assert_eq!((message.to.as_str(), message.from.as_str()), ("+15558675310", "+15017122661"));
    assert_eq!((message.body.as_str(), message.status_callback), ("Hi & welcome", None));
    assert_eq!((status, &answer["status"], &answer["error_code"]), (201, &"queued".into(), &Value::Null));
    assert_eq!(answer["sid"], message.sid);
    assert!(message.sid.starts_with("SM") && message.sid.len() == 34, "{}", message.sid);
}

#[test]
fn a_wrong_token_and_missing_or_wrong_fields_are_refused_with_twilios_codes() {
    let twilio = TwilioMock::start();
    let refusal = |token: &str, fields: &[(&str, &str)]| {
        let (status, answer) = send(&twilio, token, fields);
        assert_eq!(answer["status"], status);
        (status, answer["code"].as_u64().unwrap())
    };
    let token = TwilioMock::AUTH_TOKEN;
    let with = |to: &'static str, body: &str| refusal(token, &[("To", to), FIELDS[1], ("Body", body)]);
    assert_eq!(refusal("wrong", &FIELDS), (401, 20003));
    assert_eq!(refusal(token, &FIELDS[1..]), (400, 21604));
    assert_eq!(refusal(token, &[FIELDS[0], FIELDS[2]]), (400, 21603));
    assert_eq!(refusal(token, &FIELDS[..2]), (400, 21602));
    assert_eq!(with("5558675310", "hi"), (400, 21211));
    assert_eq!(with("+15005550001", "hi"), (400, 21211));
    assert_eq!(with("+15558675310", &"x".repeat(1_601)), (400, 21617));
    let callback = [FIELDS[0], FIELDS[1], FIELDS[2], ("StatusCallback", "nowhere")];
    assert_eq!(refusal(token, &callback), (400, 21609));
    assert_eq!(twilio.messages(), []);
}

#[test]
fn another_account_is_not_found() {
    let twilio = TwilioMock::start();
    let login = format!("{}:{}", TwilioMock::ACCOUNT_SID, TwilioMock::AUTH_TOKEN);
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, login);
    let url = format!("{}/2010-04-01/Accounts/AC1/Messages.json", twilio.url());
    let answer = http().post(url).header("authorization", format!("Basic {login}")).send("").unwrap();
    assert_eq!(answer.status(), 404);
}

#[test]
fn it_fails_when_told_to() {
    let twilio = TwilioMock::start();
    twilio.fail_next(429, 20429, "Too Many Requests");
    let (status, answer) = send(&twilio, TwilioMock::AUTH_TOKEN, &FIELDS);
    assert_eq!((status, &answer["code"]), (429, &20429.into()));
    assert_eq!(answer["more_info"], "https://www.twilio.com/docs/errors/20429");
    assert_eq!(send(&twilio, TwilioMock::AUTH_TOKEN, &FIELDS).0, 201);
}

#[test]
fn a_status_is_reported_to_where_the_message_wants_it_with_its_signature() {
    let (twilio, receiver) = (TwilioMock::start(), Receiver::start());
    receiver.answer_script([204, 403]);
    let url = receiver.url("/status?message=7");
    let fields = [FIELDS.as_slice(), &[("StatusCallback", &url)]].concat();
    let sid = send(&twilio, TwilioMock::AUTH_TOKEN, &fields).1["sid"].as_str().unwrap().to_owned();
    assert_eq!(twilio.send_status(&sid, "delivered"), 204);
    assert_eq!(twilio.send_status_wrongly_signed(&sid, "undelivered"), 403);

    let [genuine, forged] = receiver.wait_for(2, LIMIT).try_into().unwrap();
    assert_eq!(genuine.path, "/status?message=7");
    let is_signed = [genuine, forged].map(|report| {
        let sent: Vec<(String, String)> = form_urlencoded::parse(&report.body).into_owned().collect();
        let sent: Vec<(&str, &str)> =
            sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(sent.contains(&("MessageSid", &sid)), "{sent:?}");
        assert_eq!(sent.contains(&("ErrorCode", "30003")), sent.contains(&("MessageStatus", "undelivered")));
        report.header("x-twilio-signature") == Some(&signature(TwilioMock::AUTH_TOKEN, &url, &sent))
    });
    assert_eq!(is_signed, [true, false]);
}

#[test]
fn the_signature_is_that_of_twilios_own_example() {
    let fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    assert_eq!(signature("12345", url, &fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}
