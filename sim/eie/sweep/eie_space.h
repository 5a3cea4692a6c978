#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/eie/parameters.h"
#include "models/memory/parameters.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/family/design_space.h"
#include "sim/family/sweep_description.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// A whole network as a sweep runs it.
struct NetworkWorkload {
  LoweringConfig lowering;
  LoadedNetwork loaded;
};

/// One of the workloads that a sweep runs: layers, or a network.
struct EieWorkload {
  std::string label;  ///< as the axis names it; empty without such an axis
  WorkloadConfig config;
  std::shared_ptr<const NetworkWorkload> network;  ///< null for layers
};

/// All of them, and what decides their values.
struct EieWorkloads {
  std::vector<EieWorkload> list;
  std::uint64_t seed = 1;  ///< of everything generated
  bool outputs = false;    ///< whether values are computed
};

/// A machine and a workload.
struct EiePoint {
  eie::Parameters machine;
  std::size_t workload = 0;
  std::optional<memory::Parameters> memory;  ///< outside
};

/// EIE machines, on layers.
class EieSpace : public DesignSpace {
 public:
  EieSpace(std::vector<Axis> axes, eie::Parameters base, EieWorkloads workloads)
      : DesignSpace(std::move(axes)), base_(base), workloads_(std::move(workloads)) {}

  /// The memory outside that axes start from.
  void set_memory(const std::optional<memory::Parameters>& memory) { memory_ = memory; }

  /// Throws ConfigurationError for a table that gives energy to what this sweep does not count.
  void set_energy(const FilePath& file);

  EiePoint point(const Choices& choices) const;
  const eie::Parameters& base() const { return base_; }
  const EieWorkloads& workloads() const { return workloads_; }

  const std::vector<std::string>& metric_names() const override;
  std::optional<UnknownMetric> why_never_known(const std::string& metric) const override;
  std::vector<std::string> parameter_names() const override;
  std::optional<double> parameter(const Choices& choices, std::string_view name) const override;
  /// By the cycles of all PEs (expected_cost.h).
  PointCost expected_cost(const std::string& engine, const SweepSurroundings& surroundings) const override;
  nlohmann::ordered_json base_json() const override;
  nlohmann::ordered_json machine_json(const Choices& choices) const override;
  std::vector<std::string> workload_identities(const SweepSurroundings& surroundings) const override;
  nlohmann::ordered_json energy_table_name() const override;
  std::uint64_t seed() const override { return workloads_.seed; }
  bool has_values() const override { return workloads_.outputs; }
  std::unique_ptr<PointRunner> runner(const std::vector<SweepPoint>& points, const std::string& engine,
                                      const SweepSurroundings& surroundings) const override;
  PointFigures figures(const Choices& choices, const std::string& counts,
                       const std::string& store) const override;
  std::string first_difference(const std::string& counts, const std::string& others) const override;

 private:
  eie::Parameters base_;
  EieWorkloads workloads_;
  std::optional<memory::Parameters> memory_;
  FilePath energy_;
  std::optional<Technology> table_;
};

}  // namespace lacuna
