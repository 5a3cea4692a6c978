#include "tests/models/device/device_platform.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "models/eie/timeline/timeline_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/dice.h"

namespace lacuna::test {

using device::Register;

DevicePlatform::DevicePlatform(const device::MemoryParameters& memory_parameters)
    : memory("memory", memory_parameters), bus("bus") {
  bus.connect(memory.socket, 0, memory_parameters.bytes);
}

std::uint64_t DevicePlatform::add(device::Device& device) {
  const std::uint64_t base = device_base + checkers.size() * device_stride;
  wires.connect(device);
  interrupts.emplace_back();
  device.interrupt(interrupts.back());
  checkers.emplace_back(("checker" + std::to_string(checkers.size())).c_str());
  device.memory.bind(checkers.back().from_master);
  checkers.back().to_slave.bind(bus.masters);
  bus.connect(device.registers, base, device::register_bytes);
  return base;
}

void DevicePlatform::program(std::function<void(device::Processor&)> of_processor) {
  processor = std::make_unique<device::Processor>("processor", [of_processor](device::Processor& p) {
    of_processor(p);
    sc_core::sc_stop();
  });
  processor->socket.bind(bus.masters);
}

std::string DevicePlatform::simulate_all() {
  sc_core::sc_report_handler::set_actions("lacuna/device", sc_core::SC_DO_NOTHING);
  std::string wrong = simulate();
  for (const ProtocolChecker& checker : checkers) {
    wrong += checker.faults_at_end();
  }
  return wrong;
}

std::uint64_t DevicePlatform::put(const std::vector<std::uint8_t>& bytes, std::uint64_t alignment) {
  free_ = (free_ + alignment - 1) / alignment * alignment;
  const std::uint64_t address = free_;
  overwrite(address, bytes);
  free_ += bytes.size();
  return address;
}

std::uint64_t DevicePlatform::reserve(std::uint64_t bytes) {
  // What is not written shows.
  return put(std::vector<std::uint8_t>(bytes, 0xEE));
}

void DevicePlatform::overwrite(std::uint64_t address, const std::vector<std::uint8_t>& bytes) {
  std::copy(bytes.begin(), bytes.end(), memory.bytes().begin() + static_cast<std::ptrdiff_t>(address));
}

std::vector<std::uint8_t> DevicePlatform::get(std::uint64_t address, std::uint64_t bytes) const {
  const auto first = memory.bytes().begin() + static_cast<std::ptrdiff_t>(address);
  return {first, first + static_cast<std::ptrdiff_t>(bytes)};
}

void DeviceRegisters::start(std::uint64_t job) const {
  write(Register::JOB_LOW, static_cast<std::uint32_t>(job));
  write(Register::JOB_HIGH, static_cast<std::uint32_t>(job >> 32U));
  write(Register::CONTROL, device::CONTROL_START);
}

bool DeviceRegisters::wait_for(const sc_core::sc_signal<bool>& line, int cycles) const {
  if (!line.read()) {
    sc_core::wait(cycles * clock_period, line.posedge_event());
  }
  return line.read();
}

// EIE
// ------------------------------------------------------------------------------------------------------------

EieWork::EieWork(const Case& c, std::size_t count) : of(c) {
  const eie::MemoryImage image = eie::encode(of.layer.matrix, eie::image_geometry(of.parameters));
  const auto engine = eie::make_timeline_engine(of.parameters);
  for (std::size_t i = 0; i < count; ++i) {
    vectors.push_back(of.activations);
    std::rotate(vectors.back().begin(),
                vectors.back().begin() + static_cast<std::ptrdiff_t>(i % of.activations.size()),
                vectors.back().end());
    const eie::RunResult result = engine->run(of.layer, image, vectors.back());
    expected.push_back(result.outputs);
    cycles += result.cycles;
  }
  header.magic = device::job_magic;
  header.version = device::job_version;
  header.size_bytes = device::job_bytes;
  header.family = eie::device_family;
  header.items = static_cast<std::uint32_t>(count);
  const std::size_t value = eie::JobLayout(of.parameters).activation_bytes;
  header.input_bytes = static_cast<std::uint32_t>(of.layer.inputs() * value);
  header.output_bytes = static_cast<std::uint32_t>(of.layer.outputs() * value);
}

void EieWork::put(DevicePlatform& platform, std::uint64_t next, std::uint32_t flags) {
  const eie::MemoryImage image = eie::encode(of.layer.matrix, eie::image_geometry(of.parameters));
  const eie::JobData data = eie::job_data(of.parameters, of.layer, image);
  const std::size_t value = eie::JobLayout(of.parameters).activation_bytes;
  fields = eie::job_fields(of.layer, data);
  fields.codebook_address = platform.put(data.codebook, 4);
  fields.pointer_address = platform.put(data.pointers, 1);
  fields.row_address = platform.put(data.rows, 2);
  std::vector<std::uint8_t> inputs;
  for (const auto& vector : vectors) {
    const std::vector<std::uint8_t> bytes = eie::values_to_bytes(vector, value);
    inputs.insert(inputs.end(), bytes.begin(), bytes.end());
  }
  header.flags = flags;
  header.next = next;
  header.input_address = platform.put(inputs, 1);
  header.output_address = platform.reserve(std::uint64_t{header.items} * header.output_bytes);
  descriptor = platform.put(device::job_descriptor(header, fields));
  bytes_read =
      device::job_bytes + data.codebook.size() + data.pointers.size() + data.rows.size() + inputs.size();
}

std::string EieWork::check(const DevicePlatform& platform) const {
  const std::size_t value = eie::JobLayout(of.parameters).activation_bytes;
  std::string wrong;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto bytes = platform.get(header.output_address + i * header.output_bytes, header.output_bytes);
    if (eie::values_from_bytes(bytes.data(), of.layer.outputs(), value) != expected[i]) {
      wrong += fmt::format("{}: results of vector {} differ\n", of.layer.name, i);
    }
  }
  return wrong;
}

// Streaming
// ------------------------------------------------------------------------------------------------------------

PipelineCase running_pipeline(std::uint64_t seed) {
  for (;; ++seed) {
    PipelineCase c = random_pipeline(seed);
    if (!tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input).deadlock) {
      return c;
    }
  }
}

namespace {

std::size_t bytes_for(std::int64_t low, std::int64_t high) {
  const auto fits = [&](std::int64_t half) { return low >= -half && high < half; };
  return fits(1 << 7) ? 1 : fits(1 << 15) ? 2 : fits(std::int64_t{1} << 31) ? 4 : 8;
}

}  // namespace

StreamWork::StreamWork(const PipelineCase& c, std::uint32_t frames_per_run) : of(c) {
  const tomato::Analysis analysis = tomato::analyse(of.pipeline, of.parameters);
  const tomato::Unit& source = of.pipeline.units[analysis.source];
  const tomato::Stream& sink = analysis.streams[analysis.units[analysis.sink].inputs.front()];
  frame_bytes = bytes_for(min_mantissa(source.format), max_mantissa(source.format));
  result_bytes = bytes_for(sink.min_mantissa, sink.max_mantissa);
  fields.frames_per_run = frames_per_run;
  const auto engine = tomato::make_timeline_engine(of.pipeline, of.parameters);
  for (std::uint32_t first = 0; first < of.input.frames; first += frames_per_run) {
    tomato::RunInput group;
    group.frames = std::min(frames_per_run, of.input.frames - first);
    group.pixels.assign(of.input.pixels.begin() + first, of.input.pixels.begin() + first + group.frames);
    const tomato::RunResult result = engine->run(group);
    expected.insert(expected.end(), result.outputs.begin(), result.outputs.end());
    cycles += result.cycles;
  }
  header.magic = device::job_magic;
  header.version = device::job_version;
  header.size_bytes = device::job_bytes;
  header.family = tomato::device_family;
  header.items = of.input.frames;
  header.input_bytes = static_cast<std::uint32_t>(of.input.pixels.front().size() * frame_bytes);
  header.output_bytes = static_cast<std::uint32_t>(expected.front().size() * result_bytes);
}

void StreamWork::put(DevicePlatform& platform, std::uint64_t next, std::uint32_t flags) {
  std::vector<std::uint8_t> inputs;
  for (const auto& frame : of.input.pixels) {
    const std::vector<std::uint8_t> bytes = eie::values_to_bytes(frame, frame_bytes);
    inputs.insert(inputs.end(), bytes.begin(), bytes.end());
  }
  header.flags = flags;
  header.next = next;
  header.input_address = platform.put(inputs, 1);
  header.output_address = platform.reserve(std::uint64_t{header.items} * header.output_bytes);
  descriptor = platform.put(device::job_descriptor(header, fields));
}

std::string StreamWork::check(const DevicePlatform& platform) const {
  const auto bytes = platform.get(header.output_address, std::uint64_t{header.items} * header.output_bytes);
  std::size_t at = 0;
  for (std::size_t frame = 0; frame < expected.size(); ++frame) {
    for (const std::int64_t value : expected[frame]) {
      if (device::get_signed(bytes.data() + at, result_bytes) != value) {
        return fmt::format("results of frame {} differ\n", frame);
      }
      at += result_bytes;
    }
  }
  return {};
}

// Chains
// ------------------------------------------------------------------------------------------------------------

const std::vector<Manner>& manners() {
  static const std::vector<Manner> all = [] {
    std::vector<Manner> list;
    for (const bool overlap : {false, true}) {
      const std::string tail = overlap ? ", double buffering" : "";
      device::DeviceParameters p;
      p.double_buffering = overlap;
      list.push_back({"loosely timed with DMI" + tail, p});
      p.dma.dmi = false;
      p.dma.burst_bytes = 16;
      list.push_back({"loosely timed without DMI" + tail, p});
      p.dma.coding = device::Coding::approximately_timed;
      list.push_back({"approximately timed" + tail, p});
      p.dma.outstanding = 1;
      p.dma.burst_bytes = 256;
      p.dma.data_width_bytes = 1;
      list.push_back({"approximately timed, a burst at a time" + tail, p});
    }
    return list;
  }();
  return all;
}

namespace {

/// Runs the chain that begins at a descriptor; returns what is wrong with counters and status.
std::string drive(DevicePlatform& platform, std::uint64_t base, std::uint64_t first, std::uint64_t jobs,
                  std::uint64_t cycles, const std::function<std::string(const DeviceRegisters&)>& more) {
  std::string wrong;
  platform.program([&, base, first](device::Processor& processor) {
    const DeviceRegisters registers{processor, base};
    registers.write(Register::INTERRUPT_ENABLE,
                    device::INTERRUPT_ENABLE_DONE | device::INTERRUPT_ENABLE_ERROR);
    registers.start(first);
    if (!registers.wait_for(platform.interrupts.front())) {
      wrong += "no interrupt\n";
    }
    if (registers.read(Register::STATUS) != device::STATUS_DONE) {
      wrong += fmt::format("status {:#x}\n", registers.read(Register::STATUS));
    }
    registers.write(Register::INTERRUPT_STATUS, device::INTERRUPT_STATUS_DONE);
    sc_core::wait(clock_period);
    wrong += platform.interrupts.front().read() ? "the interrupt stays\n" : "";
    wrong += registers.read(Register::JOBS_DONE) == jobs ? "" : "jobs done\n";
    const std::uint64_t counted = registers.read_long(Register::COMPUTE_CYCLES_LOW);
    wrong += counted == cycles ? "" : fmt::format("{} cycles, not {}\n", counted, cycles);
    wrong += more(registers);
  });
  return platform.simulate_all() + wrong;
}

}  // namespace

std::string run_eie_chain(std::vector<EieWork> chain, const Manner& manner,
                          const device::MemoryParameters& memory) {
  return in_platform([&] {
    DevicePlatform platform(memory);
    eie::Device device("device", chain.front().of.parameters, manner.parameters);
    const std::uint64_t base = platform.add(device);
    std::uint64_t next = 0;
    std::uint64_t cycles = 0;
    std::uint64_t bytes = 0;
    for (auto work = chain.rbegin(); work != chain.rend(); ++work) {
      work->put(platform, next);
      next = work->descriptor;
      cycles += work->cycles;
      bytes += work->bytes_read;
    }
    std::string wrong =
        drive(platform, base, next, chain.size(), cycles, [&](const DeviceRegisters& registers) {
          const std::uint64_t read = registers.read_long(Register::BYTES_READ_LOW);
          return read == bytes ? "" : fmt::format("{} bytes read, not {}\n", read, bytes);
        });
    for (const EieWork& work : chain) {
      wrong += work.check(platform);
    }
    return wrong;
  });
}

std::string run_stream_chain(std::vector<StreamWork> chain, const Manner& manner) {
  return in_platform([&] {
    DevicePlatform platform;
    tomato::StreamDeviceParameters parameters;
    parameters.device = manner.parameters;
    tomato::StreamDevice device("device", chain.front().of.pipeline, chain.front().of.parameters, parameters);
    const std::uint64_t base = platform.add(device);
    std::uint64_t next = 0;
    std::uint64_t cycles = 0;
    for (auto work = chain.rbegin(); work != chain.rend(); ++work) {
      work->put(platform, next);
      next = work->descriptor;
      cycles += work->cycles;
    }
    std::string wrong = drive(platform, base, next, chain.size(), cycles,
                              [](const DeviceRegisters& /*registers*/) { return ""; });
    for (const StreamWork& work : chain) {
      wrong += work.check(platform);
    }
    return wrong;
  });
}

}  // namespace lacuna::test
