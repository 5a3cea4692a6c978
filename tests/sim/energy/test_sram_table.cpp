#include <cmath>

#include <catch2/catch.hpp>

#include "sim/energy/cost_tables.h"
#include "tests/sim/energy/tables.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

const std::string cacti_45nm = energy_folder + "/sram/sram_cacti_45nm.csv";

const std::string header =
    "cell_type,capacity_bytes,width_bits,read_energy_pJ,write_energy_pJ,leakage_mW,access_ns,cycle_ns,area_"
    "mm2\n";

}  // namespace

TEST_CASE("characterised memories are taken as they stand") {
  const SramTable table(cacti_45nm, "itrs-lstp+lop", {});
  const SramFigures figures = table.figures(131072, 64, {});
  CHECK(figures.read_pj == 15.872);
  CHECK(figures.write_pj == 12.6917);
  CHECK(figures.leakage_mw == 1.5268);
  CHECK(figures.area_um2 == Approx(498857.0));
  CHECK(figures.access_ns == 1.56052);
  CHECK(figures.cycle_ns == 1.07398);
}

TEST_CASE("between characterised memories figures follow power laws") {
  const SramTable table(cacti_45nm, "itrs-lop", {});
  const double small = table.figures(65536, 64, {}).read_pj;
  const double large = table.figures(131072, 64, {}).read_pj;
  CHECK(table.figures(65536 * std::sqrt(2.0), 64, {}).read_pj == Approx(std::sqrt(small * large)));
  const double wide = table.figures(131072, 128, {}).read_pj;
  CHECK(table.figures(131072, 64 * std::sqrt(2.0), {}).read_pj == Approx(std::sqrt(large * wide)));
  const double quarter = std::log2(80.0 / 64.0);
  CHECK(table.figures(131072, 80, {}).read_pj == Approx(large * std::pow(wide / large, quarter)));
}

TEST_CASE("interpolation stays between its corners and follows one axis at a time") {
  const SramTable table(cacti_45nm, "itrs-hp", {});
  for (double capacity = 70000; capacity < 131072; capacity += 7001) {
    const double area = table.figures(capacity, 64, {}).area_um2;
    CHECK(area > table.figures(65536, 64, {}).area_um2);
    CHECK(area < table.figures(131072, 64, {}).area_um2);
  }
}

TEST_CASE("memories outside the characterisation are refused") {
  const SramTable table(cacti_45nm, "itrs-lop", {});
  const auto message = [&](double capacity, double width) {
    return refusal([&] { table.figures(capacity, width, {"t.yaml", 3, "memories.0.name"}); });
  };
  CHECK(message(255, 16).find("t.yaml:3: memories.0.name: a memory of 255 bytes by 16 bits lies outside") ==
        0);
  CHECK(message(4194304, 64).find("256 to 2097152 bytes, 16 to 512 bits") != std::string::npos);
  CHECK(message(2048, 15).find("lies outside") != std::string::npos);
  CHECK(message(2048, 513).find("lies outside") != std::string::npos);
  CHECK(message(256, 128).find("there is none of 256 bytes by 128 bits") != std::string::npos);
  CHECK(message(900, 200).find("is not characterised") != std::string::npos);
  CHECK(message(std::nan(""), 64).find("lies outside") != std::string::npos);
}

TEST_CASE("damaged characterisations are refused") {
  const TemporaryFolder folder;
  const auto load = [&](const std::string& rows) {
    return SramTable(folder.write("s.csv", header + rows), "x", {"t.yaml", 1, "sram.0.cell_type"});
  };
  CHECK(load("x,256,16,1,1,1,1,1,1\n").figures(256, 16, {}).read_pj == 1.0);
  CHECK(refusal([&] {
          load("y,256,16,1,1,1,1,1,1\n");
        }).find("'x' is not in the characterisation; allowed: y") != std::string::npos);
  CHECK_THROWS_AS(load("x,256,16,0,1,1,1,1,1\n"), InputDataError);
  CHECK_THROWS_AS(load("x,256,16,1,1,1,1,1,-1\n"), InputDataError);
  CHECK_THROWS_AS(load("x,256,16,1,1,1,1,1,1\nx,256,16,1,1,1,1,1,1\n"), InputDataError);
  CHECK_THROWS_AS(SramTable(folder.file("none.csv"), "x", {}), InputDataError);
  std::string many;
  for (int i = 1; i <= 1100; ++i) {
    many += "x," + std::to_string(i) + "," + std::to_string(i) + ",1,1,1,1,1,1\n";
  }
  CHECK_THROWS_WITH(load(many), Catch::Contains("1100 capacities and 1100 widths; at most 1048576"));
}
