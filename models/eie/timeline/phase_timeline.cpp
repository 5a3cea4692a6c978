#include "models/eie/timeline/phase_timeline.h"

#include <algorithm>
#include <limits>

#include "models/eie/timeline/phase_kernel.h"

namespace lacuna::eie {
namespace {

std::uint32_t lnzd_levels(std::uint32_t pe_count) {
  std::uint32_t levels = 0;
  for (std::uint64_t reach = 1; reach < pe_count; reach *= 4) {
    ++levels;
  }
  return levels;
}

}  // namespace

PhaseState::PhaseState(std::uint32_t lanes, std::uint32_t queue_depth)
    : last_occupied(lanes), room_from(queue_depth), interlock(lanes) {
  for (auto* sums : {&totals.queue_full, &totals.drain, &totals.uncounted, &totals.bypasses}) {
    sums->assign(lanes, 0);
  }
}

PhaseTimeline::PhaseTimeline(const Parameters& parameters, std::uint32_t lanes)
    : prefetch_(parameters.pointer_prefetch),
      bypass_(parameters.arithmetic_bypass),
      fill_cycles_(std::int64_t{parameters.lnzd_latency_cycles} * lnzd_levels(parameters.pe_count)),
      state_(lanes, parameters.queue_depth_entries) {}

void PhaseTimeline::begin() {
  state_.sent = fill_cycles_;
  state_.last_write = -1;
  std::fill(state_.last_occupied.begin(), state_.last_occupied.end(), -1);
  std::fill(state_.room_from.begin(), state_.room_from.end(), 0);
  state_.oldest = 0;
  state_.interlock.begin_phase();
}

void PhaseTimeline::advance(const ColumnCounts& counts, const SliceColumns& slice, const std::uint32_t* gaps,
                            const SliceSchedule& schedule) {
  if (slice.size == 0) {
    return;
  }
  const SliceWork work{&slice, gaps, &schedule};
  if (!prefetch_) {
    advance_without_prefetch(state_, counts, work);
  } else if (bypass_) {
    advance_with_bypass(state_, counts, work);
  } else {
    advance_with_interlock(state_, counts, work);
  }
}

std::uint64_t PhaseTimeline::finish(std::uint32_t end_gap, bool ends_run) {
  PhaseState& state = state_;
  const std::int64_t scan_done = state.sent + end_gap;
  const std::int64_t last = *std::max_element(state.last_occupied.begin(), state.last_occupied.end());
  const std::int64_t written = std::max(state.last_write + 1, scan_done + 2);
  const std::int64_t end = ends_run ? written : std::max(written, last + 1);
  // The bubble in cycle u has the cause of cycle u - 2, so the first that drains is in scan_done + 2.
  for (std::size_t lane = 0; lane < state.last_occupied.size(); ++lane) {
    const std::int64_t occupied = state.last_occupied[lane];
    state.totals.uncounted[lane] += static_cast<std::uint64_t>(std::max<std::int64_t>(0, occupied + 1 - end));
    state.totals.drain[lane] +=
        static_cast<std::uint64_t>(state.interlock.bubbles_loaded_since(lane, scan_done + 1, occupied, end));
  }
  return static_cast<std::uint64_t>(end);
}

}  // namespace lacuna::eie
