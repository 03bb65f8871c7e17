//! What times are read from.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Which clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The one on the wall. Where other work runs, what is longer than a scheduler's slice takes more, so the shorter side
    /// is flattered.
    #[default]
    Wall,
    /// What this thread took of a processor.
    Cpu,
}

impl Clock {
    /// By its name on the command line.
    pub(crate) fn from_name(name: &str) -> Result<Self, String> {
        match name {
            "wall" => Ok(Self::Wall),
            "cpu" => Ok(Self::Cpu),
            _ => Err(format!("--clock {name}: wall or cpu")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Cpu => "cpu",
        }
    }

    /// Starts to measure.
    pub(crate) fn start(self) -> Start {
        match self {
            Self::Wall => Start::Wall(Instant::now()),
            Self::Cpu => Start::Cpu(processor_time()),
        }
    }
}

/// When a measurement began.
pub(crate) enum Start {
    Wall(Instant),
    Cpu(Duration),
}

impl Start {
    pub(crate) fn elapsed(&self) -> Duration {
        match self {
            Self::Wall(start) => start.elapsed(),
            Self::Cpu(start) => processor_time() - *start,
        }
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
