use std::{
    fs,
    net::{SocketAddr, TcpListener, UdpSocket},
    os::unix::net::UnixListener,
    process::{Command, Output},
    time::SystemTime,
};

use super::super::{ConnectRecorder, Target};

/// Connects to two addresses and a Unix socket as products do: through the standard library.
const PROGRAM: &str = r#"
    use std::{env, net::{TcpStream, UdpSocket}, os::unix::net::UnixStream, thread, time::Duration};

    fn main() {
        let mut arguments = env::args().skip(1);
        let mut next = || arguments.next().unwrap();
        let (tcp, udp, local) = (next(), next(), next());
        let limit = Duration::from_secs(30);
        thread::spawn(move || TcpStream::connect_timeout(&tcp.parse().unwrap(), limit).unwrap()).join().unwrap();
        UdpSocket::bind("127.0.0.1:0").unwrap().connect(udp).unwrap();
        UnixStream::connect(local).unwrap();
    }
"#;

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn every_connect_of_a_rust_program_is_recorded_with_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let (source, program) = (directory.path().join("program.rs"), directory.path().join("program"));
    fs::write(&source, PROGRAM).unwrap();
    run(Command::new("rustc").arg(&source).arg("-o").arg(&program));
    let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let (tcp, udp) = ((tcp.local_addr().unwrap(), tcp), (udp.local_addr().unwrap(), udp));
    let path = directory.path().join("a socket");
    let _local = UnixListener::bind(&path).unwrap();

    let recorder = ConnectRecorder::new();
    let before = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let mut command = Command::new(program);
    let mut child = command.envs(recorder.environment());
    child = child.args([tcp.0.to_string(), udp.0.to_string()]).arg(&path);
    let mut child = child.spawn().unwrap();
    assert!(child.wait().unwrap().success());
    let after = SystemTime::UNIX_EPOCH.elapsed().unwrap();

    assert_eq!(recorder.processes(), [child.id()]);
    let connections = recorder.connections();
    let targets: Vec<_> = connections.iter().map(|connection| connection.to.clone()).collect();
    assert_eq!(targets, [Target::Tcp(tcp.0), Target::Udp(udp.0), Target::Local(path)]);
    assert!(connections.iter().all(|connection| connection.process == child.id()));
    assert!(connections.is_sorted_by_key(|connection| connection.monotonic));
    let times = || connections.iter().map(|connection| connection.since_1970);
    assert!(times().all(|time| (before..=after).contains(&time)), "{before:?} {connections:?} {after:?}");
}

#[test]
fn a_connection_that_fails_is_recorded_too_and_so_are_those_of_children() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let script =
        format!("(exec 3<>/dev/tcp/{}/{}) || (exec 3<>/dev/tcp/::1/9) || true", closed.ip(), closed.port());
    let recorder = ConnectRecorder::new();
    run(Command::new("bash").args(["-c", "bash -c \"$0\"; true", &script]).envs(recorder.environment()));
    let targets: Vec<_> = recorder.connections().into_iter().map(|connection| connection.to).collect();
    let v6: SocketAddr = "[::1]:9".parse().unwrap();
    assert_eq!(targets, [Target::Tcp(closed), Target::Tcp(v6)]);
    assert!(recorder.processes().len() >= 2);
}

#[test]
fn a_family_of_addresses_that_is_not_known_is_recorded_all_the_same() {
    let script = "import socket; socket.socket(socket.AF_VSOCK).connect_ex((2, 1))";
    let recorder = ConnectRecorder::new();
    run(Command::new("python3").args(["-c", script]).envs(recorder.environment()));
    let targets: Vec<_> = recorder.connections().into_iter().map(|connection| connection.to).collect();
    assert_eq!(targets, [Target::Other("family 40".to_owned())]);
}

#[test]
fn a_program_that_cannot_be_recorded_does_not_run() {
    let recorder = ConnectRecorder::new();
    let [library, _] = recorder.environment();
    let output = Command::new("true").envs([library]).env_remove("CONNECT_RECORD").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("connects cannot be recorded"));
}

#[test]
fn nothing_is_said_of_a_program_that_was_not_recorded() {
    let recorder = ConnectRecorder::new();
    run(&mut Command::new("true"));
    assert_eq!((recorder.processes(), recorder.connections()), (Vec::new(), Vec::new()));
}
