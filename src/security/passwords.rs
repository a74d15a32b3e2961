//! Passwords as argon2id hashes in PHC form.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self, CustomizedPasswordHasher, PasswordVerifier,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use parking_lot::Mutex;

use super::secrets::random;

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
    cost: Params,
    hasher: Hasher,
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
        let (memory, iterations) = (cost.memory_kib, cost.iterations);
        let cost =
            Params::new(memory, iterations, 1, None).map_err(|error| PasswordsError(error.to_string()))?;
        let (salt, output) = ("A".repeat(22), "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={memory},t={iterations},p=1${salt}${output}");
        Ok(Self { cost, hasher: Hasher::default(), decoy })
    }

    /// The hash of a password, with a fresh salt.
    ///
    /// # Errors
    /// When hashing or randomness fails.
    pub fn hash(&self, password: &str) -> Result<String, PasswordsError> {
        let salt: [u8; 16] = random().map_err(|error| PasswordsError(error.to_string()))?;
        self.hasher
            .hash_password_with_params(password.as_bytes(), &salt, self.cost.clone())
            .map(|hash| hash.to_string())
            .map_err(|error| PasswordsError(error.to_string()))
    }

    /// Whether a password has this hash. Without a hash it takes as long and is false, so that nobody learns from
    /// the time taken which accounts exist.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let parsed = PasswordHash::new(hash.unwrap_or(&self.decoy));
        let matches =
            parsed.is_ok_and(|parsed| self.hasher.verify_password(password.as_bytes(), &parsed).is_ok());
        matches && hash.is_some()
    }

    /// Whether a hash was made at a lower cost than is asked for now.
    pub fn is_outdated(&self, hash: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(hash) else { return true };
        Params::try_from(&parsed).map_or(true, |params| {
            params.m_cost() < self.cost.m_cost() || params.t_cost() < self.cost.t_cost()
        })
    }
}

/// Hashes as `Argon2` does, but in memory that it keeps: as many pieces as there ever were hashes at the same time. Pieces of
/// that size that come and go are never given back whole by the allocator, because small ones move in between, and the
/// program grows with each sign-in.
#[derive(Default)]
struct Hasher {
    kept: Mutex<Vec<Vec<Block>>>,
}

impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map_or(Ok(Algorithm::Argon2id), Algorithm::try_from)?;
        let version = version.map_or(Ok(Version::V0x13), Version::try_from)?;
        let salt = Salt::new(salt)?;
        let written = ParamsString::try_from(&params)?;
        let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let mut memory = self.kept.lock().pop().unwrap_or_default();
        memory.resize(params.block_count(), Block::default());
        let argon2 = Argon2::new(algorithm, version, params);
        let end = argon2.hash_password_into_with_memory(password, &salt, &mut output, &mut memory);
        self.kept.lock().push(memory);
        end?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: written,
            salt: Some(salt),
            hash: Some(Output::new(&output)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use argon2::{Argon2, password_hash::PasswordVerifier};

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
    fn hashes_are_what_argon2_itself_makes_and_all_take_turns_in_the_same_memory() {
        let passwords = passwords(64);
        let hash = passwords.hash("correct horse").unwrap();
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        let memory = |passwords: &Passwords| {
            let kept = passwords.hasher.kept.lock();
            kept.iter().map(|memory| (memory.as_ptr(), memory.len())).collect::<Vec<_>>()
        };
        let first = memory(&passwords);
        assert_eq!((first.len(), first[0].1), (1, 64));
        assert!(passwords.verify("correct horse", Some(&hash)) && !passwords.verify("another", None));
        assert_eq!(memory(&passwords), first);
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
