#include <troupe/core/wire.hpp>

#include <bit>

namespace troupe {

static_assert(std::endian::native == std::endian::little,
              "floating point is written as it lies in memory");

void writer::length_before(std::size_t start) {
  std::string prefix;
  writer{prefix}.varint(out_.size() - start);
  out_.insert(start, prefix);
}

bool reader::varint(std::uint64_t& value) noexcept {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return fail();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const std::uint64_t group = byte & 0x7f;
    if (shift == 63 && group > 1) return fail();  // more than 64 bits
    value |= group << shift;
    if (byte < 0x80) return true;
  }
  return fail();
}

bool reader::bytes(void* data, std::size_t size) noexcept {
  if (size > rest_.size()) return fail();
  std::memcpy(data, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

bool reader::text(std::string_view& value) noexcept {
  std::uint64_t size = 0;
  if (!varint(size) || size > rest_.size()) return fail();
  value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

reader reader::nested(std::string_view bytes) const noexcept {
  reader inner{bytes, node_};
  inner.depth_ = depth_ + 1;
  if (inner.depth_ > max_depth) inner.fail();
  return inner;
}

}  // namespace troupe
