//! pco in another build: the same bench as a child process, which measures one round whenever it is told to.
//!
//! The parent writes a line, the child answers with one: `open NAME`, `encode LEVEL`, `decode LEVEL`. Answers are `ok`
//! or seconds. Only one of the two processes works at a time.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use paginum_wrapped::with_number_type;

use crate::arrays::{self, Array};
use crate::clock::Clock;
use crate::codec::{Codec, Pco};
use crate::measure::{seconds, warm};
use crate::options::Options;

/// The parent's end.
pub(crate) struct Rival {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Rival {
    pub(crate) fn start(program: &Path, options: &Options) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(options.for_child())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let requests = stdin.expect("piped above");
        let answers = BufReader::new(stdout.expect("piped above"));
        Ok(Self {
            child,
            requests,
            answers,
        })
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        let failed = |e| format!("the rival: {e}");
        writeln!(self.requests, "{request}").map_err(failed)?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).map_err(failed)?;
        Ok(answer.trim().to_owned())
    }

    fn ask_seconds(&mut self, request: &str) -> Result<f64, String> {
        let answer = self.ask(request)?;
        answer
            .parse()
            .map_err(|_| format!("the rival answered {answer:?} to {request:?}"))
    }

    pub(crate) fn open(&mut self, name: &str) -> Result<(), String> {
        match self.ask(&format!("open {name}"))?.as_str() {
            "ok" => Ok(()),
            answer => Err(format!("the rival cannot open {name}: {answer:?}")),
        }
    }

    pub(crate) fn encode(&mut self, level: usize) -> Result<f64, String> {
        self.ask_seconds(&format!("encode {level}"))
    }

    pub(crate) fn decode(&mut self, level: usize) -> Result<f64, String> {
        self.ask_seconds(&format!("decode {level}"))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // It ends when its input does; one that has failed already is reported where it was asked.
        let _ = writeln!(self.requests, "quit");
        let _ = self.child.wait();
    }
}

/// The child's end: answers until its input ends.
pub(crate) fn serve(options: &Options) -> Result<(), String> {
    let arrays = arrays::load(options)?;
    let mut lines = std::io::stdin().lines().map_while(Result::ok);
    let mut next = lines.next();
    while let Some(request) = next.take() {
        let Some(name) = request.strip_prefix("open ") else {
            break;
        };
        let Some(array) = arrays.iter().find(|array| array.name == name) else {
            answer("no such array");
            next = lines.next();
            continue;
        };
        answer("ok");
        next = with_number_type!(array.number_type, |T| serve_array::<T>(
            array,
            options.clock,
            &mut lines
        ));
    }
    Ok(())
}

fn answer(text: &str) {
    println!("{text}");
}

/// Measures on one array until a request is about something else, and returns that request.
fn serve_array<T: paginum_wrapped::Number + pco::data_types::Number>(
    array: &Array,
    clock: Clock,
    lines: &mut impl Iterator<Item = String>,
) -> Option<String> {
    let nums: Vec<T> = array.numbers();
    let mut dst = vec![T::default(); nums.len()];
    let mut encoded = Vec::with_capacity(2 * array.bytes.len() + (1 << 16));
    // The level whose bytes `encoded` holds.
    let mut encoded_level = None;
    for request in lines {
        let Some((verb @ ("encode" | "decode"), level)) = request.split_once(' ') else {
            return Some(request);
        };
        let Ok(level) = level.parse() else {
            return Some(request);
        };
        let mut codec = Pco::new(level);
        if verb == "encode" || encoded_level != Some(level) {
            warm(bytemuck::cast_slice(&nums));
            let taken = seconds(clock, || {
                encoded.clear();
                codec.encode(&nums, &mut encoded);
            });
            encoded_level = Some(level);
            if verb == "encode" {
                answer(&taken.to_string());
                continue;
            }
        }
        // The first decoding fills the scratch and the caches, as earlier rounds do for the parent.
        codec.decode(&encoded, &mut dst);
        answer(&seconds(clock, || codec.decode(&encoded, &mut dst)).to_string());
        let (found, expected): (&[u8], &[u8]) = (bytemuck::cast_slice(&dst), &array.bytes);
        assert!(
            found == expected,
            "pco at level {level} on {}: numbers came back different",
            array.name
        );
    }
    None
}
