#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/sparse/image.h"
#include "sim/cli/commands.h"
#include "sim/cli/outputs.h"
#include "sim/data/trace/trace_file.h"
#include "sim/families.h"
#include "sim/page/pages.h"
#include "sim/report/read_result.h"
#include "sim/report/text_formats.h"
#include "sim/schema/file_schema.h"
#include "sim/schema/result_schema.h"

namespace lacuna::cli {
namespace {

struct InspectOptions {
  std::string trace;
  sparse::ImageGeometry geometry{64, 4, std::nullopt};
};

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void print_line(const char* label, const std::string& text) {
  std::cout << fmt::format("{:<22}{}\n", label, text);
}

/// Nonzeros of the weights, without the bias column.
std::uint64_t weight_nonzeros(const Trace& trace) {
  return trace.matrix.column_starts[trace.inputs()];
}

void print_layer(const Trace& trace, const std::string& path) {
  const std::uint64_t weights = std::uint64_t{trace.matrix.rows} * trace.inputs();
  print_line("trace", path);
  print_line("sha256", sha256_file(path));
  print_line("layer", trace.name);
  print_line("shape", fmt::format("{} outputs x {} inputs{}{}", trace.matrix.rows, trace.inputs(),
                                  trace.has_bias ? ", bias" : "", trace.relu ? ", ReLU" : ""));
  print_line("weight nonzeros",
             fmt::format("{} ({:.2f} %)", weight_nonzeros(trace), percent(weight_nonzeros(trace), weights)));
  if (trace.has_bias) {
    print_line("bias nonzeros", fmt::format("{}", trace.matrix.nonzeros() - weight_nonzeros(trace)));
  }
  print_line("codebook", fmt::format("{} values", trace.codebook.size()));
}

void print_activations(const Trace& trace) {
  const std::vector<float>& values = trace.activations.values;
  const auto zeros = static_cast<std::uint64_t>(std::count(values.begin(), values.end(), 0.0F));
  print_line("activation vectors",
             fmt::format("{}{}", trace.activations.vectors, trace.labels.empty() ? "" : ", with labels"));
  print_line("activation nonzeros", fmt::format("{} of {} ({:.2f} %)", values.size() - zeros, values.size(),
                                                percent(values.size() - zeros, values.size())));
  print_line("largest activation", fmt::format("{}", *std::max_element(values.begin(), values.end())));
}

void print_image(const Trace& trace, const sparse::ImageGeometry& geometry) {
  const sparse::MemoryImage image = sparse::encode(trace.matrix, geometry);
  std::uint64_t least = image.stored_entries;
  std::uint64_t most = 0;
  for (const sparse::PeMemory& pe : image.pes) {
    least = std::min<std::uint64_t>(least, pe.codes.size());
    most = std::max<std::uint64_t>(most, pe.codes.size());
  }
  const double mean = static_cast<double>(image.stored_entries) / geometry.pe_count;
  std::cout << '\n';
  print_line("PEs",
             fmt::format("{}, relative index of {} bits", geometry.pe_count, geometry.relative_index_bits));
  print_line("stored entries", fmt::format("{}", image.stored_entries));
  print_line("padding entries", fmt::format("{} ({:.2f} %)", image.padding_entries,
                                            percent(image.padding_entries, image.stored_entries)));
  print_line("entries per PE", fmt::format("min {}, mean {:.1f}, max {}", least, mean, most));
  print_line("balance (mean/max)", most == 0 ? "-" : fmt::format("{:.4f}", mean / static_cast<double>(most)));
}

void run_inspect(const InspectOptions& options) {
  const Trace trace = read_trace(options.trace);
  print_layer(trace, options.trace);
  print_activations(trace);
  print_image(trace, options.geometry);
  if (!trace.provenance.empty()) {
    std::cout << '\n';
    for (const auto& [key, value] : trace.provenance) {
      std::cout << fmt::format("{}: {}\n", key, value);
    }
  }
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      app.add_subcommand("inspect", "Show what a trace holds and how it spreads over the PEs");
  command->footer("Example:\n  lacuna inspect traces/lenet5/fc1.h5 --pe-count 16");
  command->add_option("TRACE", options->trace, "trace (HDF5)")->required();
  command->add_option("--pe-count", options->geometry.pe_count, "processing elements")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--relative-index-bits", options->geometry.relative_index_bits,
                   "bits of an entry's zero count")
      ->check(CLI::Range(2, 8))
      ->capture_default_str();
  command->callback([options] { run_inspect(*options); });
}

void add_schema(CLI::App& app) {
  auto name = std::make_shared<std::string>("files");
  CLI::App* const command =
      app.add_subcommand("schema", "Print the JSON Schema of files that Lacuna reads or writes");
  command
      ->add_option("WHAT", *name,
                   "files (default): every YAML file, for editors; result: what 'lacuna run --json' writes; "
                   "sweep-result, search-result: the results.json of 'lacuna sweep' and 'lacuna search'")
      ->check(CLI::IsMember({"files", "result", "sweep-result", "search-result"}));
  command->footer(
      "Example:\n"
      "  lacuna schema > schema.json\n"
      "  lacuna schema result > result-schema.json");
  command->callback([name] {
    const nlohmann::ordered_json schema = *name == "result"          ? result_schema(families())
                                          : *name == "sweep-result"  ? sweep_result_schema()
                                          : *name == "search-result" ? search_result_schema()
                                                                     : file_schema(families());
    std::cout << pretty_json(schema) << std::flush;
  });
}

namespace {

struct ReportArguments {
  std::vector<std::string> results;
  std::string output;
  bool force = false;
};

/// The last part of a path that has a name.
std::string title_of(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::path(path).lexically_normal();
  const std::filesystem::path name = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  return name.string();
}

std::string page_of(const nlohmann::ordered_json& result, const std::string& title) {
  const std::string schema = result.at("schema");
  return schema == "lacuna.sweep-result/2" ? page::sweep_page(result, title)
         : schema == "lacuna.training/1"   ? page::training_page(result, title)
         : schema == "lacuna.search/1"     ? page::search_page(result, title)
                                           : page::result_page(result, title);
}

void check_is_run(const nlohmann::ordered_json& result, const std::string& path) {
  if (result.at("schema") != "lacuna.result/2") {
    throw ConfigurationError({path, 0, {}}, "is no result of a run; two files are compared",
                             "two result JSON files of 'lacuna run', or one sweep, search or training alone");
  }
}

void report(const ReportArguments& arguments) {
  check_outputs({{"-o", arguments.output}}, if_exists(arguments.force));
  const std::string& path = arguments.results.front();
  const nlohmann::ordered_json result = read_report_source(path);
  if (arguments.results.size() == 1) {
    write_outputs({{arguments.output, page_of(result, title_of(path))}});
    return;
  }
  const std::string& other_path = arguments.results.back();
  const nlohmann::ordered_json other = read_report_source(other_path);
  check_is_run(result, path);
  check_is_run(other, other_path);
  write_outputs(
      {{arguments.output, page::comparison_page(result, other, title_of(path), title_of(other_path))}});
}

}  // namespace

void add_report(CLI::App& app) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* const command = app.add_subcommand("report",
                                               "Make one self-contained HTML page with pictures from a "
                                               "result, two results, a sweep, a search or a training");
  command
      ->add_option(
          "RESULTS", arguments->results,
          "result JSON of 'lacuna run', two of them to be compared, or the folder of 'lacuna sweep', "
          "'lacuna search' or 'lacuna train'")
      ->required()
      ->expected(1, 2);
  command->add_option("-o,--output", arguments->output, "the page")->type_name("FILE.html")->required();
  command->add_flag("--force", arguments->force, "replace the file if it exists");
  command->footer(
      "Example:\n"
      "  lacuna run configs/nine-layers.yaml --json result.json\n"
      "  lacuna report result.json -o result.html\n"
      "  lacuna report before.json after.json -o comparison.html");
  command->callback([arguments] { report(*arguments); });
}

}  // namespace lacuna::cli
