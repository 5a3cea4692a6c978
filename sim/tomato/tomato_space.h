#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/family/design_space.h"
#include "sim/family/sweep_description.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/tomato_axes.h"

namespace lacuna::tomato {

/// One of the networks that a sweep runs, with what all machines for it share.
struct SweptNetwork {
  TomatoConfig config;  ///< the base's, with this network
  TomatoInputs inputs;
  AxisTargets targets;
};

/// Streaming machines, on networks.
class TomatoSpace : public DesignSpace {
 public:
  /// `shared` has the devices that the base and the axes name. `table` is empty without energy.
  TomatoSpace(std::vector<Axis> axes, std::vector<SweptNetwork> networks, std::shared_ptr<SharedParts> shared,
              std::optional<FpgaEnergyTable> table);

  /// The machine of a point, without its energy table.
  TomatoConfig config(const Choices& choices) const;
  const TomatoInputs& inputs(const Choices& choices) const { return networks_[workload_of(choices)].inputs; }

  const std::vector<std::string>& metric_names() const override;
  std::optional<std::size_t> find_metric(std::string_view name) const override;
  std::optional<UnknownMetric> why_never_known(const std::string& metric) const override;
  std::vector<std::string> parameter_names() const override;
  std::optional<double> parameter(const Choices& choices, std::string_view name) const override;
  /// By the pixels that pass between layers, and with values by the products.
  PointCost expected_cost(const std::string& engine, const SweepSurroundings& surroundings) const override;
  nlohmann::ordered_json base_json() const override;
  nlohmann::ordered_json machine_json(const Choices& choices) const override;
  std::vector<std::string> workload_identities(const SweepSurroundings& surroundings) const override;
  nlohmann::ordered_json energy_table_name() const override;
  std::uint64_t seed() const override { return base().seed; }
  bool has_values() const override { return base().outputs; }
  std::unique_ptr<PointRunner> runner(const std::vector<SweepPoint>& points, const std::string& engine,
                                      const SweepSurroundings& surroundings) const override;
  PointFigures figures(const Choices& choices, const std::string& counts,
                       const std::string& store) const override;
  std::string first_difference(const std::string& counts, const std::string& others) const override;

 private:
  const TomatoConfig& base() const { return networks_.front().config; }

  std::vector<SweptNetwork> networks_;
  std::shared_ptr<SharedParts> shared_;
  std::optional<FpgaEnergyTable> table_;
};

/// The design space that a sweep file describes, with its networks (and, where values are computed, their
/// weights and pictures) read. Throws ConfigurationError or InputDataError.
std::unique_ptr<TomatoSpace> load_tomato_space(const SweepDescription& description);

/// Builds the machine of each point and runs it. Networks, weights and devices are shared.
class TomatoRunner : public PointRunner {
 public:
  TomatoRunner(const TomatoSpace& space, EngineKind engine, TomatoEngineOptions options)
      : space_(space), engine_(engine), options_(std::move(options)) {}

  PointOutcome run(const SweepPoint& point) const override;

 private:
  const TomatoSpace& space_;
  const EngineKind engine_;
  const TomatoEngineOptions options_;
};

}  // namespace lacuna::tomato
