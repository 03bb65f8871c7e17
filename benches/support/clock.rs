//! What times are read from: one clock for all benchmarks.

use std::time::{Duration, Instant};

/// Which clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The one on the wall. Where other work runs, what is longer than a scheduler's slice takes more, so the shorter side
    /// is flattered.
    #[default]
    Wall,
    /// What this thread took of a processor.
    Thread,
    /// What all threads of this process took of processors.
    Process,
}

impl Clock {
    /// By its name on the command line.
    pub(crate) fn from_name(name: &str) -> Result<Self, String> {
        [Self::Wall, Self::Thread]
            .into_iter()
            .find(|clock| clock.name() == name)
            .ok_or_else(|| format!("--clock {name}: wall or cpu"))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Thread => "cpu",
            Self::Process => "process",
        }
    }

    /// Starts to measure.
    pub(crate) fn start(self) -> Start {
        Start(match self {
            Self::Wall => Since::Instant(Instant::now()),
            _ => processor_time(self).map_or_else(
                || Since::Instant(Instant::now()),
                |time| Since::Time(self, time),
            ),
        })
    }

    /// What some work takes.
    pub(crate) fn time(self, work: impl FnOnce()) -> Duration {
        let start = self.start();
        work();
        start.elapsed()
    }
}

/// When a measurement began.
pub(crate) struct Start(Since);

enum Since {
    Instant(Instant),
    Time(Clock, Duration),
}

impl Start {
    pub(crate) fn elapsed(&self) -> Duration {
        match self.0 {
            Since::Instant(start) => start.elapsed(),
            Since::Time(clock, start) => processor_time(clock).unwrap_or(start) - start,
        }
    }
}

#[cfg(target_os = "linux")]
fn processor_time(clock: Clock) -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(match clock {
        Clock::Process => ClockId::ProcessCPUTime,
        _ => ClockId::ThreadCPUTime,
    });
    Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// Elsewhere the time on the wall has to do.
#[cfg(not(target_os = "linux"))]
fn processor_time(_clock: Clock) -> Option<Duration> {
    None
}
