//! A disk that is quickly full: a tmpfs over a directory, in a mount namespace of its own that leaves nothing behind. It
//! needs root, or a kernel that lets others make namespaces; without either the test fails, because nothing else would
//! prove what it proves.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// How a process comes by a namespace in which it may mount.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--mount", "--user", "--map-root-user"]];

/// The disk. It is gone when this is.
pub struct SmallDisk {
    /// Keeps the namespace.
    holder: Child,
    directory: PathBuf,
}

impl SmallDisk {
    /// Mounts one of so many MiB over a directory.
    pub fn mount(directory: &Path, mib: u32) -> Self {
        let mut said = String::new();
        for namespace in NAMESPACES {
            let script =
                format!("mount -t tmpfs -o size={mib}m,mode=700 small \"$0\" && echo mounted && exec cat");
            let mut holder = Command::new("unshare")
                .args(namespace)
                .args(["sh", "-c", &script])
                .arg(directory)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("unshare (of util-linux) is there");
            said.clear();
            BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
            if said == "mounted\n" {
                return Self { holder, directory: directory.to_owned() };
            }
            holder.wait().unwrap();
        }
        panic!("a small disk cannot be mounted: run the tests as root, or let users make namespaces");
    }

    /// A command that sees the disk.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        let namespaces = ["--mount", "--user", "--preserve-credentials"];
        let count = if self.is_of_root() { 1 } else { namespaces.len() };
        command.args(&namespaces[..count]).args(["--target", &self.holder.id().to_string(), "--"]);
        command.arg(program);
        command
    }

    fn is_of_root(&self) -> bool {
        let own = fs::read_link("/proc/self/ns/user").unwrap();
        fs::read_link(format!("/proc/{}/ns/user", self.holder.id())).is_ok_and(|other| other == own)
    }

    /// Where a path on the disk is for this process.
    pub fn path(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    /// Fills it up, but for so many bytes, with a file that [`SmallDisk::free`] removes.
    pub fn fill(&self, but_for: u64) {
        let path = self.ballast();
        let mut file = File::options().append(true).create(true).open(&path).unwrap();
        let block = [b'x'; 4_096];
        while file.write_all(&block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(but_for)).unwrap();
    }

    /// Makes room again.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.path(&self.directory.join("ballast"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
