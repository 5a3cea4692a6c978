// The memory phases of `lacuna run` against a device in a platform whose memory has the same parameters.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/common/child_process.h"
#include "models/eie/memory_job.h"
#include "models/eie/timeline/timeline_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/dice.h"
#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

using device::Register;

constexpr std::uint64_t period_ps = 10000;  // of the platform's clock

device::DeviceParameters device_parameters(const memory::Parameters& p) {
  device::DeviceParameters parameters;
  parameters.dma.coding = device::Coding::approximately_timed;
  parameters.dma.burst_bytes = p.burst_bytes;
  parameters.dma.outstanding = p.outstanding_bursts;
  parameters.dma.data_width_bytes = p.port_width_bytes;
  parameters.dma.beat = clock_period;
  parameters.double_buffering = p.double_buffering;
  return parameters;
}

device::MemoryParameters memory_parameters(const memory::Parameters& p) {
  device::MemoryParameters parameters;
  parameters.latency = {p.latency_ns, sc_core::SC_NS};
  parameters.bytes_per_second = p.bandwidth_gb_per_s * 1e9;
  parameters.queue_requests = 2 * p.outstanding_bursts;  // as many as can be under way
  return parameters;
}

memory::Parameters random_parameters(std::uint64_t seed) {
  Dice dice(seed);
  memory::Parameters p;
  p.bandwidth_gb_per_s = dice.of({0.05, 0.3, 0.8, 1.37, 6.4});
  p.latency_ns = dice.of({0.0, 17.0, 50.0, 333.3});
  p.burst_bytes = 8U << dice.u32(0, 5);
  p.outstanding_bursts = dice.u32(1, 6);
  p.port_width_bytes = 1U << dice.u32(0, 5);
  p.double_buffering = dice.chance(50);
  return p;
}

struct Measured {
  std::uint64_t picoseconds = 0;  ///< from the beginning of the chain to its interrupt
  std::uint64_t compute_cycles = 0;
  std::uint64_t overlapped = 0;
};

/// Starts a chain at an edge of the clock, rising or falling, at which the machine's runs begin.
std::string measure(DevicePlatform& platform, std::uint64_t base, std::uint64_t first, bool rising,
                    Measured& measured) {
  std::string wrong;
  platform.program([&, base, first](device::Processor& processor) {
    const DeviceRegisters registers{processor, base};
    registers.write(Register::INTERRUPT_ENABLE,
                    device::INTERRUPT_ENABLE_DONE | device::INTERRUPT_ENABLE_ERROR);
    sc_core::wait(rising ? platform.wires.clock.posedge_event() : platform.wires.clock.negedge_event());
    registers.start(first);  // each access takes a cycle
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    wrong += registers.wait_for(platform.interrupts.front(), 100000000) ? "" : "no interrupt\n";
    measured.picoseconds = (sc_core::sc_time_stamp() - begin).value();
    measured.compute_cycles = registers.read_long(Register::COMPUTE_CYCLES_LOW);
    measured.overlapped = registers.read(Register::ITEMS_OVERLAPPED);
  });
  return platform.simulate_all() + wrong;
}

memory::Job job_of(const EieWork& work) {
  const eie::Parameters& p = work.of.parameters;
  const eie::MemoryImage image = eie::encode(work.of.layer.matrix, eie::image_geometry(p));
  const eie::LayerShape shape = eie::LayerShape::of(work.of.layer);
  const std::vector<std::uint64_t> entries = image.pe_entries();
  const auto engine = eie::make_timeline_engine(p);
  std::vector<std::uint64_t> cycles;
  for (const auto& vector : work.vectors) {
    cycles.push_back(engine->run(work.of.layer, image, vector).cycles);
  }
  memory::Job job =
      eie::memory_job(p, shape, work.of.layer.codebook.size(), image.row_batches, entries, std::move(cycles));
  job.descriptor_address = work.descriptor;
  job.constants[0].address = work.fields.codebook_address;
  job.constants[1].address = work.fields.pointer_address;
  job.constants[2].address = work.fields.row_address;
  job.input_address = work.header.input_address;
  job.output_address = work.header.output_address;
  return job;
}

TEST_CASE(
    "memory phases of EIE layers take as long as a device takes for the same chain of jobs, to the cycle") {
  int exact = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const memory::Parameters p = random_parameters(seed);
    const std::string result = call_in_child([&]() -> std::string {
      DevicePlatform platform(memory_parameters(p));
      Dice dice(seed + 1000);
      std::vector<EieWork> chain;
      const eie::Parameters machine = random_case(seed).parameters;
      for (std::uint64_t job = 0; job < 1 + seed % 3; ++job) {
        Case c = random_case(seed);  // a chain is of one machine; what differs is the number of vectors
        chain.emplace_back(c, 1 + dice.u32(0, 3));
      }
      eie::Device device("device", machine, device_parameters(p));
      const std::uint64_t base = platform.add(device);
      std::uint64_t items = 0;
      for (const EieWork& work : chain) {
        items += work.vectors.size();
      }
      std::uint64_t next = 0;
      for (std::size_t i = chain.size(); i-- > 0;) {
        chain[i].put(platform, next);
        next = chain[i].descriptor;
      }
      std::vector<memory::Job> jobs;
      for (const EieWork& work : chain) {
        jobs.push_back(job_of(work));
      }
      memory::Machine outside = eie::memory_machine(machine);
      outside.clock_period_ps = period_ps;
      memory::JobTimes sum;
      for (const memory::JobTimes& each : memory::schedule(jobs, outside, p)) {
        sum += each;
      }
      Measured measured;
      std::string wrong = measure(platform, base, next, false, measured);
      const std::uint64_t cycles = (measured.picoseconds + period_ps - 1) / period_ps;
      // A run ends on the clock when the machine has drained. Where padding or empty columns come last that
      // is a little behind the last result, with which the counted cycles end.
      const std::uint64_t drain = cycles - sum.cycles();
      wrong += drain == 0 ? "" : "~";
      if (cycles < sum.cycles() || drain > 2 * items || sum.run_cycles != measured.compute_cycles ||
          sum.items_overlapped != measured.overlapped) {
        wrong += fmt::format("{} cycles ({} ps), {} of runs, {} overlapped; the phases say {}, {}, {}\n",
                             cycles, measured.picoseconds, measured.compute_cycles, measured.overlapped,
                             sum.cycles(), sum.run_cycles, sum.items_overlapped);
      }
      return wrong;
    });
    INFO("seed " << seed);
    CHECK((result == "" || result == "~"));
    CHECK_THAT(result, !Catch::Contains("cycles"));
    exact += result.empty() ? 1 : 0;
  }
  CHECK(exact >= 38);
}

TEST_CASE("memory phases of frames take as long as a device takes for the same frames, to the cycle") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    memory::Parameters p = random_parameters(seed);
    const std::string result = call_in_child([&]() -> std::string {
      DevicePlatform platform(memory_parameters(p));
      const PipelineCase c = running_pipeline(seed);
      StreamWork work(c, c.input.frames);
      tomato::StreamDeviceParameters of_device;
      of_device.device = device_parameters(p);
      tomato::StreamDevice device("device", c.pipeline, c.parameters, of_device);
      const std::uint64_t base = platform.add(device);
      work.put(platform);
      memory::Job job;
      job.descriptor_address = work.descriptor;
      job.input_address = work.header.input_address;
      job.input_bytes = std::uint64_t{work.header.input_bytes} * c.input.frames;
      job.output_address = work.header.output_address;
      job.output_bytes = std::uint64_t{work.header.output_bytes} * c.input.frames;
      job.run_cycles = {work.cycles};
      const memory::JobTimes times = memory::schedule({job}, {period_ps, {}, {}}, p).front();
      Measured measured;
      std::string wrong = measure(platform, base, work.descriptor, true, measured);
      wrong += work.check(platform);
      const std::uint64_t cycles = (measured.picoseconds + period_ps - 1) / period_ps;
      if (times.cycles() != cycles || times.run_cycles != measured.compute_cycles) {
        wrong += fmt::format("{} cycles, {} of runs; the phases say {}, {}\n", cycles,
                             measured.compute_cycles, times.cycles(), times.run_cycles);
      }
      return wrong;
    });
    INFO("seed " << seed);
    CHECK(result == "");
  }
}

}  // namespace
}  // namespace lacuna::test
