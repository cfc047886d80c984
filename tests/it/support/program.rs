use poolkeeper::master_key::MasterKey;
use poolkeeper::system::SystemRng;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use tempfile::TempDir;

/// The built program, serving what is in a folder.
pub(crate) struct Program {
    process: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    /// Reads the log to its end.
    reader: Option<JoinHandle<()>>,
}

impl Program {
    /// A folder with all that it needs.
    pub(crate) fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let config = include_str!("program.toml");
        fs::write(folder.path().join("poolkeeper.toml"), config).unwrap();
        MasterKey::create(&folder.path().join("master.key"), &SystemRng).unwrap();
        folder
    }

    /// Starts it from a shell that did something before, such as setting a limit.
    pub(crate) fn start(folder: &Path, before: &str) -> Self {
        let script = format!("{before}; exec \"$0\" serve --config poolkeeper.toml");
        let mut process = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_poolkeeper")])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("127.0.0.1:").filter(|_| line.contains("listening"))?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Some(SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())))
        });
        let log = Arc::<Mutex<String>>::default();
        let read = Arc::clone(&log);
        // The program would stop at a pipe that is full.
        let reader = thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .for_each(|line| read.lock().unwrap().push_str(&(line + "\n")));
        });
        let address = address.expect("the server does not listen");
        Self { process, address, log, reader: Some(reader) }
    }

    /// Changes a limit while it runs, as `prlimit` names it.
    pub(crate) fn limit(&self, limit: &str) {
        let changed = Command::new("prlimit").args(["--pid", &self.id(), limit]).status();
        assert!(changed.unwrap().success());
    }

    /// The time that processors have spent on it, in hundredths of a second.
    pub(crate) fn processor_time(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }

    /// What has arrived of what it has written since it listens. Lines may be under way.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Stops it, and gives all that it has written since it listens.
    pub(crate) fn stop(mut self) -> String {
        Command::new("kill").args(["-TERM", &self.id()]).status().unwrap();
        self.process.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        self.log()
    }

    fn id(&self) -> String {
        self.process.id().to_string()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
