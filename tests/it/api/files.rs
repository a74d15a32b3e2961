//! Uploading files and getting them back: what is taken, what is kept of it, and how it is given out.

use image::{GenericImageView, ImageFormat};
use serde_json::{Value, json};

use crate::support::{
    Answer, Client, Options, Server, Tenant, exchange, files_beneath, id_of, picture, upload,
};

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const DOCUMENT: &str = "name=Rules&purpose=document";

/// The beginning of an office file, with a type in it where OpenDocument has one.
fn office(open_document: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0".to_vec();
    bytes.resize(30, 0);
    if open_document.is_empty() {
        bytes.extend_from_slice(b"[Content_Types].xml");
    } else {
        bytes.extend_from_slice(format!("mimetype{open_document}PK").as_bytes());
    }
    bytes
}

fn content(client: &Client, file: &Value) -> Answer {
    client.get(&format!("/files/{}/content", id_of(file)))
}

#[test]
fn a_document_comes_back_as_it_was_sent_to_be_kept_and_not_to_be_run() {
    let tenant = Tenant::new();
    let samples: [(&str, &str, Vec<u8>); 8] = [
        ("application/pdf", "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".to_vec()),
        ("text/csv", "csv", b"name;points\r\nJ\xfcrgen;3\r\n".to_vec()),
        ("text/plain", "txt", "<script>alert(1)</script> Größe".into()),
        ("application/json", "json", br#"{"a": [1, 2.5, "x"]}"#.to_vec()),
        (XLSX, "xlsx", office("")),
        (DOCX, "docx", office("")),
        (ODS, "ods", office(ODS)),
        (ODT, "odt", office(ODT)),
    ];
    for (kind, ending, bytes) in samples {
        let made = upload(&tenant.admin, DOCUMENT, kind, &bytes);
        let file = made.expect(201);
        let path = format!("/api/v1/files/{}", id_of(&file));
        assert_eq!(made.header("location"), Some(&*path));
        assert_eq!(made.etag(), format!("\"{}\"", file["version"]));
        assert_eq!((&file["mediaType"], &file["bytes"]), (&json!(kind), &json!(bytes.len())));
        assert_eq!((&file["scan"]["state"], &file["width"]), (&json!("notScanned"), &Value::Null));
        assert_eq!(tenant.admin.get(&format!("/files/{}", id_of(&file))).expect(200), file);

        let got = content(&tenant.admin, &file);
        assert_eq!((got.status, &got.body), (200, &bytes), "{kind}");
        assert_eq!(got.header("content-type"), Some(kind));
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(got.header("content-security-policy"), Some("sandbox; default-src 'none'"));
        assert_eq!(got.header("cache-control"), Some("private, no-cache"));
        let disposition = got.header("content-disposition").unwrap();
        assert!(
            disposition.starts_with(&format!("attachment; filename=\"rules.{ending}\"")),
            "{disposition}"
        );
        assert_eq!(got.etag(), format!("\"{}\"", file["sha256"].as_str().unwrap()));
        let again = tenant.admin.with_header("if-none-match", got.etag());
        assert_eq!((content(&again, &file).status, content(&again, &file).body.len()), (304, 0));
        tenant.admin.get(&format!("/files/{}/thumbnail", id_of(&file))).expect_problem(404, "not_found");
    }
}

/// A JPEG that says where it was taken and that it lies on its side, with a program behind its end.
fn photo_that_tells(width: u32, height: u32) -> Vec<u8> {
    let jpeg = picture(width, height, 10, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS 48.2082 N 16.3738 E");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..], b"<script>alert(1)</script>"].concat()
}

#[test]
fn of_a_photo_the_picture_is_kept_and_nothing_else_that_was_in_it() {
    let tenant = Tenant::new();
    let sent = photo_that_tells(1_200, 600);
    let file = upload(&tenant.admin, "name=Ann.JPG&purpose=photo", "image/jpeg", &sent).expect(201);
    assert_eq!((&file["mediaType"], &file["name"]), (&json!("image/jpeg"), &json!("Ann.JPG")));
    assert_eq!((&file["width"], &file["height"]), (&json!(600), &json!(1_200)), "it stands upright");
    let got = content(&tenant.admin, &file);
    for told in [&b"Exif"[..], b"GPS", b"script"] {
        assert!(!got.body.windows(told.len()).any(|window| window == told));
    }
    let disposition = got.header("content-disposition").unwrap();
    assert!(disposition.starts_with("inline; filename=\"ann.jpg\""), "{disposition}");
    let kept = image::load_from_memory(&got.body).unwrap();
    assert_eq!(kept.dimensions(), (600, 1_200));
    assert!(kept.get_pixel(300, 100).0[0] < 60 && kept.get_pixel(300, 1_100).0[0] > 200, "it was turned");

    let small = tenant.admin.get(&format!("/files/{}/thumbnail", id_of(&file)));
    assert_eq!((small.status, small.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(image::load_from_memory(&small.body).unwrap().dimensions(), (256, 512));
    assert_eq!(small.etag(), format!("\"{}\"", file["thumbnail"].as_str().unwrap()));
}

#[test]
fn images_of_each_type_are_kept_as_one_that_shows_the_same() {
    let tenant = Tenant::new();
    for (format, kind, kept) in [
        (ImageFormat::Png, "image/png", "image/png"),
        (ImageFormat::Jpeg, "image/jpeg", "image/jpeg"),
        (ImageFormat::WebP, "image/webp", "image/jpeg"),
    ] {
        let sent = picture(40, 30, 10, format);
        let file = upload(&tenant.admin, "name=Logo&purpose=document", kind, &sent).expect(201);
        assert_eq!(file["mediaType"], kept);
        let got = content(&tenant.admin, &file);
        assert_eq!(got.header("content-type"), Some(kept));
        assert_eq!(image::load_from_memory(&got.body).unwrap().dimensions(), (40, 30));
    }
}

#[test]
fn what_is_not_what_it_is_sent_as_is_refused_and_leaves_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let png = picture(8, 8, 10, ImageFormat::Png);
    let lies: [(&str, &[u8]); 11] = [
        ("image/jpeg", &png),
        ("image/png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("application/pdf", b"MZ\x90\0 a program"),
        ("application/pdf", &png),
        ("text/plain", b"%PDF-1.7"),
        ("text/plain", b"a text with\0a hole"),
        ("text/csv", &office("")),
        ("application/json", b"{\"a\": "),
        ("application/json", b"{} {}"),
        (XLSX, &office(ODS)),
        (ODT, &office(ODS)),
    ];
    for (kind, bytes) in lies {
        let refused = upload(&admin, DOCUMENT, kind, bytes);
        let problem = refused.expect_problem(422, "content_mismatch");
        assert!(problem["detail"].as_str().unwrap().contains("although it is sent as one"), "{problem}");
    }
    // A control character far behind the beginning.
    let late = [vec![b'a'; 300_000], vec![0]].concat();
    upload(&admin, DOCUMENT, "text/plain", &late).expect_problem(422, "content_mismatch");
    upload(&admin, DOCUMENT, "text/plain", b"").expect_problem(422, "invalid");
    for kind in ["text/html", "image/svg+xml", "application/octet-stream", "application/zip", "nonsense"] {
        upload(&admin, DOCUMENT, kind, b"<html>").expect_problem(415, "unsupported_media_type");
    }
    let pdf = upload(&admin, "name=Ann&purpose=photo", "application/pdf", b"%PDF-1.7");
    pdf.expect_problem(422, "invalid");
    assert_eq!(pdf.pointers(), ["/purpose"]);
    assert_eq!(files_beneath(&server.data().join("blobs")), [] as [&str; 0]);
    assert_eq!(admin.get("/files").expect(200)["items"], json!([]));
}

/// A small PNG that claims to be this large.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut png = picture(8, 8, 10, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = png[12..29].iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    png[29..33].copy_from_slice(&(!crc).to_be_bytes());
    png
}

#[test]
fn a_picture_that_is_broken_or_claims_to_be_huge_is_refused_and_leaves_nothing() {
    let server = Server::with(Options::default().set("files.max_megapixels", "1"));
    let admin = server.admin();
    let jpeg = picture(64, 64, 10, ImageFormat::Jpeg);
    let png = picture(64, 64, 10, ImageFormat::Png);
    let sent = |kind, bytes: &[u8]| {
        let refused = upload(&admin, "name=Ann&purpose=photo", kind, bytes);
        refused.expect_problem(422, "invalid_image")["detail"].as_str().unwrap().to_owned()
    };
    for (width, height) in [(60_000, 60_000), (u32::MAX / 2, 1), (1_001, 1_000)] {
        let told = sent("image/png", &bomb(width, height));
        assert!(told.contains("1 million") || told.contains("cannot be read"), "{told}");
    }
    assert!(sent("image/png", &bomb(60_000, 60_000)).contains("60000 × 60000 pixels"));
    for (kind, bytes) in [("image/jpeg", &jpeg[..60]), ("image/png", &png[..60]), ("image/png", &png[..8])] {
        assert!(sent(kind, bytes).contains("damaged or not whole"));
    }
    assert_eq!(files_beneath(&server.data().join("blobs")), [] as [&str; 0]);
    upload(&admin, "name=Ann&purpose=photo", "image/jpeg", &jpeg).expect(201);
}

#[test]
fn a_file_that_is_too_large_is_cut_off_and_leaves_nothing() {
    let server = Server::with(Options::default().set("files.max_mib", "1"));
    let admin = server.admin();
    let most = 1 << 20;
    let announced = upload(&admin, DOCUMENT, "text/plain", &vec![b'x'; most + 1]);
    announced.expect_problem(413, "too_large");
    // One that does not say how large it is; the server stops reading in the middle of it.
    let kind = [("content-type", "text/plain"), ("transfer-encoding", "chunked")];
    let mut bytes = admin.head("POST", &format!("/api/v1/files?{DOCUMENT}"), &kind).into_bytes();
    bytes.extend_from_slice(b"\r\n");
    for _ in 0..18 {
        bytes.extend_from_slice(b"10000\r\n");
        bytes.resize(bytes.len() + 0x10000, b'x');
        bytes.extend_from_slice(b"\r\n");
    }
    let answer = exchange(&admin.peer, &bytes).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(files_beneath(&server.data().join("blobs")), [] as [&str; 0]);
    let whole = upload(&admin, DOCUMENT, "text/plain", &vec![b'x'; most]).expect(201);
    assert_eq!(content(&admin, &whole).body.len(), most);
}

#[test]
fn only_types_that_the_configuration_names_are_taken() {
    let server = Server::with(Options::default().set("files.media_types", "application/pdf"));
    let admin = server.admin();
    upload(&admin, DOCUMENT, "text/plain", b"rules").expect_problem(415, "unsupported_media_type");
    upload(&admin, DOCUMENT, "application/pdf", b"%PDF-1.7").expect(201);
}

#[test]
fn a_name_is_no_path_and_no_header() {
    let server = Server::start();
    let admin = server.admin();
    for name in
        ["..%2F..%2Fetc%2Fpasswd", "%2Fabsolute", "C%3A%5Cx.exe", "a%22%3B%20x%3D%22b.html", "..", "."]
    {
        let made = upload(&admin, &format!("name={name}&purpose=document"), "text/plain", name.as_bytes());
        let got = content(&admin, &made.expect(201));
        let told = got.header("content-disposition").unwrap();
        let plain = told.split("filename=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(plain.ends_with(".txt") && !plain.contains(['/', '\\', ':', '%']), "{told}");
        assert!(!plain.contains(".."), "{told}");
    }
    let names = files_beneath(&server.data().join("blobs"));
    assert_eq!(names.len(), 6, "{names:?}");
    let is_ours = |name: &String| {
        let (tenant, blob) = name.split_once('/').unwrap();
        uuid::Uuid::try_parse(tenant).is_ok()
            && blob.len() == 64
            && blob.bytes().all(|b| b.is_ascii_hexdigit())
    };
    assert!(names.iter().all(is_ours), "{names:?}");
    for name in ["", "%0Ax", "%20", &"x".repeat(201)] {
        let refused = upload(&admin, &format!("name={name}&purpose=document"), "text/plain", b"x");
        refused.expect_problem(400, "bad_request");
    }
}

#[test]
fn an_upload_under_a_key_is_made_once() {
    let tenant = Tenant::new();
    let client = tenant.admin.with_header("idempotency-key", "scores-of-friday");
    let first = upload(&client, DOCUMENT, "text/plain", b"9, 8, 7");
    let again = upload(&client, DOCUMENT, "text/plain", b"9, 8, 7");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(201), again.expect(201));
    let other = upload(&client, DOCUMENT, "text/plain", b"9, 8, 6");
    other.expect_problem(422, "idempotency_key_reused");
    assert_eq!(tenant.admin.get("/files").expect(200)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn who_uploads_is_told_what_is_taken_and_readers_are_told_who_did() {
    let server = Server::with(Options::default().set("files.max_mib", "2"));
    let tenant = Tenant::on(std::sync::Arc::new(server));
    let rules = tenant.admin.get("/file-rules").expect(200);
    assert_eq!(rules["bytesMax"], 2 * 1_024 * 1_024);
    assert!(rules["mediaTypes"].as_array().unwrap().contains(&json!("application/pdf")), "{rules}");

    let (id, _, organizer) = tenant.somebody(event_manager::domain::Role::Organizer);
    let file = upload(&organizer, DOCUMENT, "text/plain", b"Come early.").expect(201);
    assert_eq!(file["uploadedBy"], json!({"type": "user", "id": id}));
    let path = format!("/files/{}", id_of(&file));
    let renamed = tenant.admin.patch(&path, &json!({"name": "Doors"})).expect(200);
    assert_eq!(renamed["uploadedBy"], file["uploadedBy"], "whoever changes it did not upload it");
    let problem = tenant.admin.patch(&path, &json!({"uploadedBy": null})).expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/uploadedBy");
}
