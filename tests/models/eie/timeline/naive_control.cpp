#include "tests/models/eie/timeline/naive_control.h"

#include "models/common/fixed_point.h"

namespace lacuna::test {

using eie::ControlEvent;
using eie::CycleClass;

NaiveControl::NaiveControl(const eie::Parameters& parameters, const eie::Layer& layer,
                           const std::vector<std::int32_t>& activations, std::uint64_t first_row,
                           std::uint64_t rows, bool bias, std::uint64_t row_batch)
    : p_(parameters),
      layer_(layer),
      activations_(activations),
      first_row_(first_row),
      rows_(rows),
      bias_(bias),
      row_batch_(row_batch) {
  for (std::uint64_t width = p_.pe_count; width > 1; width = (width + 3) / 4) {
    fill_cycles_ += p_.lnzd_latency_cycles;
    nodes_ += (width + 3) / 4;
  }
}

NaiveControl::Output NaiveControl::cycle(std::uint64_t cycle, bool any_queue_full) {
  if (scan_done_) {
    ++done_cycles_;
    Output drained;
    drained.cause = CycleClass::drain;
    return drained;
  }
  if (cycle > fill_cycles_) {
    return scan(cycle, any_queue_full);
  }
  if (cycle == fill_cycles_) {
    load_row_or_finish(cycle);
  }
  return {};
}

NaiveControl::Output NaiveControl::scan(std::uint64_t cycle, bool any_queue_full) {
  ++events_[ControlEvent::scan_cycles];
  events_[ControlEvent::lnzd_node_evaluations] += nodes_;
  while (position_ < p_.pe_count && !is_nonzero(value(position_))) {
    ++position_;
  }
  Output out;
  if (position_ == p_.pe_count) {
    load_row_or_finish(cycle);
  } else if (any_queue_full) {
    out.cause = CycleClass::queue_full;
    ++events_[ControlEvent::blocked_cycles];
  } else {
    const std::uint64_t column =
        on_bias_row() ? layer_.inputs() : (first_row_ + loaded_ - 1) * p_.pe_count + position_;
    out.sends = true;
    out.message = {static_cast<std::uint32_t>(row_batch_ * layer_.matrix.columns + column), value(position_)};
    ++events_[ControlEvent::broadcasts];
    if (++position_ == p_.pe_count) {
      load_row_or_finish(cycle);
    }
  }
  return out;
}

void NaiveControl::load_row_or_finish(std::uint64_t cycle) {
  position_ = 0;
  if (loaded_ == rows_ + (bias_ ? 1 : 0)) {
    scan_done_ = true;
    first_done_cycle_ = cycle + 1;
    return;
  }
  ++loaded_;
  ++events_[ControlEvent::row_loads];
  source_rows_loaded_ += on_bias_row() ? 0 : 1;
}

std::int64_t NaiveControl::value(std::uint64_t position) const {
  if (on_bias_row()) {
    return position == 0 ? quantise(1.0, layer_.formats.activation) : 0;
  }
  const std::uint64_t j = (first_row_ + loaded_ - 1) * p_.pe_count + position;
  return j < activations_.size() ? activations_[j] : 0;
}

bool NaiveControl::is_nonzero(std::int64_t value) const {
  return p_.nonzero_detection == eie::NonzeroDetection::positive ? value > 0 : value != 0;
}

}  // namespace lacuna::test
