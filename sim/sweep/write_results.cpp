#include "sim/sweep/write_results.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/family/engine.h"
#include "sim/files/output_file.h"
#include "sim/report/pareto.h"
#include "sim/report/text_formats.h"
#include "sim/sweep/sweep.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_front = 20;

/// A file that is written piece by piece and appears when it is complete.
class ResultFile {
 public:
  explicit ResultFile(const std::string& path)
      : path_(path), pending_(path), stream_(pending_.temporary_path(), std::ios::binary) {}

  void write(const std::string& text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  void commit() {
    stream_.close();
    if (!stream_) {
      throw InputDataError({path_, 0, {}}, "cannot be written", "a writable folder with room for it");
    }
    pending_.commit();
  }

 private:
  std::string path_;
  PendingFile pending_;
  std::ofstream stream_;
};

std::string csv_header(const Sweep& sweep) {
  std::string line = "point";
  for (const Axis& axis : sweep.axes()) {
    line += "," + csv_quoted(axis.key);
  }
  line += ",status,reason";
  for (const std::string& metric : sweep.space->metric_names()) {
    line += "," + metric;
  }
  return line + "\n";
}

std::string csv_line(const Sweep& sweep, const PointResult& result) {
  std::string line = fmt::format("{}", result.point.number);
  for (std::size_t i = 0; i < sweep.axes().size(); ++i) {
    line += "," + csv_quoted(sweep.axes()[i].labels[result.point.choices[i]]);
  }
  line += fmt::format(",{},{}", status_name(result.status), csv_quoted(result.reason));
  for (std::size_t i = 0; i < sweep.space->metric_names().size(); ++i) {
    line += "," + (result.metrics.empty() ? std::string() : metric_text(result.metrics[i]));
  }
  return line + "\n";
}

Json metrics_json(const DesignSpace& space, const std::vector<MetricValue>& metrics) {
  Json json = Json::object();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    json[space.metric_names()[i]] = metric_json(metrics[i]);
  }
  return json;
}

std::string json_line(const Sweep& sweep, const PointResult& result) {
  Json axes = Json::object();
  for (std::size_t i = 0; i < sweep.axes().size(); ++i) {
    axes[sweep.axes()[i].key] = sweep.axes()[i].values[result.point.choices[i]];
  }
  Json json = {{"point", result.point.number}, {"axes", axes}, {"status", status_name(result.status)}};
  if (!result.reason.empty()) {
    json["reason"] = result.reason;
  }
  if (!result.metrics.empty()) {
    json["totals"] = metrics_json(*sweep.space, result.metrics);
    json["layers"] = result.layers;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_head(const Sweep& sweep) {
  Json axes = Json::array();
  for (const Axis& axis : sweep.axes()) {
    axes.push_back({{"key", axis.key}, {"values", axis.values}});
  }
  Json constraints = Json::array();
  for (const Constraint& constraint : sweep.constraints) {
    constraints.push_back(constraint.text);
  }
  Json objectives = Json::array();
  for (const Objective& objective : sweep.objectives) {
    objectives.push_back({{"metric", objective.name}, {"goal", objective.maximise ? "max" : "min"}});
  }
  const Json head = {{"schema", "lacuna.sweep-result/2"},
                     {"program", "lacuna"},
                     {"version", program_version()},
                     {"commit", program_commit()},
                     {"engine", sweep.engine},
                     {"seed", sweep.space->seed()},
                     {"architecture", sweep.space->base_json()},
                     {"energy_table", sweep.space->energy_table_name()},
                     {"axes", axes},
                     {"sampling", FieldWriter::of(sweep.sampling)},
                     {"constraints", constraints},
                     {"excluded_points", sweep.excluded},
                     {"objectives", objectives}};
  std::string text = pretty_json(head);
  text.erase(text.find_last_of('}'));
  text.erase(text.find_last_not_of('\n') + 1);
  return text + ",\n  \"points\": [";
}

/// Goes through the points once, collecting what the Pareto front needs.
class ResultsWriter {
 public:
  ResultsWriter(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                const SweepFolder& folder)
      : sweep_(sweep), identity_(identity), store_(store), folder_(folder) {}

  SweepSummary write() {
    summary_.points = sweep_.points.size();
    summary_.excluded = sweep_.excluded;
    write_all();
    write_front();
    add_base_rows();
    return std::move(summary_);
  }

 private:
  PointResult result_of(std::uint64_t number) const {
    const auto outcome = store_.get(identity_.point(sweep_.point(number)));
    if (!outcome) {
      // The folder is locked and every point was stored before.
      throw std::logic_error(fmt::format("the sweep's store lacks point {}", number));
    }
    return evaluate(sweep_, number, *outcome, folder_.file(sweep_store_file));
  }

  void write_all() {
    ResultFile csv(folder_.file(sweep_csv_file));
    ResultFile json(folder_.file(sweep_json_file));
    csv.write(csv_header(sweep_));
    json.write(json_head(sweep_));
    const char* separator = "\n    ";
    for (const std::uint64_t number : sweep_.points) {
      const PointResult result = result_of(number);
      csv.write(csv_line(sweep_, result));
      json.write(separator + json_line(sweep_, result));
      separator = ",\n    ";
      take(result);
    }
    json.write("\n  ]\n}\n");
    csv.commit();
    json.commit();
  }

  void take(const PointResult& result) {
    if (result.status == PointResult::Status::failed) {
      ++summary_.failed;
      if (summary_.first_failures.size() < shown_failures) {
        summary_.first_failures.emplace_back(result.point.number, result.reason);
      }
    }
    if (result.status == PointResult::Status::ok && !result.reason.empty()) {
      summary_.first_lossy = summary_.lossy == 0 ? result.point.number : summary_.first_lossy;
      summary_.first_loss = summary_.lossy == 0 ? result.reason : summary_.first_loss;
      ++summary_.lossy;
    }
    summary_.infeasible += result.status == PointResult::Status::infeasible ? 1 : 0;
    std::vector<double> values = objective_values(sweep_, result);
    if (!values.empty()) {
      candidates_.push_back(result.point.number);
      values_.push_back(std::move(values));
    }
  }

  void write_front() {
    if (sweep_.objectives.empty()) {
      std::error_code ignored;  // of the same sweep with objectives
      std::filesystem::remove(folder_.file(sweep_front_file), ignored);
      return;
    }
    ResultFile file(folder_.file(sweep_front_file));
    file.write(csv_header(sweep_));
    for (const std::size_t position : pareto_front(values_)) {
      const PointResult result = result_of(candidates_[position]);
      file.write(csv_line(sweep_, result));
      summary_.front.push_back(candidates_[position]);
      if (summary_.front_rows.size() < shown_front) {
        summary_.front_rows.push_back(front_row(result));
      }
    }
    file.commit();
  }

  void add_base_rows() {
    if (sweep_.objectives.empty()) {
      return;
    }
    for (const std::uint64_t number : base_points(sweep_)) {
      if (summary_.base_rows.size() < shown_front) {
        summary_.base_rows.push_back(front_row(result_of(number)));
      }
    }
  }

  std::string objective_text(const PointResult& result, const Objective& objective) const {
    if (result.status != PointResult::Status::ok) {
      return status_name(result.status);
    }
    const std::optional<double> value = metric_number(result.metrics[objective.metric]);
    return value ? fmt::format("{:.6g}", *value) : "not known";
  }

  std::vector<std::string> front_row(const PointResult& result) const {
    std::vector<std::string> row = {fmt::format("{}", result.point.number)};
    for (std::size_t i = 0; i < sweep_.axes().size(); ++i) {
      row.push_back(sweep_.axes()[i].labels[result.point.choices[i]]);
    }
    for (const Objective& objective : sweep_.objectives) {
      row.push_back(objective_text(result, objective));
    }
    return row;
  }

  const Sweep& sweep_;
  const Identity& identity_;
  const SweepStore& store_;
  const SweepFolder& folder_;
  SweepSummary summary_;
  std::vector<std::uint64_t> candidates_;
  std::vector<std::vector<double>> values_;
};

}  // namespace

SweepSummary write_results(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                           const SweepFolder& folder) {
  return ResultsWriter(sweep, identity, store, folder).write();
}

}  // namespace lacuna
