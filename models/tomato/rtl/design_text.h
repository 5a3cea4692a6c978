#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/tomato/rtl/emit_design.h"

namespace lacuna::tomato {

/// The ports of a design's top, which a module around it has too: clock, reset, the streams at both ends.
std::string stream_ports(const Design& design);

/// A concatenation of SystemVerilog, the first part in the lowest bits; '0 without parts.
std::string concatenation(const std::vector<std::string>& parts);

/// A sized literal of any integer in two's complement.
std::string literal(std::int64_t value, int bits);

/// Any text as a comment may hold it.
std::string printable(std::string text);

/// The least number of bits that count to `largest`; at least 1.
std::uint64_t bits_for(std::uint64_t largest);

/// An instance of a module under way.
class Instance {
 public:
  Instance(std::string module, std::string name) : module_(std::move(module)), name_(std::move(name)) {}

  void set(const std::string& parameter, std::uint64_t value);
  void set(const std::string& parameter, std::string value) {
    parameters_.emplace_back(parameter, std::move(value));
  }
  void connect(const std::string& port, std::string net) { ports_.emplace_back(port, std::move(net)); }
  void connect_clock() {
    connect("clk", "aclk");
    connect("rst_n", "aresetn");
  }

  std::string text() const;

 private:
  using Assignment = std::pair<std::string, std::string>;  ///< parameter and value, or port and net

  static std::string list(const std::vector<Assignment>& assignments);

  std::string module_;
  std::string name_;
  std::vector<Assignment> parameters_;
  std::vector<Assignment> ports_;
};

}  // namespace lacuna::tomato
