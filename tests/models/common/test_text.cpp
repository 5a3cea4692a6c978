#include <catch2/catch.hpp>

#include "models/common/exact_float.h"
#include "models/common/text.h"

using namespace lacuna;

TEST_CASE("texts are cut between characters") {
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("abcd", 3) == "abc");
  CHECK(cut("", 3).empty());
  const std::string umlaut = "\xc3\xa4";         // 2 bytes
  const std::string han = "\xe6\xbc\xa2";        // 3 bytes
  const std::string emoji = "\xf0\x9f\x98\x80";  // 4 bytes
  CHECK(cut("ab" + umlaut, 3) == "ab");
  CHECK(cut("ab" + umlaut, 4) == "ab" + umlaut);
  CHECK(cut("a" + han + "b", 2) == "a");
  CHECK(cut("a" + han + "b", 3) == "a");
  CHECK(cut("a" + han + "b", 4) == "a" + han);
  for (std::size_t most = 1; most < 5; ++most) {
    CHECK(cut("a" + emoji, most) == "a");
    CHECK(is_utf8(cut(emoji + emoji + emoji, most + 4)));
  }
  CHECK(cut("a" + emoji, 5) == "a" + emoji);
  CHECK(cut(std::string(8, '\x80'), 4).size() == 4);  // no UTF-8 at all: cut as it comes
}

TEST_CASE("what is UTF-8 and what is not") {
  // Boundaries of table 3-7 of the Unicode standard.
  for (const char* good : {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
                          "\xc2"
                          "a",
                          "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "a\xffz"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("integers become float32 exactly or not at all") {
  CHECK(exact_float(0) == 0.0F);
  CHECK(exact_float(-7) == -7.0F);
  CHECK(exact_float(16777216) == 16777216.0F);
  CHECK_FALSE(exact_float(16777217).has_value());
  CHECK_FALSE(exact_float(-16777217).has_value());
  CHECK(exact_float(16777218) == 16777218.0F);
  CHECK(exact_float(INT64_MIN) == -9223372036854775808.0F);
  CHECK_FALSE(exact_float(INT64_MAX).has_value());
  CHECK_FALSE(exact_float((std::int64_t{1} << 53) + 1).has_value());
}
