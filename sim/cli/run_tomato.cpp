#include "sim/cli/run_tomato.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "sim/cli/interrupt.h"
#include "sim/files/output_file.h"
#include "sim/report/result_csv.h"
#include "sim/report/text_formats.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_json.h"
#include "sim/tomato/tomato_text.h"

namespace lacuna::cli {

void run_tomato_machine(const TomatoRunArguments& arguments) {
  const tomato::TomatoConfig config = tomato::load_tomato_config(arguments.config, arguments.overrides);
  tomato::TomatoEngineOptions options;
  options.wave_file = arguments.wave;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  const tomato::TomatoReport report = tomato::run_tomato(config, options);
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
