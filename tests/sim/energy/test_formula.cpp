#include <catch2/catch.hpp>

#include "sim/energy/formula.h"
#include "tests/sim/energy/tables.h"

using namespace lacuna;
using lacuna::test::refusal;

namespace {

double value_of(const std::string& text, double a = 3.0, double b = 8.0) {
  SymbolNames names;
  names.add("a", {});
  names.add("memory.read_pj", {});
  return Formula({text, {"t.yaml", 7, "values.0.value"}}, names).evaluate({{a}, {b}}, -1e12, 1e12);
}

}  // namespace

TEST_CASE("formulas follow the usual precedence") {
  CHECK(value_of("2") == 2.0);
  CHECK(value_of(" 1 + 2 * 3 ") == 7.0);
  CHECK(value_of("(1 + 2) * 3") == 9.0);
  CHECK(value_of("8 / 2 / 2 - 1 - 1") == 0.0);
  CHECK(value_of("-a + -2 * -a") == 3.0);
  CHECK(value_of("1e-6 * 1e6") == 1.0);
  CHECK(value_of("a * memory.read_pj") == 24.0);
  CHECK(value_of("min(a, 2) + max(a, 4)") == 6.0);
  CHECK(value_of("ceil_log2(9) + ceil_log2(8) + log2(memory.read_pj)") == 10.0);
  CHECK(value_of("pow(2, 10) + sqrt(16) + ceil(0.5) + floor(0.5)") == 1029.0);
}

TEST_CASE("what is no formula is refused with its place") {
  const auto message = [](const std::string& text) { return refusal([&] { value_of(text); }); };
  CHECK(message("1 +").find("t.yaml:7: values.0.value: the formula ends too soon") == 0);
  CHECK(message("1 2").find("'2' is not expected here") != std::string::npos);
  CHECK(message("(1").find("a ')' is missing") != std::string::npos);
  CHECK(message("pow(2)").find("pow takes 2 arguments") != std::string::npos);
  CHECK(message("exp(2)").find("'exp' is no known function") != std::string::npos);
  CHECK(message("memory.raed_pj").find("did you mean 'memory.read_pj'?") != std::string::npos);
  CHECK(message("1;2").find("not expected") != std::string::npos);
  CHECK(message(std::string(100, '(') + "1").find("nested too deeply") != std::string::npos);
  CHECK(message(std::string(100, '-') + "1").find("nested too deeply") != std::string::npos);
}

TEST_CASE("results that are no numbers or lie outside their range are refused") {
  CHECK(refusal([] { value_of("1 / 0"); }).find("is inf") != std::string::npos);
  CHECK(refusal([] { value_of("(0 - 1) / 0"); }).find("is -inf") != std::string::npos);
  CHECK(value_of("min(1 / 0, 5)") == 5.0);
  CHECK(refusal([] { value_of("0 / 0"); }).find("nan") != std::string::npos);
  CHECK(refusal([] { value_of("log2(0 - 1)"); }).find("nan") != std::string::npos);
  SymbolNames names;
  names.add("a", {});
  const Formula formula({"a - 5", {}}, names);
  CHECK(formula.evaluate({{7.0}}, 0.0, 10.0) == 2.0);
  CHECK(refusal([&] { formula.evaluate({{4.0}}, 0.0, 10.0); }).find("'a - 5' is -1") != std::string::npos);
}

TEST_CASE("a name whose value is not known makes formulas that use it unknown") {
  SymbolNames names;
  names.add("a", {});
  names.add("b", {});
  const SymbolValues values = {{1.0}, {0.0, "b has no size"}};
  CHECK(Formula({"a", {}}, names).unknown_because(values).empty());
  const Formula formula({"a + b", {}}, names);
  CHECK(formula.unknown_because(values) == "b has no size");
  CHECK(refusal([&] { formula.evaluate(values, 0.0, 1.0); }) == "b has no size");
  CHECK(refusal([&] { names.add("a", {}); }).find("the name 'a' is taken") != std::string::npos);
}
