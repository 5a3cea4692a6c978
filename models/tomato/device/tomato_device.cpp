#include "models/tomato/device/tomato_device.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/tomato/frame_bytes.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

using device::ErrorCode;
using device::Job;
using device::JobError;
using device::Transfer;

namespace {

std::vector<std::uint32_t> own_registers(const Pipeline& pipeline, const Parameters& parameters,
                                         const StreamDeviceParameters& of_device) {
  const Analysis analysis = analyse(pipeline, parameters);
  const MapLayout frame = frame_layout(pipeline, analysis);
  const MapLayout result = result_layout(analysis);
  return {frame.map.height,
          frame.map.width,
          frame.map.channels,
          static_cast<std::uint32_t>(frame.bytes_each),
          result.map.height,
          result.map.width,
          result.map.channels,
          static_cast<std::uint32_t>(result.bytes_each),
          of_device.input_buffer_bytes,
          of_device.output_buffer_bytes};
}

/// Frames that a descriptor describes.
class FramesJob : public Job {
 public:
  /// Throws JobError: FIELD, CAPACITY.
  FramesJob(const MapLayout& frame, const MapLayout& result, const StreamDeviceParameters& parameters,
            const device::JobHeader& of_job, const std::vector<std::uint8_t>& descriptor)
      : Job(of_job) {
    JobFields fields;
    device::check_zeros(descriptor, device::get_fields(descriptor, device::family_fields, fields));
    device::check_size("input_bytes", header.input_bytes, frame.bytes());
    device::check_size("output_bytes", header.output_bytes, result.bytes());
    if (fields.frames_per_run == 0) {
      throw JobError(ErrorCode::FIELD, "frames_per_run 0", "at least 1");
    }
    frames_per_run_ = std::min(fields.frames_per_run, header.items);
    if (input_bytes() > parameters.input_buffer_bytes || output_bytes() > parameters.output_buffer_bytes) {
      throw JobError(ErrorCode::CAPACITY,
                     fmt::format("a run of {} frames needs {} bytes for frames and {} for results",
                                 frames_per_run_, input_bytes(), output_bytes()),
                     fmt::format("{} and {}", parameters.input_buffer_bytes, parameters.output_buffer_bytes));
    }
  }

  std::optional<Transfer> next_load() const override { return std::nullopt; }
  void take_load(std::vector<std::uint8_t> /*bytes*/) override {}
  std::uint32_t items() const override {
    return header.items / frames_per_run_ + (header.items % frames_per_run_ != 0 ? 1U : 0U);
  }
  Transfer input(std::uint32_t item) const override {
    return {header.input_address + item * input_bytes(), std::uint64_t{frames(item)} * header.input_bytes};
  }
  Transfer output(std::uint32_t item) const override {
    return {header.output_address + item * output_bytes(), std::uint64_t{frames(item)} * header.output_bytes};
  }
  std::uint32_t frames(std::uint32_t item) const {
    return std::min(frames_per_run_, header.items - item * frames_per_run_);
  }
  /// Of a whole run.
  std::uint64_t input_bytes() const { return std::uint64_t{frames_per_run_} * header.input_bytes; }
  std::uint64_t output_bytes() const { return std::uint64_t{frames_per_run_} * header.output_bytes; }

 private:
  std::uint32_t frames_per_run_ = 1;
};

const FramesJob& own(const Job& job) {
  return static_cast<const FramesJob&>(job);
}

}  // namespace

StreamDevice::StreamDevice(const sc_core::sc_module_name& name, const Pipeline& pipeline,
                           const Parameters& machine, const StreamDeviceParameters& of_device)
    : device::Device(name, of_device.device, device_family, own_registers(pipeline, machine, of_device)),
      stream_parameters(of_device),
      machine_("machine", pipeline, machine) {
  check_weights(pipeline);
  machine_.clock(clock);
  machine_.reset(machine_reset);
  watch(machine_.done());
}

void StreamDevice::trace(sc_core::sc_trace_file* file) const {
  device::Device::trace(file);
  machine_.trace(file);
}

std::unique_ptr<Job> StreamDevice::open(const device::JobHeader& header,
                                        const std::vector<std::uint8_t>& descriptor) {
  return std::make_unique<FramesJob>(frame_layout(machine_.pipeline, machine_.analysis),
                                     result_layout(machine_.analysis), stream_parameters, header, descriptor);
}

bool StreamDevice::item_fits_beside(const Job& at_work, const Job& next) const {
  return own(at_work).input_bytes() + own(next).input_bytes() <= stream_parameters.input_buffer_bytes &&
         own(at_work).output_bytes() + own(next).output_bytes() <= stream_parameters.output_buffer_bytes;
}

void StreamDevice::begin(Job& job, std::uint32_t item, const std::vector<std::uint8_t>& input) {
  const MapLayout layout = frame_layout(machine_.pipeline, machine_.analysis);
  const NumberFormat& format = machine_.pipeline.units[machine_.analysis.source].format;
  run_ = {};
  run_.frames = own(job).frames(item);
  const std::uint8_t* at = input.data();
  for (std::uint32_t frame = 0; frame < run_.frames; ++frame) {
    run_.pixels.emplace_back();
    for (std::uint64_t i = 0; i < layout.values(); ++i, at += layout.bytes_each) {
      const std::int64_t value = device::get_signed(at, layout.bytes_each);
      if (value < min_mantissa(format) || value > max_mantissa(format)) {
        throw JobError(ErrorCode::VALUE,
                       fmt::format("value {} of frame {} of the run is {}", i, frame, value),
                       fmt::format("{} to {}", min_mantissa(format), max_mantissa(format)));
      }
      run_.pixels.back().push_back(static_cast<std::int32_t>(value));
    }
  }
  machine_.start(run_);
}

device::ItemResult StreamDevice::finish(Job& /*job*/, std::uint32_t /*item*/) {
  const RunResult result = machine_.result();
  if (result.deadlock) {
    throw JobError(ErrorCode::DEADLOCK, explain(machine_.pipeline, *result.deadlock));
  }
  device::ItemResult item{result.cycles, {}};
  for (const std::vector<std::int64_t>& frame : result.outputs) {
    for (const std::int64_t value : frame) {
      device::put_number(item.bytes, static_cast<std::uint64_t>(value),
                         result_layout(machine_.analysis).bytes_each);
    }
  }
  return item;
}

}  // namespace lacuna::tomato
