#pragma once

namespace lacuna::cli {

/// The user has interrupted the program (exit code 130).
struct Interrupted {};

/// From now on SIGINT and SIGTERM are remembered; a second one ends the program at once with exit code 130.
void watch_for_interrupts();

/// Throws Interrupted once a signal has come. Long work calls it now and then.
void check_for_interrupt();

}  // namespace lacuna::cli
