#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/tomato/hardware_project.h"
#include "sim/tomato/run_tomato.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;

namespace {

HardwareRequest request() {
  HardwareRequest request;
  request.folders.rtl_sources = std::string(LACUNA_SOURCE_DIR) + "/models";
  return request;
}

std::map<std::string, std::string> files_of(const Hardware& hardware) {
  std::map<std::string, std::string> files;
  for (const HardwareFile& file : hardware.files) {
    CHECK(files.emplace(file.path, file.text).second);
  }
  return files;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a hardware project is complete and the same each time") {
  const tomato::TomatoConfig config = test::shipped("tiny");
  const Hardware hardware = tomato::hardware_project(config, request());
  const auto files = files_of(hardware);
  for (const char* name :
       {"Makefile", "README.md", "manifest.json", "rtl/lacuna_tiny_top.sv", "rtl/tomato_pixels.sv",
        "rtl/tomato_window_control.sv", "synth/lacuna_tiny_top.sdc", "synth/lacuna_tiny_top.xdc",
        "tb/tb_lacuna_tiny_top.sv", "tb/frames.hex", "tb/expected.hex", "tb/cycles.hex"}) {
    INFO(name);
    CHECK(files.count(name) == 1);
  }
  // Only what the network needs: no link, no add, and no FIFO or window of whole tokens.
  CHECK(files.count("rtl/tomato_fifo.sv") == 0);
  CHECK(files.count("rtl/tomato_window.sv") == 0);
  CHECK(files.count("rtl/tomato_link.sv") == 0);
  CHECK(files.count("rtl/tomato_operators.sv") == 0);
  // 4 frames of 36 pixels, one result each.
  CHECK(lines(files.at("tb/frames.hex")) == 4 * 36);
  CHECK(lines(files.at("tb/expected.hex")) == 4);
  // 3 x 3 taps, two outputs, one lane of each: 18 words of a 4-bit code.
  CHECK(lines(files.at("mem/conv.weights.hex")) == 18);
  CHECK(files.at("mem/conv.weights.hex").find('\n') == 1);
  const auto manifest = nlohmann::json::parse(files.at("manifest.json"));
  CHECK(manifest.at("top") == "lacuna_tiny_top");
  const tomato::TomatoReport report = tomato::run_tomato(config);
  CHECK(manifest.at("test").at("frame_cycles") == report.result.frame_cycles);

  const Hardware again = tomato::hardware_project(config, request());
  REQUIRE(again.files.size() == hardware.files.size());
  for (std::size_t i = 0; i < again.files.size(); ++i) {
    CHECK(again.files[i].path == hardware.files[i].path);
    CHECK(again.files[i].text == hardware.files[i].text);
  }
}

TEST_CASE("a hardware project of the flat data plane has FIFOs and windows of whole tokens") {
  const auto files =
      files_of(tomato::hardware_project(test::shipped("tiny", {"architecture.data_plane=flat"}), request()));
  CHECK(files.count("rtl/tomato_fifo.sv") == 1);
  CHECK(files.count("rtl/tomato_window.sv") == 1);
  CHECK(files.count("rtl/tomato_pixels.sv") == 0);
}

TEST_CASE("a hardware project without weights has no test bench and empty memories") {
  HardwareRequest sizes = request();
  sizes.memories = false;
  const auto files = files_of(tomato::hardware_project(test::shipped("tiny", {"outputs=false"}), sizes));
  CHECK(files.at("mem/conv.weights.hex").empty());
  CHECK_FALSE(files.at("mem/conv_window.rows.hex").empty());
  CHECK(files.count("tb/tb_lacuna_tiny_top.sv") == 0);
  CHECK_THROWS_AS(tomato::hardware_project(test::shipped("tiny", {"outputs=false"}), request()),
                  ConfigurationError);
}

TEST_CASE("a hardware project takes the top's name and the frames that are asked for") {
  HardwareRequest own = request();
  own.top_name = "classifier";
  own.frames = 2;
  const auto files = files_of(tomato::hardware_project(test::shipped("tiny"), own));
  CHECK(files.count("rtl/classifier.sv") == 1);
  CHECK(lines(files.at("tb/cycles.hex")) == 2);
  for (const char* name : {"1st", "a b", "tomato_fifo", "a\"b", "../top"}) {
    own.top_name = name;
    CHECK_THROWS_AS(tomato::hardware_project(test::shipped("tiny"), own), ConfigurationError);
  }
}

TEST_CASE("a hardware project of a network with dynamic channel pruning has its units") {
  HardwareRequest one = request();
  one.frames = 1;
  const auto files = files_of(tomato::hardware_project(
      test::shipped("lenet5", {"architecture.layers=[{layer: conv1, keep_ratio: 0.5}]"}), one));
  for (const char* name : {"rtl/tomato_winners.sv", "rtl/tomato_gated_dot.sv"}) {
    CHECK(files.count(name) == 1);
  }
}
