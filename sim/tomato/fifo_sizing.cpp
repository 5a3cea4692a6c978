#include "sim/tomato/fifo_sizing.h"

#include <algorithm>
#include <numeric>

#include "models/common/error.h"
#include "models/tomato/analysis.h"
#include "models/tomato/timeline/timeline_engine.h"

namespace lacuna::tomato {
namespace {

constexpr std::uint32_t most_frames = 32;

class Sizer {
 public:
  Sizer(Pipeline& pipeline, const Parameters& parameters) : pipeline_(pipeline), parameters_(parameters) {}

  FifoSizing run() {
    set_never_full();
    for (const std::size_t edge : widest_first()) {
      shrink(edge);
    }
    confirm();
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
    sizing_.cycles_per_frame = free.cycles_per_frame();
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

  bool keeps_up(std::uint32_t frames) {
    const RunResult result = simulate(frames);
    return !result.deadlock && result.cycles_per_frame() <= sizing_.cycles_per_frame;
  }

  void shrink(std::size_t edge) {
    std::uint32_t& depth = pipeline_.edges[edge].depth;
    std::uint32_t enough = depth;
    std::uint32_t too_few = 0;
    // Most FIFOs need one or two tokens.
    for (const std::uint32_t guess : {1U, 2U}) {
      if (guess < enough && guess > too_few) {
        depth = guess;
        (keeps_up(frames_) ? enough : too_few) = guess;
      }
    }
    while (enough - too_few > 1) {
      depth = too_few + (enough - too_few) / 2;
      (keeps_up(frames_) ? enough : too_few) = depth;
    }
    depth = enough;
  }

  /// A loss that shows only after many frames sends the search back with more of them.
  void confirm() {
    while (!keeps_up(2 * frames_) && frames_ < most_frames) {
      frames_ *= 2;
      set_never_full();
      for (const std::size_t edge : widest_first()) {
        shrink(edge);
      }
    }
  }

  Pipeline& pipeline_;
  const Parameters& parameters_;
  FifoSizing sizing_;
  std::uint32_t frames_ = 4;
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
