// Drives one verilated machine behind the C interface. Compiled with Verilator's output, never into the
// library.
#include <cstring>
#include <memory>

#include "Veie_top.h"
#include "machine_interface.h"
#include "verilated.h"

namespace {

struct Machine {
  VerilatedContext context;
  Veie_top top{&context};

  void clock() {
    top.clk = 0;
    top.eval();
    top.clk = 1;
    top.eval();
  }
};

Machine& at(void* machine) {
  return *static_cast<Machine*>(machine);
}

void reset(void* machine) {
  Veie_top& top = at(machine).top;
  top.start = 0;
  top.io_write = 0;
  top.io_read = 0;
  top.reset = 1;
  at(machine).clock();
  top.reset = 0;
  at(machine).clock();
}

void write(void* machine, LacunaRtlMemory memory, std::uint32_t address, const std::uint32_t* words) {
  Veie_top& top = at(machine).top;
  std::memcpy(&top.io_write_data, words, sizeof top.io_write_data);
  top.io_address = static_cast<decltype(top.io_address + 0)>(address);
  top.io_write = memory;
  at(machine).clock();  // into the bus register; the next clock, at the latest that of `run`, writes
}

void read(void* machine, LacunaRtlRead what, std::uint32_t address, std::uint32_t* words) {
  Veie_top& top = at(machine).top;
  top.io_address = static_cast<decltype(top.io_address + 0)>(address);
  top.io_read = what;
  top.io_write = 0;
  at(machine).clock();
  std::memcpy(words, &top.io_read_data, sizeof top.io_read_data);
  top.io_read = 0;
}

void set_layer(Veie_top& top, const LacunaRtlLayer& layer) {
  top.source_rows = layer.source_rows;
  top.columns = layer.columns;
  top.output_rows = layer.output_rows;
  top.last_row_outputs = layer.last_row_outputs;
  top.store_region = layer.store_region;
  top.bias_value = static_cast<decltype(top.bias_value + 0)>(layer.bias_value);
  top.product_shift = static_cast<CData>(layer.product_shift & 0x3fU);
  top.output_shift = static_cast<CData>(static_cast<std::uint32_t>(layer.output_shift) & 0x7fU);
  top.has_bias = layer.has_bias;
  top.relu = layer.relu;
}

void report(Veie_top& top, std::uint64_t cycle, const LacunaRtlObserver& observer) {
  if (observer.occupancies != nullptr && top.running != 0) {
    std::uint32_t entries[sizeof top.occupancies / sizeof(std::uint32_t)];
    std::memcpy(entries, &top.occupancies, sizeof entries);
    observer.occupancies(observer.context, cycle, entries);
  }
  if (observer.broadcast != nullptr && top.broadcast != 0) {
    observer.broadcast(observer.context, cycle, top.broadcast_column, top.broadcast_value);
  }
}

int run(void* machine, const LacunaRtlLayer* layer, const LacunaRtlObserver* observer,
        std::uint64_t cycle_limit) {
  Veie_top& top = at(machine).top;
  set_layer(top, *layer);
  top.observe = observer != nullptr;
  top.io_write = 0;
  at(machine).clock();
  top.start = 1;
  at(machine).clock();
  top.start = 0;
  std::uint64_t cycle = 0;
  while (top.done == 0 && cycle < cycle_limit) {
    if (observer != nullptr) {
      report(top, cycle, *observer);
    }
    at(machine).clock();
    ++cycle;
  }
  return top.done;
}

std::uint64_t control_counter(void* machine, std::uint32_t index) {
  Veie_top& top = at(machine).top;
  top.control_counter_select = static_cast<CData>(index);
  at(machine).clock();
  return top.control_counter;
}

void* create() {
  auto machine = std::make_unique<Machine>();
  machine->clock();
  return machine.release();
}

void destroy(void* machine) {
  at(machine).top.final();
  delete &at(machine);
}

std::uint64_t cycles(void* machine) {
  return at(machine).top.cycles;
}

constexpr LacunaRtlInterface interface {
  sizeof(Veie_top::io_write_data) / sizeof(std::uint32_t), create, destroy, reset, write, read, run, cycles,
      control_counter
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const LacunaRtlInterface* lacuna_rtl_interface() {
  return &interface;
}
