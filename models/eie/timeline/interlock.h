#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna::eie {

/// The `hold` cycles of a machine without bypass (contract, section 7). A hold freezes the front end of its
/// PE, so that PE's time has holes: cycles in which nothing is popped or issued. Only PEs with holes ahead
/// need this class; the others follow the plain recurrence. Cycles are counted from the start of the compute
/// phase.
class Interlock {
 public:
  /// One broadcast as the control unit sees it.
  struct Broadcast {
    std::int64_t found = 0;
    std::int64_t sent = 0;
  };
  /// One column in PtrRead, past the holes.
  struct Passage {
    std::int64_t pop = 0;
    std::int64_t last_occupied = 0;
    std::int64_t last_write = 0;  ///< of the column's last entry
    std::int64_t queue_full = 0;  ///< bubbles before it with this cause
  };

  explicit Interlock(std::uint32_t lanes) : holes_(lanes), is_ahead_(lanes), hazards_(lanes) {}

  void begin_phase();

  /// PEs with holes behind their last occupied cycle.
  const std::vector<std::uint16_t>& pes_ahead() const { return ahead_; }
  bool is_ahead(std::size_t pe) const { return is_ahead_[pe] != 0; }

  /// The column with `cycles` >= 1 occupied cycles goes through `pe`, where `last_occupied` is that of the
  /// column before. `hazard`: its first entry follows the last one directly and meets its accumulator.
  Passage pass(std::size_t pe, std::int64_t last_occupied, const Broadcast& broadcast, std::int64_t cycles,
               bool hazard);

  /// Forgets PEs that have no holes ahead any more.
  void tidy();

  /// Bubbles of `pe` behind `last_occupied` and before `end` that were loaded in `from` or later.
  std::int64_t bubbles_loaded_since(std::size_t pe, std::int64_t from, std::int64_t last_occupied,
                                    std::int64_t end) const;

  const std::vector<std::uint64_t>& hazards() const { return hazards_; }

 private:
  /// At most two cycles, ascending.
  struct Holes {
    std::array<std::int64_t, 2> cycles{};
    std::size_t count = 0;

    bool contains(std::int64_t cycle) const;
    std::int64_t step(std::int64_t cycle, std::int64_t cycles_on) const;
    std::int64_t count_within(std::int64_t from, std::int64_t to) const;
    void add(std::int64_t cycle);
    void drop_until(std::int64_t cycle);
  };

  std::vector<Holes> holes_;
  std::vector<std::uint8_t> is_ahead_;
  std::vector<std::uint16_t> ahead_;
  std::vector<std::uint64_t> hazards_;
};

}  // namespace lacuna::eie
