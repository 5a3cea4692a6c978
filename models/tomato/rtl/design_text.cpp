#include "models/tomato/rtl/design_text.h"

#include <fmt/format.h>

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

}  // namespace lacuna::tomato
