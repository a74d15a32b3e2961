//! How easily a password is guessed, by what people and programs try first: common passwords, names, words, dates, runs on
//! the keyboard, and what is known of the person. Uses nothing of ours.

use zxcvbn::{Score, zxcvbn};

/// Longest piece of a password that is looked at; what comes behind it only makes it harder to guess.
const LOOKED_AT: usize = 100;

/// Shorter words than this are parts of too many others to be taken out.
const SHORTEST_TAKEN_OUT: usize = 4;

/// A password that is easier to guess than asked for: what is wrong with it, and how to do better, in sentences.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guessable(pub String);

/// Whether a password is at least as hard to guess as a score from 0 to 4 asks for. `known` are words that whoever
/// guesses knows of the person.
///
/// # Errors
/// It is easier to guess.
pub fn ensure_hard_to_guess(password: &str, known: &[String], score_min: u8) -> Result<(), Guessable> {
    let score_min = score_min.min(u8::from(Score::Four));
    let looked_at: String = password.chars().take(LOOKED_AT).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let found = zxcvbn(&looked_at, &known);
    if u8::from(found.score()) >= score_min {
        let rest = without(&looked_at, &known);
        return if u8::from(zxcvbn(&rest, &[]).score()) + 1 >= score_min {
            Ok(())
        } else {
            Err(Guessable("is too easy to guess. It is made of what is known of its user.".to_owned()))
        };
    }
    let feedback = found.feedback();
    let warning = feedback.and_then(|feedback| feedback.warning()).map(|warning| warning.to_string());
    let advice = feedback.and_then(|feedback| feedback.suggestions().last()).map(ToString::to_string);
    let mut text = String::from("is too easy to guess.");
    let fallback = || Some("Use a few words that do not belong together.".to_owned());
    for sentence in [warning, advice.or_else(fallback)].into_iter().flatten() {
        text.push(' ');
        text.push_str(&sentence);
    }
    Err(Guessable(text))
}

/// What is left of a password without what is known: the estimate takes several known words for as good as any others.
fn without(password: &str, known: &[&str]) -> String {
    let mut words: Vec<String> = known.iter().map(|word| word.to_lowercase()).collect();
    words.retain(|word| word.chars().count() >= SHORTEST_TAKEN_OUT);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word, ""))
}

#[cfg(test)]
mod tests {
    use super::ensure_hard_to_guess;

    fn known() -> Vec<String> {
        ["ann.organizer@example.org", "Ann Organizer", "Harbour Arts", "organizer", "example", "Harbour"]
            .map(ToOwned::to_owned)
            .into()
    }

    #[test]
    fn what_everybody_tries_first_is_refused_with_what_is_wrong() {
        for password in [
            "password1234",
            "qwertyuiop12",
            "111111111111",
            "Passw0rd!Passw0rd!",
            "abcdefghijkl",
            "ann.organizer@example.org",
            "Harbour Arts",
            "ann organizer",
            "organizer harbour example",
            "Harbour-Organizer-2026",
        ] {
            let said = ensure_hard_to_guess(password, &known(), 3).unwrap_err().0;
            assert!(said.starts_with("is too easy to guess. "), "{password}: {said}");
            assert!(said.ends_with('.'), "{password}: {said}");
        }
    }

    #[test]
    fn words_that_do_not_belong_together_are_taken_without_any_signs_or_digits() {
        for password in [
            "correct horse battery staple",
            "sieben gelbe Tuben",
            "qPz8vLkw2mXc",
            "a-password-for-tests",
            "harbour of seven yellow tubas",
        ] {
            assert_eq!(ensure_hard_to_guess(password, &known(), 3), Ok(()), "{password}");
        }
    }

    #[test]
    fn a_score_of_zero_asks_for_nothing() {
        assert_eq!(ensure_hard_to_guess("password", &[], 0), Ok(()));
    }

    #[test]
    fn long_passwords_take_no_longer() {
        assert_eq!(ensure_hard_to_guess(&"correct horse battery staple ".repeat(30), &[], 4), Ok(()));
    }
}
