//! A running `greenfort serve`, watched through its log.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(90);

pub fn greenfort(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenfort"));
    command.env_remove("DATABASE_URL").env("NO_COLOR", "1").current_dir(data.parent().unwrap());
    command.arg("--data").arg(data).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(data: &Path, arguments: &[&str]) -> Output {
    greenfort(data).args(arguments).output().unwrap()
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub struct Server {
    process: Child,
    log: Receiver<String>,
    pub address: SocketAddr,
    pub web: i32,
    pub worker: i32,
}

impl Server {
    pub fn start(data: &Path) -> Self {
        let mut process = greenfort(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let errors = BufReader::new(process.stderr.take().unwrap());
        let (send, log) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { process, log, address: nowhere, web: 0, worker: 0 };
        server.address = server.wait_for("serving listen=").parse().unwrap();
        server.web = server.wait_for("started child=\"web\" pid=").parse().unwrap();
        server.worker = server.wait_for("started child=\"worker\" pid=").parse().unwrap();
        server
    }

    /// Waits for a log line and answers the word behind it.
    pub fn wait_for(&self, what: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) => {
                    if let Some((_, rest)) = line.split_once(what) {
                        return rest.split_whitespace().next().unwrap_or_default().to_owned();
                    }
                    seen.push(line);
                }
                Err(_) => panic!("the log never said `{what}`:\n{}", seen.join("\n")),
            }
        }
    }

    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split_whitespace().nth(1)?.parse().ok()?;
        Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
    }

    /// Waits until `path` answers `status`.
    pub fn until(&self, path: &str, status: u16) {
        for _ in 0..900 {
            if self.get(path).is_some_and(|(found, _)| found == status) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{path} never answered {status}");
    }

    pub fn signal(&self, name: &str) {
        signal(self.process.id().try_into().unwrap(), name);
    }

    pub fn wait(mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|s| s.is_none()) {
            self.signal("TERM");
            let _ = self.process.wait();
        }
    }
}

pub fn signal(pid: i32, name: &str) {
    let done = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(done.success(), "kill -{name} {pid}");
}

pub fn postmaster(data: &Path) -> i32 {
    let text = std::fs::read_to_string(data.join("pg/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub fn is_alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
