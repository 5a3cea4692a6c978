#include "sim/tomato/fifo_sizing.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <numeric>
#include <optional>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/tomato/analysis.h"
#include "models/tomato/timeline/gates.h"
#include "models/tomato/timeline/machine_timeline.h"

namespace lacuna::tomato {
namespace {

constexpr std::uint32_t fewest_frames = 4;
constexpr std::uint32_t most_frames = 256;

/// Searches for depths. A machine that keeps up does so with any FIFO deeper (max-plus systems are monotone):
/// so a depth is found by bisection, and FIFOs that keep up with their least depth all at once need no
/// search.
class Sizer {
 public:
  Sizer(Pipeline& pipeline, const Parameters& parameters)
      : pipeline_(pipeline),
        analysis_(analyse(pipeline, parameters)),
        gates_{timeline::first_channels_open(pipeline, analysis_)},
        order_(widest_first()) {}

  /// A loss that shows only after many frames sends the search back with more of them.
  FifoSizing run() {
    for (frames_ = fewest_frames; frames_ < most_frames; frames_ *= 2) {
      set_never_full();
      if (!sizing_.steady.repeats) {
        continue;
      }
      shrink_all();
      if (keeps_up_for_good()) {
        return sizing_;
      }
      found_ = depths();
    }
    set_never_full();
    return sizing_;
  }

 private:
  using Depths = std::vector<std::uint32_t>;

  RunResult simulate(std::uint32_t frames) {
    ++sizing_.runs;
    // Depths change nothing of the analysis: the engine, which would make one for each run, is left out.
    return timeline::MachineTimeline(pipeline_, analysis_, frames, gates_).run(nullptr, std::nullopt);
  }

  Depths depths() const {
    Depths result;
    for (const Edge& edge : pipeline_.edges) {
      result.push_back(edge.depth);
    }
    return result;
  }

  /// Slots that a run needed: with these depths it would have been the same.
  static Depths slots_of(const RunResult& result) {
    Depths slots;
    for (const FifoResult& fifo : result.fifos) {
      slots.push_back(static_cast<std::uint32_t>(std::max<std::uint64_t>(1, fifo.high_water_mark)));
    }
    return slots;
  }

  /// Depths that this many frames need so that no producer ever waits.
  void set_never_full() {
    make_never_full(pipeline_);
    const RunResult free = simulate(frames_);
    if (free.deadlock) {
      throw PipelineError({}, explain(pipeline_, *free.deadlock));
    }
    sizing_.steady = steady_state(free.frame_cycles).value();
    enough_ = slots_of(free);
    set_least();
    for (std::size_t edge = 0; edge < pipeline_.edges.size(); ++edge) {
      pipeline_.edges[edge].depth = enough_[edge];
    }
  }

  /// A token that moves on gives its place free two cycles after it has come, so that D places let D / 2
  /// tokens pass in a cycle (contract, section 2): fewer than 2 x tokens / cycles never keep up.
  void set_least() {
    least_.clear();
    for (const Stream& stream : analysis_.streams) {
      const double places =
          2.0 * static_cast<double>(stream.tokens_per_frame()) / sizing_.steady.cycles_per_frame();
      least_.push_back(static_cast<std::uint32_t>(std::max(1.0, std::ceil(places * (1.0 - 1e-9)))));
    }
  }

  std::vector<std::size_t> widest_first() const {
    std::vector<std::size_t> order(pipeline_.edges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return analysis_.streams[a].bits_per_token() > analysis_.streams[b].bits_per_token();
    });
    return order;
  }

  /// There the tokens of one way wait for those of another, which takes depth.
  bool enters_join(std::size_t edge) const {
    return analysis_.units[pipeline_.edges[edge].to].inputs.size() > 1;
  }

  bool keeps_up() {
    const RunResult result = simulate(frames_);
    const bool kept = !result.deadlock && !steady_state(result.frame_cycles)->is_slower_than(sizing_.steady);
    if (kept) {
      enough_ = slots_of(result);
    }
    return kept;
  }

  /// Whether it still keeps up after twice as many frames, whose intervals have begun to repeat.
  bool keeps_up_for_good() {
    const RunResult result = simulate(2 * frames_);
    const std::optional<SteadyState> steady = steady_state(result.frame_cycles);
    return !result.deadlock && steady->repeats && !steady->is_slower_than(sizing_.steady);
  }

  /// One FIFO after the other, while those later in the order are as deep as they were.
  void shrink_all() {
    std::size_t done = 0;
    while (done < order_.size()) {
      std::size_t end = done;
      while (end < order_.size() && !enters_join(order_[end])) {
        ++end;
      }
      done += shrink_to_least(done, end);
      if (done < order_.size()) {
        shrink(order_[done++]);
      }
    }
  }

  /// Gives as many FIFOs as keep up with it their least depth, from `first` on and before `end` in the order;
  /// how many. All at once first.
  std::size_t shrink_to_least(std::size_t first, std::size_t end) {
    const Depths before = depths();
    const auto set = [&](std::size_t shrunk) {
      for (std::size_t i = first; i < end; ++i) {
        const std::size_t edge = order_[i];
        pipeline_.edges[edge].depth =
            i < first + shrunk ? std::min(least_[edge], before[edge]) : before[edge];
      }
    };
    std::size_t kept = 0;
    std::size_t most = end - first;
    std::size_t tried = most;
    while (kept < most) {
      set(tried);
      if (keeps_up()) {
        kept = tried;
      } else {
        most = tried - 1;
      }
      tried = kept + (most - kept + 1) / 2;
    }
    set(kept);
    return kept;
  }

  void shrink(std::size_t edge) {
    std::uint32_t& depth = pipeline_.edges[edge].depth;
    std::uint32_t too_few = least_[edge] - 1;
    // The last run that kept up had the depths of now: what it needed here is enough.
    std::uint32_t enough = std::min(depth, enough_[edge]);
    const std::uint32_t range = enough;
    const auto attempt = [&](std::uint32_t guess) {
      if (guess > too_few && guess < enough) {
        depth = guess;
        if (keeps_up()) {
          enough = std::min(guess, enough_[edge]);
        } else {
          too_few = guess;
        }
      }
    };
    // Around a guess in growing steps: down while the machine keeps up, or up until it does.
    const auto look_around = [&](std::uint32_t guess) {
      attempt(guess);
      const bool down = enough <= guess;
      for (std::uint32_t step = 1, last = 0; last != (down ? enough : too_few); step *= 2) {
        last = down ? enough : too_few;
        attempt(down ? enough - std::min(step, enough) : too_few + step);
      }
    };
    // Most FIFOs need the least; with more frames as many as before, or a few more; in modules that are built
    // alike about the same.
    if (!found_.empty()) {
      look_around(found_[edge]);
    }
    attempt(least_[edge]);
    if (const auto alike = found_in_range_.find(range); alike != found_in_range_.end()) {
      look_around(alike->second);
    }
    while (enough - too_few > 1) {
      attempt(too_few + (enough - too_few) / 2);
    }
    depth = enough;
    found_in_range_[range] = enough;
  }

  Pipeline& pipeline_;
  Analysis analysis_;
  std::vector<timeline::FrameGates> gates_;  ///< of all frames
  std::vector<std::size_t> order_;
  FifoSizing sizing_;
  Depths enough_;                                          ///< slots that the last run that kept up needed
  Depths least_;                                           ///< that let the tokens of a frame pass
  Depths found_;                                           ///< with fewer frames; empty before
  std::map<std::uint32_t, std::uint32_t> found_in_range_;  ///< the last depth found where so much was enough
  std::uint32_t frames_ = fewest_frames;
};

}  // namespace

void make_never_full(Pipeline& pipeline) {
  for (Edge& edge : pipeline.edges) {
    edge.depth = deepest_fifo;
  }
}

FifoSizing size_fifos(Pipeline& pipeline, const Parameters& parameters) {
  return Sizer(pipeline, parameters).run();
}

namespace {

constexpr std::size_t most_sizings = 100000;

/// Numbers one after the other.
class Key {
 public:
  void add(std::uint64_t number) { text_ += std::to_string(number) + ' '; }
  void add_all(std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) {
      add(number);
    }
  }
  std::string hash() const { return sha256_bytes(text_.data(), text_.size()); }

 private:
  std::string text_;
};

void add_unit(const Unit& unit, const UnitPlan& plan, Key& key) {
  key.add_all({static_cast<std::uint64_t>(unit.kind), unit.interval_cycles, unit.output_channels, unit.groups,
               unit.winners, unit.output_gate ? 1U : 0U, unit.input_gate ? 1U : 0U});
  const WindowShape& w = unit.window;
  key.add_all({w.kernel_height, w.kernel_width, w.stride, w.pad_top, w.pad_bottom, w.pad_left, w.pad_right,
               w.extra_lines});
  key.add_all({unit.unroll.input_channels, unit.unroll.output_channels, unit.unroll.taps});
  key.add_all({unit.link.bits_per_cycle, unit.link.latency_cycles, unit.link.buffer_tokens});
  key.add_all({plan.tokens_per_frame, plan.results_per_frame, plan.issue_cycles, plan.latency_cycles,
               plan.input_steps, plan.output_steps, plan.tap_steps});
}

/// Values decide no depth, widths only through the order in which FIFOs are made smaller and in links.
std::string key_of(const Pipeline& pipeline, const Analysis& analysis) {
  Key key;
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    add_unit(pipeline.units[i], analysis.units[i], key);
  }
  std::vector<std::size_t> widest_first(pipeline.edges.size());
  std::iota(widest_first.begin(), widest_first.end(), std::size_t{0});
  std::stable_sort(widest_first.begin(), widest_first.end(), [&](std::size_t a, std::size_t b) {
    return analysis.streams[a].bits_per_token() > analysis.streams[b].bits_per_token();
  });
  for (std::size_t i = 0; i < pipeline.edges.size(); ++i) {
    const Edge& edge = pipeline.edges[i];
    const Stream& stream = analysis.streams[i];
    const bool over_link = pipeline.units[edge.to].kind == UnitKind::link;
    key.add_all({edge.from, edge.from_output, edge.to, edge.to_input, widest_first[i], stream.map.height,
                 stream.map.width, stream.map.channels, stream.taps,
                 over_link ? stream.bits_per_token() : 0});
  }
  return key.hash();
}

}  // namespace

FifoSizing SharedSizings::size(Pipeline& pipeline, const Parameters& parameters) {
  const std::string key = key_of(pipeline, analyse(pipeline, parameters));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto known = found_.find(key);
    if (known != found_.end()) {
      for (std::size_t i = 0; i < pipeline.edges.size(); ++i) {
        pipeline.edges[i].depth = known->second.depths[i];
      }
      return known->second.sizing;
    }
  }
  const FifoSizing sizing = size_fifos(pipeline, parameters);
  Found found{sizing, {}};
  for (const Edge& edge : pipeline.edges) {
    found.depths.push_back(edge.depth);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (found_.size() < most_sizings) {
    found_.emplace(key, std::move(found));
  }
  return sizing;
}

}  // namespace lacuna::tomato
