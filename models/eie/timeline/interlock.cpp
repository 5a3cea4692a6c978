#include "models/eie/timeline/interlock.h"

#include <algorithm>

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

}  // namespace lacuna::eie
