#include "sim/cli/run_tomato.h"

#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/interrupt.h"
#include "sim/cli/progress_line.h"
#include "sim/files/output_file.h"
#include "sim/report/pretty_json.h"
#include "sim/report/result_csv.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_json.h"
#include "sim/tomato/tomato_text.h"

namespace lacuna::cli {

void run_tomato_machine(const TomatoRunArguments& arguments) {
  const tomato::TomatoConfig config = tomato::load_tomato_config(arguments.config, arguments.overrides);
  tomato::TomatoEngineOptions options;
  options.wave_file = arguments.wave;
  options.threads = arguments.jobs;
  remove_when_ended(tomato::unfinished_wave_file(options));
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  options.progress = [&line](const tomato::FrameProgress& progress) {
    check_for_interrupt();
    line.show_text(fmt::format("frame {} of {}", progress.done, progress.frames));
  };
  const tomato::TomatoReport report = tomato::run_tomato(config, options);
  line.clear();
  check_for_interrupt();
  const nlohmann::ordered_json result = tomato::result_json(config, report);
  {
    const InterruptBlock block;
    if (!arguments.json.empty()) {
      write_output(arguments.json, pretty_json(result));
    }
    if (!arguments.csv.empty()) {
      write_output(arguments.csv, result_csv(result));
    }
  }
  if (!arguments.quiet) {
    std::cout << tomato::text_report(config, report) << std::flush;
  }
}

}  // namespace lacuna::cli
