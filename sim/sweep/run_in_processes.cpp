#include <csignal>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/engine.h"
#include "sim/run/process_pool.h"
#include "sim/run/row_order.h"
#include "sim/run/run_layer.h"
#include "sim/sweep/runners.h"

namespace lacuna {
namespace {

/// First byte of what a child sends; the rest is the counts or the message.
constexpr char counts_reply = 'c';
constexpr char point_error_reply = 'p';
constexpr char other_error_reply = 'o';

std::vector<LayerCounts> run_point(const DesignPoint& point, const PreparedWorkload& workload,
                                   const Sweep& sweep, EngineKind kind, const EngineOptions& options) {
  eie::check_parameters(point.machine);
  const auto engine = make_engine(kind, point.machine, options);
  std::vector<LayerCounts> result;
  const std::vector<LayerConfig>& configs = sweep.workloads[point.workload].layers;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    QuantisedLayer ready = workload.layers[i];
    const RowOrder order =
        configured_row_order(configs[i], ready.layer.matrix, ready.activations, point.machine);
    if (!order.empty()) {
      ready.layer.matrix = reordered(ready.layer.matrix, order);
    }
    const eie::CodedMatrix& natural = workload.layers[i].layer.matrix;
    const eie::MemoryImage image =
        fitting_image(point.machine, ready.layer, order.empty() ? nullptr : &natural);
    LayerCounts& layer = result.emplace_back();
    layer.name = ready.layer.name;
    layer.stored_entries = image.stored_entries;
    layer.padding_entries = image.padding_entries;
    layer.true_nonzeros = ready.layer.matrix.nonzeros();
    for (const auto& activations : ready.activations) {
      layer.add(engine->run(ready.layer, image, activations, sweep.outputs));
    }
  }
  return result;
}

std::string reply_to(const DesignPoint& point, const PreparedWorkload& workload, const Sweep& sweep,
                     EngineKind kind, const EngineOptions& options) {
  try {
    return counts_reply + encode_counts(run_point(point, workload, sweep, kind, options));
  } catch (const ConfigurationError& error) {
    return point_error_reply + std::string(error.what());
  } catch (const std::exception& error) {
    return other_error_reply + std::string(error.what());
  }
}

class ProcessRun {
 public:
  ProcessRun(const Sweep& sweep, const PreparedWorkloads& workloads, EngineKind engine,
             const EngineOptions& options)
      : sweep_(sweep), workloads_(workloads), engine_(engine), options_(options) {}

  void run(const std::vector<std::uint64_t>& points, unsigned processes, const OutcomeSink& sink,
           const RunnerPulse& pulse) {
    for (std::size_t next = 0; next < points.size() || pool_.running() > 0;) {
      while (next < points.size() && pool_.running() < processes) {
        start(points[next++], sink);
      }
      pool_.receive([&sink](const ProcessPool::Reply& reply) { sink(reply.task, outcome_of(reply)); });
      pulse();
    }
  }

 private:
  void start(std::uint64_t number, const OutcomeSink& sink) {
    const DesignPoint point = sweep_.point(number);
    std::shared_ptr<const PreparedWorkload> workload;
    try {
      eie::check_parameters(point.machine);
      workload = workloads_.prepared(point);
    } catch (const ConfigurationError& error) {
      sink(number, {error.what(), {}});
      return;
    }
    pool_.start(number, [&] { return reply_to(point, *workload, sweep_, engine_, options_); });
  }

  static PointOutcome outcome_of(const ProcessPool::Reply& reply) {
    if (reply.signal != 0) {
      const std::string message = fmt::format("the engine's process was ended by signal {}", reply.signal);
      if (reply.signal == SIGKILL || reply.signal == SIGTERM) {
        throw Error({}, message);
      }
      return {message, {}};
    }
    const std::string rest = reply.bytes.empty() ? std::string() : reply.bytes.substr(1);
    switch (reply.bytes.empty() ? '\0' : reply.bytes.front()) {
      case counts_reply:
        return {{}, decode_counts(rest, "an engine's process")};
      case point_error_reply:
        return {rest, {}};
      default:
        throw Error({}, rest.empty() ? "the engine's process ended without a result" : rest);
    }
  }

  const Sweep& sweep_;
  const PreparedWorkloads& workloads_;
  const EngineKind engine_;
  const EngineOptions& options_;
  ProcessPool pool_;
};

}  // namespace

void run_in_processes(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                      const PreparedWorkloads& workloads, EngineKind engine, const EngineOptions& options,
                      unsigned processes, const OutcomeSink& sink, const RunnerPulse& pulse) {
  ProcessRun(sweep, workloads, engine, options).run(points, processes, sink, pulse);
}

}  // namespace lacuna
