#include "sim/tomato/fifo_sizing.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "models/common/error.h"
#include "models/tomato/analysis.h"
#include "models/tomato/timeline/timeline_engine.h"

namespace lacuna::tomato {
namespace {

constexpr std::uint32_t fewest_frames = 4;
constexpr std::uint32_t most_frames = 256;

class Sizer {
 public:
  Sizer(Pipeline& pipeline, const Parameters& parameters) : pipeline_(pipeline), parameters_(parameters) {}

  /// A loss that shows only after many frames sends the search back with more of them.
  FifoSizing run() {
    for (frames_ = fewest_frames; frames_ < most_frames; frames_ *= 2) {
      set_never_full();
      if (!sizing_.steady.repeats) {
        continue;
      }
      for (const std::size_t edge : widest_first()) {
        shrink(edge);
      }
      if (keeps_up_for_good()) {
        return sizing_;
      }
    }
    set_never_full();
    return sizing_;
  }

 private:
  RunResult simulate(std::uint32_t frames) {
    ++sizing_.runs;
    RunInput input;
    input.frames = frames;
    return make_timeline_engine(pipeline_, parameters_)->run(input);
  }

  /// Depths that this many frames need so that no producer ever waits.
  void set_never_full() {
    make_never_full(pipeline_);
    const RunResult free = simulate(frames_);
    if (free.deadlock) {
      throw ConfigurationError({}, explain(pipeline_, *free.deadlock));
    }
    sizing_.steady = steady_state(free.frame_cycles).value();
    for (std::size_t edge = 0; edge < pipeline_.edges.size(); ++edge) {
      pipeline_.edges[edge].depth =
          static_cast<std::uint32_t>(std::max<std::uint64_t>(1, free.fifos[edge].high_water_mark));
    }
  }

  std::vector<std::size_t> widest_first() const {
    const Analysis analysis = analyse(pipeline_, parameters_);
    std::vector<std::size_t> order(pipeline_.edges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return analysis.streams[a].bits_per_token() > analysis.streams[b].bits_per_token();
    });
    return order;
  }

  bool keeps_up() {
    const RunResult result = simulate(frames_);
    return !result.deadlock && !steady_state(result.frame_cycles)->is_slower_than(sizing_.steady);
  }

  /// Whether it still keeps up after twice as many frames, whose intervals have begun to repeat.
  bool keeps_up_for_good() {
    const RunResult result = simulate(2 * frames_);
    const std::optional<SteadyState> steady = steady_state(result.frame_cycles);
    return !result.deadlock && steady->repeats && !steady->is_slower_than(sizing_.steady);
  }

  void shrink(std::size_t edge) {
    std::uint32_t& depth = pipeline_.edges[edge].depth;
    std::uint32_t enough = depth;
    std::uint32_t too_few = 0;
    // Most FIFOs need one or two tokens.
    for (const std::uint32_t guess : {1U, 2U}) {
      if (guess < enough && guess > too_few) {
        depth = guess;
        (keeps_up() ? enough : too_few) = guess;
      }
    }
    while (enough - too_few > 1) {
      depth = too_few + (enough - too_few) / 2;
      (keeps_up() ? enough : too_few) = depth;
    }
    depth = enough;
  }

  Pipeline& pipeline_;
  const Parameters& parameters_;
  FifoSizing sizing_;
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

}  // namespace lacuna::tomato
