#include "sim/sweep/identity.h"

#include <map>

#include <nlohmann/json.hpp>

#include "sim/config/field_writer.h"
#include "sim/report/result_json.h"
#include "sim/run/engine_factory.h"
#include "sim/run/layer_source.h"
#include "sim/trace/checksum.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// Version of the stored counts and of what they mean.
constexpr const char* format_name = "lacuna.sweep-store/1";

std::string hash_of(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return sha256_bytes(text.data(), text.size());
}

Json axes_json(const Sweep& sweep) {
  Json axes = Json::array();
  for (const Axis& axis : sweep.axes) {
    axes.push_back({{"key", axis.key}, {"values", axis.labels}});
  }
  return axes;
}

/// Checksums of files, each read once.
class Checksums {
 public:
  const std::string& of(const std::string& path) {
    auto [entry, added] = known_.try_emplace(path);
    if (added) {
      entry->second = sha256_file(path);
    }
    return entry->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

std::string workload_hash(const SweptWorkload& workload, const Sweep& sweep, const std::string& references,
                          Checksums& checksums) {
  Json layers = Json::array();
  for (const LayerConfig& layer : workload.layers) {
    Json json = FieldWriter::of(layer);
    if (!layer.trace.empty()) {
      json["sha256"] = checksums.of(layer.trace.resolved);
    } else {
      json["default_seed"] = sweep.seed;
    }
    if (!layer.benchmark.empty()) {
      json["sha256"] = checksums.of(benchmark_file({references, sweep.seed}));
    }
    layers.push_back(std::move(json));
  }
  return hash_of(layers);
}

/// The engine, and whether it computes values: what was stored of sweeps without values stays valid.
std::string engine_identity(const Sweep& sweep) {
  return engine_name(sweep.engine) + (sweep.outputs ? " with values" : "");
}

}  // namespace

Identity::Identity(const Sweep& sweep, const std::string& reference_folder)
    : engine_(engine_identity(sweep)) {
  Checksums checksums;
  for (const SweptWorkload& workload : sweep.workloads) {
    workloads_.push_back(workload_hash(workload, sweep, reference_folder, checksums));
  }
  sweep_hash_ = hash_of({{"format", format_name},
                         {"version", program_version()},
                         {"engine", engine_},
                         {"base", FieldWriter::of(sweep.base)},
                         {"workloads", workloads_},
                         {"axes", axes_json(sweep)},
                         {"sampling", FieldWriter::of(sweep.sampling)}});
}

std::string Identity::point(const DesignPoint& point) const {
  return hash_of({{"format", format_name},
                  {"engine", engine_},
                  {"machine", FieldWriter::of(point.machine)},
                  {"workload", workloads_[point.workload]}});
}

}  // namespace lacuna
