//! Rows without the rest: ranges, a mask, one axis of several, and an array that need not fit into memory.

use paginum::container::{Formats, NewArray};
use paginum::storage::Drivers;
use paginum::{Array, Error, Result, Validity};

/// Writes an array of four columns, and reads parts of it.
pub(crate) fn run() -> Result<()> {
    const N_ROWS: usize = 50_000;
    let values: Vec<i32> = (0..4 * N_ROWS as i32).collect();
    let table = Array::from_vec(values, [N_ROWS as u64, 4])?;
    let store = Drivers::default().store("mem://table.pco")?;
    let mut writer = Formats::default().create(&*store)?;
    let mut sink = writer.begin(NewArray::new("table", table.spec()))?;
    sink.push_rows(table.bytes())?;
    sink.finish()?;
    let report = writer.commit()?;
    println!("{} -> {} bytes", table.bytes().len(), report.n_bytes);

    let file = paginum::open("mem://table.pco")?;
    let table = file.array_at(0);
    let rows = table.read_rows(1000..1002)?;
    assert_eq!(
        rows.numbers::<i32>()?,
        [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007]
    );

    // Pages without a row that is wanted are not decoded.
    let mut wanted = Validity::repeat(false, 0);
    (0..N_ROWS).for_each(|row| wanted.push(row % 20_000 == 7));
    let selected = table.read_selected(&wanted)?;
    assert_eq!(selected.spec().shape(), [3, 4]);

    // Of two rows, the last column.
    let last = table.select(&(1000..1002, 3).into())?;
    assert_eq!(last.numbers::<i32>()?, [4003, 4007]);

    let mut sum = 0;
    table.stream(0..N_ROWS as u64, |bytes| {
        let numbers = bytes.chunks_exact(4);
        sum += numbers
            .map(|number| {
                i64::from(i32::from_ne_bytes([
                    number[0], number[1], number[2], number[3],
                ]))
            })
            .sum::<i64>();
        Ok::<_, Error>(())
    })?;
    let n = 4 * N_ROWS as i64;
    assert_eq!(sum, n * (n - 1) / 2);
    println!("the sum of all: {sum}");
    Ok(())
}

#[allow(dead_code, reason = "the test that includes this file calls `run`")]
fn main() -> Result<()> {
    run()
}
