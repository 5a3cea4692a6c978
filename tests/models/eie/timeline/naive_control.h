#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/engine.h"
#include "tests/models/eie/timeline/naive_pe.h"

namespace lacuna::test {

/// The central control of the naive machine in one compute phase (contract, section 5).
class NaiveControl {
 public:
  struct Output {
    bool sends = false;
    NaivePe::Message message{};
    eie::CycleClass cause = eie::CycleClass::starved;
  };

  /// Scans `rows` source rows from `first_row` on, then the bias row if `bias`.
  NaiveControl(const eie::Parameters& parameters, const eie::Layer& layer,
               const std::vector<std::int32_t>& activations, std::uint64_t first_row, std::uint64_t rows,
               bool bias, std::uint64_t row_batch);

  /// One cycle, counted from the start of the phase.
  Output cycle(std::uint64_t cycle, bool any_queue_full);

  std::uint64_t done_cycles() const { return done_cycles_; }            ///< so far with scan_done = 1
  std::uint64_t first_done_cycle() const { return first_done_cycle_; }  ///< C
  std::uint64_t source_rows_loaded() const { return source_rows_loaded_; }
  const eie::ControlEventCounts& events() const { return events_; }

 private:
  Output scan(std::uint64_t cycle, bool any_queue_full);
  void load_row_or_finish(std::uint64_t cycle);
  bool on_bias_row() const { return bias_ && loaded_ == rows_ + 1; }
  std::int64_t value(std::uint64_t position) const;
  bool is_nonzero(std::int64_t value) const;

  const eie::Parameters& p_;
  const eie::Layer& layer_;
  const std::vector<std::int32_t>& activations_;
  std::uint64_t first_row_;
  std::uint64_t rows_;  ///< without the bias row
  bool bias_;
  std::uint64_t row_batch_;
  std::uint64_t fill_cycles_ = 0;
  std::uint64_t nodes_ = 0;

  std::uint64_t loaded_ = 0;  ///< rows, bias row included
  std::uint64_t position_ = 0;
  bool scan_done_ = false;
  std::uint64_t done_cycles_ = 0;
  std::uint64_t first_done_cycle_ = 0;
  std::uint64_t source_rows_loaded_ = 0;
  eie::ControlEventCounts events_;
};

}  // namespace lacuna::test
