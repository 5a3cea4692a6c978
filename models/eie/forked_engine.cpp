#include "models/eie/forked_engine.h"

#include <utility>
#include <vector>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "models/eie/cycle_observer.h"

namespace lacuna::eie {
namespace {

/// What an observer was told, flattened for the pipe.
struct Recording : CycleObserver {
  struct Broadcast {
    CycleNumber cycle;
    ColumnNumber column;
    std::int32_t value;
  };
  std::vector<Broadcast> broadcasts;
  std::vector<CycleNumber> cycles;
  std::vector<std::uint32_t> entries;  ///< pe_count per cycle

  void broadcast(CycleNumber cycle, ColumnNumber column, std::int32_t value) override {
    broadcasts.push_back({cycle, column, value});
  }
  void occupancies(CycleNumber cycle, const std::vector<std::uint32_t>& occupancy) override {
    cycles.push_back(cycle);
    entries.insert(entries.end(), occupancy.begin(), occupancy.end());
  }

  void replay(CycleObserver& observer, std::uint32_t pe_count) const {
    auto next = broadcasts.begin();
    for (std::size_t i = 0; i < cycles.size(); ++i) {
      const auto first = entries.begin() + static_cast<std::ptrdiff_t>(i * pe_count);
      observer.occupancies(cycles[i], {first, first + pe_count});
      for (; next != broadcasts.end() && next->cycle == cycles[i]; ++next) {
        observer.broadcast(next->cycle, next->column, next->value);
      }
    }
  }
};

class ForkedEngine : public Engine {
 public:
  ForkedEngine(std::function<std::unique_ptr<Engine>(const Parameters&)> make, const Parameters& parameters)
      : make_(std::move(make)), parameters_(parameters) {}

  std::string_view name() const override { return "forked"; }
  const Parameters& parameters() const override { return parameters_; }
  void observe(CycleObserver* observer) override { observer_ = observer; }
  void count_intervals(ClassIntervals* intervals) override { intervals_ = intervals; }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                Outputs outputs) override {
    const std::string bytes = call_in_child([&] { return run_in_child(layer, image, activations, outputs); });
    ByteReader reader(bytes);
    RunResult result;
    result.cycles = reader.get<std::uint64_t>();
    result.control = reader.get<ControlEventCounts>();
    reader.get_all(result.pes);
    reader.get_all(result.outputs);
    Recording recording;
    reader.get_all(recording.broadcasts);
    reader.get_all(recording.cycles);
    reader.get_all(recording.entries);
    if (observer_ != nullptr) {
      recording.replay(*observer_, parameters_.pe_count);
    }
    if (intervals_ != nullptr) {
      std::vector<CycleClassCounts> counts;
      reader.get_all(counts);
      const auto cycles = reader.get<std::uint64_t>();
      intervals_->replace(std::move(counts), cycles);
    }
    return result;
  }

 private:
  std::string run_in_child(const Layer& layer, const MemoryImage& image,
                           const std::vector<std::int32_t>& activations, Outputs outputs) const {
    const std::unique_ptr<Engine> engine = make_(parameters_);
    Recording recording;
    if (observer_ != nullptr) {
      engine->observe(&recording);
    }
    engine->count_intervals(intervals_);
    const RunResult result = engine->run(layer, image, activations, outputs);
    ByteWriter writer;
    writer.put(result.cycles);
    writer.put(result.control);
    writer.put_all(result.pes);
    writer.put_all(result.outputs);
    writer.put_all(recording.broadcasts);
    writer.put_all(recording.cycles);
    writer.put_all(recording.entries);
    if (intervals_ != nullptr) {
      writer.put_all(intervals_->counts());
      writer.put(intervals_->cycles());
    }
    return writer.take();
  }

  std::function<std::unique_ptr<Engine>(const Parameters&)> make_;
  const Parameters parameters_;
  CycleObserver* observer_ = nullptr;
  ClassIntervals* intervals_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_forked_engine(std::function<std::unique_ptr<Engine>(const Parameters&)> make,
                                           const Parameters& parameters) {
  return std::make_unique<ForkedEngine>(std::move(make), parameters);
}

}  // namespace lacuna::eie
