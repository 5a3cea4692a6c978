#include "models/common/systemc/wave_file.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fnmatch.h>
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

/// A trace file that hands on what has a name that matches.
class WaveFile::Selection : public sc_core::sc_trace_file {
 public:
  Selection(sc_core::sc_trace_file& file, std::string pattern) : file_(file), pattern_(std::move(pattern)) {}
  ~Selection() override = default;

  bool matched_any() const { return matched_ > 0; }
  const std::string& pattern() const { return pattern_; }
  /// A name that did not match.
  const std::string& example() const { return example_; }

#define LACUNA_TRACE(type)                                           \
  void trace(const type& object, const std::string& name) override { \
    if (matches(name)) {                                             \
      sc_core::sc_trace(&file_, object, name);                       \
    }                                                                \
  }
#define LACUNA_TRACE_WIDTH(type)                                                \
  void trace(const type& object, const std::string& name, int width) override { \
    if (matches(name)) {                                                        \
      sc_core::sc_trace(&file_, object, name, width);                           \
    }                                                                           \
  }
  LACUNA_TRACE(sc_core::sc_event)
  LACUNA_TRACE(sc_core::sc_time)
  LACUNA_TRACE(bool)
  LACUNA_TRACE(float)
  LACUNA_TRACE(double)
  LACUNA_TRACE(sc_dt::sc_bit)
  LACUNA_TRACE(sc_dt::sc_logic)
  LACUNA_TRACE(sc_dt::sc_int_base)
  LACUNA_TRACE(sc_dt::sc_uint_base)
  LACUNA_TRACE(sc_dt::sc_signed)
  LACUNA_TRACE(sc_dt::sc_unsigned)
  LACUNA_TRACE(sc_dt::sc_fxval)
  LACUNA_TRACE(sc_dt::sc_fxval_fast)
  LACUNA_TRACE(sc_dt::sc_fxnum)
  LACUNA_TRACE(sc_dt::sc_fxnum_fast)
  LACUNA_TRACE(sc_dt::sc_bv_base)
  LACUNA_TRACE(sc_dt::sc_lv_base)
  LACUNA_TRACE_WIDTH(unsigned char)
  LACUNA_TRACE_WIDTH(unsigned short)
  LACUNA_TRACE_WIDTH(unsigned int)
  LACUNA_TRACE_WIDTH(unsigned long)
  LACUNA_TRACE_WIDTH(char)
  LACUNA_TRACE_WIDTH(short)
  LACUNA_TRACE_WIDTH(int)
  LACUNA_TRACE_WIDTH(long)
  LACUNA_TRACE_WIDTH(sc_dt::int64)
  LACUNA_TRACE_WIDTH(sc_dt::uint64)
#undef LACUNA_TRACE
#undef LACUNA_TRACE_WIDTH
  void trace(const unsigned int& object, const std::string& name, const char** literals) override {
    if (matches(name)) {
      sc_core::sc_trace(&file_, object, name, literals);
    }
  }
  void write_comment(const std::string& comment) override {
    file_.write_comment(comment);
  }
  void set_time_unit(double value, sc_core::sc_time_unit unit) override {
    file_.set_time_unit(value, unit);
  }

 protected:
  void cycle(bool /*delta_cycle*/) override {}  // the kernel knows the file itself

 private:
  bool matches(const std::string& name) {
    const bool matched = ::fnmatch(pattern_.c_str(), name.c_str(), 0) == 0;
    matched_ += matched ? 1 : 0;
    example_ = matched ? example_ : name;
    return matched;
  }

  sc_core::sc_trace_file& file_;
  const std::string pattern_;
  std::uint64_t matched_ = 0;
  std::string example_;
};

WaveFile::WaveFile(const std::string& path, const std::string& only)
    : path_(path), raw_path_(unfinished_wave_path(path)) {
  if (!std::ofstream(raw_path_).good()) {
    throw ConfigurationError({path, 0, {}}, "cannot create the wave file", "a file in a writable folder");
  }
  const std::string stem = raw_path_.substr(0, raw_path_.size() - kernel_suffix.size());
  handle_ = sc_core::sc_create_vcd_trace_file(stem.c_str());
  handle_->set_time_unit(1, sc_core::SC_PS);
  if (!only.empty()) {
    selection_ = std::make_unique<Selection>(*handle_, only);
  }
}

sc_core::sc_trace_file* WaveFile::handle() const {
  return selection_ ? selection_.get() : handle_;
}

void WaveFile::check_selection() const {
  if (selection_ && !selection_->matched_any()) {
    throw ConfigurationError({{}, 0, "--wave-only"},
                             "no signal has a name that matches '" + selection_->pattern() + "'",
                             "a pattern of whole names such as " + selection_->example());
  }
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
