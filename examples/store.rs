//! A store of one's own: files as values of a table in memory, under addresses `table://NAME`.
//!
//! A driver makes stores of addresses. What it makes can hold files of every format, and `storage::conformance` checks it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use paginum::container::{Formats, NewArray};
use paginum::storage::{
    Drivers, Durability, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url, conformance,
};
use paginum::{Array, FileOptions, Result};

/// Values under their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table(Arc<Mutex<HashMap<String, Arc<Vec<u8>>>>>);

impl Table {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Arc<Vec<u8>>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The store of an address.
    pub(crate) fn store(&self, url: &Url) -> Arc<dyn Store> {
        Arc::new(Place {
            table: self.clone(),
            url: url.clone(),
        })
    }
}

/// The place of one value.
#[derive(Clone, Debug)]
struct Place {
    table: Table,
    url: Url,
}

impl Store for Place {
    fn url(&self) -> &Url {
        &self.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let value = self
            .table
            .with(|table| table.get(self.url.authority()).cloned());
        match value {
            Some(value) => Ok(value),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(Draft {
            place: self.clone(),
            bytes: Vec::new(),
        }))
    }

    /// Values are replaced whole.
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(None)
    }
}

/// A value that is not in the table yet.
#[derive(Debug)]
struct Draft {
    place: Place,
    bytes: Vec<u8>,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage for Draft {
    fn commit(self: Box<Self>, _durability: Durability) -> io::Result<()> {
        let key = self.place.url.authority().to_owned();
        let value = Arc::new(self.bytes);
        self.place.table.with(|table| table.insert(key, value));
        Ok(())
    }
}

/// Writes a file into the table, and reads it by its address.
pub(crate) fn run() -> Result<()> {
    let table = Table::default();
    let driver = {
        let table = table.clone();
        move |url: &Url, _: &StoreOptions| Ok(table.store(url))
    };
    let drivers = Drivers::default().with("table", Arc::new(driver));
    conformance::check_stage(&*drivers.store("table://checked")?);

    let rain = Array::from_numbers(&[0.0_f64, 2.5, 1.0])?;
    let mut writer = Formats::default().create(&*drivers.store("table://weather.npz")?)?;
    let mut sink = writer.begin(NewArray::new("rain", rain.spec()))?;
    sink.push_rows(rain.bytes())?;
    sink.finish()?;
    writer.commit()?;

    let file = FileOptions::default()
        .with_drivers(drivers)
        .open("table://weather.npz")?;
    assert_eq!(file.array("rain")?.read_numbers::<f64>()?, [0.0, 2.5, 1.0]);
    println!("{:?} in a table", file.array("rain")?);
    Ok(())
}

#[allow(dead_code, reason = "the test that includes this file calls `run`")]
fn main() -> Result<()> {
    run()
}
