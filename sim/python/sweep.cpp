#include "sim/sweep/sweep.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "sim/cli/data_folders.h"
#include "sim/families.h"
#include "sim/python/bindings.h"
#include "sim/sweep/run_sweep.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

py::dict dict_of_summary(const Sweep& sweep, const SweepSummary& summary) {
  py::dict dict;
  dict["text"] = summary_text(sweep, summary);
  dict["passed"] = summary.passed(FailedPoints::accept);
  dict["failed"] = summary.failed;
  dict["infeasible"] = summary.infeasible;
  dict["front"] = summary.front;
  dict["failures"] = summary.first_failures;
  std::vector<std::string> axes;
  for (const Axis& axis : sweep.axes()) {
    axes.push_back(axis.key);
  }
  dict["axes"] = axes;
  return dict;
}

py::dict run(const py::object& configuration, const std::string& folder, std::vector<std::string> set,
             std::optional<std::string> engine, std::optional<std::string> energy, unsigned jobs,
             std::uint64_t checks, const py::object& progress, const std::string& share) {
  SweepOptions options;
  options.folders = cli::data_folders_in(share);
  options.jobs = jobs;
  options.checks = checks;
  const Changes changes{std::move(set), std::move(engine), {}, std::move(energy)};
  Sweep sweep = load_sweep(document_of(configuration, changes, options.folders), families());
  Pulse pulse;
  options.progress = [&](const SweepProgress& at) {
    pulse.beat([&] {
      if (!progress.is_none()) {
        progress(at.doing, at.done, at.total);
      }
    });
  };
  SweepSummary summary;
  {
    const py::gil_scoped_release unlocked;
    summary = run_sweep(sweep, folder, options);
  }
  return dict_of_summary(sweep, summary);
}

}  // namespace

void add_sweep(py::module_& module) {
  module.def("sweep", &run, py::arg("configuration"), py::arg("folder"), py::kw_only(), py::arg("set"),
             py::arg("engine"), py::arg("energy"), py::arg("jobs"), py::arg("checks"), py::arg("progress"),
             py::arg("share"));
}

}  // namespace lacuna::python
