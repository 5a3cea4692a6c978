// Two EIE devices share a memory: cycles of the devices' clock against its bandwidth, with one device and
// with two, with double buffering and without. Each line of the result is a platform of its own; all are in
// one simulation.
//
//   platform_bandwidth > bandwidth.csv        scripts/plot-bandwidth draws it (docs/device.md)

#include <cmath>
#include <deque>
#include <iostream>

#include "models/device/bus.h"
#include "models/device/memory.h"
#include "models/device/processor.h"
#include "models/eie/device/eie_device.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"

using namespace lacuna;
using device::Register;

constexpr std::uint64_t device_base = 0x40000000;
const sc_core::sc_time clock_period(1250, sc_core::SC_PS);

/// A layer of 512 x 512, a tenth of it nonzero, and 64 vectors, of which three tenths are.
QuantisedLayer generated(const eie::Parameters& machine) {
  GeneratedLayer spec;
  spec.rows = 512;
  spec.inputs = 512;
  spec.vectors = 64;
  return quantise_layer(generate_trace(spec), {}, eie::value_widths(machine));
}

class Platform : public sc_core::sc_module {
 public:
  Platform(const sc_core::sc_module_name& name, const sc_core::sc_clock& clock, const QuantisedLayer& layer,
           std::size_t devices, double gigabytes_per_second, bool double_buffering)
      : sc_module(name),
        devices_(devices),
        gigabytes_per_second_(gigabytes_per_second),
        double_buffering_(double_buffering) {
    device::MemoryParameters dram;
    dram.bytes_per_second = gigabytes_per_second * 1e9;
    dram.bytes = std::uint64_t{1} << 20U;
    dram.queue_requests = 32;
    memory_ = std::make_unique<device::Memory>("memory", dram);
    bus_.connect(memory_->socket, 0, dram.bytes);
    device::DeviceParameters port;
    port.dma.coding = device::Coding::approximately_timed;
    port.dma.outstanding = 8;
    port.dma.data_width_bytes = 32;
    port.double_buffering = double_buffering;
    for (std::size_t i = 0; i < devices; ++i) {
      eies_.push_back(
          std::make_unique<eie::Device>(("eie" + std::to_string(i)).c_str(), eie::Parameters{}, port));
      eies_[i]->clock(clock);
      eies_[i]->reset(reset_);
      interrupts_.emplace_back();
      eies_[i]->interrupt(interrupts_[i]);
      eies_[i]->memory.bind(bus_.masters);
      bus_.connect(eies_[i]->registers, device_base + i * device::register_bytes, device::register_bytes);
    }
    put_job(layer);
    processor_ = std::make_unique<device::Processor>("processor", [this](device::Processor& p) { drive(p); });
    processor_->socket.bind(bus_.masters);
  }

  void print() const {
    std::cout << gigabytes_per_second_ << "," << devices_ << "," << (double_buffering_ ? "yes" : "no") << ","
              << std::lround(cycles_) << "," << compute_cycles_ << "\n";
  }

 private:
  /// The devices run the same job; each has its own results.
  void put_job(const QuantisedLayer& layer) {
    const eie::Parameters machine;
    const eie::JobData data =
        eie::job_data(machine, layer.layer, eie::encode(layer.layer.matrix, eie::image_geometry(machine)));
    std::uint64_t free = 0x1000;
    const auto put = [&](const std::vector<std::uint8_t>& bytes) {
      const std::uint64_t address = free;
      std::copy(bytes.begin(), bytes.end(), memory_->bytes().begin() + static_cast<std::ptrdiff_t>(address));
      free = (free + bytes.size() + 63) / 64 *
             64;  // whole bursts; the vectors have 1024 bytes, no gap between them
      return address;
    };
    eie::JobFields fields = eie::job_fields(layer.layer, data);
    fields.codebook_address = put(data.codebook);
    fields.pointer_address = put(data.pointers);
    fields.row_address = put(data.rows);
    const auto vectors = static_cast<std::uint32_t>(layer.activations.size());
    device::JobHeader header{device::job_magic,
                             device::job_version,
                             device::job_bytes,
                             eie::device_family,
                             0,
                             0,
                             free,
                             0,
                             vectors,
                             2 * fields.inputs,
                             2 * fields.outputs,
                             0};
    for (const auto& vector : layer.activations) {
      put(eie::values_to_bytes(vector, 2));
    }
    for (std::size_t i = 0; i < devices_; ++i) {
      header.output_address = put(std::vector<std::uint8_t>(std::size_t{vectors} * header.output_bytes));
      jobs_.push_back(put(device::job_descriptor(header, fields)));
    }
  }

  void drive(device::Processor& processor) {
    const auto address = [](std::size_t i, Register which) {
      return device_base + i * device::register_bytes + static_cast<std::uint32_t>(which);
    };
    for (std::size_t i = 0; i < devices_; ++i) {
      processor.write_register(address(i, Register::INTERRUPT_ENABLE), device::INTERRUPT_ENABLE_DONE);
      processor.write_register(address(i, Register::JOB_LOW), static_cast<std::uint32_t>(jobs_[i]));
    }
    const double before = sc_core::sc_time_stamp() / clock_period;
    for (std::size_t i = 0; i < devices_; ++i) {
      processor.write_register(address(i, Register::CONTROL), device::CONTROL_START);
    }
    for (std::size_t i = 0; i < devices_; ++i) {
      if (!interrupts_[i].read()) {
        sc_core::wait(interrupts_[i].posedge_event());
      }
    }
    cycles_ = sc_core::sc_time_stamp() / clock_period - before;
    compute_cycles_ = processor.read_register(address(0, Register::COMPUTE_CYCLES_LOW));
  }

  const std::size_t devices_;
  const double gigabytes_per_second_;
  const bool double_buffering_;
  sc_core::sc_signal<bool> reset_{"reset"};
  std::deque<sc_core::sc_signal<bool>> interrupts_;
  std::unique_ptr<device::Memory> memory_;
  device::Bus bus_{"bus"};
  std::vector<std::unique_ptr<eie::Device>> eies_;
  std::unique_ptr<device::Processor> processor_;
  std::vector<std::uint64_t> jobs_;
  double cycles_ = 0;
  std::uint64_t compute_cycles_ = 0;
};

int main() {
  const QuantisedLayer layer = generated(eie::Parameters{});
  sc_core::sc_clock clock("clock", clock_period);
  std::deque<Platform> platforms;
  for (const double gigabytes_per_second : {0.8, 1.6, 3.2, 6.4, 12.8, 25.6}) {
    for (const std::size_t devices : {1U, 2U}) {
      for (const bool double_buffering : {false, true}) {
        platforms.emplace_back(("platform" + std::to_string(platforms.size())).c_str(), clock, layer, devices,
                               gigabytes_per_second, double_buffering);
      }
    }
  }
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start(2, sc_core::SC_MS);
  std::cout << "gigabytes_per_second,devices,double_buffering,cycles,compute_cycles\n";
  for (const Platform& platform : platforms) {
    platform.print();
  }
  return 0;
}
