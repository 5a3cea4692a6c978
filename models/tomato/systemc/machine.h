#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>
#include <vector>

#include "models/tomato/engine.h"
#include "models/tomato/systemc/stream_ports.h"

namespace lacuna::tomato::systemc {

class Sink;
class StreamFifo;
class UnitModule;

/// The streaming machine as a module of a platform (docs/microarchitecture-tomato.md, section 11). It starts
/// and stops no simulation: several can live beside each other and beside whatever else the platform has.
///
/// Submodules: uN_NAME for unit N of the pipeline and fifoN for its edge N. One clocked process steps the
/// units that are awake; a process for each unit would spend more time in the kernel than in the units.
class Machine : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Machine);
  /// Throws ConfigurationError for impossible pipelines. `clock_mhz` is the platform's business.
  Machine(const sc_core::sc_module_name& name, const Pipeline& pipeline, const Parameters& parameters);
  ~Machine() override;

  const Pipeline pipeline;
  const Analysis analysis;

  /// All happens at the rising edge.
  sc_core::sc_in<bool> clock;
  /// Active high, sampled at the rising edge: a run that goes on is abandoned, none begins.
  sc_core::sc_in<bool> reset;
  /// Where the source takes its pixels; left unbound, it takes them from the run's input.
  PixelInput pixels;
  /// Where the sink puts its tokens; left unbound, it collects them as the run's outputs.
  PixelOutput results;

  /// Asks for a run and returns at once. Cycle 0 is the first whose rising edge comes after this call and
  /// finds `reset` low. The input has to live until the run is over; where `pixels` is bound it has none of
  /// its own. Throws ConfigurationError while another run goes on, and as `check_input`.
  void start(const RunInput& input);

  /// A run has been asked for and is neither over nor abandoned.
  bool running() const { return running_; }

  /// Notified at the end of a run: every token has been taken, or none can move. Not for a run that was
  /// abandoned.
  const sc_core::sc_event& done() const { return done_; }

  /// Frames whose last token the sink has taken, and the event of each.
  std::uint32_t frames_done() const { return frames_done_; }
  const sc_core::sc_event& frame_done() const { return frame_done_; }
  /// Throws ConfigurationError when the run that goes on has given too many intervals.
  void check_intervals() const;

  /// Of the run that is over: from `done` to the next `start`. Throws InputDataError if the run ended with a
  /// pixel from the port that has not the source's channels and format.
  RunResult result() const;

  /// Adds clock, units and FIFOs to a wave file.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  void make_fifos();
  void make_units();
  void take_request();
  void on_clock();
  void step_units();
  bool all_finished() const;
  Deadlock deadlock(std::uint64_t end) const;
  std::vector<std::vector<std::int64_t>> recorded_frames(std::size_t edge) const;

  std::vector<std::uint64_t> wake_;  ///< by unit, the cycle
  std::vector<std::size_t> awake_;
  std::vector<std::unique_ptr<StreamFifo>> fifos_;
  std::vector<std::unique_ptr<UnitModule>> units_;
  const Sink* sink_ = nullptr;
  std::uint64_t cycle_ = 0;
  const RunInput* input_ = nullptr;
  std::uint32_t frames_done_ = 0;
  std::optional<ClassIntervals> intervals_;

  // The event makes a request that is made at a clock edge count from the next one on, whatever the order in
  // which the kernel runs the processes of that edge.
  sc_core::sc_event request_;
  sc_core::sc_event frame_done_;
  sc_core::sc_event done_;
  bool running_ = false;   ///< asked for, and not yet over
  bool starting_ = false;  ///< all is as at the start of a run, whose cycle 0 comes next
  bool stepping_ = false;  ///< between cycle 0 and the end
};

}  // namespace lacuna::tomato::systemc
