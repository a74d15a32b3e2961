//! Embeds what browsers are sent: the UI of `static/` and the documents of `docs/`, the latter rendered to pages, as
//! one table of pre-compressed files in `$OUT_DIR/assets.rs`, and has the program linked small. Needs no network.

#[path = "build/assets.rs"]
mod assets;
#[path = "build/documents.rs"]
mod documents;
#[path = "build/vendored.rs"]
mod vendored;

use std::{env, error::Error, path::PathBuf, process::Command};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    link_small();

    let mut files = assets::read(&root.join("static"))?;
    vendored::check(&files)?;
    files.extend(documents::pages(&root.join("docs"))?);
    assets::write_table(&files, &PathBuf::from(env::var("OUT_DIR")?))
}

/// What the linker that Rust brings along for this target (LLD, since Rust 1.90) can do for size. Generic code becomes the
/// same machine code for many types, which is kept once, as are texts that end alike. The table of what is adjusted when
/// the program is loaded is a thirtieth as long in its packed form, which the loader of glibc 2.36 and later reads; with an
/// older one on the machine that builds, it stays as it is.
fn link_small() {
    if env::var("TARGET").as_deref() != Ok("x86_64-unknown-linux-gnu") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-Wl,--icf=all,-O2");
    if glibc_version().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of the C library that programs are linked against here, if it is glibc and says so.
fn glibc_version() -> Option<(u32, u32)> {
    let printed = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let (major, minor) = str::from_utf8(&printed).ok()?.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
