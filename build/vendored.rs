//! Compares the libraries beneath `static/vendor/` with their manifest: nobody edits them in place.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Result,
    assets::{Files, sha256},
};

const FOLDER: &str = "vendor/";
/// What was vendored: path, package, version, licence and SHA-256 of each file.
const MANIFEST: &str = "vendor/MANIFEST.json";

/// Fails unless the vendored files are those of the manifest: same set, same hashes.
pub fn check(files: &Files) -> Result<()> {
    let manifest = files.get(MANIFEST).ok_or_else(|| format!("static/{MANIFEST} is missing"))?;
    let expected = hashes(std::str::from_utf8(manifest)?)?;
    let found: BTreeSet<&str> =
        files.keys().filter(|path| *path != MANIFEST).filter_map(|path| path.strip_prefix(FOLDER)).collect();
    let named: BTreeSet<&str> = expected.keys().copied().collect();
    if let Some(path) = found.symmetric_difference(&named).next() {
        return Err(format!("static/{FOLDER}{path} and static/{MANIFEST} do not agree that it exists").into());
    }
    for (path, expected) in expected {
        let actual = files.get(&format!("{FOLDER}{path}")).map(|content| sha256(content)).unwrap_or_default();
        if actual != expected {
            return Err(format!(
                "static/{FOLDER}{path} has the SHA-256 {actual}, but {MANIFEST} says {expected}: \
                 vendored files are not edited; change the version in tests/browser and run `npm run vendor`"
            )
            .into());
        }
    }
    Ok(())
}

/// The `path` and `sha256` of each entry of the manifest, which `tests/browser/vendor.mjs` writes with one member
/// a line; a JSON parser would be one more dependency of the build.
fn hashes(manifest: &str) -> Result<BTreeMap<&str, &str>> {
    let mut hashes = BTreeMap::new();
    for entry in manifest.split('{').skip(2) {
        let member = |name: &str| {
            let (_, rest) = entry.split_once(&format!("\"{name}\": \""))?;
            rest.split_once('"').map(|(value, _)| value)
        };
        let (Some(path), Some(sha256)) = (member("path"), member("sha256")) else {
            return Err(format!("{MANIFEST}: an entry lacks path or sha256").into());
        };
        hashes.insert(path, sha256);
    }
    Ok(hashes)
}
