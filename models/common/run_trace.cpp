#include "models/common/run_trace.h"

#include <algorithm>

namespace lacuna {
namespace {

std::uint64_t cycles_of(const RunTrace::Span& span) {
  return span.end - span.first;
}

void add_count(RunTrace::Span& span, std::uint8_t cycle_class, std::uint32_t cycles) {
  const auto found = std::find_if(span.counts.begin(), span.counts.end(),
                                  [cycle_class](const auto& count) { return count.first == cycle_class; });
  if (found != span.counts.end()) {
    found->second += cycles;
  } else {
    span.counts.emplace_back(cycle_class, cycles);
  }
}

/// The span with its counts written out.
void make_mixed(RunTrace::Span& span) {
  if (span.counts.empty()) {
    span.counts.emplace_back(span.only, static_cast<std::uint32_t>(cycles_of(span)));
  }
}

}  // namespace

RunTrace::RunTrace(Selection selection, Limits limits) : selection_(std::move(selection)), limits_(limits) {}

bool RunTrace::keeps_lane(std::size_t lane) const {
  return selection_.lanes.empty() ||
         std::any_of(selection_.lanes.begin(), selection_.lanes.end(),
                     [lane](const auto& range) { return lane >= range.first && lane <= range.second; });
}

void RunTrace::set_lanes(const std::vector<std::string>& names, const CounterInfo* classes) {
  if (lane_names_.size() != names.size()) {
    lane_names_ = names;
    lanes_.resize(names.size());
  }
  classes_ = classes;
}

void RunTrace::set_queues(const std::vector<std::string>& names, std::vector<bool> kept) {
  if (queues_.size() != names.size()) {
    keeps_queue_ = std::move(kept);
    queues_.clear();
    for (const std::string& name : names) {
      queues_.push_back({name, {}});
    }
  }
}

/// From cycles of the run to cycles of all runs, within the selection; whether any are left.
bool RunTrace::clip(std::uint64_t& first, std::uint64_t& end) const {
  first = std::max(first + cycles_, selection_.first_cycle);
  end = std::min(end + cycles_, selection_.end_cycle);
  return first < end;
}

void RunTrace::add_class(std::size_t lane, std::size_t cycle_class, std::uint64_t first, std::uint64_t end) {
  if (!clip(first, end) || !keeps_lane(lane)) {
    return;
  }
  std::vector<Span>& spans = lanes_[lane];
  const std::size_t before = spans.size();
  append(spans, {first, end, {}, static_cast<std::uint8_t>(cycle_class)});
  spans_ += spans.size() - before;
  while (spans_ > limits_.spans && lane_step_ < (std::uint64_t{1} << 31U)) {
    coarsen_lanes();
  }
}

/// Appends a span that follows the lane's last. Where a step of the resolution holds more than one class, it
/// becomes one span with counts; runs of one class that begin or end with a step stay whole.
void RunTrace::append(std::vector<Span>& lane, const Span& span) const {
  const std::uint64_t step_first = span.first - span.first % lane_step_;
  const bool joins = !lane.empty() && lane.back().end == span.first;
  if (joins && lane.back().counts.empty() && span.counts.empty() && lane.back().only == span.only) {
    lane.back().end = span.end;
    return;
  }
  if (!joins || lane_step_ == 1 || span.first == step_first) {
    lane.push_back(span);
    return;
  }
  if (lane.back().first < step_first) {  // one class over several steps: its last, begun one becomes its own
    Span rest = lane.back();
    rest.first = step_first;
    lane.back().end = step_first;
    lane.push_back(rest);
  }
  Span& last = lane.back();
  const std::uint64_t step_end = step_first + lane_step_;
  const std::uint64_t end = std::min(step_end, span.end);
  make_mixed(last);
  if (span.counts.empty()) {
    add_count(last, span.only, static_cast<std::uint32_t>(end - span.first));
  } else {
    for (const auto& [cycle_class, cycles] : span.counts) {
      add_count(last, cycle_class, cycles);
    }
  }
  last.end = end;
  if (end < span.end) {
    lane.push_back({end, span.end, {}, span.only});
  }
}

void RunTrace::coarsen_lanes() {
  lane_step_ *= 2;
  spans_ = 0;
  for (std::vector<Span>& lane : lanes_) {
    std::vector<Span> coarser;
    for (const Span& span : lane) {
      append(coarser, span);
    }
    coarser.shrink_to_fit();
    lane = std::move(coarser);
    spans_ += lane.size();
  }
}

void RunTrace::add_entry(std::size_t queue, std::uint64_t first, std::uint64_t end) {
  if (!clip(first, end) || !keeps_queue_[queue]) {
    return;
  }
  while (first < end) {
    const std::uint64_t step = (first - selection_.first_cycle) / queue_step_;
    std::vector<std::uint64_t>& levels = queues_[queue].entry_cycles;
    if (step >= levels.size()) {
      if (levels_ + (step + 1 - levels.size()) > limits_.levels && queue_step_ < (std::uint64_t{1} << 40U)) {
        coarsen_queues();
        continue;
      }
      levels_ += step + 1 - levels.size();
      levels.resize(step + 1);
    }
    const std::uint64_t next = std::min(end, selection_.first_cycle + (step + 1) * queue_step_);
    levels[step] += next - first;
    first = next;
  }
}

void RunTrace::coarsen_queues() {
  queue_step_ *= 2;
  levels_ = 0;
  for (Queue& queue : queues_) {
    std::vector<std::uint64_t> coarser((queue.entry_cycles.size() + 1) / 2);
    for (std::size_t i = 0; i < queue.entry_cycles.size(); ++i) {
      coarser[i / 2] += queue.entry_cycles[i];
    }
    queue.entry_cycles = std::move(coarser);
    levels_ += queue.entry_cycles.size();
  }
}

void RunTrace::add_work(const std::string& row, const std::string& name, std::uint64_t first,
                        std::uint64_t end) {
  keep_work({row, name, first + cycles_, end + cycles_});
}

void RunTrace::add_work_since(const std::string& row, const std::string& name, std::uint64_t first) {
  keep_work({row, name, first, cycles_});
}

/// A part of the work as far as it lies in the selection.
void RunTrace::keep_work(Work work) {
  constexpr std::size_t most = 20'000;
  work.first = std::max(work.first, selection_.first_cycle);
  work.end = std::min(work.end, selection_.end_cycle);
  if (work.first >= work.end) {
    return;
  }
  if (work_.size() < most) {
    work_.push_back(std::move(work));
  } else {
    left_out_ += 1;
  }
}

void RunTrace::end_run(std::uint64_t cycles) {
  cycles_ += cycles;
}

}  // namespace lacuna
