#include "sim/sweep/identity.h"

#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "sim/family/engine.h"
#include "sim/family/json_hash.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// Version of the stored counts and of what they mean.
constexpr const char* format_name = "lacuna.sweep-store/2";

Json axes_json(const Sweep& sweep) {
  Json axes = Json::array();
  for (const Axis& axis : sweep.axes()) {
    axes.push_back({{"key", axis.key}, {"values", axis.labels}});
  }
  return axes;
}

/// The engine, and whether it computes values: what was stored of sweeps without values stays valid.
std::string engine_identity(const Sweep& sweep) {
  return sweep.engine + (sweep.space->has_values() ? " with values" : "");
}

}  // namespace

Identity::Identity(const Sweep& sweep, const SweepSurroundings& surroundings)
    : space_(*sweep.space),
      engine_(engine_identity(sweep)),
      workloads_(sweep.space->workload_identities(surroundings)) {
  sweep_hash_ = sha256_json({{"format", format_name},
                             {"version", program_version()},
                             {"commit", program_commit()},
                             {"engine", engine_},
                             {"base", space_.base_json()},
                             {"workloads", workloads_},
                             {"axes", axes_json(sweep)},
                             {"sampling", FieldWriter::of(sweep.sampling)}});
}

std::string Identity::point(const SweepPoint& point) const {
  return sha256_json({{"format", format_name},
                      {"engine", engine_},
                      {"machine", space_.machine_json(point.choices)},
                      {"workload", workloads_[space_.workload_of(point.choices)]}});
}

}  // namespace lacuna
