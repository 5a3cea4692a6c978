#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/eie/engine.h"

namespace lacuna::eie::systemc {

class CentralControl;
class PeGroup;
class ProcessingElement;
struct Lines;
struct RunContext;

/// The EIE machine as a module of a platform (docs/microarchitecture.md, section 12). It starts and stops no
/// simulation: several can live beside each other and beside whatever else the platform has.
///
/// Submodules: CCU (with LNZD), and groupG.PEp for each processing element p, G = p / 16, with Act_queue,
/// PtrRead, SpmatRead, ArithmUnit and ActRW. They are stepped by the processes of CCU and groups.
class Machine : public sc_core::sc_module {
 public:
  /// Throws ConfigurationError if the parameters contradict each other. `clock_mhz` is the platform's
  /// business.
  Machine(const sc_core::sc_module_name& name, const Parameters& parameters);
  ~Machine() override;

  const Parameters parameters;

  /// Registers change at the rising edge; what is combinational settles at the falling edge before it.
  sc_core::sc_in<bool> clock;
  /// Active high, sampled at the falling edge: a run that goes on is abandoned, none begins.
  sc_core::sc_in<bool> reset;

  /// Asks for a run and returns at once. Cycle 0 is the first whose falling edge comes after this call and
  /// finds `reset` low. Layer, image and activations have to live until the run is over; `check_capacity` has
  /// accepted the layer. Throws ConfigurationError while another run goes on, InputDataError when the three
  /// do not fit each other and the machine.
  void start(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations);

  /// The same for whoever runs the kernel and has paused it at `done`: cycle 0 is the cycle behind the last
  /// one of the run before, so that runs follow each other without an idle cycle. The first run of all, and
  /// one behind a run that was abandoned, begin as with `start`.
  void start_behind(const Layer& layer, const MemoryImage& image,
                    const std::vector<std::int32_t>& activations);

  /// A run has been asked for and is neither over nor abandoned.
  bool running() const;

  /// Notified at the falling edge behind a run's last cycle; not for a run that was abandoned.
  const sc_core::sc_event& done() const;

  /// Of the run that is over: from `done` to the next `start`.
  RunResult result() const;

  /// Reports each cycle of the following runs to `observer` (nullptr: to nobody).
  void observe(CycleObserver* observer);
  /// Counts the following runs' cycle classes by intervals (nullptr: for nobody); see
  /// Engine::count_intervals. The counts of a run come with `take_intervals`.
  void count_intervals(ClassIntervals* intervals);
  /// To be called between `done` and the next `start`. Throws ConfigurationError when they become too many.
  void take_intervals();
  /// Adds clock and units to a wave file.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  /// Checks and keeps what a run needs.
  void prepare(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations);

  std::unique_ptr<Lines> lines_;
  std::vector<std::unique_ptr<PeGroup>> groups_;
  std::vector<ProcessingElement*> pes_;
  std::unique_ptr<CentralControl> control_;
  std::unique_ptr<RunContext> context_;
  std::vector<std::int32_t> outputs_;
  ClassIntervals* intervals_ = nullptr;
};

}  // namespace lacuna::eie::systemc
