#include "sim/sweep/result_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/family/engine.h"
#include "sim/family/metric_members.h"
#include "sim/report/text_formats.h"
#include "sim/sweep/result_table.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void ResultFile::commit() {
  stream_.close();
  if (!stream_) {
    throw InputDataError({path_, 0, {}}, "cannot be written", "a writable folder with room for it");
  }
  pending_.commit();
}

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
    line += ',';
    line += csv_quoted(sweep.axes()[i].labels[result.point.choices[i]]);
  }
  line += ',';
  line += status_name(result.status);
  line += ',';
  line += csv_quoted(result.reason);
  for (std::size_t i = 0; i < sweep.space->metric_names().size(); ++i) {
    line += ',';
    if (!result.metrics.empty()) {
      line += metric_text(result.metrics[i]);
    }
  }
  line += '\n';
  return line;
}

Json results_head(const Sweep& sweep) {
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
  return {{"schema", "lacuna.sweep-result/2"},
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
}

namespace {

/// Points as JSON text, made without a tree of them.
class PointText {
 public:
  explicit PointText(const Sweep& sweep) : metrics_(sweep.space->metric_names()) {
    for (const Axis& axis : sweep.axes()) {
      std::vector<std::string>& choices = axes_.emplace_back();
      for (const Json& value : axis.values) {
        choices.push_back(json_string(axis.key) + ":" + json_text(value));
      }
    }
  }

  std::string of(const PointResult& result) const {
    std::string text = fmt::format("{{\"point\":{},\"axes\":{{", result.point.number);
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      text += i == 0 ? "" : ",";
      text += axes_[i][result.point.choices[i]];
    }
    text += fmt::format("}},\"status\":\"{}\"", status_name(result.status));
    if (!result.reason.empty()) {
      text += ",\"reason\":" + json_string(result.reason);
    }
    if (!result.metrics.empty()) {
      text += ",\"totals\":{";
      metrics_.append(result.metrics, text);
      text += "},\"layers\":";
      text +=
          result.layers.is_string() ? result.layers.get_ref<const std::string&>() : json_text(result.layers);
    }
    text += '}';
    return text;
  }

 private:
  const MetricMembers metrics_;
  std::vector<std::vector<std::string>> axes_;  ///< key and value, for each value of each axis
};

std::string json_head(const Sweep& sweep) {
  std::string text = pretty_json(results_head(sweep));
  text.erase(text.find_last_of('}'));
  text.erase(text.find_last_not_of('\n') + 1);
  return text + ",\n  \"points\": [";
}

class CsvWriter : public ResultWriter {
 public:
  CsvWriter(const Sweep& sweep, const std::string& path) : sweep_(sweep), file_(path) {
    file_.write(csv_header(sweep));
  }
  std::string text(const PointResult& result) const override { return csv_line(sweep_, result); }
  void add(const PointResult& /*result*/, const std::string& text) override { file_.write(text); }
  void commit(const std::vector<std::uint64_t>& /*front*/) override { file_.commit(); }

 private:
  const Sweep& sweep_;
  ResultFile file_;
};

class JsonWriter : public ResultWriter {
 public:
  JsonWriter(const Sweep& sweep, const std::string& path) : points_(sweep), file_(path) {
    file_.write(json_head(sweep));
  }
  std::string text(const PointResult& result) const override { return points_.of(result); }
  void add(const PointResult& /*result*/, const std::string& text) override {
    file_.write(separator_);
    file_.write(text);
    separator_ = ",\n    ";
  }
  void commit(const std::vector<std::uint64_t>& /*front*/) override {
    file_.write("\n  ]\n}\n");
    file_.commit();
  }

 private:
  const PointText points_;
  ResultFile file_;
  std::string separator_ = "\n    ";
};

class JsonLinesWriter : public ResultWriter {
 public:
  JsonLinesWriter(const Sweep& sweep, const std::string& path) : points_(sweep), file_(path) {}
  std::string text(const PointResult& result) const override { return points_.of(result) + "\n"; }
  void add(const PointResult& /*result*/, const std::string& text) override { file_.write(text); }
  void commit(const std::vector<std::uint64_t>& /*front*/) override { file_.commit(); }

 private:
  const PointText points_;
  ResultFile file_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_result_writer(ResultFormat format, const Sweep& sweep,
                                                 const SweepFolder& folder) {
  const std::string path = folder.file(result_file(format));
  switch (format) {
    case ResultFormat::csv:
      return std::make_unique<CsvWriter>(sweep, path);
    case ResultFormat::json:
      return std::make_unique<JsonWriter>(sweep, path);
    case ResultFormat::jsonl:
      return std::make_unique<JsonLinesWriter>(sweep, path);
    case ResultFormat::sqlite:
      return make_table_writer(sweep, path);
  }
  return nullptr;
}

void remove_results(const SweepFolder& folder, const ResultFormats& kept) {
  for (const ResultFormat format : all_result_formats()) {
    if (std::find(kept.begin(), kept.end(), format) == kept.end()) {
      std::error_code ignored;
      std::filesystem::remove(folder.file(result_file(format)), ignored);
    }
  }
}

}  // namespace lacuna
