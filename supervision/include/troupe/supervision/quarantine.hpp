// Messages that entities crash on again and again: set aside, so that the entities go on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::supervision {

/// A message, by its content, that an entity crashed on.
struct poison {
  std::string id;       ///< the entity's
  std::string message;  ///< "post"
  std::string bytes;    ///< as it is encoded
  std::uint32_t crashes = 0;
  std::uint64_t refused = 0;  ///< equal ones, since it is set aside
  std::string what;           ///< what was thrown last

  friend bool operator==(const poison&, const poison&) = default;
};

/// Counts crashes by entity and message; messages are equal when their names and bytes are. Pure
/// but for its own memory. Not shared.
///
/// Bytes are wanted only of messages whose like has crashed the entity, so that nobody else pays:
/// those of the first crash are not known, and it counts for the next message of that name that
/// crashes the entity.
class quarantine {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most_entities =
      1000;                                        ///< then the one that crashed least lately goes
  static constexpr std::size_t most_messages = 8;  ///< of one entity; then it goes likewise
  static constexpr std::size_t most_bytes = 64 << 10;  ///< larger messages are not recognised
  /// Of all messages, with ids and what was thrown; then the entity that crashed least lately goes.
  static constexpr std::size_t most_bytes_in_all = 16 << 20;
  static constexpr std::size_t longest_text = 512;   ///< that was thrown, in bytes; then it is cut
  static constexpr std::chrono::minutes memory{10};  ///< of crashes that set nothing aside

  /// Sets aside what crashed an entity so often; 0: nothing, ever.
  explicit quarantine(std::uint32_t after) : after_(after) {}

  /// Whether the entity crashed on something lately, or a message of its is set aside.
  [[nodiscard]] bool knows(std::string_view id, time_point now);
  /// Whether the bytes of such messages are wanted before they are handled.
  [[nodiscard]] bool suspects(std::string_view id, std::string_view message);
  /// Whether this one is set aside, and is to be refused: it is counted as if it were.
  [[nodiscard]] bool refuses(std::string_view id, std::string_view message, std::string_view bytes);
  /// The entity crashed. Not null: that was once too often, and the message is set aside from now.
  const poison* crashed(std::string_view id, std::string_view message,
                        std::optional<std::string> bytes, std::string_view what, time_point now);

  [[nodiscard]] std::vector<poison> set_aside() const;
  /// What counts against `most_bytes_in_all`.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Forgets what this entity crashed on; false: that was nothing.
  bool release(std::string_view id);

 private:
  struct suspect {
    std::string message;
    std::uint32_t unknown = 0;  // crashes whose bytes are not known
    std::vector<poison> known;
  };
  struct patient {
    std::vector<suspect> suspects;  // those that crashed it last come last
    time_point last{};
    std::size_t bytes = 0;
    [[nodiscard]] bool has_set_aside(std::uint32_t after) const;
  };
  using patients = std::map<std::string, patient, std::less<>>;

  [[nodiscard]] suspect* find(std::string_view id, std::string_view message);
  patient& patient_of(std::string_view id, time_point now);
  suspect& suspect_of(patient& whose, std::string_view message);
  poison& poison_of(patient& whose, suspect& like, poison what);
  void make_room(time_point now);
  void make_room_beside(std::string_view id);
  void count(patient& whose, std::size_t more, std::size_t less) noexcept;
  void forget(patients::iterator whom) noexcept;

  std::uint32_t after_;
  std::size_t bytes_ = 0;
  patients patients_;
};

}  // namespace troupe::supervision
