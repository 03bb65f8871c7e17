//! From parts that a reader wants to requests that a store answers.
//!
//! Over a network a request costs more than the bytes between two parts, so that parts which lie close together become one
//! request, parts that are long become several, and requests are under way at once: as many as [`Access`] says.

use std::io;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Access, Part};

/// What is asked for first of a file far away: it tells the format, and is all there is of a small file.
#[cfg(any(feature = "cloud", feature = "ftp", feature = "http"))]
pub(super) const FIRST_BYTES: u64 = 16 << 10;

/// Bytes that are fetched at once, for one part or for several that lie close together.
struct Request<'p, 'a> {
    range: Range<u64>,
    pieces: &'p mut [Piece<'a>],
}

/// A part, or a piece of a long one.
struct Piece<'a> {
    offset: u64,
    buf: &'a mut [u8],
}

impl Piece<'_> {
    fn end(&self) -> u64 {
        self.offset + self.buf.len() as u64
    }
}

/// Refuses parts that do not lie within `len` bytes, the empty ones too: before the first of them is read.
///
/// # Errors
/// `UnexpectedEof`.
pub fn check_parts(parts: &[Part<'_>], len: u64) -> io::Result<()> {
    for part in parts {
        match part.offset.checked_add(part.buf.len() as u64) {
            Some(end) if end <= len => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
    Ok(())
}

/// The requests that these ranges cost a store of this access, in the order of their offsets.
#[must_use]
pub fn requests(ranges: &[Range<u64>], access: &Access) -> Vec<Range<u64>> {
    let mut pieces: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start.saturating_add(access.piece_bytes()));
            pieces.push(start..end);
            start = end;
        }
    }
    pieces.sort_by_key(|piece| (piece.start, piece.end));
    let mut merged: Vec<Range<u64>> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if access.merges(last, &piece) => last.end = last.end.max(piece.end),
            _ => merged.push(piece),
        }
    }
    merged
}

/// Fills parts of a store of `len` bytes by as few requests as `access` makes of them, several at once. `fetch` fills a
/// buffer from an offset.
///
/// # Errors
/// Those of [`check_parts`], and of `fetch`, of the first request that has one.
pub fn read_merged(
    parts: &mut [Part<'_>],
    len: u64,
    access: &Access,
    fetch: &(dyn Fn(u64, &mut [u8]) -> io::Result<()> + Sync),
) -> io::Result<()> {
    check_parts(parts, len)?;
    let piece_bytes = usize::try_from(access.piece_bytes()).unwrap_or(usize::MAX);
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(parts.len());
    for part in parts {
        let mut offset = part.offset;
        for buf in part.buf.chunks_mut(piece_bytes) {
            let n = buf.len() as u64;
            pieces.push(Piece { offset, buf });
            offset += n;
        }
    }
    pieces.sort_by_key(|piece| (piece.offset, piece.end()));
    let mut requests = Vec::new();
    let mut rest = &mut pieces[..];
    while let Some(first) = rest.first() {
        let mut range = first.offset..first.end();
        let mut n = 1;
        while let Some(next) = rest.get(n)
            && access.merges(&range, &(next.offset..next.end()))
        {
            range.end = range.end.max(next.end());
            n += 1;
        }
        let (pieces, behind) = std::mem::take(&mut rest).split_at_mut(n);
        requests.push(Request { range, pieces });
        rest = behind;
    }
    run(requests, access.max_in_flight, &|request| {
        answer(request, fetch)
    })
}

/// A store that is asked for one range at a time.
#[cfg(any(feature = "cloud", feature = "ftp", feature = "http"))]
pub(super) trait Fetch: super::ReadAt {
    /// Fills a buffer from an offset, by one request.
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()>;

    /// What [`ReadAt::read_many`](super::ReadAt::read_many) does here.
    fn fetch_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        let fetch = |offset: u64, buf: &mut [u8]| self.fetch(offset, buf);
        read_merged(parts, self.len(), &self.access(), &fetch)
    }
}

/// Fetches the bytes of a request and gives each piece its own.
fn answer(
    request: &mut Request<'_, '_>,
    fetch: &(dyn Fn(u64, &mut [u8]) -> io::Result<()> + Sync),
) -> io::Result<()> {
    if let [only] = &mut *request.pieces {
        return fetch(only.offset, only.buf);
    }
    let mut bytes = vec![0; (request.range.end - request.range.start) as usize];
    fetch(request.range.start, &mut bytes)?;
    for piece in &mut *request.pieces {
        let start = (piece.offset - request.range.start) as usize;
        piece
            .buf
            .copy_from_slice(&bytes[start..start + piece.buf.len()]);
    }
    Ok(())
}

/// Works on requests in their order, `max_in_flight` at a time; after an error none is begun.
fn run<T: Send>(
    requests: Vec<T>,
    max_in_flight: usize,
    work: &(dyn Fn(&mut T) -> io::Result<()> + Sync),
) -> io::Result<()> {
    let n_threads = max_in_flight.min(requests.len());
    if n_threads <= 1 {
        return requests
            .into_iter()
            .try_for_each(|mut request| work(&mut request));
    }
    let requests: Vec<Mutex<T>> = requests.into_iter().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, io::Error)>> = Mutex::new(None);
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = requests.get(number) else {
                return;
            };
            let mut request = request.lock().unwrap_or_else(|poison| poison.into_inner());
            if let Err(error) = work(&mut request) {
                next.store(requests.len(), Ordering::Relaxed);
                let mut failed = failed.lock().unwrap_or_else(|poison| poison.into_inner());
                if failed.as_ref().is_none_or(|(first, _)| number < *first) {
                    *failed = Some((number, error));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..n_threads {
            scope.spawn(worker);
        }
        worker();
    });
    match failed
        .into_inner()
        .unwrap_or_else(|poison| poison.into_inner())
    {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::time::Duration;

    use super::*;

    /// Longer than any other thread takes: what waits so long fails.
    const WAIT: Duration = Duration::from_secs(20);
    const ACCESS: Access = Access {
        merge_gap: 10,
        max_in_flight: 3,
        first_read: 0,
        max_request: 100,
    };

    #[test]
    #[expect(
        clippy::single_range_in_vec_init,
        clippy::type_complexity,
        reason = "a table of ranges"
    )]
    fn near_parts_are_one_request_and_long_ones_are_several() {
        let cases: [(&[Range<u64>], &[Range<u64>]); 8] = [
            (&[], &[]),
            (&[5..5], &[]),
            (&[20..30, 0..10], &[0..30]),
            (&[0..10, 21..30], &[0..10, 21..30]),
            (&[0..50, 10..20, 55..60], &[0..60]),
            (&[0..250], &[0..100, 100..200, 200..250]),
            (&[0..60, 65..120], &[0..60, 65..120]),
            (&[1000..1010, 1015..1020], &[1000..1020]),
        ];
        for (ranges, expected) in cases {
            assert_eq!(requests(ranges, &ACCESS), expected, "{ranges:?}");
        }
        assert_eq!(requests(&[0..9, 9..20], &Access::LOCAL), [0..20]);
    }

    #[test]
    fn parts_get_their_bytes_by_the_requests_that_were_planned() {
        let bytes: Vec<u8> = (0..=255).collect();
        let ranges = [200..250, 0..0, 3..7, 5..9, 90..220, 12..13_u64];
        let mut buffers: Vec<Vec<u8>> = ranges
            .iter()
            .map(|range| vec![0; (range.end - range.start) as usize])
            .collect();
        let asked = Mutex::new(Vec::new());
        let fetch = |offset: u64, buf: &mut [u8]| {
            asked
                .lock()
                .unwrap()
                .push(offset..offset + buf.len() as u64);
            buf.copy_from_slice(&bytes[offset as usize..][..buf.len()]);
            Ok(())
        };
        let mut parts: Vec<Part<'_>> = ranges
            .iter()
            .zip(&mut buffers)
            .map(|(range, buf)| Part::new(range.start, buf))
            .collect();
        read_merged(&mut parts, 256, &ACCESS, &fetch).unwrap();
        for (range, buf) in ranges.iter().zip(&buffers) {
            assert_eq!(buf, &bytes[range.start as usize..range.end as usize]);
        }
        let mut asked = asked.into_inner().unwrap();
        asked.sort_by_key(|range| range.start);
        assert_eq!(asked, requests(&ranges, &ACCESS));
    }

    /// Parts far from one another, each of one byte.
    fn far_parts(buffers: &mut [Vec<u8>]) -> Vec<Part<'_>> {
        let parts = buffers.iter_mut().enumerate();
        parts
            .map(|(i, buf)| Part::new(i as u64 * 1000, buf))
            .collect()
    }

    #[test]
    fn as_many_requests_are_under_way_as_are_allowed() {
        let mut buffers = vec![vec![0; 1]; 3 * ACCESS.max_in_flight];
        let (n_begun, more) = (Mutex::new(0), Condvar::new());
        let fetch = |_: u64, _: &mut [u8]| {
            let mut begun = n_begun.lock().unwrap();
            *begun += 1;
            more.notify_all();
            let is_few = |begun: &mut usize| *begun < ACCESS.max_in_flight;
            let (begun, waited) = more.wait_timeout_while(begun, WAIT, is_few).unwrap();
            drop(begun);
            match waited.timed_out() {
                true => Err(io::Error::other("it waits for others, and is alone")),
                false => Ok(()),
            }
        };
        read_merged(&mut far_parts(&mut buffers), 20_000, &ACCESS, &fetch).unwrap();
    }

    #[test]
    fn of_two_requests_that_fail_the_one_that_was_begun_first_is_told() {
        for _ in 0..20 {
            let mut buffers = vec![vec![0; 1]; 2];
            let (has_failed, told) = (Mutex::new(false), Condvar::new());
            let fetch = |offset: u64, _: &mut [u8]| {
                let mut failed = has_failed.lock().unwrap();
                if offset == 0 {
                    let waits = |failed: &mut bool| !*failed;
                    failed = told.wait_timeout_while(failed, WAIT, waits).unwrap().0;
                    drop(failed);
                    // The other has a moment to tell of it.
                    std::thread::yield_now();
                } else {
                    *failed = true;
                    told.notify_all();
                }
                Err(io::Error::other(offset.to_string()))
            };
            let result = read_merged(&mut far_parts(&mut buffers), 20_000, &ACCESS, &fetch);
            assert_eq!(result.unwrap_err().to_string(), "0");
        }
    }

    #[test]
    fn the_first_request_that_fails_is_the_error() {
        let mut buffers = vec![vec![0; 1]; 20];
        let fetch = |offset: u64, _: &mut [u8]| match offset {
            5000.. => Err(io::Error::other(offset.to_string())),
            _ => Ok(()),
        };
        let error = read_merged(&mut far_parts(&mut buffers), 20_000, &ACCESS, &fetch).unwrap_err();
        assert_eq!(error.to_string(), "5000");
    }
}
