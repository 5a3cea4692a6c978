#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "sim/cli/data_folders.h"
#include "sim/families.h"
#include "sim/family/family.h"
#include "sim/python/arrays.h"
#include "sim/python/bindings.h"
#include "sim/report/numbers_report.h"
#include "sim/report/result_json.h"
#include "sim/report/text_formats.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

/// How a run is asked for from Python.
struct RunRequest {
  std::size_t threads = 1;
  std::optional<std::uint64_t> intervals;
  KeptValues kept = KeptValues::none;
  bool reference = false;
  py::object progress;  ///< None, or called with (layer, layers, name, vector, vectors)
};

/// A configuration that was read, ready to run.
class LoadedJob {
 public:
  LoadedJob(const py::object& configuration, const Changes& changes, const std::string& share)
      : folders_(cli::data_folders_in(share)) {
    const YamlNode document = document_of(configuration, changes, folders_);
    family_ = &family_of(document, families());
    job_ = family_->load(document);
    engine_ = engine_of(document);
  }

  std::string family() const { return std::string(family_->kind()); }
  std::string engine() const { return engine_->name; }
  bool one_per_process() const { return engine_->one_per_process; }

  py::dict run(const RunRequest& request) const {
    RunSettings settings;
    settings.folders = folders_;
    settings.threads = request.threads;
    settings.interval_cycles = request.intervals;
    settings.values = {request.kept, request.reference};
    Pulse pulse;
    settings.progress = [&](const RunProgress& at) {
      if (pulse.is_due()) {
        pulse.beat([&] {
          if (!request.progress.is_none()) {
            request.progress(at.layer, at.layers, at.layer_name, at.vector, at.vectors);
          }
        });
      }
    };
    Result result;
    std::string json;
    {
      const py::gil_scoped_release unlocked;
      result = job_->run(settings);
      json = pretty_json(result_json(result));
    }
    return dict_of_result(result, json);
  }

 private:
  /// The engine that a document names; else the family's first. The document was read: the name is known.
  const EngineInfo* engine_of(const YamlNode& document) const {
    const YamlNode* const named = document.find("engine");
    const EngineInfo* const engine =
        named == nullptr ? nullptr : find_engine(family_->engines(), named->text);
    return engine != nullptr ? engine : &family_->engines().front();
  }

  static py::dict dict_of_result(const Result& result, const std::string& json) {
    py::dict dict;
    dict["json"] = json;
    dict["text"] = result.text + reference_text(result.values);
    dict["checks_passed"] = result.checks_passed;
    py::list values;
    for (const LayerValues& each : result.values) {
      values.append(lacuna::python::dict_of(each));
    }
    dict["values"] = std::move(values);
    return dict;
  }

  DataFolders folders_;
  const Family* family_ = nullptr;
  const EngineInfo* engine_ = nullptr;
  std::unique_ptr<Job> job_;
};

KeptValues kept_of(const std::string& outputs) {
  if (outputs == "all") {
    return KeptValues::of_all_layers;
  }
  return outputs == "last" ? KeptValues::of_last_layer : KeptValues::none;
}

}  // namespace

void add_run(py::module_& module) {
  py::class_<LoadedJob>(module, "Job")
      .def(py::init([](const py::object& configuration, std::vector<std::string> set,
                       std::optional<std::string> engine, std::optional<std::string> seed,
                       std::optional<std::string> energy, const std::string& share) {
             return std::make_unique<LoadedJob>(
                 configuration,
                 Changes{std::move(set), std::move(engine), std::move(seed), std::move(energy)}, share);
           }),
           py::arg("configuration"), py::kw_only(), py::arg("set"), py::arg("engine"), py::arg("seed"),
           py::arg("energy"), py::arg("share"))
      .def_property_readonly("family", &LoadedJob::family)
      .def_property_readonly("engine", &LoadedJob::engine)
      .def_property_readonly("one_per_process", &LoadedJob::one_per_process)
      .def(
          "run",
          [](const LoadedJob& job, std::size_t threads, std::optional<std::uint64_t> intervals,
             const std::string& outputs, bool reference, py::object progress) {
            return job.run({threads, intervals, kept_of(outputs), reference, std::move(progress)});
          },
          py::kw_only(), py::arg("threads"), py::arg("intervals"), py::arg("outputs"), py::arg("reference"),
          py::arg("progress"));
}

}  // namespace lacuna::python
