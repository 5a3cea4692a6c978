#include <catch2/catch.hpp>

#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "tests/sim/page/xml.h"

using namespace lacuna;
using Catch::Matchers::Contains;
using test::occurrences;

TEST_CASE("ticks are round and span the values") {
  CHECK(page::axis_ticks(0.0, 100.0) == std::vector<double>{0, 20, 40, 60, 80, 100});
  CHECK(page::axis_ticks(0.0, 100.00000000001).back() == 100.0);
  CHECK(page::axis_ticks(41.0, 121.0) == std::vector<double>{40, 60, 80, 100, 120, 140});
  CHECK(page::axis_ticks(0.0, 0.0) == std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
  CHECK(page::axis_ticks(-3.0, 4.0).front() <= -3.0);
}

TEST_CASE("ticks of extreme values are few and finite") {
  const std::vector<std::pair<double, double>> ranges = {{0.0, 1e33},  {-1e33, 1e33},      {1e-320, 2e-320},
                                                         {1e30, 1e30}, {1.0, 1.0 + 1e-15}, {0.0, 5e-324}};
  for (const auto& [low, high] : ranges) {
    const std::vector<double> ticks = page::axis_ticks(low, high);
    INFO(low << " to " << high);
    CHECK(ticks.size() >= 2);
    CHECK(ticks.size() <= 13);
    CHECK(ticks.front() < ticks.back());
  }
}

TEST_CASE("numbers are short") {
  CHECK(page::number_text(1234567.0) == "1234567");
  CHECK(page::number_text(0.123456789) == "0.123457");
  CHECK(page::number_text(-2.0) == "-2");
  CHECK(page::number_text(1e20) == "1e+20");
}

TEST_CASE("a bar chart has a rectangle for each value and for each name of its legend") {
  const std::string svg =
      page::bar_chart({"cycles", {"first", "second"}, {{"busy", {3.0, 4.0}}, {"starved", {1.0, 0.0}}}});
  test::parse_xml(svg);
  CHECK(occurrences(svg, "<rect ") == 3 + 2);
  CHECK_THAT(svg, Contains("first, busy: 3 cycles") && Contains(">4</text>"));
  // 4 is the largest sum, at four fifths of the axis or more; bars are in proportion.
  CHECK_THAT(svg, !Contains("second, starved"));
}

TEST_CASE("names are escaped") {
  const std::string svg = page::bar_chart({"%", {"<script>alert('&')</script>"}, {{"\"busy\"", {1.0}}}});
  test::parse_xml(svg);
  CHECK_THAT(svg, !Contains("<script"));
}

TEST_CASE("columns are a path for each series") {
  const std::string svg = page::column_chart(
      {"PE",
       std::vector<std::string>(1024),
       {{"busy", std::vector<double>(1024, 2.0)}, {"drain", std::vector<double>(1024, 1.0)}}});
  test::parse_xml(svg);
  CHECK(occurrences(svg, "<path ") == 2);
  CHECK_THAT(svg, Contains(">1023</text>"));
}

TEST_CASE("a wide range of positive values is drawn on a logarithmic axis") {
  const std::vector<page::ScatterPoint> points = {{1.0, -1.0, "a", false}, {100.0, 99.0, "b", true}};
  const std::string svg = page::scatter_chart({"time_us", "area", points});
  test::parse_xml(svg);
  CHECK(occurrences(svg, "<circle ") == 2);
  CHECK_THAT(svg, Contains(">10</text>") && Contains(">-20</text>"));  // x: 1, 10, 100; y: -20, 0, ... 100
}

TEST_CASE("equal points still make a picture") {
  test::parse_xml(page::scatter_chart({"x", "y", {{2.0, 0.0, "a", false}, {2.0, 0.0, "b", false}}}));
}
