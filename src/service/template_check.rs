//! Templates that people write are tried before they are taken, so that what is taken can be sent. Uses the wording of
//! messages.

use std::any::Any;

use serde_json::json;

use crate::{
    domain::{ActionHook, Fault, Noun, Wording, shape_of_events},
    text::{Catalogue, TemplateFault, check_json},
};

/// What is wrong with the templates in a body; nothing if there are none.
pub(super) fn faults<N: Noun>(body: &N) -> Vec<Fault> {
    let body = body as &dyn Any;
    let of_action = body.downcast_ref::<ActionHook>().map(of_action);
    of_action.or_else(|| body.downcast_ref::<Wording>().map(of_wording)).unwrap_or_default()
}

/// What is wrong with the templates of a wording.
pub(super) fn of_wording(wording: &Wording) -> Vec<Fault> {
    let faults = Catalogue::builtin().check(wording).err().unwrap_or_default();
    faults.iter().map(fault).collect()
}

/// A fault of a wording at the field that it is in.
pub(super) fn fault(fault: &TemplateFault) -> Fault {
    Fault::new(format!("/{}", fault.part), fault.in_its_part())
}

fn of_action(action: &ActionHook) -> Vec<Fault> {
    let Some(template) = &action.body else { return Vec::new() };
    let sample = json!({"event": shape_of_events(&action.events, &json!("sample"))});
    let fault = check_json(template, &sample).err();
    fault.map(|fault| Fault::new(format!("/body{}", fault.part), fault.in_its_part())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::faults;
    use crate::domain::{ActionHook, Fault, Wording};

    fn of_action(events: &[&str], body: &Value) -> Vec<Fault> {
        let action = json!({"name": "Chat", "url": "https://chat.example", "events": events, "body": body});
        faults(&serde_json::from_value::<ActionHook>(action).unwrap())
    }

    #[test]
    fn a_body_names_only_what_the_events_of_its_action_have() {
        let body = json!({"blocks": [{"text": "a\n{{ event.data.judgeId }} {{ event.actor.osUser }}"}]});
        assert_eq!(of_action(&["sheet.submitted"], &body), []);
        let told = of_action(&["contest.*"], &body);
        assert_eq!((told.len(), told[0].pointer.as_str()), (1, "/body/blocks/0/text"));
        let beginning = "line 2: there is no variable `event.data.judgeId`; there are event.actor.id";
        assert!(told[0].message.starts_with(beginning), "{}", told[0].message);
        assert_eq!(of_action(&["*"], &json!({"text": "{{ event.type"}))[0].pointer, "/body/text");
    }

    #[test]
    fn a_wording_is_told_each_part_that_cannot_be_used() {
        let body = json!({"kind": "test", "language": "en", "subject": "{{ a }}", "text": "x\n{% if %}"});
        let told = faults(&serde_json::from_value::<Wording>(body).unwrap());
        let pointers: Vec<&str> = told.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/subject", "/text"]);
        assert!(told[1].message.starts_with("line 2: "), "{told:?}");
    }
}
