/* The ground floor: everything a room may need that knows nothing of the world outside. Include this one. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/embed.h"
#include "base/err.h"
#include "base/id.h"
#include "base/io.h"
#include "base/log.h"
#include "base/money.h"
#include "base/sv.h"
#include "base/text_code.h"

#endif
