//! Files that are no backups, or not whole, or made to do harm: each is refused with one sentence, and nothing is taken out
//! of it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use tar::{EntryType, Header};

use super::{backups::taken, failure, success};
use crate::support::{Options, Server};

fn server() -> Server {
    Server::with(Options::default().set("store.free_floor_mib", "0"))
}

/// Both verbs refuse a file in one sentence, and nothing is made of it anywhere.
#[track_caller]
fn refused(server: &Server, file: &Path, why: &str) {
    let elsewhere = server.directory().join("elsewhere");
    let path = file.to_str().unwrap();
    let restore = ["backup", "restore", path, "--yes", "--data", elsewhere.to_str().unwrap()];
    for arguments in [&["backup", "verify", path][..], &restore] {
        let said = failure(&mut server.command(arguments));
        let told: Vec<&str> = said.lines().filter(|line| !line.starts_with("data directory: ")).collect();
        assert_eq!(told.len(), 1, "{said}");
        assert!(told[0].contains(why), "{said}");
    }
    let made: Vec<PathBuf> = fs::read_dir(&elsewhere).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(made, [elsewhere.join("logs")], "{made:?}");
    let beside: Vec<_> =
        fs::read_dir(server.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|name| name == "harm" || name == "event-manager.redb"), "{beside:?}");
    fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn a_backup_that_is_cut_or_altered_anywhere_is_refused() {
    let server = server();
    let file = taken(&server, "taken.embackup");
    let whole = fs::read(&file).unwrap();
    let altered = server.directory().join("altered.embackup");
    for part in [0, 1, 3, 10, 50, 90, 99] {
        fs::write(&altered, &whole[..whole.len() * part / 100]).unwrap();
        refused(&server, &altered, "backup");
    }
    fs::write(&altered, &whole[..whole.len() - 1]).unwrap();
    refused(&server, &altered, "not sound");
    // In the heads of the stream and of the file's seal, too, where what is compressed stays the same.
    let within = (1..12).map(|part| whole.len() * part / 12);
    for (number, position) in within.chain([4, 5, whole.len() - 40, whole.len() - 1]).enumerate() {
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << (number % 8);
        fs::write(&altered, bytes).unwrap();
        refused(&server, &altered, "backup");
    }
    fs::write(&altered, [&whole[..], b"x"].concat()).unwrap();
    refused(&server, &altered, "something stands behind its end");
    fs::write(&altered, [&whole[..], &whole[..]].concat()).unwrap();
    refused(&server, &altered, "something stands behind its end");
    fs::write(&altered, &whole).unwrap();
    success(&mut server.command(&["backup", "verify", altered.to_str().unwrap()]));
}

#[test]
fn a_backup_that_its_label_does_not_know_is_told() {
    let server = server();
    success(&mut server.command(&["backup"]));
    success(&mut server.command(&["backup"]));
    let listed = fs::read_dir(server.data().join("backups")).unwrap().map(|entry| entry.unwrap().path());
    let mut backups: Vec<PathBuf> = listed.filter(|path| path.extension().unwrap() == "embackup").collect();
    backups.sort();
    // The other is sound in itself.
    fs::copy(&backups[1], &backups[0]).unwrap();
    let said = failure(&mut server.command(&["backup", "verify", backups[0].to_str().unwrap()]));
    assert!(said.contains("not the file that was made"), "{said}");
    success(&mut server.command(&["backup", "verify", backups[1].to_str().unwrap()]));
}

/// A member as whoever means harm would write it.
struct Member<'a> {
    path: &'a str,
    kind: EntryType,
    size: u64,
    content: &'a [u8],
}

fn plain<'a>(path: &'a str, content: &'a [u8]) -> Member<'a> {
    Member { path, kind: EntryType::Regular, size: content.len() as u64, content }
}

/// Writes members as a backup is written.
fn pack(file: &Path, members: &[Member<'_>]) {
    let mut stream = zstd::Encoder::new(fs::File::create(file).unwrap(), 3).unwrap();
    for Member { path, kind, size, content } in members {
        let mut header = Header::new_ustar();
        header.as_ustar_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(*size);
        header.set_mode(0o644);
        if *kind == EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        stream.write_all(header.as_bytes()).unwrap();
        stream.write_all(content).unwrap();
        stream.write_all(&vec![0; content.len().next_multiple_of(512) - content.len()]).unwrap();
    }
    stream.write_all(&[0; 1_024]).unwrap();
    stream.finish().unwrap();
}

fn opening(format: u32) -> Vec<u8> {
    let id = "01a214bb-d632-75a9-8db7-33316c0a88f1";
    let at = "2026-05-01T19:00:00.000Z";
    format!(
        r#"{{"program":"event-manager","format":{format},"version":"9.0.0","id":"{id}","takenAt":"{at}"}}"#
    )
    .into_bytes()
}

#[test]
fn a_file_that_was_made_to_do_harm_does_none() {
    let server = server();
    let (opening, newer) = (opening(1), opening(2));
    let first = || plain("backup.json", &opening);
    let store = || plain("event-manager.redb", b"no data at all");
    let file = server.directory().join("made.embackup");
    let cases: [(&[Member<'_>], &str); 13] = [
        (&[plain("backup.json", &newer), store()], "event-manager 9.0.0 made this backup in the format 2"),
        (&[plain("backup.json", b"{}"), store()], "no backup of event-manager"),
        (&[plain("../harm", b"x")], "no backup of event-manager"),
        (&[store()], "no backup of event-manager"),
        (&[first(), plain("../harm", b"x")], "a member that no backup has there: ../harm"),
        (&[first(), plain("/tmp/harm", b"x")], "a member that no backup has there: /tmp/harm"),
        (&[first(), store(), plain("keys/../../harm", b"x")], "a member that no backup has there"),
        (&[first(), store(), plain("blobs/../../harm", b"x")], "a member that no backup has there"),
        (
            &[first(), Member { kind: EntryType::Symlink, ..plain("event-manager.redb", b"") }],
            "event-manager.redb in it is not a plain file",
        ),
        (
            &[first(), store(), Member { kind: EntryType::Link, ..plain("blobs/a", b"") }],
            "blobs/a in it is not a plain file",
        ),
        (&[first(), Member { size: 1 << 50, ..store() }], "there is no room on the disk"),
        (&[Member { size: 1 << 40, ..first() }], "a part of it is larger than any is"),
        (&[first(), store(), plain("manifest.json", b"[]")], "its manifest is odd"),
    ];
    for (members, why) in cases {
        pack(&file, members);
        refused(&server, &file, why);
    }
    pack(&file, &[first(), store()]);
    refused(&server, &file, "it is cut short");
    pack(
        &file,
        &[
            first(),
            Member { path: "././@LongLink", kind: EntryType::GNULongName, size: 5, content: b"harm\0" },
        ],
    );
    refused(&server, &file, "a member that no backup has there");
    fs::write(&file, b"Dear diary").unwrap();
    refused(&server, &file, "backup");
    let said = failure(&mut server.command(&["backup", "verify", server.directory().to_str().unwrap()]));
    assert!(said.contains("no backup of event-manager"), "{said}");
}
