#include "models/tomato/rtl/design_text.h"

#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lacuna::tomato {

std::string stream_ports(const Design& design) {
  return fmt::format(
      "    input  logic aclk,\n"
      "    input  logic aresetn,\n"
      "    input  logic s_axis_tvalid,\n"
      "    output logic s_axis_tready,\n"
      "    input  logic [{}:0] s_axis_tdata,\n"
      "    output logic m_axis_tvalid,\n"
      "    input  logic m_axis_tready,\n"
      "    output logic [{}:0] m_axis_tdata,\n"
      "    output logic m_axis_tlast",
      design.input.bytes() * 8 - 1, design.output.bytes() * 8 - 1);
}

std::string concatenation(const std::vector<std::string>& parts) {
  return parts.empty() ? "'0" : fmt::format("{{{}}}", fmt::join(parts.rbegin(), parts.rend(), ", "));
}

std::string literal(std::int64_t value, int bits) {
  const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  return fmt::format("{}'h{:x}", bits, static_cast<std::uint64_t>(value) & mask);
}

std::string printable(std::string text) {
  for (char& c : text) {
    c = std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  }
  return text;
}

std::uint64_t bits_for(std::uint64_t largest) {
  std::uint64_t bits = 1;
  while (largest >> bits != 0) {
    ++bits;
  }
  return bits;
}

void Instance::set(const std::string& parameter, std::uint64_t value) {
  parameters_.emplace_back(parameter, fmt::format("{}", value));
}

std::string Instance::text() const {
  return fmt::format("  {} #({}\n  ) {} ({}\n  );\n", module_, list(parameters_), name_, list(ports_));
}

std::string Instance::list(const std::vector<Assignment>& assignments) {
  std::string text;
  for (const auto& [key, value] : assignments) {
    text += fmt::format("{}\n      .{}({})", text.empty() ? "" : ",", key, value);
  }
  return text;
}

}  // namespace lacuna::tomato
