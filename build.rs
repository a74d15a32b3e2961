//! Embeds what browsers are sent: the UI of `static/` and the documents of `docs/`, the latter rendered to pages, as
//! one table of pre-compressed files in `$OUT_DIR/assets.rs`. Needs no network and no other program.

#[path = "build/assets.rs"]
mod assets;
#[path = "build/documents.rs"]
mod documents;
#[path = "build/vendored.rs"]
mod vendored;

use std::{env, error::Error, path::PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    fold_identical_functions();

    let mut files = assets::read(&root.join("static"))?;
    vendored::check(&files)?;
    files.extend(documents::pages(&root.join("docs"))?);
    assets::write_table(&files, &PathBuf::from(env::var("OUT_DIR")?))
}

/// Generic code becomes the same machine code for many types. The linker keeps it once, where it is the one that Rust
/// brings along for this target (LLD, since Rust 1.90).
fn fold_identical_functions() {
    if env::var("TARGET").as_deref() == Ok("x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
