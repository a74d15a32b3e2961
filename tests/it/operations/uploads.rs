//! Uploads when things go wrong: a full disk, and a server that is killed in the middle.

use std::{
    fs::{self, File},
    io::Write,
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime},
};

use crate::support::{Client, Options, Server, files_beneath, id_of, upload, wait_until};

const DOCUMENT: &str = "name=Rules&purpose=document";

/// Every file that is listed has its content.
#[track_caller]
fn check(admin: &Client) -> usize {
    let files = admin.get("/files?limit=500").expect(200);
    let files = files["items"].as_array().unwrap();
    for file in files {
        let content = admin.get(&format!("/files/{}/content", id_of(file)));
        assert_eq!((content.status, content.body.len() as u64), (200, file["bytes"].as_u64().unwrap()));
        assert_eq!(content.etag().trim_matches('"'), file["sha256"]);
    }
    files.len()
}

#[test]
fn an_upload_that_does_not_fit_on_the_disk_is_refused_and_leaves_nothing() {
    let options = Options::default().set("store.reserve_mib", "1").set("store.free_floor_mib", "4");
    let server = Server::on_small_disk(options, 48);
    let admin = server.admin();
    let blobs = server.disk().path(&server.data().join("blobs"));
    upload(&admin, DOCUMENT, "text/plain", b"it fits").expect(201);
    let before = files_beneath(&blobs);
    server.disk().fill(12 << 20);
    // There is room for the beginning of it, and none for the end; it does not say how long it is.
    let large = vec![b'x'; 20 << 20];
    upload(&admin, DOCUMENT, "text/plain", &large).expect_problem(507, "disk_full");
    assert_eq!(files_beneath(&blobs), before);
    upload(&admin, DOCUMENT, "text/plain", b"this still fits").expect(201);
    server.disk().fill(2 << 20);
    upload(&admin, DOCUMENT, "text/plain", b"this does not").expect_problem(507, "disk_full");
    assert_eq!(check(&admin), 2, "what is there can be read");
    server.disk().free();
    wait_until("uploading resumes", || {
        upload(&admin, DOCUMENT, "text/plain", b"this does not").status == 201
    });
    assert_eq!(check(&admin), 3);
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let incoming = server.data().join("blobs/incoming");
    let path = format!("/api/v1/files?{DOCUMENT}");
    let kind = [("content-type", "text/plain"), ("content-length", "8000000")];
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(format!("{}\r\n", admin.head("POST", &path, &kind)).as_bytes()).unwrap();
    stream.write_all(&[b'x'; 2_000_000]).unwrap();
    wait_until("it has begun to come in", || !files_beneath(&incoming).is_empty());
    drop(stream);
    wait_until("nothing of it is left", || files_beneath(&incoming).is_empty());
    assert_eq!(check(&admin), 0);
}

#[test]
fn a_server_that_is_killed_while_files_come_in_has_the_content_of_each_file_it_lists() {
    let mut server = Server::start();
    let admin = server.admin();
    let stop = AtomicBool::new(false);
    let mut acknowledged = 0;
    for round in 0..4 {
        stop.store(false, Ordering::Relaxed);
        thread::scope(|scope| {
            let client = &server.admin();
            let send = |sender: usize| {
                let (stop, client) = (&stop, client.clone());
                scope.spawn(move || {
                    let mut sent = 0;
                    let path = format!("/api/v1/files?{DOCUMENT}");
                    while !stop.load(Ordering::Relaxed) {
                        let bytes = format!("{round} {sender} {sent} ").repeat(4_000).into_bytes();
                        let kind = [("content-type", "text/plain")];
                        match client.try_raw("POST", &path, &kind, &bytes) {
                            Ok(answer) if answer.status == 201 => sent += 1,
                            _ => break,
                        }
                    }
                    sent
                })
            };
            let senders: Vec<_> = (0..3).map(send).collect();
            wait_until("some files are there", || {
                client.get("/files?limit=500").expect(200)["items"].as_array().unwrap().len()
                    > acknowledged + 3
            });
            server.kill();
            stop.store(true, Ordering::Relaxed);
            acknowledged += senders.into_iter().map(|sender| sender.join().unwrap()).sum::<usize>();
        });
        server.start_again();
        let found = check(&server.admin());
        assert!(found >= acknowledged, "{found} files of {acknowledged} that were acknowledged");
        acknowledged = found;
        assert!(!server.data().join("blobs/incoming").exists(), "nothing unfinished is left");
    }
    drop(admin);
}

#[test]
fn what_nothing_refers_to_is_removed_after_a_day() {
    let mut server = Server::start();
    let admin = server.admin();
    let file = upload(&admin, DOCUMENT, "text/plain", b"kept").expect(201);
    let kept = files_beneath(&server.data().join("blobs"));
    let directory = server.data().join("blobs").join(kept[0].split_once('/').unwrap().0);
    server.kill();
    let aged = |name: &str, hours: u64| {
        let path = directory.join(name.repeat(32));
        fs::write(&path, name).unwrap();
        let at = SystemTime::now() - Duration::from_secs(hours * 3_600);
        File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        path
    };
    let (old, young) = (aged("ab", 25), aged("cd", 23));
    let referred = directory.join(file["sha256"].as_str().unwrap());
    let at = SystemTime::now() - Duration::from_secs(900 * 3_600);
    File::options().write(true).open(&referred).unwrap().set_modified(at).unwrap();
    let stranger = directory.join("readme");
    fs::write(&stranger, "not ours").unwrap();
    server.start_again();
    wait_until("the old one is gone", || !old.exists());
    assert!(young.exists() && referred.exists() && stranger.exists());
    assert_eq!(check(&server.admin()), 1);
}
