#include <algorithm>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "models/common/child_process.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {
namespace {

/// Runs a machine with waves in a process of its own; returns the wave file.
std::string waves_of(const PipelineCase& c, const std::string& path) {
  return call_in_child([&] {
    tomato::SystemCOptions options;
    options.wave_path = path;
    const auto engine = tomato::make_systemc_engine(c.pipeline, c.parameters, options);
    engine->run(c.input);
    engine->finish();
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  });
}

TEST_CASE("waves show every unit and FIFO and are the same bytes each time") {
  const TemporaryFolder folder;
  const std::string path = folder.file("waves.vcd");
  const PipelineCase c = random_pipeline(2);
  const std::string waves = waves_of(c, path);
  for (std::size_t i = 0; i < c.pipeline.units.size(); ++i) {
    CHECK(waves.find("u" + std::to_string(i) + "_" + c.pipeline.units[i].name) != std::string::npos);
  }
  CHECK(waves.find("fifo0") != std::string::npos);
  CHECK(waves.find("occupancy") != std::string::npos);
  CHECK(waves.find("$date") == std::string::npos);
  // A save file for GTKWave stands beside it: every signal is there, by its whole name, under its modules.
  std::ifstream view(folder.file("waves.gtkw"));
  std::vector<std::string> listed;
  int groups = 0;
  for (std::string line; std::getline(view, line);) {
    groups += line == "@800200" ? 1 : line == "@1000200" ? -1 : 0;
    if (line.rfind("SystemC.machine.", 0) == 0) {
      listed.push_back(line);
    }
  }
  CHECK(groups == 0);
  std::size_t declared = 0;
  std::istringstream lines(waves);
  for (std::string line; std::getline(lines, line);) {
    declared += line.rfind("$var", 0) == 0 ? 1 : 0;
  }
  CHECK(listed.size() == declared);
  CHECK(std::find(listed.begin(), listed.end(), "SystemC.machine.fifo0.occupancy[63:0]") != listed.end());
  CHECK(std::find(listed.begin(), listed.end(), "SystemC.machine.fifo0.valid") != listed.end());
  CHECK(waves == waves_of(c, path));
}

TEST_CASE("waves have one rising clock edge for each cycle") {
  const TemporaryFolder folder;
  for (const std::uint64_t seed : {2, 7}) {
    const PipelineCase c = random_pipeline(seed);
    const std::string waves = waves_of(c, folder.file("waves.vcd"));
    const std::uint64_t cycles = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input).cycles;
    // The clock is declared first; its levels are lines of a digit and its code.
    std::istringstream text(waves);
    std::string line;
    std::string code;
    std::uint64_t rising = 0;
    char level = 'x';
    while (std::getline(text, line)) {
      std::istringstream words(line);
      std::string var, kind, width, short_name, name;
      words >> var >> kind >> width >> short_name >> name;
      code = code.empty() && var == "$var" && name == "clock" ? short_name : code;
      if (!code.empty() && line.size() == code.size() + 1 && line.substr(1) == code) {
        rising += level == '0' && line[0] == '1' ? 1 : 0;
        level = line[0];
      }
    }
    CHECK(rising == cycles);
  }
}

TEST_CASE("an engine runs again from reset") {
  const PipelineCase c = random_pipeline(7);
  const std::string bytes = call_in_child([&] {
    const auto engine = tomato::make_systemc_engine(c.pipeline, c.parameters);
    const tomato::RunResult first = engine->run(c.input);
    const tomato::RunResult second = engine->run(c.input);
    const bool same = first.cycles == second.cycles && first.outputs == second.outputs &&
                      first.frame_cycles == second.frame_cycles;
    return std::string(same ? "same" : "different");
  });
  CHECK(bytes == "same");
}

TEST_CASE("a second machine in one process is refused, and inputs that do not fit are") {
  const PipelineCase c = random_pipeline(3);
  CHECK_THROWS_AS(call_in_child([&] {
                    const auto one = tomato::make_systemc_engine(c.pipeline, c.parameters);
                    const auto two = tomato::make_systemc_engine(c.pipeline, c.parameters);
                    return std::string();
                  }),
                  ConfigurationError);
  const auto engine = tomato::make_forked_systemc_engine(c.pipeline, c.parameters);
  tomato::RunInput input = c.input;
  input.frames += 1;
  CHECK_THROWS_AS(engine->run(input), InputDataError);
  input = c.input;
  input.pixels[0].pop_back();
  CHECK_THROWS_AS(engine->run(input), InputDataError);
  input = c.input;
  input.pixels[0][0] = 1 << 30;
  CHECK_THROWS_AS(engine->run(input), InputDataError);
  CHECK_THROWS_AS(engine->run({0, {}}), InputDataError);
}

}  // namespace
}  // namespace lacuna::test
