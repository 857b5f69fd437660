// Values ⇄ bytes: numbers, texts, containers, optionals, and structures whose fields may be
// appended.
#pragma once

#include <troupe/core/decode.hpp>
#include <troupe/core/encode.hpp>
