//! Our side of the bench: tasks on standard input, a line each, words between tabs; on standard output what they cost.
//!
//! ```text
//! load NAME PATH DTYPE SHAPE            an array into memory; not timed
//! forget                                all of them
//! write PATH FILTER NAME,NAME...        a new file of arrays
//! read PATH NAME                        opens the file and reads one array
//! read_all PATH                         opens the file and reads all
//! open PATH
//! append PATH NAME SOURCE DURABILITY    the array SOURCE under a new name
//! ```
//! `peer.py` does the same with pyvista-zstd. What is read is compared with what was loaded, off the clock.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, Write};

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Reader, Target, WriteOptions, Writer,
};
use paginum::container::{File, OpenOptions};
use paginum::storage::{Durability, FileStore, Store};
use paginum::{Array, ArraySpec};

use crate::clock::Clock;

type Failure = Box<dyn std::error::Error>;

/// Works until the input ends.
pub(crate) fn work() -> Result<(), String> {
    let mut arrays = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| e.to_string())?;
        let words: Vec<&str> = line.split('\t').collect();
        let answer = match measure(&mut arrays, &words) {
            Ok(cost) => cost,
            Err(error) => format!("error {error}"),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .map_err(|e| e.to_string())?;
    }
    Ok(())
}

type Arrays = HashMap<String, Array>;

fn measure(arrays: &mut Arrays, words: &[&str]) -> Result<String, Failure> {
    match words {
        ["load", name, path, dtype, shape] => {
            let shape: Result<Vec<u64>, _> = shape.split(',').map(str::parse).collect();
            let spec = ArraySpec::new(dtype.parse()?, shape?)?;
            arrays.insert(
                (*name).to_owned(),
                Array::from_bytes(spec, &fs::read(path)?)?,
            );
            return Ok("0 0 0".to_owned());
        }
        ["forget"] => {
            arrays.clear();
            return Ok("0 0 0".to_owned());
        }
        _ => {}
    }
    // The peak counts from here on.
    fs::write("/proc/self/clear_refs", "5")?;
    let memory_before = memory("VmRSS:")?;
    let (cpu, start) = (Clock::Process.start(), Clock::Wall.start());
    let read = run(arrays, words)?;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = cpu.elapsed().as_secs_f64();
    let extra = (memory("VmHWM:")? - memory_before).max(0.0);
    for (name, array) in read {
        if arrays.get(&name).is_some_and(|loaded| *loaded != array) {
            return Err(format!("{name} reads as something else").into());
        }
    }
    Ok(format!("{seconds} {cpu} {extra}"))
}

/// Does a task, and returns what it has read.
fn run(arrays: &Arrays, words: &[&str]) -> Result<Vec<(String, Array)>, Failure> {
    let open = |path: &str| -> Result<File, Failure> {
        let store = FileStore::new(path).open()?;
        Ok(File::of(Box::new(Reader::open(
            store,
            &OpenOptions::default(),
        )?)))
    };
    match words {
        ["write", path, filter, names] => {
            let (target, filter) = match *filter {
                "auto-native" => (Target::Native, FilterChoice::Auto),
                "auto" => (Target::V0_7, FilterChoice::Auto),
                named => (Target::V0_7, FilterChoice::named(named)),
            };
            let options = WriteOptions::default()
                .with_target(target)
                .with_filter(filter)
                .with_durability(Durability::None);
            let mut writer = Writer::create(&FileStore::new(*path), options)?;
            for name in names.split(',') {
                writer.write(name, &arrays[name])?;
            }
            writer.commit()?;
            Ok(Vec::new())
        }
        ["read", path, name] => {
            let array = open(path)?.read(&format!("field_data/{name}"))?;
            Ok(vec![((*name).to_owned(), array)])
        }
        ["read_all", path] => {
            let reader = open(path)?;
            let paths: Vec<&str> = (0..reader.placeholders().end)
                .map(|i| reader.path(i))
                .collect();
            let read = reader.read_many(&paths)?;
            let names = paths.iter().map(|path| path.replace("field_data/", ""));
            Ok(names.zip(read).collect())
        }
        ["open", path] => {
            open(path)?;
            Ok(Vec::new())
        }
        ["append", path, name, source, durability] => {
            let durability = match *durability {
                "none" => Durability::None,
                _ => Durability::Synced,
            };
            let array = &arrays[*source];
            let mut edit = Edit::new();
            edit.add_rows(*name, array.spec().clone(), |writer| {
                writer.push_rows(array.bytes())
            });
            let options = EditOptions::default()
                .with_write(WriteOptions::default().with_durability(durability));
            edit.apply(&FileStore::new(*path), &options)?;
            Ok(Vec::new())
        }
        _ => Err(format!("no such task: {words:?}").into()),
    }
}

/// A field of the process's status, in KiB.
fn memory(field: &str) -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.ok_or("no such field")?.parse()?)
}
