#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "sim/family/design_space.h"
#include "sim/plain/plain_axes.h"
#include "sim/plain/plain_config.h"
#include "sim/plain/plain_costs.h"
#include "sim/plain/plain_run.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {

/// The machines of a plain family that a sweep explores: any parameter can vary, the workload cannot.
template <class Machine>
class PlainSpace : public DesignSpace {
 public:
  using Parameters = typename Machine::Parameters;

  explicit PlainSpace(const SweepDescription& description)
      : DesignSpace(axes_of(description)), metrics_(plain_metric_names(plain_names<Machine>(), costed())) {
    FieldReader::read_section(description.run, "", base_);
    if (!base_.energy.empty()) {
      table_ = PlainCosts<Machine>::load(base_.energy.resolved);
    }
  }

  /// The machine of a point.
  Parameters parameters(const Choices& choices) const {
    Parameters parameters = base_.architecture.parameters;
    for (std::size_t i = 0; i < axes().size(); ++i) {
      FieldReader reader(axes()[i].settings[choices[i]], {});
      Parameters::describe(parameters, reader);
    }
    return parameters;
  }
  const typename Machine::Workload& workload() const { return base_.workload; }

  const std::vector<std::string>& metric_names() const override { return metrics_; }
  std::optional<UnknownMetric> why_never_known(const std::string& metric) const override {
    if (metric.rfind("energy_nj", 0) == 0 && !table_) {
      return UnknownMetric{metric + " is not known without an energy table", "energy: a file"};
    }
    if (metric == "area_mm2" && (!table_ || !table_->technology.has_areas())) {
      return UnknownMetric{"area_mm2 is not known without an energy table that has areas", "energy: a file"};
    }
    return std::nullopt;
  }
  std::vector<std::string> parameter_names() const override { return costed()->parameters; }
  std::optional<double> parameter(const Choices& choices, std::string_view name) const override {
    return plain_number(machine_json(choices).at(std::string(name)));
  }

  nlohmann::ordered_json base_json() const override { return FieldWriter::of(base_.architecture.parameters); }
  nlohmann::ordered_json machine_json(const Choices& choices) const override {
    return FieldWriter::of(parameters(choices));
  }
  std::vector<std::string> workload_identities(const SweepSurroundings&) const override {
    return {sha256_json({{"kind", Machine::kind}, {"workload", FieldWriter::of(base_.workload)}})};
  }
  nlohmann::ordered_json energy_table_name() const override {
    return table_ ? nlohmann::ordered_json(table_->technology.name()) : nlohmann::ordered_json(nullptr);
  }
  std::uint64_t seed() const override { return 0; }
  bool has_values() const override { return true; }

  std::unique_ptr<PointRunner> runner(const std::vector<SweepPoint>&, const std::string& engine,
                                      const SweepSurroundings& surroundings) const override {
    return std::make_unique<Runner>(*this, engine, surroundings.engine);
  }

  PointFigures figures(const Choices& choices, const std::string& counts,
                       const std::string& store) const override {
    PointFigures figures;
    const PlainRun run = decode_run(counts, plain_names<Machine>(), store);
    const Parameters machine = parameters(choices);
    std::optional<Costs> costs;
    try {
      if (table_) {
        costs = PlainCosts<Machine>::of(table_->technology, machine);
      }
    } catch (const ConfigurationError& error) {
      figures.error = error.what();
      return figures;
    }
    const Measured measured =
        measured_run(run, plain_names<Machine>(), machine.clock_mhz, costed(), costs ? &*costs : nullptr);
    figures.metrics = plain_metrics(measured, costed());
    figures.layers.push_back({{"name", run.name}, {"cycles", run.cycles}, {"time_us", measured.time_us}});
    return figures;
  }
  std::string first_difference(const std::string& counts, const std::string& others) const override {
    return lacuna::first_difference(decode_run(counts, plain_names<Machine>(), "the store"),
                                    decode_run(others, plain_names<Machine>(), "the check"),
                                    plain_names<Machine>());
  }

 private:
  /// Builds the machine of each point and runs the workload on it.
  class Runner : public PointRunner {
   public:
    Runner(const PlainSpace& space, std::string engine, EngineOptions options)
        : space_(space), engine_(std::move(engine)), options_(std::move(options)) {}

    PointOutcome run(const SweepPoint& point) const override {
      try {
        return {
            {},
            encode_run(Machine::run(space_.parameters(point.choices), space_.workload(), engine_, options_))};
      } catch (const ConfigurationError& error) {
        return {error.what(), {}};
      }
    }

   private:
    const PlainSpace& space_;
    const std::string engine_;
    const EngineOptions options_;
  };

  static const CostedMachine* costed() { return &PlainCosts<Machine>::costed(); }

  static std::vector<Axis> axes_of(const SweepDescription& description) {
    std::vector<std::string> names;
    const auto defaults = FieldWriter::of(Parameters{});
    for (const auto& [name, value] : defaults.items()) {
      names.push_back(name);
    }
    return plain_axes(description, names,
                      [](const YamlNode& setting, const std::string& name, const std::string& path) {
                        Parameters parameters;
                        FieldReader::read_section(setting, path, parameters);
                        return FieldWriter::of(parameters).at(name);
                      });
  }

  std::vector<std::string> metrics_;
  PlainConfig<Machine> base_;
  std::optional<PlainTable> table_;
};

}  // namespace lacuna
