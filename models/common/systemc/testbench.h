#pragma once

#include <initializer_list>
#include <systemc>

#include "models/common/systemc/edge_clock.h"

namespace lacuna {

/// The period of a clock: an even number of picoseconds, so that both edges fall on the kernel's time grid.
sc_core::sc_time clock_period(double clock_mhz);

/// An engine's claim to the SystemC kernel of its process. Engines run and pause the kernel and elaborate
/// once, so only one can have it; machines that are modules of a platform need no claim. Warnings of the
/// kernel are exceptions as long as the claim is held; then the process has its own report policy back.
class KernelClaim {
 public:
  /// Throws ConfigurationError when another engine holds the claim or the kernel has run before.
  KernelClaim();
  KernelClaim(const KernelClaim&) = delete;
  KernelClaim& operator=(const KernelClaim&) = delete;
  ~KernelClaim();

 private:
  sc_core::sc_actions info_;
  sc_core::sc_actions warning_;
  sc_core::sc_actions empty_wave_;
};

/// The edge with which a clock begins: a falling one at time 0, or a rising one half a period later, so that
/// waves show it.
enum class FirstEdge { rising, falling };

/// What an engine puts around its machine: a clock, a reset line that stays low, and the kernel's run.
class Testbench : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Testbench);
  Testbench(const sc_core::sc_module_name& name, double clock_mhz, FirstEdge first,
            std::initializer_list<const sc_core::sc_event*> pauses, ClockShape shape = ClockShape::square);

  EdgeClock clock;
  sc_core::sc_signal<bool> reset;

  /// Runs the kernel until one of the events pauses it.
  void run() { sc_core::sc_start(); }

 private:
  void pause() { sc_core::sc_pause(); }
};

}  // namespace lacuna
