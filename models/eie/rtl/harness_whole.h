#pragma once

#include <cstdint>
#include <cstring>

#include "Veie_top.h"
#include "verilated.h"

namespace {

/// A machine verilated as one design.
class Machine {
 public:
  using Control = Veie_top;

  Control& control() { return top_; }

  /// A clock cycle, up to its rising edge.
  void clock() {
    top_.clk = 0;
    top_.eval();
    top_.clk = 1;
    top_.eval();
  }
  /// What is combinational follows the registers; `clock` leaves it settled.
  void settle() {}

  void copy_read_data(std::uint32_t* words) {
    std::memcpy(words, &top_.io_read_data, sizeof top_.io_read_data);
  }
  void copy_occupancies(std::uint32_t* entries) {
    std::memcpy(entries, &top_.occupancies, sizeof top_.occupancies);
  }
  void end() { top_.final(); }

 private:
  VerilatedContext context_;
  Veie_top top_{&context_};
};

}  // namespace
