//! The `paginum` command.

fn main() {}
