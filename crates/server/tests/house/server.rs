//! A running `greenfort serve`, watched through its log.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

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

/// A program whose log is read line by line. Told to stop when the test is done with it.
pub struct Process {
    child: Child,
    log: Receiver<String>,
    /// Lines that were waited past.
    seen: RefCell<Vec<String>>,
}

impl Process {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (send, log) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, log, seen: RefCell::default() }
    }

    /// Waits for a log line and answers the word behind it.
    pub fn wait_for(&self, what: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let Ok(line) = self.log.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("the log never said `{what}`:\n{}", self.seen.borrow().join("\n"));
            };
            let found = line
                .split_once(what)
                .map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default().to_owned());
            self.seen.borrow_mut().push(line);
            if let Some(word) = found {
                return word;
            }
        }
    }

    pub fn signal(&self, name: Signal) {
        signal(self.child.id().try_into().unwrap(), name);
    }

    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Every line of the log, once the program has ended.
    pub fn log_to_the_end(mut self) -> Vec<String> {
        self.child.wait().unwrap();
        let mut lines = self.seen.take();
        lines.extend(self.log.iter());
        lines
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|s| s.is_none()) {
            self.signal(Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// A running `greenfort serve` or `greenfort demo`.
pub struct Server {
    pub process: Process,
    pub address: SocketAddr,
    pub web: i32,
    pub worker: i32,
}

impl std::ops::Deref for Server {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl Server {
    pub fn start(data: &Path) -> Self {
        Self::of(Process::start(greenfort(data).args(["serve", "--listen", "127.0.0.1:0"])))
    }

    /// Waits until both children of a process run.
    pub fn of(process: Process) -> Self {
        let address = process.wait_for("serving listen=").parse().unwrap();
        let web = process.wait_for("started child=\"web\" pid=").parse().unwrap();
        let worker = process.wait_for("started child=\"worker\" pid=").parse().unwrap();
        Self { process, address, web, worker }
    }

    pub fn wait(self) -> ExitStatus {
        self.process.wait()
    }

    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        Self::answer(stream)
    }

    pub fn post(&self, path: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json";
        write!(stream, "POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .ok()?;
        Self::answer(stream)
    }

    fn answer(mut stream: TcpStream) -> Option<(u16, String)> {
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
}

pub fn signal(pid: i32, name: Signal) {
    kill(Pid::from_raw(pid), name).unwrap();
}

pub fn postmaster(data: &Path) -> i32 {
    let text = std::fs::read_to_string(data.join("pg/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub fn is_alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
