//! Uploads, and pictures to upload.

use std::{fs, io::Cursor, path::Path};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

use super::client::{Answer, Client};

/// Uploads bytes; the query says what they are.
pub fn upload(client: &Client, query: &str, kind: &str, bytes: &[u8]) -> Answer {
    client.raw("POST", &format!("/api/v1/files?{query}"), &[("content-type", kind)], bytes)
}

/// Uploads a photo about somebody; a contestant or a judge.
#[track_caller]
pub fn upload_photo(client: &Client, kind: &str, id: &str, shade: u8) -> Value {
    let query = format!("name=Photo&purpose=photo&aboutKind={kind}&aboutId={id}");
    upload(client, &query, "image/png", &picture(64, 48, shade, ImageFormat::Png)).expect(201)
}

/// A picture whose left half is of a shade and whose right half is light.
pub fn picture(width: u32, height: u32, shade: u8, format: ImageFormat) -> Vec<u8> {
    let half = |x, _| Rgb([if x < width / 2 { shade } else { 240 }; 3]);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, half)).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The files beneath a directory, by their paths in it; none if it is not there.
pub fn files_beneath(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let name = name.to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files_beneath(&path).into_iter().map(|beneath| format!("{name}/{beneath}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
