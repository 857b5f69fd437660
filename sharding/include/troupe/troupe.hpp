// Everything, for the quick start: the three rooms, and the stream that a first program prints to.
#pragma once

#include <troupe/core.hpp>
#include <troupe/sharding.hpp>
#include <troupe/supervision.hpp>

#include <iostream>
