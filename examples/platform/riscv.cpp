// Bare-metal firmware on a RISC-V core drives an EIE device. The core is Unicorn's instruction-set simulator,
// joined to the platform as a TLM-2.0 initiator: its memory is the platform's, and each access to the device
// is a blocking transport. The firmware (firmware/firmware.c) uses the C header for drivers; what it writes
// to the exit register ends the simulation (docs/device.md).
//
//   platform_riscv FIRMWARE.bin

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include <unicorn/unicorn.h>

#include "firmware/boot.h"
#include "models/device/bus.h"
#include "models/device/memory.h"
#include "models/eie/device/eie_device.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"

using namespace lacuna;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t memory_bytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t page_bytes = 4096;
const sc_core::sc_time clock_period(1250, sc_core::SC_PS);

/// A RISC-V core. It runs so many instructions, one a cycle, before others have their turn.
class Core : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Core);
  Core(const sc_core::sc_module_name& name, Bytes& memory) : sc_module(name) {
    check(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &engine_));
    check(uc_mem_map_ptr(engine_, 0, memory.size(), UC_PROT_ALL, memory.data()));
    check(uc_mmio_map(engine_, DEVICE_ADDRESS, page_bytes, on_read, this, on_write, this));
    check(uc_mmio_map(engine_, EXIT_ADDRESS, page_bytes, nullptr, nullptr, on_exit, this));
    SC_THREAD(run);
    set_stack_size(stack_bytes);  // a device makes the caller wait in the middle of an instruction
  }
  ~Core() override { uc_close(engine_); }

  tlm_utils::simple_initiator_socket<Core> socket{"socket"};
  std::optional<std::uint32_t> exit_code;

 private:
  static constexpr int stack_bytes = 1 << 23;
  static constexpr std::size_t turn = 64;

  static void check(uc_err error) {
    if (error != UC_ERR_OK) {
      throw std::runtime_error(std::string("unicorn: ") + uc_strerror(error));
    }
  }

  void run() {
    std::uint64_t pc = 0;
    while (!exit_code) {
      const uc_err error = uc_emu_start(engine_, pc, memory_bytes, 0, turn);
      if (error != UC_ERR_OK) {
        SC_REPORT_ERROR("core", uc_strerror(error));
      }
      std::uint32_t next = 0;
      uc_reg_read(engine_, UC_RISCV_REG_PC, &next);
      pc = next;
      wait(static_cast<double>(turn) * clock_period);
    }
    sc_core::sc_stop();
  }

  static std::uint64_t on_read(uc_engine*, std::uint64_t offset, unsigned size, void* self) {
    std::uint32_t value = 0;
    static_cast<Core*>(self)->access(tlm::TLM_READ_COMMAND, DEVICE_ADDRESS + offset, size, &value);
    return value;
  }
  static void on_write(uc_engine*, std::uint64_t offset, unsigned size, std::uint64_t value, void* self) {
    auto word = static_cast<std::uint32_t>(value);
    static_cast<Core*>(self)->access(tlm::TLM_WRITE_COMMAND, DEVICE_ADDRESS + offset, size, &word);
  }
  static void on_exit(uc_engine* engine, std::uint64_t, unsigned, std::uint64_t value, void* self) {
    static_cast<Core*>(self)->exit_code = static_cast<std::uint32_t>(value);
    uc_emu_stop(engine);
  }

  void access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint32_t* word) {
    std::uint8_t bytes[4] = {};
    std::memcpy(bytes, word, 4);  // both are little-endian
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(bytes);
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    wait(delay);
    if (payload.is_response_error()) {
      SC_REPORT_ERROR("core", payload.get_response_string().c_str());
    }
    std::memcpy(word, bytes, 4);
  }

  uc_engine* engine_ = nullptr;
};

/// A layer of 200 x 300 with 4 vectors, in memory behind the boot structure; results by the timeline engine.
std::uint64_t put_layer(Bytes& memory, const eie::Parameters& machine) {
  GeneratedLayer spec;
  spec.rows = 200;
  spec.inputs = 300;
  spec.vectors = 4;
  QuantisedLayer layer = quantise_layer(generate_trace(spec), {}, eie::value_widths(machine));
  layer.layer.relu = true;
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(machine));
  const eie::JobData data = eie::job_data(machine, layer.layer, image);
  std::uint32_t free = BOOT_ADDRESS + 0x1000;
  const auto put = [&](const Bytes& bytes) {
    const std::uint32_t address = free;
    std::copy(bytes.begin(), bytes.end(), memory.begin() + address);
    free = (free + static_cast<std::uint32_t>(bytes.size()) + 63) / 64 * 64;
    return address;
  };
  Bytes inputs;
  Bytes expected;
  std::uint64_t cycles = 0;
  const auto engine = eie::make_timeline_engine(machine);
  for (const auto& vector : layer.activations) {
    const Bytes bytes = eie::values_to_bytes(vector, 2);
    inputs.insert(inputs.end(), bytes.begin(), bytes.end());
    const eie::RunResult result = engine->run(layer.layer, image, vector);
    const Bytes results = eie::values_to_bytes(result.outputs, 2);
    expected.insert(expected.end(), results.begin(), results.end());
    cycles += result.cycles;
  }
  const eie::LayerFormats& formats = layer.layer.formats;
  const boot table = {put(Bytes(device::job_bytes)),
                      put(data.codebook),
                      static_cast<std::uint32_t>(layer.layer.codebook.size()),
                      put(data.pointers),
                      static_cast<std::uint32_t>(data.pointers.size()),
                      put(data.rows),
                      static_cast<std::uint32_t>(data.rows.size()),
                      put(inputs),
                      layer.layer.inputs(),
                      put(Bytes(expected.size())),
                      layer.layer.outputs(),
                      static_cast<std::uint32_t>(layer.activations.size()),
                      put(expected),
                      static_cast<std::uint32_t>(formats.weight.integer_bits),
                      static_cast<std::uint32_t>(formats.activation.integer_bits),
                      static_cast<std::uint32_t>(formats.accumulator.integer_bits),
                      static_cast<std::uint32_t>(formats.output.integer_bits)};
  std::memcpy(memory.data() + BOOT_ADDRESS, &table, sizeof table);
  return cycles;
}

int run(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes firmware{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (firmware.empty() || firmware.size() > BOOT_ADDRESS / 2) {
    throw std::runtime_error(std::string(path) + ": no firmware");
  }
  const eie::Parameters machine;
  device::MemoryParameters dram;
  dram.bytes = memory_bytes;
  device::Memory memory("memory", dram);
  std::copy(firmware.begin(), firmware.end(), memory.bytes().begin());
  const std::uint64_t expected_cycles = put_layer(memory.bytes(), machine);

  sc_core::sc_clock clock("clock", clock_period);
  sc_core::sc_signal<bool> reset("reset");
  sc_core::sc_signal<bool> interrupt("interrupt");
  device::Bus bus("bus");
  eie::Device eie("eie", machine);
  Core core("core", memory.bytes());
  eie.clock(clock);
  eie.reset(reset);
  eie.interrupt(interrupt);
  eie.memory.bind(bus.masters);
  core.socket.bind(bus.masters);
  bus.connect(memory.socket, 0, memory_bytes);
  bus.connect(eie.registers, DEVICE_ADDRESS, device::register_bytes);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start(10, sc_core::SC_MS);
  if (!core.exit_code) {
    throw std::runtime_error("the firmware has not ended within 10 ms");
  }
  std::uint8_t bytes[4] = {};
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(DEVICE_ADDRESS + static_cast<std::uint32_t>(device::Register::COMPUTE_CYCLES_LOW));
  payload.set_data_ptr(bytes);
  payload.set_data_length(4);
  core.socket->transport_dbg(payload);
  const std::uint64_t cycles = device::get_number(bytes, 4);
  std::cout << "firmware ended with " << *core.exit_code << " after " << sc_core::sc_time_stamp() << ", "
            << cycles << " cycles of runs, " << expected_cycles << " expected\n";
  return *core.exit_code == 0 && cycles == expected_cycles ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "error: usage: platform_riscv FIRMWARE.bin\n";
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  }
}
