#include "models/eie/timeline/phase_timeline.h"

#include <algorithm>
#include <limits>

#include "models/eie/capacity.h"
#include "models/eie/timeline/phase_kernels.h"

namespace lacuna::eie {

bool Interlock::Holes::contains(std::int64_t cycle) const {
  return count_within(cycle, cycle) != 0;
}

/// The cycle that is `cycles_on` of the PE's own cycles behind `cycle`.
std::int64_t Interlock::Holes::step(std::int64_t cycle, std::int64_t cycles_on) const {
  std::int64_t result = cycle + cycles_on;
  for (std::size_t i = 0; i < count; ++i) {
    if (cycles[i] > cycle && cycles[i] <= result) {
      ++result;
    }
  }
  return result;
}

std::int64_t Interlock::Holes::count_within(std::int64_t from, std::int64_t to) const {
  return std::count_if(cycles.begin(), cycles.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](std::int64_t cycle) { return cycle >= from && cycle <= to; });
}

void Interlock::Holes::add(std::int64_t cycle) {
  cycles[count++] = cycle;
}

void Interlock::Holes::drop_until(std::int64_t cycle) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (cycles[i] > cycle) {
      cycles[kept++] = cycles[i];
    }
  }
  count = kept;
}

void Interlock::begin_phase() {
  for (const std::uint16_t pe : ahead_) {
    holes_[pe].count = 0;
    is_ahead_[pe] = 0;
  }
  ahead_.clear();
}

Interlock::Passage Interlock::pass(std::size_t pe, std::int64_t last_occupied, const Broadcast& broadcast,
                                   std::int64_t cycles, bool hazard) {
  Holes& holes = holes_[pe];
  Passage passage;
  passage.pop = std::max(broadcast.sent + 1, last_occupied);
  while (holes.contains(passage.pop)) {
    ++passage.pop;
  }
  // A bubble is loaded in one of the PE's own cycles v, with the cause of the control unit's cycle v - 1.
  const std::int64_t first_blocked_load = std::max(last_occupied, broadcast.found + 1);
  if (first_blocked_load <= broadcast.sent) {
    passage.queue_full =
        broadcast.sent - first_blocked_load + 1 - holes.count_within(first_blocked_load, broadcast.sent);
  }
  const std::int64_t first_occupied = holes.step(passage.pop, 1);
  if (hazard) {
    holes.drop_until(first_occupied);
    holes.add(holes.step(first_occupied, 1) + 1);
    ++hazards_[pe];
  }
  passage.last_occupied = holes.step(first_occupied, cycles - 1);
  passage.last_write = holes.step(passage.last_occupied, 2) + 3;
  holes.drop_until(passage.last_occupied);
  if (holes.count != 0 && is_ahead_[pe] == 0) {
    is_ahead_[pe] = 1;
    ahead_.push_back(static_cast<std::uint16_t>(pe));
  }
  return passage;
}

void Interlock::tidy() {
  const auto done = std::remove_if(ahead_.begin(), ahead_.end(), [&](std::uint16_t pe) {
    is_ahead_[pe] = holes_[pe].count != 0 ? 1 : 0;
    return is_ahead_[pe] == 0;
  });
  ahead_.erase(done, ahead_.end());
}

std::int64_t Interlock::bubbles_loaded_since(std::size_t pe, std::int64_t from, std::int64_t last_occupied,
                                             std::int64_t end) const {
  const std::int64_t first = std::max(from, last_occupied);
  const std::int64_t own_cycles = end - first - holes_[pe].count_within(first, end - 1);
  return std::max<std::int64_t>(0, own_cycles - 1);
}

PhaseState::PhaseState(std::uint32_t lanes, std::uint32_t queue_depth)
    : last_occupied(lanes), room_from(queue_depth), interlock(lanes) {
  for (auto* sums : {&totals.queue_full, &totals.drain, &totals.uncounted, &totals.bypasses}) {
    sums->assign(lanes, 0);
  }
}

PhaseTimeline::PhaseTimeline(const Parameters& parameters, std::uint32_t lanes)
    : prefetch_(parameters.pointer_prefetch),
      bypass_(parameters.arithmetic_bypass),
      fill_cycles_(static_cast<std::int64_t>(lnzd_fill_cycles(parameters))),
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

std::uint64_t PhaseTimeline::finish(std::uint32_t end_gap, PhaseEnd phase_end) {
  PhaseState& state = state_;
  const std::int64_t scan_done = state.sent + end_gap;
  const std::int64_t last = *std::max_element(state.last_occupied.begin(), state.last_occupied.end());
  const std::int64_t written = std::max(state.last_write + 1, scan_done + 2);
  const std::int64_t end = phase_end == PhaseEnd::end_of_run ? written : std::max(written, last + 1);
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
