#include "models/common/systemc/wave_file.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

const std::string kernel_suffix = ".vcd";  // which the SystemC kernel appends to the name it is given

}  // namespace

std::string unfinished_wave_path(const std::string& wave_path) {
  return wave_path + ".part" + std::to_string(::getpid()) + kernel_suffix;
}

namespace {

/// Copies a VCD file but for the text between $date and $end.
bool copy_without_date(const std::string& from, const std::string& to) {
  std::ifstream in(from);
  std::ofstream out(to);
  std::string line;
  bool in_date = false;
  while (std::getline(in, line)) {
    in_date = in_date || line.rfind("$date", 0) == 0;
    if (!in_date) {
      out << line << '\n';
    } else if (line.find("$end") != std::string::npos) {
      in_date = false;
    }
  }
  out.close();
  return in.eof() && out.good();
}

/// The kernel does not say when its writes fail. Where there is no room, one more byte fails, too.
bool has_room_for_more(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.put('\n');
  file.close();
  std::filesystem::resize_file(path, size, error);
  return file.good() && !error;
}

}  // namespace

WaveFile::WaveFile(const std::string& path) : path_(path), raw_path_(unfinished_wave_path(path)) {
  if (!std::ofstream(raw_path_).good()) {
    throw ConfigurationError({path, 0, {}}, "cannot create the wave file", "a file in a writable folder");
  }
  const std::string stem = raw_path_.substr(0, raw_path_.size() - kernel_suffix.size());
  handle_ = sc_core::sc_create_vcd_trace_file(stem.c_str());
  handle_->set_time_unit(1, sc_core::SC_PS);
}

WaveFile::~WaveFile() {
  if (handle_ != nullptr) {
    sc_core::sc_close_vcd_trace_file(handle_);
    std::remove(raw_path_.c_str());
  }
}

void WaveFile::finish() {
  sc_core::sc_close_vcd_trace_file(handle_);
  handle_ = nullptr;
  const std::string complete = raw_path_ + ".tmp";
  const bool written = has_room_for_more(raw_path_) && copy_without_date(raw_path_, complete);
  std::remove(raw_path_.c_str());
  if (!written || std::rename(complete.c_str(), path_.c_str()) != 0) {
    std::remove(complete.c_str());
    throw InputDataError({path_, 0, {}}, "cannot write the wave file", "a writable folder with room for it");
  }
}

}  // namespace lacuna
