#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "models/tomato/engine.h"
#include "models/tomato/systemc/source_sink.h"
#include "models/tomato/systemc/stream_fifo.h"
#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {

/// The whole pipeline: clock, units and FIFOs. One clocked process steps the units that are awake; a process
/// for each unit would spend more time in the kernel than in the units (docs/architecture.md).
class Machine : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Machine);
  Machine(const sc_core::sc_module_name& name, const Pipeline& pipeline, const Analysis& analysis,
          const Parameters& parameters);

  /// Runs from reset until every token has been taken, or to a deadlock.
  RunResult run(const RunInput& input);

  void trace(sc_core::sc_trace_file* file) const override;

 private:
  void make_fifos();
  void make_units();
  void on_clock();
  bool all_finished() const;
  RunResult result() const;
  Deadlock deadlock(Cycle end) const;

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  sc_core::sc_clock clock_;
  std::vector<Cycle> wake_;  ///< by unit
  std::vector<std::size_t> awake_;
  std::vector<std::unique_ptr<StreamFifo>> fifos_;
  std::vector<std::unique_ptr<UnitModule>> units_;
  Cycle cycle_ = 0;
  bool running_ = false;
  const Sink* sink_ = nullptr;
  bool tells_frames_ = false;  ///< the run has somebody to tell its progress to
  std::uint32_t frames_told_ = 0;
};

}  // namespace lacuna::tomato::systemc
