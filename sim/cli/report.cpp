#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/interrupt.h"
#include "sim/files/output_file.h"
#include "sim/page/pages.h"
#include "sim/report/read_result.h"

namespace lacuna::cli {
namespace {

struct ReportArguments {
  std::string results;
  std::string output;
  bool force = false;
};

/// The last part of a path that has a name.
std::string title_of(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::path(path).lexically_normal();
  const std::filesystem::path name = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  return name.string();
}

void report(const ReportArguments& arguments) {
  check_output("-o", arguments.output, if_exists(arguments.force));
  const nlohmann::ordered_json result = read_result_or_sweep(arguments.results);
  const std::string title = title_of(arguments.results);
  const bool is_sweep = result.at("schema") == "lacuna.sweep-result/2";
  const std::string page = is_sweep ? page::sweep_page(result, title) : page::result_page(result, title);
  const InterruptBlock block;
  write_output(arguments.output, page);
}

}  // namespace

void add_report(CLI::App& app) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* const command = app.add_subcommand(
      "report", "Make one self-contained HTML page with pictures from a result or a sweep");
  command
      ->add_option("RESULTS", arguments->results,
                   "result JSON of 'lacuna run', or the folder of 'lacuna sweep'")
      ->required();
  command->add_option("-o,--output", arguments->output, "the page")->type_name("FILE.html")->required();
  command->add_flag("--force", arguments->force, "replace the file if it exists");
  command->footer(
      "Example:\n"
      "  lacuna run configs/nine-layers.yaml --json result.json\n"
      "  lacuna report result.json -o result.html");
  command->callback([arguments] { report(*arguments); });
}

}  // namespace lacuna::cli
