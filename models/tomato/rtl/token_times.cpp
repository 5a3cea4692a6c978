#include "models/tomato/rtl/token_times.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

using Cycle = std::uint64_t;

std::uint64_t above(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : 0;
}

/// One of the run's units.
class UnitTimes {
 public:
  UnitTimes(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
            const SeenRun& seen, std::size_t position, Cycle end)
      : pipeline_(pipeline),
        analysis_(analysis),
        parameters_(parameters),
        seen_(seen),
        unit_(pipeline.units[position]),
        plan_(analysis.units[position]),
        end_(end) {}

  void add_figures(RunResult& run) {
    find_ready_times();
    for (const std::size_t edge : plan_.outputs) {
      run.fifos[edge].full_stall_cycles = full_stalls(edge);
    }
    for (std::size_t number = 0; number < plan_.inputs.size(); ++number) {
      run.fifos[plan_.inputs[number]].empty_stall_cycles = empty_stalls(number);
    }
    result_.cycles[CycleClass::starved] = end_ - result_.cycles[CycleClass::busy] -
                                          result_.cycles[CycleClass::blocked] -
                                          result_.cycles[CycleClass::drained];
    count_events();
  }
  const UnitResult& result() const { return result_; }

  /// The first token that the unit has moved in another cycle than the contract says, given when all others
  /// moved; empty if none. After `add_figures`.
  std::string deviation() const {
    for (std::size_t k = 0; k < free_.size(); ++k) {
      const Cycle due = accept_cycle(k);
      for (std::size_t number = 0; number < plan_.inputs.size(); ++number) {
        const std::optional<std::size_t> token = token_of(number, k);
        if (token && fifo(number).pops[*token] != due) {
          return moved_wrongly("takes", k, fifo(number).pops[*token], due);
        }
      }
    }
    for (std::size_t k = 0; k < ready_.size(); ++k) {
      const Cycle due = push_cycle(k);
      for (const std::size_t edge : plan_.outputs) {
        if (seen_.fifos[edge].pushes[k] != due) {
          return moved_wrongly("pushes", k, seen_.fifos[edge].pushes[k], due);
        }
      }
    }
    return {};
  }

  /// At a standstill.
  UnitWait wait() const {
    switch (unit_.kind) {
      case UnitKind::source:
        return {false, outputs().size() < total_out() ? full_output() : std::nullopt, {}};
      case UnitKind::sink:
        return {false, {}, first_empty_input()};
      case UnitKind::window:
        return window_wait();
      default:
        return staged_wait();
    }
  }

 private:
  std::string moved_wrongly(const char* what, std::size_t token, Cycle seen, Cycle due) const {
    return fmt::format("unit \"{}\" {} token {} in cycle {}; by the contract in cycle {}", unit_.name, what,
                       token, seen, due);
  }

  /// When token `k` is taken: when the unit is free for it, it is there, and what is special to the kind
  /// holds.
  Cycle accept_cycle(std::size_t k) const {
    Cycle due = std::max(free_[k], arrival(k) + 1);
    if (unit_.kind == UnitKind::link && k >= unit_.link.buffer_tokens) {
      due = std::max(due, outputs()[k - unit_.link.buffer_tokens] + unit_.link.latency_cycles);
    }
    if (unit_.kind == UnitKind::window && windows_before_[k] > 0) {
      due = std::max(due, outputs()[windows_before_[k] - 1] + 1);
    }
    return due;
  }

  /// When result `k` is pushed: when it is ready and all outputs have room.
  Cycle push_cycle(std::size_t k) const {
    Cycle due = ready_[k];
    for (const std::size_t edge : plan_.outputs) {
      const std::uint64_t depth = pipeline_.edges[edge].depth;
      due = std::max(due, k >= depth ? seen_.fifos[edge].pops[k - depth] + 1 : 0);
    }
    return due;
  }

  const Stream& input() const { return analysis_.streams[plan_.inputs.front()]; }
  const std::vector<Cycle>& accepts() const { return seen_.fifos[plan_.inputs.front()].pops; }
  const std::vector<Cycle>& outputs() const { return seen_.fifos[plan_.outputs.front()].pushes; }
  std::uint64_t total_in() const { return plan_.tokens_per_frame * seen_.frames; }
  std::uint64_t total_out() const { return plan_.results_per_frame * seen_.frames; }
  const TokenTimes& fifo(std::size_t number) const { return seen_.fifos[plan_.inputs[number]]; }
  bool is_gate(std::size_t number) const {
    return plan_.output_gate_input == number || plan_.input_gate_input == number;
  }
  /// Which token of an input the unit's token `k` needs: a gate's comes with the first of a frame.
  std::optional<std::size_t> token_of(std::size_t number, std::size_t k) const {
    if (!is_gate(number)) {
      return k;
    }
    return k % plan_.tokens_per_frame == 0 ? std::optional<std::size_t>(k / plan_.tokens_per_frame)
                                           : std::nullopt;
  }
  Cycle arrival(std::size_t k) const {
    Cycle latest = 0;
    for (std::size_t number = 0; number < plan_.inputs.size(); ++number) {
      if (const auto token = token_of(number, k)) {
        latest = std::max(latest, fifo(number).pushes[*token]);
      }
    }
    return latest;
  }

  /// The gate that comes to an input with a frame, through forks from the unit that chose it; empty without
  /// one.
  Gate gate(const std::optional<std::size_t>& number, std::size_t frame) const {
    if (!number) {
      return {};
    }
    std::size_t unit = pipeline_.edges[plan_.inputs[*number]].from;
    while (pipeline_.units[unit].kind != UnitKind::winners) {
      unit = pipeline_.edges[analysis_.units[unit].inputs.front()].from;
    }
    return seen_.gates[unit][frame];
  }

  /// What a frame's gates leave of the work on a token.
  struct GatedWork {
    std::uint64_t issue_cycles = 1;
    std::uint64_t products = 0;
  };
  GatedWork gated_work(std::size_t frame) const {
    const UnitTraits& kind = traits(unit_.kind);
    if (!kind.has_weights) {
      return {plan_.issue_cycles, 0};
    }
    const std::uint32_t joined = joined_channels(unit_, input());
    const std::uint32_t lanes = kind.joins_channels ? unit_.unroll.input_channels : 1;
    const OpenChannels in = open_channels(gate(plan_.input_gate_input, frame), joined, lanes);
    const OpenChannels out =
        open_channels(gate(plan_.output_gate_input, frame),
                      analysis_.streams[plan_.outputs.front()].map.channels, unit_.unroll.output_channels);
    return {std::max<std::uint64_t>(1, in.steps * out.steps * plan_.tap_steps),
            in.count * out.count * input().taps};
  }

  // When results are ready to be pushed, and when tokens could be taken but for their arrival; classes on the
  // way.
  void find_ready_times() {
    switch (unit_.kind) {
      case UnitKind::source:
        return find_source_times();
      case UnitKind::sink:
        return find_sink_times();
      case UnitKind::window:
        return find_window_times();
      case UnitKind::link:
        return find_link_times();
      default:
        return find_staged_times();
    }
  }

  void find_source_times() {
    const std::vector<Cycle>& e = outputs();
    for (std::size_t k = 0; k < e.size(); ++k) {
      ready_.push_back(k == 0 ? 0 : e[k - 1] + unit_.interval_cycles);
      result_.cycles[CycleClass::blocked] += e[k] - ready_.back();
    }
    result_.cycles[CycleClass::busy] = e.size();
    result_.cycles[CycleClass::drained] = end_ - (e.back() + 1);
  }

  void find_sink_times() {
    const std::vector<Cycle>& a = accepts();
    for (std::size_t k = 0; k < a.size(); ++k) {
      free_.push_back(k == 0 ? 0 : a[k - 1] + 1);
    }
    result_.cycles[CycleClass::busy] = a.size();
    result_.cycles[CycleClass::drained] = end_ - (a.back() + 1);
  }

  void find_window_times() {
    const WindowGeometry geometry(unit_.window, input().map);
    const std::vector<Cycle>& a = accepts();
    const std::vector<Cycle>& e = outputs();
    for (std::size_t m = 0; m < e.size(); ++m) {
      const std::uint64_t needed = pixels_needed(geometry, m);
      ready_.push_back(std::max(m == 0 ? 0 : e[m - 1] + 1, needed == 0 ? 0 : a[needed - 1] + 1));
      result_.cycles[CycleClass::blocked] += e[m] - ready_.back();
    }
    for (std::size_t n = 0; n < a.size(); ++n) {
      free_.push_back(n == 0 ? 0 : a[n - 1] + 1);
      const std::uint64_t windows = windows_needed(geometry, n);
      windows_before_.push_back(windows);
      if (windows > 0) {
        result_.events[UnitEvent::line_buffer_full_cycles] +=
            above(e[windows - 1] + 1, std::max(free_.back(), arrival(n) + 1));
      }
    }
    result_.cycles[CycleClass::busy] = e.size();
    result_.cycles[CycleClass::drained] = end_ - (e.back() + 1);
  }

  /// Pixels of the run before window `m` is complete.
  std::uint64_t pixels_needed(const WindowGeometry& geometry, std::uint64_t m) const {
    const std::uint64_t needed = geometry.pixels_needed(m % geometry.windows());
    return needed == 0 ? 0 : m / geometry.windows() * geometry.pixels() + needed;
  }

  /// Windows of the run before pixel `n` has room: those that read a pixel up to `n - B`.
  std::uint64_t windows_needed(const WindowGeometry& geometry, std::uint64_t n) {
    if (n < geometry.buffer_pixels()) {
      return 0;
    }
    if (windows_until_dead_.empty()) {
      find_dead_times(geometry);
    }
    const std::uint64_t overwritten = n - geometry.buffer_pixels();
    const std::uint64_t frame = overwritten / geometry.pixels();
    const std::uint64_t in_frame = windows_until_dead_[overwritten % geometry.pixels()];
    // What no window reads is dead with what lies before it.
    if (in_frame == 0) {
      const std::uint64_t reading = windows_until_dead_.back();
      return frame == 0 || reading == 0 ? 0 : (frame - 1) * geometry.windows() + reading;
    }
    return frame * geometry.windows() + in_frame;
  }

  void find_dead_times(const WindowGeometry& geometry) {
    windows_until_dead_.assign(geometry.pixels(), 0);
    const WindowSide& rows = geometry.rows();
    const WindowSide& columns = geometry.columns();
    for (std::uint32_t row = 0; row < rows.positions; ++row) {
      for (std::uint32_t column = 0; column < columns.positions; ++column) {
        const auto first_row = rows.first_read(row);
        const auto first_column = columns.first_read(column);
        if (first_row && first_column) {
          // Any pixel of the window from its first on keeps the buffer until this window is gone.
          windows_until_dead_[std::uint64_t{*first_row} * columns.size + *first_column] =
              std::uint64_t{row} * columns.positions + column + 1;
        }
      }
    }
    for (std::size_t pixel = 1; pixel < windows_until_dead_.size(); ++pixel) {
      windows_until_dead_[pixel] = std::max(windows_until_dead_[pixel], windows_until_dead_[pixel - 1]);
    }
  }

  void find_staged_times() {
    const std::vector<Cycle>& a = accepts();
    const std::vector<Cycle>& e = outputs();
    const std::uint64_t tokens_per_result = total_in() / total_out();
    Cycle free = 0;
    GatedWork work;
    for (std::size_t k = 0; k < a.size(); ++k) {
      if (k % plan_.tokens_per_frame == 0) {
        work = gated_work(k / plan_.tokens_per_frame);
        products_ += plan_.tokens_per_frame * work.products;
      }
      free_.push_back(free);
      const Cycle issued = a[k] + work.issue_cycles - 1;
      Cycle moved = issued;
      if ((k + 1) % tokens_per_result == 0) {
        const std::size_t j = k / tokens_per_result;
        moved = std::max(moved, j >= plan_.latency_cycles ? e[j - plan_.latency_cycles] : 0);
        ready_.push_back(std::max(moved + plan_.latency_cycles, j == 0 ? 0 : e[j - 1] + 1));
      }
      result_.cycles[CycleClass::busy] += work.issue_cycles;
      result_.cycles[CycleClass::blocked] += moved - issued;
      free = moved + 1;
    }
    result_.cycles[CycleClass::drained] = end_ - free;
  }

  void find_link_times() {
    const std::vector<Cycle>& a = accepts();
    const std::vector<Cycle>& e = outputs();
    Cycle free = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      free_.push_back(free);
      result_.cycles[CycleClass::blocked] += a[k] - std::max(free, arrival(k) + 1);
      result_.cycles[CycleClass::busy] += plan_.issue_cycles;
      const Cycle sent = a[k] + plan_.issue_cycles - 1;
      ready_.push_back(std::max(sent + unit_.link.latency_cycles, k == 0 ? 0 : e[k - 1] + 1));
      free = sent + 1;
    }
    result_.cycles[CycleClass::drained] = end_ - free;
  }

  std::uint64_t full_stalls(std::size_t edge) const {
    const std::uint64_t depth = pipeline_.edges[edge].depth;
    const std::vector<Cycle>& pops = seen_.fifos[edge].pops;
    std::uint64_t stalls = 0;
    for (std::size_t k = depth; k < ready_.size(); ++k) {
      stalls += above(pops[k - depth] + 1, ready_[k]);
    }
    return stalls;
  }

  std::uint64_t empty_stalls(std::size_t number) const {
    std::uint64_t stalls = 0;
    for (std::size_t k = 0; k < free_.size(); ++k) {
      if (const auto token = token_of(number, k)) {
        stalls += above(fifo(number).pushes[*token] + 1, free_[k]);
      }
    }
    return stalls;
  }

  void count_events() {
    UnitEventCounts frame;
    const UnitTraits& kind = traits(unit_.kind);
    static const Stream none;
    const Stream& in = plan_.inputs.empty() ? none : input();
    const Stream& out = plan_.outputs.empty() ? none : analysis_.streams[plan_.outputs.front()];
    if (kind.count_frame != nullptr) {
      kind.count_frame({unit_, plan_, in, out, parameters_}, frame);
    }
    for (std::size_t i = 0; i < unit_event_count; ++i) {
      result_.events.values[i] += frame.values[i] * seen_.frames;
    }
    if (kind.has_weights) {
      const std::uint64_t joined = joined_channels(unit_, in);
      const std::uint64_t all = total_in() * joined * out.map.channels * in.taps;
      result_.events[UnitEvent::multiply_accumulates] = products_;
      result_.events[UnitEvent::skipped_multiply_accumulates] = all - products_;
      result_.events[UnitEvent::weight_reads] = plan_.fully_unrolled ? 0 : products_;
    }
    result_.events[UnitEvent::tokens_in] = plan_.inputs.empty() ? 0 : accepts().size();
    result_.events[UnitEvent::tokens_out] = plan_.outputs.empty() ? 0 : outputs().size();
  }

  // Standstill.
  std::uint64_t held(std::size_t edge) const {
    return seen_.fifos[edge].pushes.size() - seen_.fifos[edge].pops.size();
  }
  std::optional<std::size_t> full_output() const {
    for (const std::size_t edge : plan_.outputs) {
      if (held(edge) >= pipeline_.edges[edge].depth) {
        return edge;
      }
    }
    return {};
  }
  std::size_t next_token() const { return accepts().size(); }
  /// Of those that the next token needs.
  std::optional<std::size_t> first_empty_input() const {
    for (std::size_t number = 0; number < plan_.inputs.size(); ++number) {
      if (token_of(number, next_token()) && held(plan_.inputs[number]) == 0) {
        return plan_.inputs[number];
      }
    }
    return {};
  }

  UnitWait staged_wait() const {
    UnitWait wait;
    const std::uint64_t inside = accepts().size() * total_out() / total_in() - outputs().size();
    const bool more = accepts().size() < total_in();
    if (inside > 0) {
      wait.full_edge = full_output();
    }
    wait.empty_edge = more ? first_empty_input() : std::nullopt;
    wait.holds_token = unit_.kind == UnitKind::link
                           ? !wait.empty_edge && more && inside == unit_.link.buffer_tokens
                           : inside > plan_.latency_cycles;
    return wait;
  }

  UnitWait window_wait() const {
    UnitWait wait;
    const WindowGeometry geometry(unit_.window, input().map);
    const std::uint64_t accepted = accepts().size();
    const std::uint64_t pushed = outputs().size();
    if (pushed < total_out() && accepted >= pixels_needed(geometry, pushed)) {
      wait.full_edge = full_output();
    }
    if (accepted < total_in()) {
      UnitTimes counting = *this;
      wait.holds_token = pushed < counting.windows_needed(geometry, accepted);
      wait.empty_edge = first_empty_input();
    }
    return wait;
  }

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Parameters& parameters_;
  const SeenRun& seen_;
  const Unit& unit_;
  const UnitPlan& plan_;
  Cycle end_;
  std::vector<Cycle> ready_;  ///< of each result: from when on it could have been pushed
  std::vector<Cycle> free_;   ///< of each token: from when on it could have been taken
  std::vector<std::uint64_t> windows_until_dead_;
  std::uint64_t products_ = 0;                 ///< that the gates have left
  std::vector<std::uint64_t> windows_before_;  ///< of each pixel: pushed before it has room
  UnitResult result_;
};

std::uint64_t high_water_mark(const TokenTimes& times) {
  std::uint64_t most = 0;
  std::size_t popped = 0;
  for (std::size_t k = 0; k < times.pushes.size(); ++k) {
    while (popped < times.pops.size() && times.pops[popped] < times.pushes[k]) {
      ++popped;
    }
    most = std::max<std::uint64_t>(most, k + 1 - popped);
  }
  return most;
}

}  // namespace

RunResult result_of(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                    const SeenRun& seen) {
  RunResult result;
  bool complete = true;
  for (std::size_t edge = 0; edge < seen.fifos.size(); ++edge) {
    const TokenTimes& times = seen.fifos[edge];
    const std::uint64_t total = analysis.streams[edge].tokens_per_frame() * seen.frames;
    complete = complete && times.pushes.size() == total && times.pops.size() == total;
    for (const std::vector<Cycle>* moves : {&times.pushes, &times.pops}) {
      result.cycles = std::max(result.cycles, moves->empty() ? 0 : moves->back() + 1);
    }
  }
  std::vector<UnitTimes> units;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    units.emplace_back(pipeline, analysis, parameters, seen, unit, result.cycles);
  }
  if (!complete) {
    std::vector<UnitWait> waits;
    waits.reserve(units.size());
    for (const UnitTimes& unit : units) {
      waits.push_back(unit.wait());
    }
    result.deadlock = find_deadlock(pipeline, analysis, waits, result.cycles);
    return result;
  }
  result.fifos.resize(seen.fifos.size());
  for (std::size_t edge = 0; edge < seen.fifos.size(); ++edge) {
    result.fifos[edge].pushes = seen.fifos[edge].pushes.size();
    result.fifos[edge].high_water_mark = high_water_mark(seen.fifos[edge]);
  }
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    units[unit].add_figures(result);
    const std::string deviation = units[unit].deviation();
    if (!deviation.empty()) {
      throw std::logic_error("the hardware leaves the contract: " + deviation);
    }
    result.units.push_back(units[unit].result());
    result.units.back().events[UnitEvent::saturations] = seen.saturations[unit];
  }
  const std::size_t last = analysis.units[analysis.sink].inputs.front();
  const std::vector<Cycle>& taken = seen.fifos[last].pops;
  const std::uint64_t per_frame = analysis.streams[last].tokens_per_frame();
  result.first_output_cycle = taken.front();
  for (std::uint64_t frame = 1; frame <= seen.frames; ++frame) {
    result.frame_cycles.push_back(taken[frame * per_frame - 1]);
  }
  result.outputs = seen.outputs;
  return result;
}

}  // namespace lacuna::tomato
