#pragma once

#include <cstdint>
#include <optional>
#include <systemc>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/cycle_observer.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/lnzd_tree.h"
#include "models/eie/systemc/processing_element.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {

/// Central control unit (contract, sections 5 and 8): walks through the phases of a run, scans the source
/// rows for nonzero activations and broadcasts them.
class CentralControl : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(CentralControl);
  CentralControl(const sc_core::sc_module_name& name, const Parameters& parameters, Lines& lines,
                 std::vector<ProcessingElement*> pes);

  sc_core::sc_in<bool> clock;
  sc_core::sc_in<bool> reset;

  LnzdTree lnzd;

  /// When a run begins: at the next falling edge without reset, or at the one that has just been.
  enum class Begin { next_edge, this_edge };
  void request_run(const RunContext& context, Begin begin);
  bool running() const { return running_; }
  /// Whether this is the falling edge behind a run's last cycle.
  bool is_at_end_of_run() const { return ended_at_ == sc_core::sc_time_stamp(); }
  const sc_core::sc_event& done() const { return done_; }

  /// Reports each cycle of the following runs to `observer`, or to nobody.
  void observe(CycleObserver* observer) { observer_ = observer; }

  /// Sums all PEs' cycle classes before cycle `first` of each following run and every `period` cycles on, but
  /// not more often than `most` times; a period of nothing ends it.
  void sample_classes(std::uint64_t first, std::optional<std::uint64_t> period, std::size_t most);
  const std::vector<CycleClassCounts>& class_samples() const { return samples_; }

  /// Adds the unit's state to a wave file under its hierarchical name.
  void trace(sc_core::sc_trace_file* file) const override;

  const ControlEventCounts& events() const { return events_; }
  std::uint64_t run_cycles() const { return run_cycles_; }
  std::uint64_t drained_cycle() const { return drained_cycle_; }

 private:
  void take_request();
  void settle();
  void abandon_run();
  bool phase_over() const;
  void next_phase();
  void begin_row_batch();
  void begin_column_batch();
  void begin_compute();
  void begin_store();
  void finish();

  void scan();
  void load_next_row();
  void load_row(std::uint32_t row_in_batch);
  void load_bias_row();
  void send(std::uint32_t position);

  void report_cycle();
  void take_sample();
  std::uint32_t rows_in_batch() const;

  const Parameters& parameters_;
  Lines& lines_;
  const std::vector<ProcessingElement*> pes_;
  const RunContext* context_ = nullptr;
  ControlEventCounts events_;
  CycleObserver* observer_ = nullptr;
  std::vector<std::uint32_t> occupancies_;  ///< scratch for the observer

  // Samples of cycle classes.
  static constexpr std::uint64_t never = UINT64_MAX;
  std::uint64_t first_sample_ = never;
  std::uint64_t next_sample_ = never;
  std::uint64_t sample_period_ = 0;
  std::size_t most_samples_ = 0;
  std::vector<CycleClassCounts> samples_;

  // Start and end. The event makes a request that is made at a clock edge count from the next one on,
  // whatever the order in which the kernel runs the processes of that edge.
  sc_core::sc_event request_;
  sc_core::sc_event done_;
  std::optional<sc_core::sc_time> ended_at_;
  bool running_ = false;   ///< asked for, and not yet over
  bool starting_ = false;  ///< all is as at the start of a run, whose cycle 0 comes next
  Begin begin_ = Begin::next_edge;

  // Phase sequencing.
  std::uint64_t cycle_ = 0;
  std::uint32_t row_batch_ = 0;
  std::uint32_t column_batch_ = 0;
  std::uint64_t remaining_ = 0;  ///< cycles left of a load or store
  std::uint64_t run_cycles_ = 0;
  std::uint64_t drained_cycle_ = 0;

  // Scan.
  std::uint64_t lnzd_wait_ = 0;
  bool row_valid_ = false;
  std::uint32_t row_ = 0;       ///< in the batch; the bias row comes last
  std::uint32_t position_ = 0;  ///< first position not yet examined
  bool scan_done_ = false;
  std::uint64_t scan_done_cycle_ = 0;
  std::vector<std::int32_t> row_values_;
};

}  // namespace lacuna::eie::systemc
