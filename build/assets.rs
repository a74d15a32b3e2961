//! The files that are embedded: read, compressed, and written as a table of constants with a strong entity tag each.

use std::{collections::BTreeMap, fmt::Write as _, fs, io::Write as _, path::Path};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

use crate::Result;

/// Contents by path, with `/` between the parts of a path. The order is that of the table, which is searched by halves.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads every file beneath a folder, by its path in it.
pub fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    read_tree(folder, folder, &mut files)?;
    Ok(files)
}

fn read_tree(root: &Path, folder: &Path, files: &mut Files) -> Result<()> {
    // The folder itself is watched so that a new file in it is noticed.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_tree(root, &path, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            let parts: Vec<_> = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), fs::read(&path)?);
        }
    }
    Ok(())
}

/// Writes the files, in the smaller of their two forms, to the output folder, and `assets.rs` with a row for each.
pub fn write_table(files: &Files, out: &Path) -> Result<()> {
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    for (index, (path, content)) in files.iter().enumerate() {
        write_asset(&mut table, out, index, path, content)?;
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

fn write_asset(table: &mut String, out: &Path, index: usize, path: &str, content: &[u8]) -> Result<()> {
    let etag = format!("\"{:.32}\"", sha256(content));
    let (name, packed) = (format!("asset-{index}"), gzip(content)?);
    let gzipped = packed.len() < content.len();
    fs::write(out.join(&name), if gzipped { &packed } else { content })?;
    let content = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))");
    let mime = mime(path)?;
    writeln!(
        table,
        "    Asset {{\n        path: {path:?},\n        mime: {mime:?},\n        etag: {etag:?},\n        \
         content: {content},\n        gzipped: {gzipped},\n    }},"
    )?;
    Ok(())
}

/// Gzip without name or time, so that the same file always becomes the same bytes.
fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

/// The SHA-256 of a content in hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
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
        _ => return Err(format!("static/{path}: no media type is known for this ending").into()),
    })
}
