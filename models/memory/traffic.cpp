#include "models/memory/traffic.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::memory {
namespace {

constexpr std::uint64_t most_bursts = std::uint64_t{1} << 28U;

constexpr Direction other(Direction direction) {
  return direction == Direction::read ? Direction::write : Direction::read;
}

}  // namespace

Traffic::Traffic(const Parameters& parameters, Time beat, const RequestSink& sink, Time start)
    : parameters_(parameters),
      beat_(beat),
      latency_(static_cast<Time>(std::llround(parameters.latency_ns * 1e3))),
      sink_(sink),
      start_(start) {}

void Traffic::post(Step step, Time time, std::size_t burst) {
  queue_.push({time, time == now_ ? delta_ + 1 : 0, ++posted_, step, burst});
}

std::optional<Traffic::Step> Traffic::next() {
  while (!queue_.empty()) {
    const Event event = queue_.top();
    queue_.pop();
    now_ = event.time;
    delta_ = event.delta;
    if (event.step == Step::advance || event.step == Step::run_over) {
      return event.step;
    }
    take(event);
  }
  return std::nullopt;
}

void Traffic::begin(Direction direction, std::uint64_t address, std::uint64_t bytes) {
  Channel& c = channel(direction);
  c.busy = true;
  c.ended = false;
  c.address = address;
  c.left = bytes;
  c.bursts = 0;
  post(Step::issue, now_);
}

std::optional<std::uint64_t> Traffic::take_end(Direction direction) {
  Channel& c = channel(direction);
  if (!c.ended) {
    return std::nullopt;
  }
  c.ended = false;
  c.busy = false;
  return c.bursts;
}

Time Traffic::beats(std::uint32_t bytes) const {
  return (bytes + parameters_.port_width_bytes - 1) / parameters_.port_width_bytes * beat_;
}

Time Traffic::bus_time(std::uint32_t bytes) const {
  return static_cast<Time>(std::llround(bytes / parameters_.bandwidth_gb_per_s * 1e3));
}

void Traffic::take(const Event& event) {
  const std::size_t burst = event.burst;
  switch (event.step) {
    case Step::issue:
      issue();
      break;
    case Step::take_request:
      bus_free_ = std::max(bus_free_, now_ + latency_) + bus_time(bursts_[burst].bytes);
      post(Step::data_moved, bus_free_, burst);
      post(Step::end_request, now_, burst);
      break;
    case Step::end_request:
      end_request(bursts_[burst]);
      break;
    case Step::data_moved:
      ready_.push_back(burst);
      respond();
      break;
    case Step::take_response:
      post(Step::end_response,
           now_ + (bursts_[burst].direction == Direction::read ? beats(bursts_[burst].bytes) : beat_), burst);
      break;
    case Step::end_response:
      end_burst(burst);
      post(Step::response_free, now_);
      post(Step::issue, now_);
      break;
    case Step::response_free:
      responding_ = false;
      respond();
      break;
    case Step::advance:
    case Step::run_over:
      break;
  }
}

bool Traffic::may_issue(Direction direction) {
  const Channel& c = channel(direction);
  return c.busy && !c.ended && c.left > 0 && c.under_way < parameters_.outstanding_bursts;
}

void Traffic::issue() {
  if (requesting_) {
    return;
  }
  if (now_ < request_free_) {
    post(Step::issue, request_free_);
    return;
  }
  // The directions take turns.
  if (may_issue(turn_)) {
    const Direction direction = turn_;
    turn_ = other(turn_);
    send(direction);
  } else if (may_issue(other(turn_))) {
    send(other(turn_));
  }
}

void Traffic::send(Direction direction) {
  if (++sent_ > most_bursts) {
    throw CapacityError({{}, 0, "memory.burst_bytes"},
                        fmt::format("more than {} bursts of {} bytes", most_bursts, parameters_.burst_bytes),
                        "longer bursts, or a smaller workload");
  }
  Channel& c = channel(direction);
  const std::uint64_t room = parameters_.burst_bytes - c.address % parameters_.burst_bytes;
  const auto bytes = static_cast<std::uint32_t>(std::min(room, c.left));
  const std::size_t burst = place();
  bursts_[burst] = {direction, bytes, now_};
  if (sink_) {
    sink_({start_ + now_, direction == Direction::write, c.address, bytes});
  }
  c.address += bytes;
  c.left -= bytes;
  ++c.bursts;
  ++c.under_way;
  requesting_ = true;
  post(Step::take_request, now_, burst);
}

std::size_t Traffic::place() {
  if (free_.empty()) {
    bursts_.emplace_back();
    return bursts_.size() - 1;
  }
  const std::size_t burst = free_.back();
  free_.pop_back();
  return burst;
}

void Traffic::end_request(const Burst& burst) {
  requesting_ = false;
  request_free_ =
      std::max(now_, burst.begun + (burst.direction == Direction::write ? beats(burst.bytes) : beat_));
  post(Step::issue, request_free_);
}

void Traffic::respond() {
  if (responding_ || ready_.empty()) {
    return;
  }
  responding_ = true;
  post(Step::take_response, now_, ready_.front());
  ready_.pop_front();
}

void Traffic::end_burst(std::size_t burst) {
  Channel& c = channel(bursts_[burst].direction);
  free_.push_back(burst);
  if (--c.under_way == 0 && c.left == 0) {
    c.ended = true;
    post(Step::advance, now_);
  }
}

}  // namespace lacuna::memory
