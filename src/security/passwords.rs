//! Passwords as argon2id hashes in PHC form.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

/// What one hash costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
}

/// Hashes and checks passwords. Both take tens of milliseconds of one core: run them aside.
pub struct Passwords {
    argon2: Argon2<'static>,
    /// A hash of nothing, at the same cost. It is written down, not computed: hashing at the start would delay it and
    /// leave its memory with the allocator.
    decoy: String,
}

/// Hashing failed.
#[derive(Debug, thiserror::Error)]
#[error("passwords cannot be hashed: {0}")]
pub struct PasswordsError(String);

impl Passwords {
    /// Prepares hashing at a cost.
    ///
    /// # Errors
    /// When the cost is outside what argon2 allows.
    pub fn new(cost: HashingCost) -> Result<Self, PasswordsError> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, None)
            .map_err(|error| PasswordsError(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (memory, iterations) = (cost.memory_kib, cost.iterations);
        let (salt, output) = ("A".repeat(22), "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={memory},t={iterations},p=1${salt}${output}");
        Ok(Self { argon2, decoy })
    }

    /// The hash of a password, with a fresh salt.
    ///
    /// # Errors
    /// When hashing or randomness fails.
    pub fn hash(&self, password: &str) -> Result<String, PasswordsError> {
        self.argon2
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| PasswordsError(error.to_string()))
    }

    /// Whether a password has this hash. Without a hash it takes as long and is false, so that nobody learns from
    /// the time taken which accounts exist.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let parsed = PasswordHash::new(hash.unwrap_or(&self.decoy));
        let matches =
            parsed.is_ok_and(|parsed| self.argon2.verify_password(password.as_bytes(), &parsed).is_ok());
        matches && hash.is_some()
    }

    /// Whether a hash was made at a lower cost than is asked for now.
    pub fn is_outdated(&self, hash: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(hash) else { return true };
        Params::try_from(&parsed).map_or(true, |params| {
            let wanted = self.argon2.params();
            params.m_cost() < wanted.m_cost() || params.t_cost() < wanted.t_cost()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{HashingCost, PasswordHash, Passwords};

    fn passwords(memory_kib: u32) -> Passwords {
        Passwords::new(HashingCost { memory_kib, iterations: 1 }).unwrap()
    }

    #[test]
    fn the_right_password_matches_and_no_other() {
        let passwords = passwords(64);
        let hash = passwords.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"));
        assert!(passwords.verify("correct horse", Some(&hash)));
        assert!(!passwords.verify("correct horsf", Some(&hash)));
        assert_ne!(hash, passwords.hash("correct horse").unwrap(), "salts differ");
    }

    #[test]
    fn without_an_account_nothing_matches_and_as_much_is_computed() {
        let passwords = passwords(64);
        assert!(!passwords.verify("", None));
        let decoy = PasswordHash::new(&passwords.decoy).unwrap();
        let real = PasswordHash::new(&passwords.hash("x").unwrap()).unwrap();
        assert_eq!(
            (&decoy.algorithm, decoy.version, &decoy.params),
            (&real.algorithm, real.version, &real.params)
        );
        let lengths =
            |hash: &PasswordHash| (hash.salt.map(|salt| salt.len()), hash.hash.map(|output| output.len()));
        assert_eq!(lengths(&decoy), lengths(&real));
    }

    #[test]
    fn what_is_not_a_hash_matches_nothing() {
        assert!(!passwords(64).verify("x", Some("not a hash")));
    }

    #[test]
    fn a_hash_of_lower_cost_is_outdated() {
        let hash = passwords(64).hash("x").unwrap();
        assert!(passwords(128).is_outdated(&hash));
        assert!(!passwords(64).is_outdated(&hash));
    }
}
