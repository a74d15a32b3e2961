//! Embeds the browser UI: every file under `static/`, pre-compressed, with a strong entity tag, as one table of
//! constants in `$OUT_DIR/assets.rs`. Needs no network and no other program. A vendored file that differs from
//! `static/vendor/MANIFEST.json` fails the build.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The UI's folder, beside this file.
const ROOT: &str = "static";
/// The vendored files, beneath [`ROOT`].
const VENDOR: &str = "vendor/";
/// What was vendored: path, package, version, licence and SHA-256 of each file.
const MANIFEST: &str = "vendor/MANIFEST.json";

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(ROOT);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ROOT}");

    let mut files = BTreeMap::new();
    read_tree(&root, &root, &mut files)?;
    for path in files.keys() {
        println!("cargo::rerun-if-changed={ROOT}/{path}");
    }
    check_vendored(&files)?;

    let mut table = String::from("pub(super) static ASSETS: &[Asset] = &[\n");
    for (index, (path, content)) in files.iter().enumerate() {
        write_asset(&mut table, &out, index, path, content)?;
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// Reads every file beneath `folder`, by its path relative to `root` with `/` between the parts.
fn read_tree(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // The folder itself is watched so that a new file in it is noticed.
            println!("cargo::rerun-if-changed={}", path.display());
            read_tree(root, &path, files)?;
        } else {
            let parts: Vec<_> = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), fs::read(&path)?);
        }
    }
    Ok(())
}

/// Compares the vendored files with the manifest: same set, same hashes.
fn check_vendored(files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let manifest = files.get(MANIFEST).ok_or_else(|| format!("{ROOT}/{MANIFEST} is missing"))?;
    let expected = hashes(std::str::from_utf8(manifest)?)?;
    let found: BTreeSet<&str> =
        files.keys().filter(|path| *path != MANIFEST).filter_map(|path| path.strip_prefix(VENDOR)).collect();
    let named: BTreeSet<&str> = expected.keys().copied().collect();
    if let Some(path) = found.symmetric_difference(&named).next() {
        return Err(format!("{ROOT}/{VENDOR}{path} and {ROOT}/{MANIFEST} do not agree that it exists").into());
    }
    for (path, expected) in expected {
        let actual = files.get(&format!("{VENDOR}{path}")).map(|content| sha256(content)).unwrap_or_default();
        if actual != expected {
            return Err(format!(
                "{ROOT}/{VENDOR}{path} has the SHA-256 {actual}, but {MANIFEST} says {expected}: \
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

/// Writes the compressed forms of a file to the output folder and its row to the table.
fn write_asset(table: &mut String, out: &Path, index: usize, path: &str, content: &[u8]) -> Result<()> {
    let etag = format!("\"{:.32}\"", sha256(content));
    let variant = |suffix: &str, bytes: &[u8]| -> Result<String> {
        let name = format!("asset-{index}{suffix}");
        fs::write(out.join(&name), bytes)?;
        Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))"))
    };
    let identity = variant("", content)?;
    let smaller = |suffix: &str, bytes: Vec<u8>| -> Result<String> {
        if bytes.len() < content.len() {
            Ok(format!("Some({})", variant(suffix, &bytes)?))
        } else {
            Ok("None".to_owned())
        }
    };
    let brotli = smaller(".br", brotli(content)?)?;
    let gzip = smaller(".gz", gzip(content)?)?;
    let mime = mime(path)?;
    writeln!(
        table,
        "    Asset {{\n        path: {path:?},\n        mime: {mime:?},\n        etag: {etag:?},\n        \
         identity: {identity},\n        brotli: {brotli},\n        gzip: {gzip},\n    }},"
    )?;
    Ok(())
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

/// Gzip without name or time, so that the same file always becomes the same bytes.
fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The media type by the file's ending; an unknown one fails the build, so that none is guessed at run time.
fn mime(path: &str) -> Result<&'static str> {
    Ok(match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => return Err(format!("{ROOT}/{path}: no media type is known for this ending").into()),
    })
}
