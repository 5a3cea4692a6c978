// Memory phases against figures worked out by hand. tests/models/device compares them with a device.

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/memory/schedule.h"
#include "models/memory/value_bytes.h"

namespace lacuna::test {
namespace {

using memory::Job;
using memory::JobTimes;
using memory::Machine;
using memory::Parameters;
using memory::Phase;
using memory::Request;

/// 1 ns cycles, 1 byte each ns, no latency, bursts of 8 bytes, a port of 8 bytes.
Parameters slow_bus() {
  Parameters p;
  p.bandwidth_gb_per_s = 1.0;
  p.latency_ns = 0.0;
  p.burst_bytes = 8;
  p.outstanding_bursts = 1;
  p.port_width_bytes = 8;
  p.double_buffering = false;
  return p;
}

Job small_job(std::vector<std::uint64_t> cycles) {
  Job job;
  job.descriptor_bytes = 0;
  job.constants = {{Phase::load_weights, 0x100, 16}};
  job.input_address = 0x200;
  job.input_bytes = 8;
  job.output_address = 0x300;
  job.output_bytes = 8;
  job.run_cycles = std::move(cycles);
  return job;
}

Machine machine() {
  Machine m;
  m.clock_period_ps = 1000;
  return m;
}

TEST_CASE("a burst takes its latency, its time on the bus and its beats, and a run begins at the next edge") {
  // One burst at a time: 8 ns of data and one beat, the next is then requested. Weights 18, input 9: 27 ns.
  // The run begins at 28 and ends at 38; the result is requested then, and is in memory after 8 ns and a
  // beat.
  const std::vector<JobTimes> times = memory::schedule({small_job({10})}, machine(), slow_bus());
  REQUIRE(times.size() == 1);
  CHECK(times[0].run_cycles == 10);
  CHECK(times[0].under_way_cycles[Phase::load_weights] == 18);
  CHECK(times[0].exposed_cycles[Phase::load_weights] == 18);
  CHECK(times[0].under_way_cycles[Phase::load_inputs] == 9);
  CHECK(times[0].exposed_cycles[Phase::load_inputs] == 10);  // up to the edge
  CHECK(times[0].exposed_cycles[Phase::store_results] == 9);
  CHECK(times[0].cycles() == 18 + 10 + 10 + 9);
  CHECK(times[0].bytes[Phase::load_weights] == 16);
  CHECK(times[0].bursts[Phase::load_weights] == 2);
  CHECK(times[0].items_overlapped == 0);
}

TEST_CASE("latency is waited out once when bursts are under way beside each other, and each time when not") {
  Parameters p = slow_bus();
  p.latency_ns = 100.0;
  Job job = small_job({10});
  job.constants[0].bytes = 64;  // 8 bursts
  CHECK(memory::schedule({job}, machine(), p)[0].under_way_cycles[Phase::load_weights] == 8 * (100 + 8 + 1));
  p.outstanding_bursts = 8;
  // Requests at 0, 1, ... 7 ns; the bus is the limit: 100 + 64, and the last beat.
  CHECK(memory::schedule({job}, machine(), p)[0].under_way_cycles[Phase::load_weights] == 100 + 64 + 1);
}

TEST_CASE("a port slower than the memory is the limit: its beats follow one another") {
  Parameters p = slow_bus();
  p.bandwidth_gb_per_s = 64.0;  // 0.125 ns a burst
  p.port_width_bytes = 1;
  p.outstanding_bursts = 4;
  Job job = small_job({10});
  job.constants[0].bytes = 32;
  // 32 beats behind the first burst's 0.125 ns.
  CHECK(memory::schedule({job}, machine(), p)[0].under_way_cycles[Phase::load_weights] == 33);
}

TEST_CASE("double buffering hides the next input and the last result behind a run, where there is room") {
  Parameters p = slow_bus();
  Job job = small_job({30, 30, 30});
  job.item_takes = {10};
  job.next_item_takes = {5};
  Machine m = machine();
  m.items_capacity = {15};
  const JobTimes alone = memory::schedule({job}, m, p)[0];
  // Weights 18; three times input 10 (9 and the edge), run 30, result 9, of which the edge is half a cycle:
  // the next input is requested at a whole nanosecond.
  CHECK(alone.cycles() == 18 + 3 * (10 + 30 + 9));
  p.double_buffering = true;
  const JobTimes overlapped = memory::schedule({job}, m, p)[0];
  // The runs follow one another, each a cycle for the edge behind the last.
  CHECK(overlapped.items_overlapped == 2);
  CHECK(overlapped.cycles() == 18 + 10 + 3 * 30 + 2 + 9);
  m.items_capacity = {14};
  CHECK(memory::schedule({job}, m, p)[0].items_overlapped == 0);
  CHECK(memory::schedule({job}, m, p)[0].cycles() == alone.cycles());
}

TEST_CASE("the next layer's weights come during this one's last run, where the memories hold both") {
  Parameters p = slow_bus();
  p.double_buffering = true;
  Job job = small_job({100});
  job.constants_take = {6};
  Machine m = machine();
  m.constants_capacity = {12};
  const std::vector<JobTimes> both = memory::schedule({job, job}, m, p);
  CHECK(both[1].exposed_cycles[Phase::load_weights] == 1);  // they begin a cycle before the run does
  CHECK(both[1].under_way_cycles[Phase::load_weights] == 18);
  CHECK(both[1].bytes[Phase::load_weights] == 16);
  m.constants_capacity = {11};
  const std::vector<JobTimes> one = memory::schedule({job, job}, m, p);
  CHECK(one[1].exposed_cycles[Phase::load_weights] > 0);
}

TEST_CASE("every request is told with its time, and bursts cross no multiple of their size") {
  Parameters p = slow_bus();
  p.outstanding_bursts = 4;
  Job job = small_job({10, 10});
  job.constants[0] = {Phase::load_weights, 0x103, 20};
  job.descriptor_bytes = 128;
  job.descriptor_address = 0x1000;
  std::vector<Request> requests;
  const JobTimes times = memory::schedule(
      {job}, machine(), p, [&](const Request& r) { requests.push_back(r); }, 7)[0];
  std::uint64_t sum = 0;
  std::uint64_t last = 7;
  for (const Request& request : requests) {
    CHECK(request.address / 8 == (request.address + request.bytes - 1) / 8);
    CHECK(request.time_ps >= last);
    last = request.time_ps;
    sum += request.bytes;
  }
  CHECK(requests.front().time_ps == 7);
  CHECK(requests.front().address == 0x1000);
  CHECK(requests[16].address == 0x103);
  CHECK(requests[16].bytes == 5);
  std::uint64_t counted = 0;
  std::uint64_t bursts = 0;
  for (std::size_t i = 0; i < memory::phase_count; ++i) {
    counted += times.bytes.values[i];
    bursts += times.bursts.values[i];
  }
  CHECK(sum == counted);
  CHECK(sum == 128 + 20 + 2 * 8 + 2 * 8);
  CHECK(requests.size() == bursts);
  CHECK(bursts == 16 + 3 + 2 + 2);
}

TEST_CASE("bursts that are no power of two are refused") {
  Parameters p = slow_bus();
  p.burst_bytes = 48;
  CHECK_THROWS_WITH(memory::schedule({small_job({1})}, machine(), p),
                    Catch::Contains("burst_bytes: 48; a power of two"));
}

TEST_CASE("numbers take the fewest of 1, 2, 4 and 8 bytes") {
  CHECK(memory::bytes_of_bits(8) == 1);
  CHECK(memory::bytes_of_bits(9) == 2);
  CHECK(memory::bytes_of_bits(17) == 4);
  CHECK(memory::bytes_of_bits(33) == 8);
  CHECK(memory::bytes_of_range(-128, 127) == 1);
  CHECK(memory::bytes_of_range(0, 128) == 2);
  CHECK(memory::bytes_of_range(-32769, 0) == 4);
  CHECK(memory::bytes_of_range(0, std::int64_t{1} << 31) == 8);
}

}  // namespace
}  // namespace lacuna::test
