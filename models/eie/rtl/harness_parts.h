#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "Veie_control.h"
#include "Veie_pe.h"
#include "machine_shape.h"
#include "verilated.h"

namespace {

/// A machine of two verilated designs: its control, and a PE of which there are as many objects as the
/// machine has. Wired as in eie_top.sv; Verilator would translate that text PE by PE. PEs answer control's
/// nets of a cycle only through registers and `source_row`, which control registers, so that control, PEs,
/// control is an order in which each is evaluated once.
class Machine {
 public:
  using Control = Veie_control;

  Machine() {
    for (std::uint32_t p = 0; p < pe_count; ++p) {
      pes_.push_back(std::make_unique<Veie_pe>(&context_, "pe"));
    }
  }

  Control& control() { return control_; }

  /// A clock cycle, up to its rising edge.
  void clock() {
    settle();
    control_.clk = 1;
    control_.eval();
    for (const auto& pe : pes_) {
      pe->clk = 1;
      pe->eval();
    }
  }

  /// What is combinational follows the registers.
  void settle() {
    take_state();
    control_.clk = 0;
    control_.eval();
    for (std::uint32_t p = 0; p < pe_count; ++p) {
      Veie_pe& pe = *pes_[p];
      drive(pe, p);
      pe.clk = 0;
      pe.eval();
    }
    if (control_.source_read != 0) {
      take_source_row();
    }
  }

  void copy_read_data(std::uint32_t* words) {
    for (const auto& pe : pes_) {
      std::memcpy(words, &pe->io_read_data, sizeof pe->io_read_data);
      words += io_words;
    }
  }
  void copy_occupancies(std::uint32_t* entries) {
    for (const auto& pe : pes_) {
      *entries++ = pe->queue_occupancy;
    }
  }
  void end() {
    control_.final();
    for (const auto& pe : pes_) {
      pe->final();
    }
  }

 private:
  static constexpr std::size_t io_words = sizeof(Veie_pe::io_write_data) / sizeof(std::uint32_t);

  void take_state() {
    control_.any_queue_full = 0;
    control_.any_occupied = 0;
    control_.any_s4_valid = 0;
    for (const auto& pe : pes_) {
      control_.any_queue_full |= pe->queue_full;
      control_.any_occupied |= pe->occupied;
      control_.any_s4_valid |= pe->s4_valid;
    }
  }

  void take_source_row() {
    std::array<std::uint32_t, (std::size_t{pe_count} * activation_width + 31) / 32 + 1> words{};
    for (std::size_t p = 0; p < pe_count; ++p) {
      const std::size_t bit = p * activation_width;
      const std::uint64_t placed = std::uint64_t{pes_[p]->source_value} << (bit % 32);
      words[bit / 32] |= static_cast<std::uint32_t>(placed);
      words[bit / 32 + 1] |= static_cast<std::uint32_t>(placed >> 32U);
    }
    std::memcpy(&control_.source_row, words.data(), sizeof control_.source_row);
  }

  void drive(Veie_pe& pe, std::uint32_t p) {
    pe.idle = control_.idle;
    pe.compute = control_.compute;
    pe.tail = control_.tail;
    pe.product_shift = control_.layer_product_shift;
    pe.output_shift = control_.layer_output_shift;
    pe.relu = control_.layer_relu;
    pe.io_write = control_.bus_write;
    pe.io_read = control_.bus_read;
    pe.io_address = control_.bus_address;
    if (control_.bus_write != 0) {
      std::memcpy(&pe.io_write_data,
                  reinterpret_cast<const char*>(&control_.bus_write_data) + p * sizeof pe.io_write_data,
                  sizeof pe.io_write_data);
    }
    pe.broadcast = control_.broadcast;
    pe.broadcast_column = control_.broadcast_column;
    pe.broadcast_value = control_.broadcast_value;
    pe.broadcast_cause = control_.broadcast_cause;
    pe.source_read = control_.source_read;
    pe.source_address = control_.source_address;
    pe.destination_clear = control_.destination_clear;
    pe.load = control_.load;
    pe.load_address = control_.load_address;
    pe.load_base = control_.load_base;
    pe.load_entries = control_.load_entries;
    pe.load_extra = control_.load_extra;
    pe.load_fill = control_.load_fill;
    pe.store = control_.store;
    pe.store_address = control_.store_address;
    pe.store_base = control_.store_base;
    pe.store_entries = control_.store_entries;
    pe.store_all = control_.store_all;
    pe.store_fill = control_.store_fill;
    pe.row_batch_end = control_.row_batch_end;
    pe.row_batch_entries = control_.row_batch_entries;
    pe.last_row_batch = control_.last_row_batch;
    pe.short_last_row = control_.layer_last_row_outputs <= p;
  }

  VerilatedContext context_;
  Veie_control control_{&context_};
  std::vector<std::unique_ptr<Veie_pe>> pes_;
};

}  // namespace
